"""`rectify audit export`: the history for archives, in a file by which anybody can recompute the seals.

Must never overwrite a file, nor leave a part of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker.domain.calendar import WorkCalendar
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.periods import plausible
from tracker.domain.trail import SEALED, plain
from tracker.services.audit import Anchor
from tracker.services.office import Office
from tracker.store import Connection, trail
from tracker.store.trail import SealedRow, Span

FORMAT = "rectify-history/1"
_HEAD_AT_MOST = 64 * 1024
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Archive:
    """What an export holds: `head` is its first line, as JSON."""

    file: Path
    head: Mapping[str, object]


def export(
    office: Office,
    file: Path,
    *,
    now: datetime,
    start: date | None = None,
    end: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Archive:
    """Write the history of the days `start` to `end` (both included; None: without limit) as JSON Lines.

    Raises RectifyError if the file exists or the dates are crossed, NotFoundError if nothing was written
    in those days. `progress` is called with rows done and rows in all.
    """
    if file.exists():
        raise RectifyError(f"{file.name}：文件已存在，不覆盖；请换一个文件名")
    since, before = _moments(office.rules.calendar, start, end)
    with office.database.read() as connection:
        whole, span = trail.span(connection), trail.span(connection, since=since, before=before)
        if whole is None or span is None:
            raise NotFoundError("这段时间没有任何经过，没有写出文件")
        head = _head(connection, span, whole)
        head |= {"exported_at": plain(now), "from": plain(start), "to": plain(end)}
        with TemporaryDirectory(prefix=".audit-", dir=file.parent) as room:
            made = Path(room) / file.name
            with made.open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(f"{line}\n" for line in _lines(connection, head, span, progress))
            made.rename(file)
    return Archive(file, head)


def read_anchor(file: Path) -> Anchor:
    """The last seal that an export's first line names; raises RectifyError for any other file."""
    with file.open("rb") as stream:
        line = stream.readline(_HEAD_AT_MOST)
    try:
        head = json.loads(line)
        if head["format"] == FORMAT:
            return Anchor(int(head["last"]["id"]), str(head["last"]["digest"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise RectifyError(f"{file.name}：不是 rectify audit export 写出的文件")


def _moments(
    calendar: WorkCalendar, start: date | None, end: date | None
) -> tuple[datetime | None, datetime | None]:
    if start and end and end < start:
        raise RectifyError(f"起止日期颠倒：{start} 晚于 {end}")
    since = calendar.at(plausible(start), time.min) if start else None
    return since, calendar.at(plausible(end) + timedelta(days=1), time.min) if end else None


def _head(connection: Connection, span: Span, whole: Span) -> dict[str, object]:
    first, last = trail.row_of(connection, span.first), trail.row_of(connection, span.last)
    assert first is not None
    assert last is not None
    return {
        "format": FORMAT,
        "sealed": list(SEALED),
        "rows": span.rows,
        "before": trail.digest_before(connection, span.first),
        "first": _seal(first),
        "last": _seal(last),
        "office": {"rows": whole.rows, "first": whole.first, "last": whole.last},
    }


def _seal(row: SealedRow) -> dict[str, object]:
    return {"id": row.id, "digest": row.digest, "at": plain(row.at)}


def _lines(
    connection: Connection,
    head: Mapping[str, object],
    span: Span,
    progress: Callable[[int, int], None] | None,
) -> Iterator[str]:
    yield _encode(head)
    done = 0
    for rows in trail.batches(connection, span):
        for row in rows:
            if row.values is None:
                raise RectifyError(f"第 {row.id} 条经过无法读取，请先运行 rectify audit verify")
            values = dict(zip(SEALED, map(plain, row.values), strict=True))
            yield _encode(values | {"digest": row.digest})
        done += len(rows)
        if progress:
            progress(done, span.rows)
