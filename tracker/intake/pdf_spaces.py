"""The blank between the lines of a page: stripes between columns, and gaps from line to line.

Must never know what a line says.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tracker.intake.pdf_lines import Segment, TextLine, spanning

WRAPPED = 0.25  # letter sizes by which wrapped lines may vary in their distance
_NARROWEST = 0.15  # of the letter size: a stripe between two columns

Stripe = tuple[float, float]
"""From left to right, in points."""


def without(free: Sequence[Stripe], line: TextLine) -> list[Stripe]:
    """What of the blank stripes a line leaves blank."""
    for segment in line.segments:
        free = [
            part
            for left, right in free
            for part in ((left, min(right, segment.x0)), (max(left, segment.x1), right))
            if part[1] - part[0] > _NARROWEST * line.size
        ]
    return list(free)


def column(row: Sequence[TextLine], left: float, right: float) -> list[tuple[Segment, float]]:
    """The lines of a cell, each with its letter size."""
    lines = []
    for line in row:
        if inside := [segment for segment in line.segments if left <= segment.middle < right]:
            lines.append((spanning(inside), line.size))
    return lines


def pitch(lines: Sequence[TextLine]) -> float:
    """The gap between wrapped lines: hardly more than the least one between lines that share a column."""
    gaps = [
        min(gaps)
        for place, line in enumerate(lines)
        if (gaps := [below.top - line.bottom for below in lines[place + 1 :] if _share(line, below)])
    ]
    return min(gaps, default=0.0) + (WRAPPED * lines[0].size if lines else 0.0)


def _share(above: TextLine, below: TextLine) -> bool:
    return any(a.x0 < b.x1 and b.x0 < a.x1 for a in above.segments for b in below.segments)


def gaps(lines: Sequence[TextLine]) -> list[float]:
    """Above each line but the first: how far below everything before it."""
    gaps, reach = [], lines[0].bottom
    for above, line in pairwise(lines):
        gaps.append(line.top - reach if line.page == above.page else 0.0)
        reach = max(reach, line.bottom) if line.page == above.page else line.bottom
    return gaps
