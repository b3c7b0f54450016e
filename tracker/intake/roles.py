"""The two roles that work on a document, and what one of them hands to the next.

A reader turns bytes into a `Document`; a shape takes the lines it understands and leaves the rest to the
next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tracker.domain.lexicon import Lexicon
from tracker.intake.document import Document, Line
from tracker.intake.model import Finding, Leftover, Reply


@dataclass(frozen=True)
class Harvest:
    """What one shape made of a document. `rest` holds the lines it has nothing to say about.

    `context`: lines that were understood and state no problem (headings, praise, figures), each with why.
    `has_problem_list`: the document lists its problems here, so its prose is only their context.
    """

    findings: Sequence[Finding]
    unassigned: Sequence[Leftover]
    unread: Sequence[Leftover]
    rest: Sequence[Line]
    has_problem_list: bool
    context: Sequence[Leftover] = ()
    replies: tuple[Reply, ...] = ()


class Reader(Protocol):
    """One kind of file; a module listed in `tracker.intake.readers.READERS`."""

    def recognises(self, content: bytes, filename: str) -> bool:
        """Whether this kind of file is what the bytes (or, where they cannot tell, the name) say."""

    def read(self, content: bytes, filename: str) -> Document:
        """Read it. Raises IntakeError (Chinese: file, place, reason)."""


class Shape(Protocol):
    """One form in which problems are written; a module listed in `tracker.intake.shapes.SHAPES`."""

    def read(self, document: Document, filename: str, lexicon: Lexicon) -> Harvest:
        """Take what this shape understands. Never raises for what a document says."""
