"""Traditional script read as simplified: bulletins copied from mirror sites come that way (shapes.md, S24).

Must never change what is shown: findings keep the characters of the source wherever they stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from tracker.intake.document import Document, Line
from tracker.intake.model import Finding

_FEWEST = 20  # characters that only the traditional script has, before a text counts as written in it


def simplified(document: Document) -> Document:
    """The same lines in simplified script, sign by sign; the document itself if it is so already."""
    text = "".join("".join(line.cells) for line in document.lines)
    foreign = [sign for sign in set(text) if _character(sign) != sign]
    if sum(map(text.count, foreign)) < _FEWEST:
        return document
    lines = (Line(line.number, tuple(map(_simplify, line.cells))) for line in document.lines)
    return replace(document, lines=tuple(lines))


def as_in_source(finding: Finding, source: Mapping[int, str]) -> Finding:
    """The finding in the characters of its line; words that were put together stay simplified."""
    original = source[finding.source.line]
    plain = _simplify(original)

    def restored(text: str) -> str:
        start = plain.find(text)
        return original[start : start + len(text)] if start >= 0 else text

    return replace(
        finding,
        unit_as_written=restored(finding.unit_as_written),
        text=restored(finding.text),
        owner=finding.owner,
    )


def _simplify(text: str) -> str:
    return "".join(map(_character, text))


@lru_cache(maxsize=20_000)
def _character(character: str) -> str:
    return character if character.isascii() else str(_converter().convert(character))[:1] or character


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]  # opencc ships no types
    import opencc  # noqa: PLC0415 - only a text in traditional script pays for loading the tables

    return opencc.OpenCC("t2s")
