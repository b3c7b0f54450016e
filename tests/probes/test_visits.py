"""Manners on other people's sites: robots.txt, pace, budget, and nothing asked for twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.fakes.website import Answer, FakeWebsite, endless, html
from tests.probes.looks import LOCAL
from tests.support import at
from tracker.domain.columns import WalkLimits
from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.fetch import fetch
from tracker.probes.visits import Memory, Pace, Visits

NOW = at("2021-07-26 10:00")


@dataclass
class Watch:
    """A clock that only sleeping moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(self.sleep, lambda: self.now)


@pytest.fixture
def site(site: FakeWebsite) -> FakeWebsite:
    for path in ("/", "/a", "/b"):
        site[path] = html(path)
    return site


def visits(
    watch: Watch, memory: Memory | None = None, now: datetime = NOW, limits: WalkLimits | None = None
) -> Visits:
    return Visits(partial(fetch, policy=LOCAL), limits or WalkLimits(), memory or Memory(), watch.pace(), now)


def test_pages_from_before_a_submission_are_read_again_whatever_their_age(site: FakeWebsite) -> None:
    """The unit says it is done: what was read a minute earlier cannot be held against it."""
    watch, memory = Watch(), Memory()
    visits(watch, memory).open(site.url("/"))
    later = NOW + timedelta(minutes=5)
    visits(watch, memory, later).open(site.url("/"))
    assert paths(site).count("/") == 1
    fetching, limits = partial(fetch, policy=LOCAL), WalkLimits()
    since = NOW + timedelta(minutes=2)
    Visits(fetching, limits, memory, watch.pace(), later, read_since=since).open(site.url("/"))
    assert paths(site).count("/") == 2


def refusal(asked: Visits, url: str) -> FetchReason:
    with pytest.raises(FetchError) as caught:
        asked.open(url)
    return caught.value.reason


def paths(site: FakeWebsite) -> list[str]:
    return [request.path for request in site.requests]


def test_two_visits_of_one_host_keep_their_distance(site: FakeWebsite) -> None:
    watch = Watch()
    asked = visits(watch)
    for path in ("/", "/a", "/b"):
        asked.open(site.url(path))
    assert watch.slept == [0.5, 0.5, 0.5]  # robots.txt came first


def test_a_site_may_ask_for_a_longer_pause_but_not_for_ever(site: FakeWebsite) -> None:
    for asked_for, kept in ((3, 3.0), (600, 10.0)):
        site["/robots.txt"] = Answer(f"User-agent: *\nCrawl-delay: {asked_for}".encode())
        watch = Watch()
        asked = visits(watch)
        asked.open(site.url("/"))
        asked.open(site.url("/a"))
        assert watch.slept == [0.5, kept]


def test_what_robots_txt_forbids_is_not_asked(site: FakeWebsite) -> None:
    site["/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /a\nDisallow: /*.do$\n\nUser-agent: rectify\nDisallow: /b"
    )
    asked = visits(Watch())
    assert refusal(asked, site.url("/b")) is FetchReason.ROBOTS
    assert asked.open(site.url("/a")).status == 200  # a rule for us alone goes before the one for all
    site["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /*.do$")
    assert refusal(visits(Watch()), site.url("/list.do")) is FetchReason.ROBOTS
    assert "/b" not in paths(site)


@pytest.mark.parametrize(
    "answer", [Answer(b"", status=404), html("<p>首页</p>"), Answer(b"\x00\xff"), endless()]
)
def test_a_site_without_a_usable_robots_txt_may_be_looked_at(site: FakeWebsite, answer: Answer) -> None:
    site["/robots.txt"] = answer
    assert visits(Watch()).open(site.url("/")).status == 200


def test_a_site_whose_robots_txt_is_broken_is_left_alone(site: FakeWebsite) -> None:
    site["/robots.txt"] = Answer(b"", status=503)
    asked = visits(Watch())
    assert [refusal(asked, site.url(path)) for path in ("/", "/a")] == [FetchReason.ROBOTS] * 2
    assert paths(site) == ["/robots.txt"]


