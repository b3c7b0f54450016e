"""Every page in a real browser: open to everybody's eyes and hands, light, and asking nobody outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, CDPSession, Page

from tests.fakes.browsing import DESKTOP, PHONE, seated_context, served
from tests.fakes.busy_town import busy
from tests.fakes.pages_office import Town
from tests.fakes.shown_pages import PAGES, Shown, places
from tracker.web.access import Seat

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HEAVIEST = 300_000  # bytes over the line at the first visit, everything counted
ZOOMED = (640, 450)  # what 1280 pixels are at 200 %
_AXE = """async () => (await axe.run({resultTypes: ['violations']})).violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target} ${node.failureSummary}`))"""
_CUT_OFF = """async () => {
    const tooWide = () => document.documentElement.scrollWidth > innerWidth;
    for (let frame = 0; frame < 60 && tooWide(); frame++) // a chart follows a moment later
        await new Promise(requestAnimationFrame);
    return tooWide() ? [...document.querySelectorAll('body *')]
        .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.outerHTML.slice(0, 90)) : [];
}"""
TABS = 12
_FOCUSED = """() => {
    const focused = document.activeElement;
    const shows = each => each && getComputedStyle(each).outlineStyle !== 'none';
    const unseen = getComputedStyle(focused).opacity === '0';
    return {
        place: [...document.querySelectorAll('*')].indexOf(focused),
        shows: unseen ? shows(focused.nextElementSibling) || shows(focused.closest('label')) : shows(focused),
        what: focused.outerHTML.slice(0, 120),
    };
}"""


@dataclass
class Eyes:
    """Somebody's window, with what was asked for over the line since it last went somewhere."""

    page: Page
    line: CDPSession
    requested: list[str]
    sizes: list[float]
    errors: list[str]

    @classmethod
    def open(cls, page: Page) -> Eyes:
        made = cls(page, page.context.new_cdp_session(page), [], [], [])
        made.line.send("Network.enable")
        made.line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        made.line.on("Network.loadingFinished", lambda event: made.sizes.append(event["encodedDataLength"]))
        page.on("request", lambda request: made.requested.append(request.url))
        page.on("pageerror", lambda error: made.errors.append(str(error)))
        page.on("console", lambda line: made.errors.append(line.text) if line.type == "error" else None)
        return made

    def go(self, address: str, size: tuple[int, int]) -> int:
        """The status of the answer, when everything has come."""
        for seen in (self.requested, self.sizes, self.errors):
            seen.clear()
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        answer = self.page.goto(address, wait_until="load")
        assert answer is not None
        return answer.status

    def faults_of_access(self) -> list[str]:
        """What axe-core finds serious; it comes over the debugger, so that the policy on scripts holds."""
        self.page.evaluate(AXE_SCRIPT)
        return list(self.page.evaluate(_AXE))

    def cut_off_at(self, size: tuple[int, int]) -> list[str]:
        """What would have to be scrolled to sideways."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        return list(self.page.evaluate(_CUT_OFF))


class World:
    """One town, one server, one browser; a window for each seat."""

    def __init__(self, browser: Browser, town: Town, origin: str) -> None:
        self._browser, self._town, self.origin = browser, town, origin
        self._places = places(town)
        self._eyes: dict[Seat | None, Eyes] = {}

    def address(self, shown: Shown) -> str:
        return self.origin + shown.path.format_map(self._places)

    def eyes(self, seat: Seat | None) -> Eyes:
        if seat not in self._eyes:
            context = seated_context(self._browser, self._town, self.origin, seat)
            self._eyes[seat] = Eyes.open(context.new_page())
        return self._eyes[seat]


@pytest.fixture(scope="module")
def world(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    town = Town(tmp_path_factory.mktemp("busy"))
    busy(town)
    with served(town) as origin:
        yield World(chromium, town, origin)
    town.close()


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_is_open_to_all_light_and_keeps_to_its_host(world: World, shown: Shown) -> None:
    eyes = world.eyes(shown.seat)
    assert eyes.go(world.address(shown), PHONE if shown.on_phone else DESKTOP) == shown.status
    assert [url for url in eyes.requested if not url.startswith((world.origin, "data:"))] == []
    assert sum(eyes.sizes) < HEAVIEST
    assert [error for error in eyes.errors if "status of 4" not in error] == []
    assert eyes.faults_of_access() == []
    assert eyes.cut_off_at(ZOOMED) + eyes.cut_off_at(PHONE) == []


@pytest.mark.parametrize("name", ["overview", "items", "items-number", "leader", "uploads", "my-number"])
def test_the_tab_key_goes_through_a_page_as_it_is_read_and_shows_where_it_is(world: World, name: str) -> None:
    [shown] = [each for each in PAGES if each.name == name]
    eyes = world.eyes(shown.seat)
    eyes.go(world.address(shown), DESKTOP)
    visited = []
    for _ in range(TABS):
        eyes.page.keyboard.press("Tab")
        visited.append(eyes.page.evaluate(_FOCUSED))
    first, *_ = visited
    assert "跳到正文" in first["what"]
    places_in_text = [each["place"] for each in visited]
    assert places_in_text == sorted(set(places_in_text))
    assert [each["what"] for each in visited if not each["shows"]] == []
