"""抽查: a random draw that anybody can recompute by hand.

The population is written as one line per item, `number<TAB>unit`, in order of number, joined by newlines; its
SHA-256 is published with the seed. Each item's rank is the SHA-256 of `seed:number` in hex, so it depends on
those two alone, in any language and version. The lowest ranks are drawn. Must never use a generator of the
standard library: their order is no promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence


def rank(seed: str, number: int) -> str:
    """64 hex digits; the lowest are drawn first."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def population_text(population: Mapping[int, str]) -> str:
    """Item number → unit, as it is hashed and kept."""
    return "\n".join(f"{number}\t{population[number]}" for number in sorted(population))


def parse_population(text: str) -> dict[int, str]:
    """The other way round."""
    lines = (line.split("\t", 1) for line in text.split("\n") if line)
    return {int(number): unit for number, unit in lines}


def population_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def draw(population: Mapping[int, str], count: int, seed: str, *, per_unit: bool = False) -> list[int]:
    """`count` numbers of the population (all, if it is smaller), in the order in which they are drawn.

    `per_unit`: each unit's lowest rank goes first, so that each has one at least; the rest fill up by rank.
    Raises ValueError where there are more units than are to be drawn.
    """
    ranked = sorted(population, key=lambda number: (rank(seed, number), number))
    if not per_unit:
        return ranked[:count]
    firsts = _first_of_each(ranked, population)
    if len(firsts) > count:
        raise ValueError(f"{len(firsts)} units for {count} draws")
    chosen = set(firsts)
    return [*firsts, *(number for number in ranked if number not in chosen)][:count]


def _first_of_each(ranked: Sequence[int], units: Mapping[int, str]) -> list[int]:
    found: dict[str, int] = {}
    for number in ranked:
        found.setdefault(units[number], number)
    return list(found.values())
