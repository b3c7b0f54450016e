"""What is watched: accounts and columns, how near each is to its limit, who was warned, and why (not).

Must never warn anybody: that is `warn`; nor look at a page: that are `column_looks` and `account_looks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.domain.lifecycle import FINAL
from tracker.domain.watching import Nearness
from tracker.services.office import Office
from tracker.services.watched import Watched, of_accounts, of_columns
from tracker.store import Connection, items, media, watching
from tracker.store.watching import ACCOUNT, COLUMN, StoredColumn

_DAY = timedelta(days=1)


def survey(office: Office, *, now: datetime) -> list[Watched]:
    """All that is watched, the most urgent first."""
    with office.database.read() as connection:
        return _judged(
            connection, office, media.watched(connection), watching.all_columns(connection), now=now
        )


def pressing(connection: Connection, office: Office, now: datetime) -> list[Watched]:
    """What may be near its limit or over it, the most urgent first: all else is left in the database."""
    last = next_chance(office, now) - _DAY
    limits, columns = office.rules.feeds.accounts.limits, office.rules.columns
    days = min([limits.days, *limits.by_platform.values(), *limits.by_list.values()]) - limits.near_days
    accounts = media.watched(connection, silent_since=last - days * _DAY)
    spans = [(kind.limit, kind.warn_days) for kind in columns.kinds]
    spans += [(columns.default, 0)] if columns.default else []
    shortest = min((limit.days + 28 * limit.months - warn for limit, warn in spans), default=0)
    found = watching.columns_silent_since(connection, last - shortest * _DAY)
    return _judged(connection, office, accounts, found, now=now)


def find(connection: Connection, office: Office, kind: str, subject_id: int, now: datetime) -> Watched | None:
    """One of them as it stands; None if nobody watches it."""
    accounts = media.watched(connection, only=subject_id) if kind == ACCOUNT else []
    column = watching.column(connection, subject_id) if kind == COLUMN else None
    found = _judged(connection, office, accounts, [column] if column else [], now=now)
    return found[0] if found else None


def slot_on(office: Office, day: date) -> datetime | None:
    """When units are warned on that day; None: on a day off, or one that ends before."""
    rules, calendar = office.rules, office.rules.calendar
    at = rules.quiet.release(calendar.at(day, rules.watch.send_at), calendar)
    return at if calendar.today(at) == day else None


def next_chance(office: Office, now: datetime) -> date:
    """The next day after today on which units can be warned."""
    day = office.rules.calendar.today(now) + _DAY
    while slot_on(office, day) is None:
        day += _DAY
    return day


def why(office: Office, watched: Watched, now: datetime) -> str:
    """Why its unit was warned, will be, or is not: one Chinese sentence."""
    local, rules = office.rules.calendar.local, office.rules.watch
    if watched.item_number is not None:
        return f"已立为第 {watched.item_number} 号事项，按事项提醒，不另预警"
    told = "；".join(
        f"{local(each.warned_at):%Y-%m-%d %H:%M} 告知{each.recipient}" for each in watched.warned
    )
    match watched.nearness:
        case Nearness.UNKNOWN:
            known = (
                "没有查到最近何时更新" if watched.resting.newest_on is None else "不能确定还有没有更新的内容"
            )
            return f"{known}，不预警，请人工查看"
        case Nearness.STALE:
            before = f"（此前已预警：{told}）" if told else ""
            return f"{rules.stale_days} 天内没有检查到，情况不明，不预警{before}"
        case Nearness.OVER:
            before = f"此前已预警：{told}" if told else "此前没有预警"
            return f"{watched.fault.chinese if watched.fault else '已超限'}，由审批局核实后立项；{before}"
        case Nearness.NEAR:
            return f"已预警：{told}" if told else f"下次预警：{_next_slot(office, now):%Y-%m-%d %H:%M}"
        case Nearness.FINE:
            full = watched.resting.full_on
            assert full is not None
            return f"未到预警日期（{full - watched.resting.warn_days * _DAY}）"


def _next_slot(office: Office, now: datetime) -> datetime:
    calendar = office.rules.calendar
    today = slot_on(office, calendar.today(now))
    if today is not None and now <= today:
        return calendar.local(today)
    slot = slot_on(office, next_chance(office, now))
    assert slot is not None
    return calendar.local(slot)


def _judged(
    connection: Connection,
    office: Office,
    accounts: Iterable[media.Watched],
    columns: Iterable[StoredColumn],
    *,
    now: datetime,
) -> list[Watched]:
    found = [*of_accounts(office, accounts), *of_columns(office, columns)]
    at_work = _at_work(connection, found)
    warned = watching.warnings_of(
        connection,
        [(*each.subject, each.resting.newest_on) for each in found if each.resting.newest_on],
    )
    today, chance = office.rules.calendar.today(now), next_chance(office, now)
    judged = [
        replace(
            each,
            nearness=Nearness.OVER
            if each.fault
            else each.resting.nearness(today, chance, office.rules.watch),
            idle=each.resting.idle(today),
            item_number=each.item_number if each.item_number in at_work else None,
            warned=warned.get(each.subject, ()),
        )
        for each in found
    ]
    return sorted(judged, key=_urgency)


def _at_work(connection: Connection, found: Iterable[Watched]) -> set[int]:
    numbers = {each.item_number for each in found if each.item_number is not None}
    return {item.number for item in items.by_numbers(connection, numbers) if item.standing.state not in FINAL}


_ORDER = (Nearness.OVER, Nearness.NEAR, Nearness.STALE, Nearness.UNKNOWN, Nearness.FINE)


def _urgency(watched: Watched) -> tuple[int, date, str, int]:
    return _ORDER.index(watched.nearness), watched.resting.full_on or date.max, watched.kind, watched.id
