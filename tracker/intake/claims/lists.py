"""The narrative against the problem lists: how many, of whom, and which units it names.

Must never count by problem classes: which problems a sentence is about is told by the words they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.names import Sameness, names_in, unit_counts
from tracker.intake.claims.passages import Sentence
from tracker.intake.model import Finding

_UNITS_AND_ITEMS = re.compile(
    r"(?P<units>\d{1,6})[个家](?:单位|部门)的?(?P<items>\d{1,7})(?P<measure>[个项条件])(?P<what>[^，。；\d]{4,40})"
)
_ITEMS = re.compile(
    r"(?:^|[，：])(?:[全我]?[市县区省州])?共?(?:发现|检查出)?有?(?P<items>\d{1,7})(?P<measure>[个项条件本份])(?P<what>[^，。；]{4,40})"
)
_HAVING = re.compile(
    r"(?P<what>[^，。；：]{4,30}?)的(?:单位|部门)?(?:有|为|是)：?(?P<names>[^。；：]{2,400})"
)
_NAMED = re.compile(
    r"(?P<names>[^。；：]{2,400}?)(?:均|都|仍)?(?:存在|有|没有|未)(?P<what>[^，。；：\d]{4,60})$"
)
_LISTED = re.compile(
    r"(?P<names>(?:[^、，。；：\d]{2,16}、)+[^、，。；：\d]{1,14}[局委办区县镇])(?P<what>[^、，。；：\d]{0,30}[不未无][^、，。；：\d]{1,20})$"
)
_FAULT = re.compile(r"未|没有|无|不|超|低|逾期|缺|错|漏")
_PRAISE = re.compile(
    r"(?P<what>[^，。；：]{0,20}(?:突出|较快|较好|先进|表扬|积极)[^，。；：]{0,20}?)的?(?:部门|单位)(?:有|为|是)?：?(?P<names>[^。；：]{2,400})"
)


def check_lists(
    sentences: Sequence[Sentence], findings: Sequence[Finding], short_forms: Mapping[str, str]
) -> list[Claim]:
    """Counts, units and names of the narrative, and units that one list names twice."""
    sameness = Sameness(short_forms)
    lists = Lists(findings, sameness)
    claims = list(_twice_listed(lists))
    if not lists.findings:
        return claims
    for sentence in sentences:
        claims += _totals(sentence, lists)
        claims += _per_unit(sentence, lists)
        claims += _named(sentence, lists)
        claims += _praised(sentence, lists)
    return claims


def _totals(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """30个单位62个事项办事指南不准确, 208个证照未标注."""
    match = _UNITS_AND_ITEMS.search(sentence.text) or _ITEMS.search(sentence.text)
    if match is None or not _FAULT.search(match["what"]):
        return
    found = lists.near(match["what"])
    quantities = [finding.quantity.value for finding in found if finding.quantity]
    if len(found) < 2 or len(quantities) < len(found):
        return
    units = len(lists.units(found))
    pairs = [("事项", match["items"] + match["measure"], f"{sum(quantities)}{match['measure']}")]
    if "units" in match.groupdict():
        pairs.insert(0, ("单位", f"{match['units']}个单位", f"{units}个单位"))
    for name, stated, computed in pairs:
        holds = stated == computed
        yield Claim(
            sentence.quote,
            Kind.LIST_COUNT,
            stated,
            computed,
            holds,
            sentence.line,
            inputs={"findings": str(len(found)), "units": str(units)},
            note="" if holds else f"问题清单中此类{name}合计{computed}",
        )


def _per_unit(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """澜东区982个办件均未评价, against what the list says of 澜东区."""
    counted = unit_counts(sentence)
    if not counted:
        return
    what = sentence.text.partition(counted[0].unit)[0] + counted[-1].count.tail
    found = lists.near(what) if _FAULT.search(what) else []
    for each in counted:
        ours = [
            finding
            for finding in found
            if finding.quantity and lists.sameness.covers(finding.responsible, each.unit)
        ]
        if len(ours) != 1 or ours[0].quantity is None:
            continue
        stated, listed = each.count.value, ours[0].quantity.value
        yield Claim(
            sentence.quote,
            Kind.LIST_COUNT,
            f"{each.unit}{trim(stated)}{each.count.measure}",
            str(listed),
            stated == Decimal(listed),
            sentence.line,
            inputs={"finding": ours[0].text, "line": str(ours[0].source.line)},
            note="" if stated == listed else f"问题清单写的是{listed}",
        )


def _named(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """A、B存在X, X的有：A、B: the same units as in the lists."""
    text = sentence.text.rstrip("。；")
    match = _HAVING.search(text) or _NAMED.search(text) or _LISTED.search(text)
    if match is None or not _FAULT.search(match["what"]) or _PRAISE.search(sentence.text):
        return
    names = _names_behind(match["names"])
    if not names:
        return
    found = lists.same(match["what"])
    if not found:
        note = "问题清单中没有同类问题"
        told = "、".join(names)
        yield Claim(sentence.quote, Kind.LIST_UNITS, told, None, None, sentence.line, note=note)
        return
    listed = lists.units(found)
    absent = [
        name for name in names if not any(lists.sameness.covers(unit, name) for unit in listed.values())
    ]
    unnamed = [
        unit for unit in listed.values() if not any(lists.sameness.covers(unit, name) for name in names)
    ]
    is_open = "等" in match["names"]
    holds = None if absent == [] and unnamed and is_open else not absent and not unnamed
    notes = [f"清单中没有：{'、'.join(absent)}"] * bool(absent)
    notes += [f"清单中另有：{'、'.join(unnamed)}"] * bool(unnamed)
    yield Claim(
        sentence.quote,
        Kind.LIST_UNITS,
        "、".join(names),
        "、".join(listed.values()),
        holds,
        sentence.line,
        inputs={"findings": str(len(found))},
        note="；".join(notes),
    )


def _names_behind(text: str) -> list[str]:
    """The list, wherever in the clause it begins, without what closes it (等)."""
    text = re.sub(r"等(?:\d+[个家])?(?:单位|部门)?$", "", text)
    starts = [0, *(match.end() for match in re.finditer(r"抽查|发现|其中|，|对|由", text))]
    return next((names for start in starts if (names := names_in(text[start:]))), [])


def _praised(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """A unit that is praised for what the list blames it for; a person has to look."""
    match = _PRAISE.search(sentence.text)
    if match is None:
        return
    names = _names_behind(match["names"])
    found = lists.same(match["what"])
    for name in names:
        blamed = [finding for finding in found if lists.sameness.same(finding.responsible, name)]
        for finding in blamed:
            yield Claim(
                sentence.quote,
                Kind.PRAISE,
                name,
                finding.text,
                None,
                sentence.line,
                inputs={"line": str(finding.source.line)},
                note="既受表扬，问题清单中又列有同一事项的问题，请核对",
            )


def _twice_listed(lists: Lists) -> Iterator[Claim]:
    """One unit under two names in one list: 市文旅局 and 市文化和旅游局."""
    written: dict[tuple[str | None, str], dict[str, Finding]] = {}
    for finding, _ in lists.findings:
        key = finding.source.annex, lists.sameness.key(finding.responsible)
        plain = re.sub(r"\s", "", finding.responsible)
        written.setdefault(key, {}).setdefault(plain, finding)
    for (annex, _), by_name in written.items():
        if len(by_name) > 1:
            names = list(by_name)
            second = by_name[names[1]]
            yield Claim(
                "、".join(names),
                Kind.DUPLICATE_UNIT,
                f"{len(names)}个单位",
                "1个单位",
                False,
                second.source.line,
                inputs={name: f"第{finding.source.line}行" for name, finding in by_name.items()},
                note=f"{annex}中同一单位用了不同名称",
            )
