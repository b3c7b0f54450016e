"""回头看: looking at struck-off items again, and what people decide about those that seem to be back.

Must never open an item on one look, nor on a look that could not tell; by itself only for classes that the
office has set to `auto_verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import State
from tracker.domain.people import DECIDING, SYSTEM
from tracker.domain.revisits import TO_DECIDE, WAITING, RevisitState, after_look
from tracker.probes.base import Observation, Probe, Verdict
from tracker.services.advance import load
from tracker.services.judging import require
from tracker.services.observe import target_of
from tracker.services.office import Office
from tracker.services.opening import Origin
from tracker.services.recurrence import recur
from tracker.services.unit_names import take_registry_turn
from tracker.store import Connection, items, observations, revisits
from tracker.store.clockwork import take_planning_turn
from tracker.store.observations import StoredObservation
from tracker.store.revisits import StoredRevisit

TITLE = "回头看"
_BATCH, _SHOWN = 50, 200
_IS_FIXED = {Verdict.FIXED: True, Verdict.NOT_FIXED: False, Verdict.UNSURE: None}
_DECIDED = frozenset(set(RevisitState) - WAITING - TO_DECIDE)


@dataclass(frozen=True)
class LookedBack:
    """A revisit beside its item, as both stand now."""

    revisit: StoredRevisit
    item: Item


@dataclass(frozen=True)
class RevisitList:
    """What waits for a person, what waits for its second look, and what was settled last."""

    to_decide: list[LookedBack]
    again: list[LookedBack]
    settled: list[LookedBack]


def look_back(office: Office, clock: Callable[[], datetime]) -> list[LookedBack]:
    """Look at every struck-off item whose time has come; returns those that were looked at."""
    probes = {code: probe for probe in office.probes for code in probe.classes}
    if not probes:
        return []
    seen: list[LookedBack] = []
    ends_at = clock() + timedelta(minutes=office.rules.walk.run_minutes)
    while due := _due(office, clock()):
        for each in due:
            item = _claim(office, probes, each, clock())
            if item is not None:
                probe = probes[item.problem_class]
                saw = probe.look(target_of(office, item, clock()))
                seen.append(_record(office, probe.name, LookedBack(each, item), saw, clock()))
            if clock() >= ends_at:
                return seen
    return seen


def list_revisits(office: Office) -> RevisitList:
    """For the page and the command line."""
    with office.database.read() as connection:
        to_decide = revisits.in_states(connection, TO_DECIDE, _SHOWN)
        again = revisits.in_states(connection, {RevisitState.AGAIN}, _SHOWN)
        settled = revisits.in_states(connection, _DECIDED, _SHOWN, newest_first=True)
        numbers = {each.item_number for each in (*to_decide, *again, *settled)}
        known = {item.number: item for item in items.by_numbers(connection, numbers)}
    lists = (
        [LookedBack(each, known[each.item_number]) for each in some if each.item_number in known]
        for some in (to_decide, again, settled)
    )
    return RevisitList(*lists)


def confirm(office: Office, revisit_id: int, *, by: str, now: datetime, reason: str = "") -> Item:
    """A person says that the problem is back: the new item.

    Raises NotFoundError, ForbiddenError, or TransitionError for what is not to be decided, or cannot recur.
    """
    with office.database.write() as connection:
        require(connection, by, DECIDING, "立为反弹")
        take_registry_turn(connection)
        take_planning_turn(connection)
        found = _to_decide(connection, revisit_id)
        [item] = load(connection, [found.item_number])
        return _reopen(connection, office, found, item, by=by, reason=reason.strip(), now=now)


def dismiss(office: Office, revisit_id: int, *, by: str, reason: str, now: datetime) -> None:
    """A person says that it is not; raises what `confirm` does, and TransitionError without a reason."""
    if not reason.strip():
        raise TransitionError("须写明为什么不算反弹")
    with office.database.write() as connection:
        require(connection, by, DECIDING, "判定反弹")
        found = _to_decide(connection, revisit_id)
        _decide(connection, found, RevisitState.DISMISSED, by=by, reason=reason.strip(), now=now)


def _due(office: Office, now: datetime) -> list[StoredRevisit]:
    with office.database.read() as connection:
        return revisits.due(connection, now, _BATCH)


def _claim(office: Office, probes: Mapping[str, Probe], due: StoredRevisit, now: datetime) -> Item | None:
    """The item to look at; None if another process looks, or there is nothing to look at any more."""
    next_at = now + timedelta(hours=office.rules.revisits.again_hours)
    with office.database.write() as connection:
        if not revisits.claim(connection, due.id, now, next_at):
            return None
        found = items.by_numbers(connection, [due.item_number])
        item = found[0] if found and _stands(connection, due, found[0]) else None
        if item is None or not item.page_url or item.problem_class not in probes:
            revisits.set_columns(connection, due.id, state=RevisitState.VOID.value, due_at=None)
            return None
        return item


def _stands(connection: Connection, due: StoredRevisit, item: Item) -> bool:
    """Whether the strike-off still holds, and the problem is not at work again."""
    is_same = item.standing.state is State.STRUCK_OFF and item.standing.closed_at == due.struck_off_at
    return is_same and not revisits.recurred_as(connection, [item.number])


def _record(office: Office, probe: str, looked: LookedBack, saw: Observation, now: datetime) -> LookedBack:
    due, item = looked.revisit, looked.item
    turn = after_look(due.state, due.tries + 1, _IS_FIXED[saw.verdict], office.rules.revisits)
    automatic = any(each.auto_verify for each in office.rules.classes if each.code == item.problem_class)
    finding = str(saw.evidence.get("summary", ""))
    values: dict[str, object] = {
        "state": turn.state.value,
        "tries": due.tries + 1,
        "seen_at": now,
        "finding": finding,
    }
    if not turn.look_again:
        values["due_at"] = None
    with office.database.write() as connection:
        take_registry_turn(connection)
        take_planning_turn(connection)
        observations.add(
            connection, StoredObservation(item.number, probe, saw.verdict.value, saw.evidence, now)
        )
        revisits.set_columns(connection, due.id, **values)
        after = revisits.get(connection, due.id)
        assert after is not None
        [current] = load(connection, [item.number])
        if turn.state is RevisitState.PROPOSED and automatic and _stands(connection, due, current):
            _reopen(connection, office, after, current, by=SYSTEM, reason="", now=now)
        after = revisits.get(connection, due.id)
        assert after is not None
        return LookedBack(after, current)


def _to_decide(connection: Connection, revisit_id: int) -> StoredRevisit:
    found = revisits.get(connection, revisit_id, lock=True)
    details = {"revisit": revisit_id}
    if found is None:
        raise NotFoundError(f"没有序号为 {revisit_id} 的回头看", details=details)
    if found.state not in TO_DECIDE:
        raise TransitionError(f"这次回头看{found.state.chinese}，不需要判定", details=details)
    return found


def _reopen(
    connection: Connection,
    office: Office,
    found: StoredRevisit,
    item: Item,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> Item:
    origin = Origin(TITLE, f"{item.number}-{found.id}", ("回头看所见", found.finding or ""))
    words = f"{found.finding or TITLE}{f'；{reason}' if reason else ''}"
    new = recur(connection, office, item, origin, title=TITLE, reason=words, by=by, now=now)
    _decide(connection, found, RevisitState.REOPENED, by=by, reason=reason, now=now, new_number=new.number)
    return new


def _decide(
    connection: Connection,
    found: StoredRevisit,
    state: RevisitState,
    *,
    by: str,
    reason: str,
    now: datetime,
    new_number: int | None = None,
) -> None:
    revisits.set_columns(
        connection,
        found.id,
        state=state.value,
        due_at=None,
        decided_at=now,
        decided_by=by,
        reason=reason or None,
        new_number=new_number,
    )
