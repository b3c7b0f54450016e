"""An edited ledger (整改台账) as rows, whichever office program saved it; columns go by their headings.

Must never judge what a cell says, nor take a table for a ledger that `rectify` has not exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.domain.errors import IntakeError
from tracker.domain.ledger import FINGERPRINT, NUMBER, TEXT, Field, settled
from tracker.intake.document import Line
from tracker.intake.readers import open_document, sheets

_REQUIRED = (NUMBER, TEXT, FINGERPRINT)
_FIELDS = {field.heading: field for field in Field}


@dataclass(frozen=True, slots=True)
class EditedRow:
    """One row: its 1-based place in the sheet, and what stands in the columns that count."""

    line: int
    number: str
    text: str
    fingerprint: str
    cells: dict[Field, str]


@dataclass(frozen=True)
class EditedLedger:
    """`missing` are editable columns that were taken out, `extra` headings that are none of ours."""

    rows: tuple[EditedRow, ...]
    missing: tuple[Field, ...]
    extra: tuple[str, ...]


def read_ledger(content: bytes, filename: str, known: Iterable[str]) -> EditedLedger:
    """Read xlsx, xls or csv; rows above the headings are titles, other sheets are left alone.

    known: the headings of an exported ledger. Raises IntakeError for a file that is no table or none of
    ours, and for headings that stand twice.
    """
    if content and not sheets.recognises(content, filename):
        raise IntakeError(f"{filename}：不是表格文件，请提供 xlsx、xls 或 csv")
    lines = open_document(content, filename).lines
    headings, rows = _table(lines, filename)
    places = {heading: place for place, heading in enumerate(headings) if heading}
    columns = {field: places[heading] for heading, field in _FIELDS.items() if heading in places}
    number, text, fingerprint = (places[heading] for heading in _REQUIRED)
    return EditedLedger(
        rows=tuple(
            EditedRow(
                line=row.number,
                number=settled(row.cells[number]),
                text=settled(row.cells[text]),
                fingerprint=settled(row.cells[fingerprint]),
                cells={field: settled(row.cells[place]) for field, place in columns.items()},
            )
            for row in rows
        ),
        missing=tuple(field for field in Field if field not in columns),
        extra=tuple(heading for heading in places if heading not in set(known)),
    )


def _table(lines: Sequence[Line], filename: str) -> tuple[list[str], list[Line]]:
    """The headings, and the rows of the same sheet below them."""
    written = [_headings(line) for line in lines]
    heads = [place for place, row in enumerate(written) if set(_REQUIRED) <= set(row)]
    if not heads:
        likest = max(written, key=lambda row: len({*_REQUIRED, *_FIELDS} & set(row)), default=[])
        missing = "、".join(f"“{each}”" for each in _REQUIRED if each not in likest)
        raise IntakeError(
            f"{filename}：不是由本系统导出的整改台账，缺少{missing}列（“{FINGERPRINT}”是隐藏列）；请重新导出后再改"
        )
    if len(heads) > 1:
        raise IntakeError(f"{filename}：有 {len(heads)} 处台账表头，请只保留一张台账工作表")
    [head] = heads
    headings = written[head]
    twice = sorted({each for each in headings if each and headings.count(each) > 1})
    if twice:
        raise IntakeError(f"{filename}：“{'”“'.join(twice)}”列出现不止一次，请删去或改名")
    below = lines[head:]
    # Each sheet counts its lines from 1.
    ends = (place for place, (one, other) in enumerate(pairwise(below), 1) if other.number <= one.number)
    return headings, list(below[1 : next(ends, len(below))])


def _headings(line: Line) -> list[str]:
    return ["".join(cell.split()) for cell in line.cells]
