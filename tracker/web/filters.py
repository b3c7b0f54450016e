"""The filters of lists and previews as they stand in an address: read from it, and written into links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tracker.domain.lifecycle import State
from tracker.domain.periods import IssuePeriod
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter
from tracker.store.list_order import Order, Place
from tracker.store.search import words_of

PAGE = 50
_NUMBERS_END = 2**31


class Column(StrEnum):
    """What a list may show of an item, beside its number."""

    UNIT = "unit"
    GROUP = "group"
    DOMAIN = "domain"
    CLASS = "class"
    TEXT = "text"
    QUANTITY = "quantity"
    STATE = "state"
    ISSUED = "issued"
    DUE = "due"
    BULLETIN = "bulletin"


USUAL = (Column.UNIT, Column.DOMAIN, Column.TEXT, Column.QUANTITY, Column.STATE, Column.DUE)


class Filters(BaseModel):
    """A list of items as its address has it; a field left empty in the form does not narrow.

    as_of: a moment; where it lies behind, the items stand as they did then. after, before: the place from
    which the page goes on, or back. view: the saved view it came from, 0 for none. How it looks: sort, cols,
    dense.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    q: str | None = Field(None, max_length=200)
    unit: str | None = None
    state: tuple[State, ...] = ()
    domain: tuple[str, ...] = ()
    problem_class: str | None = Field(None, alias="class")
    group: Literal["市直", "各区"] | None = None
    basis: Basis | None = None
    overdue: bool | None = None
    bulletin: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    issued: str | None = None
    as_of: str | None = Field(None, max_length=40)
    sort: Order = Order.NUMBER
    cols: tuple[Column, ...] = USUAL
    dense: bool | None = None
    after: str | None = None
    before: str | None = None
    view: int | None = Field(None, ge=0, lt=2**31)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: object) -> object:
        return {name: kept for name, value in _pairs(values) if (kept := _filled(value)) is not None}

    @model_validator(mode="after")
    def _is_a_place(self) -> Filters:
        for text in (self.after, self.before):
            if text is not None:
                read_place(self.sort, text)
        if self.as_of is not None:
            datetime.fromisoformat(self.as_of)
        return self

    @property
    def wanted(self) -> ItemFilter:
        """The same for the store, whichever page it is."""
        return ItemFilter(
            unit=self.unit,
            states=self.state,
            domains=self.domain,
            problem_class=self.problem_class,
            overdue=bool(self.overdue),
            bulletin=self.bulletin,
            group=self.group,
            basis=self.basis,
            due_from=self.due_from,
            due_to=self.due_to,
            issued=IssuePeriod.parse(self.issued) if self.issued else None,
            words=words_of(self.q or ""),
        )

    @property
    def start(self) -> Place | None:
        text = self.after or self.before
        return None if text is None else read_place(self.sort, text)

    @property
    def narrowed(self) -> bool:
        return bool(self._said(exclude={*_PLACE, *_LOOK}))

    @property
    def query(self) -> str:
        """What the list is, as a view keeps it: without the page one is on."""
        return urlencode(self._said(exclude=_PLACE), doseq=True)

    def link(self, path: str = "/items", **changes: object) -> str:
        """The address of the list with some fields changed; None takes a field out."""
        return address(path, self._said() | changes)

    def list_link(self, **changes: object) -> str:
        """The same from its first page on."""
        return address("/items", self._said() | dict.fromkeys(_PLACE) | changes)

    def item_link(self, number: int, page: str = "", **more: object) -> str:
        """An item of this list (or another page of the item's), from which one can go on in the list."""
        return address(f"/items/{number}{page}", {"list": self.query or None} | more)

    def page_link(self, *, after: Place | None = None, before: Place | None = None) -> str:
        """The page after a place, or before it."""
        return self.link(
            after=write_place(self.sort, after) if after else None,
            before=write_place(self.sort, before) if before else None,
        )

    def _said(self, *, exclude: set[str] | frozenset[str] = frozenset()) -> dict[str, object]:
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=set(exclude))


_PLACE = frozenset({"after", "before", "view"})
_LOOK = frozenset({"sort", "cols", "dense"})


def _pairs(values: object) -> Iterable[tuple[str, object]]:
    return values.items() if isinstance(values, Mapping) else ()


def _filled(value: object) -> object:
    """Without blanks around it; None for what is empty."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list | tuple):
        return [kept for each in value if (kept := _filled(each)) is not None] or None
    return value


def from_query(text: str) -> Filters:
    """The list of an address after its question mark; all items where that is none of ours."""
    given = parse_qs(text)
    several = {name for name, field in Filters.model_fields.items() if isinstance(field.default, tuple)}
    values = {name: value if name in several else value[-1] for name, value in given.items()}
    try:
        return Filters.model_validate(values)
    except ValidationError:
        return Filters()


def read_place(order: Order, text: str) -> Place:
    """A place as an address has it, `2026-11-20.123`; raises ValueError."""
    key, _, number = text.rpartition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 11 and int(number) < _NUMBERS_END):
        raise ValueError("这不是列表中的位置")
    match order:
        case Order.DUE:
            return Place(date.fromisoformat(key) if key else None, int(number))
        case Order.STATE:
            return Place(State(key).value, int(number))
        case Order.UNIT | Order.UPDATED:
            if not (key.isascii() and key.isdecimal() and len(key) < 16):
                raise ValueError("这不是列表中的位置")
            return Place(int(key), int(number))
    if key:
        raise ValueError("这不是列表中的位置")
    return Place(None, int(number))


def write_place(order: Order, place: Place) -> str:
    """What `read_place` reads."""
    if order in {Order.NUMBER, Order.NEWEST}:
        return str(place.number)
    return f"{'' if place.key is None else place.key}.{place.number}"


QueryFilters = Annotated[Filters, Query()]


class View(StrEnum):
    """What of a preview is looked at: findings (all, or of one outcome), or what stands beside them."""

    ALL = "all"
    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REAPPEARED = "reappeared"
    ABSENT = "absent"
    UNASSIGNED = "unassigned"
    UNREAD = "unread"
    CONTEXT = "context"
    DROPPED = "dropped"
    REPLIES = "replies"
    CORRECTIONS = "corrections"
    CLAIMS = "claims"

    @property
    def has_findings(self) -> bool:
        return self in {View.ALL, View.NEW, View.UNCHANGED, View.CHANGED, View.REAPPEARED}


class PreviewFilters(BaseModel):
    """Where somebody is in a preview; `edit` is the key of the row whose form stands open."""

    model_config = ConfigDict(frozen=True)

    show: View = View.ALL
    unit: str | None = None
    page: int = Field(1, ge=1, lt=100_000)
    edit: str | None = None

    @field_validator("unit", "edit")
    @classmethod
    def _blank_is_unset(cls, value: str | None) -> str | None:
        return (value or "").strip() or None

    def link(self, path: str, anchor: str = "", **changes: object) -> str:
        """The same place with some fields changed; another view or unit begins at its first page."""
        moved = {"page": None} if changes.keys() & {"show", "unit"} else {}
        return address(path, self.model_dump(mode="json", exclude_defaults=True) | moved | changes, anchor)


def address(path: str, values: Mapping[str, object], anchor: str = "") -> str:
    """A path with those values that are not None, at a place of the page."""
    query = urlencode({name: value for name, value in values.items() if value is not None}, doseq=True)
    return path + (f"?{query}" if query else "") + (f"#{anchor}" if anchor else "")


QueryPreview = Annotated[PreviewFilters, Query()]
