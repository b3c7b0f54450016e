"""Papers: those that the ladder asks for, proposed by the planner and decided by a person, and those that a
person issues by hand. Only a proposal whose items went with an undone import is deleted.

Must never propose the same paper twice for one deadline of an item.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, select, update

from tracker.domain.ladders import Paper
from tracker.domain.people import SYSTEM
from tracker.store import paper_documents
from tracker.store.conditions import among
from tracker.store.paper_documents import PaperDocument
from tracker.store.reach import within
from tracker.store.schema import item, paper, paper_document, paper_item, unit


class PaperState(StrEnum):
    """A proposal waits until somebody decides."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class StoredPaper:
    """One paper; `kind` is like 督办函, `decision` the words of who decided, `numbers` its items.

    document: what was issued for it; None: nothing, or nothing yet.
    """

    id: int
    unit_id: int
    unit: str
    kind: str
    state: PaperState
    reason: str
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None
    numbers: tuple[int, ...] = ()
    document: PaperDocument | None = None


def propose(
    connection: Connection,
    *,
    unit_id: int,
    kind: str,
    numbers: Collection[int],
    reason: str,
    at: datetime,
    today: Callable[[datetime], date],
) -> int | None:
    """Ask for a paper about these items of a unit, and return its id; `today` gives a moment's date.

    One that waits already takes them in; None when each of them had this paper for its present deadline, and
    since its last deferral, and it is not void. A milder one that waits and has nothing more to say is
    rejected for it.
    """
    fresh = sorted(set(numbers) - _had(connection, kind, numbers, today))
    if not fresh:
        return None
    values = {"reason": reason, "proposed_at": at}
    # Asked for again now: only so does it stand after the deadlines of the items that join.
    renewed = update(paper).where(_waits(unit_id, [kind])).values(values).returning(paper.c.id)
    paper_id = connection.execute(renewed).scalar()
    if paper_id is None:
        values |= {"unit_id": unit_id, "kind": kind, "state": PaperState.PROPOSED.value}
        paper_id = connection.execute(insert(paper).values(values).returning(paper.c.id)).scalar_one()
    listed = select(paper_item.c.item_number).where(paper_item.c.paper_id == paper_id)
    joining = set(fresh) - set(connection.execute(listed).scalars())
    if joining:
        rows = [{"paper_id": paper_id, "item_number": number} for number in sorted(joining)]
        connection.execute(insert(paper_item), rows)
    _replace_milder(connection, unit_id, kind, int(paper_id), at)
    return int(paper_id)


def _had(
    connection: Connection, kind: str, numbers: Collection[int], today: Callable[[datetime], date]
) -> set[int]:
    """Those of these items that had this paper since their clock ran out last: to the unit they are with,
    and not void.
    """
    query = (
        select(paper_item.c.item_number, paper.c.proposed_at, item.c.deferred_until)
        .join(paper, paper.c.id == paper_item.c.paper_id)
        .join(item, item.c.number == paper_item.c.item_number)
        .outerjoin(paper_document, paper_document.c.paper_id == paper.c.id)
        .where(paper.c.kind == kind, paper_document.c.voided_at.is_(None), paper.c.unit_id == item.c.unit_id)
        .where(paper.c.proposed_at > item.c.due_at)
        .where(among(connection, paper_item.c.item_number, set(numbers)))
    )
    return {
        number
        for number, proposed_at, deferred_until in connection.execute(query)
        if deferred_until is None or today(proposed_at) > deferred_until
    }


def _waits(unit_id: int, kinds: Collection[str]) -> ColumnElement[bool]:
    undecided = paper.c.state == PaperState.PROPOSED.value
    return and_(paper.c.unit_id == unit_id, paper.c.kind.in_(kinds), undecided)


def _replace_milder(connection: Connection, unit_id: int, kind: str, paper_id: int, at: datetime) -> None:
    """A 督办函 that nobody has decided about is not sent beside the 通报 about all of its items."""
    order = [each.value for each in Paper]
    stands = select(paper_item.c.item_number).where(paper_item.c.paper_id == paper_id)
    more = select(paper_item).where(
        paper_item.c.paper_id == paper.c.id, paper_item.c.item_number.not_in(stands)
    )
    replaced = select(paper.c.id).where(_waits(unit_id, order[: order.index(kind)]), ~more.exists())
    for milder in connection.execute(replaced).scalars().all():
        words = f"已由{kind}第{paper_id}号代替"
        decide(connection, milder, PaperState.REJECTED, by=SYSTEM, words=words, at=at)


