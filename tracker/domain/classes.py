"""What kind of problem a text states: the office's patterns, tried in the order of `config/classes.toml`.

Must never read a file or know a class by its code, except the one that takes what no pattern fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

OTHER = "other"


class Proof(StrEnum):
    """What evidence a class wants before an item is struck off; a written explanation is a note."""

    LINK = "link"
    FILE = "file"
    NOTE = "note"
    ANY = "any"

    @property
    def chinese(self) -> str:
        return _PROOF_WORDS[self]

    def is_among(self, kinds: Collection[Proof]) -> bool:
        """Whether evidence of these kinds is enough."""
        return bool(kinds) if self is Proof.ANY else self in kinds


_PROOF_WORDS = {Proof.LINK: "网址", Proof.FILE: "文件", Proof.NOTE: "说明", Proof.ANY: "网址、文件或说明"}


@dataclass(frozen=True)
class ProblemClass:
    """One class. `domain` None: of any domain. `patterns` are regular expressions searched in the text.

    `deadline` is the rule as `config/` writes it; `source` says in Chinese where that rule comes from.
    `evidence` is what a strike-off needs; None: nothing. `auto_verify`: checks strike off what was handed in
    and is to be seen, and return what is not to be seen again and again.
    `revisit_weeks`: when it is looked at again after that; None: when all others are.
    """

    code: str
    name: str
    domain: str | None
    patterns: tuple[str, ...]
    deadline: Mapping[str, object]
    source: str
    evidence: Proof | None = None
    auto_verify: bool = False
    revisit_weeks: tuple[int, ...] | None = None

    @cached_property
    def searches(self) -> tuple[Callable[[str], re.Match[str] | None], ...]:
        """Each pattern's search, compiled once: a long list asks a hundred thousand times."""
        return tuple(re.compile(pattern).search for pattern in self.patterns)


def classify(text: str, domain: str | None, classes: Sequence[ProblemClass]) -> str:
    """The code of the first class, in the given order, that has a pattern found in the text; else `other`.

    Only classes of the same domain (or of any) are tried; a domain that no class knows, and None, tries all.
    """
    return first_fit(text, tried_for(domain, classes))


def tried_for(domain: str | None, classes: Sequence[ProblemClass]) -> Sequence[ProblemClass]:
    """The classes that a text of this domain may be of; who judges many texts asks once."""
    if domain is None or all(candidate.domain != domain for candidate in classes):
        return classes
    return [candidate for candidate in classes if candidate.domain in (domain, None)]


def first_fit(text: str, candidates: Sequence[ProblemClass]) -> str:
    """The code of the first of these that has a pattern found in the text; else `other`."""
    for candidate in candidates:
        for search in candidate.searches:
            if search(text):
                return candidate.code
    return OTHER
