"""From a look to a step: staff strike off or return by what was seen, the system does so where a class says.

Must never strike off what nobody handed in, nor by a look that began before it was handed in or could not
tell. Each step goes through the workflow like any other, with the look as its reason and evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from tracker.domain.checks import Advice, Alone, Verdict, act_alone, advise
from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event
from tracker.domain.people import DECIDING, SYSTEM
from tracker.domain.steps import Step
from tracker.services.advance import is_checkable, judged, load, take_step
from tracker.services.evidence import Evidence
from tracker.services.judging import StepJudge, require
from tracker.services.looks import quote, return_reason
from tracker.services.office import Office
from tracker.services.outcomes import tell_units
from tracker.store import Connection, checks, items, observations
from tracker.store.checks import SeenItem
from tracker.store.clockwork import take_planning_turn
from tracker.store.observations import StoredObservation

Reason = Callable[[int, StoredObservation], str]


def strike_off(office: Office, numbers: Collection[int], *, by: str, now: datetime) -> list[Item]:
    """Strike off items that were handed in and look fixed, or none of them; the look becomes the reason.

    Raises NotFoundError, and TransitionError naming each that does not look so any more or may not be.
    """

    def reason(_number: int, look: StoredObservation) -> str:
        return quote(look, office.rules.calendar)

    return _take(office, Event.STRIKE_OFF, Advice.FIXED_REPORTED, numbers, reason, by=by, now=now)


def send_back(office: Office, reasons: Mapping[int, str], *, by: str, now: datetime) -> list[Item]:
    """Return items that were handed in and are not fixed, or none; number → reason, "" for a ready-made one.

    Raises what `strike_off` does.
    """

    def reason(number: int, look: StoredObservation) -> str:
        return reasons[number].strip() or return_reason(look, office.rules.calendar)

    return _take(office, Event.RETURN, Advice.NOT_FIXED_REPORTED, set(reasons), reason, by=by, now=now)


def ask_again(office: Office, numbers: Collection[int], *, by: str, now: datetime) -> list[Item]:
    """Have items looked at by the next run of checks, with pages read from now on.

    Raises NotFoundError, and TransitionError naming each that cannot be looked at or is not for `by` to ask.
    """
    by = by.strip()
    with office.database.write() as connection:
        found = load(connection, sorted(numbers))
        judged(found, lambda item: _askable(connection, office, item, by))
        checks.ask_again(connection, numbers, now)
        return found


def _askable(connection: Connection, office: Office, item: Item, by: str) -> None:
    require(connection, by, DECIDING, "要求再查", unit_id=item.unit_id)
    seen = checks.of_items(connection, [item.number])[item.number].seen
    if not is_checkable(office, item) or item.page_url is None:
        raise TransitionError("没有可以核查的网址，请人工核对，或先指定核查网址")
    if not seen.is_repeated:
        raise TransitionError(f"当前状态为“{item.standing.state.chinese}”，不再核查")


def verify_alone(connection: Connection, office: Office, number: int, *, now: datetime) -> Alone:
    """What the system does about an item after its last look, in the transaction that keeps the look.

    The caller has the planner's turn and the item locked. What the workflow refuses (too few proofs,
    some left) is left to people: the item stays in the queue.
    """
    [item] = items.by_numbers(connection, [number])
    beside = checks.of_items(connection, [number])[number]
    automatic = {each.code for each in office.rules.classes if each.auto_verify}
    looks = observations.since(connection, number, beside.seen.counts_from)
    what = act_alone(
        item.standing.state,
        looks,
        office.rules.checks,
        is_automatic=item.problem_class in automatic,
        counts_from=beside.seen.counts_from,
    )
    if what in {Alone.STRIKE_OFF, Alone.RETURN}:
        look = observations.by_ids(connection, [beside.look_id or 0])[beside.look_id or 0]
        calendar, times = office.rules.calendar, sum(each.verdict is Verdict.NOT_FIXED for each in looks)
        is_fixed = what is Alone.STRIKE_OFF
        reason = quote(look, calendar) if is_fixed else return_reason(look, calendar, times=times)
        step = Step(Event.STRIKE_OFF if is_fixed else Event.RETURN, SYSTEM, now, reason)
        try:
            take_step(connection, office, item, step, proofs_of(look))
        except TransitionError:
            return Alone.REFUSED
        _tell(connection, office, step.event, [item], now)
    return what


def proofs_of(look: StoredObservation) -> list[Evidence]:
    """The page that was seen, as the evidence of a step."""
    address = look.evidence.get("final_url") or look.evidence.get("url")
    return [Evidence.link(str(address))] if address else []


def _take(
    office: Office,
    event: Event,
    advice: Advice,
    numbers: Collection[int],
    reason: Reason,
    *,
    by: str,
    now: datetime,
) -> list[Item]:
    """One step with each item, or with none, as long as its looks still advise that."""
    by, wanted = by.strip(), sorted(numbers)
    with office.database.write() as connection:
        take_planning_turn(connection)
        found = load(connection, wanted)
        beside = checks.of_items(connection, wanted)
        judged(found, lambda item: _require_advice(office, beside[item.number], advice, now))
        seen = observations.by_ids(connection, [each.look_id or 0 for each in beside.values()])
        looks = {number: seen[each.look_id or 0] for number, each in beside.items()}
        steps = {item.number: Step(event, by, now, reason(item.number, looks[item.number])) for item in found}
        judge = StepJudge(connection, office, by)
        judged(found, lambda item: judge.after(item, steps[item.number], proofs_of(looks[item.number])))
        for item in found:
            take_step(connection, office, item, steps[item.number], proofs_of(looks[item.number]))
        return _tell(connection, office, event, found, now)


def _require_advice(office: Office, beside: SeenItem, advice: Advice, now: datetime) -> None:
    if advise(beside.seen, office.rules.checks, now) is not advice:
        raise TransitionError("办理情况或核查结论已变，请刷新后再办")


def _tell(
    connection: Connection, office: Office, event: Event, before: Sequence[Item], now: datetime
) -> list[Item]:
    """Tell the units what was done with their items; the items as they stand now."""
    after = items.by_numbers(connection, [item.number for item in before])
    tell_units(connection, office, event, list(zip(before, after, strict=True)), now)
    return after
