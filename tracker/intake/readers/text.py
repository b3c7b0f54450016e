"""Plain text: one line each, table rows parted by tabulators.

Must never guess columns from blanks: only a tabulator parts cells.
"""

from __future__ import annotations

from tracker.intake.document import Document, Line
from tracker.intake.encodings import decode


def recognises(content: bytes, filename: str) -> bool:
    """The last reader asked: whatever no other reader knows is tried as text."""
    return True


def read(content: bytes, filename: str) -> Document:
    """Every non-blank line with its number. Raises IntakeError when it is no text."""
    text = decode(content, filename)
    lines = tuple(
        Line(number, tuple(line.split("\t")))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    )
    return Document(lines, open_ended=not text.endswith("\n"))
