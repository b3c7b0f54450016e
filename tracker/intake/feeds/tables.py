"""The rows of a database's table as an export would write them, and one digest of all.

Must never write a value otherwise than an export does: the same case would be two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from tracker.domain.errors import IntakeError
from tracker.intake.feeds.rows import Row

_BETWEEN, _END = "\x1f", "\x1e"
_BLOCK = 1000
_SECONDS = len("2021-07-23 09:30:00")


class WrittenRows:
    """The rows of a table, gone through once, the header as row 0.

    columns: their names. zone: on whose clock moments with an offset are written. mark: beside the rows, what
    else makes this reading another than an earlier one.
    """

    def __init__(
        self,
        filename: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        zone: tzinfo,
        mark: str = "",
    ) -> None:
        self._filename, self._columns, self._rows = filename, columns, rows
        self._write = _writer(zone)
        self._digest = sha256(_END.join((mark, *columns, "")).encode())

    def __iter__(self) -> Iterator[Row]:
        """Raises IntakeError, naming row and column, for what no cell of an export can hold."""
        yield 0, list(self._columns)
        write, block, number = self._write, list[str](), 0
        for number, values in enumerate(self._rows, start=1):
            try:
                row = [
                    value
                    if value.__class__ is str
                    else ""
                    if value is None
                    else write[value.__class__](value)
                    for value in values
                ]
            except (KeyError, ValueError, OverflowError):  # of no known type; no number; without end
                raise self._no_cell(number, values) from None
            block.append(_BETWEEN.join(row))
            if len(block) == _BLOCK:
                self._count_in(block)
            yield number, row
        self._count_in(block)

    def _count_in(self, block: list[str]) -> None:
        """Many rows at once: hashed one by one they would take as long as reading them."""
        self._digest.update("".join(line + _END for line in block).encode())
        block.clear()

    @property
    def sha256(self) -> str:
        """In hex, of all rows; known when they have been gone through."""
        return self._digest.hexdigest()

    def _no_cell(self, number: int, values: Sequence[Any]) -> IntakeError:
        for column, value in zip(self._columns, values, strict=True):
            if value is not None and value.__class__ not in self._write:
                kind = "是二进制内容" if isinstance(value, (bytes, memoryview)) else "不是文字、数字或日期"
                return IntakeError(f"{self._filename} 第{number}行：列“{column}”{kind}，无法读取")
        return IntakeError(f"{self._filename} 第{number}行：其中的数无法读取")


def _writer(zone: tzinfo) -> Mapping[type, Callable[[Any], str]]:
    """How values of a database's types are written in an export."""

    def moment(value: datetime) -> str:
        local = value if value.tzinfo is None else value.astimezone(zone)
        return local.isoformat(" ")[:_SECONDS]

    return {
        str: str,
        datetime: moment,
        date: date.isoformat,
        time: time.isoformat,
        int: str,
        float: _number,
        Decimal: _number,
        bool: lambda value: "是" if value else "否",
        UUID: str,
    }


def _number(value: float | Decimal) -> str:
    """Whole numbers without a fraction, as an office writes them: a promise of 5.00 days is one of 5."""
    whole = int(value)
    return str(whole) if whole == value else str(value)
