"""Corrections from a file, the ledger of imports, and taking one back, as typed by a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

ROW = {
    "id", "title", "issued_on", "file", "sha256", "counts", "corrections", "imported_at", "imported_by",
    "undone_at", "undone_by", "undone_reason",
}  # fmt: skip


def test_a_preview_gives_the_keys_that_a_file_of_corrections_needs(
    rectify: Rectify, bulletin: Path, tmp_path: Path
) -> None:
    preview = rectify("import", bulletin, "--dry-run").json
    assert [item["key"] for item in preview["items"]] == [f"f{n}" for n in range(9)]
    file = tmp_path / "更正.json"
    corrections = [
        {"kind": "drop", "key": "f0", "reason": "已整改"},
        {"kind": "deadline", "key": "f1", "due_on": "2021-12-31"},
    ]
    file.write_text(json.dumps({"reading": preview["reading"], "corrections": corrections}), "utf-8")
    done = rectify("import", bulletin, "--corrections", file).json
    assert done["counts"]["new"] == 8
    assert done["dropped"] == [{"key": "f0", "text": "有未评办件15件。", "reason": "已整改"}]
    assert done["items"][0]["due_on"] == "2021-12-31"
    assert done["bulletin"] == 1
    assert rectify("bulletins").json["bulletins"][0]["corrections"] == corrections


@pytest.mark.parametrize("content", ["不是 JSON", '{"corrections": [{"kind": "x"}]}', "[]"])
def test_a_faulty_file_of_corrections_is_refused_by_name(
    rectify: Rectify, bulletin: Path, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "更正.json"
    file.write_text(content, "utf-8")
    said = rectify("import", bulletin, "--corrections", file)
    assert (said.status, said.json["error"]["code"]) == (1, "bad_correction")
    assert "更正.json" in said.json["error"]["message"]
    assert rectify("items").json == {"items": []}


def test_corrections_go_with_one_file_only(rectify: Rectify, bulletin: Path, tmp_path: Path) -> None:
    file = tmp_path / "更正.json"
    file.write_text("{}", "utf-8")
    assert rectify("import", bulletin, bulletin, "--corrections", file).status == 2


@pytest.mark.usefixtures("taken_in")
def test_an_import_is_listed_undone_and_listed_as_undone(rectify: Rectify) -> None:
    [stands] = rectify("bulletins").json["bulletins"]
    assert set(stands) == ROW
    assert (stands["id"], stands["counts"]["new"], stands["undone_at"]) == (1, 9, None)
    undone = rectify("undo", "1", "--by", "经办", "--reason", "选错了文件").json["bulletin"]
    assert (undone["undone_by"], undone["undone_reason"]) == ("经办", "选错了文件")
    assert rectify("bulletins").json["bulletins"] == [undone]
    assert rectify("items").json == {"items": []}
    table = rectify("bulletins", as_json=False).out
    assert "2021-07-23 经办" in table


@pytest.mark.usefixtures("taken_in")
def test_an_import_that_was_worked_on_is_not_undone_and_the_items_are_named(rectify: Rectify) -> None:
    rectify("sign", 3, "--by", "联络员")
    said = rectify("undo", "1", "--by", "经办", "--reason", "选错了文件")
    assert said.status == 1
    assert said.json["error"]["details"] == {"numbers": [3]}


def test_progress_goes_to_standard_error_alone(rectify: Rectify, bulletin: Path) -> None:
    said = rectify("import", bulletin, as_json=False)
    assert "读入" not in said.out.split("\n")[0]
    assert "新增" in said.out
