"""What Word documents and web pages have in common: paragraphs and tables in order, made into lines.

Must never lose a block: a table that only arranges others on the page is undone, its content stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tracker.domain.errors import IntakeError
from tracker.intake.document import Document, Line

NEW_PARAGRAPH = "\f"
"""Parts the paragraphs of a cell; `\\n` in it is a line break that may be mere wrapping."""

_CELLS = 2_000_000
_COLUMNS = 1_000
_NESTED = 20


@dataclass
class Cell:
    """One cell as written: its content, and how many columns and rows it spans."""

    blocks: list[Block]
    columns: int = 1
    rows: int = 1

    @property
    def text(self) -> str:
        """Its paragraphs; the rows of a table inside it are paragraphs too."""
        return NEW_PARAGRAPH.join(_paragraphs(self.blocks))


@dataclass
class Table:
    """Rows of cells; a cell that spans rows stands in the first of them only."""

    rows: list[list[Cell]] = field(default_factory=list)


Block: TypeAlias = str | Table


def check_depth(depth: int, filename: str) -> None:
    """Raise IntakeError where tables stand in tables deeper than any page needs."""
    if depth > _NESTED:
        raise IntakeError(f"{filename}：表格嵌套超过 {_NESTED} 层，拒绝读取")


def to_document(blocks: Sequence[Block], filename: str) -> Document:
    """Lines numbered as in a plain text that leaves a line blank after each paragraph and each table.

    So no paragraph stands right below a table's last row, where it would be taken for the rest of it.
    """
    lines: list[Line] = []
    number = 1
    for block in _without_layout(blocks):
        for cells in _grid(block, filename) if isinstance(block, Table) else _broken(block):
            if any(cell.strip() for cell in cells):
                lines.append(Line(number, tuple(cells)))
            number += 1
        number += 1
    return Document(tuple(lines))


def _broken(paragraph: str) -> list[list[str]]:
    return [[line.strip()] for line in paragraph.split("\n")]


def _without_layout(blocks: Sequence[Block]) -> list[Block]:
    plain: list[Block] = []
    for block in blocks:
        if isinstance(block, Table) and _is_layout(block):
            for row in block.rows:
                for cell in row:
                    plain += _without_layout(cell.blocks)
        else:
            plain.append(block)
    return plain


def _is_layout(table: Table) -> bool:
    """Whether fewer than half of its rows hold data: two filled cells or more, and no table in them."""
    filled = [[cell for cell in row if cell.text.strip()] for row in table.rows]
    rows = [row for row in filled if row]
    data = [row for row in rows if len(row) > 1 and not any(_holds_table(cell) for cell in row)]
    if any(_holds_table(cell) for row in rows for cell in row):
        return 2 * len(data) < len(rows)
    return not data and not any(cell.rows > 1 for row in rows for cell in row)


def _holds_table(cell: Cell) -> bool:
    return any(isinstance(block, Table) for block in cell.blocks)


def _paragraphs(blocks: Sequence[Block]) -> list[str]:
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            texts += [" ".join(filter(None, (cell.text for cell in row))) for row in block.rows]
        else:
            texts.append(block)
    return [text for text in texts if text.strip()]


def _grid(table: Table, filename: str) -> list[list[str]]:
    """The rows at full width. A cell over several columns fills the first of them; one over several rows,
    like a unit beside all its problems, belongs to each of them."""
    rows: list[dict[int, str]] = [{} for _ in table.rows]
    width = filled = 0
    for top, cells in enumerate(table.rows):
        column = 0
        for cell in cells:
            while column in rows[top]:
                column += 1
            text, span = cell.text, min(cell.columns, _COLUMNS)
            for row in rows[top : top + max(cell.rows, 1)]:
                row.update(dict.fromkeys(range(column, column + span), "") | {column: text})
                filled += span
            column += span
            width = max(width, column)
            if filled > _CELLS or width > _COLUMNS:
                raise IntakeError(f"{filename}：表格过大（超过 {_COLUMNS} 列或 {_CELLS} 格），请拆分后重试")
    if width * len(rows) > _CELLS:
        raise IntakeError(f"{filename}：表格过大（{len(rows)} 行 × {width} 列），请拆分后重试")
    return [[row.get(column, "") for column in range(width)] for row in rows]
