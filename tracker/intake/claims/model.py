"""What a check hands out: a number the document states, what comes of recomputing it, and the verdict.

Must never correct anything: the document's own number stands beside the recomputed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

from tracker.domain.rates import trim

TRUNCATED = "截断取值，未四舍五入"


class Kind(StrEnum):
    """What is claimed; the code that other systems see."""

    RATE = "rate"
    SHARE = "share"
    AVERAGE = "average"
    SUM = "sum"
    REMAINDER = "remainder"  # what is left open: total less done
    LIST_LENGTH = "list_length"
    LIST_COUNT = "list_count"  # the narrative's number against the problem lists
    LIST_UNITS = "list_units"  # the units named against the units listed
    DIFFERENCE = "difference"
    FULL_MARK = "full_mark"
    RANK = "rank"
    TABLE_SUM = "table_sum"
    DUPLICATE_UNIT = "duplicate_unit"
    PRAISE = "praise"
    DATE = "date"


@dataclass(frozen=True)
class Claim:
    """One claim. `holds` None: the document does not say enough to tell.

    `quote` is the sentence or row without blanks, `line` its place in the file (from 1); `stated` and
    `computed` are written as a bulletin writes them; `inputs` name the numbers that went in; `note` is
    Chinese.
    """

    quote: str
    kind: Kind
    stated: str
    computed: str | None
    holds: bool | None
    line: int
    inputs: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def percent(value: Decimal, digits: int = 2) -> str:
    """A percentage for people, half-up: 36.16%."""
    return f"{trim(value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))}%"


def rounding(stated: str, exact: Decimal) -> tuple[bool, str]:
    """Whether `stated` is `exact` at the stated digits: half-up holds, truncated holds with a note."""
    digits = Decimal(1).scaleb(-len(stated.partition(".")[2]))
    if exact.quantize(digits, ROUND_HALF_UP) == Decimal(stated):
        return True, ""
    is_cut = exact.quantize(digits, ROUND_DOWN) == Decimal(stated)
    return is_cut, TRUNCATED if is_cut else ""
