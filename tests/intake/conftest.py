"""A Chinese font that is quickly loaded: the whole one takes half a second, and as long to be embedded."""

from __future__ import annotations

from pathlib import Path
from string import printable

import pytest
from fontTools import subset
from fpdf import FPDF

from tracker.rendering.charts import font_file

LETTERS = printable + "序号单位问题市教育局没有设置甲专栏。云澜通报一网办长期文件⼀⽹⻓⽂"


@pytest.fixture(scope="session")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The font of the charts with no more than LETTERS in it."""
    cut = tmp_path_factory.mktemp("font") / "letters.ttf"
    options = subset.Options(layout_features=[])
    loaded = subset.load_font(str(font_file()), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=LETTERS)
    subsetter.subset(loaded)
    subset.save_font(loaded, str(cut), options)
    loaded.close()
    return cut


@pytest.fixture
def page(font: Path) -> FPDF:
    """A document of one empty page."""
    made = FPDF(format="A4")
    made.add_font("song", fname=str(font))
    made.set_font("song", size=10)
    made.add_page()
    return made
