"""Which problems of the lists a text is about, told by the words that they share.

Must never go by problem classes, nor take one shared word for the same matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.intake.claims.names import Sameness
from tracker.intake.model import Finding

_NOISE = re.compile(r"[“”‘’\"()\d.%]|情况|问题|事项|单位|部门|全市|存在|发现|抽查")


@dataclass(frozen=True)
class Topic:
    """What a text is about: its pairs of neighbouring signs."""

    pairs: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Topic:
        parts = _NOISE.split(text)
        return cls(frozenset(part[at : at + 2] for part in parts for at in range(len(part) - 1)))

    def shared(self, other: Topic) -> int:
        return len(self.pairs & other.pairs)

    def is_same(self, other: Topic) -> bool:
        """Most of the words of one, whichever is shorter, stand in the other."""
        shorter = min(len(self.pairs), len(other.pairs))
        return shorter >= 3 and self.shared(other) >= 0.6 * shorter

    def is_near(self, other: Topic) -> bool:
        """At least two words in common, and a quarter of the narrative's."""
        return self.shared(other) >= 2 and self.shared(other) * 4 >= len(self.pairs)


class Lists:
    """The problem lists (tables) of one document, searchable by topic and unit."""

    def __init__(self, findings: Sequence[Finding], sameness: Sameness) -> None:
        self.findings = [
            (finding, Topic.of(finding.text)) for finding in findings if finding.source.row is not None
        ]
        self.sameness = sameness

    def near(self, what: str) -> list[Finding]:
        topic = Topic.of(what)
        return [finding for finding, other in self.findings if topic.is_near(other)]

    def same(self, what: str) -> list[Finding]:
        topic = Topic.of(what)
        return [finding for finding, other in self.findings if topic.is_same(other)]

    def units(self, findings: Sequence[Finding]) -> dict[str, str]:
        """Each unit once: its key and its first writing."""
        found: dict[str, str] = {}
        for finding in findings:
            found.setdefault(self.sameness.key(finding.responsible), finding.responsible)
        return found
