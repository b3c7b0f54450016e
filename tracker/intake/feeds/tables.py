"""The rows of a database's table as an export would write them, and one digest of all.

Must never write a value otherwise than an export does: the same case would be two. Must never fail for what
one row holds: that row cannot be judged, the others can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from hashlib import sha256
from itertools import chain, islice
from typing import Any
from uuid import UUID

from tracker.intake.feeds.rows import Row, Unreadable

_BETWEEN, _END = "\x1f", "\x1e"
_BETWEEN_BYTE, _END_BYTE = _BETWEEN.encode(), _END.encode()
_BLOCK = 100  # rows: a cell may be long
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
        """A row that holds what no cell of an export can is `Unreadable`, by its column."""
        return chain([(0, list(self._columns))], chain.from_iterable(self._numbered()))

    def _numbered(self) -> Iterator[Iterable[Row]]:
        rows, number = iter(self._rows), 1
        while block := list(islice(rows, _BLOCK)):
            yield enumerate(self._written(block), number)
            number += len(block)

    def _written(self, block: Sequence[Sequence[Any]]) -> Sequence[Sequence[str]]:
        """Many rows at once: written and hashed one by one they would take as long as reading them."""
        try:
            lines = _END_BYTE.join(map(_BETWEEN_BYTE.join, block))  # text as a file holds it
            rows: Sequence[Sequence[str]] = [line.split(_BETWEEN) for line in lines.decode().split(_END)]
            is_table = len(rows) == len(block) and set(map(len, rows)) == {len(self._columns)}
        except (TypeError, UnicodeDecodeError):
            is_table = False
        if not is_table:  # or these very signs stand in a cell
            rows, lines = self._each_written(block)
        self._digest.update(lines + _END_BYTE)
        return rows

    def _each_written(self, block: Sequence[Sequence[Any]]) -> tuple[Sequence[Sequence[str]], bytes]:
        try:
            return block, _END.join(map(_BETWEEN.join, block)).encode()  # as text from a server
        except TypeError:
            rows = [self._row(values) for values in block]
            return rows, _END.join(map(_BETWEEN.join, rows)).encode()

    def _row(self, values: Sequence[Any]) -> Sequence[str]:
        write = self._write
        try:
            return [value if value.__class__ is str else write[value.__class__](value) for value in values]
        except (KeyError, ValueError, OverflowError):  # of no known type; no number; without end
            return self._unreadable(values)

    @property
    def sha256(self) -> str:
        """In hex, of all rows; known when they have been gone through."""
        return self._digest.hexdigest()

    def _unreadable(self, values: Sequence[Any]) -> Unreadable:
        column, value = next(
            pair for pair in zip(self._columns, values, strict=True) if self._is_no_cell(pair[1])
        )
        if isinstance(value, (bytes, memoryview)):
            return Unreadable(f"列“{column}”是二进制内容，无法读取")
        kind = "的数" if value.__class__ in self._write else "不是文字、数字或日期，"
        return Unreadable(f"列“{column}”{kind}无法读取")

    def _is_no_cell(self, value: Any) -> bool:
        try:
            self._write[value.__class__](value)
        except (KeyError, ValueError, OverflowError):
            return True
        return False


def _writer(zone: tzinfo) -> Mapping[type, Callable[[Any], str]]:
    """How values of a database's types are written in an export."""

    def moment(value: datetime) -> str:
        local = value if value.tzinfo is None else value.astimezone(zone)
        return local.isoformat(" ")[:_SECONDS]

    return {
        str: str,
        bytes: bytes.decode,
        type(None): lambda _: "",
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
