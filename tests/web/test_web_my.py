"""The phone pages of a unit's people: what they see and do, each form once, each name harmless."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tests.fakes.pictures import picture, where_it_was_taken
from tests.services.scenes import know
from tests.web.conftest import Visitor
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.services import accounts, advance, inspect

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def unit(town: Town) -> Visitor:
    """A contact's account; items 1 to 3 are 市水务局's, 6 and 7 澜东区's."""
    town.take_in()
    know(town.office, f"市水务局,{CONTACT},联络员,13800000001,,,", "市审批局,钱管,审批局,13800000009,,,")
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    visitor = Visitor(town)
    town.sign_in(CONTACT)
    visitor.resume(town, CONTACT)
    return visitor


def cards(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="card[^"]*" href="/my/(\d+)"', page)]


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def state_of(town: Town, number: int) -> State:
    return inspect.open_file(town.office, number).item.standing.state


def submit(unit: Visitor, number: int = 2, once: str = "a", **more: object):
    return unit.post(f"/my/{number}", f"/my/{number}", event="submit", once=once, **more)


def test_an_account_of_a_unit_has_the_same_pages_as_whoever_came_by_a_link(town, unit):
    page = unit.get("/my").text
    assert sorted(cards(page)) == [1, 2, 3]
    assert "市水务局" in page
    assert unit.get("/my/6").status_code == 404
    assert submit(unit, 6).status_code == 404
    assert submit(unit).headers["location"] == "/my/2?done=submit"
    assert inspect.open_file(town.office, 2).item.standing.submitted_by == CONTACT


def test_whoever_is_of_no_unit_is_sent_to_the_bureaus_pages(town, unit, staff):
    for path in ("/my", "/my/1", "/my/finished", "/my/1/evidence/1"):
        assert staff.get(path).headers["location"] == "/items"
    for path in ("/my/sign", "/my/1/undo", "/my/1"):
        answer = staff.post(path, "/items", event="sign", once="a", numbers="1")
        assert (path, answer.status_code) == (path, 403)
    assert state_of(town, 1) is State.OPEN


def test_all_items_are_signed_for_in_one_tap_and_a_second_tap_says_so(town, unit):
    page = unit.get("/my").text
    assert "全部签收（3 项）" in page
    numbers = re.findall(r'name="numbers" value="(\d+)"', page)
    form = {"numbers": numbers, "once": once_of(page)}
    assert unit.post("/my/sign", "/my", **form).headers["location"] == "/my?signed=3"
    assert unit.post("/my/sign", "/my", **form).headers["location"] == "/my?signed=0"
    assert "已签收 3 项" in unit.get("/my?signed=3").text
    assert "全部签收" not in unit.get("/my").text
    assert unit.post("/my/sign", "/my", numbers=["1", "6"], once="x").status_code == 404
    assert state_of(town, 6) is State.OPEN


def test_the_same_form_twice_reports_once(town, unit):
    once = once_of(unit.get("/my/2").text)
    for _ in range(2):
        assert submit(unit, once=once, reason="已开设").headers["location"] == "/my/2?done=submit"
    file = inspect.open_file(town.office, 2)
    assert [row.event for row in file.history] == ["import", "submit"]
    assert once_of(unit.get("/my").text) != once


def test_a_step_is_taken_back_within_minutes(town, unit):
    submit(unit)
    assert "撤回刚才的“报送整改”（10 分钟内）" in unit.get("/my/2?done=submit").text
    assert unit.post("/my/2/undo", "/my/2").headers["location"] == "/my/2"
    assert state_of(town, 2) is State.OPEN
    submit(unit, once="b")
    town.wait(minutes=11)
    assert "撤回刚才的" not in unit.get("/my/2").text
    late = unit.post("/my/2/undo", "/my/2")
    assert (late.status_code, "已过 10 分钟" in late.text) == (409, True)


def test_progress_of_a_quantity_an_objection_and_whom_to_ask(town, unit):
    page = unit.get("/my/1").text
    assert "还剩多少（件）" in page
    assert "<dt>审批局</dt><dd>钱管</dd>" in page
    assert "13800000009" not in page
    unit.desk.office = replace(town.office, rules=replace(town.office.rules, ask="督查科 0700-1234567"))
    assert "钱管；督查科 0700-1234567" in unit.get("/my/1").text
    refused = unit.post("/my/1", "/my/1", event="progress", once="a", left="13")
    assert (refused.status_code, "须为 0 至 12" in refused.text) == (409, True)
    assert 'value="13"' in refused.text
    assert unit.post("/my/1", "/my/1", event="progress", once="b", left="3").status_code == 303
    assert "剩余 3件" in unit.get("/my/1").text
    assert unit.post("/my/1", "/my/1", event="object", once="c", reason="不属本单位职责").status_code == 303
    assert "已提出，待审批局处理" in unit.get("/my/1").text


