"""The one-tap link and the phone pages behind it: who gets in, and how far."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import requests

from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tests.fakes.pictures import picture
from tests.web.conftest import ORIGIN, Visitor
from tests.web.test_web_guard import _doors
from tracker.domain.lifecycle import Event
from tracker.services import advance, inspect, links
from tracker.services.evidence import MAX_EVIDENCE_BYTES
from tracker.services.unit_steps import OWN_STEPS
from tracker.store import Database, contacts, units
from tracker.store.vault import Vault, new_key
from tracker.web import server
from tracker.web.access import TABLE, Door, Seat
from tracker.web.guard import FORM_COOKIE, SESSION_COOKIE

UNIT, OTHER = "市水务局", "市体育局"  # items 1, 2, 3 and 4, 5
PHOTO = ("现场.jpg", picture(), "image/jpeg")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town whose office can make links, with its bulletin taken in."""
    made = Town(tmp_path)
    url = made.office.database.url.render_as_string(hide_password=False)
    made.close()
    database = Database(url, busy_seconds=1, vault=Vault([new_key()]))
    made.office = replace(made.office, database=database, public_url=f"{ORIGIN}/")
    made.take_in()
    yield made
    made.close()


def link_to(town: Town, unit: str = UNIT, name: str = "李联", phone: str = "13800000001") -> str:
    """The path of a fresh link of somebody who is in the contacts file."""
    with town.office.database.write() as connection:
        [unit_id] = [each.id for each in units.all_units(connection) if each.name == unit]
        contacts.upsert(connection, unit_id=unit_id, role="联络员", name=name, phone=phone)
        found = contacts.find(connection, unit_ids=[unit_id])
        contact = next(each for each in found if each.name == name)
        address = links.issue(connection, town.office, contact, town.now)
    assert address is not None
    return address.removeprefix(ORIGIN)


def press(visitor: Visitor, path: str, **fields: str) -> httpx.Response:
    """Open a page and send its last form: the first may be the one that signs out."""
    *_, token = re.findall(r'name="csrf" value="([^"]+)"', visitor.get(path).text)
    return visitor.request("POST", path, data={"csrf": token, **fields})


def phone_of(town: Town, path: str) -> Visitor:
    """Somebody who has come in by the link."""
    phone = Visitor(town)
    assert press(phone, path).headers["location"] == "/my"
    return phone


