"""Traditional script read as simplified: bulletins copied from mirror sites come that way (shapes.md, S24).

Must never change what is shown: findings keep the characters of the source wherever they stand in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from tracker.intake.document import Document, Line
from tracker.intake.model import Finding
from tracker.intake.spool import Spool, batched

_FEWEST = 20  # characters that only the traditional script has, before a text counts as written in it
_AT_ONCE = 10_000


def simplified(document: Document) -> Document:
    """The same lines in simplified script, sign by sign; the document itself if it is so already."""
    if not _is_traditional(document):
        return document
    lines = (Line(line.number, tuple(map(_simplify, line.cells))) for line in document.lines)
    return replace(document, lines=Spool(lines))


def as_in_source(findings: Iterable[Finding], document: Document) -> Iterator[Finding]:
    """The findings in the characters of their lines; words that were put together stay simplified."""
    for batch in batched(findings, _AT_ONCE):
        wanted = {finding.source.line for finding in batch}
        source = {line.number: line.text for line in document.lines if line.number in wanted}
        for finding in batch:
            yield _in_source(finding, source[finding.source.line])


def _is_traditional(document: Document) -> bool:
    met: set[str] = set()
    foreign: list[str] = []
    found = 0
    for batch in batched(document.lines):
        text = "".join(cell for line in batch for cell in line.cells)
        fresh = set(text) - met
        met |= fresh
        foreign += [sign for sign in fresh if _character(sign) != sign]
        found += sum(map(text.count, foreign))
        if found >= _FEWEST:
            return True
    return False


def _in_source(finding: Finding, original: str) -> Finding:
    plain = _simplify(original)

    def restored(text: str) -> str:
        start = plain.find(text)
        return original[start : start + len(text)] if start >= 0 else text

    return finding._replace(unit_as_written=restored(finding.unit_as_written), text=restored(finding.text))


def _simplify(text: str) -> str:
    return "".join(map(_character, text))


@lru_cache(maxsize=20_000)
def _character(character: str) -> str:
    return character if character.isascii() else str(_converter().convert(character))[:1] or character


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]  # opencc ships no types
    import opencc  # noqa: PLC0415 - only a text in traditional script pays for loading the tables

    return opencc.OpenCC("t2s")
