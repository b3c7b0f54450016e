"""Renews `docs/images/`: `make screenshots`, or `python -m tests.browser.screenshots [FOLDER [NAME…]]`.

Every page of the busy town: as wide as a screen on a desk, or as a phone where it is made for one. Must never
show anything but the invented city.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.fakes.browsing import DESKTOP, PHONE, launched, seated_context, served
from tests.fakes.busy_town import busy
from tests.fakes.pages_office import Town
from tests.fakes.shown_pages import PAGES, Shown, places
from tracker.web.access import Seat

IMAGES = Path(__file__).resolve().parents[2] / "docs/images"
MOST_BYTES = 150_000
_TALLEST = 1500  # pixels: what a page is for shows in its upper part
_COLOURS = (64, 32, 16)


def small(shot: bytes) -> bytes:
    """The same picture in as few colours as it takes to stay under MOST_BYTES."""
    with Image.open(BytesIO(shot)) as opened:
        whole = opened.convert("RGB").crop((0, 0, opened.width, min(opened.height, _TALLEST)))
    for colours in _COLOURS:
        out = BytesIO()
        whole.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def renew(folder: Path, chosen: set[str]) -> None:
    """Photograph the pages of these names; all when none is named."""
    with TemporaryDirectory() as room, launched() as browser:
        town = Town(Path(room))
        busy(town)
        with served(town) as origin:
            _photograph(browser, town, origin, folder, chosen)
        town.close()


def _photograph(browser: Browser, town: Town, origin: str, folder: Path, chosen: set[str]) -> None:
    known, windows = places(town), dict[Seat | None, Page]()
    for shown in PAGES:
        if chosen and shown.name not in chosen:
            continue
        if shown.seat not in windows:
            windows[shown.seat] = seated_context(browser, town, origin, shown.seat).new_page()
        page = windows[shown.seat]
        width, height = PHONE if shown.on_phone else DESKTOP
        page.set_viewport_size({"width": width, "height": height})
        page.goto(origin + shown.path.format_map(known), wait_until="networkidle")
        (folder / f"{shown.name}.png").write_bytes(small(page.screenshot(full_page=not _is_wall(shown))))


def _is_wall(shown: Shown) -> bool:
    return "wall=" in shown.path


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    target.mkdir(parents=True, exist_ok=True)
    renew(target, set(sys.argv[2:]))
