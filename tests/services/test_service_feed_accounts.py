"""The register of new-media accounts: items opened and cleared, states of their own, early warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv, as_xlsx
from tests.services.scenes import rows, strike_off
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import IntakeError
from tracker.domain.watching import Nearness
from tracker.services import audit, inspect
from tracker.services.feed_accounts import take_in as take_accounts
from tracker.services.feeding import Fed
from tracker.services.office import Office
from tracker.services.watching import survey
from tracker.store import media

NOW, LATER = at("2021-07-23 17:00"), at("2021-08-30 17:00")
ASLEEP = account("市教育局", "微信公众号", "云澜教育", last_post="2021-07-01")
AWAKE = account("市教育局", "微信公众号", "云澜教育", last_post="2021-07-29", seen="2021-07-30")


def take(office: Office, *some: Sequence[str], name: str = "账号.csv", now: datetime = NOW) -> Fed:
    return take_accounts(office, as_csv(some, ACCOUNT_COLUMNS), name, by="李强", now=now)


def texts(fed: Fed) -> dict[str, list[str]]:
    outcome = fed.outcome
    lists = {"opened": outcome.opened, "updated": outcome.updated, "cleared": outcome.cleared}
    return {name: [each.text for each in some] for name, some in lists.items() if some}


def verdicts(office: Office, number: int) -> list[tuple[str, str]]:
    return [
        (check.verdict, str(check.evidence["account"])) for check in inspect.open_file(office, number).checks
    ]


def test_a_dormant_account_is_an_item_of_its_unit(office: Office) -> None:
    fed = take(office, ASLEEP, account("澜东区", "微博", "澜东发布"))
    assert texts(fed) == {"opened": ["微信公众号“云澜教育”超过14天没有更新。"]}
    [opened] = fed.outcome.opened
    assert (opened.unit, opened.problem_class, opened.domain) == ("市教育局", "dormant_account", "政务公开")
    assert opened.standing.due_on is not None
    assert audit.verify(office).faults == ()


def test_when_it_posts_again_the_item_is_cleared_and_waits_for_a_person(office: Office) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    fed = take(office, AWAKE, now=LATER)
    assert [each.number for each in fed.outcome.cleared] == [opened.number]
    assert verdicts(office, opened.number) == [("fixed", "active")]
    assert inspect.open_file(office, opened.number).item.standing == opened.standing


def test_one_that_falls_asleep_again_before_the_strike_off_is_told_of(office: Office) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    take(office, AWAKE, now=LATER)
    again = take(
        office, account("市教育局", "微信公众号", "云澜教育", last_post="", seen="2021-08-30"), now=LATER
    )
    assert [each.number for each in again.outcome.updated] == [opened.number]
    assert verdicts(office, opened.number) == [("fixed", "active"), ("not_fixed", "dormant")]


def test_one_that_falls_asleep_after_the_strike_off_is_a_new_item_after_the_old_one(office: Office) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    strike_off(office, [opened.number], at("2021-07-24 10:00"))
    late = account("市教育局", "微信公众号", "云澜教育", last_post="", seen="2021-08-30")
    content = as_csv([late], ACCOUNT_COLUMNS)
    fed = take_accounts(office, content, "八月.csv", by="李强", now=at("2021-08-30 10:00"))
    assert [each.recurs for each in fed.outcome.opened] == [opened.number]


def test_the_same_file_twice_and_the_same_accounts_in_another_format_change_no_item(office: Office) -> None:
    take(office, ASLEEP)
    before = rows(office)
    again = take(office, ASLEEP, name="改了名.csv")
    assert again.already
    assert rows(office) == before
    content = as_xlsx([ASLEEP], ACCOUNT_COLUMNS)
    assert texts(take_accounts(office, content, "账号.xlsx", by="李强", now=NOW)) == {}
    after = rows(office)
    assert {name for name in after if after[name] != before[name]} == {"feed", "media_account"}


def test_closed_on_file_but_reachable_and_reopened_without_filing_are_faults_of_their_own(
    office: Office,
) -> None:
    closed = ("澜东区", "微博", "澜东发布", "已关停")
    first = take(office, account(*closed, "仍在更新"))
    assert texts(first) == {"opened": ["微博“澜东发布”备案已关停，账号仍可访问。"]}
    assert len(take(office, account(*closed, "已注销", seen="2021-07-25"), now=LATER).outcome.cleared) == 1
    number = first.outcome.opened[0].number
    reopened = take(office, account(*closed, "可访问", seen="2021-07-28"), now=LATER)
    assert [each.number for each in reopened.outcome.updated] == [number]
    assert [verdict for _, verdict in verdicts(office, number)] == ["closed", "reopened_unfiled"]


def test_a_look_that_did_not_happen_changes_nothing(office: Office) -> None:
    take(office, account("澜东区", "微博", "澜东发布", "已关停", "仍在更新"))
    blind = account("澜东区", "微博", "澜东发布", "已关停", "", last_post="", seen="2021-07-25")
    assert texts(take(office, blind, now=LATER)) == {}
    assert texts(take(office, account("市民政局", "抖音号", "云澜民政", "已关停", "", last_post=""))) == {}


def told_of(office: Office, text: str) -> int:
    """An item of a bulletin about an account of 澜东区."""
    take_in(office, NOW, BULLETIN.replace("没有设置公益性事业栏目。", text))
    drafts = inspect.pick_items(office, range(1, 10))
    [number] = [draft.number for draft in drafts if draft.problem_class == "dormant_account"]
    return number


@pytest.mark.parametrize("platform", ["微博", "新浪微博"])
def test_an_item_of_a_bulletin_that_names_the_account_is_the_accounts_item(
    office: Office, platform: str
) -> None:
    number = told_of(office, "微博“澜东发布”两年没有更新。")
    fed = take(office, account("澜东区", platform, "澜东发布", last_post="2021-07-22"))
    assert [each.number for each in fed.outcome.cleared] == [number]


@pytest.mark.parametrize(
    ("text", "platform", "name"),
    [
        ("微博“澜东发布”两年没有更新。", "微信公众号", "澜东发布"),
        ("微博“澜东发布”两年没有更新。", "微博", "澜东"),
        ("微博“澜东发布”两年没有更新。", "微博", "澜东发布厅"),
        ("微博“澜东发布”“澜东文旅”两年没有更新。", "微博", "澜东发布"),
    ],
)
def test_an_account_of_another_platform_or_name_does_not_clear_it(
    office: Office, text: str, platform: str, name: str
) -> None:
    number = told_of(office, text)
    assert texts(take(office, account("澜东区", platform, name, last_post="2021-07-22"))) == {}
    assert verdicts(office, number) == []


def test_of_two_accounts_of_one_name_the_item_is_the_one_of_its_platform(office: Office) -> None:
    number = told_of(office, "微博“澜东发布”两年没有更新。")
    awake = account("澜东区", "微信公众号", "澜东发布", last_post="2021-07-22")
    fed = take(office, awake, account("澜东区", "微博", "澜东发布", last_post="2019-07-22"))
    assert [each.number for each in fed.outcome.updated] == [number]
    assert texts(fed).keys() == {"updated"}
    assert verdicts(office, number) == [("not_fixed", "dormant")]


def test_two_accounts_that_a_text_may_mean_leave_its_item_alone(office: Office) -> None:
    number = told_of(office, "公众号“澜东发布”两年没有更新。")
    fed = take(office, account("澜东区", "微信公众号", "澜东发布"), account("澜东区", "微信", "澜东发布"))
    assert texts(fed) == {}
    assert verdicts(office, number) == []


TYPED = ("市教育局", "微信公众号", "云澜教育")


@pytest.mark.parametrize(
    ("last_post", "seen", "reason"),
    [
        ("2031-07-22", "", "最后更新时间 2031-07-22 在今天（2021-07-23）之后"),
        ("2021-07-24", "", "最后更新时间 2021-07-24 在今天（2021-07-23）之后"),
        ("2021-07-22", "2022-07-23", "检查时间 2022-07-23 在今天（2021-07-23）之后"),
    ],
)
def test_a_day_to_come_is_mistyped_and_keeps_nothing_awake_nor_later_exports_out(
    office: Office, last_post: str, seen: str, reason: str
) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    fed = take(office, account(*TYPED, last_post=last_post, seen=seen))
    assert (fed.rejected, texts(fed)) == ([(2, reason)], {})
    assert verdicts(office, opened.number) == []
    assert [each.number for each in take(office, AWAKE, now=LATER).outcome.cleared] == [opened.number]


def test_a_newer_export_takes_a_day_back_that_an_older_one_mistyped(office: Office) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    take(office, account(*TYPED, last_post="2021-07-22"))
    fed = take(office, account(*TYPED, last_post="2021-07-02", seen="2021-07-24"), now=LATER)
    assert [each.number for each in fed.outcome.updated] == [opened.number]
    assert verdicts(office, opened.number) == [("fixed", "active"), ("not_fixed", "dormant")]


def test_days_to_come_that_were_stored_once_neither_wake_an_account_nor_keep_exports_out(
    office: Office,
) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    ahead = date(2031, 7, 22)
    with office.database.write() as connection:
        stored = media.by_id(connection, 1)
        assert stored is not None
        media.save(connection, replace(stored, last_post_on=ahead, seen_on=ahead))
    [found] = survey(office, now=LATER)
    assert found.nearness is Nearness.UNKNOWN
    fed = take(office, account(*TYPED, last_post="", seen="2021-07-24"), now=LATER)
    assert (fed.rejected, texts(fed), verdicts(office, opened.number)) == ([], {}, [])
    assert [each.number for each in take(office, AWAKE, now=LATER).outcome.cleared] == [opened.number]


def test_one_in_use_that_cannot_be_reached_is_no_longer_in_order_but_not_called_asleep_unseen(
    office: Office,
) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    gone = account(*TYPED, observed="无法访问", last_post="2021-07-24", seen="2021-07-26")
    assert texts(take(office, gone, now=LATER)) == {}
    unseen = account(*TYPED, observed="无法访问", last_post="", seen="2021-08-29")
    assert texts(take(office, unseen, now=LATER)) == {}
    assert verdicts(office, opened.number) == []
    back = account(*TYPED, observed="", last_post="2021-08-30", seen="2021-08-30")
    assert [each.number for each in take(office, back, now=LATER).outcome.cleared] == [opened.number]


def test_one_in_use_that_cannot_be_reached_and_posted_long_ago_is_asleep(office: Office) -> None:
    gone = account(*TYPED, observed="无法访问", last_post="2019-07-01")
    assert texts(take(office, gone)) == {"opened": ["微信公众号“云澜教育”超过14天没有更新。"]}


def test_what_was_seen_before_the_closing_was_filed_does_not_speak_against_it(office: Office) -> None:
    [opened] = take(office, ASLEEP).outcome.opened
    filed = account(*TYPED, "已关停", "", last_post="", seen="2021-07-25")
    assert texts(take(office, filed, now=LATER)) == {}
    assert verdicts(office, opened.number) == []


def test_a_sight_older_than_the_last_one_is_refused_by_its_row(office: Office) -> None:
    take(office, AWAKE, now=LATER)
    fed = take(office, ASLEEP, now=LATER)
    assert fed.rejected == [(2, "早于已登记的检查日期 2021-07-30")]
    assert texts(fed) == {}


def test_rows_that_cannot_be_used_are_named_with_their_reason(office: Office) -> None:
    fed = take(
        office,
        account("", "微博", "甲"),
        account("澜东区", "", "乙"),
        account("澜东区", "微博", ""),
        account("澜东区", "微博", "丁", registered="冬眠"),
        account("澜东区", "微博", "戊", last_post="2021-07-24"),
        account("澜东区", "微博", "己"),
        account("澜东区", " 微博", "己 "),
    )
    assert fed.rejected == [
        (2, "没有主办单位"),
        (3, "没有平台"),
        (4, "没有账号名称"),
        (5, "备案状态“冬眠”不在 feeds.toml 所列的写法中"),
        (6, "最后更新时间晚于检查时间"),
        (8, "与第7行是同一账号"),
    ]


def test_a_table_without_accounts_is_refused(office: Office) -> None:
    with pytest.raises(IntakeError, match="没有认出必需的列（平台"):
        take_accounts(office, as_csv([], ("主办单位", "账号名称")), "表.csv", by="李强", now=NOW)
