"""What an edited cell of the ledger means: by the office's units, classes and calendar.

Must never guess: a cell that could mean two things, or nothing, is an error that says what to write.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cached_property

from tracker.domain.errors import RectifyError
from tracker.domain.items import Item
from tracker.domain.ledger import LONGEST_CELL, STANDING_DUTY, Field
from tracker.domain.lifecycle import State
from tracker.domain.periods import plausible
from tracker.rules import Rules
from tracker.services.ledger import quantity_words
from tracker.services.unit_names import KnownUnit, UnitBook
from tracker.store import Connection, units

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+00?:00(?::00)?)?")
_QUANTITY = re.compile(r"(\d{1,9})\s*([^\d\s.,，]{0,20})")
_STATES = {state.chinese: state for state in State}


class CellMeanings:
    """Reads cells for one file; the units are asked once, and only if a unit was edited."""

    def __init__(self, connection: Connection, rules: Rules, today: date) -> None:
        self._connection, self._rules, self._today = connection, rules, today
        self._codes: dict[str, list[str]] = {}
        for each in rules.classes:
            self._codes.setdefault(each.name, []).append(each.code)

    def shown(self, field: Field, cell: str, item: Item) -> str:
        """The cell as the ledger would show what it means; raises RectifyError if it means nothing."""
        match field:
            case Field.UNIT:
                unit = self.unit(cell)
                return item.unit if unit.id == item.unit_id else unit.name
            case Field.PROBLEM_CLASS:
                return self._rules.class_name(self.problem_class(cell))
            case Field.QUANTITY:
                return quantity_words(*self.quantity(cell, item))
            case Field.STATE:
                return self.state(cell).chinese
            case Field.DUE_ON:
                day = self.due_on(cell)
                return day.isoformat() if day else STANDING_DUTY
            case Field.NOTE:
                return self.note(cell)

    def unit(self, cell: str) -> KnownUnit:
        """The unit that answers for a name today; its `id` is None if nothing of it is tracked yet."""
        if not cell:
            raise RectifyError("责任单位不能为空")
        return self._book.responsible(self._book.find(cell), self._today)

    def unit_key(self, unit_id: int) -> str:
        return self._keys[unit_id]

    def problem_class(self, cell: str) -> str:
        """The code of a class that is given by its code or name."""
        codes = [cell] if cell in self._rules.deadlines else self._codes.get(cell, [])
        if len(codes) > 1:
            raise RectifyError(f"有几个问题类别都叫“{cell}”，请填代码：{'、'.join(codes)}")
        if not codes:
            raise RectifyError(f"没有名称或代码为“{cell}”的问题类别")
        return codes[0]

    def quantity(self, cell: str, item: Item) -> tuple[int | None, str | None]:
        """Value and measure word; a bare number keeps the item's measure, an empty cell counts nothing."""
        if not cell:
            return None, None
        found = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", cell))
        if found is None:
            raise RectifyError(f"数量“{cell}”看不懂，请写成 300件 的形式")
        return int(found[1]), found[2] or item.measure

    def due_on(self, cell: str) -> date | None:
        """A day, None for a standing duty."""
        if cell == STANDING_DUTY:
            return None
        found = _DAY.fullmatch(unicodedata.normalize("NFKC", cell))
        try:
            day = date(*map(int, found.groups())) if found else None
        except ValueError:
            day = None
        if day is None:
            raise RectifyError(f"整改时限“{cell}”不是日期，请写成 2026-11-20，没有时限的写“{STANDING_DUTY}”")
        return plausible(day)

    def state(self, cell: str) -> State:
        if cell not in _STATES:
            raise RectifyError(f"没有名为“{cell}”的状态，可填：{'、'.join(_STATES)}")
        return _STATES[cell]

    def note(self, cell: str) -> str:
        if len(cell) > LONGEST_CELL:
            raise RectifyError(f"备注超过 {LONGEST_CELL} 字")
        return cell

    @cached_property
    def _book(self) -> UnitBook:
        return UnitBook(self._connection, self._rules)

    @cached_property
    def _keys(self) -> dict[int, str]:
        return {row.id: row.key for row in units.all_units(self._connection)}
