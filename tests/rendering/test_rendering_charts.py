from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from tracker.domain.errors import RectifyError
from tracker.domain.rates import Rate
from tracker.rendering.charts import RateBar, font_file, rate_chart

ROWS = [
    RateBar("市直", Rate(148, 176), Rate(142, 176)),
    RateBar("各区", Rate(110, 117), Rate(0, 0)),
    RateBar("云台区", Rate(0, 0)),
]
BAR = (0x2B, 0x5C, 0x8A)


def pixels(png: bytes, colour: tuple[int, int, int]) -> int:
    image = Image.open(BytesIO(png)).convert("RGB")
    return sum(count for count, found in image.getcolors(image.width * image.height) or [] if found == colour)


@pytest.mark.slow
def test_the_chart_is_a_png_that_a_chat_accepts() -> None:
    rows = [
        RateBar(f"云澜市第{number}号责任单位", Rate(number, 60), Rate(number // 2, 60))
        for number in range(61)
    ]
    png = rate_chart(rows, "整改率", "截至2026年11月20日")
    assert png.startswith(b"\x89PNG")
    assert len(png) < 2 * 1024 * 1024


def test_equal_rows_give_equal_bytes() -> None:
    assert rate_chart(ROWS, "整改率", "副题") == rate_chart(ROWS, "整改率", "副题")
    assert b"Software" not in rate_chart(ROWS, "整改率", "副题")


def test_a_bar_is_as_long_as_its_rate() -> None:
    half, whole = (pixels(rate_chart([RateBar("甲", Rate(part, 2))], "题", ""), BAR) for part in (1, 2))
    assert whole == pytest.approx(2 * half, rel=0.03)
    assert pixels(rate_chart([RateBar("甲", Rate(0, 2))], "题", ""), BAR) == 0


def test_last_week_leaves_a_mark_only_where_it_is_known() -> None:
    without = rate_chart([RateBar("甲", Rate(1, 2))], "题", "")
    assert rate_chart([RateBar("甲", Rate(1, 2), Rate(0, 0))], "题", "") == without
    assert rate_chart([RateBar("甲", Rate(1, 2), Rate(1, 4))], "题", "") != without


def test_a_value_is_printed_with_numerator_and_denominator() -> None:
    assert [row.value_label for row in ROWS] == ["84.1%（148/176）", "94%（110/117）", "—"]


def test_characters_without_a_glyph_and_formulas_are_drawn_as_text() -> None:
    # A missing glyph or a formula that cannot be parsed is a warning or an error: both fail this test.
    hostile = "😀\U0002a6d6$\\frac{$_^ \x07\n〇㎡镕喆"
    png = rate_chart([RateBar(hostile, Rate(1, 3), Rate(1, 4))], hostile, hostile)
    assert png == rate_chart([RateBar(hostile, Rate(1, 3), Rate(1, 4))], hostile, hostile)


def test_a_label_of_any_length_leaves_the_bar_its_room() -> None:
    long, short = (rate_chart([RateBar("局" * size, Rate(1, 1))], "题", "") for size in (200, 32))
    assert pixels(long, BAR) == pixels(short, BAR) > 0


def test_no_rows_give_a_chart_that_says_so() -> None:
    assert rate_chart([], "题", "") != rate_chart([RateBar("", Rate(0, 0))], "题", "")


def test_a_missing_font_is_named_in_chinese() -> None:
    with pytest.raises(RectifyError, match=r"缺少中文字体.*no_such_package"):
        font_file("no_such_package")


def test_matplotlib_is_not_imported_before_a_chart_is_drawn() -> None:
    code = "import sys, tracker.rendering.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
