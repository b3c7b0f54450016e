"""What a real browser makes of a page whose lists a script draws. Optional: only where an office names one.

Must never let the browser reach the network by itself: each request it makes is answered by our own fetch,
with all that this refuses, and what goes past that meets a proxy that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.fetch import Page

if TYPE_CHECKING:
    from playwright.sync_api import ProxySettings, Route

Render = Callable[[str], Page]
"""The page at an address as a browser shows it. Raises FetchError if there is none."""

# Port 9 (discard) answers nobody: websockets and whatever else is not a request of the page end there.
_NOWHERE: ProxySettings = {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}
_SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_SWITCHES += [
    "--disable-component-update",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
]
_ASKED_FOR = frozenset({"document", "script", "xhr", "fetch"})
_MOST_REQUESTS = 60


def build_render(executable: str, fetch: Callable[[str], Page], seconds: float = 20.0) -> Render | None:
    """A renderer with this Chromium; None without Playwright. `fetch` must return any text, scripts too."""
    if find_spec("playwright") is None:
        return None

    def render(url: str) -> Page:
        return _rendered(url, executable, fetch, seconds)

    return render


def _rendered(url: str, executable: str, fetch: Callable[[str], Page], seconds: float) -> Page:
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - it need not be installed

    asked = 0

    def answer(route: Route) -> None:
        nonlocal asked
        asked += 1
        request = route.request
        wanted = request.method == "GET" and request.resource_type in _ASKED_FOR and asked <= _MOST_REQUESTS
        try:
            page = fetch(request.url) if wanted else None
        except FetchError:
            page = None
        if page is None:
            route.abort()
            return
        kind = page.content_type.partition(";")[0].strip() or "text/html"
        route.fulfill(status=page.status, body=page.text, content_type=f"{kind}; charset=utf-8")

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable, args=_SWITCHES, proxy=_NOWHERE, chromium_sandbox=False
            )
            try:
                page = browser.new_page(service_workers="block", accept_downloads=False)
                page.route("**/*", answer)
                response = page.goto(url, wait_until="networkidle", timeout=seconds * 1000)
                text = page.content()
                status = response.status if response else 0
                return Page(page.url, status, "text/html", text, sha256(text.encode()).hexdigest(), len(text))
            finally:
                browser.close()
    except Error as error:
        raise FetchError(FetchReason.NOT_RENDERED) from error
