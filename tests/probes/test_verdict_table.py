"""The verdict table: a dozen and more layouts × class of problem × state of the column × fault of the site.

Each cell is right or `unsure`, and never wrongly `fixed`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.government_site import COLUMN, LAYOUTS, UNLINKED, Layout, State, build
from tests.fakes.website import (
    Answer,
    FakeWebsite,
    endless,
    gzip_bomb,
    html,
    moved,
    slow_body,
    slow_head,
)
from tests.probes.looks import LOCAL, PROBLEMS, probe, target
from tracker.probes import Verdict

pytestmark = pytest.mark.slow

FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE

# What an inspector would say of each state, in the order of `State`.
TRUTH = {
    "missing_column": [FIXED, FIXED, UNSURE, UNSURE, NOT_FIXED, FIXED, UNSURE],
    "empty_column": [FIXED, FIXED, NOT_FIXED, NOT_FIXED, UNSURE, FIXED, UNSURE],
    "stale_column": [FIXED, NOT_FIXED, UNSURE, UNSURE, UNSURE, FIXED, UNSURE],
    "wrong_column": [FIXED, FIXED, UNSURE, UNSURE, NOT_FIXED, NOT_FIXED, UNSURE],
}
READABLE = [layout for layout in LAYOUTS if not layout.blind]
BLIND = [layout for layout in LAYOUTS if layout.blind]
# `make check` goes through three layouts, `make test` through all.
FEW = {LAYOUTS[0].name, LAYOUTS[2].name, LAYOUTS[11].name, "oldest first, next page and last page"}


def each(layouts: list[Layout]) -> list[object]:
    slow = pytest.mark.slow
    return [pytest.param(one, id=named(one), marks=() if one.name in FEW else slow) for one in layouts]


def named(layout: Layout) -> str:
    return layout.name.replace(" ", "-")


def cannot_be_told(layout: Layout, problem_class: str, state: State) -> bool:
    """Beside a fresh list that every page shows, addresses must tell what belongs to the column."""
    no_one_can = layout.side_bar and state in (State.HOLLOW, State.STALE)
    is_guess = layout.detail == "words" and problem_class == "wrong_column"  # bare pages: not seen whole
    return no_one_can or is_guess


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
@pytest.mark.parametrize("layout", each(READABLE))
def test_every_layout_is_read_rightly(layout: Layout, state: State) -> None:
    with FakeWebsite() as site:
        url = build(site, layout, state)
        eyes = probe()
        for problem_class, truths in TRUTH.items():
            truth = truths[list(State).index(state)]
            seen = eyes.look(target(problem_class, url))
            if cannot_be_told(layout, problem_class, state):
                assert seen.verdict in (truth, UNSURE), (problem_class, seen.evidence)
            else:
                assert seen.verdict is truth, (problem_class, seen.evidence)


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
@pytest.mark.parametrize("layout", UNLINKED, ids=named)
def test_what_only_a_sitemap_names_is_read_rightly_and_never_there_for_visitors(
    layout: Layout, state: State
) -> None:
    """What is in the column is in it; whether a visitor would find it is a person's to say."""
    with FakeWebsite() as site:
        url = build(site, layout, state)
        eyes = probe()
        for problem_class in ("empty_column", "stale_column"):
            truth = TRUTH[problem_class][list(State).index(state)]
            seen = eyes.look(target(problem_class, url))
            assert seen.verdict is truth, (problem_class, seen.evidence)
        for problem_class in ("missing_column", "wrong_column"):
            seen = eyes.look(target(problem_class, url))
            both = state is State.UNDER_BOTH_NAMES and problem_class == "wrong_column"
            is_told = layout.start != "bare" and (state is State.ABSENT or both)
            assert seen.verdict is (NOT_FIXED if is_told else UNSURE), (problem_class, seen.evidence)


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
@pytest.mark.parametrize("layout", BLIND, ids=named)
def test_what_only_a_script_shows_is_never_judged(layout: Layout, state: State) -> None:
    with FakeWebsite() as site:
        url = build(site, layout, state)
        for problem_class in ("empty_column", "stale_column"):
            assert probe().look(target(problem_class, url)).verdict is UNSURE


