"""Looking at the watched columns, each once a day, early: so that the morning's warnings know of last night.

Must never take a look that told nothing for one that saw no document: what was known stays, and the failure
is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.probes.base import ColumnProbe, Observation
from tracker.services.office import Office
from tracker.store import watching
from tracker.store.watching import StoredColumn

_BATCH = 50
_BEFORE_WARNING = timedelta(hours=3)
_NO_SITE = "单位名册中没有写明网站，栏目表中也没有写网址，无从核查"


@dataclass(frozen=True)
class Looked:
    """One look. `newest_on` None: it told nothing, and `finding` says in Chinese why. `is_sure`: it can have
    overlooked nothing newer.
    """

    column: StoredColumn
    newest_on: date | None
    finding: str
    is_sure: bool = False


def look_at_columns(office: Office, clock: Callable[[], datetime]) -> list[Looked]:
    """Look at every column whose turn has come; each is claimed first, so two processes do not both look."""
    probe = next((each for each in office.probes if isinstance(each, ColumnProbe)), None)
    if probe is None:
        return []
    looked: list[Looked] = []
    ends_at = clock() + timedelta(minutes=office.rules.walk.run_minutes)
    while due := _due(office, clock()):
        for column in due:
            if _claim(office, column, clock()):
                looked.append(_look(probe, office, column, clock()))
                _record(office, looked[-1], clock())
            if clock() >= ends_at:
                return looked  # what is left stays due for the next run
    return looked


def newest_of(seen: Observation) -> tuple[date | None, bool]:
    """The day of the newest document, and whether no other can be newer; None: nobody can say."""
    found = seen.evidence.get("found")
    facts = found[0] if isinstance(found, list) and found else {}
    surely, at_most = _day(facts.get("newest")), _day(facts.get("newest_at_most"))
    newest = surely or at_most
    return newest, newest is not None and newest == at_most


def _day(told: object) -> date | None:
    return date.fromisoformat(told) if isinstance(told, str) else None


def _look(probe: ColumnProbe, office: Office, column: StoredColumn, now: datetime) -> Looked:
    url = column.page_url or column.site
    if url is None:
        return Looked(column, None, _NO_SITE)
    seen = probe.look_at_column(column.name, url, now.astimezone(office.rules.calendar.zone))
    newest_on, is_sure = newest_of(seen)
    return Looked(column, newest_on, str(seen.evidence.get("summary", "")), is_sure)


def _due(office: Office, now: datetime) -> list[StoredColumn]:
    with office.database.read() as connection:
        return watching.due_columns(connection, now, _BATCH)


def _claim(office: Office, column: StoredColumn, now: datetime) -> bool:
    with office.database.write() as connection:
        return watching.claim_look(connection, column.id, now, next_morning(office, now))


def next_morning(office: Office, now: datetime) -> datetime:
    """When what is watched is looked at next: on the next day, before units are warned."""
    calendar = office.rules.calendar
    day = calendar.today(now) + timedelta(days=1)
    return calendar.at(day, office.rules.watch.send_at) - _BEFORE_WARNING


def _record(office: Office, looked: Looked, now: datetime) -> None:
    values: dict[str, object] = {"tried_at": now, "finding": looked.finding}
    if looked.newest_on is None:
        values["failing_since"] = looked.column.failing_since or now
    else:
        values |= {"newest_on": looked.newest_on, "is_sure": looked.is_sure}
        values |= {"checked_at": now, "failing_since": None}
    with office.database.write() as connection:
        watching.set_columns(connection, looked.column.id, **values)
