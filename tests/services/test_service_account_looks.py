"""The daily look at accounts' public pages: what it changes, what it leaves, what lies beside the item."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from tests.conftest import BuildOffice
from tests.fakes.account_pages import (
    NAME,
    OF_ANOTHER,
    PLACE,
    PLATFORM,
    AccountState,
    labelled,
    matrix_in_items,
)
from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv
from tests.fakes.website import Answer, FakeWebsite, html
from tests.probes.looks import LOCAL
from tests.services.scenes import at_once, know, rows
from tests.support import Clock, at, shipped_rules
from tracker.domain.columns import WalkLimits
from tracker.domain.lifecycle import Event
from tracker.domain.media import Verdict
from tracker.domain.watching import Nearness
from tracker.probes import Policy, build_probes
from tracker.services import audit, diagnose, inspect
from tracker.services.account_looks import LookedAccount, look_at_accounts
from tracker.services.advance import perform
from tracker.services.feed_accounts import take_in
from tracker.services.feeding import Fed
from tracker.services.office import Office
from tracker.services.warn import warn
from tracker.services.watch_items import open_from_watch
from tracker.services.watched import Watched
from tracker.services.watching import survey, why
from tracker.store import media
from tracker.store.media import StoredAccount

UNIT = "市教育局"
MORNING = at("2021-09-10 08:00")
FRESH, ASLEEP = AccountState("fresh", 3), AccountState("asleep", 400)


@pytest.fixture
def clock() -> Clock:
    return Clock(MORNING)


@pytest.fixture
def open_office(build_office: BuildOffice) -> BuildOffice:
    probes = build_probes(LOCAL, shipped_rules().columns, WalkLimits(pause_seconds=0, fresh_minutes=0))
    return partial(build_office, probes=probes)


@pytest.fixture
def office(open_office: BuildOffice) -> Office:
    office = open_office()
    know(office, f"{UNIT},李联,联络员,,,,")
    return office


def register(
    office: Office,
    page: str,
    *,
    registered: str = "在用",
    observed: str = "",
    last_post: str = "",
    seen: str = "2021-09-09",
    now: str = "2021-09-10 08:00",
) -> Fed:
    row = account(UNIT, PLATFORM, NAME, registered, observed, last_post, seen)
    content = as_csv([(*row, page)], (*ACCOUNT_COLUMNS, "公开页面"))
    return take_in(office, content, "账号.csv", by="王芳", now=at(now))


def stored(office: Office) -> StoredAccount:
    with office.database.read() as connection:
        found = media.by_id(connection, 1)
    assert found is not None
    return found


def only(office: Office, clock: Clock) -> Watched:
    [found] = survey(office, now=clock())
    return found


def look(office: Office, clock: Clock) -> LookedAccount:
    [looked] = look_at_accounts(office, clock)
    return looked


def test_a_page_tells_the_day_of_the_last_post_and_when_that_was_seen(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE))
    assert only(office, clock).nearness is Nearness.UNKNOWN
    assert look(office, clock).seen.posted_on == date(2021, 9, 7)
    found = only(office, clock)
    assert (found.nearness, found.resting.newest_on) == (Nearness.FINE, date(2021, 9, 7))
    assert found.source is not None
    assert (found.source.is_page, found.source.name, found.source.at) == (True, site.url(PLACE), clock())
    assert found.finding == "页面所见最近一次更新为 2021-09-07"


def test_a_look_that_is_not_certain_changes_nothing_known_and_is_shown(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    site[PLACE] = Answer(b"<h1>x</h1>")
    register(office, site.url(PLACE), last_post="2021-09-01")
    before = stored(office)
    look(office, clock)
    found, after = only(office, clock), stored(office)
    assert (after.last_post_on, after.verdict, after.looked_at) == (before.last_post_on, before.verdict, None)
    assert found.failing_since == clock()
    assert "请人工查看" in (found.finding or "")
    assert found.source is not None
    assert (found.source.is_page, found.source.name) == (False, "账号.csv")
    clock.set("2021-09-20 08:00")
    look(office, clock)
    assert stored(office).failing_since == MORNING
    [told] = [each for each in diagnose.diagnose(office, now=clock()) if each.name == "watch"]
    assert (told.ok, f"{PLATFORM}“{NAME}”" in told.detail) == (False, True)


def test_another_accounts_fresh_day_does_not_wake_one_that_is_dormant(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    title, body = OF_ANOTHER["second of two headings"]
    site[PLACE] = html(body, title=title)
    register(office, site.url(PLACE), last_post="2020-01-01")
    look(office, clock)
    assert (stored(office).verdict, stored(office).last_post_on) == (Verdict.DORMANT, date(2020, 1, 1))


def test_a_page_that_lags_behind_what_is_known_tells_nothing(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE), last_post="2021-09-08")
    look(office, clock)
    assert stored(office).last_post_on == date(2021, 9, 8)
    assert "早于已登记的 2021-09-08" in (only(office, clock).finding or "")
    assert stored(office).failing_since == MORNING


def test_each_page_is_looked_at_once_a_day_before_the_warnings(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, AccountState("almost", 11))
    register(office, site.url(PLACE))
    look(office, clock)
    assert look_at_accounts(office, clock) == []
    clock.set("2021-09-13 05:59")
    look(office, clock)  # of the days between, one is enough
    clock.set("2021-09-13 06:00")
    assert look_at_accounts(office, clock) == []
    [warned] = warn(office, now=at("2021-09-13 09:00"))
    assert [each.name for each in warned.about] == [f"{PLATFORM}“{NAME}”"]


def test_two_offices_at_once_look_once(
    office: Office, open_office: BuildOffice, site: FakeWebsite, clock: Clock
) -> None:
    other = open_office()
    labelled(site, FRESH)
    register(office, site.url(PLACE))
    done = at_once(partial(look_at_accounts, office, clock), partial(look_at_accounts, other, clock))
    assert not [each for each in done if isinstance(each, Exception)]
    assert sorted(len(each) for each in done if not isinstance(each, Exception)) == [0, 1]


def test_an_account_asleep_waits_for_a_person_and_waking_up_lies_beside_its_item(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, ASLEEP)
    register(office, site.url(PLACE))
    look(office, clock)
    assert stored(office).verdict is Verdict.DORMANT
    found = only(office, clock)
    assert found.is_to_open
    item = open_from_watch(office, found.kind, found.id, by="王芳", now=clock())
    assert item.text == f"{PLATFORM}“{NAME}”超过14天没有更新。"
    clock.set("2021-09-11 08:00")
    look(office, clock)
    assert inspect.open_file(office, item.number).checks == []
    labelled(site, FRESH)
    clock.set("2021-09-12 08:00")
    look(office, clock)
    [check] = inspect.open_file(office, item.number).checks
    assert (check.verdict, check.evidence["account"]) == ("fixed", "active")
    assert check.evidence["final_url"] == site.url(PLACE)
    assert check.evidence["summary"] == f"{PLATFORM}“{NAME}”正常更新，最后更新 2021-09-07（2021-09-12检查）"
    assert inspect.open_file(office, item.number).item.standing == item.standing
    assert audit.verify(office).faults == ()


def test_what_was_handed_in_since_is_looked_at_anew(office: Office, site: FakeWebsite, clock: Clock) -> None:
    """Else the old look, from before the submission, would be the last one for ever."""
    labelled(site, ASLEEP)
    register(office, site.url(PLACE))
    look(office, clock)
    found = only(office, clock)
    number = open_from_watch(office, found.kind, found.id, by="王芳", now=clock()).number
    labelled(site, FRESH)
    clock.set("2021-09-11 08:00")
    look(office, clock)
    perform(office, Event.SUBMIT, [number], by="李联", now=at("2021-09-11 10:00"), reason="已更新")
    clock.set("2021-09-12 08:00")
    look(office, clock)
    clock.set("2021-09-13 08:00")
    look(office, clock)
    assert [check.verdict for check in inspect.open_file(office, number).checks] == ["fixed", "fixed"]


def test_closed_on_file_with_a_page_that_posts_is_a_fault_that_a_person_opens(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE), registered="已关停")
    assert survey(office, now=clock()) == []
    look(office, clock)
    assert stored(office).verdict is Verdict.CLOSED_BUT_REACHABLE
    found = only(office, clock)
    assert why(office, found, clock()) == "备案已关停，账号仍可访问，由审批局核实后立项；此前没有预警"
    item = open_from_watch(office, found.kind, found.id, by="王芳", now=clock())
    assert item.text == f"{PLATFORM}“{NAME}”备案已关停，账号仍可访问。"
    assert warn(office, now=at("2021-09-10 09:00")) == []


def test_one_that_was_seen_gone_and_posts_again_was_reopened_without_filing(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE), registered="已关停", observed="已注销")
    assert stored(office).verdict is Verdict.CLOSED
    look(office, clock)
    assert stored(office).verdict is Verdict.REOPENED_UNFILED
    assert only(office, clock).fault is Verdict.REOPENED_UNFILED


@pytest.mark.parametrize("page", [Answer(b"", status=404), Answer(b"<p>x</p>")], ids=["gone", "unclear"])
def test_that_an_account_is_gone_no_page_can_tell(
    office: Office, site: FakeWebsite, clock: Clock, page: Answer
) -> None:
    fed = register(office, site.url(PLACE), registered="已关停", observed="仍在更新")
    [item] = fed.outcome.opened
    site[PLACE] = page
    look(office, clock)
    assert stored(office).verdict is Verdict.CLOSED_BUT_REACHABLE
    assert inspect.open_file(office, item.number).checks == []


def test_a_list_of_accounts_does_not_prove_that_a_closed_one_is_there(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    matrix_in_items(site, FRESH)
    register(office, site.url(PLACE), registered="已关停", observed="已注销")
    look(office, clock)
    assert stored(office).verdict is Verdict.CLOSED


def test_a_list_of_accounts_proves_no_closing_either(office: Office, site: FakeWebsite, clock: Clock) -> None:
    """What an export saw gone, and was handed in since, is not seen gone again by a list."""
    matrix_in_items(site, FRESH)
    fed = register(office, site.url(PLACE), registered="已关停", observed="仍在更新", seen="2021-09-08")
    number = fed.outcome.opened[0].number
    register(office, "", registered="已关停", observed="已注销", now="2021-09-10 07:30")
    perform(office, Event.SUBMIT, [number], by="李联", now=at("2021-09-10 07:45"), reason="已关停")
    before = len(inspect.open_file(office, number).checks)
    assert look(office, clock).seen.posted_on is not None
    assert len(inspect.open_file(office, number).checks) == before


def test_an_export_from_before_the_look_does_not_undo_it_and_a_later_one_speaks_again(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE), registered="已关停")
    look(office, clock)
    register(office, "", registered="已关停", observed="已注销", seen="2021-09-09", now="2021-09-10 17:00")
    assert stored(office).verdict is Verdict.REOPENED_UNFILED
    register(office, "", registered="已关停", observed="已注销", seen="2021-09-11", now="2021-09-11 17:00")
    assert stored(office).verdict is Verdict.CLOSED
    assert stored(office).page_url == site.url(PLACE)


def test_an_export_takes_back_what_an_export_said_but_not_what_the_page_showed(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE))
    look(office, clock)
    for said, known in (("2021-09-10", 10), ("2021-09-08", 8), ("2021-09-01", 7)):
        register(office, "", last_post=said, seen="2021-09-10", now="2021-09-10 17:00")
        assert stored(office).last_post_on == date(2021, 9, known)
    site[PLACE] = Answer(b"", status=500)
    clock.set("2021-09-11 08:00")
    look(office, clock)
    register(office, "", last_post="2021-09-01", seen="2021-09-11", now="2021-09-11 17:00")
    assert stored(office).last_post_on == date(2021, 9, 7)


def test_a_page_is_believed_where_a_day_to_come_was_stored_once(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE))
    with office.database.write() as connection:
        media.save(connection, replace(stored(office), last_post_on=date(2031, 9, 7)))
    look(office, clock)
    assert (stored(office).last_post_on, stored(office).verdict) == (date(2021, 9, 7), Verdict.ACTIVE)


def test_a_new_page_is_looked_at_at_once_and_none_no_more(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, "https://old.example.cn/", now="2021-09-10 07:00")
    register(office, site.url(PLACE), now="2021-09-10 07:30", observed="可访问")
    assert look(office, clock).account.page_url == site.url(PLACE)
    register(office, "无", now="2021-09-11 07:30", seen="2021-09-11")
    clock.set("2021-09-12 08:00")
    assert look_at_accounts(office, clock) == []
    assert stored(office).page_url is None
    assert stored(office).last_post_on == date(2021, 9, 7)


def test_an_address_that_is_none_rejects_its_row(office: Office) -> None:
    fed = register(office, "ftp://sw.example.cn/")
    assert fed.rejected == [(2, "网址须以 http:// 或 https:// 开头：ftp://sw.example.cn/")]


def test_an_internal_address_is_never_asked(
    build_office: BuildOffice, site: FakeWebsite, clock: Clock
) -> None:
    office = build_office(probes=build_probes(Policy(), shipped_rules().columns, WalkLimits(pause_seconds=0)))
    register(office, site.url(PLACE))
    assert look(office, clock).seen.posted_on is None
    assert "内部网络地址" in (only(office, clock).finding or "")
    assert site.requests == []


def test_a_second_look_that_sees_the_same_writes_only_that_it_was_made(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    labelled(site, FRESH)
    register(office, site.url(PLACE))
    look(office, clock)
    before = rows(office)
    clock.set("2021-09-11 08:00")
    look(office, clock)
    after = rows(office)
    assert {name for name in after if after[name] != before[name]} == {"media_account"}
