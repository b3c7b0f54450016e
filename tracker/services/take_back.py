"""Taking an edited ledger (整改台账) back in: a preview first, then all of it in one transaction.

Must never overwrite what somebody else changed since the export, nor take half of a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.deadlines import DeadlineKind, DeadlineRule, deadline_from
from tracker.domain.errors import RectifyError
from tracker.domain.escalation import next_rung_at
from tracker.domain.items import Item, identity
from tracker.domain.ledger import Field
from tracker.domain.lifecycle import Event, Standing
from tracker.intake.ledger import EditedLedger, read_ledger
from tracker.rendering.ledger_row import HEADINGS
from tracker.services.advance import take_step
from tracker.services.ladders import LadderBook
from tracker.services.ledger_judgement import Change, Judge, JudgedRow, RowOutcome
from tracker.services.office import Office
from tracker.services.outcomes import tell_units
from tracker.services.page_checks import columns_after_move
from tracker.services.unit_names import KnownUnit, add_unit, take_registry_turn
from tracker.store import Connection, history, items, units
from tracker.store.clockwork import take_planning_turn

LEDGER_EVENT = "ledger"
_NAMED = 3  # so many rows are named in the error's sentence; its details have all


class LedgerRefusedError(RectifyError):
    """Rows of the ledger cannot be taken; nothing was written. `details.rows` has them all."""

    code = "ledger_refused"


@dataclass(frozen=True)
class TakenBack:
    """`rows` are those that ask for something; `is_written` once those of outcome changed are stored."""

    filename: str
    rows: tuple[JudgedRow, ...]
    unchanged: int
    notices: tuple[str, ...]
    is_written: bool = False

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        found[RowOutcome.UNCHANGED] = self.unchanged
        return {outcome.value: found[outcome] for outcome in RowOutcome}

    @property
    def changed(self) -> tuple[JudgedRow, ...]:
        return tuple(row for row in self.rows if row.outcome is RowOutcome.CHANGED)

    @property
    def refused(self) -> tuple[JudgedRow, ...]:
        """Conflicts too: what is not taken."""
        return tuple(row for row in self.rows if row.objections)


def preview(office: Office, content: bytes, filename: str, *, by: str, now: datetime) -> TakenBack:
    """What `commit` would do; writes nothing. Raises IntakeError for a file that is no ledger of ours."""
    ledger = read_ledger(content, filename, HEADINGS)
    with office.database.read() as connection:
        return _judged(Judge(connection, office, ledger, by=by.strip(), now=now), ledger, filename)


def commit(
    office: Office, content: bytes, filename: str, *, by: str, now: datetime, skip_refused: bool = False
) -> TakenBack:
    """Write what the editor changed; the same file again changes nothing.

    Raises LedgerRefusedError, with nothing written, if a row is refused or in conflict; `skip_refused`
    leaves those rows out and writes the others. Raises IntakeError like `preview`.
    """
    by = by.strip()
    if not by:
        raise RectifyError("须写明经办人（--by）")
    ledger = read_ledger(content, filename, HEADINGS)
    with office.database.write() as connection:
        take_registry_turn(connection)
        take_planning_turn(connection)  # what waits may be told, or taken back
        judge = Judge(connection, office, ledger, by=by, now=now, lock=True)
        plan = _judged(judge, ledger, filename)
        if plan.refused and not skip_refused:
            raise _refusal(plan)
        writer = _Writer(connection, office, judge, filename=filename, by=by, now=now)
        for row in plan.changed:
            writer.write(row)
        for event, before in writer.taken.items():
            after = items.by_numbers(connection, [item.number for item in before])
            steps = list(zip(sorted(before, key=lambda item: item.number), after, strict=True))
            tell_units(connection, office, event, steps, now)
        return replace(plan, is_written=True)


def _judged(judge: Judge, ledger: EditedLedger, filename: str) -> TakenBack:
    rows = tuple(row for each in ledger.rows if (row := judge.row(each)).outcome is not RowOutcome.UNCHANGED)
    notices = [f"表中没有“{field.heading}”列，按没有改动处理" for field in ledger.missing]
    notices += [f"“{heading}”列不是台账的列，没有读取" for heading in ledger.extra]
    return TakenBack(filename, rows, len(ledger.rows) - len(rows), tuple(notices))


def _refusal(plan: TakenBack) -> LedgerRefusedError:
    named = [
        f"第 {row.line} 行（{f'编号 {row.number}' if row.number else '无编号'}）{'；'.join(row.objections)}"
        for row in plan.refused[:_NAMED]
    ]
    more = f"等 {len(plan.refused)} 行" if len(plan.refused) > _NAMED else ""
    rows = [
        {"line": row.line, "number": row.number, "outcome": row.outcome.value, "reasons": row.objections}
        for row in plan.refused
    ]
    message = f"{plan.filename}：没有写入任何内容，{'。'.join(named)}{more}"
    return LedgerRefusedError(message, details={"rows": rows})


class _Writer:
    """Carries out judged rows in the caller's transaction."""

    def __init__(
        self, connection: Connection, office: Office, judge: Judge, *, filename: str, by: str, now: datetime
    ) -> None:
        self._connection, self._office, self._judge = connection, office, judge
        self._filename, self._by, self._now = filename, by, now
        self._added: dict[str, int] = {}
        self.taken: dict[Event, list[Item]] = {}  # the steps, and the items as they stood before
        self._sites = {row.id: row.site for row in units.all_units(connection)}

    def write(self, row: JudgedRow) -> None:
        """Fields first, each with a row of history, then the step of the workflow."""
        item = self._judge.items[row.number or 0]
        wanted = {change.field: change.after for change in row.changes}
        edited = [change for change in row.changes if change.field is not Field.STATE]
        if edited:
            standing, columns = self._after(item, wanted)
            items.save_standing(self._connection, item.number, standing, **columns)
            rows = [(item.number, standing, self._detail(change, item)) for change in edited]
            history.append(self._connection, at=self._now, actor=self._by, event=LEDGER_EVENT, rows=rows)
        if step := self._judge.step(item, wanted):
            [item] = items.by_numbers(self._connection, [item.number])
            take_step(self._connection, self._office, item, step, ())
            self.taken.setdefault(step.event, []).append(item)

    def _after(self, item: Item, wanted: Mapping[Field, str]) -> tuple[Standing, dict[str, object]]:
        """Where the item stands with the new deadline, and the other columns that change."""
        standing, meanings = item.standing, self._judge.meanings
        columns: dict[str, object] = {}
        if Field.DUE_ON in wanted:
            day = meanings.due_on(wanted[Field.DUE_ON])
            rule = DeadlineRule(DeadlineKind.FIXED if day else DeadlineKind.STANDING, day=day)
            deadline = deadline_from(rule, item.issued_on, self._office.rules.calendar)
            standing = replace(standing, due_on=deadline.due_on, due_at=deadline.due_at)
            columns |= {"provisional": deadline.provisional, "rule": rule.as_mapping(), "counted_from": None}
            ladder = LadderBook(self._connection, self._office.rules, [item.number]).of(item.number)
            calendar = self._office.rules.calendar
            columns["next_reminder_at"] = next_rung_at(ladder, standing, self._now, calendar)
        if Field.QUANTITY in wanted:
            value, measure = meanings.quantity(wanted[Field.QUANTITY], item)
            columns |= {"quantity": value, "measure": measure}
            standing = replace(standing, remaining=None)
        if Field.NOTE in wanted:
            columns["note"] = wanted[Field.NOTE] or None
        if wanted.keys() & {Field.UNIT, Field.PROBLEM_CLASS}:
            columns |= self._belonging(item, wanted)
        return standing, columns

    def _belonging(self, item: Item, wanted: Mapping[Field, str]) -> dict[str, object]:
        """Unit and class, the identity by which the next bulletin finds the item, and the page to look at."""
        old_site = site = self._sites[item.unit_id]
        unit_id, key = item.unit_id, self._judge.meanings.unit_key(item.unit_id)
        if Field.UNIT in wanted:
            unit = self._judge.meanings.unit(wanted[Field.UNIT])
            unit_id, key, site = self._stored(unit), unit.key, unit.site
        code = item.problem_class
        if Field.PROBLEM_CLASS in wanted:
            code = self._judge.meanings.problem_class(wanted[Field.PROBLEM_CLASS])
        page = columns_after_move(
            self._office.probes, item, problem_class=code, old_site=old_site, site=site, now=self._now
        )
        return {"unit_id": unit_id, "class": code, "identity": identity(key, code, item.text), **page}

    def _stored(self, unit: KnownUnit) -> int:
        if unit.id is not None:
            return unit.id
        if unit.key not in self._added:
            self._added[unit.key] = add_unit(self._connection, unit, now=self._now)
        return self._added[unit.key]

    def _detail(self, change: Change, item: Item) -> dict[str, object]:
        """Old and new, and which file said so."""
        found: dict[str, object] = {change.field.value: [change.before or None, change.after or None]}
        if change.field is Field.QUANTITY:
            value, measure = self._judge.meanings.quantity(change.after, item)
            found = {"quantity": [item.quantity, value]}
            if measure != item.measure:
                found["measure"] = [item.measure, measure]
        return found | {"file": self._filename}
