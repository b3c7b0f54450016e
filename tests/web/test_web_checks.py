"""The queue of checks on its page: groups, one click, reasons, another look; nothing for a unit's people."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tests.fakes.scripted_probe import ScriptedProbe
from tests.services.scenes import know, messages, rows
from tests.web.conftest import Visitor
from tracker.domain.checks import Verdict
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.services import accounts, inspect
from tracker.services.advance import perform, watch
from tracker.services.observe import observe

SITE = "https://sw.yunlan.example.cn/"


@pytest.fixture
def probe(town: Town) -> ScriptedProbe:
    """Sees item 2 as it is told; the pages show the same office."""
    made = ScriptedProbe()
    town.office = replace(town.office, probes=(made,))
    return made


@pytest.fixture
def clerk(town: Town, probe: ScriptedProbe) -> Visitor:
    town.take_in()
    visitor = Visitor(town)
    visitor.resume(town, STAFF)
    return visitor


def _hand_in(town: Town, probe: ScriptedProbe, verdict: Verdict) -> None:
    watch(town.office, [2], url=SITE, by=STAFF, now=town.now)
    perform(town.office, Event.SUBMIT, [2], by="李联", now=town.now)
    _look(town, probe, verdict)


def _look(town: Town, probe: ScriptedProbe, *verdicts: Verdict) -> None:
    for verdict in verdicts:
        town.wait(minutes=1)
        probe.sees[2] = verdict
        observe(town.office, lambda: town.now)
        town.wait(hours=24)


def test_what_looks_fixed_is_struck_off_by_its_button(town, probe, clerk):
    _hand_in(town, probe, Verdict.FIXED)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    assert '<a href="/checks?kind=fixed_reported"><b>1</b> 核查：可以销号</a>' in clerk.get("/").text
    page = clerk.get("/checks").text
    assert "可以销号 1" in page
    assert "网页上已有栏目：统计信息" in page
    assert f'href="{SITE}tj/"' in page
    answer = clerk.post("/checks/strike-off", "/checks", kind="fixed_reported", only=2)
    assert answer.headers["location"] == "/checks?kind=fixed_reported&done=strike-off&count=1"
    page = clerk.get(answer.headers["location"]).text
    assert "已销号 1 项" in page
    assert "没有这类事项" in page
    assert inspect.open_file(town.office, 2).item.standing.state is State.STRUCK_OFF


def test_the_enter_key_strikes_nothing_off(town, probe, clerk):
    """The first button of a form is the one that the key presses: it is dead."""
    _hand_in(town, probe, Verdict.FIXED)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    form = clerk.get("/checks").text.split('action="/checks/again"')[1]
    assert form.index('<button type="submit" disabled hidden>') < form.index("销号</button>")


def test_what_is_not_fixed_is_sent_back_with_the_reason_of_the_form(town, probe, clerk):
    _hand_in(town, probe, Verdict.NOT_FIXED)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    address = "/checks?kind=not_fixed_reported"
    page = clerk.get(address).text
    assert "报送后仍未见整改。2026-11-17 10:01 自动核查：网页上没有找到栏目：统计信息" in page
    fields = {"kind": "not_fixed_reported", "numbers": 2, "reason_2": "<b>还没有</b>"}
    assert clerk.post("/checks/return", address, **fields).status_code == 303
    file = inspect.open_file(town.office, 2)
    assert (file.item.standing.state, file.history[-1].reason) == (State.SIGNED, "<b>还没有</b>")
    again = clerk.post("/checks/return", address, **fields)
    assert again.status_code == 409
    assert "办理情况或核查结论已变" in again.text


def test_a_fix_that_nobody_reported_is_urged(town, probe, clerk):
    watch(town.office, [2], url=SITE, by=STAFF, now=town.now)
    _look(town, probe, Verdict.FIXED, Verdict.UNSURE)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    address = "/checks?kind=fixed_unreported"
    page = clerk.get(address).text
    assert "市水务局 1 项" in page
    assert "其后连续 1 次无法判断" in page
    assert "未能看到 https://sw.yunlan.example.cn/：网站响应超时" in page
    assert clerk.post("/checks/nudge", address, kind="fixed_unreported", numbers=2).status_code == 303
    assert [each.kind for each in messages(town.office)] == ["nudge"]


def test_what_nobody_can_see_is_listed_and_another_page_named(town, probe, clerk):
    watch(town.office, [2], url=SITE, by=STAFF, now=town.now)
    _look(town, probe, *[Verdict.UNSURE] * 3)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    page = clerk.get("/checks?kind=cannot_look").text
    assert "已连续 3 次无法判断" in page
    page = clerk.get("/items/2/checks").text
    assert "同样结果 3 次，自 2026-11-17 10:01" in page
    own = "/items/2/checks"
    refused = clerk.post(f"{own}/watch", own, url="ftp://sw.yunlan.example.cn/")
    assert (refused.status_code, "ftp://sw.yunlan.example.cn/" in refused.text) == (400, True)
    assert clerk.post(f"{own}/watch", own, url=f"{SITE}gk/").status_code == 303
    assert inspect.open_file(town.office, 2).item.page_url == f"{SITE}gk/"
    assert "没有这类事项" in clerk.get("/checks?kind=cannot_look").text


def test_another_look_is_asked_for(town, probe, clerk):
    _hand_in(town, probe, Verdict.FIXED)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    assert clerk.post("/checks/again", "/checks", kind="fixed_reported", only=2).status_code == 303
    assert "已要求再查，等待下一轮核查" in clerk.get("/checks").text
    own = "/items/2/checks"
    assert clerk.post(f"{own}/again", own).headers["location"] == f"{own}?done=again"
    empty = clerk.post("/checks/again", "/checks", kind="fixed_reported")
    assert (empty.status_code, "请先勾选事项" in empty.text) == (400, True)


def test_the_item_shows_its_looks_folded_and_leads_to_the_rest(town, probe, clerk):
    watch(town.office, [2], url=SITE, by=STAFF, now=town.now)
    _look(town, probe, *[Verdict.NOT_FIXED, Verdict.UNSURE] * 6)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    page = clerk.get("/items/2").text
    assert page.count('class="look"') == 10
    assert "全部记录" in page
    assert clerk.get("/items/2/checks").text.count('class="look"') == 12


def test_long_histories_come_in_pages(town, probe, clerk, monkeypatch):
    watch(town.office, [2], url=SITE, by=STAFF, now=town.now)
    monkeypatch.setattr("tracker.web.routes.item_checks.PAGE", 4)
    _look(town, probe, *[Verdict.NOT_FIXED, Verdict.UNSURE] * 3)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    assert "/items/2/checks?before=3" in clerk.get("/items/2/checks").text
    assert clerk.get("/items/2/checks?before=3").text.count('class="look"') == 2


PAGES = ["/checks", "/checks?kind=cannot_look"]
DEEDS = ["/checks/strike-off", "/checks/return", "/checks/again", "/checks/nudge"]


def test_a_units_people_see_nothing_of_the_queue_and_change_nothing_by_it(town, probe, clerk):
    _hand_in(town, probe, Verdict.FIXED)
    know(town.office, f"市水务局,{CONTACT},联络员,13800000001,,,")
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    town.sign_in(CONTACT)
    contact = Visitor(town)
    contact.resume(town, CONTACT)
    before = rows(town.office)
    for address in PAGES:
        answer = contact.get(address)
        assert (answer.status_code, "网页上已有栏目" in answer.text) == (403, False)
    for address in DEEDS:
        assert contact.post(address, "/items/2", kind="fixed_reported", only=2).status_code == 403
    assert contact.post("/items/2/checks/again", "/items/2").status_code == 403
    assert "可以销号" not in contact.get("/").text
    assert rows(town.office) == before


def test_the_picture_of_a_page_is_shown_beside_its_look_and_to_nobody_elses_people(
    town: Town, probe: ScriptedProbe, clerk: Visitor
) -> None:
    jpeg = b"\xff\xd8\xff the page"
    town.office = replace(town.office, capture=lambda _url: jpeg)
    _hand_in(town, probe, Verdict.FIXED)
    town.sign_in(STAFF)
    clerk.resume(town, STAFF)
    picture = f"/items/2/checks/pictures/{sha256(jpeg).hexdigest()}"
    assert f'<img class="shot" src="{picture}"' in clerk.get("/items/2/checks").text
    answer = clerk.get(picture)
    assert (answer.content, answer.headers["content-type"]) == (jpeg, "image/jpeg")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert clerk.get(picture.replace("/2/", "/3/")).status_code == 404
    assert clerk.get("/items/2/checks/pictures/x").status_code in {404, 422}
    know(town.office, f"市民政局,{CONTACT},联络员,13800000001,,,")
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    town.sign_in(CONTACT)
    clerk.resume(town, CONTACT)
    assert clerk.get(picture).status_code == 404
