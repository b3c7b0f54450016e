"""Checking a document's own numbers, also before it is published: nothing is tracked, nothing is written.

Must never need a database: the file and the office's rules say all.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracker.intake import read_document
from tracker.intake.claims import Claim, check_claims
from tracker.intake.model import Reading
from tracker.rules import Rules


@dataclass(frozen=True)
class Verification:
    """A document and what comes of recomputing its numbers, in the document's order."""

    reading: Reading
    claims: tuple[Claim, ...]

    def count(self, holds: bool | None) -> int:
        return sum(claim.holds is holds for claim in self.claims)


def verify(rules: Rules, content: bytes, filename: str) -> Verification:
    """Recompute what the document states. Raises IntakeError when it cannot be read at all."""
    return recompute(rules, read_document(content, filename, rules.lexicon))


def recompute(rules: Rules, reading: Reading) -> Verification:
    """The same for a document that has been read already."""
    return Verification(reading, check_claims(reading, rules.short_forms))
