"""The page for exports: hand in, result, confirmation, history."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv, case
from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF
from tests.services.scenes import know
from tests.web.conftest import Visitor
from tracker.domain.classes import Proof
from tracker.domain.lifecycle import State
from tracker.domain.people import Role
from tracker.services import accounts, inspect

DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")
UNRATED = [case(f"L{n:04}", "市水务局", *DAYS, rating="") for n in range(8)]
GOOD = [case(f"G{n:04}", "市水务局", *DAYS) for n in range(8)]


def _upload(visitor, content, kind="cases", name="办件.csv", **fields):
    answer = visitor.post(f"/feeds/{kind}", "/feeds", files={"file": (name, content.getvalue())}, **fields)
    return visitor.get(answer.headers["location"]) if answer.status_code == 303 else answer


def test_an_export_is_handed_in_and_its_result_shown(town, staff):
    town.take_in()
    page = _upload(staff, as_csv([*UNRATED, *GOOD, ("合计", "16件")]))
    assert page.status_code == 200
    assert "<b>1</b>更新" in page.text
    assert "8件" in page.text
    assert "没有申请、受理或办结时间" in page.text
    assert "张三" not in page.text
    assert "办件.csv" in staff.get("/feeds").text
    assert inspect.open_file(town.office, 1).item.quantity == 8
    assert "办件.csv中还有 8 件" in staff.get("/items/1").text


def test_the_same_file_twice_says_so(town, staff):
    _upload(staff, as_csv(UNRATED))
    assert "此前已读入，未作改动" in _upload(staff, as_csv(UNRATED)).text


def test_a_short_export_is_confirmed_by_a_button(town, staff):
    town.take_in()
    _upload(staff, as_csv([*UNRATED, *GOOD]))
    short = _upload(staff, as_csv(GOOD[:4]), name="少了.csv")
    assert "导出的行数比上一次少得多" in short.text
    assert "存疑" in staff.get("/feeds").text
    done = staff.post("/feeds/2/confirm", "/feeds/2")
    assert done.headers["location"] == "/feeds/2"
    page = staff.get("/feeds/2").text
    assert "<b>1</b>已无问题" in page
    assert f"{STAFF} 2026-11-17 10:00 确认完整" in page
    assert inspect.open_file(town.office, 1).item.standing.remaining == 0
    again = staff.post("/feeds/2/confirm", "/feeds/2")
    assert again.status_code == 409
    assert "已确认过" in again.text


def test_what_the_system_may_not_strike_off_is_shown_with_the_reason(town, staff):
    town.take_in()
    automatic = {"auto_verify": True, "evidence": Proof.FILE}
    classes = tuple(replace(each, **automatic) for each in town.office.rules.classes)
    town.office = replace(town.office, rules=replace(town.office.rules, classes=classes))
    visitor = Visitor(town)
    visitor.resume(town, STAFF)
    _upload(visitor, as_csv([*UNRATED, *GOOD]))
    rated = [case(f"L{n:04}", "市水务局", *DAYS) for n in range(8)]
    page = _upload(visitor, as_csv([*rated, *GOOD]), name="第二次.csv")
    assert "系统不能销号，请人办理" in page.text
    assert "第 1 号事项（市水务局）" in page.text
    assert inspect.open_file(town.office, 1).item.standing.state is State.OPEN


def test_accounts_are_handed_in_beside_the_cases(town, staff):
    row = account("市体育局", "微博", "云澜体育", last_post="2026-10-01", seen="2026-11-16")
    page = _upload(staff, as_csv([row], ACCOUNT_COLUMNS), kind="accounts", name="账号.csv")
    assert "微博“云澜体育”超过14天没有更新。" in page.text


def test_markup_in_an_export_stays_text(town, staff):
    page = _upload(staff, as_csv([case("1", "<b>局</b>", *DAYS, rating=""), case("2", "局", "<i>")]))
    assert "<b>局</b>" not in page.text
    assert "<i>" not in page.text


def test_what_is_no_export_is_refused_on_the_form(town, staff):
    assert _upload(staff, as_csv([], ("姓名",))).status_code == 400
    nothing = staff.post("/feeds/cases", "/feeds")
    assert "请选择导出文件" in nothing.text
    assert "请选择导出文件" in staff.post("/feeds/accounts", "/feeds").text
    assert staff.get("/feeds/99").status_code == 404
    assert staff.post("/feeds/99/confirm", "/feeds").status_code == 404


def test_after_a_refusal_the_source_that_was_typed_still_stands_there(town, staff):
    refused = staff.post("/feeds/cases", "/feeds", source="网页平台")
    assert refused.status_code == 400
    assert 'name="source" value="网页平台"' in refused.text


def test_only_the_bureau_hands_in_exports(town, contact):
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    know(town.office, f"市水务局,{CONTACT},联络员,13800000001,,,")
    town.sign_in(CONTACT)
    contact.resume(town, CONTACT)
    assert _upload(contact, as_csv(UNRATED)).status_code == 403
