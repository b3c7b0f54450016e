"""A Chromium, and the pages of an invented town served by a real uvicorn on a free port."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.fakes.pages_office import PASSWORD, Town
from tracker.web.app import create_app

DESKTOP, PHONE = (1280, 900), (390, 844)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")  # its event loop must not outlive its tests: others start their own
def chromium() -> Iterator[Browser]:
    """The machine's browser; a missing one fails, because a skipped journey proves nothing."""
    found = os.environ.get("RECTIFY_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=_SWITCHES)
        except Error as error:
            pytest.fail(
                "no Chromium: install one (apt install chromium, or playwright install chromium), "
                f"or name it in RECTIFY_CHROMIUM; {error.message.splitlines()[0]}"
            )
        yield browser
        browser.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    made.take_in()
    yield made
    made.close()


@pytest.fixture
def origin(town: Town) -> Iterator[str]:
    """The address of the pages, served as `rectify web` serves them."""
    config = uvicorn.Config(create_app(town.office, town.clock), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


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
