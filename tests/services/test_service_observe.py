"""Automatic checks: asked for by a submission, never too often, and never more than evidence."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conftest import BuildOffice
from tests.fakes.website import FakeWebsite, html
from tests.probes.looks import LOCAL
from tests.services.scenes import at_once, counts
from tests.support import Clock, at, take_in
from tracker.domain.columns import WalkLimits
from tracker.domain.lifecycle import Event, State
from tracker.probes import build_probes
from tracker.services import inspect
from tracker.services.advance import perform, watch
from tracker.services.evidence import Evidence
from tracker.services.observe import observe
from tracker.services.office import Office

MENU = "".join(
    f'<a href="/{n}/">{name}</a>' for n, name in enumerate(["首页", "机构", "动态", "政策", "互动"])
)
COLUMN = f'{MENU}<a href="/tj/">统计信息</a>'
PAGE = "/zwgk/"


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-26 10:00"))


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    site[PAGE] = html(COLUMN)
    site["/tj/"] = html(f'{MENU}<p><a href="1.html">统计公报</a> 2021-07-20</p>')
    return site


@pytest.fixture
def open_office(build_office: BuildOffice, site: FakeWebsite) -> BuildOffice:
    return partial(build_office, probes=build_probes(LOCAL, limits=WalkLimits(pause_seconds=0)))


@pytest.fixture
def office(open_office: BuildOffice) -> Office:
    office = open_office()
    take_in(office, at("2021-07-23 17:00"))
    return office


def hand_in(office: Office, site: FakeWebsite, clock: Clock) -> None:
    link = Evidence.link(site.url(PAGE))
    perform(office, Event.SUBMIT, [4], by="李联", now=clock(), evidence=[link])


def paths(site: FakeWebsite) -> list[str]:
    return [request.path for request in site.requests]


def test_a_submission_with_a_link_is_looked_at_by_the_next_run(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    hand_in(office, site, clock)
    [seen] = observe(office, clock)
    assert (seen.number, seen.probe, seen.verdict, seen.checked_at) == (
        4,
        "website_column",
        "fixed",
        clock(),
    )
    file = inspect.open_file(office, 4)
    assert file.checks == [seen]
    assert file.checks[0].evidence["summary"] == "网页上已有栏目：统计信息"
    # A person strikes off: the item and its history are as the unit left them.
    assert file.item.standing.state is State.SUBMITTED
    assert [row.event for row in file.history] == ["import", "submit"]


def test_a_page_that_shows_nothing_of_it_is_not_fixed(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    site[PAGE] = html(MENU)
    hand_in(office, site, clock)
    assert [seen.verdict for seen in observe(office, clock)] == ["not_fixed"]


def test_nobody_is_looked_at_twice_within_the_interval(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    hand_in(office, site, clock)
    observe(office, clock)
    clock.advance(hours=23, minutes=59)
    assert observe(office, clock) == []
    clock.advance(minutes=1)
    assert len(observe(office, clock)) == 1
    assert paths(site).count(PAGE) == 2


def test_a_struck_off_item_is_looked_at_no_more(office: Office, site: FakeWebsite, clock: Clock) -> None:
    hand_in(office, site, clock)
    perform(office, Event.STRIKE_OFF, [4], by="核验员", now=clock())
    clock.advance(days=30)
    assert observe(office, clock) == []
    assert site.requests == []


def test_two_offices_at_once_look_once(
    office: Office, open_office: BuildOffice, site: FakeWebsite, clock: Clock
) -> None:
    other = open_office()
    watch(office, [4, 7, 9], url=site.url(PAGE), by="核验员", now=clock())
    results = at_once(partial(observe, office, clock), partial(observe, other, clock))
    assert not [result for result in results if isinstance(result, Exception)]
    assert counts(office)["observation"] == 3
    # What an office read for one item it does not ask for again for the next of the same site.
    assert paths(site).count(PAGE) <= 2


def test_an_internal_page_is_not_asked_unless_the_office_allows_it(
    build_office: BuildOffice, office: Office, site: FakeWebsite, clock: Clock
) -> None:
    hand_in(office, site, clock)
    [seen] = observe(build_office(), clock)
    assert seen.verdict == "unsure"
    assert site.requests == []


def test_only_the_named_probe_runs(office: Office, site: FakeWebsite, clock: Clock) -> None:
    hand_in(office, site, clock)
    assert observe(office, clock, probe_name="another") == []
    assert len(observe(office, clock, probe_name="website_column")) == 1


def test_a_submission_about_something_no_probe_can_see_asks_for_no_look(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=clock(), evidence=[Evidence.link(site.url(PAGE))])
    assert observe(office, clock) == []
    assert site.requests == []