def cards(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/my/(\d+)"', page)]


def state_of(town: Town, number: int) -> str:
    return inspect.open_file(town.office, number).item.standing.state.value


def test_the_page_behind_the_link_says_whose_it_is_and_lets_in_by_the_button_only(town, visitor):
    path = link_to(town)
    for _ in range(3):  # a messenger that previews the link, and again
        page = visitor.get(path)
        assert page.status_code == 200
        assert SESSION_COOKIE not in visitor.cookies
    assert UNIT in page.text
    assert "李*" in page.text
    assert "李联" not in page.text
    assert links.list_links(town.office)[0].opened_at is None
    answer = visitor.post(path, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/my")
    assert UNIT in visitor.get("/my").text


def test_the_address_of_the_link_stands_on_no_page_and_is_told_to_nobody(town, visitor):
    path = link_to(town)
    token = path.removeprefix("/t/")
    answers = [visitor.get(path), visitor.request("POST", path), visitor.post(path, path), visitor.get(path)]
    answers += [visitor.get("/my"), visitor.get("/my/1"), visitor.get("/t/forged")]
    assert [answer.status_code for answer in answers] == [200, 403, 303, 303, 200, 200, 404]
    for answer in answers:
        assert token not in answer.text + str(answer.headers)
        is_link = answer.request.url.path.startswith("/t/")
        assert answer.headers["referrer-policy"] == ("no-referrer" if is_link else "same-origin")
        assert answer.headers["cache-control"] == "no-store"


def test_the_session_is_a_cookie_of_its_own_that_outlives_the_browser(town, visitor):
    path = link_to(town)
    visitor.cookies.set(SESSION_COOKIE, "chosen-by-somebody-else", httpx.URL(ORIGIN).host)
    cookie = visitor.post(path, path).headers.get_list("set-cookie")[-1]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "chosen-by-somebody-else" not in cookie
    assert {"HttpOnly", "SameSite=lax", "Max-Age=604800", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    visitor = Visitor(town)
    visitor.desk.secure_cookies = True
    other = link_to(town)
    assert "Secure" in visitor.get(other).headers["set-cookie"]


def test_the_button_needs_the_cookie_that_came_with_its_page(town, visitor):
    path = link_to(town)
    token = visitor.token(path)
    assert FORM_COOKIE in visitor.cookies
    visitor.cookies.clear()
    assert visitor.request("POST", path, data={"csrf": token}).status_code == 403
    assert links.list_links(town.office)[0].opened_at is None


def test_a_second_phone_is_told_how_to_come_in(town, visitor):
    path = link_to(town)
    waiting = visitor.token(path)  # both have the page before them
    first = phone_of(town, path)
    for answer in (visitor.request("POST", path, data={"csrf": waiting}), visitor.get(path)):
        assert answer.status_code == 410
        assert "此链接已在另一台手机上使用" in answer.text
        assert "新的链接" in answer.text
        assert "若不是您本人打开的" in answer.text
        assert SESSION_COOKIE not in visitor.cookies
    assert first.get(path).headers["location"] == "/my"


def test_the_same_phone_goes_straight_on_by_any_link_of_the_same_person(town):
    path, later = link_to(town), link_to(town)
    phone = phone_of(town, path)
    before = phone.cookies[SESSION_COOKIE]
    assert phone.get(later).headers["location"] == "/my"
    assert phone.cookies[SESSION_COOKIE] == before
    assert links.list_links(town.office)[0].opened_at is None
    someone = link_to(town, OTHER, "周联")
    assert OTHER in phone.get(someone).text
    assert press(phone, someone).status_code == 303
    assert OTHER in phone.get("/my").text
    phone.cookies.set(SESSION_COOKIE, before, httpx.URL(ORIGIN).host)
    assert phone.get("/my").status_code == 303


def test_expired_revoked_and_forged_links_are_one_calm_page_each(town, visitor):
    revoked, expired = link_to(town), link_to(town)
    links.revoke(town.office, [1], by=STAFF, now=town.now)
    forged = expired[:-1] + ("A" if expired[-1] != "A" else "E")
    town.wait(days=7)
    told = {
        revoked: (410, "已停用"),
        expired: (410, "已过期"),
        forged: (404, "不完整或无效"),
        "/t/x": (404, ""),
    }
    for path, (status, words) in told.items():
        page = visitor.get(path)
        assert (page.status_code, words in page.text) == (status, True)
        assert "给我发一个新的链接" in page.text
        assert UNIT not in page.text
        assert SESSION_COOKIE not in visitor.cookies


def test_a_new_link_goes_to_the_old_ones_owner_and_everybody_reads_the_same(town, visitor):
    opened, unused = link_to(town), link_to(town)
    phone_of(town, opened)
    links.revoke(town.office, [2], by=STAFF, now=town.now)
    forged = opened[:-1] + ("A" if opened[-1] != "A" else "E")
    town.wait(minutes=30)
    answers = [press(visitor, path, again="true") for path in (forged, unused, opened, opened)]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert "已收到申请" in answers[0].text
    [told] = inspect.list_messages(town.office)  # not for the forged, nor the revoked, nor a second time
    assert (told.kind, told.recipient) == ("link", f"{UNIT} 李联（联络员）")
    assert UNIT not in answers[0].text
    assert visitor.request("POST", opened, data={"again": "true"}).status_code == 403


def test_whoever_came_by_a_revoked_link_is_out(town):
    phone = phone_of(town, link_to(town))
    assert phone.get("/my").status_code == 200
    links.revoke(town.office, unit=UNIT, by=STAFF, now=town.now)
    answer = phone.get("/my")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/my")
    assert "最近一次收到的提醒消息" in phone.get("/sign-in?next=/my").text


@pytest.mark.slow
def test_a_link_opens_no_page_of_the_bureau_and_takes_none_of_its_steps(town):
    phone = phone_of(town, link_to(town))
    csrf = phone.token("/my")
    open_to_it = {
        re.sub(r"\{[^}]+\}", "1", path)
        for (_, path), who in TABLE.items()
        if isinstance(who, Door) or Seat.HOLDER in who
    }
    doors = [(method, path) for method, path in _doors(town) if path not in open_to_it]
    assert len(doors) > 30
    for method, path in doors:
        answer = phone.request(method, path, data={"csrf": csrf} if method == "POST" else None)
        assert (method, path, answer.status_code) == (method, path, 403)
        assert "只能查看和办理本单位的事项" in answer.text
        assert 'href="/items' not in answer.text
    assert phone.get("/static/pages.css").status_code == 200


def test_no_item_of_another_unit_is_seen_or_moved(town):
    path = link_to(town)
    link_to(town, OTHER)  # a person of the same name there
    phone = phone_of(town, path)
    csrf = phone.token("/my")
    assert sorted(cards(phone.get("/my").text)) == [1, 2, 3]
    for number in (0, 4, 5, 6, 7, 8, 99, 2**31, 2**40):
        for answer in (
            phone.get(f"/my/{number}"),
            phone.request("POST", f"/my/{number}", data={"csrf": csrf, "event": "sign", "once": "a"}),
        ):
            assert answer.status_code == (404 if 0 < number < 2**31 else 400)
    assert [state_of(town, number) for number in (4, 5, 6, 7)] == ["open"] * 4


def test_an_account_has_better_pages_and_is_sent_there(town, staff):
    for path in ("/my", "/my/1"):
        answer = staff.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/items")
    assert staff.post("/my/1", "/items", event="sign", once="a").status_code == 403
    assert state_of(town, 1) == "open"


def test_an_account_that_follows_a_link_is_warned_and_signed_out(town, contact):
    path = link_to(town)
    assert f"本机现在的登录（{CONTACT}）将退出" in contact.get(path).text
    old = contact.cookies[SESSION_COOKIE]
    assert press(contact, path).status_code == 303
    assert contact.get("/items").status_code == 403
    contact.cookies.set(SESSION_COOKIE, old, httpx.URL(ORIGIN).host)
    assert contact.get("/items").status_code == 303
    phone = phone_of(town, link_to(town))
    assert press(phone, "/sign-in", login=STAFF, password=PASSWORD).headers["location"] == "/"
    assert phone.get("/items").status_code == 200


def test_signing_out_ends_the_session_and_says_how_to_come_back(town):
    path = link_to(town)
    phone = phone_of(town, path)
    assert phone.post("/sign-out", "/my").headers["location"] == "/sign-in?next=/my"
    assert phone.get("/my").status_code == 303
    assert phone.get(path).status_code == 410


def test_an_item_is_signed_for_and_handed_in_with_photo_file_and_address(town):
    phone = phone_of(town, link_to(town))
    assert phone.post("/my/3", "/my/3", event="sign", once="a").headers["location"] == "/my/3?done=sign"
    assert "已签收" in phone.get("/my/3?done=sign").text
    fields = {
        "event": "submit",
        "once": "b",
        "reason": "已开设专栏",
        "link": "https://shuiwu.yunlan.example/jieshui",
    }
    files = {"photos": PHOTO, "files": ("说明.docx", b"PK not a document", "application/octet-stream")}
    assert phone.post("/my/3", "/my/3", files=files, **fields).status_code == 303
    file = inspect.open_file(town.office, 3)
    assert file.item.standing.submitted_by == "李联"
    assert [(row.actor, row.event) for row in file.history[-2:]] == [("李联", "sign"), ("李联", "submit")]
    assert {each.value for each in file.evidence} == {fields["link"], "现场.jpg", "说明.docx"}
    page = phone.get("/my/3").text
    assert "目前不用办理：待核验" in page
    assert "现场.jpg" in page


def test_what_is_refused_says_why_and_gives_back_what_was_typed(town):
    phone = phone_of(town, link_to(town))
    early = phone.post("/my/3", "/my/3", event="extend", once="a", to="2026-11-17", reason="等待<b>批复</b>")
    assert early.status_code == 409
    assert "须晚于现时限" in early.text
    assert "等待&lt;b&gt;批复&lt;/b&gt;</textarea>" in early.text
    large = {"photos": ("大图.jpg", b"x" * (MAX_EVIDENCE_BYTES + 1), "image/jpeg")}
    assert "超过 20 MB" in phone.post("/my/3", "/my/3", files=large, event="submit", once="b", reason="").text
    assert state_of(town, 3) == "open"
    asked = phone.post("/my/3", "/my/3", event="extend", once="c", to="2027-03-31", reason="等待批复")
    assert asked.status_code == 303
    assert "2027-03-31（待审批）" in phone.get("/my/3").text


def test_only_the_contacts_own_steps_are_taken_there(town):
    phone = phone_of(town, link_to(town))
    advance.perform(town.office, Event.SUBMIT, [3], by="李联", now=town.now)
    for event in Event:
        if event not in OWN_STEPS:
            fields = {"reason": "理由", "to": "2027-03-31", "left": "0"}
            answer = phone.post("/my/3", "/my", event=event.value, once=event.value, **fields)
            assert (event, answer.status_code) == (event, 409)
            assert "不能在此办理" in answer.text
    assert phone.post("/my/3", "/my", event="reply", once="a").status_code == 400
    assert state_of(town, 3) == "submitted"


def test_what_came_back_lies_on_top_with_the_reason_and_what_is_done_lies_folded(town):
    phone = phone_of(town, link_to(town))
    advance.perform(town.office, Event.SUBMIT, [2, 3], by="李联", now=town.now)
    advance.perform(town.office, Event.RETURN, [3], by=STAFF, now=town.now, reason="栏目打不开")
    advance.perform(town.office, Event.STRIKE_OFF, [2], by=STAFF, now=town.now)
    page = phone.get("/my").text
    assert cards(page) == [3, 1, 2]
    assert "已退回：栏目打不开" in page
    assert page.index("<details") < page.index('href="/my/2"')
    item = phone.get("/my/3").text
    assert "<strong>已退回：</strong>栏目打不开" in item
    assert item.index("已退回") < item.index('<form method="post" action="/my/3"')


def test_the_words_of_a_bulletin_are_data_on_the_phone_too(town):
    phone = phone_of(town, link_to(town))
    assert "没有公布R&amp;D用水统计" in phone.get("/my").text
    assert "没有公布R&amp;D用水统计" in phone.get("/my/3").text


def test_no_log_ever_holds_the_address_of_a_link(town, caplog, capfd):
    """Served as `rectify web` serves, with every logger at its loudest, a fault of the program included."""
    path = link_to(town)
    browser = requests.Session()
    browser.trust_env = False
    with caplog.at_level(logging.DEBUG), socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}{path}"
        served = server.build_server(town.office, town.clock)
        thread = threading.Thread(target=served.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            form = re.search(r'name="csrf" value="([^"]+)"', browser.get(address).text)
            assert form
            assert browser.post(address, data={"csrf": form[1]}).url.endswith("/my")
            assert browser.get(address[:-1]).status_code == 404
            with town.office.database.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE link RENAME TO lost")
            fault = browser.get(address)
            assert (fault.status_code, fault.headers["referrer-policy"]) == (500, "no-referrer")
        finally:
            served.should_exit = True
            thread.join()
    told = [record for record in caplog.records if not record.name.startswith("urllib3")]  # the browser's own
    written = "".join(capfd.readouterr()) + "".join(logging.Formatter().format(record) for record in told)
    assert "no such table" in written
    assert path.removeprefix("/t/")[:-1] not in written