GONE = Answer(b"<h1>404</h1>", status=404)
COLUMN_FAULTS = {
    "gone": GONE,
    "broken server": Answer(b"<h1>500</h1>", status=500),
    "overloaded": Answer(b"", status=503),
    "error page with status 200": html("<p>抱歉，您访问的页面不存在！</p>", title="出错了"),
    "sign-in page": html("<input type=password>", title="统一登录"),
    "sent to an internal address": moved("http://10.0.0.1/"),
    "sent to a file": moved("file:///etc/hostname"),
    "sent in a circle": moved("?again"),
    "sent back to the start": moved("/"),
    "gzip bomb": gzip_bomb(3_000_000),
    "endless": endless(),
    "cut off": Answer(b"<p>half", headers={"Content-Type": "text/html", "Content-Length": "999"}),
    "not gzip": Answer(b"<p>", headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}),
    "an attachment": Answer(b"%PDF", headers={"Content-Type": "application/pdf"}),
    "blank": Answer(b"", headers={"Content-Type": "text/html"}),
}


@pytest.mark.parametrize("fault", COLUMN_FAULTS)
@pytest.mark.parametrize("layout", each(LAYOUTS))
def test_a_column_whose_page_fails_is_never_fixed(layout: Layout, fault: str) -> None:
    with FakeWebsite() as site:
        url = build(site, layout, State.GOOD)
        site[layout.place] = COLUMN_FAULTS[fault]
        site[f"{layout.place.partition('?')[0]}?again"] = moved("?again")
        eyes = probe()
        for problem_class in TRUTH:
            seen = eyes.look(target(problem_class, url))
            assert seen.verdict is (NOT_FIXED if fault == "gone" else UNSURE), (problem_class, seen.evidence)


@pytest.mark.parametrize("answer", [slow_body(), slow_head()], ids=["trickled body", "trickled head"])
def test_a_column_that_trickles_is_unsure(answer: Answer) -> None:
    with FakeWebsite() as site:
        url = build(site, LAYOUTS[0], State.GOOD)
        site[LAYOUTS[0].place] = answer
        eyes = probe(policy=replace(LOCAL, total_seconds=0.3))
        for problem_class in TRUTH:
            assert eyes.look(target(problem_class, url)).verdict is UNSURE


SITE_FAULTS = {
    "the start is broken": ("/", Answer(b"", status=502)),
    "the start is a sign-in page": ("/", html("", title="登录")),
    "the start leads inside": ("/", moved("http://169.254.169.254/")),
    "robots.txt forbids all": ("/robots.txt", Answer(b"User-agent: *\nDisallow: /")),
    "robots.txt is broken": ("/robots.txt", Answer(b"", status=500)),
}


@pytest.mark.parametrize("fault", SITE_FAULTS)
@pytest.mark.parametrize("layout", each(LAYOUTS))
def test_a_site_that_cannot_be_seen_is_unsure_for_every_class(layout: Layout, fault: str) -> None:
    with FakeWebsite() as site:
        url = build(site, layout, State.GOOD)
        path, answer = SITE_FAULTS[fault]
        site[path] = answer
        for problem_class in PROBLEMS:
            seen = probe().look(target(problem_class, url))
            assert (seen.verdict, seen.evidence.get("found", [])) == (UNSURE, [])


@pytest.mark.parametrize("layout", each(READABLE))
def test_of_a_site_that_was_not_seen_whole_nothing_is_said_to_be_missing(layout: Layout) -> None:
    with FakeWebsite() as site:
        url = build(site, layout, State.ABSENT)
        site["/zwgk/bszn/"] = site["/list/bszn.html"] = Answer(b"", status=500)
        assert probe().look(target("missing_column", url)).verdict is UNSURE


@pytest.mark.parametrize("layout", each(LAYOUTS))
def test_documents_that_do_not_open_fix_nothing(layout: Layout) -> None:
    with FakeWebsite() as site:
        url = build(site, layout, State.GOOD)
        for number in range(100, 110):
            for path in site.paths(f"{number}.html"):
                site[path] = GONE
        for problem_class in ("empty_column", "stale_column"):
            assert probe().look(target(problem_class, url)).verdict is not FIXED


def test_the_evidence_shows_column_document_and_limit() -> None:
    with FakeWebsite() as site:
        url = build(site, LAYOUTS[0], State.GOOD)
        seen = probe().look(target("stale_column", url))
        assert seen.evidence["summary"] == f"栏目“{COLUMN}”最新一条为 2021-09-08，在14天之内"
        [found] = seen.evidence["found"]  # type: ignore[misc]
        assert found["link"] == site.url("/zwgk/gzdt/")
        assert (found["newest"], found["newest_at_most"], found["limit"]) == (
            "2021-09-08",
            "2021-09-08",
            "14天",
        )
        assert found["document"]["link"] == site.url("/zwgk/gzdt/202109/t20210908_100.html")
