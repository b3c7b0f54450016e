"""The list and the single item: filters, paging, and the workflow by form."""

from __future__ import annotations

import re

import pytest

from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF
from tests.services.scenes import know
from tests.web.conftest import Visitor
from tracker.domain.lifecycle import TRANSITIONS, Event, State
from tracker.domain.people import Role
from tracker.services import accounts, advance, inspect
from tracker.services.evidence import MAX_EVIDENCE_BYTES
from tracker.web import filters


def _numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'name="numbers" value="(\d+)"', page)]


def _offered(page: str) -> set[str]:
    return set(re.findall(r'<input type="hidden" name="event" value="([a-z_]+)"', page))


def test_the_list_shows_the_words_of_the_source_as_data(town, staff):
    town.take_in()
    page = staff.get("/items").text
    assert _numbers(page) == [1, 2, 3, 4, 5, 6, 7]
    assert "没有公布R&amp;D用水统计" in page
    assert "12件" in page


def _a_day_later(town):
    """The one working day that overdue cases are given has passed."""
    town.take_in()
    town.wait(days=1)
    town.sign_in(STAFF)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("unit=市水务局", [1, 2, 3]),
        ("unit=%20市体育局%20&state=", [4, 5]),
        ("group=各区", [6, 7]),
        ("domain=一网通办", [1, 6]),
        ("class=unevaluated_cases", [1]),
        ("state=signed", []),
        ("bulletin=1&after=5", [6, 7]),
        ("overdue=true", [6]),
    ],
)
def test_filters_in_the_address_narrow_the_list(town, staff, query, numbers):
    town.begin(_a_day_later)
    staff.resume(town, STAFF)
    assert _numbers(staff.get(f"/items?{query}").text) == numbers


def test_a_filter_that_is_none_is_refused_in_chinese(staff):
    for query in ("state=lost", "after=-1", "after=99999999999999999999", "basis=x"):
        answer = staff.get(f"/items?{query}")
        assert answer.status_code == 400
        assert "请求中的内容有误" in answer.text


def test_pages_follow_one_another_without_gap_or_repetition(town, staff, monkeypatch):
    monkeypatch.setattr("tracker.web.routes.items.PAGE", 3)
    town.take_in()
    seen, address = [], "/items?domain="
    while address:
        page = staff.get(address).text
        seen.append(_numbers(page))
        following = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [[1, 2, 3], [4, 5, 6], [7]]
    assert filters.PAGE == 50


def test_many_are_signed_for_at_once_in_the_name_of_who_is_signed_in(town, staff):
    town.take_in()
    answer = staff.post(
        "/items?unit=市水务局", "/items", event="sign", numbers=["1", "3"], by="somebody-else"
    )
    assert answer.status_code == 303
    page = staff.get(answer.headers["location"]).text
    assert "已签收 2 项" in page
    assert re.findall(r'aria-label="勾选第(\d+)号"', page) == ["1", "2", "3"]
    file = inspect.open_file(town.office, 3)
    assert file.item.standing.state is State.SIGNED
    assert file.history[-1].actor == STAFF


def test_a_bulk_step_that_one_item_refuses_changes_none_and_keeps_what_was_typed(town, staff):
    town.take_in()
    staff.post("/items/2", "/items/2", event="sign")
    answer = staff.post("/items", "/items", event="sign", numbers=["1", "2"], reason="代为签收")
    assert answer.status_code == 409
    assert "第 2 号事项（市水务局）：当前状态为“整改中”，不能签收" in answer.text
    assert len(re.findall(r'name="numbers" value="[12]"[^>]* checked', answer.text)) == 2
    assert "代为签收</textarea>" in answer.text
    assert inspect.open_file(town.office, 1).item.standing.state is State.OPEN


def test_nothing_ticked_is_said_so(town, staff):
    town.take_in()
    answer = staff.post("/items", "/items", event="sign")
    assert answer.status_code == 400
    assert "请先勾选事项" in answer.text


