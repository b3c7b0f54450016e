"""Which lines make a row of a table without lines: each has one key, and stands evenly around or below it.

Must never choose between two readings that fit alike: then there are no rows, only lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from tracker.intake.pdf_lines import TextLine

_OVERLAP = 0.2  # of the letter size, by which the boxes of two lines may overlap
_BROKEN = 0.5  # letter sizes: the price of a row that the page breaks
_MISFIT = 0.6  # letter sizes a row may stand off its key, on average


class Alignment(Enum):
    """How cells stand in their rows."""

    TOP = "top"
    MIDDLE = "middle"


@dataclass(frozen=True)
class Key:
    """The cell that names a row: its first and last line's places on the page, and its extent in points."""

    first: int
    last: int
    top: float
    bottom: float


@dataclass(frozen=True)
class PageRows:
    """The lines of one page parted: `above` ends the last row of the page before, `rows` have a key each."""

    above: tuple[TextLine, ...]
    rows: tuple[tuple[TextLine, ...], ...]


def parted(pages: Sequence[tuple[Sequence[TextLine], Sequence[Key]]]) -> list[PageRows] | None:
    """The rows of a table, page by page; None if neither alignment explains where the lines stand."""
    best: tuple[float, list[PageRows]] | None = None
    for alignment in Alignment:
        fits = [
            _fit(lines, keys, alignment, is_first=number == 0, is_last=number == len(pages) - 1)
            for number, (lines, keys) in enumerate(pages)
        ]
        known = [fit for fit in fits if fit is not None]
        misfit = sum(fit[0] for fit in known)
        if len(known) == len(fits) and (best is None or misfit < best[0] - 0.1):
            best = misfit, [fit[1] for fit in known]
    count = sum(len(keys) for _, keys in pages)
    return best[1] if best is not None and best[0] <= _MISFIT * count else None


def _fit(
    lines: Sequence[TextLine], keys: Sequence[Key], alignment: Alignment, *, is_first: bool, is_last: bool
) -> tuple[float, PageRows] | None:
    """The parting of one page that fits best, and by how many letter sizes it is off."""
    cuts = [0, *_cuts(lines), len(lines)]
    # From the last row up: for each place where a row may begin, the best ends of it and all rows below.
    best: dict[int, tuple[float, tuple[int, ...]]] = {len(lines): (0.0, ())}
    for number in reversed(range(len(keys))):
        key, found = keys[number], {}
        is_broken = alignment is Alignment.MIDDLE and number == len(keys) - 1 and not is_last
        for start in (cut for cut in cuts if cut <= key.first):
            options = []
            for end in (end for end in best if end > key.last):
                off = _off(lines[start:end], key, alignment)
                if is_broken:
                    off = min(off, _BROKEN + _off(lines[start:end], key, Alignment.TOP))
                options.append((off + best[end][0], (end, *best[end][1])))
            if options:
                found[start] = min(options)
        best = found
    price = _BROKEN if alignment is Alignment.MIDDLE else 0.0
    begun = [(off + (price if start else 0.0), start, ends) for start, (off, ends) in best.items()]
    begun = [option for option in begun if option[1] == 0 or not is_first]
    if not begun:
        return None
    off, start, ends = min(begun)
    rows = tuple(tuple(lines[a:b]) for a, b in zip((start, *ends), ends, strict=False))
    return off, PageRows(tuple(lines[:start]), rows)


def _cuts(lines: Sequence[TextLine]) -> Iterator[int]:
    """The places before which a row may begin: nothing above reaches below the line's top."""
    reach = 0.0
    for place, line in enumerate(lines):
        if place and line.top >= reach - _OVERLAP * line.size:
            yield place
        reach = max(reach, line.bottom)


def _off(lines: Sequence[TextLine], key: Key, alignment: Alignment) -> float:
    top, bottom, size = lines[0].top, max(line.bottom for line in lines), lines[0].size
    if alignment is Alignment.TOP:
        return abs(key.top - top) / size
    return abs(key.top + key.bottom - top - bottom) / 2 / size
