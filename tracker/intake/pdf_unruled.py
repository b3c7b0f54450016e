"""A table without lines: the blank stripes that no line crosses part its columns, its keys part its rows.

Must never guess: lines that do not fall into columns and rows are handed back as lines of prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tracker.intake.blocks import Block, Cell, Table
from tracker.intake.pdf_lines import Segment, TextLine, cell_text, spanning
from tracker.intake.pdf_rows import Key, parted

_NUMBERS = re.compile(r"序|序号|编号|排名|名次")
_NUMBER = re.compile(r"[\d.、]+|[一二三四五六七八九十]+、?|[合总小共]计")
_HEADING = re.compile(rf"{_NUMBERS.pattern}|(?:\w{{0,6}})(?:单位|部门|区划|地区|县区|区县)(?:名称)?")
_HEADING_LENGTH = 20
_CAPTION = re.compile(r"附\s*件\s*[\d一二三四五六七八九十]{1,3}(?!\S)")
_BLANK = 0.5  # of the letter size
_STRIPE = 0.15  # of the letter size: the narrowest blank stripe between two columns
_APART = 2.5  # letter sizes below a line: nothing of the table stands there
_WRAPPED = 0.25  # letter sizes by which wrapped lines may vary in their distance
_TORN = 1.25  # times the widest gap inside the other rows: what stands so far below is no part of the row

Stripe = tuple[float, float]


def is_heading(line: TextLine) -> bool:
    """The heading row of a list of units: short words well apart, one of the first two names the column."""
    words = [phrase.text.replace(" ", "") for phrase in line.phrases]
    named = any(_HEADING.fullmatch(word) for word in words[:2])
    return len(words) > 1 and named and all(len(word) <= _HEADING_LENGTH for word in words)


def overlaps(above: TextLine, below: TextLine) -> bool:
    """Whether two lines stand beside one another, as centred cells of different heights do."""
    return above.page == below.page and above.bottom > below.top + _WRAPPED * below.size


class Unruled:
    """A table being gathered. `begun`: lines beside the heading's own that stand a little higher."""

    def __init__(self, heading: TextLine, begun: Sequence[TextLine] = ()) -> None:
        self._heading = heading
        self._columns: list[Segment] = list(heading.phrases)
        for line in begun:
            self._add_columns(line)
        self._stripes = self._between()
        self._lines: list[TextLine] = [*begun, heading]

    def take(self, line: TextLine) -> bool:
        """Take a line that may belong to the table; False where the table is surely over."""
        last = self._lines[-1]
        if _CAPTION.match(line.text):
            return False
        if line.page == last.page and line.top - max(self._reach(), last.bottom) > _APART * line.size:
            return False
        if is_heading(line) and not self._is_repeated(line):
            return False
        if line.page == self._heading.page and overlaps(self._heading, line):
            self._add_columns(line)
            self._stripes = self._between()
        stripes = [_without(free, line) for free in self._stripes]
        if not all(stripes):
            return False  # a sentence: it crosses from one column into the next
        self._stripes = [*stripes]
        self._lines.append(line)
        return True

    def blocks(self) -> list[Block]:
        """The table, then the lines that turned out to stand below it, each a paragraph."""
        lines = self._lines[: self._end()]
        rows = self._rows(lines)
        if rows is None:
            return [line.text for line in self._lines]
        rows[-1], torn = self._whole(rows)
        cells = [self._cells(row, rows) for row in rows]
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
        columns = [_column(lines, left, right) for left, right in self._bounds()]
        return [min((segment.x0 for segment, _ in column), default=None) for column in columns]

    def _stands_in_line(self, line: TextLine, starts: Sequence[float | None]) -> bool:
        cells = [_column([line], left, right) for left, right in self._bounds()]
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

    def _on_page(self, page: int) -> list[TextLine]:
        return [line for line in self._lines if line.page == page]

    def _reach(self) -> float:
        return max(line.bottom for line in self._on_page(self._lines[-1].page))

    def _is_repeated(self, line: TextLine) -> bool:
        above = self._on_page(line.page)
        return line.text == self._heading.text and all(overlaps(each, line) for each in above)

    def _add_columns(self, line: TextLine) -> None:
        """A heading cell of several lines may have none on the line that the others stand on."""
        for phrase in line.phrases:
            if not any(phrase.x0 < known.x1 and known.x0 < phrase.x1 for known in self._columns):
                self._columns.append(phrase)
        self._columns.sort(key=lambda phrase: phrase.x0)

    def _between(self) -> list[Sequence[Stripe]]:
        return [[(left.x1, right.x0)] for left, right in pairwise(self._columns)]

    def _edges(self) -> list[float]:
        """Where columns meet. What stands free between two titles is under the right one, which is centred
        above it: so the first stripe parts them, unless it is no more than a blank between words."""
        edges = []
        for free in self._stripes:
            wide = [stripe for stripe in free if stripe[1] - stripe[0] > _BLANK * self._heading.size]
            left, right = wide[0] if wide else max(free, key=lambda stripe: stripe[1] - stripe[0])
            edges.append((left + right) / 2)
        return edges

    def _bounds(self) -> list[tuple[float, float]]:
        return list(pairwise([float("-inf"), *self._edges(), float("inf")]))

    def _key_cell(self, line: TextLine) -> str:
        edge = self._edges()[0]
        return " ".join(segment.text for segment in line.segments if segment.middle < edge)

    def _rows(self, lines: Sequence[TextLine]) -> list[list[TextLine]] | None:
        """The lines of each row, the heading's first; None where they cannot be told apart."""
        pages = [
            sorted((line for line in lines if line.page == page), key=lambda line: line.top)
            for page in sorted({line.page for line in lines})
        ]
        found = parted([(page, self._keys(page)) for page in pages])
        if found is None:
            return None
        rows: list[list[TextLine]] = []
        for page in found:
            if page.above:
                rows[-1] += page.above
            rows += [list(row) for row in page.rows]
        return rows

    def _keys(self, lines: Sequence[TextLine]) -> list[Key]:
        """The cells of the first column; each number is one, a name may take several lines."""
        places = [place for place, line in enumerate(lines) if self._key_cell(line)]
        pitch = _pitch(lines)
        keys: list[Key] = []
        for place in places:
            line, last = lines[place], keys[-1] if keys else None
            is_name = not self._is_numbered or self._is_title(self._key_cell(line))
            if last and is_name and line.top - last.bottom <= pitch:
                keys[-1] = Key(last.first, place, last.top, line.bottom)
            else:
                keys.append(Key(place, place, line.top, line.bottom))
        return keys

    def _whole(self, rows: Sequence[Sequence[TextLine]]) -> tuple[list[TextLine], list[TextLine]]:
        """The last row, and the lines below it that stand further off than lines of other rows do.

        Where no other row has two lines, what stands far off must also stand out of line.
        """
        last = list(rows[-1])
        gaps = [gap for row in rows[1:-1] for gap in _gaps(row)]
        limit = max(last[0].size, _TORN * max(gaps, default=0.0))
        starts = self._starts([line for row in rows for line in row[:1]])
        for place, gap in enumerate(_gaps(last), start=1):
            if gap > limit and (gaps or not self._stands_in_line(last[place], starts)):
                return last[:place], last[place:]
        return last, []

    def _cells(self, row: Sequence[TextLine], rows: Sequence[Sequence[TextLine]]) -> list[str]:
        return [
            cell_text(_column(row, left, right), self._width(left, right, rows))
            for left, right in self._bounds()
        ]

    def _width(self, left: float, right: float, rows: Sequence[Sequence[TextLine]]) -> float:
        """The widest line of a column, in points."""
        lines = [segment for row in rows for segment, _ in _column(row, left, right)]
        return max((line.x1 - line.x0 for line in lines), default=0.0)


