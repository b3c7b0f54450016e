"""What intake hands out: the findings of one document, and everything of it that was not understood.

Must never hold a resolved unit, a problem class or a deadline: those are judged later, by the domain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker.intake.document import Document


class Quantity(NamedTuple):
    """How many of the faulty things a text counts: 982 and 件."""

    value: int
    measure: str


class Source(NamedTuple):
    """Where a finding stands.

    `annex` is written like 附件4; `row` is the table's own 序号, else the running row of its table from 1;
    `ordinal` is the list number inside the cell; `line` counts from 1 in the file (workbook: in its sheet).
    """

    file: str
    annex: str | None
    row: int | None
    ordinal: int | None
    line: int


@dataclass(frozen=True, slots=True)
class MediaAccount:
    """A new-media account (政务新媒体账号) that a problem is about, as the source writes it.

    `platform` is like 微信公众号; `updated_on` the last update the source states, None if it states none.
    """

    name: str
    platform: str | None
    updated_on: date | None


class Finding(NamedTuple):
    """One problem of one unit, in the source's wording without list number and markup.

    `unit_as_written` is whom the source names: a unit, or an account when it names no more than that;
    `owner` is the unit or place it gives beside an account (虞城县微信公众号“…”), who then has the problem.
    `group_hint` is 市直 or 各区 when the document itself says so (annex title or 区划 column);
    `domain` is the column's heading without quotes and the word 问题.
    """

    unit_as_written: str
    group_hint: str | None
    domain: str | None
    text: str
    quantity: Quantity | None
    source: Source
    account: MediaAccount | None = None
    owner: str | None = None

    @property
    def described(self) -> str:
        """The text with what it is about, by which it is classed: 半年没有更新 of a 微博."""
        if self.account is None or self.account.name in self.text:
            return self.text
        return f"{self.account.platform or '账号'}{self.text}"

    @property
    def responsible(self) -> str:
        """Whose problem it is, as written."""
        return self.owner or self.unit_as_written


class Leftover(NamedTuple):
    """A piece that was not turned into a finding; `why` is a Chinese sentence for the person who looks."""

    text: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a unit reports about a problem that was put to it (整改情况): news of an item, not a new one.

    `problem` is the problem as the reply quotes it, "" if it only tells what was done; `text` is what was
    done; `is_done`: the reply says that it is finished.
    """

    unit_as_written: str
    problem: str
    text: str
    is_done: bool
    line: int


@dataclass(frozen=True)
class Reading:
    """All that one document says; `unassigned` names no unit, `unread` was not understood.

    `context` are the lines that were understood and state no problem, each with why; with the lines of
    findings, replies, `unassigned` and `unread` they make up the whole `document`.
    """

    title: str
    issued_on: date | None
    sha256: str
    filename: str
    document: Document
    findings: Sequence[Finding]
    replies: tuple[Reply, ...]
    unassigned: Sequence[Leftover]
    unread: Sequence[Leftover]
    context: Sequence[Leftover]