@pytest.mark.parametrize("state", list(State))
def test_the_item_offers_exactly_what_the_workflow_allows(town, staff, state):
    town.take_in()
    now, deadline = town.now, inspect.open_file(town.office, 2).item.standing.due_on
    ways = {
        State.OPEN: [],
        State.SIGNED: [(Event.SIGN, STAFF)],
        State.SUBMITTED: [(Event.SUBMIT, CONTACT)],
        State.STRUCK_OFF: [(Event.SUBMIT, CONTACT), (Event.STRIKE_OFF, STAFF)],
        State.WITHDRAWN: [(Event.WITHDRAW, STAFF)],
        State.DEFERRED: [(Event.DEFER, STAFF)],
    }
    for event, by in ways[state]:
        advance.perform(town.office, event, [2], by=by, now=now, reason="测试", to=deadline)
    allowed = {event.value for from_state, event in TRANSITIONS if from_state is state}
    without_cause = {"grant", "refuse", "uphold", "dismiss", "progress"}  # nobody asked, nothing is counted
    assert _offered(staff.get("/items/2").text) == allowed - without_cause


def test_an_extension_is_asked_for_by_one_and_granted_by_another(town, staff, contact):
    town.take_in()
    late = "2027-03-31"
    refused = contact.post("/items/2", "/items/2", event="extend", to=late)
    assert refused.status_code == 409
    assert "申请延期须写明理由" in refused.text
    assert "--reason" not in refused.text
    assert f'value="{late}"' in refused.text
    contact.post("/items/2", "/items/2", event="extend", to=late, reason="系统改造未完")
    page = staff.get("/items/2").text
    assert {"grant", "refuse"} <= _offered(page)
    assert "申请延期至：无 → 2027-03-31" in page
    assert contact.post("/items/2", "/items/2", event="grant").status_code == 409
    assert staff.post("/items/2", "/items/2", event="grant").status_code == 303
    page = staff.get("/items/2?done=grant").text
    assert "已同意延期" in page
    assert "2027-03-31（暂定）" in page


@pytest.fixture
def unit_contact(town, staff):
    """Somebody of the unit, who signs in as what they are."""
    know(town.office, "市水务局,liu,联络员,13800000001,,,", "市体育局,zhou,负责人,13800000002,,,")
    return _as(town, "liu", Role.CONTACT)


def _as(town, login, role):
    accounts.save_account(town.office, login, PASSWORD, now=town.now, role=role)
    visitor = Visitor(town)
    visitor.sign_in(login)
    return visitor


def test_each_sees_only_what_their_role_may_take(town, staff, unit_contact):
    town.take_in()
    assert _offered(unit_contact.get("/items/1").text) == {"sign", "submit", "extend", "object", "progress"}
    assert _offered(_as(town, "fu", Role.LEADER).get("/items/1").text) == {"withdraw", "defer"}
    assert unit_contact.get("/items/4").status_code == 404  # another unit's
    refused = unit_contact.post("/items/1", "/items/1", event="withdraw", reason="误列")
    assert refused.status_code == 409
    assert "撤销须由工作人员、分管领导或管理员办理（liu：联络员）" in refused.text
    refused = unit_contact.post("/items/4", "/items", event="sign")
    assert (refused.status_code, "没有编号为 4 的整改事项" in refused.text) == (404, True)


def test_the_unit_objects_and_another_person_decides(town, staff, unit_contact):
    town.take_in()
    unit_contact.post("/items/2", "/items/2", event="object", reason="该栏目由市统计局负责")
    page = staff.get("/items/2").text
    assert "liu提出，待处理" in page
    assert {"uphold", "dismiss"} <= _offered(page)
    assert "object" not in _offered(page)
    assert staff.post("/items/2", "/items/2", event="uphold", reason="情况属实").status_code == 303
    assert inspect.open_file(town.office, 2).item.standing.state is State.WITHDRAWN


def test_progress_is_typed_as_a_number_and_shown_beside_the_quantity(town, staff, unit_contact):
    town.take_in()
    refused = unit_contact.post("/items/1", "/items/1", event="progress", left="一半")
    assert (refused.status_code, "“一半”不是有效的数量" in refused.text) == (400, True)
    refused = unit_contact.post("/items/1", "/items/1", event="progress", left="13")
    assert (refused.status_code, "剩余数量须为 0 至 12" in refused.text) == (409, True)
    assert unit_contact.post("/items/1", "/items/1", event="progress", left="5").status_code == 303
    page = staff.get("/items/1").text
    assert "12件（剩余 5件）" in page
    assert "剩余数量：无 → 5" in page


