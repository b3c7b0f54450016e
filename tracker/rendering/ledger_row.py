"""One row of the rectification ledger (整改台账): its columns, and what stands in them.

Must never show a value in two ways: by what stands here it is known afterwards what was edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from tracker.domain.ledger import FINGERPRINT, LONGEST_CELL, NUMBER, STANDING_DUTY, TEXT, Field, fingerprint

OVERDUE = "是否逾期"
_CUT = "……（原文过长，此处截断，全文见系统）"

Cells = tuple[int | str | date | None, ...]


class Look(Enum):
    """How a column's cells are set."""

    TEXT = auto()  # wrapped
    SHORT = auto()  # centred
    DAY = auto()  # centred, a date


@dataclass(frozen=True)
class Column:
    """`width` in characters of the default font."""

    header: str
    width: int
    look: Look = Look.TEXT
    hidden: bool = False


COLUMNS = (
    Column(NUMBER, 7, Look.SHORT),
    Column(Field.UNIT.heading, 20),
    Column("组别", 8, Look.SHORT),
    Column("领域", 12),
    Column(Field.PROBLEM_CLASS.heading, 16),
    Column(TEXT, 48),
    Column(Field.QUANTITY.heading, 9, Look.SHORT),
    Column(Field.STATE.heading, 8, Look.SHORT),
    Column("下发日期", 11, Look.DAY),
    Column(Field.DUE_ON.heading, 11, Look.DAY),
    Column("是否暂定", 9, Look.SHORT),
    Column(OVERDUE, 9, Look.SHORT),
    Column("销号日期", 11, Look.DAY),
    Column("来源", 16),
    Column("来源通报", 24),
    Column(Field.NOTE.heading, 18),
    Column(FINGERPRINT, 20, Look.SHORT, hidden=True),
)
HEADINGS = tuple(column.header for column in COLUMNS)


@dataclass(frozen=True)
class LedgerRow:
    """One item as the ledger shows it; all texts are Chinese.

    quantity: `982件` or empty. source: annex, row and number in its cell, `附件4/3/2`. due_on: None for
    a standing duty (长期坚持). struck_off_on: None, an empty cell, while the item is open.
    """

    number: int
    unit: str
    group: str
    domain: str
    class_name: str
    text: str
    quantity: str
    state: str
    issued_on: date | None
    due_on: date | None
    provisional: bool
    overdue: bool
    struck_off_on: date | None
    source: str
    bulletin: str
    note: str

    @property
    def editable(self) -> dict[Field, str]:
        """What stands in the columns that may be edited, as text."""
        return {
            Field.UNIT: self.unit,
            Field.PROBLEM_CLASS: self.class_name,
            Field.QUANTITY: self.quantity,
            Field.STATE: self.state,
            Field.DUE_ON: self.due_on.isoformat() if self.due_on else STANDING_DUTY,
            Field.NOTE: _cut(self.note),
        }

    @property
    def shown_text(self) -> str:
        """The problem's words as far as a cell holds them."""
        return _cut(self.text)

    @property
    def cells(self) -> Cells:
        """The row in the order of `COLUMNS`."""
        return (
            self.number, self.unit, self.group, self.domain, self.class_name, self.shown_text, self.quantity,
            self.state, self.issued_on, self.due_on or STANDING_DUTY, yes(self.provisional),
            yes(self.overdue), self.struck_off_on, self.source, self.bulletin, _cut(self.note),
            fingerprint(self.number, self.editable),
        )  # fmt: skip


def yes(flag: bool) -> str:
    return "是" if flag else "否"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + _CUT
