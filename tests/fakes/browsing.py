"""A Chromium of this machine, and the pages of a town on a free port: for tests and for screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright

from tests.fakes.pages_office import Town
from tracker.web.access import Seat
from tracker.web.app import create_app
from tracker.web.guard import SESSION_COOKIE
from tracker.web.welcome import STEP_COOKIE

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


@contextmanager
def launched() -> Iterator[Browser]:
    """The machine's browser; a missing one raises LookupError, because a skipped journey proves nothing."""
    found = os.environ.get("RECTIFY_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=_SWITCHES)
        except Error as error:
            raise LookupError(
                "no Chromium: install one (apt install chromium, or playwright install chromium), "
                f"or name it in RECTIFY_CHROMIUM; {error.message.splitlines()[0]}"
            ) from error
        yield browser
        browser.close()


@contextmanager
def served(town: Town) -> Iterator[str]:
    """The address of the pages, served as `rectify web` serves them."""
    config = uvicorn.Config(create_app(town.office, town.clock), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def seated_context(browser: Browser, town: Town, origin: str, seat: Seat | None) -> BrowserContext:
    """The cookies of somebody who sits there already; None: of a stranger who is asked for a code."""
    context = browser.new_context(locale="zh-CN")
    name, value = (SESSION_COOKIE, town.session_tokens[seat]) if seat else (STEP_COOKIE, "of-a-sign-in")
    context.add_cookies([{"name": name, "value": value, "url": origin}])
    return context
