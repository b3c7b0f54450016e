"""Cases out of other systems' databases: when a person asks, and each day at its hour.

Must never read one twice at once, nor knock all the time at one that does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from tracker.domain.errors import ConfigError, NotFoundError
from tracker.domain.people import SYSTEM
from tracker.rules.databases import DatabaseRules
from tracker.services.feed_cases import take_in_rows
from tracker.services.feed_tables import TableExport
from tracker.services.feeding import Fed
from tracker.services.job_runs import claim, last_runs, run_asked
from tracker.services.office import Office
from tracker.store.clockwork import BEGINNING, JobRun
from tracker.store.foreign import Wanted

_AGAIN_AFTER = timedelta(minutes=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DatabaseState:
    """A database that `feeds.toml` names. has_address: it can be read. run: the scheduler's last reading."""

    rules: DatabaseRules
    has_address: bool
    run: JobRun | None


def take_in_database(office: Office, name: str, *, by: str, now: datetime) -> Fed:
    """Read the table that `feeds.toml` names, and bring the items up to date; its name is the source.

    The same rows on the same day change nothing; on another day they are judged anew, since limits go by.
    Raises NotFoundError for an unknown name, ConfigError without an address, IntakeError for what cannot be
    read; nothing is written then.
    """
    rules = next((each for each in office.rules.feeds.databases if each.name == name), None)
    if rules is None:
        known = "、".join(each.name for each in office.rules.feeds.databases) or "还没有写"
        raise NotFoundError(f"feeds.toml 中没有名为“{name}”的数据库（[[databases]]：{known}）")
    database = office.feed_databases.get(name)
    if database is None:
        raise ConfigError(
            f"没有写明数据库“{name}”的地址，请设置 TRACKER_FEED_DATABASES",
            details={"settings": ["feed_databases"]},
        )
    today = office.rules.calendar.today(now).isoformat()
    wanted, filename = Wanted(rules.table, rules.select), f"{name}（{today}读取）"
    export = TableExport(office, database, filename, wanted, minutes=rules.minutes, mark=today)
    return take_in_rows(office, export, name, by=by, now=now)


def take_in_due(office: Office, clock: Callable[[], datetime]) -> None:
    """What the scheduler calls: reads each database whose hour has come; one that failed, half an hour later.

    Each is claimed first, and only if it was not read since it was judged: two processes do not both read.
    """
    for state in list_databases(office):
        name, job = state.rules.name, _job(state.rules.name)
        known = state.run.started_at if state.run else BEGINNING
        if _is_due(office, state, clock()) and claim(office, job, now=clock(), unless_since=known):
            run_asked(office, clock, job, partial(_take_in, office, clock, name))


def list_databases(office: Office) -> list[DatabaseState]:
    """In the order of `feeds.toml`."""
    runs: Mapping[str, JobRun] = last_runs(office)
    return [
        DatabaseState(each, each.name in office.feed_databases, runs.get(_job(each.name)))
        for each in office.rules.feeds.databases
    ]


def _take_in(office: Office, clock: Callable[[], datetime], name: str) -> None:
    take_in_database(office, name, by=SYSTEM, now=clock())


def _is_due(office: Office, state: DatabaseState, now: datetime) -> bool:
    if state.rules.at is None or not state.has_address:
        return False
    calendar = office.rules.calendar
    slot = calendar.at(calendar.today(now), state.rules.at)
    if slot > now:
        slot = calendar.at(calendar.today(now) - _DAY, state.rules.at)
    run = state.run
    if run is None or run.started_at < slot:
        return True
    went_well = run.error is None and run.finished_at is not None
    return not went_well and now - run.started_at >= _AGAIN_AFTER


def _job(name: str) -> str:
    return f"feed {name}"
