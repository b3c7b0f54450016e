"""From the lines and tables on a PDF's pages to paragraphs and tables that run over the pages.

Must never drop a line but page numbers and headings that repeat on every page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.intake.blocks import Block, Cell, Table

_PAGE_NUMBER = re.compile(r"[-—–－·\s]*第?\s*\d{1,4}\s*页?(?:\s*[/／,，]?\s*共?\s*\d{1,4}\s*页)?[-—–－·\s]*")
_HEADING = re.compile(r"序号|编号|(?:\w{0,6})(?:单位|部门|区划|地区|县区|区县)(?:名称)?")
_HEADING_LENGTH = 20
_FULL_LINE = 0.75  # of the page's width: a shorter line has not been wrapped at the margin


@dataclass(frozen=True)
class Segment:
    """Words that stand together; `x0` and `x1` in points from the left."""

    x0: float
    x1: float
    text: str


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


@dataclass(frozen=True)
class Grid:
    """A table with ruled lines on one page."""

    rows: list[list[str]]
    page: int


class _Aligned:
    """A table without lines: its heading's words give the columns, which grow as the rows fill them."""

    def __init__(self, heading: TextLine) -> None:
        self._columns = [(segment.x0, segment.x1) for segment in heading.segments]
        self.rows = [[segment.text for segment in heading.segments]]
        self._last = heading

    def take(self, line: TextLine) -> bool:
        """Take a line as a row or as the rest of the row above; False where the table is over."""
        same_page = line.page == self._last.page
        gap = (line.top - self._last.bottom) / line.size if same_page else 0
        placed = self._placed(line)
        if placed is None or gap > 2.5:
            return False
        cells = [""] * len(self._columns)
        for column, segment in placed:
            cells[column] = f"{cells[column]} {segment.text}".strip()
        if cells[0] and len(placed) > 1:
            if cells != self.rows[0]:  # the heading again, on the next page
                self.rows.append(cells)
        elif cells[0] or gap > 1.2:
            return False
        else:
            self.rows[-1] = ["\n".join(filter(None, pair)) for pair in zip(self.rows[-1], cells, strict=True)]
        for column, segment in placed:
            left, right = self._columns[column]
            self._columns[column] = (min(left, segment.x0), max(right, segment.x1))
        self._last = line
        return True

    def _placed(self, line: TextLine) -> list[tuple[int, Segment]] | None:
        """The column of each segment; None if one lies across two columns: then it is a sentence."""
        placed = []
        for segment in line.segments:
            across = [
                column
                for column, (left, right) in enumerate(self._columns)
                if segment.x0 < right and left < segment.x1
            ]
            if len(across) > 1:
                return None
            placed.append((across[0] if across else self._nearest(segment), segment))
        return placed

    def _nearest(self, segment: Segment) -> int:
        distances = [max(left - segment.x1, segment.x0 - right) for left, right in self._columns]
        return distances.index(min(distances))


def flow(pages: Sequence[Sequence[TextLine | Grid]]) -> list[Block]:
    """Paragraphs and tables of all pages, in order."""
    items = _without_furniture(pages)
    left = min((item.segments[0].x0 for item in items if isinstance(item, TextLine)), default=0)
    walk = _Flow(left)
    for item in items:
        if isinstance(item, Grid):
            walk.take_grid(item)
        else:
            walk.take_line(item)
    walk.close()
    return walk.blocks


class _Flow:
    """The walk over the pages: what is finished, and what may go on. `left`: where unindented text begins."""

    def __init__(self, left: float) -> None:
        self.blocks: list[Block] = []
        self._left = left
        self._paragraph: list[TextLine] = []
        self._aligned: _Aligned | None = None
        self._ruled: Grid | None = None

    def take_grid(self, grid: Grid) -> None:
        above = self._ruled
        if above and grid.page == above.page + 1 and len(grid.rows[0]) == len(above.rows[0]):
            grid = Grid(_continued(above.rows, grid.rows), grid.page)
            self.blocks.pop()
        else:
            self.close()
        self.blocks.append(_table(grid.rows))
        self._ruled = grid

    def take_line(self, line: TextLine) -> None:
        self._ruled = None
        if self._aligned is not None and self._aligned.take(line):
            return
        if _is_heading(line):
            self.close()
            self._aligned = _Aligned(line)
            return
        if self._aligned is not None or not (
            self._paragraph and _wraps(self._paragraph[-1], line, self._left)
        ):
            self.close()
        self._paragraph.append(line)

    def close(self) -> None:
        """Finish what is open: nothing more belongs to it."""
        if self._paragraph:
            self.blocks.append("".join(_glued(line.text for line in self._paragraph)))
            self._paragraph = []
        if self._aligned is not None:
            self.blocks.append(_table(self._aligned.rows))
            self._aligned = None


def _continued(above: list[list[str]], below: list[list[str]]) -> list[list[str]]:
    """A table and its part on the next page: without the repeated heading, a row broken in two made whole."""
    rest = below[1:] if below[0] == above[0] else below
    if rest and not rest[0][0].strip() and above[-1][0].strip() and any(cell.strip() for cell in rest[0]):
        whole = ["\n".join(filter(None, pair)) for pair in zip(above[-1], rest[0], strict=True)]
        return [*above[:-1], whole, *rest[1:]]
    return above + rest


def _wraps(line: TextLine, following: TextLine, left: float) -> bool:
    """Whether a paragraph goes on: the line reaches the margin, the next one begins there, without indent."""
    reaches = line.segments[-1].x1 > _FULL_LINE * line.page_width
    return reaches and following.segments[0].x0 < left + following.size / 2


def _glued(lines: Iterable[str]) -> Iterable[str]:
    """Wrapped lines as one: a blank only between Latin words."""
    last = ""
    for line in lines:
        both = last[-1:] + line[:1]
        yield f" {line}" if len(both) == 2 and both.isascii() and both.isalnum() else line
        last = line


def _is_heading(line: TextLine) -> bool:
    """The heading row of a list of units: short words well apart, one of the first two names the column."""
    words = [segment.text.replace(" ", "") for segment in line.segments]
    named = any(_HEADING.fullmatch(word) for word in words[:2])
    return len(words) > 1 and named and all(len(word) <= _HEADING_LENGTH for word in words)


def _without_furniture(pages: Sequence[Sequence[TextLine | Grid]]) -> list[TextLine | Grid]:
    """Everything but page numbers, and what stands first or last on most pages, after its first time."""
    edges = [
        {id(page[place]): _shape(edge) for place in (0, -1) if isinstance(edge := page[place], TextLine)}
        for page in pages
        if page
    ]
    counts = Counter(shape for page in edges for shape in set(page.values()))
    often = {shape for shape, count in counts.items() if count >= 3 and 2 * count > len(pages)}
    shapes = {key: shape for page in edges for key, shape in page.items()}
    seen: set[str] = set()
    kept: list[TextLine | Grid] = []
    for item in (item for page in pages for item in page):
        shape = shapes.get(id(item))
        if isinstance(item, TextLine) and shape is not None:
            if _PAGE_NUMBER.fullmatch(item.text) or (shape in often and shape in seen):
                continue
            seen.add(shape)
        kept.append(item)
    return kept


def _shape(line: TextLine) -> str:
    return re.sub(r"\d+", "#", line.text)


def _table(rows: list[list[str]]) -> Table:
    return Table([[Cell([text]) for text in row] for row in rows])
