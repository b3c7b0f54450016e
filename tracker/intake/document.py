"""The one form every file takes before it is understood, and the two roles that work on it.

A reader turns bytes into a `Document`; a shape takes the lines it understands and leaves the rest to the
next one. Must never interpret what a line says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tracker.intake.model import Finding, Leftover


@dataclass(frozen=True)
class Line:
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
        return not any(cell.strip() for cell in self.cells[1:])


@dataclass(frozen=True)
class Document:
    """A file's lines in order, blank ones left out.

    `open_ended`: the file stops without a line end, so its last line may have been cut.
    """

    lines: tuple[Line, ...]
    open_ended: bool = False


@dataclass(frozen=True)
class Harvest:
    """What one shape made of a document. `rest` holds the lines it has nothing to say about.

    `has_problem_list`: the document lists its problems here, so its prose is only their context.
    """

    findings: tuple[Finding, ...]
    unassigned: tuple[Leftover, ...]
    unread: tuple[Leftover, ...]
    rest: tuple[Line, ...]
    has_problem_list: bool


class Reader(Protocol):
    """One kind of file; a module listed in `tracker.intake.readers.READERS`."""

    def recognises(self, content: bytes, filename: str) -> bool:
        """Whether this kind of file is what the bytes (or, where they cannot tell, the name) say."""

    def read(self, content: bytes, filename: str) -> Document:
        """Read it. Raises IntakeError (Chinese: file, place, reason)."""


class Shape(Protocol):
    """One form in which problems are written; a module listed in `tracker.intake.shapes.SHAPES`."""

    def read(self, document: Document, filename: str) -> Harvest:
        """Take what this shape understands. Never raises for what a document says."""
