"""A table without lines: the blank stripes that no line crosses part its columns, its keys part its rows.

Must never guess: lines that do not fall into columns and rows are handed back as lines of prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby, pairwise

from tracker.intake.blocks import Block, Cell, Table
from tracker.intake.pdf_lines import Segment, TextLine, cell_text
from tracker.intake.pdf_rows import Key, parted
from tracker.intake.pdf_spaces import WRAPPED, Stripe, column, gaps, pitch, without

_NUMBERS = re.compile(r"序|序号|编号|排名|名次")
_NUMBER = re.compile(r"[\d.、]+|[一二三四五六七八九十]+、?|[合总小共]计")
_HEADING = re.compile(rf"{_NUMBERS.pattern}|(?:\w{{0,6}})(?:单位|部门|区划|地区|县区|区县)(?:名称)?")
_HEADING_LENGTH = 20
_CAPTION = re.compile(r"附\s*件\s*[\d一二三四五六七八九十]{1,3}(?!\S)")
_BLANK = 0.5  # of the letter size
_APART = 2.5  # letter sizes below a line: nothing of the table stands there
_TITLE_GAP = 0.6  # letter sizes: lines further apart are not one title
_TORN = 1.25  # times the widest gap inside the other rows: what stands so far below is no part of the row


def is_heading(line: TextLine) -> bool:
    """The heading row of a list of units: short words well apart, one of the first two names the column."""
    words = [phrase.text.replace(" ", "") for phrase in line.phrases]
    named = any(_HEADING.fullmatch(word) for word in words[:2])
    return len(words) > 1 and named and all(len(word) <= _HEADING_LENGTH for word in words)


def overlaps(above: TextLine, below: TextLine) -> bool:
    """Whether two lines stand beside one another, as centred cells of different heights do."""
    return above.page == below.page and above.bottom > below.top + WRAPPED * below.size


class Unruled:
    """A table being gathered. `begun`: lines beside the heading's own that stand a little higher."""

    def __init__(self, heading: TextLine, begun: Sequence[TextLine] = ()) -> None:
        self._heading = heading
        self._columns: list[Segment] = list(heading.phrases)
        for line in begun:
            self._add_columns(line)
        self._stripes = self._between()
        self._lines: list[TextLine] = [*begun, heading]
        self._newest_page: list[TextLine] = [*begun, heading]

    def take(self, line: TextLine) -> bool:
        """Take a line that may belong to the table; False where the table is surely over."""
        if line.page != self._newest_page[0].page:
            self._newest_page = []
        reach = max((above.bottom for above in self._newest_page), default=line.top)
        if _CAPTION.match(line.text) or line.top - reach > _APART * line.size:
            return False
        if is_heading(line) and not self._is_repeated(line):
            return False
        if line.page == self._heading.page and overlaps(self._heading, line):
            self._add_columns(line)
            self._stripes = self._between()
        stripes = [without(free, line) for free in self._stripes]
        if not all(stripes):
            return False  # a sentence: it crosses from one column into the next
        self._stripes = [*stripes]
        self._lines.append(line)
        self._newest_page.append(line)
        return True

    def blocks(self) -> list[Block]:
        """The table, then the lines that turned out to stand below it, each a paragraph."""
        lines = self._lines[: self._end()]
        rows = self._rows(lines)
        if rows is None:
            return [line.text for line in self._lines]
        rows[-1], torn = self._whole(rows)
        cells = self._cells(rows)
        table = [cells[0], *(row for row in cells[1:] if row != cells[0])]
        below = [line.text for line in (*torn, *self._lines[len(lines) :])]
        return [Table([[Cell([text]) for text in row] for row in table]), *below]

    def _end(self) -> int:
        """How many of the lines can be the table's: what has no key on the last page must stand in line."""
        last = self._lines[-1].page
        names = [self._key_cell(line) for line in self._lines if line.page == last]
        above = [line for line in self._lines if line.page < last]
        starts = self._starts(above) if not any(names) else None
        for place, line in enumerate(self._lines):
            if self._is_numbered and not self._is_key(self._key_cell(line)):
                return place
            if starts and line.page == last and not self._stands_in_line(line, starts):
                return place
        return len(self._lines)

    def _starts(self, lines: Sequence[TextLine]) -> list[float | None]:
        """Where the text of each column begins in these lines."""
        columns = [column(lines, left, right) for left, right in self._bounds()]
        return [min((segment.x0 for segment, _ in column), default=None) for column in columns]

    def _stands_in_line(self, line: TextLine, starts: Sequence[float | None]) -> bool:
        cells = [column([line], left, right) for left, right in self._bounds()]
        return all(
            start is not None and abs(cell[0][0].x0 - start) < _BLANK * line.size
            for cell, start in zip(cells, starts, strict=True)
            if cell
        )

    @property
    def _title(self) -> str:
        return self._key_cell(self._heading).replace(" ", "")

    @property
    def _is_numbered(self) -> bool:
        return _NUMBERS.fullmatch(self._title) is not None

    def _is_key(self, text: str) -> bool:
        return not text or _NUMBER.fullmatch(text) is not None or self._is_title(text)

    def _is_title(self, text: str) -> bool:
        return text.replace(" ", "") in {self._title, *"序号"}

    def _is_repeated(self, line: TextLine) -> bool:
        return line.text == self._heading.text and all(overlaps(above, line) for above in self._newest_page)

    def _add_columns(self, line: TextLine) -> None:
        """A heading cell of several lines may have none on the line that the others stand on."""
        for phrase in line.phrases:
            if not any(phrase.x0 < known.x1 and known.x0 < phrase.x1 for known in self._columns):
                self._columns.append(phrase)
        self._columns.sort(key=lambda phrase: phrase.x0)

    def _between(self) -> list[Sequence[Stripe]]:
        return [[(left.x1, right.x0)] for left, right in pairwise(self._columns)]

    @cached_property
    def _edges(self) -> list[float]:
        """Where columns meet, once all lines are taken.

        What stands free between two titles is under the right one, which is centred above it: so the first
        stripe parts them, unless it is no more than a blank between words.
        """
        edges = []
        for free in self._stripes:
            wide = [stripe for stripe in free if stripe[1] - stripe[0] > _BLANK * self._heading.size]
            left, right = wide[0] if wide else max(free, key=lambda stripe: stripe[1] - stripe[0])
            edges.append((left + right) / 2)
        return edges

    def _bounds(self) -> list[tuple[float, float]]:
        return list(pairwise([float("-inf"), *self._edges, float("inf")]))

    def _key_cell(self, line: TextLine) -> str:
        edge = self._edges[0]
        return " ".join(segment.text for segment in line.segments if segment.middle < edge)

    def _rows(self, lines: Sequence[TextLine]) -> list[list[TextLine]] | None:
        """The lines of each row, the heading's first; None where they cannot be told apart."""
        pages = [
            sorted(page, key=lambda line: line.top) for _, page in groupby(lines, key=lambda line: line.page)
        ]
        found = parted([(page, self._keys(page)) for page in pages])
        if found is None:
            return None
        rows: list[list[TextLine]] = []
        for page in found:
            if page.above:
                rows[-1] += page.above
            rows += [list(row) for row in page.rows]
        is_torn = any(gap > _TITLE_GAP * self._heading.size for gap in gaps(rows[0]))
        return None if is_torn else rows

    def _keys(self, lines: Sequence[TextLine]) -> list[Key]:
        """The cells of the first column; each number is one, a name may take several lines."""
        places = [place for place, line in enumerate(lines) if self._key_cell(line)]
        wrapped = pitch(lines)
        keys: list[Key] = []
        for place in places:
            line, last = lines[place], keys[-1] if keys else None
            is_name = not self._is_numbered or self._is_title(self._key_cell(line))
            if last and is_name and line.top - last.bottom <= wrapped:
                keys[-1] = Key(last.first, place, last.top, line.bottom)
            else:
                keys.append(Key(place, place, line.top, line.bottom))
        return keys

    def _whole(self, rows: Sequence[Sequence[TextLine]]) -> tuple[list[TextLine], list[TextLine]]:
        """The last row, and the lines below it that stand further off than lines of other rows do.

        Where no other row has two lines, what stands far off must also stand out of line.
        """
        last = list(rows[-1])
        usual = [gap for row in rows[1:-1] for gap in gaps(row)]
        limit = max(last[0].size, _TORN * max(usual, default=0.0))
        starts = self._starts([line for row in rows for line in row[:1]])
        for place, gap in enumerate(gaps(last), start=1):
            if gap > limit and (usual or not self._stands_in_line(last[place], starts)):
                return last[:place], last[place:]
        return last, []

    def _cells(self, rows: Sequence[Sequence[TextLine]]) -> list[list[str]]:
        columns = [[column(row, left, right) for row in rows] for left, right in self._bounds()]
        widest = [
            max((line.x1 - line.x0 for cell in cells for line, _ in cell), default=0.0) for cells in columns
        ]
        return [
            [cell_text(cell, width) for cell, width in zip(row, widest, strict=True)]
            for row in zip(*columns, strict=True)
        ]
