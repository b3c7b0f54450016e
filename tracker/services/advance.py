"""One step of the workflow for one item or many: all of them or none, history in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from tracker.domain.deadlines import DeadlineKind, DeadlineRule
from tracker.domain.errors import NotFoundError, RectifyError, TransitionError
from tracker.domain.escalation import next_rung_at
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, Event, Standing, State
from tracker.domain.people import DECIDING, EITHER_SIDE
from tracker.domain.periods import plausible
from tracker.domain.step_back import BEFORE, changed, kept
from tracker.domain.steps import Step
from tracker.services.evidence import Evidence, keep, sealed
from tracker.services.judging import StepJudge, require
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.services.outcomes import tell_units
from tracker.services.page_checks import first_check_at, looks_count_from
from tracker.services.revisit_dates import schedule_revisits
from tracker.store import Connection, history, items
from tracker.store.clockwork import take_planning_turn
from tracker.store.supersede import supersede_untrue

T = TypeVar("T")
WATCH_EVENT = "watch"
_CHASED = frozenset({State.OPEN, State.SIGNED})
_TURNS = frozenset({Event.SUBMIT, Event.RETURN, Event.REOPEN})  # what was seen before them is over


def perform(
    office: Office,
    event: Event,
    numbers: Sequence[int],
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    to: date | None = None,
    left: int | None = None,
    evidence: Sequence[Evidence] = (),
) -> list[Item]:
    """Take one step with each item, or with none; raises TransitionError naming every one that may not."""
    if not by.strip():
        raise TransitionError("须写明办理人（--by）")
    step = Step(event, by.strip(), now, reason, plausible(to) if to else None, left)
    with office.database.write() as connection:
        take_planning_turn(connection)  # what waits to be sent may be told, or taken back
        found = load(connection, numbers)
        judge = StepJudge(connection, office, step.by)
        standings = judged(found, lambda item: judge.after(item, step, evidence))
        for item in found:
            _write(connection, office, item, standings[item.number], step, evidence=evidence)
        moved = items.by_numbers(connection, numbers)
        tell_units(connection, office, event, list(zip(found, moved, strict=True)), now)
        return moved


def judged(found: Sequence[Item], judge: Callable[[Item], T]) -> dict[int, T]:
    """The judgement on each item by its number; raises one TransitionError naming all that are refused."""
    answers: dict[int, T] = {}
    refused: list[tuple[Item, TransitionError]] = []
    for item in found:
        try:
            answers[item.number] = judge(item)
        except TransitionError as error:
            refused.append((item, error))
    if refused:
        raise _refusal(refused)
    return answers


def _refusal(refused: Sequence[tuple[Item, TransitionError]]) -> TransitionError:
    """One error for all; items that are refused for the same reason are named together."""
    named: dict[str, list[Item]] = {}
    for item, error in refused:
        named.setdefault(error.message, []).append(item)
    words = "；".join(f"{_named(some)}：{message}" for message, some in named.items())
    each = [{"number": item.number, "message": error.message, **error.details} for item, error in refused]
    first, error = refused[0]
    return TransitionError(words, details={"number": first.number, **error.details, "refused": each})


def _named(some: Sequence[Item]) -> str:
    if len(some) == 1:
        return f"第 {some[0].number} 号事项（{some[0].unit}）"
    return f"第 {'、'.join(str(item.number) for item in some)} 号事项"


def watch(office: Office, numbers: Sequence[int], *, url: str, by: str, now: datetime) -> list[Item]:
    """Tell which page should show the fix; the next check looks at it. Not for another unit's people."""
    by = by.strip()
    if not url.startswith(("http://", "https://")):
        raise RectifyError(f"网址须以 http:// 或 https:// 开头：{url}")
    with office.database.write() as connection:
        found = load(connection, numbers)
        able = EITHER_SIDE | DECIDING
        judged(found, lambda item: require(connection, by, able, "指定核查网址", unit_id=item.unit_id))
        for item in found:
            if not is_checkable(office, item):
                name = office.rules.class_name(item.problem_class)
                raise RectifyError(f"第 {item.number} 号事项属“{name}”，目前没有可用的自动核查方式")
            items.set_columns(
                connection, item.number, page_url=url, next_check_at=now, **looks_count_from(now)
            )
        rows = [(item.number, item.standing, {"url": url}) for item in found]
        history.append(connection, at=now, actor=by, event=WATCH_EVENT, rows=rows)
        return items.by_numbers(connection, numbers)


def load(connection: Connection, numbers: Sequence[int]) -> list[Item]:
    """The items of these numbers, locked for this transaction; raises NotFoundError naming those missing."""
    found = items.by_numbers(connection, numbers, lock=True)
    missing = sorted(set(numbers) - {item.number for item in found})
    if missing:
        raise NotFoundError(
            f"没有编号为 {'、'.join(map(str, missing))} 的整改事项", details={"numbers": missing}
        )
    return found


