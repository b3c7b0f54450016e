"""Answers about rates and digests, as OpenAPI describes them. See `tracker/web/api/shapes.py`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from tracker.web.api.shapes import Shape

Percent = Annotated[str, Field(examples=["84.1%"], description="百分数，一位小数；分母为 0 时是“—”")]


class Rate(Shape):
    numerator: int
    denominator: int
    percent: Percent


class Row(Shape):
    key: str
    rectified: Rate
    on_time: Rate
    overdue: int
    open: int


class DetailedRow(Row):
    returned: int = Field(description="曾被退回的")
    recurred: int = Field(description="反弹的")
    median_days: float | None = Field(
        description="自印发至所核验的报送，整改天数的中位数；没有已销号的为 null"
    )


class Rates(Shape):
    as_of: AwareDatetime
    total: DetailedRow
    rows: list[DetailedRow]


class Groups(Shape):
    total: Row
    rows: list[Row]


class Digest(Shape):
    period: str = Field(examples=["2026-W47"])
    as_of: AwareDatetime
    rates: Groups
    delta: dict[str, str | None]
    unfinished: str
