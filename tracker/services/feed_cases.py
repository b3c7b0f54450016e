"""Taking in an export of cases (办件), a file or a table: judged in one pass, written in one transaction.

Must never keep whose case it is, and never close an item because an export is short: that takes a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from tracker.domain.cases import CaseJudge, Fault
from tracker.domain.errors import IntakeError, TransitionError
from tracker.domain.exports import Doubt, Extent, Trust, doubts_about, shrunk_units
from tracker.domain.people import DECIDING
from tracker.domain.text import printable
from tracker.intake.feeds.cases import NEEDED, Tally, judgeable, tally
from tracker.intake.feeds.columns import find_header
from tracker.intake.feeds.rows import Exported, open_export
from tracker.services.case_items import settle
from tracker.services.feed_tables import is_database, opened_file
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
    office: Office,
    file: BinaryIO,
    filename: str,
    *,
    by: str,
    now: datetime,
    source: str = SOURCE,
    table: str = "",
) -> Fed:
    """Read an export and bring the items of its units up to date. The same file twice changes nothing.

    `source` names the system it comes from: exports are compared with earlier ones of that source. `table`:
    where the cases are in a file that is a database with several such tables. Raises IntakeError for what
    cannot be read.
    """
    source = _named(source)
    if is_database(file):
        with opened_file(office, file, filename, table) as rows:
            return take_in_rows(office, rows, source, by=by, now=now)
    export = open_export(file, filename)
    if table:
        raise IntakeError(f"{export.filename}：不是数据库，不须写明表名")
    if known := _known(office, source, export.sha256):
        return known
    return take_in_rows(office, export, source, by=by, now=now)


def take_in_rows(office: Office, export: Exported, source: str, *, by: str, now: datetime) -> Fed:
    """As `take_in`, of what is open already; the same rows twice change nothing."""
    with closing(Tally()) as found:
        taking = _judged(office, export, source, found, now)
        with office.database.write() as connection:
            take_registry_turn(connection)
            take_planning_turn(connection)
            if known := _known_here(connection, source, export.sha256):  # another process was faster
                return known
            return _write(connection, office, taking, by=by, now=now)


def _judged(office: Office, export: Exported, source: str, found: Tally, now: datetime) -> _Taking:
    """The one pass over the rows; no transaction is open meanwhile."""
    rules = office.rules.feeds.cases
    with export.rows() as rows:
        columns = find_header(rows, rules.columns, NEEDED, export.filename)
        judged = judgeable(columns)
        if not judged:
            wanted = "、".join(
                rules.columns[name][0] for name in ("applied", "accepted", "finished", "rating")
            )
            raise IntakeError(f"{export.filename}：没有可据以判断的列（{wanted} 等），请检查导出的列")
        has_acceptance = "accepted" in columns
        judge = CaseJudge(rules.limits, office.rules.calendar, now, judged, has_acceptance=has_acceptance)
        tally(rows, columns, judge, found)
    if found.rejected and not found.rows:
        row, reason = found.rejected[0]
        raise IntakeError(f"{export.filename}：没有一行可以判断，第{row}行：{reason}")
    first_on, last_on = judge.span or (None, None)
    extent = Extent(found.rows, first_on, last_on, found.unreadable)
    return _Taking(export, source, found, extent, judged)


@dataclass(frozen=True)
class _Taking:
    """An export that has been judged and is to be written."""

    export: Exported
    source: str
    tally: Tally
    extent: Extent
    judged: frozenset[Fault]


def confirm(office: Office, feed_id: int, *, by: str, now: datetime) -> Fed:
    """A person says that a doubtful export is complete: what it leaves out is gone.

    Raises NotFoundError, ForbiddenError, and TransitionError if nothing is to be confirmed or a later export
    of the source has come.
    """
    with office.database.write() as connection:
        require(connection, by, DECIDING, "确认导出完整")
        take_registry_turn(connection)
        take_planning_turn(connection)
        feed = feeds.get(connection, feed_id)
        if feed.confirmed_at is not None:
            raise TransitionError(f"{feed.filename}：{feed.confirmed_by}已确认过")
        latest = feeds.latest(connection, KIND, feed.source)
        if latest is not None and latest.id != feed.id:
            raise TransitionError(f"{feed.filename}之后已读入同一来源的 {latest.filename}，请以后者为准")
        if not feed.outcome.get("doubtful"):
            raise TransitionError(f"{feed.filename}：没有待确认的内容")
        touched = cases.settle_gone(connection, feed.source, feed.id, feed.judged)
        feeds.set_columns(connection, feed.id, confirmed_at=now, confirmed_by=by)
        complete = Trust(dict.fromkeys(touched | {int(unit_id) for unit_id in feed.units}), ())
        outcome = settle(connection, office, feed, complete, by=by, now=now)
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


def _write(connection: Connection, office: Office, taking: _Taking, *, by: str, now: datetime) -> Fed:
    """Record export and cases, and bring the items up to date as far as the export can be trusted."""
    written_names = (taking.tally.units.keys() | taking.tally.unjudged.keys()) - {""}
    units = resolve_units(connection, office, sorted(written_names), now)
    faulty = {units[written].key: units[written] for written in taking.tally.faulty.units}
    stored = {key: store_unit(connection, unit, now=now) for key, unit in faulty.items()}
    ids = {written: stored.get(unit.key, unit).id or 0 for written, unit in units.items()}
    new_units = tuple(unit.name for unit in faulty.values() if _is_unknown(unit))
    rows: Counter[int] = Counter()
    for written, count in taking.tally.units.items():
        rows[ids[written]] += count
    del rows[0]  # of units that have neither items nor faults
    taking = replace(taking, extent=replace(taking.extent, has_strays=_has_strays(taking.tally, units)))
    before = feeds.trusted_units(connection, KIND, taking.source)
    shrunk = shrunk_units(rows, before, office.rules.feeds.cases.shrink_percent)
    unjudged = {ids[written] for written in taking.tally.unjudged if written}
    unit_doubts = dict.fromkeys(shrunk, Doubt.UNIT_SHRUNK) | dict.fromkeys(unjudged, Doubt.UNIT_UNJUDGED)
    feed = _write_feed(connection, office, taking, rows, by=by, now=now)
    seen = (SeenCase(one.fault, one.digest, ids[one.unit], one.row) for one in taking.tally.faulty)
    cases.record(connection, feed.source, feed.id, seen)
    trust = Trust(rows, tuple(Doubt(code) for code in feed.doubts), unit_doubts, feed.first_on)
    if not trust.doubts:
        cases.settle_gone(connection, feed.source, feed.id, feed.judged, rows.keys() - unit_doubts.keys())
    outcome = settle(connection, office, feed, trust, by=by, now=now)
    return replace(_settled(connection, feed.id, outcome), new_units=new_units)


def _has_strays(found: Tally, units: Mapping[str, KnownUnit]) -> bool:
    """Whether a case that was not judged may be any unit's: its row names none, or one that nobody knows."""
    return any(
        is_case and (not written or (written not in found.units and _is_unknown(units[written])))
        for written, is_case in found.unjudged.items()
    )


