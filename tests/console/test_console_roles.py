"""Who may reach what: every route as every role and as nobody, beside the table that says so."""

from __future__ import annotations

import pytest

from service.console.roles import MAY, may
from service.console.scope import covers
from service.records.console import Role
from tests.console.office import COMMUNE, Browser, Forms, Office
from tests.village import HAMLET, World

DECLARED = {
    # address, method: who gets in; None is everybody, also who is not signed in
    ("/static/<path:filename>", "GET"): None,
    ("/healthz", "GET"): None,
    ("/sign-in", "GET"): None,
    ("/sign-in", "POST"): None,
    ("/join/<token>", "GET"): None,
    ("/join/<token>", "POST"): None,
    ("/sign-out", "POST"): {"operator", "province", "commune", "viewer"},
    ("/account", "GET"): {"operator", "province", "commune", "viewer"},
    ("/account/password", "POST"): {"operator", "province", "commune", "viewer"},
    ("/account/sessions", "POST"): {"operator", "province", "commune", "viewer"},
    ("/", "GET"): {"operator", "province", "commune", "viewer"},
    ("/room", "GET"): {"operator", "province", "viewer"},
    ("/wall", "GET"): {"operator", "province", "viewer"},
    ("/curves", "GET"): {"operator", "province", "viewer"},
    ("/todo", "GET"): {"operator", "province", "viewer"},
    ("/todo/<deed>/<state>/<message_class>/<code>", "GET"): {"operator"},
    ("/todo/<deed>/<state>/<message_class>/<code>", "POST"): {"operator"},
    ("/brakes", "GET"): {"operator", "province", "viewer"},
    ("/brakes/<what>/<name>", "GET"): {"operator"},
    ("/brakes/<what>/<name>", "POST"): {"operator"},
    ("/work", "GET"): {"operator", "province", "commune", "viewer"},
    ("/work/requests", "GET"): {"operator", "province", "commune", "viewer"},
    ("/work/requests/file", "POST"): {"operator", "province", "commune", "viewer"},
    ("/work/requests/<int:request_id>", "GET"): {"operator", "province", "commune", "viewer"},
    ("/work/gaps", "GET"): {"operator", "province", "commune", "viewer"},
    ("/work/gaps/file", "POST"): {"operator", "province", "commune", "viewer"},
    ("/work/classes", "GET"): {"operator", "province", "commune", "viewer"},
    ("/work/classes/file", "POST"): {"operator", "province", "commune", "viewer"},
    ("/work/classes/<int:class_id>", "GET"): {"operator", "province", "commune", "viewer"},
    ("/audit", "GET"): {"operator"},
    ("/audit/file", "POST"): {"operator"},
    ("/find", "GET"): {"operator"},
    ("/find", "POST"): {"operator"},
    ("/find/message/<its_id>", "GET"): {"operator"},
    ("/find/text/<its_id>", "GET"): {"operator"},
    ("/find/request/<its_id>", "GET"): {"operator"},
    ("/find/phone/<its_id>", "GET"): {"operator"},
    ("/find/number/<its_id>", "GET"): {"operator"},
    ("/find/<kind>/<its_id>/reveal", "POST"): {"operator"},
    ("/machines", "GET"): {"operator", "province", "viewer"},
    ("/machines/failed/<queue>/<its_id>", "GET"): {"operator", "province", "viewer"},
    ("/machines/failed/<queue>/<its_id>/requeue", "POST"): {"operator"},
    ("/machines/failed/<queue>/<its_id>/delete", "POST"): {"operator"},
    ("/alarms", "GET"): {"operator", "province", "viewer"},
    ("/alarms/<title>/runbook", "GET"): {"operator", "province", "viewer"},
    ("/alarms/<int:alarm>/acknowledge", "POST"): {"operator"},
}
"""Said a second time, and by address: a new page has to be thought about here too."""
FILLED = {
    "<path:filename>": "console.css",
    "<token>": "not-a-token",
    "<deed>": "hold",
    "<state>": "queued",
    "<message_class>": "reply",
    "<code>": "-",
    "<what>": "lane",
    "<name>": "bulk",
    "<int:request_id>": "1",
    "<int:class_id>": "1",
    "<its_id>": "1",
    "<kind>": "phone",
    "<title>": "worker_gone",
    "<int:alarm>": "1",
}


