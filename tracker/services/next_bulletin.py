"""Drafting the next bulletin from what is tracked, as an import would read it back.

Must never give out a draft that its own reader contradicts: each number in it is recomputed and each problem
read again before anybody sees it. Writes nothing to the database.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import RectifyError
from tracker.domain.periods import IssuePeriod
from tracker.domain.text import printable
from tracker.intake.claims import Claim
from tracker.rendering.bulletin import BulletinView, GroupRate, Progress, render_bulletin
from tracker.services.office import Office
from tracker.services.problem_lists import GROUPS, Listed, annexes, domain_findings, listed
from tracker.services.report import RateTable, count_rates
from tracker.services.verify import Verification, verify
from tracker.store import Connection, still_open
from tracker.store.rates import By, Scope


class DraftRefusedError(RectifyError):
    """The draft does not say of itself what is tracked; `details` names what differs."""

    code = "draft_refused"


@dataclass(frozen=True)
class BulletinDraft:
    """A draft as a Word document, and the figures it states. `issued` are the rates of the quarter's items,
    `carried` those of earlier ones that were open when it began; `numbers` are the items that it lists,
    `untold` those whose class or quantity a person has set: an import reads another one from the words."""

    quarter: IssuePeriod
    as_of: datetime
    view: BulletinView
    content: bytes
    issued: RateTable
    carried: RateTable
    numbers: tuple[int, ...]
    untold: tuple[int, ...]
    claims: tuple[Claim, ...]

    @property
    def filename(self) -> str:
        return f"{self.quarter.chinese}通报（草稿）.docx"


def draft_bulletin(
    office: Office,
    quarter: IssuePeriod,
    *,
    now: datetime,
    as_of: datetime | None = None,
    title: str | None = None,
) -> BulletinDraft:
    """The bulletin of a quarter: by default as things stood at its end, or stand now if that is to come.

    Raises RectifyError for a moment before the quarter or still to come, DraftRefusedError for a draft that
    would not be read back as it was meant.
    """
    calendar = office.rules.calendar
    moment = as_of or min(now, quarter.last_moment(calendar))
    if not quarter.first_moment(calendar) <= moment <= now:
        told = f"{calendar.local(moment):%Y-%m-%d %H:%M}"
        raise RectifyError(f"截止时刻 {told} 应在{quarter.chinese}开始之后、当前时刻之前")
    scopes = (
        Scope(since=quarter.starts_on, until=quarter.last_day),
        Scope(until=quarter.previous().last_day, open_at=quarter.first_moment(calendar)),
    )
    with office.database.read() as connection:
        issued, carried = (_rates(connection, office, scope, moment, now) for scope in scopes)
        found = still_open.issued_until(
            connection, quarter.last_day, moment, calendar.today(moment), past=moment < now
        )
    problems = listed(office.rules, found, quarter.starts_on)
    view = BulletinView(
        title=printable(title or "") or f"关于{quarter.chinese}政务服务问题整改情况的通报",
        quarter=quarter.chinese,
        as_of=calendar.today(moment),
        issued_on=calendar.today(now),
        issued=_progress(*issued),
        carried=_progress(*carried),
        listed=len(problems),
        open_groups=_per_group(problems),
        recurring=sum(each.recurs for each in problems),
        deferred=sum(each.deferred_until is not None for each in problems),
        domains=domain_findings(office.rules, problems),
        annexes=annexes(office.rules, problems),
    )
    content = render_bulletin(view)
    checked = verify(office.rules, content, f"{quarter.name}.docx")
    _require_true(checked, problems)
    return BulletinDraft(
        quarter=quarter,
        as_of=moment,
        view=view,
        content=content,
        issued=issued[0],
        carried=carried[0],
        numbers=tuple(each.number for each in problems),
        untold=tuple(each.number for each in problems if not each.is_told),
        claims=checked.claims,
    )


def _rates(
    connection: Connection, office: Office, scope: Scope, moment: datetime, now: datetime
) -> tuple[RateTable, RateTable]:
    """By group and by unit."""
    by_group, by_unit = (
        count_rates(connection, office, by, moment, past=moment < now, scope=scope)
        for by in (By.GROUP, By.UNIT)
    )
    return by_group, by_unit


def _per_group(problems: list[Listed]) -> tuple[tuple[str, int], ...]:
    counts = Counter(each.group for each in problems)
    return tuple((name, counts[group]) for group, name in GROUPS.items() if counts[group])


def _progress(by_group: RateTable, by_unit: RateTable) -> Progress:
    groups = (GroupRate(GROUPS[row.key], row.rectified) for row in by_group.rows)
    return Progress(
        tuple(group for group in groups if group.rate.denominator),
        tuple((row.key, row.open) for row in by_unit.rows if row.open),
    )


def _require_true(checked: Verification, problems: list[Listed]) -> None:
    """Raise DraftRefusedError unless every number holds and every problem is read as it is tracked."""
    wrong = [f"“{claim.quote[:60]}”：{claim.note}" for claim in checked.claims if claim.holds is False]
    if wrong:
        raise DraftRefusedError(
            f"草稿中有 {len(wrong)} 处数字与复算不符，未输出，请联系维护人员：{wrong[0]}",
            details={"claims": wrong},
        )
    read = Counter(
        (each.unit_as_written, each.group_hint, each.domain, each.text) for each in checked.reading.findings
    )
    meant = {(each.unit, each.group, each.domain, each.text): each.number for each in problems}
    missing = Counter((each.unit, each.group, each.domain, each.text) for each in problems)
    differs = sorted(meant[key] for key in missing if missing[key] != read[key])
    leftover = [each.text for each in (*checked.reading.unassigned, *checked.reading.unread)]
    if differs or leftover or read != missing:
        named = f"第 {'、'.join(map(str, differs[:10]))} 号事项的文字" if differs else "草稿中有文字"
        raise DraftRefusedError(
            f"{named}写入清单后不能原样读回，未输出，请联系维护人员",
            details={"numbers": differs, "unread": leftover},
        )
