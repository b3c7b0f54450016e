"""`rectify audit` as scripts and people call it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

Change = Callable[[str], None]
pytestmark = pytest.mark.usefixtures("taken_in")


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Write into the database past the program."""

    def execute(statement: str) -> None:
        with closing(sqlite3.connect(tmp_path / "rectify.db")) as connection, connection:
            connection.execute(statement)

    return execute


def test_a_clean_history_is_verified_with_status_zero(rectify: Rectify) -> None:
    said = rectify("audit", "verify")
    assert said.status == 0
    assert {key: said.json[key] for key in ("rows", "items", "faults")} == {
        "rows": 9,
        "items": 9,
        "faults": [],
    }
    last = said.json["last"]
    assert (last["id"], len(last["digest"]), last["at"]) == (9, 64, "2021-07-23T17:00:00+08:00")
    told = rectify("audit", "verify", as_json=False)
    assert (told.status, "未发现改动" in told.out, last["digest"] in told.out) == (0, True, True)


def test_a_fault_is_told_with_the_error_beside_it_and_status_one(rectify: Rectify, change: Change) -> None:
    change("UPDATE history SET actor = '另一人' WHERE id = 5")
    said = rectify("audit", "verify")
    assert said.status == 1
    [fault] = said.json["faults"]
    assert fault == {
        "kind": "row_altered",
        "history_id": 5,
        "number": 5,
        "detail": "第 5 条经过与封印不符：内容被改动，或系后来插入",
    }
    assert said.json["error"] == {
        "code": "tampered",
        "message": "发现 1 处不符，经过可能被改动",
        "details": {"faults": 1},
    }
    told = rectify("audit", "verify", as_json=False)
    assert told.status == 1
    assert "第 5 条经过与封印不符" in told.out
    assert "发现 1 处不符" in told.err


def test_an_archive_holds_the_office_to_what_it_was(rectify: Rectify, tmp_path: Path, change: Change) -> None:
    made = rectify("audit", "export", "--out", "经过.jsonl", "--from", "2021-07-23", "--to", "2021-07-23")
    assert (made.status, made.json["file"], made.json["head"]["rows"]) == (0, "经过.jsonl", 9)
    assert rectify("audit", "verify", "--against", "经过.jsonl").json["faults"] == []
    change("UPDATE history SET digest = 'ff' WHERE id = 9")
    kinds = [fault["kind"] for fault in rectify("audit", "verify", "--against", "经过.jsonl").json["faults"]]
    assert kinds == ["row_altered", "anchor_differs"]
    assert rectify("audit", "verify", "--against", "通报.txt").json["error"]["code"] == "failed"


def test_an_export_never_overwrites(rectify: Rectify, tmp_path: Path) -> None:
    told = rectify("audit", "export", "--out", "经过.jsonl", as_json=False)
    assert "已导出 9 条经过" in told.out
    before = (tmp_path / "经过.jsonl").read_bytes()
    said = rectify("audit", "export", "--out", "经过.jsonl")
    assert (said.status, said.json["error"]["code"]) == (1, "failed")
    assert (tmp_path / "经过.jsonl").read_bytes() == before
    missing = rectify("audit", "export", "--out", "没有/经过.jsonl")
    assert (missing.status, missing.json["error"]["code"]) == (1, "io")


def test_doctor_sees_an_altered_end(rectify: Rectify, change: Change) -> None:
    def trail() -> dict[str, object]:
        return next(check for check in rectify("doctor").json["checks"] if check["name"] == "trail")

    assert trail()["ok"] is True
    change("UPDATE history SET reason = '补记' WHERE id = 9")
    assert trail()["ok"] is False
    assert "audit verify" in str(trail()["detail"])
