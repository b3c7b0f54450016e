"""The filters of lists and previews as they stand in an address: read from it, and written into links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from tracker.domain.lifecycle import State
from tracker.domain.periods import IssuePeriod
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter

PAGE = 50


class Filters(BaseModel):
    """What a list is narrowed by; a field left empty in the form does not narrow.

    issued: `2021Q3` or `2021-07`; due_by: the last day of deadlines.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    unit: str | None = None
    state: State | None = None
    domain: str | None = None
    problem_class: str | None = Field(None, alias="class")
    group: Literal["市直", "各区"] | None = None
    basis: Basis | None = None
    overdue: bool | None = None
    bulletin: str | None = None
    issued: str | None = None
    due_by: date | None = None
    after: int | None = Field(None, ge=0, lt=2**31)

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @property
    def wanted(self) -> ItemFilter:
        """The same for the store."""
        return ItemFilter(
            unit=self.unit,
            state=self.state,
            domain=self.domain,
            problem_class=self.problem_class,
            overdue=bool(self.overdue),
            bulletin=self.bulletin,
            group=self.group,
            basis=self.basis,
            issued=IssuePeriod.parse(self.issued) if self.issued else None,
            due_by=self.due_by,
            after=self.after,
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.model_dump(exclude_none=True, exclude={"after"}))

    def link(self, path: str = "/items", **changes: object) -> str:
        """The address of the list with some fields changed; None takes a field out."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True) | changes
        return address(path, values)


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
    query = urlencode({name: value for name, value in values.items() if value is not None})
    return path + (f"?{query}" if query else "") + (f"#{anchor}" if anchor else "")


QueryPreview = Annotated[PreviewFilters, Query()]
