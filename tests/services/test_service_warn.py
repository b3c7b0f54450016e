"""Units are warned before a limit is reached: once, in time, together, and never on a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from tests.conftest import Begin, BuildOffice
from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv
from tests.services.scenes import at_once, know, messages, rows
from tests.support import Clock, at
from tracker.domain.watching import Nearness
from tracker.services import column_register, diagnose, unit_aliases
from tracker.services.drill import drill
from tracker.services.feed_accounts import take_in
from tracker.services.office import Office
from tracker.services.warn import Warned, warn
from tracker.services.watching import survey, why
from tracker.store import watching

MONDAY = at("2021-07-26 09:00")
POSTED = date(2021, 7, 13)  # on Monday thirteen days ago
LI, ZHOU = "市教育局 李联（联络员）", "澜东区 周联（联络员）"
SCHOOL = ("市教育局", "微信公众号", "云澜教育")
EAST = ("澜东区", "微博", "澜东发布")


def feed(office: Office, *some: Sequence[str], on: str = "2021-07-25 10:00", name: str = "账号.csv") -> None:
    take_in(office, as_csv(some, ACCOUNT_COLUMNS), name, by="李强", now=at(on))


def school(posted: date = POSTED, seen: str = "2021-07-25", listed: str = "") -> Sequence[str]:
    return account(*SCHOOL, last_post=str(posted), seen=seen, listed=listed)


def walked(office: Office) -> None:
    know(office, "市教育局,李联,联络员,,,,", "澜东区,周联,联络员,,,,")
    feed(office, school(), account(*EAST, last_post=str(POSTED), seen="2021-07-25"))


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(walked)
    return office


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


def with_full_days(office: Office) -> Office:
    """An office in whose eyes exactly the limit is too long."""
    feeds = office.rules.feeds
    limits = replace(feeds.accounts.limits, full_counts=True)
    feeds = replace(feeds, accounts=replace(feeds.accounts, limits=limits))
    return replace(office, rules=replace(office.rules, feeds=feeds))


def told(planned: Sequence[Warned]) -> dict[str, list[str]]:
    return {each.recipient.label: [watched.name for watched in each.about] for each in planned}


def test_on_the_thirteenth_day_each_unit_is_warned_of_its_own(office: Office) -> None:
    planned = warn(with_full_days(office), now=MONDAY)
    assert told(planned) == {LI: ["微信公众号“云澜教育”"], ZHOU: ["微博“澜东发布”"]}
    mine, _ = messages(office)
    assert (mine.kind, mine.state, mine.created_at) == ("warning", "pending", MONDAY)
    assert "微信公众号“云澜教育”** 已13天未更新" in mine.text
    assert "满14天即计为不合格" in mine.text
    assert "最迟7月26日周一更新" in mine.text
    assert "澜东" not in mine.text


@pytest.mark.parametrize(
    ("idle", "full", "is_warned", "nearness"),
    [
        (12, True, False, Nearness.FINE),
        (13, True, True, Nearness.NEAR),
        (14, True, False, Nearness.OVER),
        (13, False, True, Nearness.NEAR),
        (14, False, True, Nearness.NEAR),
        (15, False, False, Nearness.OVER),
    ],
)
def test_before_the_limit_and_never_after_it(
    office: Office, idle: int, full: bool, is_warned: bool, nearness: Nearness
) -> None:
    office = with_full_days(office) if full else office
    tuesday = MONDAY + timedelta(days=1)  # the days around are worked
    posted = tuesday.date() - timedelta(days=idle)
    feed(office, account("市民政局", "微博", "云澜民政", last_post=str(posted)), name="另一份.csv")
    warned = [each.name for some in warn(office, now=tuesday) for each in some.about]
    assert ("微博“云澜民政”" in warned) is is_warned
    [found] = [each for each in survey(office, now=tuesday) if each.name == "微博“云澜民政”"]
    assert (found.nearness, found.idle) == (nearness, idle)


def test_all_that_comes_near_is_one_message_for_one_recipient(office: Office) -> None:
    column_register.import_columns(
        office, "单位,栏目\n市教育局,通知公告\n".encode(), "栏目.csv", by="王芳", now=MONDAY
    )
    with office.database.write() as connection:
        [column] = watching.all_columns(connection)
        values = {"newest_on": date(2021, 2, 1), "is_sure": True, "checked_at": at("2021-07-26 06:00")}
        watching.set_columns(connection, column.id, **values)
    planned = warn(office, now=MONDAY)
    assert told(planned)[LI] == ["微信公众号“云澜教育”", "“通知公告”栏目"]
    assert len(messages(office)) == 2
    assert "“通知公告”栏目** 已175天未更新" in messages(office)[0].text
    assert "超过6个月即计为不合格" in messages(office)[0].text


def test_of_one_post_nobody_is_warned_twice_and_a_new_post_begins_anew(office: Office) -> None:
    warn(office, now=MONDAY)
    assert warn(office, now=MONDAY + timedelta(hours=1)) == []
    assert warn(office, now=MONDAY + timedelta(days=1)) == []
    feed(office, school(date(2021, 7, 26), seen="2021-07-27"), on="2021-07-27 10:00", name="新.csv")
    assert told(warn(office, now=at("2021-08-06 09:00"))) == {}  # the look of 27 July is too old to tell
    feed(office, school(date(2021, 7, 26), seen="2021-08-06"), on="2021-08-06 08:00", name="再新.csv")
    assert told(warn(office, now=at("2021-08-09 09:00"))) == {LI: ["微信公众号“云澜教育”"]}


def test_what_comes_near_after_the_mornings_warning_waits_for_the_next_one(office: Office) -> None:
    warn(office, now=MONDAY)
    late = account("市教育局", "抖音号", "云澜课堂", last_post=str(POSTED), seen="2021-07-26")
    feed(office, late, on="2021-07-26 10:00", name="上午.csv")
    assert warn(office, now=at("2021-07-26 11:00")) == []
    assert told(warn(office, now=at("2021-07-27 09:00"))) == {LI: ["抖音号“云澜课堂”"]}


def test_a_contact_who_comes_later_is_told_what_the_others_know(office: Office) -> None:
    warn(office, now=MONDAY)
    know(office, "市教育局,王联,联络员,,,,")
    assert list(told(warn(office, now=MONDAY + timedelta(days=1)))) == ["市教育局 王联（联络员）"]


@pytest.mark.parametrize(
    "moment", ["2021-07-26 08:59", "2021-08-01 10:00", "2021-07-26 18:01", "2021-07-26 23:00"]
)
def test_not_before_the_hour_nor_at_night_nor_on_a_day_off(office: Office, moment: str) -> None:
    weekend = account(*EAST, last_post="2021-07-18", seen="2021-07-26")
    feed(office, weekend, on="2021-07-26 08:30", name="周末.csv")
    assert warn(office, now=at(moment)) == []
    assert messages(office) == []
    assert warn(office, now=at(moment), dry_run=True) != []
    assert messages(office) == []


def test_what_falls_due_over_the_holiday_is_said_before_it(office: Office) -> None:
    """Thursday 2021-09-30; the next working day is Friday 2021-10-08, when it would be too late."""
    feed(office, school(date(2021, 9, 20), "2021-09-30"), on="2021-09-30 08:00", name="节前.csv")
    [message] = warn(office, now=at("2021-09-30 09:00"))
    assert message.about[0].idle == 10
    assert "最迟10月4日周一更新" in messages(office)[-1].text


def test_a_machine_that_slept_says_what_is_true_on_the_morning_it_wakes(office: Office) -> None:
    feed(office, school(date(2021, 7, 19), "2021-07-30"), on="2021-07-30 08:00", name="三十日.csv")
    planned = warn(office, now=at("2021-08-02 11:00"))
    assert told(planned) == {LI: ["微信公众号“云澜教育”"]}  # 澜东区's is past its limit by now
    assert planned[0].about[0].idle == 14
    assert warn(office, now=at("2021-08-02 11:01")) == []


def test_two_schedulers_warn_once(office: Office, build_office: BuildOffice) -> None:
    other = build_office()
    done = at_once(*(partial(warn, each, now=MONDAY) for each in (office, other, office, other)))
    assert not [each for each in done if isinstance(each, Exception)]
    assert sorted(len(each) for each in done if not isinstance(each, Exception)) == [0, 0, 0, 2]
    assert [each.recipient for each in messages(office)] == [LI, ZHOU]


def test_a_clock_that_ran_ahead_holds_up_nothing(office: Office) -> None:
    warn(office, now=at("2022-07-26 09:00"))
    assert len(warn(office, now=MONDAY)) == 2


def test_an_account_with_an_item_at_work_is_chased_by_that(office: Office) -> None:
    asleep = account("市教育局", "抖音号", "云澜教育视频", last_post="2021-07-01", seen="2021-07-25")
    feed(office, asleep, name="休眠.csv")
    [found] = [each for each in survey(office, now=MONDAY) if "视频" in each.name]
    assert found.item_number is not None
    assert not found.is_to_warn
    assert not found.is_to_open
    assert f"已立为第 {found.item_number} 号事项" in why(office, found, MONDAY)


def test_nobody_is_warned_of_an_account_that_is_closed(office: Office) -> None:
    closed = account(*SCHOOL, "已关停", "已注销", last_post=str(POSTED), seen="2021-07-25")
    feed(office, closed, name="关停.csv")
    assert list(told(warn(office, now=MONDAY))) == [ZHOU]


def test_the_limit_is_that_of_the_accounts_own_list(office: Office) -> None:
    feeds = office.rules.feeds
    limits = replace(feeds.accounts.limits, by_list={"省级清单": 7})
    feeds = replace(feeds, accounts=replace(feeds.accounts, limits=limits))
    strict = replace(office, rules=replace(office.rules, feeds=feeds))
    feed(strict, school(date(2021, 7, 20), listed="省级清单"), name="省级.csv")
    assert told(warn(strict, now=MONDAY))[LI] == ["微信公众号“云澜教育”"]
    assert "超过7天即计为不合格" in messages(office)[0].text


def test_an_account_goes_with_its_unit_to_another_one(office: Office) -> None:
    unit_aliases.teach_alias(office, "澜东区", "市教育局", now=MONDAY, by="王芳", across_levels=True)
    assert told(warn(office, now=MONDAY)) == {
        LI: ["微信公众号“云澜教育”", "微博“澜东发布”"],
        "市教育局 周联（联络员）": ["微信公众号“云澜教育”", "微博“澜东发布”"],
    }


def test_each_says_why_its_unit_was_warned_or_not(office: Office) -> None:
    def said(now: str) -> str:
        [found] = [each for each in survey(office, now=at(now)) if "教育" in each.name]
        return why(office, found, at(now))

    assert said("2021-07-20 10:00") == "未到预警日期（2021-07-26）"
    assert said("2021-07-26 08:00") == "下次预警：2021-07-26 09:00"
    assert said("2021-07-24 08:00") == "未到预警日期（2021-07-26）"
    warn(office, now=MONDAY)
    assert said("2021-07-26 10:00") == f"已预警：2021-07-26 09:00 告知{LI}"
    assert said("2021-07-29 10:00") == f"已超限，由审批局核实后立项；此前已预警：2021-07-26 09:00 告知{LI}"
    assert said("2021-08-09 10:00").startswith("7 天内没有检查到，情况不明，不预警（此前已预警：")


def test_the_drill_foretells_warnings(office: Office) -> None:
    before = rows(office)
    played = drill(office, first=date(2021, 7, 26), last=date(2021, 7, 27), now=at("2021-07-25 12:00"))
    assert [(each.at, each.kind, each.recipient) for each in played.messages] == [
        (MONDAY, "warning", LI),
        (MONDAY, "warning", ZHOU),
    ]
    assert rows(office) == before


def test_a_drill_on_a_machine_that_wakes_at_noon_still_warns_once(office: Office) -> None:
    played = drill(office, first=date(2021, 7, 26), last=date(2021, 7, 30), now=at("2021-07-26 12:00"))
    assert played.count("kind") == {"warning": 2}


def test_the_doctor_tells_of_looks_that_fail_for_long(office: Office) -> None:
    column_register.import_columns(
        office, "单位,栏目\n市教育局,通知公告\n".encode(), "栏目.csv", by="王芳", now=MONDAY
    )

    def verdict(now: str) -> tuple[bool, str]:
        return next(
            (each.ok, each.detail) for each in diagnose.diagnose(office, now=at(now)) if each.name == "watch"
        )

    assert verdict("2021-07-27 09:00")[0]
    assert verdict("2021-08-03 10:00") == (
        False,
        "有 1 个栏目、账号页面连续 7 天以上没有检查到：市教育局“通知公告”",
    )
