"""How the findings of a document become drafts: each is judged by what is tracked.

Must never overwrite what people decided about a tracked item: its unit, class, deadline and words stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import islice

from tracker.domain.classes import ProblemClass, first_fit, tried_for
from tracker.domain.items import Item, identity
from tracker.domain.units import Level, unit_key
from tracker.intake.model import Finding, Reading
from tracker.intake.spool import Spool, batched
from tracker.services.corrected import CorrectedFinding
from tracker.services.corrections import CorrectionError
from tracker.services.drafts import Draft, Tally
from tracker.services.matching import ItemOutcome, Matcher, Sought, outcome_of
from tracker.services.office import Office
from tracker.services.page_checks import checked_classes, page_of
from tracker.services.pool import Tracked, load
from tracker.services.starts import Starts
from tracker.services.unit_names import KnownUnit, UnitNames
from tracker.store import Connection, units

Progress = Callable[[int, int], None]


def draft_all(
    connection: Connection,
    office: Office,
    reading: Reading,
    findings: Sequence[CorrectedFinding],
    *,
    names: UnitNames,
    progress: Progress | None = None,
) -> tuple[Spool[Draft], Tally]:
    """Judge the findings of a reading whose day of issue is known.

    Raises CorrectionError for a correction that makes no sense for the item it meets.
    """
    assert reading.issued_on is not None
    judge = _Judge(office, reading, reading.issued_on, names)
    drafts, tally, matcher = Spool[Draft](), Tally(), Matcher(connection)

    def add(made: Iterable[Draft]) -> None:
        start = len(drafts)
        drafts.extend(tally.counting(made))
        if progress:
            progress(start, len(findings))

    seen = 0
    for batch in batched(findings):
        sought = list(map(judge.sought, batch))
        if not matcher.note(seen, sought):
            add(map(judge.new, sought))
        seen += len(batch)
    numbers = matcher.settle(seen)
    # Only from the first batch on that may meet something: a new list is walked through once.
    rest = islice(findings, len(drafts), None) if len(drafts) < seen else ()
    for batch in batched(rest):
        of_these = numbers[len(drafts) : len(drafts) + len(batch)]
        tracked = load(connection, filter(None, of_these))
        add(
            judge.judged(connection, judge.sought(each), tracked.get(number))
            for each, number in zip(batch, of_these, strict=True)
        )
    return drafts, tally


class _Judge:
    """Judges findings one by one; what depends on a domain, class or unit alone is judged once."""

    def __init__(self, office: Office, reading: Reading, issued_on: date, names: UnitNames) -> None:
        self._rules = office.rules
        self._reading, self._issued_on, self._names = reading, issued_on, names
        self._tried: dict[str | None, Sequence[ProblemClass]] = {}
        self._domains = {each.code: each.domain for each in office.rules.classes}
        self._keys: dict[str, str] = {}
        self._starts = Starts(office.rules, issued_on, reading.title)
        self._checked = checked_classes(office.probes)
        self._rows: dict[int, KnownUnit] | None = None

    def sought(self, each: CorrectedFinding) -> Sought:
        """What the finding may be known by: as corrected; by the name as written, from before a person
        said whose name that is; and as read, unless a person said that it is somebody else's.
        """
        finding, unit = each.finding, self._names.of(each.finding)
        code = self._code_of(each)
        own = as_read = identity(unit.key, code, finding.text)
        if finding is not each.read or each.problem_class is not None:
            as_read = identity(self._names.of(each.read).key, self._code(each.read), each.read.text)
        known_by, written = [own], self._key(finding.responsible)
        if written != unit.key:
            known_by.append(identity(written, code, finding.text))
        if finding is not each.read and finding.responsible == each.read.responsible:
            known_by.append(as_read)
        identities = (own,) if len(known_by) == 1 else tuple(dict.fromkeys(known_by))
        return Sought(each, unit, code, identities, as_read)

    def judged(self, connection: Connection, each: Sought, tracked: Tracked | None) -> Draft:
        outcome = outcome_of(each.corrected, tracked, self._issued_on)
        if tracked is None:
            return self.new(each)
        if outcome is ItemOutcome.REAPPEARED:
            return self.reappeared(connection, each, tracked)
        return self.tracked(each, outcome, tracked.item)

    def new(self, each: Sought) -> Draft:
        return self._make(each, ItemOutcome.NEW, each.unit, each.problem_class)

    def reappeared(self, connection: Connection, each: Sought, tracked: Tracked) -> Draft:
        """A new item after the one struck off, with the unit and class that people gave that one."""
        before, unit, finding = tracked.item, each.unit, each.corrected.finding
        if before.unit_id != unit.id and finding.responsible == each.corrected.read.responsible:
            unit = self._row(connection, before.unit_id)
        code = each.corrected.problem_class or before.problem_class
        if code not in self._rules.deadlines:  # the office has removed the class since
            code = each.problem_class
        draft = self._make(each, ItemOutcome.REAPPEARED, unit, code)
        return draft._replace(item=draft.item._replace(recurs=before.number), met=before)

    def tracked(self, each: Sought, outcome: ItemOutcome, item: Item) -> Draft:
        """Raises CorrectionError where a correction would silently do nothing."""
        said, unit = each.corrected, each.unit
        wanted = (
            ("责任单位", said.finding.responsible != said.read.responsible and unit.id != item.unit_id),
            ("问题类别", said.problem_class not in {None, item.problem_class}),
            ("整改时限", said.due_on not in {None, item.standing.due_on}),
        )
        for what, is_other in wanted:
            if is_other:
                raise CorrectionError(
                    f"{said.key} 已是第 {item.number} 号事项，{what}不能在预览中更正，请在该事项上修改",
                    details={"key": said.key, "number": item.number},
                )
        return Draft(outcome, item, said, unit, each.identities[0], each.read_identity, item)

    def _code(self, finding: Finding) -> str:
        if finding.domain not in self._tried:
            self._tried[finding.domain] = tried_for(finding.domain, self._rules.classes)
        return first_fit(finding.described, self._tried[finding.domain])

    def _code_of(self, each: CorrectedFinding) -> str:
        code = each.problem_class
        if code is None:
            return self._code(each.finding)
        if code not in self._rules.deadlines:
            raise CorrectionError(f"{each.key}：没有代码为“{code}”的问题类别", details={"key": each.key})
        return code

    def _key(self, written: str) -> str:
        if written not in self._keys:
            self._keys[written] = unit_key(written, self._rules.short_forms, self._rules.home)
        return self._keys[written]

    def _row(self, connection: Connection, unit_id: int) -> KnownUnit:
        if self._rows is None:
            self._rows = {
                row.id: KnownUnit(
                    row.id, row.name, row.key, Level(row.level), row.parent, row.site, row.confirmed
                )
                for row in units.all_units(connection)
            }
        return self._rows[unit_id]

    def _make(self, each: Sought, outcome: ItemOutcome, unit: KnownUnit, code: str) -> Draft:
        finding, reading = each.corrected.finding, self._reading
        start = self._starts.of(each.corrected, code)
        item = Item(
            number=0,
            unit_id=unit.id or 0,
            unit=unit.name,
            unit_as_written=finding.unit_as_written,
            group=unit.level.group,
            domain=finding.domain or self._domains.get(code),  # prose names none: its class does
            problem_class=code,
            text=finding.text,
            quantity=finding.quantity.value if finding.quantity else None,
            measure=finding.quantity.measure if finding.quantity else None,
            standing=start.standing,
            issued_on=self._issued_on,
            provisional=start.provisional,
            rule=start.rule,
            counted_from=None,
            bulletin_id=0,
            bulletin=reading.title,
            recurs=None,
            file=reading.filename,
            annex=finding.source.annex,
            row=finding.source.row,
            ordinal=finding.source.ordinal,
            line=finding.source.line,
            next_reminder_at=start.reminder_at,
            page_url=page_of(self._checked, code, unit.site),
        )
        own = each.identities[0]
        if unit is not each.unit or code != each.problem_class:
            own = identity(unit.key, code, finding.text)
        return Draft(outcome, item, each.corrected, unit, own, each.read_identity)
