"""Which problems of the lists a text is about, told by the words that they share.

Must never go by problem classes, nor take one shared word for the same matter.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from tracker.intake.claims.names import Sameness
from tracker.intake.model import Finding
from tracker.intake.spool import Spool

FAULT = re.compile(r"未|没有|无|不|超|低|逾期|缺|错|漏")
OPEN_PROBLEMS = re.compile(r"未(?:完成)?整改(?:到位)?的?(?:单位|部门)")
"""Behind it problems are counted, not what a problem counts."""
_NOISE = re.compile(r"[“”‘’\"()\d.%]|情况|问题|事项|单位|部门|全市|存在|发现|抽查")
_NEARLY_MOST = 0.75


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
        self.findings = Spool(finding for finding in findings if finding.source.row is not None)
        self.sameness = sameness

    @cached_property
    def _index(self) -> tuple[Mapping[Topic, int], Sequence[int]]:
        """The topics numbered (far fewer than findings: numbers are no words), and which each finding has.

        A list without a narrative is never asked for it.
        """
        topics: dict[Topic, int] = {}
        texts = (finding.text for finding in self.findings)
        return topics, array("I", (topics.setdefault(Topic.of(text), len(topics)) for text in texts))

    @cached_property
    def _number_of(self) -> Sequence[int]:
        """The hash of each finding's number: the same for 5 and Decimal(5)."""
        counted = (finding.quantity for finding in self.findings)
        return array("q", (hash(quantity.value if quantity else None) for quantity in counted))

    @cached_property
    def _units(self) -> Set[str]:
        return {finding.responsible for finding in self.findings}

    def near(self, what: str) -> list[Finding]:
        topic = Topic.of(what)
        return self._about({other for other in self._index[0] if topic.is_near(other)})

    def same(self, what: str) -> list[Finding]:
        topic = Topic.of(what)
        return self._about({other for other in self._index[0] if topic.is_same(other)})

    def _about(self, topics: Set[Topic]) -> list[Finding]:
        places, topic_of = self._index
        wanted = {places[topic] for topic in topics}
        about = zip(self.findings, topic_of, strict=True) if topics else ()
        return [finding for finding, topic in about if topic in wanted]

    def units(self, findings: Sequence[Finding]) -> dict[str, str]:
        """Each unit once: its key and its first writing."""
        found: dict[str, str] = {}
        for finding in findings:
            found.setdefault(self.sameness.key(finding.responsible), finding.responsible)
        return found

    def nearest(self, what: str) -> list[Finding]:
        """Of those near, the ones that share most words: 要素 and 填报 of one 清单 are two matters."""
        topic = Topic.of(what)
        found = {other: topic.shared(other) for other in self._index[0] if topic.is_near(other)}
        most = max(found.values(), default=0)
        return self._about({other for other, shared in found.items() if shared >= _NEARLY_MOST * most})

    def told(self, what: str, unit: str, number: Decimal) -> list[Finding]:
        """The unit's own problems with this very number and a word in common, however they are worded."""
        topic = Topic.of(what)
        places = (place for place, value in enumerate(self._number_of) if value == hash(number))
        return [
            finding
            for finding in (self.findings[place] for place in places)
            if finding.quantity
            and finding.quantity.value == number
            and topic.shared(Topic.of(finding.text))
            and self.sameness.covers(finding.responsible, unit)
        ]

    def has(self, unit: str) -> bool:
        """Whether any list has a problem of this unit, or of its district."""
        return any(self.sameness.covers(listed, unit) for listed in self._units)
