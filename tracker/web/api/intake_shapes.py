"""Answers about documents and exports, as OpenAPI describes them. See `tracker/web/api/shapes.py`."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime

from tracker.web.api.shapes import Item, Shape


class Bulletin(Shape):
    id: int
    title: str
    issued_on: date
    file: str
    sha256: str
    counts: dict[str, int]
    imported_at: AwareDatetime
    imported_by: str
    undone_at: AwareDatetime | None
    undone_by: str | None


class Bulletins(Shape):
    bulletins: list[Bulletin]


class Document(Shape):
    title: str
    issued_on: date | None
    sha256: str


class FoundItem(Item):
    outcome: Literal["new", "unchanged", "changed", "reappeared"]
    unit_known: bool
    key: str


class TrayLine(Shape):
    text: str
    line: int
    why: str


class Dropped(Shape):
    key: str
    text: str
    reason: str


class Reply(Shape):
    unit: str
    problem: str
    text: str
    number: int | None
    line: int


class Claim(Shape):
    quote: str
    kind: str
    stated: Any
    computed: Any
    holds: bool | None
    inputs: dict[str, Any]
    note: str
    line: int


class LikelyUnit(Shape):
    as_written: str
    candidates: list[str]


class LikelyItem(Shape):
    key: str
    numbers: list[int]


class Import(Shape):
    """预览，或读入的结果"""

    reading: str
    bulletin: int | None
    document: Document
    counts: dict[str, int]
    items: list[FoundItem]
    absent: list[int]
    unassigned: list[TrayLine]
    unread: list[TrayLine]
    context: list[TrayLine]
    dropped: list[Dropped]
    replies: list[Reply]
    claims: list[Claim]
    new_units: list[str]
    likely_units: list[LikelyUnit]
    likely_items: list[LikelyItem]


class Feed(Shape):
    id: int
    kind: str
    source: str
    file: str
    sha256: str
    rows: int
    rejected_rows: int
    first_on: date | None
    last_on: date | None
    doubts: list[str]
    already: bool


class Doubtful(Shape):
    number: int
    unit: str
    left: int
    why: list[str]


class Rejected(Shape):
    row: int
    reason: str


class Refused(Shape):
    """已无问题、但系统不能销号的事项，由人办理"""

    number: int
    why: str


class Fed(Shape):
    """读入一份导出的结果"""

    feed: Feed
    opened: list[Item]
    updated: list[Item]
    cleared: list[Item]
    doubtful: list[Doubtful]
    refused: list[Refused]
    rejected: list[Rejected]
    new_units: list[str]
