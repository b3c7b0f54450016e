"""The documents that were issued for papers: their numbers, their bytes, and which of them are void.

Must never give a number twice, nor alter the bytes of what was issued.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from tracker.store.conditions import among
from tracker.store.reach import within
from tracker.store.schema import paper, paper_document, paper_item, paper_series

_PLAIN = ("serial", "issued_at", "issued_by", "sha256", "voided_at", "voided_by", "void_reason")


@dataclass(frozen=True)
class PaperDocument:
    """What was issued for a paper, but its bytes; `serial` is its number as it is printed."""

    serial: str
    issued_at: datetime
    issued_by: str
    sha256: str
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None


@dataclass(frozen=True)
class NewDocument:
    """What is to be kept: the number `next_number` gave, as it is printed (`serial`), and the docx."""

    kind: str
    year: int
    number: int
    serial: str
    content: bytes


@dataclass(frozen=True)
class Copy:
    """The bytes of one: `content` the docx, `pdf` None until somebody has asked for it."""

    kind: str
    serial: str
    content: bytes
    pdf: bytes | None


def next_number(connection: Connection, kind: str, year: int) -> int:
    """The next number of this series, from 1 on; whoever wants one too waits until this transaction ends.

    One that is rolled back gives its number back: nobody has seen it. Taken after items are locked, before
    endpoints are (see `clockwork.take_planning_turn`), and of one series only: so nobody waits in a ring.
    """
    dialect_insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    first = dialect_insert(paper_series).values(kind=kind, year=year, last=1)
    further = first.on_conflict_do_update(
        index_elements=["kind", "year"], set_={"last": paper_series.c.last + 1}
    )
    return int(connection.execute(further.returning(paper_series.c.last)).scalar_one())


def add(connection: Connection, paper_id: int, document: NewDocument, *, by: str, at: datetime) -> None:
    """Keep what is issued for a paper, with the SHA-256 of its bytes."""
    values = {"paper_id": paper_id, "issued_by": by, "issued_at": at, **vars(document)}
    digest = hashlib.sha256(document.content).hexdigest()
    connection.execute(insert(paper_document).values(values | {"sha256": digest}))


def of_papers(connection: Connection, ids: Iterable[int]) -> dict[int, PaperDocument]:
    """By the paper's id; papers for which nothing was issued are left out."""
    query = select(paper_document.c.paper_id, *(paper_document.c[name] for name in _PLAIN))
    query = query.where(among(connection, paper_document.c.paper_id, set(ids)))
    return {paper_id: PaperDocument(*rest) for paper_id, *rest in connection.execute(query)}


def copy_of(connection: Connection, paper_id: int) -> Copy | None:
    """None for a paper beyond the reach, or without a document."""
    columns = (paper_document.c[name] for name in Copy.__dataclass_fields__)
    row = connection.execute(_reached(connection, select(*columns), paper_id)).one_or_none()
    return None if row is None else Copy(*row)


def keep_pdf(connection: Connection, paper_id: int, pdf: bytes) -> bytes:
    """Keep the PDF of a document unless another process kept one meanwhile; the one that is kept now."""
    mine = update(paper_document).where(paper_document.c.paper_id == paper_id, paper_document.c.pdf.is_(None))
    connection.execute(mine.values(pdf=pdf))
    kept = select(paper_document.c.pdf).where(paper_document.c.paper_id == paper_id)
    return bytes(connection.execute(kept).scalar_one())


def void(connection: Connection, paper_id: int, *, by: str, reason: str, at: datetime) -> None:
    """From now on it counts for nothing; number and bytes stay."""
    statement = update(paper_document).where(paper_document.c.paper_id == paper_id)
    connection.execute(statement.values(voided_at=at, voided_by=by, void_reason=reason))


def last_about(connection: Connection, kind: str, numbers: Iterable[int]) -> dict[int, tuple[datetime, str]]:
    """Item number → moment and serial of the last paper of this kind about it that is not void."""
    query = select(paper_item.c.item_number, paper_document.c.issued_at, paper_document.c.serial)
    query = query.join(paper_document, paper_document.c.paper_id == paper_item.c.paper_id)
    query = query.where(paper_document.c.kind == kind, paper_document.c.voided_at.is_(None))
    query = query.where(among(connection, paper_item.c.item_number, set(numbers)))
    found = connection.execute(query.order_by(paper_document.c.issued_at))
    return {number: (issued_at, serial) for number, issued_at, serial in found}


def _reached(connection: Connection, query: Select[Any], paper_id: int) -> Select[Any]:
    query = query.join_from(paper_document, paper, paper.c.id == paper_document.c.paper_id)
    return query.where(paper.c.id == paper_id, *within(connection, paper.c.unit_id))