def take_step(
    connection: Connection,
    office: Office,
    item: Item,
    step: Step,
    evidence: Sequence[Evidence],
    *,
    of_unit: int | None = None,
) -> None:
    """One step with one item, in the caller's transaction, which has the planner's turn.

    `of_unit`: as in StepJudge. Raises TransitionError naming the item.
    """
    judge = StepJudge(connection, office, step.by, of_unit=of_unit)
    standings = judged([item], lambda each: judge.after(each, step, evidence))
    _write(connection, office, item, standings[item.number], step, evidence=evidence)


def _write(
    connection: Connection,
    office: Office,
    item: Item,
    standing: Standing,
    step: Step,
    *,
    evidence: Sequence[Evidence],
) -> None:
    """The item as it stands after the step, its history with what was there before, and the proofs."""
    columns = _new_deadline(office, item, standing, step)
    columns |= _next_check(office, item, standing, step, evidence)
    if step.event in _TURNS:
        columns |= looks_count_from(step.at)
    columns["next_reminder_at"] = _next_reminder(connection, office, item, standing, step.at)
    items.save_standing(connection, item.number, standing, **columns)
    take_back_untrue(connection, office, item, standing, step.at)
    before = {name: getattr(item, name) for name in columns if name in Item._fields}
    detail = {**_detail(item.standing, standing), BEFORE: kept(changed(item.standing, standing) | before)}
    if evidence:
        detail["evidence"] = sealed(evidence)
    row = (item.number, standing, detail)
    [history_id] = history.append(
        connection, at=step.at, actor=step.by, event=step.event.value, reason=step.reason, rows=[row]
    )
    keep(connection, item.number, history_id, evidence)
    if step.event is Event.STRIKE_OFF:
        schedule_revisits(connection, office, item, step.at)


def take_back_untrue(
    connection: Connection, office: Office, item: Item, standing: Standing, now: datetime
) -> None:
    """Take back what waits and is true no more, now that the item stands so. Under the planner's turn."""
    before = item.standing
    if (standing.state, standing.extension_to) != (before.state, before.extension_to):
        supersede_untrue(connection, [item.number], office.rules.calendar.today(now), now)


def _new_deadline(office: Office, item: Item, standing: Standing, step: Step) -> dict[str, object]:
    """The snapshot of the rule that gave a new deadline: a granted day, or the clock of a return."""
    if standing.due_on is None or standing.due_on == item.standing.due_on:
        return {}
    calendar, today = office.rules.calendar, office.rules.calendar.today(step.at)
    rule, counted_from = DeadlineRule(DeadlineKind.FIXED, day=standing.due_on), None
    if step.event is Event.RETURN:
        rule = DeadlineRule(DeadlineKind.WORKING_DAYS, office.rules.limits.return_working_days)
        counted_from = today
    provisional = calendar.is_provisional(standing.due_on)
    return {"provisional": provisional, "rule": rule.as_mapping(), "counted_from": counted_from}


def _next_reminder(
    connection: Connection, office: Office, item: Item, standing: Standing, now: datetime
) -> datetime | None:
    """The ladder goes on with whoever has to move now: the unit, or the bureau."""
    if keeps_pace(item.standing, standing):
        return item.next_reminder_at  # a signature does not swallow a reminder that is still to be sent
    ladder = LadderBook(connection, office.rules, [item.number]).of(item.number)
    return next_rung_at(ladder, standing, now, office.rules.calendar)


def keeps_pace(before: Standing, after: Standing) -> bool:
    """Whether the ladder goes on as if nothing had happened: the same side has to move, by the same day."""
    is_same_turn = before.state is after.state or {before.state, after.state} <= _CHASED
    return is_same_turn and _clock(before) == _clock(after)


def _clock(standing: Standing) -> tuple[object, ...]:
    return standing.due_on, standing.deferred_until, standing.submitted_at


def _next_check(
    office: Office, item: Item, standing: Standing, step: Step, evidence: Sequence[Evidence]
) -> dict[str, object]:
    """A submission with a link says where to look, and is looked at by the next run; an end stops looking."""
    if standing.state in FINAL:
        return {"next_check_at": None}
    if step.event is Event.REOPEN and is_checkable(office, item):
        return {"next_check_at": first_check_at(item.page_url, step.at)}
    if step.event is not Event.SUBMIT or not is_checkable(office, item):
        return {}
    link = next((proof.value for proof in evidence if proof.kind == "link"), item.page_url)
    return {"page_url": link, "next_check_at": step.at} if link else {}


def is_checkable(office: Office, item: Item) -> bool:
    return any(item.problem_class in probe.classes for probe in office.probes)


def _detail(before: Standing, after: Standing) -> dict[str, object]:
    """What the step changed besides the state, for the reader of the history."""
    names = ("due_on", "extension_to", "deferred_until", "remaining")
    values = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {
        name: [value.isoformat() if isinstance(value, date) else value for value in pair]
        for name, pair in values.items()
        if pair[0] != pair[1]
    }
