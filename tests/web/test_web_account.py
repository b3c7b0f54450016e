"""One's own account in the browser: sessions, password, second factor; a planted token is worth nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pyotp
import pytest

from tests.fakes.pages_office import PASSWORD, STAFF, Town
from tests.web.conftest import ORIGIN, Visitor
from tracker.domain.people import Role
from tracker.services import accounts, lockout, users
from tracker.store import Database
from tracker.store.vault import Vault, new_key
from tracker.web.guard import FORM_COOKIE, SESSION_COOKIE
from tracker.web.welcome import STEP_COOKIE

NEW = "another-invented-mima"


@pytest.fixture
def keyed(town: Town) -> Town:
    """With a key, so that second factors can be sealed."""
    database = Database(str(town.office.database.engine.url), vault=Vault([new_key()]))
    town.office.database.close()
    town.office = replace(town.office, database=database)
    return town


def code_of(page: str, town: Town) -> str:
    secret = re.search(r"<code class=\"break\">([A-Z2-7]+)</code>", page)
    assert secret
    return pyotp.TOTP(secret[1]).at(town.now)


def enrol(town: Town, visitor: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    """Turn the second factor on by the pages; what makes the codes, and the recovery codes shown."""
    assert visitor.post("/account/totp", "/account/totp").headers["location"] == "/account/totp"
    page = visitor.get("/account/totp").text
    assert 'src="data:image/png;base64,' in page
    done = visitor.post("/account/totp/confirm", "/account/totp", code=code_of(page, town))
    secret = re.search(r"<code class=\"break\">([A-Z2-7]+)</code>", page)
    assert done.status_code == 200
    assert secret
    town.wait(minutes=2)
    return pyotp.TOTP(secret[1]), re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done.text)


@pytest.mark.parametrize("is_real", [True, False])
def test_a_session_that_was_planted_is_not_the_one_that_signing_in_opens(
    town: Town, visitor: Visitor, contact: Visitor, is_real: bool
) -> None:
    planted = contact.cookies[SESSION_COOKIE] if is_real else "made-up-by-somebody"
    host, form = httpx.URL(ORIGIN).host, "f" * 43
    visitor.cookies.set(SESSION_COOKIE, planted, host)
    visitor.cookies.set(FORM_COOKIE, form, host)
    data = {"csrf": form, "login": STAFF, "password": PASSWORD}
    assert visitor.request("POST", "/sign-in", data=data).status_code == 303
    opened = accounts.session_of(town.office, visitor.cookies[SESSION_COOKIE], now=town.now)
    assert opened is not None
    assert opened.login == STAFF
    assert visitor.cookies[SESSION_COOKIE] != planted
    assert accounts.session_of(town.office, planted, now=town.now) is None


def test_a_stranger_may_not_end_a_session_with_a_form_of_the_sign_in(
    visitor: Visitor, staff: Visitor
) -> None:
    token = visitor.token("/sign-in")
    staff.cookies.set(FORM_COOKIE, token, httpx.URL(ORIGIN).host)
    assert staff.request("POST", "/sign-out", data={"csrf": token}).status_code == 403
    assert staff.request("POST", "/account/sessions", data={"csrf": token}).status_code == 403


def test_the_page_lists_where_one_is_signed_in_and_ends_one_or_all(town: Town, staff: Visitor) -> None:
    phone, tablet = Visitor(town), Visitor(town)
    for visitor in (phone, tablet):
        visitor.sign_in(STAFF)
    page = staff.get("/account").text
    assert page.count("python-httpx") == 2
    assert page.count("本机") == 1
    [first, _second] = sorted(re.findall(r'name="number" value="(\d+)"', page))
    assert staff.post("/account/sessions", "/account", number=first).status_code == 303
    assert (phone.get("/").status_code, tablet.get("/").status_code) == (303, 200)
    staff.post("/account/sessions", "/account")
    assert (tablet.get("/").status_code, staff.get("/").status_code) == (303, 200)


def test_the_session_of_somebody_else_is_not_ended_by_its_number(
    town: Town, staff: Visitor, contact: Visitor
) -> None:
    [theirs] = users.sessions_of(town.office, STAFF, now=town.now)
    answer = contact.post("/account/sessions", "/account", number=theirs.id)
    assert answer.status_code == 404
    assert staff.get("/").status_code == 200


def test_a_new_password_signs_the_others_out_and_renews_this_session(town: Town, staff: Visitor) -> None:
    other = Visitor(town)
    other.sign_in(STAFF)
    before = staff.cookies[SESSION_COOKIE]
    fields = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert staff.post("/account/password", "/account", **fields).status_code == 303
    assert staff.cookies[SESSION_COOKIE] != before
    assert "密码已更换" in staff.get("/account?done=password").text
    assert other.get("/").status_code == 303
    assert accounts.session_of(town.office, before, now=town.now) is None
    assert other.sign_in(STAFF, PASSWORD).status_code == 401
    assert other.sign_in(STAFF, NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"old": "not-the-password", "new": NEW, "again": NEW}, "原密码不对"),
        ({"old": PASSWORD, "new": NEW, "again": NEW + "x"}, "不一致"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "至少 10 位"),
        ({"old": PASSWORD, "new": "password2026", "again": "password2026"}, "太常见"),
    ],
)
def test_a_refused_password_changes_nothing_and_is_not_shown(
    town: Town, staff: Visitor, fields: dict[str, str], words: str
) -> None:
    answer = staff.post("/account/password", "/account", **fields)
    assert answer.status_code == 400
    assert words in answer.text
    assert not any(value in answer.text for value in fields.values() if len(value) > 5)
    assert Visitor(town).sign_in(STAFF).status_code == 303


def test_a_weak_new_password_is_no_wrong_guess_at_the_old_one(town: Town, staff: Visitor) -> None:
    weak = {"old": PASSWORD, "new": "short", "again": "short"}
    for _ in range(6):
        assert "至少 10 位" in staff.post("/account/password", "/account", **weak).text
    assert Visitor(town).sign_in(STAFF).status_code == 303


def test_guessing_the_old_password_is_stopped_as_a_sign_in_is(town: Town, staff: Visitor) -> None:
    wrong = {"old": "not-the-password", "new": NEW, "again": NEW}
    answers = [staff.post("/account/password", "/account", **wrong) for _ in range(6)]
    assert [each.status_code for each in answers] == [400] * 5 + [429]
    assert "之后再试" in answers[-1].text


def test_guesses_at_an_old_password_are_counted_at_the_address_they_come_from(
    keyed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, counted = Visitor(keyed), []
    visitor.sign_in(STAFF)
    enrol(keyed, visitor)
    monkeypatch.setattr(lockout, "admit", lambda *given, **_: counted.append(given[1:]))
    visitor.post("/account/password", "/account", old="not-the-password", new=NEW, again=NEW)
    visitor.post("/account/totp/off", "/account", code="000000")
    assert counted == [(STAFF, "127.0.0.1")] * 2


def test_the_second_factor_by_the_pages(keyed: Town) -> None:
    visitor = Visitor(keyed)
    visitor.sign_in(STAFF)
    before = visitor.cookies[SESSION_COOKIE]
    totp, codes = enrol(keyed, visitor)
    assert len(codes) == 10
    assert visitor.cookies[SESSION_COOKIE] != before
    assert visitor.get("/").status_code == 200
    again = Visitor(keyed)
    asked = again.sign_in(STAFF, next_path="/items?state=open")
    assert asked.headers["location"] == "/sign-in/code?next=/items%3Fstate%3Dopen"
    assert SESSION_COOKIE not in again.cookies
    assert again.get("/").status_code == 303
    assert "不对" in again.post("/sign-in/code", "/sign-in/code", code="000000").text
    wanted = "/items?state=open"
    done = again.post("/sign-in/code", "/sign-in/code", code=totp.at(keyed.now), next=wanted)
    assert done.headers["location"] == wanted
    assert again.get("/").status_code == 200
    assert STEP_COOKIE not in again.cookies
    page = again.get("/account").text
    assert "恢复码还剩 10 个" in page
    assert totp.secret not in page + again.get("/account/totp").text
    assert again.post("/account/totp/off", "/account", code=codes[0]).status_code == 303
    assert Visitor(keyed).sign_in(STAFF).headers["location"] == "/"


def test_after_the_code_only_these_pages_are_gone_to(keyed: Town) -> None:
    visitor = Visitor(keyed)
    visitor.sign_in(STAFF)
    totp, _ = enrol(keyed, visitor)
    again = Visitor(keyed)
    again.sign_in(STAFF)
    elsewhere = "https://example.com/"
    done = again.post("/sign-in/code", "/sign-in/code", code=totp.at(keyed.now), next=elsewhere)
    assert done.headers["location"] == "/"


def test_whoever_must_have_a_second_factor_turns_it_on_before_anything_else(keyed: Town) -> None:
    keyed.office = replace(keyed.office, second_factor_for=frozenset({Role.STAFF, Role.ADMIN}))
    visitor = Visitor(keyed)
    visitor.sign_in(STAFF)
    for page in ("/", "/items", "/account", "/ledger.xlsx"):
        assert visitor.get(page).headers["location"] == "/account/totp"
    assert "须启用动态口令" in visitor.get("/account/totp").text
    enrol(keyed, visitor)
    assert visitor.get("/items").status_code == 200
    users.set_role(keyed.office, "lianluo", Role.LEADER)
    leader = Visitor(keyed)
    leader.sign_in("lianluo")
    assert leader.get("/").status_code == 200


def test_without_a_key_the_page_says_what_the_administrator_has_to_do(staff: Visitor) -> None:
    answer = staff.post("/account/totp", "/account/totp")
    assert answer.status_code == 400
    assert "TRACKER_SECRET_KEY" in answer.text


def test_a_hostile_browser_name_is_only_words(town: Town, staff: Visitor) -> None:
    hostile = "<script>alert(1)</script>"
    token = staff.token("/account")
    assert token
    with town.office.database.write() as connection:
        connection.exec_driver_sql("UPDATE session SET agent = ?", (hostile,))
    page = staff.get("/account").text
    assert hostile not in page
    assert "&lt;script&gt;" in page


def test_behind_https_the_cookies_are_of_this_very_host(tmp_path: Path) -> None:
    (tmp_path / "https").mkdir()
    town = Town(tmp_path / "https", "https://zhenggai.example.cn/")
    try:
        visitor = Visitor(town)
        cookie = visitor.get("/sign-in").headers["set-cookie"]
        assert cookie.startswith(f"__Host-{FORM_COOKIE}=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert visitor.get("/sign-in").headers["strict-transport-security"] == "max-age=31536000"
    finally:
        town.close()
