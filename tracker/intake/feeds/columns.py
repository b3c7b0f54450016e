"""Which column of an export is which, by the names that the office has laid down for it.

Must never take a column by its place, or a name that only looks alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from tracker.domain.errors import IntakeError
from tracker.intake.feeds.rows import Row

_SEARCHED_ROWS = 20  # titles and remarks may stand above the header
_REMARK = re.compile(r"\([^()]*\)|\s")


def find_header(
    rows: Iterator[Row], synonyms: Mapping[str, Sequence[str]], needed: Collection[str], filename: str
) -> dict[str, int]:
    """Field → place of its column; afterwards `rows` stands behind the header.

    Raises IntakeError, naming the columns that are missing, if no row among the first has all of `needed`.
    """
    best: dict[str, int] = {}
    for _, row in islice(rows, _SEARCHED_ROWS):
        found = _places(row, synonyms)
        if set(needed) <= found.keys():
            return found
        best = max(best, found, key=len)
    missing = [field for field in needed if field not in best]
    names = "；".join("，或写作".join(filter(None, _first_and_others(synonyms[field]))) for field in missing)
    raise IntakeError(
        f"{filename}：表头中没有认出必需的列（{names}）。列名可在 config/feeds.toml 中补充",
        details={"missing": missing},
    )


def _first_and_others(names: Sequence[str]) -> tuple[str, str]:
    return names[0], "、".join(names[1:])


def _places(row: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(row):
        places.setdefault(_folded(name), place)
    return {
        field: next(places[_folded(name)] for name in names if _folded(name) in places)
        for field, names in synonyms.items()
        if any(_folded(name) in places for name in names)
    }


def _folded(name: str) -> str:
    return _REMARK.sub("", unicodedata.normalize("NFKC", name))
