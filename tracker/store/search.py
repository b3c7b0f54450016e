"""Finding items by what a person types: a number, part of a unit's name, words of the problem.

Must never read all items for it. The words' index (migration 0010) holds pairs of characters: it tells which
items may hold a word, and their own text decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from tracker.store.schema import item, unit

_NUMBERS_END = 2**31  # what an INTEGER column can hold
_PAIRS = table("item_words", column("rowid"))  # SQLite's


def words_of(typed: str) -> tuple[str, ...]:
    """What was typed, word by word; an item must hold all of them."""
    return tuple(dict.fromkeys(typed.split()))[:8]


def holds(word: str) -> ColumnElement[bool]:
    """Whether an item bears a word: in its text, its unit's name, or as its number."""
    found = [item.c.text.icontains(word, autoescape=True), item.c.unit_id.in_(_units(word))]
    if (number := _number(word)) is not None:
        found.append(item.c.number == number)
    return or_(*found)


def candidates(connection: Connection, words: Sequence[str], most: int) -> set[int] | None:
    """Numbers among which all items are that bear these words; None if that would be more than `most`."""
    for word in sorted(words, key=len, reverse=True):
        found: set[int] = set()
        for query in _places(connection, word):
            found |= set(connection.scalars(query.limit(most + 1)))
        if len(found) <= most and _pairs(word):
            return found
    return None


def _places(connection: Connection, word: str) -> list[Select[int]]:
    """Where a word may stand; each part is found by an index."""
    queries = [select(item.c.number).where(item.c.unit_id.in_(_units(word)))]
    if (number := _number(word)) is not None:
        queries.append(select(item.c.number).where(item.c.number == number))
    pairs = _pairs(word)
    if pairs and connection.dialect.name == "sqlite":
        wanted = " ".join(f'"{pair}"' for pair in pairs)
        queries.append(select(_PAIRS.c.rowid).where(literal_column("item_words").op("MATCH")(wanted)))
    elif pairs:
        stored = func.item_pairs(item.c.text, type_=ARRAY(Text))
        lowered = array([func.lower(pair, type_=Text) for pair in pairs])
        queries.append(select(item.c.number).where(stored.contains(lowered)))
    return queries


def _pairs(word: str) -> list[str]:
    """Neighbouring letters and digits of a word; none in a single character or in signs alone.

    The index holds the pairs of the first 1,000 characters of a text.
    """
    neighbours = (word[place : place + 2] for place in range(len(word) - 1))
    return list(dict.fromkeys(pair for pair in neighbours if pair.isalnum()))


def _units(word: str) -> Select[int]:
    return select(unit.c.id).where(unit.c.name.icontains(word, autoescape=True))


def _number(word: str) -> int | None:
    plain = word.removeprefix("#")
    is_number = plain.isascii() and plain.isdecimal() and len(plain) < 11
    return int(plain) if is_number and 0 < int(plain) < _NUMBERS_END else None
