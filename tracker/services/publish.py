"""Telling other systems what happened, from the history itself: it was written with the change it tells of,
so nothing can be missed, and each subscription remembers how far it was told.

Must never hold anything up: who takes a step knows nothing of who wants to hear of it. A system that fails
for days is taken out of use and the bureau told; when it is put into use again, it hears what it missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from tracker.domain.people import SYSTEM
from tracker.rendering.contract import Json, day, item_json, moment
from tracker.services.announce import News, announce
from tracker.services.office import Office
from tracker.services.recording import IMPORT_EVENT
from tracker.services.webhooks import Topic
from tracker.store import Connection, bulletins, clockwork, decisions, endpoints, idempotency, items, webhooks
from tracker.store.webhooks import CHANNEL, Happened, StoredWebhook

GIVEN_UP_AFTER = timedelta(days=5)
REPEATED_AFTER = timedelta(hours=2)  # as long as the longest gap between two tries
_TURN = "webhooks"
_ROWS = 2000  # of the history, in one run
_TOGETHER = 100  # items in one message
# What is not written in order is looked for this far back; what was told already is not told again.
_OVERLAP = timedelta(minutes=10)


def publish(office: Office, *, now: datetime) -> int:
    """Put what is new for each subscription into the outbox; returns how many messages that is."""
    if CHANNEL not in office.carriers:
        return 0
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        clockwork.take_turn(connection, _TURN)
        idempotency.forget_old(connection, now)
        subscriptions = webhooks.listing(connection)
        if not subscriptions:
            return 0
        _give_up(connection, subscriptions, now)
        again = decisions.undecided(
            connection, identifiers=webhooks.to_repeat(connection, now - REPEATED_AFTER)
        )
        decisions.send_again(connection, again, SYSTEM, now)
        return sum(_tell(connection, office, each, now) for each in webhooks.listing(connection))


def _give_up(connection: Connection, subscriptions: Sequence[StoredWebhook], now: datetime) -> None:
    """The bureau hears of it as of any address that refuses."""
    dead = [
        each.endpoint_id
        for each in subscriptions
        if each.disabled_at is None and each.failing_since and now - each.failing_since >= GIVEN_UP_AFTER
    ]
    endpoints.disable(connection, dead, f"连续 {GIVEN_UP_AFTER.days} 天推送失败，已停用", now)


def _tell(connection: Connection, office: Office, to: StoredWebhook, now: datetime) -> int:
    if to.disabled_at is not None:
        return 0  # what happens meanwhile is told when it is in use again
    happened = webhooks.happened_since(connection, to.history_id, _ROWS)
    imported = webhooks.imported_since(connection, to.bulletin_id)
    since = max(to.seen_at - _OVERLAP, to.created_at)
    news = [
        *_steps(connection, office, happened, now),
        *_imports(connection, office, imported),
        *_failures(connection, office, since),
        *_digests(connection, office, since),
    ]
    told = announce(connection, office, to, [each for each in news if each[0] in to.events], now)
    webhooks.move(
        connection,
        to.id,
        history_id=happened[-1].row.id if happened else to.history_id,
        bulletin_id=imported[-1] if imported else to.bulletin_id,
        seen_at=max(now, to.seen_at),
    )
    return len(told)


def _steps(
    connection: Connection, office: Office, happened: Sequence[Happened], now: datetime
) -> Iterator[News]:
    """One message for what one person did at one moment, however many items it was about."""

    def same(each: Happened) -> tuple[object, ...]:
        row = each.row
        return row.at, row.actor, row.event, row.state, row.reason

    for _, group in groupby(happened, key=same):
        rows = list(group)
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            row, numbers = some[0].row, [each.number for each in some]
            found = items.by_numbers(connection, numbers)
            data: Json = {
                "event": row.event,
                "by": row.actor,
                "state": row.state,
                "reason": row.reason,
                "numbers": numbers,
                # As they are when this is written; what was taken back with its bulletin is not among them.
                "items": [item_json(item, now, office.rules.calendar) for item in found],
            }
            topic = Topic.ITEM_OPENED if row.event == IMPORT_EVENT else Topic.ITEM_STEP
            yield topic.value, str(row.id), row.at, data


def _imports(connection: Connection, office: Office, imported: Sequence[int]) -> Iterator[News]:
    for bulletin_id in imported:
        found = bulletins.by_id(connection, bulletin_id)
        if found is not None:
            data: Json = {
                "id": found.id,
                "title": found.title,
                "issued_on": day(found.issued_on),
                "file": found.filename,
                "sha256": found.sha256,
                "counts": dict(found.counts),
                "by": found.imported_by,
            }
            yield Topic.BULLETIN_IMPORTED.value, str(found.id), found.imported_at, data


def _failures(connection: Connection, office: Office, since: datetime) -> Iterator[News]:
    for each in webhooks.failed_since(connection, since):
        at = each.settled_at or each.created_at
        data: Json = {
            "id": each.id,
            "serial": each.serial,
            "kind": each.kind,
            "recipient": each.recipient,
            "channel": each.channel,
            "error": each.error,
        }
        yield Topic.MESSAGE_FAILED.value, f"{each.id} {at.isoformat()}", at, data


def _digests(connection: Connection, office: Office, since: datetime) -> Iterator[News]:
    for period, as_of in webhooks.published_since(connection, since):
        data: Json = {"period": period, "as_of": moment(as_of, office.rules.calendar)}
        yield Topic.DIGEST_SENT.value, period, as_of, data
