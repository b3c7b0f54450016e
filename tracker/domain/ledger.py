"""What may be edited in the rectification ledger (整改台账), and how a row tells what it was exported with.

Must never know how a ledger is stored: the same words hold for the workbook, its csv and the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

FORMAT = "1"  # the first part of every fingerprint; another number means other fields or another sum
NUMBER, TEXT, FINGERPRINT = "编号", "问题描述", "校验码"
STANDING_DUTY = "长期坚持"
# Excel's limit is 32,767 UTF-16 units a cell, two for a rare character.
LONGEST_CELL = 16_000


class Field(StrEnum):
    """An editable column; the order is that of the fingerprint's parts."""

    UNIT = "unit"
    PROBLEM_CLASS = "class"
    QUANTITY = "quantity"
    STATE = "state"
    DUE_ON = "due_on"
    NOTE = "note"

    @property
    def heading(self) -> str:
        return _HEADINGS[self]


_HEADINGS = {
    Field.UNIT: "责任单位",
    Field.PROBLEM_CLASS: "问题类别",
    Field.QUANTITY: "数量",
    Field.STATE: "状态",
    Field.DUE_ON: "整改时限",
    Field.NOTE: "备注",
}


def settled(cell: str) -> str:
    """A cell's text whichever program saved it: they differ in line ends and in blanks around it."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def fingerprint(number: int, values: Mapping[Field, str]) -> str:
    """A short sum of each editable value, bound to the item's number: `1-0a1b2c3d-…`.

    Bound, so that cells sorted apart from their number never look like what was exported there.
    """
    return "-".join((FORMAT, *(_sum(number, values[field]) for field in Field)))


@dataclass(frozen=True, slots=True)
class Exported:
    """What a row of a ledger was exported with, as far as its fingerprint tells."""

    number: int
    sums: tuple[str, ...]

    @classmethod
    def parse(cls, number: int, written: str) -> Exported | None:
        """None if `written` is no fingerprint of this format."""
        version, *sums = written.split("-")
        return cls(number, tuple(sums)) if version == FORMAT and len(sums) == len(Field) else None

    def was(self, field: Field, value: str) -> bool:
        """Whether the field was exported with this value."""
        return dict(zip(Field, self.sums, strict=True))[field] == _sum(self.number, value)


def _sum(number: int, value: str) -> str:
    # No protection against malice, which has the whole file in its hands: only against oversight.
    return f"{crc32(settled(value).encode(), number):08x}"
