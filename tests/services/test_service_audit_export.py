"""The history for archives: whole, recomputable by anybody, and a seal to hold the office to."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.conftest import Begin
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.lifecycle import Event
from tracker.services import advance
from tracker.services.audit import Anchor, verify
from tracker.services.audit_export import export, read_anchor
from tracker.services.office import Office
from tracker.store import trail

NOW = at("2021-07-23 17:00")


def work(office: Office) -> None:
    """Rows 1 to 9 on 23 July, 10 late in the evening of the 26th, 11 on the 27th, 12 dated the 25th."""
    take_in(office, NOW)
    for number, moment in ((1, "2021-07-26 23:59"), (2, "2021-07-27 00:00"), (3, "2021-07-25 08:00")):
        advance.perform(office, Event.SIGN, [number], by="李联", now=at(moment), reason="收到")


@pytest.fixture
def worked(office: Office, begin: Begin) -> Office:
    begin(work)
    return office


def read(file: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head, *rows = map(json.loads, file.read_text("utf-8").splitlines())
    return head, rows


def test_a_stranger_can_recompute_every_seal_from_the_file_alone(worked: Office, tmp_path: Path) -> None:
    export(worked, tmp_path / "经过.jsonl", now=NOW)
    head, rows = read(tmp_path / "经过.jsonl")
    digest = head["before"]
    for row in rows:
        sealed = [row[name] for name in head["sealed"]] + [digest]
        words = json.dumps(sealed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(words.encode()).hexdigest()
        assert digest == row["digest"]
    assert (head["rows"], digest) == (len(rows), head["last"]["digest"])


def test_the_head_says_what_the_file_holds(worked: Office, tmp_path: Path) -> None:
    archive = export(worked, tmp_path / "经过.jsonl", now=NOW, start=date(2021, 7, 26))
    head, rows = read(archive.file)
    assert head == dict(archive.head)
    assert {key: head[key] for key in ("format", "rows", "from", "to", "exported_at", "office")} == {
        "format": "rectify-history/1",
        "rows": 3,
        "from": "2021-07-26",
        "to": None,
        "exported_at": "2021-07-23T09:00:00+00:00",
        "office": {"rows": 12, "first": 1, "last": 12},
    }
    assert (head["first"]["id"], head["last"]["id"]) == (10, 12)
    assert rows[0] == {
        "id": 10,
        "item_number": 1,
        "at": "2021-07-26T15:59:00+00:00",
        "actor": "李联",
        "event": "sign",
        "reason": "收到",
        "detail": rows[0]["detail"],
        "state": "signed",
        "due_on": rows[0]["due_on"],
        "due_at": rows[0]["due_at"],
        "submitted_at": None,
        "finished_at": None,
        "deferred_until": None,
        "digest": head["first"]["digest"],
    }


@pytest.mark.parametrize(
    ("start", "end", "ids"),
    [
        (None, date(2021, 7, 23), range(1, 10)),
        (date(2021, 7, 26), date(2021, 7, 26), [10]),
        (date(2021, 7, 24), date(2021, 7, 26), [10, 11, 12]),  # no gap: 12 was dated back
        (None, None, range(1, 13)),
    ],
)
def test_days_are_the_offices_and_leave_no_gap_in_the_chain(
    worked: Office, tmp_path: Path, start: date | None, end: date | None, ids: list[int]
) -> None:
    export(worked, tmp_path / "经过.jsonl", now=NOW, start=start, end=end)
    assert [row["id"] for row in read(tmp_path / "经过.jsonl")[1]] == list(ids)


def test_the_last_seal_of_a_file_is_what_an_office_is_held_to(worked: Office, tmp_path: Path) -> None:
    file = export(worked, tmp_path / "经过.jsonl", now=NOW, end=date(2021, 7, 23)).file
    anchor = read_anchor(file)
    assert anchor == Anchor(9, read(file)[1][-1]["digest"])
    assert verify(worked, against=anchor).faults == ()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"{}", b'{"format": "rectify-history/1"}', b'{"format": "rectify-history/9"}',
     b'{"format": "rectify-history/1", "last": {"id": "x", "digest": 7}}', b'{"a": ' * 20_000],
)  # fmt: skip
def test_any_other_file_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "其他.jsonl").write_bytes(content)
    with pytest.raises(RectifyError, match="不是 rectify audit export 写出的文件"):
        read_anchor(tmp_path / "其他.jsonl")


def test_a_file_is_never_overwritten_and_nothing_is_left_beside_it(worked: Office, tmp_path: Path) -> None:
    folder = tmp_path / "存档"
    folder.mkdir()
    (folder / "经过.jsonl").write_text("旧", "utf-8")
    with pytest.raises(RectifyError, match="不覆盖"):
        export(worked, folder / "经过.jsonl", now=NOW)
    assert (folder / "经过.jsonl").read_text("utf-8") == "旧"
    assert [path.name for path in folder.iterdir()] == ["经过.jsonl"]


def test_days_without_any_row_make_no_file(worked: Office, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="没有任何经过"):
        export(worked, tmp_path / "经过.jsonl", now=NOW, start=date(2021, 8, 1))
    with pytest.raises(RectifyError, match="颠倒"):
        export(worked, tmp_path / "经过.jsonl", now=NOW, start=date(2021, 8, 1), end=date(2021, 7, 1))
    assert not (tmp_path / "经过.jsonl").exists()


def test_a_row_that_cannot_be_read_leaves_no_half_of_a_file(worked: Office, tmp_path: Path) -> None:
    if not worked.database.is_sqlite:
        pytest.skip("PostgreSQL refuses such values itself")
    with worked.database.write() as connection:
        connection.execute(text("UPDATE history SET detail = '{' WHERE id = 10"))
    folder = tmp_path / "存档"
    folder.mkdir()
    with pytest.raises(RectifyError, match="第 10 条经过无法读取"):
        export(worked, folder / "经过.jsonl", now=NOW)
    assert list(folder.iterdir()) == []


def test_progress_ends_with_all_rows(worked: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_BATCH", 5)
    seen: list[tuple[int, int]] = []
    export(worked, tmp_path / "经过.jsonl", now=NOW, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(5, 12), (10, 12), (12, 12)]
    assert len(read(tmp_path / "经过.jsonl")[1]) == 12
