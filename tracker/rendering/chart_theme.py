"""One look for every chart: on the page (ECharts, SVG) and in a PNG (matplotlib).

Lines differ by dash and marker, not only by colour: they are told apart on black-and-white paper.
Must never need a library: the page gets it as JSON, the painter as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INK, SOFT, TRACK, BAR = "#111111", "#555555", "#e6e9ec", "#2b5c8a"
LINE_WIDTH, MARKER_SIZE = 2.2, 7


@dataclass(frozen=True)
class Stroke:
    """How one line is drawn. dash: pixels on and off, empty for a whole line; marker: a name of ECharts."""

    colour: str
    dash: tuple[int, ...]
    marker: str


# Light, middle and dark grey when printed; the whole comes first.
STROKES = (
    Stroke("#14202b", (), "circle"),
    Stroke("#2b5c8a", (7, 3), "rect"),
    Stroke("#b0641a", (2, 3), "triangle"),
    Stroke("#6b7f3f", (9, 3, 2, 3), "diamond"),
)
MARKERS = {"circle": "o", "rect": "s", "triangle": "^", "diamond": "D"}
"""The markers of `Stroke` as matplotlib names them."""


def stroke(position: int) -> Stroke:
    """Of the line at this place; a fifth one begins again."""
    return STROKES[position % len(STROKES)]


def as_json() -> dict[str, Any]:
    """The theme for the page's script."""
    return {
        "ink": INK,
        "soft": SOFT,
        "track": TRACK,
        "lineWidth": LINE_WIDTH,
        "markerSize": MARKER_SIZE,
        "strokes": [
            {"colour": each.colour, "dash": list(each.dash), "marker": each.marker} for each in STROKES
        ],
    }
