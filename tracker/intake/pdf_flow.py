"""From the lines and tables on a PDF's pages to paragraphs and tables that run over the pages.

Must never drop a line but page numbers and headings that repeat on every page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tracker.intake.blocks import Block, Cell, Table
from tracker.intake.pdf_lines import Grid, TextLine
from tracker.intake.pdf_unruled import Unruled, is_heading, overlaps

_PAGE_NUMBER = re.compile(r"[-—–－·\s]*第?\s*\d{1,4}\s*页?(?:\s*[/／,，]?\s*共?\s*\d{1,4}\s*页)?[-—–－·\s]*")
_PRINTED = re.compile(  # what a browser prints at the page's edges: day and title, address and page
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? \d{1,2}:\d{2}(?: [AP]M)?(?: .{1,80})?|(?:https?|file)://\S+ \d+/\d+"
)
_FULL_LINE = 0.75  # of the page's width: a shorter line has not been wrapped at the margin


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
        self._unruled: Unruled | None = None
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
        if self._unruled is not None and self._unruled.take(line):
            return
        if is_heading(line):
            begun = [above for above in self._paragraph if overlaps(above, line)]
            self._paragraph = self._paragraph[: len(self._paragraph) - len(begun)]
            self.close()
            self._unruled = Unruled(line, begun)
            return
        if self._unruled is not None or not (
            self._paragraph and _wraps(self._paragraph[-1], line, self._left)
        ):
            self.close()
        self._paragraph.append(line)

    def close(self) -> None:
        """Finish what is open: nothing more belongs to it."""
        if self._paragraph:
            self.blocks.append("".join(_glued(line.text for line in self._paragraph)))
            self._paragraph = []
        if self._unruled is not None:
            self.blocks += self._unruled.blocks()
            self._unruled = None


def _continued(above: list[list[str]], below: list[list[str]]) -> list[list[str]]:
    """A table and its part on the next page: without the repeated heading, a row broken in two made whole."""
    rest = below[1:] if below[0] == above[0] else below
    if rest and len(above) > 1 and _is_broken(above[-1], rest[0]):
        whole = ["\n".join(filter(None, pair)) for pair in zip(above[-1], rest[0], strict=True)]
        return [*above[:-1], whole, *rest[1:]]
    return above + rest


def _is_broken(above: list[str], below: list[str]) -> bool:
    """Whether two rows are the parts of one: both say something, and one of them alone has the number."""
    named = [bool(row[0].strip()) for row in (above, below)]
    return sum(named) == 1 and all(any(map(str.strip, row)) for row in (above, below))


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


def _without_furniture(pages: Sequence[Sequence[TextLine | Grid]]) -> list[TextLine | Grid]:
    """Everything but page numbers, a browser's marks, and what stands first or last on most pages.

    Such a heading stays where it stands first, such a footing where it stands last: between two pages
    either would tear a table apart.
    """
    heads = [line for page in pages if page and isinstance(line := page[0], TextLine)]
    feet = [line for page in pages if page and isinstance(line := page[-1], TextLine)]
    dropped: set[int] = set()
    for lines in (heads, feet[::-1]):
        counts = Counter(map(_shape, lines))
        often = {shape for shape, count in counts.items() if count >= 3 and 2 * count > len(pages)}
        seen: set[str] = set()
        for line in lines:
            shape = _shape(line)
            if _PAGE_NUMBER.fullmatch(line.text) or _PRINTED.fullmatch(line.text) or shape in often & seen:
                dropped.add(id(line))
            seen.add(shape)
    return [item for page in pages for item in page if id(item) not in dropped]


def _shape(line: TextLine) -> str:
    return re.sub(r"\d+", "#", line.text)


def _table(rows: list[list[str]]) -> Table:
    return Table([[Cell([text]) for text in row] for row in rows])
