"""What intake hands out: the findings of one document, and everything of it that was not understood.

Must never hold a resolved unit, a problem class or a deadline: those are judged later, by the domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Quantity:
    """How many of the faulty things a text counts: 982 and 件."""

    value: int
    measure: str


@dataclass(frozen=True)
class Source:
    """Where a finding stands.

    `annex` is written like 附件4; `row` is the table's own 序号, else the running row of its table from 1;
    `ordinal` is the list number inside the cell; `line` counts from 1 in the file (workbook: in its sheet).
    """

    file: str
    annex: str | None
    row: int | None
    ordinal: int | None
    line: int


@dataclass(frozen=True)
class Finding:
    """One problem of one unit, in the source's wording without list number and markup.

    `group_hint` is 市直 or 各区 when the document itself says so (annex title or 区划 column);
    `domain` is the column's heading without quotes and the word 问题.
    """

    unit_as_written: str
    group_hint: str | None
    domain: str | None
    text: str
    quantity: Quantity | None
    source: Source


@dataclass(frozen=True)
class Leftover:
    """A piece that was not turned into a finding; `why` is a Chinese sentence for the person who looks."""

    text: str
    line: int
    why: str


@dataclass(frozen=True)
class Reading:
    """All that one document says; `unassigned` names no unit, `unread` was not understood."""

    title: str
    issued_on: date | None
    sha256: str
    filename: str
    findings: tuple[Finding, ...]
    unassigned: tuple[Leftover, ...]
    unread: tuple[Leftover, ...]
