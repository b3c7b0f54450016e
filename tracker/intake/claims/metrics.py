"""Rates in tables of figures: 按时办结率 of a row, also where a page gives one cell per line.

Must never call a row's rate wrong unless its columns are titled as the two numbers it is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.grids import Grid, compact, number, quoted
from tracker.intake.claims.model import Claim, Kind, percent, rounding
from tracker.intake.document import Document, Line

_RATE_TITLE = re.compile(r"(?P<stem>[\u4e00-\u9fff]{2,8})率[(（]?%?[)）]?")
_WHOLE_TITLE = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,4}总[数量]|总计|合计|应[\u4e00-\u9fff]{1,6}|(?:交办|受理|问题)数?量?)$"
)
_PERCENT = re.compile(r"\d{1,4}(?:\.\d{1,6})?%")
_LONGEST_ROW = 60


def check_metrics(tables: Sequence[Sequence[Grid]], document: Document) -> list[Claim]:
    """Each percentage that stands in a row of figures."""
    claims = [claim for pages in tables for grid in pages for row in grid.rows for claim in _row(grid, row)]
    for cells in _flattened(document):
        claims += _cells(cells)
    return claims


def _row(grid: Grid, row: Line) -> Iterator[Claim]:
    if not grid.is_aligned(row):
        return
    for at, cell in enumerate(row.cells):
        title = _RATE_TITLE.fullmatch(grid.titles[at])
        stated = compact(cell).replace("％", "%")
        if title is None or number(cell) is None or not ("%" in stated or "%" in title[0]):
            continue
        before = [value for other in row.cells[:at] if (value := number(other)) is not None]
        yield _judge(
            quoted(row), row.number, stated.rstrip("%"), before, _titled_pair(grid, row, title["stem"])
        )


def _titled_pair(grid: Grid, row: Line, stem: str) -> tuple[Decimal, Decimal] | None:
    """The row's numbers under 已整改数 and 总数, for 整改率."""
    done = grid.column(re.compile(f"^(?:已|实际)?{stem}(?:数量?|量)?$"))
    whole = grid.column(_WHOLE_TITLE)
    if done is None or whole is None or max(done, whole) >= len(row.cells):
        return None
    part, all_ = number(row.cells[done]), number(row.cells[whole])
    return (part, all_) if part is not None and all_ else None


def _flattened(document: Document) -> Iterator[list[Line]]:
    """Rows of a page that gives one cell per line, each ending with a bar: from the name to the next name."""
    row: list[Line] = []
    for line in document.lines:
        is_cell = line.is_prose and line.text.endswith("|")
        text = line.text.rstrip("| ")
        if not is_cell or number(text) is None or len(row) >= _LONGEST_ROW:
            if row:
                yield row
            row = [line] if is_cell else []
        else:
            row.append(line)
    if row:
        yield row


def _cells(cells: Sequence[Line]) -> Iterator[Claim]:
    texts = [cell.text.rstrip("| ") for cell in cells]
    values = [number(text) if "%" not in text else None for text in texts]
    for at, text in enumerate(texts):
        if _PERCENT.fullmatch(text):
            known = [value for value in values[:at] if value is not None]
            yield _judge(" ".join(texts[: at + 1]), cells[at].number, text.rstrip("%"), known, None)


def _judge(
    quote: str,
    line: int,
    stated: str,
    known: Sequence[Decimal],
    pair: tuple[Decimal, Decimal] | None,
) -> Claim:
    """By the titled pair; else the number beside the rate with any before it that gives the rate."""
    pairs = [pair] if pair else [(known[-1], whole) for whole in known[:-1] if whole] if known else []
    found = [(part, whole, *rounding(stated, part * 100 / whole)) for part, whole in pairs]
    fitting = sorted((each for each in found if each[2]), key=lambda each: bool(each[3]))
    chosen = fitting[0] if fitting else found[0] if pair else None
    if chosen is None:
        note = "表头未写明由哪两列算得，无法判断"
        return Claim(quote, Kind.RATE, f"{stated}%", None, None, line, note=note)
    part, whole, holds, note = chosen
    exact = percent(part * 100 / whole, max(2, len(stated.partition(".")[2])))
    inputs = {"numerator": trim(part), "denominator": trim(whole)}
    return Claim(
        quote,
        Kind.RATE,
        f"{stated}%",
        exact,
        holds,
        line,
        inputs=inputs,
        note=note or ("" if holds else f"{trim(part)}÷{trim(whole)}，与所写不符"),
    )