@pytest.mark.parametrize(
    "limits",
    [WalkLimits(pages=2), WalkLimits(bytes=150), WalkLimits(seconds=1.2)],
    ids=["pages", "bytes", "seconds"],
)
def test_a_spent_budget_ends_the_visits(site: FakeWebsite, limits: WalkLimits) -> None:
    asked = visits(Watch(), limits=limits)
    asked.open(site.url("/"))
    asked.open(site.url("/a"))
    asked._pace.sleep(0.5)
    assert refusal(asked, site.url("/b")) is FetchReason.OVER_BUDGET


def test_a_page_of_this_half_hour_is_not_asked_for_again(site: FakeWebsite) -> None:
    memory = Memory()
    visits(Watch(), memory).open(site.url("/a"))
    visits(Watch(), memory, NOW + timedelta(minutes=29)).open(site.url("/a"))
    assert paths(site).count("/a") == 1
    visits(Watch(), memory, NOW + timedelta(minutes=30)).open(site.url("/a"))
    assert paths(site).count("/a") == 2


def test_an_older_page_is_asked_for_with_its_validators_and_kept_if_nothing_changed(
    site: FakeWebsite,
) -> None:
    headers = {"Content-Type": "text/html", "ETag": '"7"', "Last-Modified": "Mon, 26 Jul 2021 00:00:00 GMT"}
    site["/a"] = Answer(b"<p>first</p>", headers=headers)
    memory = Memory()
    visits(Watch(), memory).open(site.url("/a"))
    site["/a"] = Answer(b"", status=304, headers={"Content-Type": "text/html"})
    page = visits(Watch(), memory, NOW + timedelta(days=1)).open(site.url("/a"))
    assert (page.status, page.text) == (200, "<p>first</p>")
    asked = site.requests[-1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"7"', "Mon, 26 Jul 2021 00:00:00 GMT")


def test_a_broken_answer_is_not_remembered(site: FakeWebsite) -> None:
    memory = Memory()
    site["/a"] = Answer(b"", status=500)
    assert visits(Watch(), memory).open(site.url("/a")).status == 500
    site["/a"] = html("again")
    assert visits(Watch(), memory).open(site.url("/a")).status == 200


def test_memory_is_bounded(site: FakeWebsite) -> None:
    memory = Memory(kept=2)
    asked = visits(Watch(), memory)
    for path in ("/", "/a", "/b"):
        asked.open(site.url(path))
    assert memory.get(site.url("/")) is None
    assert memory.get(site.url("/b")) is not None


def remembered(memory: Memory, site: FakeWebsite) -> list[str]:
    return [path for path in ("/", "/a", "/b") if memory.get(site.url(path))]


def test_memory_is_bounded_in_the_bytes_that_its_texts_take_up(site: FakeWebsite) -> None:
    """One sign of four bytes makes all of a text take four: what was sent says nothing of it."""
    for path in ("/", "/a"):
        site[path] = html("x" * 1000)
    site["/b"] = html("😀" + "x" * 1000)
    memory = Memory(kept_bytes=6000)
    asked = visits(Watch(), memory)
    for path, kept in (("/", ["/"]), ("/a", ["/", "/a"]), ("/b", ["/b"])):
        asked.open(site.url(path))
        assert remembered(memory, site) == kept


def test_a_page_that_is_read_again_counts_once(site: FakeWebsite) -> None:
    site["/a"] = html("x" * 1000)
    memory = Memory(kept_bytes=4000)
    for hours in range(9):
        visits(Watch(), memory, NOW + timedelta(hours=hours)).open(site.url("/a"))
    visits(Watch(), memory).open(site.url("/"))
    assert remembered(memory, site) == ["/", "/a"]


def test_a_page_beyond_all_bounds_drives_no_other_out(site: FakeWebsite) -> None:
    memory = Memory(kept_bytes=3000)
    visits(Watch(), memory).open(site.url("/b"))
    for body in ("x" * 10, "x" * 9000):
        site["/a"] = html(body)
        visits(Watch(), memory, NOW + timedelta(hours=len(body))).open(site.url("/a"))
    assert remembered(memory, site) == ["/b"]