def routes(office: Office) -> list[tuple[str, str, str]]:
    return [
        (rule.rule, method, rule.endpoint)
        for rule in office.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def ask(browser: Browser, rule: str, method: str) -> int:
    path = rule
    for part, value in FILLED.items():
        path = path.replace(part, value)
    if method == "GET":
        return int(browser.get(path).status_code)
    browser.get("/account")
    forms = Forms(browser.page).found or Forms(browser.get("/sign-in").text).found
    return int(browser.send(path, {"form_word": forms[0][1]["form_word"]}).status_code)


def test_every_route_is_declared_and_nothing_else_is(office: Office) -> None:
    assert {(rule, method) for rule, method, _ in routes(office)} == set(DECLARED)
    assert {endpoint for *_, endpoint in routes(office)} == set(MAY)
    for rule, method, endpoint in routes(office):
        declared = DECLARED[rule, method]
        assert may(endpoint, None) is (declared is None)
        for role in Role:
            assert may(endpoint, role) is (declared is None or role in declared)
    assert not may("room.unheard_of", Role.OPERATOR), "what is not in the table is nobody's"


def test_nobody_is_sent_to_the_sign_in_page(office: Office) -> None:
    for rule, method, _ in routes(office):
        browser = office.browser()
        status = ask(browser, rule, method)
        if DECLARED[rule, method] is None:
            assert status in {200, 410}, rule
        else:
            assert status == 303, rule
            browser.get("/sign-in")
            assert "Đăng nhập" in browser.page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_in_where_the_table_says_so(office: Office, role: Role) -> None:
    browser = office.somebody(role)
    office.world.do("INSERT INTO alarms (name, about) VALUES ('worker_gone', 'reply')")
    for rule, method, endpoint in sorted(routes(office), key=lambda route: route[2]):
        if endpoint == "doors.sign_out":
            continue  # last, below
        declared = DECLARED[rule, method]
        status = ask(browser, rule, method)
        if declared is None or role in declared:
            assert status in {200, 303, 404, 410}, (rule, status)
        else:
            assert status == 403, (rule, status)
    assert ask(browser, "/sign-out", "POST") == 303
    assert browser.get("/account").headers["Location"] == "/sign-in"


def test_a_page_that_was_forgotten_in_the_table_is_nobodys(office: Office) -> None:
    app = office.app
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert office.browser().get("/forgotten").status_code == 303
    assert office.somebody(Role.OPERATOR).get("/forgotten").status_code == 403


def test_a_coordinators_place_holds_its_hamlets_and_no_other(world: World) -> None:
    hamlet = world.one("SELECT id, parent_id FROM areas WHERE code = :code", code=HAMLET)
    other = world.one(
        "SELECT id FROM areas WHERE kind = 'commune' AND id <> :id LIMIT 1", id=hamlet.parent_id
    )
    province = world.one("SELECT parent_id AS id FROM areas WHERE id = :id", id=hamlet.parent_id)
    with world.engine.connect() as connection:
        assert covers(connection, hamlet.parent_id, hamlet.id)
        assert covers(connection, hamlet.parent_id, hamlet.parent_id)
        assert covers(connection, province.id, hamlet.id)
        assert covers(connection, None, hamlet.id)
        assert covers(connection, None, None)
        assert not covers(connection, other.id, hamlet.id)
        assert not covers(connection, hamlet.parent_id, province.id)
        assert not covers(connection, hamlet.parent_id, None)


def test_a_coordinator_sees_whose_place_it_is(office: Office) -> None:
    browser = office.somebody(Role.COMMUNE)
    name = office.world.one(
        "SELECT name FROM areas WHERE kind = 'commune' AND code = :code", code=COMMUNE
    ).name
    assert name in browser.get("/account").text
