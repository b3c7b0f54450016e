"""An item's words where they stand in its document: a few lines before and after, read from the original.

Must never interpret the document: what an item is was decided when it was taken in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.domain.errors import IntakeError
from tracker.domain.items import Item, bare_words
from tracker.intake.document import Line
from tracker.intake.readers import open_document
from tracker.services.inspect import open_bulletin
from tracker.services.office import Office
from tracker.store import bulletins

_AROUND = 4
_LARGEST = 8 * 1024 * 1024  # bytes; a longer document is downloaded rather than read for a page
_LONGEST = 600  # characters of a line that are shown


@dataclass(frozen=True)
class SourceLine:
    """One line of the document; `is_it`: the item stands in it."""

    number: int
    text: str
    is_it: bool


def source_lines(office: Office, item: Item) -> list[SourceLine]:
    """The lines around the item's own; raises IntakeError if the original cannot be read (any more)."""
    bulletin = open_bulletin(office, item.bulletin_id)
    with office.database.read() as connection:
        content = bulletins.content(connection, bulletin.id)
    if len(content) > _LARGEST:
        raise IntakeError("原件较大，请下载后查看")
    lines = open_document(content, bulletin.filename).lines
    place = _place(lines, item)
    if place is None:
        raise IntakeError("原件中没有找到这一行，请下载原件查看")
    first = max(place - _AROUND, 0)
    shown = list(enumerate(lines))[first : place + _AROUND + 1]
    return [SourceLine(line.number, _cut(line.text), index == place) for index, line in shown]


def _place(lines: Sequence[Line], item: Item) -> int | None:
    """A workbook's sheets each count from 1: among the lines of that number, the one with the words."""
    numbered = [index for index, line in enumerate(lines) if line.number == item.line]
    words = bare_words(item.text)
    holding = [index for index in numbered if words and words in bare_words(lines[index].text)]
    return next(iter([*holding, *numbered]), None)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}……"
