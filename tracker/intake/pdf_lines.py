"""What stands on a page of a PDF: words, lines and ruled grids, and how the lines of a cell become its text.

Must never change a word: only what stood between two lines is judged, by where the upper one ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PHRASE_GAP = 0.6  # of the letter size: what is further apart is not one phrase
_LATIN_WIDTH = 0.55  # of the letter size
_ALLOWANCE = 1.2  # letters: a mark that may not begin a line takes a letter down with it
_CLOSED = re.compile(r"[。；;！!？?]$")
# What programs keep on one line: a word or letter, opening marks before it, closing ones and digits behind.
_UNBREAKABLE = re.compile(r"[（(《“‘【]*(?:[!-~]+|.)[，。、；：！？）》”’】%％]*[!-~]*")


@dataclass(frozen=True)
class Segment:
    """Words that stand together; `x0` and `x1` in points from the left."""

    x0: float
    x1: float
    text: str

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True)
class TextLine:
    """One line outside the ruled tables; `top` and `bottom` in points from the page's top."""

    segments: tuple[Segment, ...]
    top: float
    bottom: float
    page: int
    page_width: float

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)

    @property
    def size(self) -> float:
        return self.bottom - self.top

    @property
    def phrases(self) -> tuple[Segment, ...]:
        """The segments, joined where no more than a blank parts them."""
        phrases: list[Segment] = []
        for segment in self.segments:
            if phrases and segment.x0 - phrases[-1].x1 < _PHRASE_GAP * self.size:
                phrases[-1] = spanning([phrases[-1], segment])
            else:
                phrases.append(segment)
        return tuple(phrases)


@dataclass(frozen=True)
class Grid:
    """A table with ruled lines on one page."""

    rows: list[list[str]]
    page: int


def spanning(segments: Sequence[Segment]) -> Segment:
    """Segments of one line, from left to right, as one."""
    right = max(segment.x1 for segment in segments)
    return Segment(segments[0].x0, right, " ".join(segment.text for segment in segments))


def cell_text(lines: Sequence[tuple[Segment, float]], width: float) -> str:
    """The text of a cell from its lines (each with its letter size); `width`: of its column's widest line.

    A line that ends before it is full was ended on purpose, by a blank or a new paragraph; what is broken
    inside a number was wrapped by force. Any other break is kept as a line break, which may be either.
    """
    text = ""
    for place, (line, _) in enumerate(lines):
        text += (_break(lines[place - 1], line.text, width) if place else "") + line.text
    return text


def _break(above: tuple[Segment, float], below: str, width: float) -> str:
    line, size = above
    token = _UNBREAKABLE.match(below)
    needed = sum(_LATIN_WIDTH if letter.isascii() else 1 for letter in token[0]) if token else 0
    if line.x1 - line.x0 + (needed + _ALLOWANCE) * size < width:
        return "\n" if _CLOSED.search(line.text) else " "
    return "" if line.text[-1:].isdecimal() and below[:1].isdecimal() else "\n"