def test_why_it_was_returned_stands_in_full_and_an_extension_only_where_it_can_be_had(town, unit):
    reason = "栏目打不开。" * 60
    advance.perform(town.office, Event.SUBMIT, [3], by=CONTACT, now=town.now)
    advance.perform(town.office, Event.RETURN, [3], by=STAFF, now=town.now, reason=reason)
    page = unit.get("/my/3").text
    assert page.count(reason) == 2  # on top, and in what has happened
    due = inspect.open_file(town.office, 3).item.standing.due_on
    assert re.search(r'name="to"[^>]* min="(\S+)"', page)[1] > str(due)
    town.wait(days=300)
    town.sign_in(CONTACT)
    unit.resume(town, CONTACT)
    page = unit.get("/my/3").text
    assert "不能申请延期：整改时限" in page
    assert 'value="extend"' not in page


def test_several_photos_and_files_are_kept_and_given_back_to_the_unit_alone(town, unit, visitor):
    photo = ("现场.jpg", picture(exif=where_it_was_taken()), "image/jpeg")
    files = [("photos", photo), ("photos", photo), ("files", ("说明.pdf", b"%PDF-1.7", "application/pdf"))]
    assert submit(unit, files=files, reason="已办").status_code == 303
    page = unit.get("/my/2").text
    places = re.findall(r'href="(/my/2/evidence/\d+)"', page)
    assert len(places) == 3
    given = unit.get(places[0])
    assert b"invented-phone" not in given.content
    assert given.content.startswith(b"\xff\xd8\xff")
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment")
    assert unit.get(places[2]).content == b"%PDF-1.7"
    assert unit.get(places[0].replace("/my/2", "/my/1")).status_code == 404
    assert visitor.get(places[0]).status_code == 303


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("现场.jpg", b"\xff\xd8\xff broken off", "打不开"),
        ("程序.exe", b"MZ", "不接收"),
        ("页面.html", EVIL.encode(), "不接收"),
        ("空.pdf", b"", "是空文件"),
    ],
)
def test_a_file_that_is_not_fit_is_refused_by_name_and_nothing_is_lost(town, unit, name, content, words):
    files = {"files": (name, content, "application/octet-stream")}
    answer = submit(unit, files=files, reason="已开设专栏", link="https://shuiwu.yunlan.example/")
    assert answer.status_code == 400
    assert name in answer.text
    assert words in answer.text
    assert ">已开设专栏</textarea>" in answer.text
    assert 'value="https://shuiwu.yunlan.example/"' in answer.text
    assert state_of(town, 2) is State.OPEN


def test_what_people_and_files_are_called_never_becomes_markup(town, unit):
    files = {"files": (f"{EVIL}.pdf", b"%PDF", "application/pdf")}
    submit(unit, files=files, reason=EVIL, link=f"https://shuiwu.yunlan.example/{EVIL}")
    advance.perform(town.office, Event.RETURN, [2], by=STAFF, now=town.now, reason=EVIL)
    for page in (unit.get("/my").text, unit.get("/my/2").text):
        assert "<script>" not in page
        assert "&lt;script&gt;alert(1)" in page
    unit.post("/my/2", "/my/2", event="object", once="z", reason=EVIL)
    assert "<script>" not in unit.get("/my/2").text


def test_what_is_finished_lies_folded_and_on_a_page_of_its_own(town, unit):
    advance.perform(town.office, Event.WITHDRAW, [1, 2], by=STAFF, now=town.now, reason="不属实")
    page = unit.get("/my").text
    assert page.index("<details") < page.index('href="/my/1"')
    assert cards(unit.get("/my/finished").text) == [2, 1]
    assert cards(unit.get("/my/finished?before=2").text) == [1]
    assert "没有更早办结的事项" in unit.get("/my/finished?before=1").text
    assert unit.get("/my/finished?before=0").status_code == 400
