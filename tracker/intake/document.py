"""The one form every file takes before it is understood: its lines in order.

Must never interpret what a line says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Line(NamedTuple):
    """One line of prose (one cell) or one table row (several). `number` is its 1-based place in the file."""

    number: int
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line for people: its filled cells, parted by blanks."""
        return " ".join(filled for cell in self.cells if (filled := " ".join(cell.split())))

    @property
    def is_prose(self) -> bool:
        """At most one filled cell, and that the first: a sentence, or a title row of a sheet."""
        return not any(map(str.strip, self.cells[1:]))


@dataclass(frozen=True)
class Document:
    """A file's lines in order, blank ones left out.

    `open_ended`: the file stops without a line end, so its last line may have been cut.
    """

    lines: Sequence[Line]
    open_ended: bool = False
