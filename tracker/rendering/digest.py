"""The weekly digest in words: rates by group, their change, who is unfinished and who is latest.

Must never count or recompute: every figure arrives with its numerator and denominator, as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tracker.domain.escalation import MessageKind
from tracker.domain.rates import EMPTY, Rate, trim
from tracker.rendering.environment import cn_date
from tracker.rendering.forms import Form, Rendered, rendered
from tracker.rendering.messages import LateUnit


@dataclass(frozen=True)
class GroupView:
    """One group's week (市直, 各区; or the whole). `previous` is last week's rate, None if unknown."""

    name: str
    rate: Rate
    previous: Rate | None
    on_time: Rate
    overdue: int
    open: int

    @property
    def delta(self) -> str:
        return delta_words(self.rate, self.previous)


@dataclass(frozen=True)
class DigestView:
    """One period. `as_of` is aware and in the zone to be shown; `period` is an ISO week, `2021-W30`.

    unfinished: (unit, open items) in the order that breaks ties. latest: the latest units, latest first.
    """

    period: str
    as_of: datetime
    total: GroupView
    groups: tuple[GroupView, ...]
    unfinished: tuple[tuple[str, int], ...]
    newly_struck_off: int
    newly_overdue: int
    latest: tuple[LateUnit, ...]
    serial: str = ""
    link: str | None = None

    @property
    def period_name(self) -> str:
        """`2021年第30周`."""
        year, week = self.period.split("-W")
        return f"{year}年第{int(week)}周"


def render_digest(view: DigestView, form: Form) -> Rendered:
    """The digest for channels that want `form`.

    facts: unit (whose total it is), rate, count (unfinished items), overdue, days (how late the latest unit
    is), date (of the figures).
    """
    rate = view.total.rate.percent
    facts = {
        "unit": view.total.name,
        "rate": rate,
        "count": view.total.open,
        "overdue": view.total.overdue,
        "days": max((late.days for late in view.latest), default=0),
        "date": cn_date(view.as_of.date(), view.as_of.date()),
    }
    context = {"view": view, "unfinished": unfinished_sentence(view.unfinished)}
    topic, serial, link = f"整改率{rate}", view.serial, view.link
    return rendered(MessageKind.DIGEST, form, context, topic=topic, facts=facts, serial=serial, link=link)


def delta_words(rate: Rate, previous: Rate | None) -> str:
    """`较上周上升3.4个百分点`, `较上周下降…`, `较上周持平`, or `—` when one of the two is not known.

    The difference is that of the printed figures, so that a reader who subtracts them agrees.
    """
    now, before = rate.value, previous.value if previous else None
    if now is None or before is None:
        return EMPTY
    if now == before:
        return "较上周持平"
    return f"较上周{'上升' if now > before else '下降'}{trim(abs(now - before))}个百分点"


def unfinished_sentence(counts: Sequence[tuple[str, int]]) -> str:
    """The unfinished units the way a bulletin lists them.

    `未完成整改单位：市甲局5条、市乙局3条、市丙局、市丁局各1条。`: most items first, units with equal
    counts together in the given order; units with nothing open are left out.
    """
    ranked = sorted((pair for pair in counts if pair[1] > 0), key=lambda pair: -pair[1])
    if not ranked:
        return "所有单位均已完成整改。"
    parts = []
    for count, pairs in groupby(ranked, key=lambda pair: pair[1]):
        units = [unit for unit, _ in pairs]
        parts.append(f"{'、'.join(units)}{'各' if len(units) > 1 else ''}{count}条")
    return f"未完成整改单位：{'、'.join(parts)}。"
