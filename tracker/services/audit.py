"""`rectify audit verify`: whether the history, and what rests on it, is as it was written.

Must never repair or write anything: what does not fit is named and left for people to judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from tracker.domain.step_back import BEFORE, UNDOES
from tracker.domain.trail import NOTHING_BEFORE, seal
from tracker.services.office import Office
from tracker.store import Connection, trail
from tracker.store.trail import SealedRow, Span

MAX_NAMED = 1000  # who alters a whole table leaves a fault in each of its rows
Progress = Callable[[int, int], None]


class FaultKind(StrEnum):
    """What does not fit."""

    ROW_ALTERED = "row_altered"
    ROWS_MISSING = "rows_missing"
    ANCHOR_DIFFERS = "anchor_differs"
    ITEM_DIFFERS = "item_differs"
    ITEM_UNTOLD = "item_untold"
    ITEM_MISSING = "item_missing"
    ITEMS_MISCOUNTED = "items_miscounted"
    EVIDENCE_DIFFERS = "evidence_differs"
    FILE_ALTERED = "file_altered"


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit; `detail` is a Chinese sentence, the others None where none is meant."""

    kind: FaultKind
    history_id: int | None
    number: int | None
    detail: str


@dataclass(frozen=True)
class Anchor:
    """A seal that was kept outside the database: row and digest."""

    history_id: int
    digest: str


@dataclass(frozen=True)
class Verdict:
    """Rows and items looked at, the first MAX_NAMED faults, and the row whose seal is to be kept on paper."""

    rows: int
    items: int
    faults: tuple[Fault, ...]
    faults_in_all: int
    last: SealedRow | None


def verify(office: Office, *, against: Anchor | None = None, progress: Progress | None = None) -> Verdict:
    """Recompute every seal, and compare items and evidence with what the history says of them.

    `progress` is called with rows done and rows in all.
    """
    with office.database.read() as connection:
        span, named, count = trail.span(connection), list[Fault](), 0
        for fault in chain(
            _chain(connection, span, progress) if span else (),
            _anchor(connection, against) if against else (),
            _items(connection),
            _evidence(connection),
        ):
            count += 1
            if count <= MAX_NAMED:
                named.append(fault)
        rows, last = (span.rows, trail.row_of(connection, span.last)) if span else (0, None)
        return Verdict(rows, trail.count_items(connection), tuple(named), count, last)


def last_seal_fits(office: Office) -> bool:
    """Whether the latest row follows upon the one before: what an altered end betrays at once."""
    with office.database.read() as connection:
        rows = trail.last_rows(connection, 2)
    if len(rows) < 2:
        return all(_fits(row, NOTHING_BEFORE) for row in rows)
    return _fits(rows[1], rows[0].digest)


def _fits(row: SealedRow, before: str) -> bool:
    if row.values is None:
        return False
    try:
        return seal(row.values, before) == row.digest
    except TypeError:  # bytes, where a hand has written them into SQLite
        return False


def _chain(connection: Connection, span: Span, progress: Progress | None) -> Iterator[Fault]:
    """A row is judged by the seal that stands before it, so that one alteration is one fault."""
    before, last, done = NOTHING_BEFORE, 0, 0
    for rows in trail.batches(connection, span):
        for row in rows:
            if not _fits(row, before):
                yield _broken(row, last)
            before, last = row.digest, row.id
        yield from _noted_evidence(connection, rows)
        done += len(rows)
        if progress:
            progress(done, span.rows)


def _broken(row: SealedRow, last: int) -> Fault:
    """Ids may have gaps of their own, so a gap alone is no fault; beside a broken seal it is a hint."""
    if row.id == last + 1:
        words = f"第 {row.id} 条经过与封印不符：内容被改动，或系后来插入"
        return Fault(FaultKind.ROW_ALTERED, row.id, row.number, words)
    words = f"第 {row.id} 条经过与前一条（第 {last} 条）接不上：其间有经过被删除，或本条被改动"
    return Fault(FaultKind.ROWS_MISSING, row.id, row.number, words)


def _noted_evidence(connection: Connection, rows: Sequence[SealedRow]) -> Iterator[Fault]:
    """Rows must find the evidence they note; steps written before they noted any cannot say what they had."""
    noted = {
        row.id: (row.number, row.detail.get("evidence", []))
        for row in rows
        if isinstance(row.detail, dict) and row.detail.keys() & {"evidence", BEFORE}
    }
    kept = trail.evidence_of(connection, noted)
    for history_id, (number, wanted) in noted.items():
        found = kept.get(history_id, [])
        if found != wanted and not (found == [] and _is_undone(connection, number, history_id)):
            words = f"第 {history_id} 条经过的佐证与当时登记的不符：被改动、删除或添加"
            yield Fault(FaultKind.EVIDENCE_DIFFERS, history_id, number, words)


def _is_undone(connection: Connection, number: int, history_id: int) -> bool:
    """With a reply that is taken back its note goes."""
    later = trail.undoings_since(connection, number, history_id)
    return any(isinstance(row.detail, dict) and row.detail.get(UNDOES) == history_id for row in later)


def _anchor(connection: Connection, against: Anchor) -> Iterator[Fault]:
    found = trail.row_of(connection, against.history_id)
    if found is None or found.digest != against.digest:
        words = "已不存在" if found is None else "的封印已不同：此条或其前的经过被改动后重新封印"
        detail = f"存档中的末条经过（第 {against.history_id} 条）{words}"
        yield Fault(FaultKind.ANCHOR_DIFFERS, against.history_id, None, detail)


def _items(connection: Connection) -> Iterator[Fault]:
    for apart in trail.items_apart(connection):
        if apart.history_id is None:
            words = f"第 {apart.number} 号事项没有任何经过"
            yield Fault(FaultKind.ITEM_UNTOLD, None, apart.number, words)
        else:
            columns = "、".join(apart.columns)
            words = f"第 {apart.number} 号事项的现状（{columns}）与末条经过不符"
            yield Fault(FaultKind.ITEM_DIFFERS, apart.history_id, apart.number, words)
    for gone in trail.items_gone(connection):
        words = f"第 {gone.number} 号事项已不存在，却没有撤回读入的记录"
        yield Fault(FaultKind.ITEM_MISSING, gone.history_id, gone.number, words)
    for title, made, kept in trail.made_and_kept(connection):
        words = f"《{title}》读入的事项应有 {made} 项，实有 {kept} 项"
        yield Fault(FaultKind.ITEMS_MISCOUNTED, None, None, words)


def _evidence(connection: Connection) -> Iterator[Fault]:
    for history_id, number in trail.evidence_astray(connection):
        words = f"第 {number} 号事项的佐证指向不属于它的经过（第 {history_id} 条）"
        yield Fault(FaultKind.EVIDENCE_DIFFERS, history_id, number, words)
    for file in trail.files(connection):
        if file.content is None or hashlib.sha256(file.content).hexdigest() != file.sha256:
            words = f"第 {file.number} 号事项的佐证文件“{file.name}”内容与登记的校验值不符"
            yield Fault(FaultKind.FILE_ALTERED, file.history_id, file.number, words)