def _without(free: Sequence[Stripe], line: TextLine) -> list[Stripe]:
    """What of the blank stripes a line leaves blank."""
    for segment in line.segments:
        free = [
            part
            for left, right in free
            for part in ((left, min(right, segment.x0)), (max(left, segment.x1), right))
            if part[1] - part[0] > _STRIPE * line.size
        ]
    return list(free)


def _column(row: Sequence[TextLine], left: float, right: float) -> list[tuple[Segment, float]]:
    """The lines of a cell, each with its letter size."""
    lines = []
    for line in row:
        if inside := [segment for segment in line.segments if left <= segment.middle < right]:
            lines.append((spanning(inside), line.size))
    return lines


def _pitch(lines: Sequence[TextLine]) -> float:
    """The gap between wrapped lines: hardly more than the least one between lines that share a column."""
    gaps = [
        min(gaps)
        for place, line in enumerate(lines)
        if (gaps := [below.top - line.bottom for below in lines[place + 1 :] if _share(line, below)])
    ]
    return min(gaps, default=0.0) + (_WRAPPED * lines[0].size if lines else 0.0)


def _share(above: TextLine, below: TextLine) -> bool:
    return any(a.x0 < b.x1 and b.x0 < a.x1 for a in above.segments for b in below.segments)


def _gaps(lines: Sequence[TextLine]) -> list[float]:
    """Above each line but the first: how far below everything before it."""
    gaps, reach = [], lines[0].bottom
    for above, line in pairwise(lines):
        gaps.append(line.top - reach if line.page == above.page else 0.0)
        reach = max(reach, line.bottom) if line.page == above.page else line.bottom
    return gaps
