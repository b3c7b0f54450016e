"""Cuts a long WeCom markdown text into parts that each fit a byte limit and still render.

Must never lose, add or reorder a character: the parts, joined, are the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

# Both patterns scan each character once, whatever hostile text a problem list carries.
_TAG = r"</?font[^<>]*>|<@[^<>\s]+>"
_REGION = r"<font[^<>]*>(?:(?!</?font).)*</font>|\[[^\[\]\n]*\]\([^()\n]*\)|\*\*[^*\n]+\*\*|`[^`\n]+`"
_LADDER = (re.compile(f"{_REGION}|{_TAG}", re.DOTALL), re.compile(_TAG))
"""What must stay whole: first coloured text, links and emphasis; in one that fits nowhere, its tags."""


def paged(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` UTF-8 bytes, each headed by `（1/3）` when there are several."""
    if _size(text) <= limit:
        return [text]
    for digits in count(1):  # the mark's own length depends on how many parts there turn out to be
        parts = split(text, limit - _size(_mark("9" * digits, "9" * digits)))
        if len(str(len(parts))) <= digits:
            break
    return [_mark(str(page), str(len(parts))) + part for page, part in enumerate(parts, start=1)]


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` UTF-8 bytes (at least 4), cut after a line end wherever one is in reach."""
    spans = [[match.span() for match in pattern.finditer(text)] for pattern in _LADDER]
    return list(_parts(text, limit, spans))


def _parts(text: str, limit: int, spans: list[list[tuple[int, int]]]) -> Iterator[str]:
    start = 0
    while start < len(text):
        window = text[start : start + limit].encode()[:limit].decode(errors="ignore")
        reach = start + len(window)
        end = reach if reach == len(text) else _cut(text, start, reach, spans)
        yield text[start:end]
        start = end


def _cut(text: str, start: int, reach: int, ladder: list[list[tuple[int, int]]]) -> int:
    """The best place in (start, reach] to end a part; at the last resort, `reach` itself."""
    for spans in ladder:
        near = [(first, last) for first, last in spans if first < reach and last > start]
        for place in (_line_end(text, start, reach, near), _before_span(reach, near)):
            if place > start:
                return place
    return reach


def _line_end(text: str, start: int, reach: int, spans: Sequence[tuple[int, int]]) -> int:
    """Just after the last line end that no span contains; `start` when there is none."""
    place = text.rfind("\n", start, reach) + 1
    while place > start and (outside := _before_span(place, spans)) != place:
        place = text.rfind("\n", start, outside) + 1
    return max(place, start)


def _before_span(place: int, spans: Sequence[tuple[int, int]]) -> int:
    """`place`, or the beginning of the span that `place` would cut."""
    return next((first for first, last in spans if first < place < last), place)


def _mark(page: str, pages: str) -> str:
    return f"（{page}/{pages}）\n"


def _size(text: str) -> int:
    return len(text.encode())
