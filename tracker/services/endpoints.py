"""The channels and addresses by which messages leave, as staff see them: which are in trouble, whose they
are, and taking one out of use or into it again.

Must never show an address: its masked hint only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from notifiers.base import Wording
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.people import DECIDING
from tracker.services import judging
from tracker.services.handover import pass_on
from tracker.services.office import SANDBOX, Office
from tracker.services.recipients import recipient_of
from tracker.services.routing import holders, roles_of
from tracker.store import Connection, contacts, endpoints, mailbox, pauses, reminders, supersede
from tracker.store.clockwork import take_planning_turn
from tracker.store.endpoints import Endpoint
from tracker.store.pauses import Pause

_NO_REASON = "人工停用"


@dataclass(frozen=True)
class EndpointHealth:
    """One address. holders: the units with the role whose it is now, `市教育局联络员`. waiting: messages."""

    endpoint: Endpoint
    holders: tuple[str, ...]
    waiting: int


@dataclass(frozen=True)
class EndpointPage:
    """Those in trouble, at most as many as were asked for; then one page of the others.

    `has_more`: whether others follow.
    """

    troubled: list[EndpointHealth]
    others: list[EndpointHealth]
    has_more: bool


@dataclass(frozen=True)
class ChannelHealth:
    """One channel that is set up. `pause`: why it rests now. Of short messages the segments that were charged
    today and this month, and the month's budget, None: any.
    """

    name: str
    pause: Pause | None
    is_charged: bool = False
    today: int = 0
    month: int = 0
    budget: int | None = None


def list_endpoints(office: Office, *, limit: int | None = None) -> list[EndpointHealth]:
    """All addresses that were ever written to, those in trouble first."""
    with office.database.read() as connection:
        return _examined(connection, endpoints.listing(connection, limit=limit))


def endpoint_page(office: Office, *, after: int, size: int, most_troubled: int) -> EndpointPage:
    """`after`: the id of the last of the others that was seen, 0 for the first page."""
    with office.database.read() as connection:
        troubled = endpoints.in_trouble(connection, limit=most_troubled)
        others = endpoints.in_order(connection, after=after, limit=size + 1)
        examined = _examined(connection, [*troubled, *others[:size]])
    return EndpointPage(examined[: len(troubled)], examined[len(troubled) :], len(others) > size)


def _examined(connection: Connection, found: Sequence[Endpoint]) -> list[EndpointHealth]:
    identifiers = [each.id for each in found]
    waiting = endpoints.waiting(connection, identifiers)
    addresses = endpoints.addresses(connection, identifiers)
    whose = holders(contacts.find(connection) if addresses else [], addresses.values())
    return [
        EndpointHealth(each, roles_of(whose[addresses[each.id]]), waiting.get(each.id, 0)) for each in found
    ]


def disable(office: Office, identifier: int, *, by: str, reason: str = "", now: datetime) -> EndpointHealth:
    """Send nothing there any more. What waits for whoever is reached there goes another way, as when the far
    side refuses the address.

    Raises ForbiddenError unless `by` decides for the city, NotFoundError, TransitionError if it is disabled,
    or the sandbox.
    """
    with office.database.write() as connection:
        take_planning_turn(connection)
        found, address = _chosen(connection, identifier, by, "停用接收地址")
        if found.disabled_at is not None:
            raise TransitionError(f"序号 {identifier} 的接收地址已经停用")
        if found.channel == SANDBOX:  # the last resort of whoever cannot be reached otherwise
            raise TransitionError("沙盒是系统内的收件箱，不能停用")
        endpoints.disable(connection, [identifier], reason.strip() or _NO_REASON, now, by=by)
        own = found.channel, address
        people = holders(contacts.find(connection), [own])[own]
        pass_on(connection, office, [recipient_of(each) for each in people], now)
        supersede.close_remains(connection, [identifier], now)
        return _again(connection, identifier)


def enable(office: Office, identifier: int, *, by: str, now: datetime) -> EndpointHealth:
    """Use it again; what waits there goes on at once, but for reminders of a day that is over: they are due
    again. Raises as `disable` does.
    """
    calendar = office.rules.calendar
    with office.database.write() as connection:
        take_planning_turn(connection)
        found, _ = _chosen(connection, identifier, by, "恢复接收地址")
        if found.disabled_at is None:
            raise TransitionError(f"序号 {identifier} 的接收地址没有停用，无须恢复")
        morning = calendar.at(calendar.today(now), time(0))
        reminders.wake(connection, supersede.supersede_stale(connection, morning, now))
        supersede.close_remains(connection, [identifier], now)
        endpoints.enable(connection, identifier, now)
        return _again(connection, identifier)


def _chosen(connection: Connection, identifier: int, by: str, doing: str) -> tuple[Endpoint, str]:
    judging.require(connection, by, DECIDING, doing)
    found = endpoints.find(connection, identifier)
    if found is None:
        raise NotFoundError(f"没有序号为 {identifier} 的接收地址", details={"endpoint": identifier})
    return found


def _again(connection: Connection, identifier: int) -> EndpointHealth:
    found = endpoints.find(connection, identifier)
    assert found is not None  # it was there a moment ago, in this transaction
    return _examined(connection, [found[0]])[0]


def list_channels(office: Office, *, now: datetime) -> list[ChannelHealth]:
    """The channels that are set up, most wanted first."""
    calendar, budget = office.rules.calendar, office.rules.delivery.sms_per_month
    today = calendar.today(now)
    with office.database.read() as connection:
        resting = {each.channel: each for each in pauses.pauses(connection) if each.until > now}
        spent_today = mailbox.charged_since(connection, calendar.at(today, time(0)))
        spent = mailbox.charged_since(connection, calendar.at(today.replace(day=1), time(0)))
    found = []
    for name, notifier in office.channels.items():
        health = ChannelHealth(name, resting.get(name))
        if notifier.wording is Wording.SMS:
            health = ChannelHealth(name, resting.get(name), True, spent_today, spent, budget)
        found.append(health)
    return found


def resume(office: Office, channel: str, *, by: str, now: datetime) -> None:
    """Let a channel that rests be tried at once; it rests again if it still refuses.

    Raises ForbiddenError unless `by` decides for the city, NotFoundError for a channel that does not rest.
    """
    with office.database.write() as connection:
        judging.require(connection, by, DECIDING, "恢复渠道")
        resting = {each.channel: each for each in pauses.pauses(connection)}
        if channel not in resting:
            raise NotFoundError(f"渠道 {channel} 没有暂停，无须恢复", details={"channel": channel})
        endpoints.let_go(connection, channel, resting[channel].reason, now)
        pauses.lift(connection, [channel])
