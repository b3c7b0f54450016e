"""How problems are written into the cell of a problem list: the inverse of `shapes.lists.split_cell`.

Must never hand out a cell that has not been read back: whoever exports a list relies on it word for word.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence

from tracker.intake.blocks import NEW_PARAGRAPH
from tracker.intake.numerals import numeral
from tracker.intake.shapes.columns import columns_of
from tracker.intake.shapes.lists import split_cell, without_markup

_HANZI = re.compile(r"[\u3400-\u9fff]")
_GUIDES = (":", "：")  # what ends so leads to the problems behind it, and is none
# What XML 1.0 cannot hold, and what its readers take for the end of a line.
_UNSTORABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile(r"[\t\n\r\x85\xa0\u2028\u2029]")
_MARKS: tuple[Callable[[int], str], ...] = (
    lambda number: f"{number}.",
    lambda number: f"（{number}）",
    lambda number: numeral(number, "decimalEnclosedCircle"),
    lambda number: f"{numeral(number, 'chineseCounting')}、",
    lambda number: f"（{numeral(number, 'chineseCounting')}）",
    lambda number: f"{numeral(number, 'chineseCounting')}是",
)
_PLACE = 2  # of the column of problems in the heading that asks how a title is read


def storable(text: str) -> str:
    """The text as a Word document can hold it: without control characters, its blanks plain ones."""
    return _UNSTORABLE.sub("", _SPACES.sub(" ", text)).strip()


def cell_of(problems: Sequence[str]) -> tuple[str, ...] | None:
    """The paragraphs of a cell from which exactly these problems are read; None if none would be.

    One problem stands without a number where that is read rightly; several are numbered 1. 2. 3., or in
    another way where their own words would be taken for list numbers.
    """
    shown = [_without_tags(problem) for problem in problems]
    for marks in _numberings(len(problems)):
        paragraphs = tuple(mark + problem for mark, problem in zip(marks, shown, strict=True))
        if _is_read(paragraphs, problems):
            return paragraphs
    return None


def cells_of(problems: Sequence[str]) -> list[tuple[str, ...]]:
    """All problems in as few cells as hold them, a paragraph for each, in their order.

    One that no cell can hold stands in a cell of its own as it is: whoever reads the list back will find it.
    """
    whole = cell_of(problems)
    if whole is not None:
        return [whole]
    cells: list[tuple[str, ...]] = []
    shared: list[str] = []
    for problem in problems:
        longer = cell_of([*shared, problem]) if shared else None
        if longer is None:
            shared = [problem]
            cells.append(cell_of(shared) or (problem,))
        else:
            shared.append(problem)
            cells[-1] = longer
    return cells


def title_of_domain(domain: str) -> str | None:
    """The heading of a column of this domain's problems; None if it would be read as another domain's."""
    title = f"“{domain}”问题"
    columns = columns_of(("序号", "责任单位", title, "备注"))
    is_read = columns is not None and [
        (each.index, each.domain) for each in columns.problems if columns.unit == 1
    ] == [(_PLACE, domain)]
    return title if is_read else None


def _numberings(count: int) -> Iterator[list[str]]:
    if count == 1:
        yield [""]
    for mark in _MARKS:
        yield [mark(number) for number in range(1, count + 1)]


def _without_tags(text: str) -> str:
    """What the reader would take for markup is written the way markup writes it."""
    if without_markup(text) == text:
        return text
    return html.escape(text, quote=False)


def _is_read(paragraphs: Sequence[str], problems: Sequence[str]) -> bool:
    read = [entry.text for entry in split_cell(NEW_PARAGRAPH.join(paragraphs))]
    is_stated = all(map(_HANZI.search, problems))
    return read == list(problems) and is_stated and not any(each.endswith(_GUIDES) for each in problems[:-1])
