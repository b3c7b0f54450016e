"""`config/columns.toml`: names and limits of columns, and how much of a site a check may ask for.

Must never accept a limit that says nothing, nor one name in two groups of synonyms.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tracker.domain.columns import Age, ColumnKind, ColumnRules, WalkLimits
from tracker.rules.files import ConfigFolder

_FILE = "columns.toml"
_Word = Annotated[str, StringConstraints(min_length=2)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Limit(_Strict):
    days: int = Field(0, ge=0, le=3650)
    months: int = Field(0, ge=0, le=120)

    @model_validator(mode="after")
    def _says_one(self) -> _Limit:
        if bool(self.days) == bool(self.months):
            raise ValueError("须写 days 或 months 之一，且大于 0")
        return self

    @property
    def age(self) -> Age:
        return Age(self.days, self.months)


class _Kind(_Strict):
    words: list[_Word]
    limit: _Limit
    lists: dict[str, _Limit] = {}
    warn_days: int = Field(3, ge=0, le=365)


class _Default(_Strict):
    limit: _Limit


class _Walk(_Strict):
    pages: int = Field(60, ge=1, le=1000)
    megabytes: int = Field(20, ge=1, le=500)
    seconds: int = Field(180, ge=1, le=3600)
    depth: int = Field(3, ge=0, le=6)
    pause_seconds: float = Field(0.5, ge=0, le=60)
    fresh_minutes: int = Field(30, ge=0, le=24 * 60)
    run_minutes: int = Field(60, ge=1, le=24 * 60)
    list_pages: int = Field(10, ge=0, le=200)
    sitemap_pages: int = Field(15, ge=0, le=200)


class _Columns(_Strict):
    synonyms: list[list[_Word]] = []
    kind: dict[str, _Kind] = {}
    default: _Default | None = None
    walk: _Walk = _Walk()

    @model_validator(mode="after")
    def _names_stand_once(self) -> _Columns:
        counted = Counter(name for group in self.synonyms for name in group)
        if repeated := [name for name, times in counted.items() if times > 1]:
            raise ValueError(f"synonyms 中重复的名称：{'、'.join(repeated)}")
        return self


def read_columns(folder: ConfigFolder) -> tuple[ColumnRules, WalkLimits] | None:
    """Read the file; None when it is at fault, which the folder then knows."""
    table = folder.model(_FILE, _Columns)
    if table is None:
        return None
    kinds = tuple(
        ColumnKind(
            tuple(kind.words),
            kind.limit.age,
            {words: limit.age for words, limit in kind.lists.items()},
            kind.warn_days,
        )
        for kind in table.kind.values()
    )
    walk = table.walk
    limits = WalkLimits(
        pages=walk.pages,
        bytes=walk.megabytes * 1024 * 1024,
        seconds=walk.seconds,
        depth=walk.depth,
        pause_seconds=walk.pause_seconds,
        fresh_minutes=walk.fresh_minutes,
        run_minutes=walk.run_minutes,
        list_pages=walk.list_pages,
        sitemap_pages=walk.sitemap_pages,
    )
    synonyms = tuple(tuple(group) for group in table.synonyms)
    return ColumnRules(kinds, synonyms, table.default.limit.age if table.default else None), limits