def _is_unknown(unit: KnownUnit) -> bool:
    return unit.id is None and not unit.known


def _write_feed(
    connection: Connection,
    office: Office,
    taking: _Taking,
    rows: Mapping[int, int],
    *,
    by: str,
    now: datetime,
) -> StoredFeed:
    last = feeds.last_trusted(connection, KIND, taking.source)
    before = Extent(last.rows, last.first_on, last.last_on) if last else None
    feed_id = feeds.add(
        connection,
        kind=KIND,
        source=taking.source,
        filename=taking.export.filename,
        sha256=taking.export.sha256,
        rows=taking.extent.rows,
        rejected_rows=taking.tally.rejected_rows,
        rejected=taking.tally.rejected,
        first_on=taking.extent.first_on,
        last_on=taking.extent.last_on,
        judged=sorted(taking.judged),
        units=rows,
        doubts=doubts_about(taking.extent, before, office.rules.feeds.cases.shrink_percent),
        outcome={},
        taken_at=now,
        taken_by=by,
    )
    return feeds.get(connection, feed_id)


def _settled(connection: Connection, feed_id: int, outcome: Outcome) -> Fed:
    feeds.set_columns(connection, feed_id, outcome=outcome.as_json())
    return Fed(feeds.get(connection, feed_id), outcome)
