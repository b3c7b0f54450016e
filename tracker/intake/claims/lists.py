"""The narrative's counts against the problem lists: how many, and of whom.

Must never count by problem classes: which problems a sentence is about is told by the words they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from tracker.domain.rates import trim
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.names import unit_counts
from tracker.intake.claims.passages import Sentence
from tracker.intake.claims.topics import FAULT, OPEN_PROBLEMS, Lists
from tracker.intake.model import Finding

_UNITS_AND_ITEMS = re.compile(
    r"(?P<units>\d{1,6})[个家](?:单位|部门)的?(?P<items>\d{1,7})(?P<measure>[个项条件])(?P<what>[^，。；\d]{4,40})"
)
_ITEMS = re.compile(
    r"(?:^|[，：])(?:[全我]?[市县区省州])?共?(?:发现|检查出)?有?(?P<items>\d{1,7})(?P<measure>[个项条件本份])(?P<what>[^，。；]{4,40})"
)


def check_lists(sentences: Sequence[Sentence], lists: Lists) -> list[Claim]:
    """Counts of the narrative, and units that one list names twice."""
    claims = list(_twice_listed(lists))
    if not lists.findings:
        return claims
    for sentence in sentences:
        claims += _totals(sentence, lists)
        claims += _per_unit(sentence, lists)
    return claims


def _totals(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """30个单位62个事项办事指南不准确, 208个证照未标注."""
    match = _UNITS_AND_ITEMS.search(sentence.text) or _ITEMS.search(sentence.text)
    if match is None or not FAULT.search(match["what"]):
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
    if not counted or OPEN_PROBLEMS.search(sentence.text):
        return
    what = sentence.text.partition(counted[0].unit)[0] + counted[-1].count.tail
    if not FAULT.search(what):
        return
    found = [finding for finding in lists.near(what) if finding.quantity]
    for each in counted:
        ours = [finding for finding in found if lists.sameness.covers(finding.responsible, each.unit)]
        ours = ours or lists.told(what, each.unit, each.count.value)
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


def _twice_listed(lists: Lists) -> Iterator[Claim]:
    """One unit under two names in one list: 市文旅局 and 市文化和旅游局."""
    written: dict[tuple[str | None, str], dict[str, Finding]] = {}
    for finding in lists.findings:
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
