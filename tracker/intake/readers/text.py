"""Plain text: one line each, table rows parted by tabulators.

Must never guess columns from blanks: only a tabulator parts cells.
"""

from __future__ import annotations

from tracker.intake.document import Document, Line
from tracker.intake.encodings import decode, split_lines
from tracker.intake.spool import Spool


def recognises(content: bytes, filename: str) -> bool:
    """The last reader asked: whatever no other reader knows is tried as text."""
    return True


def read(content: bytes, filename: str) -> Document:
    """Every non-blank line with its number. Raises IntakeError when it is no text."""
    text = decode(content, filename)
    lines = Spool(
        Line(number, tuple(line.removesuffix("\n").split("\t")))
        for number, line in enumerate(split_lines(text), start=1)
        if line.strip()
    )
    return Document(lines, open_ended=not text.endswith("\n"))
