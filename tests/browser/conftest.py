"""A Chromium, and the pages of an invented town served by a real uvicorn on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.fakes.browsing import DESKTOP, PHONE, launched, served
from tests.fakes.pages_office import PASSWORD, Town


@pytest.fixture(scope="module")  # its event loop must not outlive its tests: others start their own
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    made.take_in()
    yield made
    made.close()


@pytest.fixture
def origin(town: Town) -> Iterator[str]:
    with served(town) as address:
        yield address


@dataclass
class Window:
    """One person's browser window; remembers what went wrong in it."""

    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def sign_in(self, login: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("账号").fill(login)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(f"{self.origin}/")

    def scrolls_sideways(self) -> bool:
        self.page.wait_for_load_state()  # a click may still be on its way to the next page
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


class Windows:
    """Opens windows, each with its own cookies; a refused step's 4xx is an answer, not a fault."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser, self.origin, self._all = browser, origin, list[Window]()

    def open(self, *, phone: bool = False) -> Window:
        width, height = PHONE if phone else DESKTOP
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True
        )
        window = Window(context.new_page(), self.origin)
        self._all.append(window)
        window.page.on("pageerror", lambda error: window.faults.append(str(error)))
        window.page.on(
            "console",
            lambda line: (
                window.faults.append(line.text)
                if line.type == "error" and "status of 4" not in line.text
                else None
            ),
        )
        window.page.on(
            "request",
            lambda request: (
                None if request.url.startswith(self.origin) else window.faults.append(request.url)
            ),
        )
        return window

    def forgive(self, words: str) -> None:
        """The test itself broke something: what the browser says of it is no fault."""
        for window in self._all:
            window.faults = [fault for fault in window.faults if words not in fault]

    def close(self) -> list[str]:
        """Close all and return every fault: script errors, console errors, requests that left."""
        for window in self._all:
            window.page.context.close()
        return [fault for window in self._all for fault in window.faults]


@pytest.fixture
def windows(chromium: Browser, origin: str) -> Iterator[Windows]:
    made = Windows(chromium, origin)
    yield made
    assert made.close() == []
