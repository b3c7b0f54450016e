"""Nobody gets past the sign-in, no form is taken from elsewhere, no answer lacks its headers."""

from __future__ import annotations

import re

import pytest

from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tracker.services import accounts
from tracker.web import guard, security
from tracker.web.access import TABLE, Door
from tracker.web.app import ROUTES, create_app
from tracker.web.guard import local_path

pytestmark = pytest.mark.slow


def _doors(town: Town) -> list[tuple[str, str]]:
    """(method, path) of every route that the application serves to those who are signed in."""
    paths = create_app(town.office, town.clock).openapi()["paths"]
    written = {route.path for module in ROUTES for route in module.router.routes}
    assert written == set(paths), "a route that hides from the schema would hide from these tests"
    return [
        (method.upper(), re.sub(r"\{[^}]+\}", "1", path))
        for path, methods in paths.items()
        for method in methods
        if not isinstance(TABLE[method.upper(), path], Door)
    ]


def test_every_route_but_the_public_ones_sends_a_stranger_to_the_sign_in(town, visitor):
    town.take_in()
    doors = _doors(town)
    assert {"/", "/items", "/items/1", "/bulletins", "/sign-out", "/ledger.xlsx"} <= {
        path for _, path in doors
    }
    for method, path in doors:
        answer = visitor.request(method, path)
        assert (method, path, answer.status_code) == (method, path, 303)
        assert answer.headers["location"].startswith("/sign-in")


def test_no_form_is_taken_without_the_token_of_the_session(town, staff):
    town.take_in()
    posts = [path for method, path in _doors(town) if method == "POST"]
    assert len(posts) >= 4
    for path in posts:
        for data in ({}, {"csrf": "x"}, {"csrf": "错"}):
            answer = staff.request("POST", path, data=data | {"event": "sign", "numbers": "1"})
            assert (path, answer.status_code) == (path, 403)
    assert "待签收" in staff.get("/items/1").text


def test_a_token_of_another_session_does_not_fit(town, staff, contact):
    town.take_in()
    stolen = contact.token("/items")
    answer = staff.request("POST", "/items/1", data={"csrf": stolen, "event": "sign"})
    assert answer.status_code == 403


def test_the_sign_in_form_needs_the_cookie_that_came_with_it(visitor):
    token = visitor.token("/sign-in")
    visitor.cookies.clear()
    data = {"csrf": token, "login": STAFF, "password": PASSWORD}
    assert visitor.request("POST", "/sign-in", data=data).status_code == 403
    assert visitor.request("POST", "/sign-in", data=data | {"csrf": ""}).status_code == 403


def test_a_session_ends_with_signing_out_and_with_its_hours(town, staff, contact):
    assert staff.post("/sign-out", "/").headers["location"] == "/sign-in"
    assert staff.get("/").status_code == 303
    assert contact.get("/").status_code == 200
    town.wait(hours=accounts.IDLE_HOURS)
    assert contact.get("/").status_code == 303


def test_a_wrong_password_says_nothing_of_the_account_and_keeps_the_name(visitor):
    for login in (STAFF, "nobody-here"):
        answer = visitor.sign_in(login, "wrong-password")
        assert answer.status_code == 401
        assert "账号或密码不对" in answer.text
        assert f'value="{login}"' in answer.text
        assert "wrong-password" not in answer.text


def test_guessing_is_stopped_per_login_and_for_a_while(town, visitor):
    statuses = [visitor.sign_in(STAFF, "guess").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    blocked = visitor.sign_in(STAFF)
    assert blocked.status_code == 429
    assert "请于 10:01:00 之后再试，或请管理员解锁" in blocked.text
    assert visitor.sign_in(CONTACT).status_code == 303
    visitor.cookies.clear()
    town.wait(minutes=1)
    assert visitor.sign_in(STAFF).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/items?state=open", "/items?state=open"),
        ("//example.com/", "/"),
        ("///example.com/", "/"),
        ("https://example.com/", "/"),
        ("/\\example.com", "/"),
        ("javascript:alert(1)", "/"),
        ("/items\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_after_the_sign_in_only_these_pages_are_gone_to(visitor, wanted, given):
    assert local_path(wanted) == given
    assert visitor.sign_in(STAFF, next_path=wanted).headers["location"] == given


def test_a_stranger_comes_back_to_the_page_that_was_asked_for(visitor):
    location = visitor.get("/items?state=open&unit=市水务局").headers["location"]
    page = visitor.get(location).text
    assert 'name="next" value="/items?state=open&amp;unit=' in page


def test_every_answer_bears_the_protective_headers(town, staff, visitor):
    town.take_in()
    for answer in (
        visitor.get("/sign-in"),
        visitor.get("/items"),
        staff.get("/items/1"),
        staff.get("/items/999"),
        staff.get("/nowhere"),
        staff.get("/static/pages.css"),
    ):
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    assert staff.get("/items").headers["cache-control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_secure_behind_https(tmp_path, visitor):
    plain = visitor.sign_in(STAFF).headers["set-cookie"]
    assert guard.SESSION_COOKIE in plain
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Secure" not in plain
    (tmp_path / "https").mkdir()
    town = Town(tmp_path / "https", "https://zhenggai.yunlan.example/")
    try:
        visitor = type(visitor)(town)
        assert "Secure" in visitor.get("/sign-in").headers["set-cookie"]
    finally:
        town.close()


def test_a_request_that_is_too_large_is_not_read(staff, monkeypatch):
    monkeypatch.setattr(security, "MAX_BODY_BYTES", 1000)
    announced = staff.request("POST", "/items", data={"csrf": "x" * 2000})
    assert announced.status_code == 413
    assert "过大" in announced.text
    headers = {"content-type": "application/x-www-form-urlencoded"}

    async def trickle():
        for _ in range(5):
            yield b"a" * 400

    assert staff.request("POST", "/items", content=trickle(), headers=headers).status_code == 413
