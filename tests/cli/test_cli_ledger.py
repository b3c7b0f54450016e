"""`rectify ledger`: the documented JSON, and a file that is edited in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tests.fakes.ledger_editor import Sheet

pytestmark = pytest.mark.usefixtures("taken_in")


def test_a_ledger_goes_out_and_comes_back_with_its_edits(rectify: Rectify, tmp_path: Path) -> None:
    file = tmp_path / "台账.xlsx"
    assert rectify("ledger", "export", file, "--unit", "市教育局").json == {"file": str(file), "items": 5}
    file.write_bytes(Sheet(file).edit(1, 数量="8件", 状态="整改中").as_xlsx())
    expected = {
        "file": "台账.xlsx",
        "written": False,
        "counts": {"changed": 1, "unchanged": 4, "conflict": 0, "refused": 0},
        "rows": [
            {
                "line": 2,
                "number": 1,
                "outcome": "changed",
                "changes": [
                    {"field": "quantity", "before": "15件", "after": "8件"},
                    {"field": "state", "before": "待签收", "after": "整改中"},
                ],
                "conflicts": [],
                "reasons": [],
            }
        ],
        "notices": [],
    }
    assert rectify("ledger", "import", file, "--by", "李强", "--dry-run").json == expected
    assert rectify("ledger", "import", file, "--by", "李强").json == expected | {"written": True}
    shown = rectify("show", 1).json
    assert shown["item"]["quantity"] == {"value": 8, "measure": "件"}
    assert [row["event"] for row in shown["history"]] == ["import", "ledger", "sign"]


@pytest.mark.parametrize("as_json", [True, False])
def test_no_bar_is_drawn_where_nobody_sees_it(rectify: Rectify, tmp_path: Path, as_json: bool) -> None:
    said = rectify("ledger", "export", tmp_path / "台账.xlsx", as_json=as_json)
    assert (said.status, said.err.strip()) == (0, "")


def test_refused_rows_are_named_and_keep_the_rest_from_being_written(
    rectify: Rectify, tmp_path: Path
) -> None:
    file = tmp_path / "台账.xlsx"
    rectify("ledger", "export", file)
    file.write_bytes(Sheet(file).edit(1, 整改时限="月底").edit(2, 备注="好").as_xlsx())
    said = rectify("ledger", "import", file, "--by", "李强")
    assert said.status == 1
    error = said.json["error"]
    assert error["code"] == "ledger_refused"
    assert error["message"].startswith("台账.xlsx：没有写入任何内容，第 2 行（编号 1）整改时限“月底”不是日期")
    [row] = error["details"]["rows"]
    assert (row["line"], row["number"], row["outcome"]) == (2, 1, "refused")
    done = rectify("ledger", "import", file, "--by", "李强", "--skip-refused", as_json=False)
    assert done.status == 0
    assert "备注：空 → 好" in done.out
    assert "已写入：改动 1，未改 7，冲突 0，不能写入 1" in done.out


def test_a_conflict_tells_both_values(rectify: Rectify, tmp_path: Path) -> None:
    file = tmp_path / "台账.xlsx"
    rectify("ledger", "export", file)
    rectify("submit", 1, "--by", "联络员")
    file.write_bytes(Sheet(file).edit(1, 状态="整改中").as_xlsx())
    found = rectify("ledger", "import", file, "--by", "李强", "--dry-run").json
    assert found["counts"]["conflict"] == 1
    assert found["rows"][0]["conflicts"] == [{"field": "state", "before": "待核验", "after": "整改中"}]
