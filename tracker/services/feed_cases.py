"""Taking in an export of cases (办件): judged in one pass, written in one transaction.

Must never keep whose case it is, and never close an item because an export is short: that takes a person.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from tracker.domain.cases import CaseJudge
from tracker.domain.errors import IntakeError, NotFoundError, TransitionError
from tracker.domain.exports import Doubt, Extent, doubts_about
from tracker.domain.people import DECIDING
from tracker.domain.text import printable
from tracker.intake.feeds.cases import NEEDED, Tally, judgeable, tally
from tracker.intake.feeds.columns import find_header
from tracker.intake.feeds.rows import Export, open_export
from tracker.services.case_items import settle
from tracker.services.feeding import Fed, Outcome, resolve_units, store_unit
from tracker.services.judging import require
from tracker.services.office import Office
from tracker.services.unit_names import KnownUnit, take_registry_turn
from tracker.store import Connection, cases, feeds
from tracker.store.cases import SeenCase
from tracker.store.clockwork import take_planning_turn
from tracker.store.feeds import StoredFeed

KIND = "cases"
SOURCE = "办件"
_LONGEST_SOURCE = 100


def take_in(
    office: Office, file: BinaryIO, filename: str, *, by: str, now: datetime, source: str = SOURCE
) -> Fed:
    """Read an export and bring the items of its units up to date. The same file twice changes nothing.

    `source` names the system it comes from: exports are compared with earlier ones of that source. Raises
    IntakeError for what cannot be read.
    """
    source = _named(source)
    export = open_export(file, filename)
    if known := _known(office, source, export.sha256):
        return known
    rows, rules = export.rows(), office.rules.feeds.cases
    columns = find_header(rows, rules.columns, NEEDED, export.filename)
    judged = judgeable(columns)
    if not judged:
        wanted = "、".join(rules.columns[name][0] for name in ("applied", "accepted", "finished", "rating"))
        raise IntakeError(f"{export.filename}：没有可据以判断的列（{wanted} 等），请检查导出的列")
    judge = CaseJudge(rules.limits, office.rules.calendar, now, judged, has_acceptance="accepted" in columns)
    with closing(tally(rows, columns, judge)) as found:
        first_on, last_on = judge.span or (None, None)
        extent = Extent(found.rows, first_on, last_on)
        with office.database.write() as connection:
            take_registry_turn(connection)
            take_planning_turn(connection)
            if known := _known_here(connection, source, export.sha256):  # another process was faster
                return known
            units = resolve_units(connection, office, found.units, now)
            added = _store_faulty(connection, found, units, now)
            feed = _write_feed(connection, office, export, source, extent, found, units, judged, by, now)
            return replace(_written(connection, office, feed, found, units, by=by, now=now), new_units=added)


def confirm(office: Office, feed_id: int, *, by: str, now: datetime) -> Fed:
    """A person says that a doubtful export is complete: what it leaves out is gone.

    Raises NotFoundError, ForbiddenError, and TransitionError if nothing is to be confirmed or a later export
    of the source has come.
    """
    with office.database.write() as connection:
        require(connection, by, DECIDING, "确认导出完整")
        take_registry_turn(connection)
        take_planning_turn(connection)
        feed = feeds.by_id(connection, feed_id)
        if feed is None or feed.kind != KIND:
            raise NotFoundError(f"没有序号为 {feed_id} 的办件导出", details={"feed": feed_id})
        if feed.confirmed_at is not None:
            raise TransitionError(f"{feed.filename}：{feed.confirmed_by}已确认过")
        latest = feeds.latest(connection, KIND, feed.source)
        if latest is not None and latest.id != feed.id:
            raise TransitionError(f"{feed.filename}之后已读入同一来源的 {latest.filename}，请以后者为准")
        if not feed.outcome.get("doubtful"):
            raise TransitionError(f"{feed.filename}：没有待确认的内容")
        touched = cases.settle_gone(connection, feed.source, feed.id, feed.judged)
        feeds.set_columns(connection, feed.id, confirmed_at=now, confirmed_by=by)
        trusted = touched | set(feed.units)
        outcome = settle(connection, office, feed, trusted, trusted, why=(), by=by, now=now)
        return _settled(connection, feed.id, outcome)


def _named(source: str) -> str:
    name = printable(source)
    if not 0 < len(name) <= _LONGEST_SOURCE:
        raise IntakeError(f"来源名称须为 1 至 {_LONGEST_SOURCE} 个字")
    return name


def _known(office: Office, source: str, sha256: str) -> Fed | None:
    with office.database.read() as connection:
        return _known_here(connection, source, sha256)


def _known_here(connection: Connection, source: str, sha256: str) -> Fed | None:
    feed = feeds.by_hash(connection, KIND, source, sha256)
    return None if feed is None else Fed(feed, Outcome(), already=True)


def _store_faulty(
    connection: Connection, found: Tally, units: dict[str, KnownUnit], now: datetime
) -> tuple[str, ...]:
    """Give each unit with a faulty case a row; the names of those that are new and nobody vouches for."""
    stored: dict[str, KnownUnit] = {}
    added = []
    for written in found.faulty_units:
        unit = units[written]
        if unit.key not in stored:
            stored[unit.key] = store_unit(connection, unit, now=now)
            if unit.id is None and not unit.known:
                added.append(unit.name)
    for written, unit in units.items():
        units[written] = stored.get(unit.key, unit)
    return tuple(added)


def _write_feed(
    connection: Connection,
    office: Office,
    export: Export,
    source: str,
    extent: Extent,
    found: Tally,
    units: dict[str, KnownUnit],
    judged: Collection[str],
    by: str,
    now: datetime,
) -> StoredFeed:
    last = feeds.last_trusted(connection, KIND, source)
    before = Extent(last.rows, last.first_on, last.last_on) if last else None
    doubts = doubts_about(extent, before, office.rules.feeds.cases.shrink_percent)
    feed_id = feeds.add(
        connection,
        kind=KIND,
        source=source,
        filename=export.filename,
        sha256=export.sha256,
        rows=extent.rows,
        rejected_rows=found.rejected_rows,
        rejected=[list(each) for each in found.rejected],
        first_on=extent.first_on,
        last_on=extent.last_on,
        judged=sorted(judged),
        units=sorted({unit.id for unit in units.values() if unit.id is not None}),
        doubts=list(doubts),
        outcome={},
        taken_at=now,
        taken_by=by,
    )
    feed = feeds.by_id(connection, feed_id)
    assert feed is not None
    return feed


def _written(
    connection: Connection,
    office: Office,
    feed: StoredFeed,
    found: Tally,
    units: dict[str, KnownUnit],
    *,
    by: str,
    now: datetime,
) -> Fed:
    """Record the cases, and bring the items up to date as far as the export can be trusted."""
    ids = {written: unit.id or 0 for written, unit in units.items()}
    seen = (SeenCase(one.fault, one.digest, ids[one.unit], one.row) for one in found.faulty())
    cases.record(connection, feed.source, feed.id, seen)
    told_of = set(feed.units)
    if feed.doubts:
        why = tuple(Doubt(code).chinese for code in feed.doubts)
        outcome = settle(connection, office, feed, told_of, (), why=why, by=by, now=now)
    else:
        cases.settle_gone(connection, feed.source, feed.id, feed.judged, told_of)
        why = (Doubt.UNIT_ABSENT.chinese,)
        outcome = settle(connection, office, feed, told_of, told_of, why=why, by=by, now=now)
    return _settled(connection, feed.id, outcome)


def _settled(connection: Connection, feed_id: int, outcome: Outcome) -> Fed:
    feeds.set_columns(connection, feed_id, outcome=outcome.as_json())
    feed = feeds.by_id(connection, feed_id)
    assert feed is not None
    return Fed(feed, outcome)
