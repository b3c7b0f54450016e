"""The words by which units are recognised inside a sentence: organs usual everywhere, and the office's own.

Must never say *which* unit a name means: that is the registry's to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Lexicon:
    """`organs` are names without level and place (发改委, 文化和旅游局); `names` are whole names of units."""

    organs: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, short_forms: Mapping[str, str], names: Iterable[str]) -> Lexicon:
        """From the dictionary of short forms, which lists organs by both names, and the registry's names."""
        return cls(frozenset(short_forms) | frozenset(short_forms.values()), frozenset(names))
