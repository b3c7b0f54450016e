"""What a unit's people may not do, whichever door they come through; the bureau's own staff may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.conftest import Begin
from tests.services.scenes import know, rows
from tests.services.test_service_ledger import exported, refusal, take
from tests.support import at, take_in
from tracker.domain.errors import ForbiddenError, RectifyError, TransitionError
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.services import inspect, users
from tracker.services.accounts import save_account
from tracker.services.advance import perform, watch
from tracker.services.judging import roles_towards
from tracker.services.office import Office
from tracker.services.recompute import recompute_class
from tracker.services.undo import undo
from tracker.store.schema import unit

ISSUED, NOW = at("2021-07-23 17:00"), at("2021-07-26 10:00")
STAFF = "本局经办"  # nobody knows the name
PEOPLE = (
    "市教育局,李联,联络员,13800000001,,,",
    "市民政局,孙联,联络员,13800000002,,,",
    "市民政局,周组,领导小组,13800000003,,,",
    "市行政审批局,钱管,审批局,13800000004,,,",
    "市行政审批局,郑组,领导小组,13800000005,,,",
    "澜东区,冯管,审批局,13800000006,,,",
)
EDUCATION, CIVIL, EAST = 4, 6, 8  # an item of each unit


def settled(office: Office) -> None:
    take_in(office, ISSUED)
    know(office, *PEOPLE)


@pytest.fixture
def peopled(office: Office, begin: Begin) -> Office:
    begin(settled)
    return office


def _undo(office: Office, by: str) -> None:
    undo(office, 1, by=by, reason="印发有误", now=NOW)


def _recompute(office: Office, by: str) -> None:
    recompute_class(office, "missing_column", by=by, reason="会议决定", now=NOW)


def _watch(office: Office, by: str) -> None:
    watch(office, [EDUCATION], url="https://example.invalid/", by=by, now=NOW)


def _edit(office: Office, by: str) -> None:
    take(office, exported(office).edit(EDUCATION, 整改时限="2023-12-29"), by=by)


@pytest.mark.parametrize("act", [_undo, _recompute])
@pytest.mark.parametrize("by", ["李联", " 李联", "周组", "冯管"])
def test_what_is_the_whole_citys_is_not_for_one_units_people(
    peopled: Office, act: Callable[[Office, str], None], by: str
) -> None:
    before = rows(peopled)
    with pytest.raises(ForbiddenError, match=f"须由工作人员、分管领导或管理员办理（{by.strip()}：不是全市"):
        act(peopled, by)
    assert rows(peopled) == before


@pytest.mark.parametrize("act", [_undo, _watch, _edit])
@pytest.mark.parametrize("by", [STAFF, "钱管", "郑组"])
def test_the_bureaus_people_may(peopled: Office, act: Callable[[Office, str], None], by: str) -> None:
    before = rows(peopled)
    act(peopled, by)
    assert rows(peopled) != before


def test_a_page_is_named_by_the_units_own_people_only(peopled: Office) -> None:
    before = rows(peopled)
    for by in ("孙联", " 孙联"):
        with pytest.raises(
            TransitionError, match=r"第 4 号事项（市教育局）：指定核查网址须由.*孙联：不是该事项"
        ):
            watch(peopled, [EDUCATION], url="https://example.invalid/", by=by, now=NOW)
    assert rows(peopled) == before
    [watched] = watch(peopled, [EDUCATION], url="https://example.invalid/", by="李联", now=NOW)
    assert watched.page_url == "https://example.invalid/"


@pytest.mark.parametrize(
    ("number", "edit", "named"),
    [
        (EDUCATION, {"整改时限": "2023-12-29"}, "整改时限"),
        (1, {"数量": "1"}, "数量"),
        (EDUCATION, {"备注": "已整改"}, "备注"),
        (EDUCATION, {"责任单位": "市民政局"}, "责任单位"),
        (CIVIL, {"整改时限": "2023-12-29"}, "整改时限"),
        (1, {"数量": "1", "备注": "已整改"}, "数量、备注"),
    ],
)
def test_a_ledgers_fields_are_not_for_the_units_people(
    peopled: Office, number: int, edit: dict[str, str], named: str
) -> None:
    reason = refusal(peopled, exported(peopled).edit(number, **edit), by="李联")
    assert reason.startswith(f"修改{named}须由工作人员、分管领导或管理员办理（李联：")


def test_a_units_people_may_take_their_own_steps_in_the_ledger(peopled: Office) -> None:
    take(peopled, exported(peopled).edit(EDUCATION, 状态="整改中"), by="李联")
    assert [row.event for row in inspect.open_file(peopled, EDUCATION).history] == ["import", "sign"]
    reason = refusal(peopled, exported(peopled).edit(CIVIL, 状态="整改中"), by="李联")
    assert reason.startswith("签收须由")


def test_a_districts_bureau_decides_for_the_district_and_the_units_below_it(peopled: Office) -> None:
    below = {"name": "澜东区民政局", "key": "澜东区民政局", "level": "below", "parent": "澜东区"}
    with peopled.database.write() as connection:
        created = {"confirmed": True, "created_at": ISSUED}
        [unit_id] = connection.execute(unit.insert().values(**below, **created)).inserted_primary_key or ()
    east = inspect.open_file(peopled, EAST).item
    assert roles_towards(peopled, east, "冯管") == {Role.STAFF}
    assert roles_towards(peopled, east._replace(unit_id=unit_id), "冯管") == {Role.STAFF}
    elsewhere = inspect.open_file(peopled, CIVIL).item
    assert roles_towards(peopled, elsewhere, "冯管") == set()
    assert roles_towards(peopled, elsewhere, "周组") == {Role.LEADER}
    assert roles_towards(peopled, east, "周组") == set()


def test_a_contact_who_is_also_of_the_bureau_does_not_verify_their_own_unit(peopled: Office) -> None:
    know(peopled, "市行政审批局,孙联,审批局,13800000002,,,", "市民政局,吴负,负责人,13800000007,,,")
    perform(peopled, Event.SUBMIT, [CIVIL], by="吴负", now=NOW)
    with pytest.raises(TransitionError, match=r"销号须由.*孙联：联络员"):
        perform(peopled, Event.STRIKE_OFF, [CIVIL], by="孙联", now=NOW)
    perform(peopled, Event.SUBMIT, [EDUCATION], by="李联", now=NOW)
    [closed] = perform(peopled, Event.STRIKE_OFF, [EDUCATION], by="孙联", now=NOW)  # another unit's
    assert closed.standing.state is State.STRUCK_OFF


def test_names_are_kept_as_they_were_typed(peopled: Office) -> None:
    [asked] = perform(
        peopled, Event.EXTEND, [CIVIL], by=" 本局 经办 ", now=NOW, reason="系统升级", to=date(2021, 8, 31)
    )
    assert asked.standing.extension_by == "本局 经办"
    with pytest.raises(TransitionError, match="不能是同一人"):
        perform(peopled, Event.GRANT, [CIVIL], by=STAFF, now=NOW)


def test_a_districts_staff_hand_no_item_to_a_unit_that_is_not_theirs(peopled: Office) -> None:
    save_account(peopled, "quban", "invented-password-1", now=NOW, role=Role.STAFF, unit="澜东区")
    reason = refusal(peopled, exported(peopled).edit(EAST, 责任单位="市民政局"), by="quban")
    assert reason.startswith("移交市民政局须由工作人员、分管领导或管理员办理（quban：")
    take(peopled, exported(peopled).edit(EAST, 责任单位="市民政局"), by=STAFF)
    assert inspect.open_file(peopled, EAST).item.unit == "市民政局"


def test_a_namesakes_closed_account_takes_nothing_from_a_contact(peopled: Office) -> None:
    save_account(peopled, "孙联", "shuiwu-2026-ok", now=NOW, role=Role.CONTACT, unit="市教育局")
    item = inspect.open_file(peopled, CIVIL).item
    assert roles_towards(peopled, item, "孙联") == frozenset()
    users.disable(peopled, "孙联", now=NOW)
    assert roles_towards(peopled, item, "孙联") == frozenset({Role.CONTACT})


@pytest.mark.parametrize("login", ["系统", " 系 统 "])
def test_nobody_is_called_as_the_system_is(peopled: Office, login: str) -> None:
    with pytest.raises(RectifyError, match="系统自己"):
        save_account(peopled, login, "shuiwu-2026-ok", now=NOW)
