"""Word's automatic list numbers, which stand in no text: worked out from numbering.xml and styles.xml.

Counts as Word does (ECMA-376 part 1, 17.9): lists of one abstract definition go on counting together, a start
override begins anew once, a higher level makes the lower ones begin again. Must never number a bullet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from docx.oxml.ns import qn
from lxml.etree import _Element as Element

from tracker.intake.numerals import numeral

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True)
class _Level:
    """One level of a list: `%1` to `%9` in `text` stand for the numbers of the levels 0 to 8."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restarts_after: int | None = (
        None  # 17.9.10: 0 never, n: only after level n - 1 or higher; None: after any
    )
    style: str | None = None


@dataclass
class _List:
    """A list instance (w:num): its levels, whose counters it shares, where it begins anew."""

    abstract: str
    levels: dict[int, _Level]
    begins: dict[int, int]


@dataclass(frozen=True)
class _Style:
    """What a paragraph style says of numbering, and the style it is based on."""

    number: str | None
    level: int | None
    parent: str | None


@dataclass
class Numbering:
    """The lists of one document, and how far each has been counted; ask in the order of the text."""

    _lists: dict[str, _List] = field(default_factory=dict)
    _styles: dict[str, _Style] = field(default_factory=dict)
    _default_style: str | None = None
    _counters: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, numbering: Element | None, styles: Element | None) -> Numbering:
        """From the roots of the two parts, where the document has them."""
        made = cls()
        for style in _all(styles, "style"):
            name = style.get(qn("w:styleId"), "")
            number, level = _asked(_child(_child(style, "pPr"), "numPr"))
            made._styles[name] = _Style(number, level, _value(style, "basedOn"))
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in {"1", "true", "on"}:
                made._default_style = name
        abstracts = {item.get(qn("w:abstractNumId"), ""): item for item in _all(numbering, "abstractNum")}
        named = {name: item for item in abstracts.values() if (name := _value(item, "styleLink"))}
        for item in _all(numbering, "num"):
            key = _value(item, "abstractNumId") or ""
            abstract = abstracts.get(key)
            link = _value(abstract, "numStyleLink")  # the levels stand in another definition
            levels = _levels(named.get(link, abstract) if link else abstract)
            made._lists[item.get(qn("w:numId"), "")] = _overridden(key, levels, item)
        return made

    def label(self, properties: Element | None) -> str:
        """The number Word shows before the paragraph with these properties (w:pPr), "" if none; counts it."""
        number, level = _asked(_child(properties, "numPr"))
        style = _value(properties, "pStyle") or self._default_style
        if number is None:
            number, of_style = self._of_style(style)
            level = of_style if level is None else level
        wanted = self._lists.get(number or "")
        level = level or 0
        if wanted is None or level not in wanted.levels:
            return ""
        counter = self._count(wanted, level)
        here = wanted.levels[level]
        if here.form == "bullet":
            return ""
        return _PLACE.sub(lambda place: self._shown(wanted, counter, int(place[1]) - 1), here.text)

    def _of_style(self, name: str | None) -> tuple[str | None, int | None]:
        seen: set[str] = set()
        while name and name not in seen and (style := self._styles.get(name)):
            seen.add(name)
            if style.number is not None:
                wanted = self._lists.get(style.number)
                linked = (
                    [depth for depth, level in wanted.levels.items() if level.style in seen] if wanted else []
                )
                return style.number, linked[0] if linked else style.level
            name = style.parent
        return None, None

    def _count(self, wanted: _List, level: int) -> dict[int, int]:
        counter = self._counters.setdefault(wanted.abstract, {})
        if level in wanted.begins:
            counter[level] = wanted.begins.pop(level)  # 17.9.27: the first use of this instance begins anew
        elif level in counter:
            counter[level] += 1
        else:
            counter[level] = wanted.levels[level].start
        for lower in [depth for depth in counter if depth > level]:
            limit = wanted.levels[lower].restarts_after if lower in wanted.levels else None
            if limit is None or level < limit:
                del counter[lower]
        return counter

    @staticmethod
    def _shown(wanted: _List, counter: dict[int, int], level: int) -> str:
        definition = wanted.levels.get(level)
        if definition is None:
            return ""
        return numeral(counter.setdefault(level, definition.start), definition.form)


def _levels(abstract: Element | None) -> dict[int, _Level]:
    return {
        depth: _level(item)
        for item in _all(abstract, "lvl")
        if (depth := _number(item.get(qn("w:ilvl")))) is not None and depth < _LEVELS
    }


def _level(item: Element) -> _Level:
    start = _number(_value(item, "start"))
    return _Level(
        start=0 if start is None else start,
        form=_value(item, "numFmt") or "decimal",
        text=_value(item, "lvlText") or "",
        restarts_after=_number(_value(item, "lvlRestart")),
        style=_value(item, "pStyle"),
    )


def _overridden(abstract: str, levels: dict[int, _Level], item: Element) -> _List:
    begins: dict[int, int] = {}
    for override in _all(item, "lvlOverride"):
        depth = _number(override.get(qn("w:ilvl")))
        if depth is None or depth >= _LEVELS:
            continue
        if (own := _child(override, "lvl")) is not None:
            levels = levels | {depth: _level(own)}
        if (start := _number(_value(override, "startOverride"))) is not None:
            begins[depth] = start
            levels = levels | {depth: replace(levels.get(depth, _Level()), start=start)}
    return _List(abstract, levels, begins)


def _asked(properties: Element | None) -> tuple[str | None, int | None]:
    return _value(properties, "numId"), _number(_value(properties, "ilvl"))


def _all(parent: Element | None, name: str) -> list[Element]:
    return [] if parent is None else parent.findall(qn(f"w:{name}"))


def _child(parent: Element | None, name: str) -> Element | None:
    return None if parent is None else parent.find(qn(f"w:{name}"))


def _value(parent: Element | None, name: str) -> str | None:
    child = _child(parent, name)
    return None if child is None else child.get(qn("w:val"))


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() and len(value) < 6 else None
