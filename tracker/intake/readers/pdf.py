"""PDF files with a text layer; the reading itself happens in a process of its own.

Must never parse a PDF in this process: it can ask for any amount of memory and time.
"""

from __future__ import annotations

from tracker.intake.document import Document
from tracker.intake.quarantine import read_apart

_SIGNATURE, _WITHIN = b"%PDF-", 1024  # some programs write a few bytes before it


def recognises(content: bytes, filename: str) -> bool:
    """By the signature near the beginning."""
    return _SIGNATURE in content[:_WITHIN]


def read(content: bytes, filename: str) -> Document:
    """Paragraphs and tables in reading order. Raises IntakeError: scanned, encrypted, damaged, too large."""
    return read_apart("tracker.intake.pdf_pages:read_pages", content, filename)
