"""Handing out a new list of problems (交办): each unit's contacts are told once what a bulletin asks of it.

Done again, it tells those alone who were not told: a contact added since, or one who could not be reached.
The outbox is the record of it. Must never move a deadline or a reminder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.escalation import MessageKind
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL
from tracker.domain.people import DECIDING
from tracker.services.judging import require
from tracker.services.notices import Addressed, Notice, addressed, post
from tracker.services.office import Office
from tracker.services.wording import item_line
from tracker.store import Connection, bulletins, clockwork, items, sightings
from tracker.store.bulletins import StoredBulletin
from tracker.store.sightings import REPLIES


@dataclass(frozen=True)
class HandedOut:
    """told: who is told by this call. without_contact: units that have named nobody to tell; the message to
    them stands in the sandbox. numbers: how many items of the list are still to be finished.
    """

    bulletin: StoredBulletin
    told: tuple[str, ...]
    without_contact: tuple[str, ...]
    numbers: int


def hand_out(
    office: Office, bulletin_id: int | None, *, by: str, now: datetime, dry_run: bool = False
) -> HandedOut:
    """Tell the units of a bulletin's items; None: of the newest bulletin that lists problems.

    `dry_run` says who would be told and writes nothing. Raises NotFoundError for a bulletin nobody has,
    ForbiddenError for whoever is not of the bureau, TransitionError for an import that was taken back.
    """
    by = by.strip()
    if not by:
        raise TransitionError("须写明经办人（--by）")
    if dry_run:
        with office.database.read() as connection:
            require(connection, by, DECIDING, "交办")
            return _plan(connection, office, bulletin_id, now)[0]
    with office.database.write() as connection:
        require(connection, by, DECIDING, "交办")
        clockwork.take_planning_turn(connection)
        done, messages = _plan(connection, office, bulletin_id, now)
        post(connection, office, messages, now=now)
        return done


def _plan(
    connection: Connection, office: Office, bulletin_id: int | None, now: datetime
) -> tuple[HandedOut, list[Addressed]]:
    bulletin = _chosen(connection, bulletin_id)
    found = _items(connection, bulletin)
    reason = f"交办《{bulletin.title}》（序号 {bulletin.id}）"
    notices = (
        Notice(
            item.unit_id, MessageKind.HANDOUT, (item_line(office, item, now),), reason, paper=bulletin.title
        )
        for item in found
    )
    everybody = addressed(connection, notices)
    told = bulletins.told_of(connection, MessageKind.HANDOUT.value, reason, [item.number for item in found])
    messages = [(notice, who) for notice, who in everybody if who.label not in told]
    done = HandedOut(
        bulletin=bulletin,
        told=tuple(who.label for _, who in messages if who.contact is not None),
        without_contact=tuple(who.unit for _, who in everybody if who.contact is None),
        numbers=len(found),
    )
    return done, messages


def _chosen(connection: Connection, bulletin_id: int | None) -> StoredBulletin:
    if bulletin_id is None:
        newest = bulletins.lists_before(connection, date.max)[:1]
        if not newest:
            raise NotFoundError("还没有读入列有问题的通报")
        bulletin_id = newest[0][0]
    found = bulletins.by_id(connection, bulletin_id)
    if found is None:
        raise NotFoundError(f"没有序号为 {bulletin_id} 的通报", details={"bulletin": bulletin_id})
    if found.undone_at is not None:
        raise TransitionError(f"《{found.title}》的读入已由{found.undone_by}撤回，不能交办")
    return found


def _items(connection: Connection, bulletin: StoredBulletin) -> Sequence[Item]:
    """What the document lists, new or seen before, and is not finished."""
    seen = sightings.of_bulletin(connection, bulletin.id)
    listed = {each.item_number for each in seen if each.outcome not in REPLIES}
    return [item for item in items.by_numbers(connection, listed) if item.standing.state not in FINAL]
