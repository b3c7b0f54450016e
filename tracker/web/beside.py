"""The source beside what was read in it: the lines around a sheet's findings, their words marked.

Must never say more of a line than the document does: a mark is where a finding's words stand, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.intake.document import Line
from tracker.services.drafts import Draft

_AROUND = 2  # lines shown before and after a finding's own
_EXCERPT = 36  # characters of the line shown on either side of a finding's words


@dataclass(frozen=True)
class Excerpt:
    """A piece of a source line: `words` are the finding's own, "" if the line words it otherwise."""

    line: int
    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Piece:
    """A stretch of a line; `key` is the finding's whose words it is, "" for the rest."""

    text: str
    key: str = ""


@dataclass(frozen=True)
class SourceLine:
    """One line. `place` is its own in the document, `number` the one people know (a workbook's sheets each
    count from 1); `after_gap`: lines before it are left out.
    """

    place: int
    number: int
    pieces: tuple[Piece, ...]
    after_gap: bool


@dataclass(frozen=True)
class Beside:
    """The lines, and the place of each finding's own by the finding's key."""

    lines: tuple[SourceLine, ...]
    places: Mapping[str, int]


def beside(lines: Sequence[Line], drafts: Sequence[Draft]) -> Beside:
    """The source of these findings, in the document's order."""
    wanted: dict[int, list[Draft]] = {}
    for draft in drafts:
        wanted.setdefault(draft.corrected.read.source.line, []).append(draft)
    found = _own_places(lines, wanted)
    near = {place + step for place in found.values() for step in range(-_AROUND, _AROUND + 1)}
    of_line: dict[int, list[Draft]] = {}
    for draft in drafts:
        if draft.key in found:
            of_line.setdefault(found[draft.key], []).append(draft)
    shown, last = list[SourceLine](), -1
    for place, line in enumerate(lines):
        if place in near:
            pieces = _pieces(line.text, of_line.get(place, ()))
            shown.append(SourceLine(place, line.number, pieces, after_gap=place != last + 1))
            last = place
    return Beside(tuple(shown), found)


def _own_places(lines: Sequence[Line], wanted: Mapping[int, Sequence[Draft]]) -> dict[str, int]:
    """Finding → place of the line that holds its words; else of the first line of its number."""
    first: dict[str, int] = {}
    exact: dict[str, int] = {}
    for place, line in enumerate(lines):
        for draft in wanted.get(line.number, ()):
            first.setdefault(draft.key, place)
            if draft.key not in exact and located(line.text, draft.corrected.read.text):
                exact[draft.key] = place
    return first | exact


def _pieces(text: str, drafts: Sequence[Draft]) -> tuple[Piece, ...]:
    spans = sorted(
        (span, draft.key) for draft in drafts if (span := located(text, draft.corrected.read.text))
    )
    pieces, at = list[Piece](), 0
    for (start, end), key in spans:
        if start >= at:  # parts of a split finding share their words: the first has them
            pieces += [Piece(text[at:start]), Piece(text[start:end], key)]
            at = end
    return tuple(piece for piece in (*pieces, Piece(text[at:])) if piece.text)


def located(line: str, sought: str) -> tuple[int, int] | None:
    """From where to where the words stand in the line, blanks apart; None if they do not."""
    plain = "".join(sought.split())
    places = [place for place, character in enumerate(line) if not character.isspace()]
    start = "".join(line.split()).find(plain)
    if start < 0 or not plain:
        return None
    return places[start], places[start + len(plain) - 1] + 1


def excerpt(lines: Sequence[str], number: int, sought: str) -> Excerpt:
    """The words in their line; of several lines of this number (a workbook's sheets) the one that holds
    them, else the beginning of the first.
    """
    for line in lines:
        if span := located(line, sought):
            first, last = span
            return Excerpt(number, _tail(line[:first]), line[first:last], _head(line[last:]))
    return Excerpt(number, _head(lines[0], 2 * _EXCERPT) if lines else "", "", "")


def _head(text: str, length: int = _EXCERPT) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _tail(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"…{text[-_EXCERPT:]}"
