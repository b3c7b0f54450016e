"""Lines over time: the same on the page and in the picture, told apart without colour."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image

from tracker.domain.rates import Rate
from tracker.rendering.chart_theme import MARKERS, STROKES, as_json, stroke
from tracker.rendering.trend import Series, Trend, rate_words, trend_chart

LABELS = ("11/2", "11/9", "今天")
TREND = Trend(
    LABELS,
    (
        Series("合计", (Rate(0, 293), Rate(200, 293), Rate(258, 293))),
        Series("市直", (None, Rate(100, 176), Rate(148, 176))),
    ),
)


def colours(png: bytes) -> set[tuple[int, int, int]]:
    image = Image.open(BytesIO(png)).convert("RGB")
    return {colour for _, colour in image.getcolors(image.width * image.height) or []}


def rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))  # type: ignore[return-value]


def test_page_and_picture_draw_with_the_same_strokes() -> None:
    theme = TREND.as_json()["theme"]
    assert [each["colour"] for each in theme["strokes"]] == [each.colour for each in STROKES]
    found = colours(trend_chart(TREND, "整改率走势", "副题"))
    assert {rgb(each.colour) for each in STROKES[:2]} <= found
    drawn = TREND.drawing().lines
    assert [(line.colour, line.marker) for line in drawn] == [
        (stroke(place).colour, stroke(place).marker) for place in (0, 1)
    ]


def test_lines_differ_by_dash_marker_and_grey() -> None:
    assert len({each.dash for each in STROKES}) == len({each.marker for each in STROKES}) == len(STROKES)
    assert {each.marker for each in STROKES} == set(MARKERS)
    greys = sorted(sum(rgb(each.colour)) for each in STROKES)
    assert greys[1] - greys[0] > 60
    assert stroke(len(STROKES)) == stroke(0)


def test_equal_lines_give_equal_bytes_without_the_painters_name() -> None:
    one, two = (trend_chart(TREND, "整改率走势", "副题") for _ in range(2))
    assert one == two
    assert b"Software" not in one


@pytest.mark.parametrize(("lowest", "floor"), [(0, 0), (19, 0), (20, 20), (79, 60), (81, 80), (100, 80)])
def test_the_scale_begins_at_a_round_number_below_the_lowest_rate(lowest: int, floor: int) -> None:
    trend = Trend(("1", "2"), (Series("合计", (Rate(lowest, 100), Rate(100, 100))),))
    assert trend.floor == floor
    drawing = trend.drawing()
    assert drawing.ticks[0][0] == f"{floor}%"
    assert drawing.ticks[-1][0] == "100%"
    top, bottom = drawing.ticks[-1][1], drawing.ticks[0][1]
    assert all(top <= y <= bottom for line in drawing.lines for _, y in line.points)


def test_a_week_without_items_is_a_gap_and_says_so() -> None:
    assert TREND.series[1].values == [None, 56.8, 84.1]
    assert len(TREND.drawing().lines[1].points) == 2
    words = TREND.as_json()["series"][1]["words"]
    assert words == ["—", "56.8%（100/176）", "84.1%（148/176）"]
    assert rate_words(Rate(0, 0)) == "—"


def test_hostile_names_and_nothing_at_all_are_drawn_as_text() -> None:
    odd = Trend(("1", "2"), (Series("$x_{", (Rate(1, 2), Rate(1, 2))),))
    assert trend_chart(odd, "$\\frac{", "\ue000").startswith(b"\x89PNG")
    assert trend_chart(Trend((), ()), "整改率走势", "").startswith(b"\x89PNG")
    assert Trend((), ()).drawing().lines == ()


def test_the_theme_is_json() -> None:
    assert json.loads(json.dumps(as_json()))["lineWidth"] > 1
