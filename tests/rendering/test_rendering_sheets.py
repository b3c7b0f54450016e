"""A list as a file: whole or not at all, and never a formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from python_calamine import load_workbook

from tracker.domain.errors import RectifyError
from tracker.rendering.sheets import SUFFIXES, write_sheet

HEADINGS = ("接收人", "项数")
ROWS = [("市教育局 李联（联络员）", 2), ("=HYPERLINK(1)", 1), ("-1+1", 0), ("", 3)]


def read(file: Path) -> list[list[str]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [[cell.removeprefix("'") for cell in row] for row in csv.reader(lines)]
    [sheet] = load_workbook(str(file)).sheet_names
    rows = load_workbook(str(file)).get_sheet_by_name(sheet).to_python()
    return [[str(int(cell)) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_row_is_read_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"演练{suffix}"
    write_sheet(file, HEADINGS, ROWS)
    assert read(file) == [list(HEADINGS), *([who, str(count)] for who, count in ROWS)]
    assert list(tmp_path.iterdir()) == [file]


def test_no_cell_of_a_csv_begins_as_a_formula_does(tmp_path: Path) -> None:
    write_sheet(tmp_path / "演练.csv", HEADINGS, ROWS)
    text = (tmp_path / "演练.csv").read_text("utf-8-sig")
    assert "\r\n'=HYPERLINK(1),1\r\n'-1+1,0\r\n" in text.replace("\n", "\r\n")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(RectifyError, match="文件无法写入"):
        write_sheet(tmp_path / f"没有这个目录/演练{suffix}", HEADINGS, ROWS)
    (tmp_path / f"目录{suffix}").mkdir()
    with pytest.raises(RectifyError, match="文件无法写入"):
        write_sheet(tmp_path / f"目录{suffix}", HEADINGS, ROWS)
    assert [each.name for each in tmp_path.iterdir()] == [f"目录{suffix}"]
