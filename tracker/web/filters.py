"""The list's filters as they stand in an address: read from it, and written into links."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from tracker.domain.lifecycle import State
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter

PAGE = 50


class Filters(BaseModel):
    """What a list is narrowed by; a field left empty in the form does not narrow."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    unit: str | None = None
    state: State | None = None
    domain: str | None = None
    problem_class: str | None = Field(None, alias="class")
    group: Literal["市直", "各区"] | None = None
    basis: Basis | None = None
    overdue: bool | None = None
    bulletin: str | None = None
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
            after=self.after,
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.model_dump(exclude_none=True, exclude={"after"}))

    def link(self, path: str = "/items", **changes: object) -> str:
        """The address of the list with some fields changed; None takes a field out."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True) | changes
        query = urlencode({name: value for name, value in values.items() if value is not None})
        return f"{path}?{query}" if query else path


QueryFilters = Annotated[Filters, Query()]