def test_ones_own_last_step_can_be_taken_back_for_ten_minutes(town, staff, contact):
    town.take_in()
    staff.post("/items/2", "/items/2", event="sign")
    assert "撤回刚才的“签收”" in staff.get("/items/2").text
    assert "撤回刚才的" not in contact.get("/items/2").text
    refused = contact.post("/items/2/undo-step", "/items/2")
    assert (refused.status_code, "只能由本人撤回" in refused.text) == (409, True)
    assert staff.post("/items/2/undo-step", "/items/2").status_code == 303
    file = inspect.open_file(town.office, 2)
    assert file.item.standing.state is State.OPEN
    assert [row.event for row in file.history] == ["import", "sign", "undo_step"]
    assert "撤回上一步" in staff.get("/items/2").text
    staff.post("/items/2", "/items/2", event="sign")
    town.wait(minutes=11)
    assert "撤回刚才的" not in staff.get("/items/2").text


def test_a_date_that_is_none_is_refused(town, staff):
    town.take_in()
    answer = staff.post("/items/2", "/items/2", event="defer", to="明天", reason="等待上级系统")
    assert answer.status_code == 400
    assert "“明天”不是有效的日期" in answer.text
    assert "等待上级系统" in answer.text


def test_evidence_is_kept_with_the_step_and_only_ever_downloaded(town, staff, contact):
    town.take_in()
    content = b"%PDF-1.7 <script>alert(1)</script>"
    answer = contact.post(
        "/items/2",
        "/items/2",
        files={"file": ("../整改 截图.pdf", content, "text/html")},
        event="submit",
        link="https://shuiwu.yunlan.example/zhuanlan",
    )
    assert answer.status_code == 303
    page = staff.get("/items/2").text
    assert "https://shuiwu.yunlan.example/zhuanlan" in page
    address = re.search(r'href="(/items/2/evidence/\d+)"', page)[1]
    file = staff.get(address)
    assert file.content == content
    assert file.headers["content-type"] == "application/octet-stream"
    disposition = file.headers["content-disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''%E6%95%B4%E6%94%B9%20%E6%88%AA%E5%9B%BE.pdf" in disposition
    assert staff.get(address.replace("/items/2/", "/items/3/")).status_code == 404


def test_evidence_that_cannot_be_kept_is_refused_with_its_name(town, contact):
    town.take_in()
    for content, why in ((b"", "空文件"), (b"x" * (MAX_EVIDENCE_BYTES + 1), "超过 20 MB")):
        files = {"file": ("zhaopian.jpg", content, "image/jpeg")}
        answer = contact.post("/items/2", "/items/2", files=files, event="submit", reason="已整改")
        assert answer.status_code == 400
        assert f"佐证材料“zhaopian.jpg”{'是' if not content else ''}{why}" in answer.text
        assert "已整改</textarea>" in answer.text
    answer = contact.post("/items/2", "/items/2", event="submit", link="javascript:alert(1)")
    assert answer.status_code == 400
    assert inspect.open_file(town.office, 2).item.standing.state is State.OPEN


def test_who_submits_may_not_strike_off(town, staff, contact):
    town.take_in()
    contact.post("/items/2", "/items/2", event="submit")
    refused = contact.post("/items/2", "/items/2", event="strike_off")
    assert refused.status_code == 409
    assert "报送人与核验人不能是同一人" in refused.text
    assert staff.post("/items/2", "/items/2", event="strike_off").status_code == 303
    assert "已销号" in staff.get("/items/2").text


def test_the_item_says_where_it_stands_in_the_source_and_by_what_rule_it_is_due(town, staff):
    town.take_in()
    page = staff.get("/items/3").text
    assert "附件1 第1行 第2条（原文第8行）" in page
    assert "规则：" in page
    assert "下次提醒：" in page


def test_what_people_type_stays_text(town, staff):
    town.take_in()
    hostile = "<script>alert(1)</script>{{ 7 * 7 }}"
    assert staff.post("/items/2", "/items/2", event="withdraw", reason=hostile).status_code == 303
    page = staff.get("/items/2").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in page
    assert "<script>alert" not in page


def test_an_item_nobody_has_is_a_page_of_its_own(staff):
    answer = staff.get("/items/4711")
    assert answer.status_code == 404
    assert "没有编号为 4711 的整改事项" in answer.text
    assert staff.get("/items/0").status_code == 400
    assert staff.get("/nowhere").status_code == 404
