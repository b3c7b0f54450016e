"""What an edited ledger asks for, row by row: each cell against its export and against what holds now.

Must never write. A row is taken whole or not at all; only what nobody else touched meanwhile is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tracker.domain.deadlines import last_moment
from tracker.domain.errors import RectifyError, TransitionError
from tracker.domain.items import Item
from tracker.domain.ledger import TEXT, Exported, Field, settled
from tracker.domain.lifecycle import FINAL, TRANSITIONS, Event
from tracker.domain.steps import Step
from tracker.intake.ledger import EditedLedger, EditedRow
from tracker.services.judging import StepJudge
from tracker.services.ledger import ledger_row
from tracker.services.ledger_cells import CellMeanings
from tracker.services.office import Office
from tracker.store import Connection, items, notes

_EVENTS = frozenset({Event.SIGN, Event.SUBMIT, Event.RETURN, Event.STRIKE_OFF})
# What stands in 状态 before and after → the one step that leads there.
_STEPS = {(state, to.target): event for (state, event), to in TRANSITIONS.items() if event in _EVENTS}
_NUMBERS_END = 2**31


class RowOutcome(StrEnum):
    """What becomes of a row."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell, as the ledger shows it: `before` holds now, `after` is what the file asks for."""

    field: Field
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """`line` is the place in the sheet; `clashes` were changed by somebody else since the export."""

    line: int
    number: int | None
    changes: tuple[Change, ...] = ()
    clashes: tuple[Change, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def outcome(self) -> RowOutcome:
        if self.reasons:
            return RowOutcome.REFUSED
        if self.clashes:
            return RowOutcome.CONFLICT
        return RowOutcome.CHANGED if self.changes else RowOutcome.UNCHANGED

    @property
    def objections(self) -> list[str]:
        """Why the row is not taken, in Chinese."""
        clashes = (
            f"{each.field.heading}导出后已被他人改为“{each.before}”，表中为“{each.after}”"
            for each in self.clashes
        )
        return [*self.reasons, *clashes]


class Judge:
    """Judges the rows of one file; items and notes are read once."""

    def __init__(
        self,
        connection: Connection,
        office: Office,
        ledger: EditedLedger,
        *,
        by: str,
        now: datetime,
        lock: bool = False,
    ) -> None:
        self._office, self._by, self._now = office, by, now
        self._today = office.rules.calendar.today(now)
        self._times = Counter(number for row in ledger.rows if (number := _number(row.number)))
        found = items.by_numbers(connection, self._times, lock=lock)
        self.items: Mapping[int, Item] = {item.number: item for item in found}
        self._notes = notes.of_items(connection, self.items)
        self.meanings = CellMeanings(connection, office.rules, self._today)
        self._steps = StepJudge(connection, office, by)

    def row(self, row: EditedRow) -> JudgedRow:
        number = _number(row.number)
        item = self.items.get(number or 0)
        reasons = self._misplaced(row, number)
        exported = Exported.parse(number, row.fingerprint) if number else None
        if reasons or item is None or exported is None:
            return JudgedRow(row.line, number, reasons=reasons)
        shown = ledger_row(self._office, item, self._notes.get(item.number, ""), self._now)
        if row.text != settled(shown.shown_text):
            return JudgedRow(row.line, number, reasons=(f"“{TEXT}”是通报原文，不能在台账中修改",))
        changes: list[Change] = []
        clashes: list[Change] = []
        refused: list[str] = []
        for field, cell in row.cells.items():
            try:
                change = self._change(field, cell, item, exported, settled(shown.editable[field]))
            except RectifyError as error:
                refused.append(error.message)
                continue
            if change is not None:
                meanwhile = not exported.was(field, change.before)
                (clashes if meanwhile else changes).append(change)
        if not refused and not clashes:
            refused = self._against_rules(item, {each.field: each.after for each in changes})
        return JudgedRow(row.line, number, tuple(changes), tuple(clashes), tuple(refused))

    def step(self, item: Item, wanted: Mapping[Field, str]) -> Step | None:
        """The step of the workflow that an edited 状态 asks for; raises TransitionError if there is none."""
        if Field.STATE not in wanted:
            return None
        target = self.meanings.state(wanted[Field.STATE])
        event = _STEPS.get((item.standing.state, target))
        if event is None:
            raise TransitionError(
                f"状态不能在台账中由“{item.standing.state.chinese}”直接改为“{target.chinese}”"
            )
        reason: str | None = None
        if event is Event.RETURN:
            reason = wanted.get(Field.NOTE)
            if not reason:
                raise TransitionError("退回须同时在“备注”中写明理由")
        return Step(event, self._by, self._now, reason or "据台账办理")

    def _misplaced(self, row: EditedRow, number: int | None) -> tuple[str, ...]:
        """Why the row cannot be told to be an item's, if so."""
        if not row.number:
            return ("没有编号：台账中不能新增事项，新问题请用“读入通报”",)
        if number is None:
            return (f"“{row.number}”不是整改事项的编号",)
        if self._times[number] > 1:
            return (f"编号 {number} 在表中出现了 {self._times[number]} 次",)
        if number not in self.items:
            return (f"没有编号为 {number} 的整改事项",)
        if Exported.parse(number, row.fingerprint) is None:
            return ("隐藏的“校验码”缺失或已改动，请重新导出后再改",)
        return ()

    def _change(self, field: Field, cell: str, item: Item, exported: Exported, holds: str) -> Change | None:
        """What the editor wants otherwise than it is; None where the cell stands as it was exported."""
        if exported.was(field, cell) or cell == holds:
            return None
        wanted = self.meanings.shown(field, cell, item)
        if wanted == holds or exported.was(field, wanted):
            return None
        return Change(field, holds, wanted)

    def _against_rules(self, item: Item, wanted: Mapping[Field, str]) -> list[str]:
        """What the workflow has against it."""
        standing, calendar = item.standing, self._office.rules.calendar
        found = []
        if edited := [each.heading for each in Field if each in wanted and each is not Field.STATE]:
            try:
                self._steps.editing(item, f"修改{'、'.join(edited)}")
                if Field.UNIT in wanted:
                    unit = self.meanings.unit(wanted[Field.UNIT])
                    self._steps.moving(unit.id, f"移交{unit.name}")
            except TransitionError as error:
                found.append(error.message)
        if Field.DUE_ON in wanted:
            day = self.meanings.due_on(wanted[Field.DUE_ON])
            if standing.state in FINAL:
                found.append(f"{standing.state.chinese}的事项不能改时限")
            if standing.extension_to is not None:
                found.append(f"已申请延期至{standing.extension_to}，请先审批，再改时限")
            if day is not None and day < self._today:
                found.append(f"整改时限 {day} 已过，不能早于今天")
            standing = replace(standing, due_on=day, due_at=last_moment(day, calendar) if day else None)
        try:
            if step := self.step(item, wanted):
                self._steps.after(item._replace(standing=standing), step)
        except TransitionError as error:
            found.append(error.message)
        return found


def _number(written: str) -> int | None:
    if not (written.isascii() and written.isdecimal()):
        return None
    number = int(written[:11])
    return number if 0 < number < _NUMBERS_END else None
