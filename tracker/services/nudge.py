"""Urging by hand (催办): one message to a unit's contacts now, not more often than the office allows.

Must never move a deadline or a reminder: what the ladder says is said all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.domain.errors import TransitionError
from tracker.domain.escalation import MessageKind
from tracker.domain.items import Item
from tracker.domain.lifecycle import REMINDED, Standing, State
from tracker.domain.people import DECIDING
from tracker.domain.steps import Refusal
from tracker.services.advance import load
from tracker.services.check_queue import seen_fixed
from tracker.services.judging import actor_named
from tracker.services.notices import Notice, tell
from tracker.services.office import Office
from tracker.services.wording import item_line
from tracker.store import Connection, clockwork, history, items, mailbox

NUDGE_EVENT = "nudge"


def nudge(
    office: Office, numbers: Sequence[int], *, by: str, now: datetime, reason: str | None = None
) -> list[Item]:
    """Urge the units of these items: one message a contact, however many items.

    Raises NotFoundError for a number nobody has, TransitionError naming the items that nobody has to be
    urged about, or whose last nudge left a short while ago or has not left yet; then nobody is told.
    """
    if not by.strip():
        raise TransitionError("须写明办理人（--by）")
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        found = load(connection, numbers)
        _refuse_strangers(connection, found, by.strip())
        _refuse_idle(office, found, now)
        _refuse_recent(connection, office, numbers, now)
        _tell(connection, office, found, by.strip(), now)
        for item in found:
            items.set_columns(connection, item.number, nudged_at=now)
        nothing: Mapping[str, object] = {}
        rows = [(item.number, item.standing, nothing) for item in found]
        history.append(connection, at=now, actor=by.strip(), event=NUDGE_EVENT, reason=reason, rows=rows)
        return items.by_numbers(connection, numbers)


def _refuse_strangers(connection: Connection, found: Sequence[Item], by: str) -> None:
    actor = actor_named(connection, by)
    strange = [item.number for item in found if not actor.roles_for(item.unit_id) & DECIDING]
    if strange:
        raise TransitionError(
            f"{by}不是审批局的人，不能催办",
            details={"numbers": strange, "refusal": Refusal.WRONG_ROLE.value},
        )


def _refuse_idle(office: Office, found: Sequence[Item], now: datetime) -> None:
    today = office.rules.calendar.today(now)
    idle = [item for item in found if not _is_to_do(item.standing, today)]
    if idle:
        words = "、".join(f"第 {item.number} 号（{item.standing.state.chinese}）" for item in idle)
        raise TransitionError(
            f"{words}现在不需要责任单位办理，不能催办", details={"numbers": [item.number for item in idle]}
        )


def _is_to_do(standing: Standing, today: date) -> bool:
    until = standing.deferred_until if standing.state is State.DEFERRED else None
    return standing.state in REMINDED and (until is None or until < today)


def _refuse_recent(connection: Connection, office: Office, numbers: Sequence[int], now: datetime) -> None:
    """The pause begins when a nudge may leave: one of Friday night is read on Monday."""
    rules, calendar = office.rules, office.rules.calendar
    if waiting := sorted(mailbox.waiting_about(connection, MessageKind.NUDGE.value, numbers)):
        words = "、".join(map(str, waiting))
        raise TransitionError(f"第 {words} 号已催办过，上次的消息尚未发出", details={"numbers": waiting})
    nudged_at = sorted(items.nudged_at(connection, numbers).items())
    pause = timedelta(hours=rules.nudge_hours)
    recent = {number: at for number, at in nudged_at if now < rules.quiet.release(at, calendar) + pause}
    if recent:
        words = "、".join(
            f"第 {number} 号（上次 {calendar.local(at):%Y-%m-%d %H:%M}）" for number, at in recent.items()
        )
        raise TransitionError(
            f"{words}在 {rules.nudge_hours} 小时内已催办过", details={"numbers": list(recent)}
        )


def _tell(connection: Connection, office: Office, found: Sequence[Item], by: str, now: datetime) -> None:
    words = f"{by}催办"
    fixed = seen_fixed(connection, office, [item.number for item in found], now)
    notices = (
        Notice(
            item.unit_id,
            MessageKind.NUDGE,
            (replace(item_line(office, item, now), looks_fixed=item.number in fixed),),
            words,
        )
        for item in found
    )
    tell(connection, office, notices, now=now)
