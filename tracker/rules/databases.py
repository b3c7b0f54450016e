"""`[[databases]]` of `config/feeds.toml`: what is read out of which other system's database, and when.

Must never hold an address or a password: these are settings, under the same name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from pydantic import BaseModel, ConfigDict, Field, model_validator

_NAME_LENGTH = 40  # with "feed " before it, it names the run among the jobs
_QUERY = re.compile(r"(?is)\s*(select|with)\b[^;]*")


@dataclass(frozen=True)
class DatabaseRules:
    """One table of cases. name: of the system, also the source of its exports. table (its schema before it),
    or else select: what is read. at: when on each day, None: only when a person asks. minutes: how long that
    may take.
    """

    name: str
    table: tuple[str, ...]
    select: str
    at: time | None
    minutes: int


class DatabaseTable(BaseModel):
    """As it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=_NAME_LENGTH)
    table: str = ""
    select: str = ""
    at: time | None = None
    minutes: int = Field(default=30, ge=1, le=240)

    @model_validator(mode="after")
    def _says_what_to_read(self) -> DatabaseTable:
        if not self.name.isprintable() or self.name != self.name.strip():
            raise ValueError("name 首尾不得有空格，不得有换行等控制字符")
        if bool(self.table) == bool(self.select):
            raise ValueError("table 与 select 须写且只写一项")
        if self.table and not all(self.table.split(".")):
            raise ValueError("table 须写表名，或 模式名.表名")
        if self.select and not _QUERY.fullmatch(self.select):
            raise ValueError("select 须为一条以 SELECT 或 WITH 开头的查询，不得有分号")
        return self

    @property
    def rules(self) -> DatabaseRules:
        path = tuple(self.table.split(".")) if self.table else ()
        return DatabaseRules(self.name, path, self.select, self.at, self.minutes)


def each_named_once(tables: Sequence[DatabaseTable]) -> Sequence[DatabaseTable]:
    """Raises ValueError for a name that stands twice."""
    names = [each.name for each in tables]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"“{name}”写了两次")
    return tables
