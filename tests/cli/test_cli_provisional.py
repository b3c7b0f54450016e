"""A date past the last holiday notice says 暂定 wherever the command line shows or writes it."""

from __future__ import annotations

from pathlib import Path

from python_calamine import load_workbook

from tests.cli.conftest import Rectify
from tests.support import BULLETIN

NOW = "2026-12-25T17:00"


def test_lists_single_items_and_the_ledger_say_which_dates_may_still_move(
    rectify: Rectify, tmp_path: Path
) -> None:
    file = tmp_path / "岁末通报.txt"
    file.write_text(BULLETIN.replace("2021年7月23日", "2026年12月25日"), "utf-8")
    foretold = rectify("import", file, "--dry-run", now=NOW).json["items"]
    rectify("import", file, now=NOW)
    expected = {each["number"]: each["provisional"] for each in rectify("items", now=NOW).json["items"]}
    assert set(expected.values()) == {True, False}
    assert [each["provisional"] for each in foretold] == list(expected.values())
    listed = rectify("items", now=NOW, as_json=False).out
    assert listed.count("（暂定）") == sum(expected.values())
    for number, is_provisional in expected.items():
        assert ("（暂定）" in rectify("show", number, now=NOW, as_json=False).out) == is_provisional
    rectify("ledger", "export", tmp_path / "台账.xlsx", now=NOW)
    header, *rows = load_workbook(tmp_path / "台账.xlsx").get_sheet_by_index(0).to_python()
    column = header.index("是否暂定")
    assert [row[column] == "是" for row in rows if row[0]] == list(expected.values())
