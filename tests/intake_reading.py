"""What tests of reading share: a text as its lines, read with the shipped words."""

from __future__ import annotations

from tracker.intake import read_document
from tracker.intake.model import Reading
from tracker.rules import load_rules

LEXICON = load_rules(None).lexicon


def reading(*lines: str) -> Reading:
    """These lines as a text file."""
    return read_document("\n".join((*lines, "")).encode(), "通报.txt", LEXICON)


def pairs(*lines: str) -> list[tuple[str, str]]:
    """Unit and problem of each finding."""
    return [(finding.unit_as_written, finding.text) for finding in reading(*lines).findings]
