"""No page asks much of the database: on full pages a statement for each row would show."""

from __future__ import annotations

from bench.console import MOST_STATEMENTS, PEOPLE, samples_of
from bench.console_count import KEY, count
from tests.console.office import Office


def test_a_page_full_of_rows_takes_few_statements(full_office: Office) -> None:
    values = samples_of(full_office.world.engine, KEY)
    counted = count(full_office.world.engine, PEOPLE, values)
    assert {page: n for page, n in counted.items() if n > MOST_STATEMENTS} == {}
    assert ("room.glance", "operator") in counted
