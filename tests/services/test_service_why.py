"""What an item's page says about its next reminder is what then happens, to people who are there."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from tests.conftest import Begin
from tests.services.scenes import know, messages
from tests.support import at, take_in
from tracker.domain.lifecycle import Event
from tracker.services import inspect
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store.schema import item

ISSUED, MONDAY = at("2021-07-23 17:00"), at("2021-07-26 08:00")
EDU = "市教育局,李联,联络员,13800000001,,,"
CIVIL = ("市民政局,孙联,联络员,13800000002,,,", "市民政局,吴负,负责人,13800000003,,,")
BUREAU = "市行政审批局,钱管,审批局,13800000004,,,"
LAST_DAY_BEFORE_THE_HOLIDAY, IN_THE_HOLIDAY = at("2021-09-30 09:00"), date(2021, 10, 5)


def imported(office: Office) -> None:
    take_in(office, ISSUED)


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(imported)
    return office


def why(office: Office, number: int) -> str:
    return inspect.open_file(office, number).why


def make_standing(office: Office, number: int) -> None:
    """As a class without a deadline would have it."""
    values = {"due_on": None, "due_at": None, "rule": {"standing": True}, "next_reminder_at": None}
    with office.database.write() as connection:
        connection.execute(update(item).where(item.c.number == number).values(values))


def test_a_deadline_on_a_day_off_is_announced_before_it_and_then_late(office: Office) -> None:
    know(office, EDU)
    perform(office, Event.EXTEND, [1], by="李联", now=MONDAY, reason="等批复", to=IN_THE_HOLIDAY)
    perform(office, Event.GRANT, [1], by="核验员", now=MONDAY)
    remind(office, now=at("2021-09-29 09:00"))
    assert "下次提醒：2021-09-30 09:00，到期前1个工作日（时限2021-10-05" in why(office, 1)
    before = len(messages(office))
    remind(office, now=LAST_DAY_BEFORE_THE_HOLIDAY)
    [announced] = [each for each in messages(office)[before:] if "到期前1个工作日1项" in each.reason]
    assert "今日到期" not in announced.text
    assert "请于10月5日周二前完成，剩余1个工作日" in announced.text
    assert "下次提醒：2021-10-08 09:00，逾期1个工作日" in why(office, 1)
    late = remind(office, now=at("2021-10-08 09:00")).planned
    assert any(1 in each.numbers and "逾期1个工作日1项" in each.reason for each in late)


def test_it_names_only_audiences_that_have_somebody(office: Office) -> None:
    know(office, *CIVIL)
    remind(office, now=at("2021-07-26 09:00"))
    assert "逾期1个工作日（时限2021-07-26），告知联络员、负责人；" in why(office, 6)
    for day in range(27, 31):
        remind(office, now=at(f"2021-07-{day} 09:00"))
    assert "逾期5个工作日（时限2021-07-26），告知联络员、负责人；" in why(office, 6)  # no leading group
    know(office, "市行政审批局,郑组,领导小组,13800000005,,,")
    assert "告知联络员、负责人、领导小组；" in why(office, 6)


def test_without_anybody_it_promises_nobody_anything(office: Office) -> None:
    assert "告知" not in why(office, 6)
    assert why(office, 6).endswith("责任单位尚未登记联络员，提醒只进入本地收件箱，请尽快登记。")


def test_without_a_bureau_it_does_not_promise_that_the_bureau_is_told(office: Office) -> None:
    know(office, EDU)
    perform(office, Event.SUBMIT, [1], by="李联", now=MONDAY)
    assert why(office, 1).endswith("审批局尚未登记联系人，提醒只进入本地收件箱，请尽快登记。")
    know(office, BUREAU)
    assert why(office, 1).endswith("2021-07-29 09:00 仍未核验的，提醒审批局。")


def test_a_standing_duty_that_waits_for_the_bureau_says_so(office: Office) -> None:
    know(office, EDU, BUREAU)
    make_standing(office, 1)
    assert why(office, 1) == "不提醒：长期坚持事项，没有时限。"
    perform(office, Event.SUBMIT, [1], by="李联", now=MONDAY)
    assert why(office, 1).endswith("2021-07-29 09:00 仍未核验的，提醒审批局。")


def test_a_standing_duty_that_is_deferred_says_until_when(office: Office) -> None:
    know(office, EDU, BUREAU)
    make_standing(office, 1)
    perform(office, Event.DEFER, [1], by="钱管", now=MONDAY, reason="等批复", to=date(2021, 8, 10))
    assert why(office, 1) == "不提醒：长期坚持事项，没有时限；暂缓至2021-08-10。"
