"""The secret address under which a phone's calendar finds the deadlines of a unit, or of one person's units.

Must never show anything but deadlines and problems, nor go on when the address was revoked or the person has
left the contacts file.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.escalation import clock_on
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, is_overdue
from tracker.domain.people import CONTACT_ROLES, DECIDING, EITHER_SIDE, OF_UNIT
from tracker.rendering.calendars import DeadlineView, render_calendar
from tracker.services import judging
from tracker.services.office import Office
from tracker.services.stamps import stamped_token, token_parts
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, calendars, contacts, history, items
from tracker.store.calendars import CalendarFeed
from tracker.store.items import ItemFilter

SHOWN_AFTER_END = timedelta(days=30)  # so long a finished item is shown as cancelled: phones drop it then
_NOWHERE = "rectify.invalid"


def issue(
    office: Office, unit: str, *, by: str, now: datetime, person: str | None = None
) -> tuple[str, CalendarFeed]:
    """A new address, never to be seen again, and its row; the unit in any way that an import understands.

    `person`: the deadlines of all units whose contact or head they are. Without the pages' public address it
    is a path. Raises NotFoundError for a unit or person nobody knows, ForbiddenError unless `by` is of the
    unit or of the bureau, ConfigError without a key.
    """
    with office.database.write() as connection:
        book = UnitBook(connection, office.rules)
        row = book.row(book.find(unit))
        if row is None:
            raise NotFoundError(f"“{unit}”还没有整改事项", details={"unit": unit})
        judging.require(connection, by, EITHER_SIDE | DECIDING, "签发日历地址", unit_id=row.id)
        if person is not None and row.id not in _units_of(connection, person):
            raise NotFoundError(f"“{row.name}”没有名为“{person}”的联络员或负责人", details={"name": person})
        made = calendars.add(connection, unit=row.name, person=person, by=by, at=now)
        token = stamped_token(office.database.vault, made.id, _stamped(made))
    return f"{(office.public_url or '').rstrip('/')}/calendar/{token}.ics", made


def calendar_of(office: Office, token: str, *, now: datetime) -> bytes | None:
    """The file under that address; None where there is none, or none any more."""
    parts = token_parts(token)
    if parts is None:
        return None
    feed_id, stamp = parts
    with office.database.read() as connection:
        feed = calendars.by_id(connection, feed_id)
        if feed is None or feed.revoked_at or not office.database.vault.is_stamped(_stamped(feed), stamp):
            return None
        unit_ids = _shown(connection, office, feed)
        if not unit_ids:
            return None
    with office.database.within(frozenset(unit_ids)).read() as connection:
        found = items.find(connection, ItemFilter(), now, office.rules.calendar.today(now))
        shown = [item for item in found if _is_shown(item, now)]
        changes = history.last_changes(connection, [item.number for item in shown])
    deadlines = [_view(office, item, *changes[item.number], now) for item in shown]
    host = urlsplit(office.public_url or "").hostname or _NOWHERE
    return render_calendar(f"整改时限 {feed.person or feed.unit}", deadlines, host)


def list_calendars(office: Office) -> list[CalendarFeed]:
    """Newest first."""
    with office.database.read() as connection:
        return calendars.listing(connection)


def revoke(office: Office, feed_id: int, *, by: str, now: datetime) -> None:
    """End an address at once; raises NotFoundError when there is no such address in use, ForbiddenError as
    `issue` does.
    """
    if not by.strip():
        raise RectifyError("须写明经办人（--by）")
    with office.database.write() as connection:
        feed = calendars.by_id(connection, feed_id)
        row = UnitBook(connection, office.rules).row(feed.unit) if feed else None
        if row is not None:
            judging.require(connection, by, EITHER_SIDE | DECIDING, "停用日历地址", unit_id=row.id)
        if not calendars.revoke(connection, feed_id, by=by.strip(), at=now):
            raise NotFoundError(f"没有编号为 {feed_id} 的日历地址，或已停用", details={"calendar": feed_id})


def _shown(connection: Connection, office: Office, feed: CalendarFeed) -> set[int]:
    if feed.person is not None:
        return _units_of(connection, feed.person)
    book = UnitBook(connection, office.rules)
    name = book.resolve(feed.unit).name
    row = (book.row(name) or book.row(book.responsible(name).name)) if name else None
    return {row.id} if row else set()


def _units_of(connection: Connection, person: str) -> set[int]:
    """The units whose contact or head bears that name."""
    posts = contacts.posts_of(connection, person)
    return {post.unit_id for post in posts if CONTACT_ROLES[post.role] in OF_UNIT}


def _is_shown(item: Item, now: datetime) -> bool:
    standing = item.standing
    is_fresh = standing.closed_at is not None and now - standing.closed_at < SHOWN_AFTER_END
    return standing.due_on is not None and (standing.state not in FINAL or is_fresh)


def _view(office: Office, item: Item, version: int, changed_at: datetime, now: datetime) -> DeadlineView:
    standing = item.standing
    assert standing.due_on is not None  # `_is_shown`
    return DeadlineView(
        number=item.number,
        unit=item.unit,
        text=item.text,
        day=clock_on(standing.due_on, standing.deferred_until),
        version=version,
        changed_at=changed_at,
        is_provisional=item.provisional,
        is_overdue=is_overdue(standing, now, office.rules.calendar),
        is_over=standing.state in FINAL,
    )


def _stamped(feed: CalendarFeed) -> bytes:
    """What the stamp covers; the first word keeps it apart from whatever else is ever stamped."""
    return f"calendar {feed.id} {feed.unit} {feed.person or ''} {int(feed.created_at.timestamp())}".encode()
