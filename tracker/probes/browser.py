"""What a real browser makes of a page: its lists that a script draws, and a picture of it as evidence.

Optional: only where an office names one.

Must never let the browser reach the network by itself: each request it makes is answered by our own fetch,
with all that this refuses, and what goes past that meets a proxy that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.byways import is_of_the_house
from tracker.probes.fetch import Page
from tracker.probes.sights import host_of

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab
    from playwright.sync_api import ProxySettings, Response, Route

Render = Callable[[str], Page]
"""The page at an address as a browser shows it. Raises FetchError if there is none."""

Capture = Callable[[str], bytes]
"""A picture (JPEG) of the head of the page at an address. Raises FetchError if there is none."""

# Port 9 (discard) answers nobody: websockets and whatever else is not a request of the page end there.
_NOWHERE: ProxySettings = {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}
_SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_SWITCHES += [
    "--disable-component-update",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
]
_ASKED_FOR = frozenset({"document", "script", "xhr", "fetch"})
_TELLING = frozenset({"script", "xhr", "fetch"})
# A picture should look like the page; its own pictures are left out, our fetch reads text alone.
_SEEN = _ASKED_FOR | {"stylesheet"}
_MOST_REQUESTS = 60
_WIDTH, _HEIGHT = 1280, 2000
_QUALITIES = (60, 25)
MOST_PICTURE_BYTES = 1024 * 1024


def build_render(executable: str, fetch: Callable[[str], Page], seconds: float = 20.0) -> Render | None:
    """A renderer with this Chromium; None without Playwright. `fetch` must return any text, scripts too."""
    if find_spec("playwright") is None:
        return None

    def render(url: str) -> Page:
        lost: list[str] = []
        with _opened(url, executable, fetch, _ASKED_FOR, seconds, lose=lost.append) as (tab, response):
            text = tab.content()
            status = response.status if response else 0
            lacks = any(is_of_the_house(host_of(link), tab.url) for link in lost)
            return Page(
                tab.url, status, "text/html", text, sha256(text.encode()).hexdigest(), len(text), lacks=lacks
            )

    return render


def build_capture(executable: str, fetch: Callable[[str], Page], seconds: float = 20.0) -> Capture | None:
    """Takes pictures with this Chromium, of at most `MOST_PICTURE_BYTES`; None without Playwright."""
    if find_spec("playwright") is None:
        return None

    def capture(url: str) -> bytes:
        with _opened(url, executable, fetch, _SEEN, seconds) as (tab, _response):
            for quality in _QUALITIES:
                picture = tab.screenshot(type="jpeg", quality=quality, timeout=seconds * 1000)
                if len(picture) <= MOST_PICTURE_BYTES:
                    return picture
        raise FetchError(FetchReason.TOO_LARGE)

    return capture


@contextmanager
def _opened(
    url: str,
    executable: str,
    fetch: Callable[[str], Page],
    kinds: frozenset[str],
    seconds: float,
    *,
    lose: Callable[[str], None] = lambda _url: None,
) -> Iterator[tuple[Tab, Response | None]]:
    """The page in a browser of its own, once nothing more is under way. Raises FetchError."""
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - it need not be installed

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable, args=_SWITCHES, proxy=_NOWHERE, chromium_sandbox=False
            )
            try:
                tab = browser.new_page(
                    service_workers="block",
                    accept_downloads=False,
                    viewport={"width": _WIDTH, "height": _HEIGHT},
                )
                tab.route("**/*", _answering(fetch, kinds, lose))
                yield tab, tab.goto(url, wait_until="networkidle", timeout=seconds * 1000)
            finally:
                browser.close()
    except Error as error:
        raise FetchError(FetchReason.NOT_RENDERED) from error


def _answering(
    fetch: Callable[[str], Page], kinds: frozenset[str], lose: Callable[[str], None]
) -> Callable[[Route], None]:
    """Answers the first requests of a page, those of these kinds, with what our own fetch brings.

    `lose` is told the address of each script, or data of one, that does not come.
    """
    asked = 0

    def answer(route: Route) -> None:
        nonlocal asked
        asked += 1
        request = route.request
        wanted = request.method == "GET" and request.resource_type in kinds and asked <= _MOST_REQUESTS
        try:
            page = fetch(request.url) if wanted else None
        except FetchError:
            page = None
        if request.resource_type in _TELLING and (page is None or page.status >= HTTPStatus.BAD_REQUEST):
            lose(request.url)
        if page is None:
            route.abort()
            return
        kind = page.content_type.partition(";")[0].strip() or "text/html"
        route.fulfill(status=page.status, body=page.text, content_type=f"{kind}; charset=utf-8")

    return answer
