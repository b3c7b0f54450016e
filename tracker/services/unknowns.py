"""Messages that failed, or of which nobody knows whether the far side took them: who decides, and what.

Must never send again what was decided, nor render anything anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time
from enum import StrEnum

from tracker.domain.delivery import OnUnknown
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.people import DECIDING
from tracker.services import judging
from tracker.services.office import Office
from tracker.services.routing import Standing
from tracker.store import Connection, decisions, mailbox
from tracker.store.clockwork import take_planning_turn
from tracker.store.outbox import MessageState, StoredMessage
from tracker.store.supersede import untrue

BY_RULE = "规则"
_AT_ONCE = 500  # messages that are read at a time


class Decision(StrEnum):
    """What may be decided about a message."""

    ACCEPTED = "accepted"  # it was seen to have arrived
    RESEND = "resend"  # once more, under the same serial number
    DROP = "drop"  # nothing more need be done


def decide(
    office: Office, identifiers: Collection[int], decision: Decision, *, by: str, now: datetime
) -> list[StoredMessage]:
    """Decide about these messages, all or none; returns them as they stand then.

    Raises ForbiddenError unless `by` decides for the city, NotFoundError for a message that asks for no
    decision, TransitionError for one that cannot be sent again, or surely did not arrive.
    """
    with office.database.write() as connection:
        take_planning_turn(connection)
        judging.require(connection, by, DECIDING, "处理未送达的消息")
        found = decisions.undecided(connection, identifiers=identifiers)
        if missing := sorted(set(identifiers) - {each.id for each in found}):
            words = "、".join(map(str, missing))
            raise NotFoundError(f"序号 {words} 的消息不存在，或无须处理", details={"messages": missing})
        _carry_out(connection, decision, found, by, now)
        return mailbox.by_ids(connection, [each.id for each in found])


def _carry_out(
    connection: Connection, decision: Decision, found: Collection[StoredMessage], by: str, now: datetime
) -> None:
    identifiers = [each.id for each in found]
    if decision is Decision.RESEND:
        if disabled := decisions.on_disabled(connection, identifiers):
            words = "、".join(map(str, disabled))
            raise TransitionError(f"序号 {words} 的消息的接收地址已停用，请先恢复该地址")
        decisions.send_again(connection, found, by, now)
    elif decision is Decision.DROP:
        decisions.drop(connection, identifiers, by, now)
    elif failed := [each.id for each in found if each.state == MessageState.FAILED.value]:
        words = "、".join(map(str, failed))
        raise TransitionError(f"序号 {words} 的消息已被拒收，不能视为已受理")
    else:
        decisions.accept(connection, identifiers, by, now)


def apply_rule(connection: Connection, office: Office, now: datetime) -> None:
    """Decide what the office lets its rule decide: what nobody knows, after some time, and each message
    once.

    Nothing goes once more that another way has carried meanwhile, or may carry yet.
    """
    rules = office.rules.delivery
    if rules.unknown is OnUnknown.ASK:
        return
    latest = now - rules.unknown_after
    if rules.unknown is OnUnknown.ACCEPT:
        found = decisions.unknown_since(connection, latest, is_fresh=False)
        decisions.accept(connection, found, BY_RULE, now)
    elif fresh := decisions.unknown_since(connection, latest, is_fresh=True):
        _send_again(connection, office, fresh, now)


def _send_again(connection: Connection, office: Office, fresh: Sequence[int], now: datetime) -> None:
    """What is true still, to whoever is reached there still: of the rest a person knows more than a rule."""
    today = office.rules.calendar.today(now)
    morning = office.rules.calendar.at(today, time(0))
    ways = Standing(connection)
    chosen: list[StoredMessage] = []
    for start in range(0, len(fresh), _AT_ONCE):
        found = decisions.undecided(connection, identifiers=fresh[start : start + _AT_ONCE])
        over = untrue(connection, [each.id for each in found], morning, today)
        standing = ways.of(found)
        chosen += [each for each in found if each.id in standing - over]
    decisions.send_again(connection, chosen, BY_RULE, now)