def add_decided(
    connection: Connection, *, unit_id: int, kind: str, numbers: Collection[int], by: str, at: datetime
) -> int:
    """A paper that a person issues by hand: nobody proposed it, so it is approved from the start."""
    values = {"unit_id": unit_id, "kind": kind, "state": PaperState.APPROVED.value, "reason": ""}
    values |= {"proposed_at": at, "decided_at": at, "decided_by": by}
    paper_id = int(connection.execute(insert(paper).values(values).returning(paper.c.id)).scalar_one())
    rows = [{"paper_id": paper_id, "item_number": number} for number in sorted(set(numbers))]
    connection.execute(insert(paper_item), rows)
    return paper_id


def find(connection: Connection, state: PaperState | None = None, limit: int = 500) -> list[StoredPaper]:
    """The newest first."""
    query = _selection().where(*within(connection, paper.c.unit_id))
    query = query.order_by(paper.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(paper.c.state == state.value)
    return _loaded(connection, connection.execute(query).all())


def decided(connection: Connection, *, before: int | None, limit: int) -> list[StoredPaper]:
    """Those that wait for nobody, the newest first; `before`: only ids below it."""
    query = _selection().where(
        paper.c.state != PaperState.PROPOSED.value, *within(connection, paper.c.unit_id)
    )
    if before is not None:
        query = query.where(paper.c.id < before)
    return _loaded(connection, connection.execute(query.order_by(paper.c.id.desc()).limit(limit)).all())


def about(connection: Connection, number: int) -> list[StoredPaper]:
    """The papers that list an item, oldest first."""
    listing = select(paper_item.c.paper_id).where(paper_item.c.item_number == number)
    query = _selection().where(paper.c.id.in_(listing), *within(connection, paper.c.unit_id))
    return _loaded(connection, connection.execute(query.order_by(paper.c.id)).all())


def count(connection: Connection, state: PaperState) -> int:
    query = select(func.count()).select_from(paper).where(paper.c.state == state.value)
    query = query.where(*within(connection, paper.c.unit_id))
    return int(connection.execute(query).scalar_one())


def by_ids(connection: Connection, ids: Iterable[int], *, lock: bool = False) -> list[StoredPaper]:
    found = (among(connection, paper.c.id, set(ids)), *within(connection, paper.c.unit_id))
    query = _selection().where(*found).order_by(paper.c.id)
    if lock:
        query = query.with_for_update(of=paper)
    return _loaded(connection, connection.execute(query).all())


def decide(
    connection: Connection, paper_id: int, state: PaperState, *, by: str, words: str | None, at: datetime
) -> None:
    values = {"state": state.value, "decided_by": by, "decision": words, "decided_at": at}
    connection.execute(update(paper).where(paper.c.id == paper_id).values(values))


def _selection() -> Select[Any]:
    columns = [unit.c.name.label("unit") if name == "unit" else paper.c[name] for name in _COLUMNS]
    return select(*columns).join(unit, unit.c.id == paper.c.unit_id)


_COLUMNS = tuple(name for name in StoredPaper.__dataclass_fields__ if name not in {"numbers", "document"})


def _loaded(connection: Connection, rows: Sequence[Row[Any]]) -> list[StoredPaper]:
    query = select(paper_item.c.paper_id, paper_item.c.item_number).order_by(paper_item.c.item_number)
    query = query.where(among(connection, paper_item.c.paper_id, {row.id for row in rows}))
    numbers: dict[int, list[int]] = {row.id: [] for row in rows}
    for paper_id, number in connection.execute(query):
        numbers[paper_id].append(number)
    documents = paper_documents.of_papers(connection, numbers)
    return [
        StoredPaper(
            **{**row._mapping, "state": PaperState(row.state)},
            numbers=tuple(numbers[row.id]),
            document=documents.get(row.id),
        )
        for row in rows
    ]
