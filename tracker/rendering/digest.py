"""The digest in words: rates and their change, who is unfinished, what is new, who is latest, what is idle.

Weekly, monthly or quarterly; of the city, a district or a unit: the same words. Must never count or
recompute: every figure arrives with its numerator and denominator, as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from tracker.domain import digests
from tracker.domain.digests import Pace, PaceWords
from tracker.domain.escalation import MessageKind
from tracker.domain.rates import EMPTY, Rate, trim
from tracker.rendering.environment import cn_date
from tracker.rendering.forms import Form, Rendered, rendered
from tracker.rendering.messages import LateUnit

LISTED = 20
"""So many items, groups or late units at most are listed in a message; what is beyond is counted."""
_UNITS = 100  # of so many units at most the unfinished items are told in a message
CITY = "全市"


@dataclass(frozen=True)
class GroupView:
    """One line of rates (a group, a unit or a domain; or the whole). `previous` is the rate of the digest
    before, None if unknown; `against` says how that is called.
    """

    name: str
    rate: Rate
    previous: Rate | None
    on_time: Rate
    overdue: int
    open: int
    against: str = Pace.WEEKLY.words.last

    @property
    def delta(self) -> str:
        return delta_words(self.rate, self.previous, self.against)


@dataclass(frozen=True)
class ItemLine:
    """One item as a digest lists it; `domain` is "" for none, `due_on` None without a deadline."""

    number: int
    unit: str
    domain: str
    class_name: str
    due_on: date | None


@dataclass(frozen=True)
class Unsigned:
    """What nobody has signed for: (unit, items) most first, and the earliest day of issue among them."""

    units: tuple[tuple[str, int], ...] = ()
    since: date | None = None


@dataclass(frozen=True)
class DigestView:
    """One period of one scope. `as_of` is aware and in the zone to be shown; `period` is a week, `2021-W30`,
    a month, `2021-07`, or a quarter, `2021Q3`.

    unfinished: (unit, open items) in the order that breaks ties. latest: the latest units, latest first.
    struck_off, overdue: the first of the items that were struck off, or became overdue, since the digest
    before; `newly_…` is how many there are. since: the day of that digest where it is not the one of the
    period before. unreported: (unit, items that look fixed and were not handed in), None where nobody can
    know: of a past moment. scope: `全市`, or the district's or unit's name. cut: what
    the groups are. late_from: when it should have been sent, if it was sent on a later day.
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
    struck_off: tuple[ItemLine, ...] = ()
    overdue: tuple[ItemLine, ...] = ()
    unreported: tuple[tuple[str, int], ...] | None = None
    unsigned: Unsigned = Unsigned()
    scope: str = CITY
    cut: str = "分组"
    late_from: datetime | None = None
    since: date | None = None

    @property
    def pace(self) -> Pace:
        return digests.pace_of(digests.parse(self.period))

    @property
    def words(self) -> PaceWords:
        return self.pace.words

    @property
    def period_name(self) -> str:
        """`2021年第30周`, `2021年7月`, `2021年第三季度`."""
        return digests.chinese(digests.parse(self.period))

    @property
    def full_name(self) -> str:
        """`2021年第30周`, or `2021年第30周·澜东区`."""
        return self.period_name if self.scope == CITY else f"{self.period_name}·{self.scope}"

    @property
    def against(self) -> str:
        """With what it is compared: `上周`, or `2月9日`."""
        return against_words(self.pace, self.since, as_of=self.as_of.date())

    @property
    def span(self) -> str:
        """Of what time its lists tell: `本周`, or `自2月9日以来`."""
        return f"自{self.against}以来" if self.since else self.words.this

    @property
    def is_of_one_unit(self) -> bool:
        """Whether naming the unit beside each item would only repeat the heading."""
        return {line.unit for line in (*self.overdue, *self.struck_off)} <= {self.scope}


def rates_only(view: DigestView) -> DigestView:
    """The view without what speaks of single items, or of what units leave undone: rates are everybody's."""
    return replace(view, struck_off=(), overdue=(), unreported=None, unsigned=Unsigned())


def render_digest(view: DigestView, form: Form) -> Rendered:
    """The digest for channels that want `form`.

    facts: unit (whose total it is), rate, count (unfinished items), overdue, days (how late the latest unit
    is), date (of the figures).
    """
    rate = view.total.rate.percent
    facts = {
        "unit": view.scope,
        "rate": rate,
        "count": view.total.open,
        "overdue": view.total.overdue,
        "days": max((late.days for late in view.latest), default=0),
        "date": cn_date(view.as_of.date(), view.as_of.date()),
    }
    context = {
        "view": view,
        "listed": LISTED,
        "unfinished": unfinished_sentence(view.unfinished, most=_UNITS),
        "unreported": counted_units(view.unreported or (), most=_UNITS),
        "unsigned": counted_units(view.unsigned.units, most=_UNITS),
    }
    topic, serial, link = f"整改率{rate}", view.serial, view.link
    return rendered(MessageKind.DIGEST, form, context, topic=topic, facts=facts, serial=serial, link=link)


def against_words(pace: Pace, since: date | None, *, as_of: date) -> str:
    """How the digest before is called: `上周`, or by its day, `2月9日`, where other periods lie between."""
    return cn_date(since, as_of) if since else pace.words.last


def delta_words(rate: Rate, previous: Rate | None, against: str) -> str:
    """`较上周上升3.4个百分点`, `较上月下降…`, `较2月9日持平`, or `—` when one of the two is not known.

    The difference is that of the printed figures, so that a reader who subtracts them agrees.
    """
    now, before = rate.value, previous.value if previous else None
    if now is None or before is None:
        return EMPTY
    if now == before:
        return f"较{against}持平"
    return f"较{against}{'上升' if now > before else '下降'}{trim(abs(now - before))}个百分点"


def unfinished_sentence(counts: Sequence[tuple[str, int]], *, most: int | None = None) -> str:
    """The unfinished units the way a bulletin lists them.

    `未完成整改单位：市甲局5条、市乙局3条、市丙局、市丁局各1条。`: most items first, units with equal
    counts together in the given order; units with nothing open are left out. See `counted_units`.
    """
    units = counted_units(counts, most=most)
    return f"未完成整改单位：{units}。" if units else "所有单位均已完成整改。"


def counted_units(counts: Sequence[tuple[str, int]], *, most: int | None = None) -> str:
    """`市甲局5条、市丙局、市丁局各1条`, "" for none; of more than `most` units the first, and how many there
    are: `市甲局5条……等312个单位，共845条`.
    """
    ranked = sorted((pair for pair in counts if pair[1] > 0), key=lambda pair: -pair[1])
    parts = []
    for count, pairs in groupby(ranked[:most], key=lambda pair: pair[1]):
        units = [unit for unit, _ in pairs]
        parts.append(f"{'、'.join(units)}{'各' if len(units) > 1 else ''}{count}条")
    said = "、".join(parts)
    if most is None or len(ranked) <= most:
        return said
    return f"{said}……等{len(ranked)}个单位，共{sum(count for _, count in ranked)}条"
