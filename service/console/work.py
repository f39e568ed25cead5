"""Requests, hamlets and classes at a glance, and the lists behind each figure; only to look at."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from service.text.weeks import shown

from .ages import age_in_words
from .class_rows import coming
from .frame import page
from .looking import looking
from .stillness import still_since
from .work_classes import class_file, class_list, class_page
from .work_figures import (
    AHEAD_DAYS,
    SHOWN_CLASSES,
    STEPS,
    duty_of,
    standing_of,
    weeks_of,
)
from .work_gaps import gap_file, gap_list
from .work_requests import request_file, request_list, request_page

work = Blueprint("work", __name__, url_prefix="/work")
work.add_url_rule("/requests", "requests", request_list)
work.add_url_rule("/requests/file", "requests_file", request_file, methods=["POST"])
work.add_url_rule("/requests/<int:request_id>", "request", request_page)
work.add_url_rule("/gaps", "gaps", gap_list)
work.add_url_rule("/gaps/file", "gaps_file", gap_file, methods=["POST"])
work.add_url_rule("/classes", "classes", class_list)
work.add_url_rule("/classes/file", "classes_file", class_file, methods=["POST"])
work.add_url_rule("/classes/<int:class_id>", "training", class_page)


@work.get("")
def glance() -> Response:
    """Show how many wait for whom, how quickly they are helped, and where nobody is."""
    with looking() as look:
        places = look.places
        standing = standing_of(look.session, places)
        this, last = weeks_of(look.session, places)
        duty = duty_of(look.session, places)
        week = timedelta(days=AHEAD_DAYS)
        classes = coming(look.session, places, places.now, places.now + week, most=SHOWN_CLASSES)
        still = still_since(look.session)
    return page(
        "work.html",
        now=places.now,
        still=still,
        standing=standing,
        steps=STEPS,
        weeks=(this, last),
        duty=duty,
        classes=classes,
        age=age_in_words,
        shown=shown,
        days=AHEAD_DAYS,
    )
