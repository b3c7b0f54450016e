"""Asking for a new link where the old one is over: it goes to its owner's own addresses, by a message.

Must never tell whoever asks what became of it, nor send more than its owner would put up with: an old link
may have come into anybody's hands.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tracker.domain.escalation import MessageKind
from tracker.rendering.messages import MessageLine
from tracker.services.notices import Notice, post
from tracker.services.office import Office
from tracker.services.recipients import recipient_of
from tracker.services.wording import item_line
from tracker.store import Connection, clockwork, contacts, items, links, unit_work
from tracker.store.links import StoredLink

PAUSE = timedelta(minutes=10)  # after any message with a link: it may only not have arrived yet
A_DAY = 5  # links of one contact in 24 hours, those of reminders included
_REASON = "本人在已失效的链接页面上申请"
_COUNTED = 50  # the message counts these; more says nothing more


def send_new_link(office: Office, link: StoredLink, *, now: datetime) -> bool:
    """Tell the link's owner by their own addresses, with a fresh link; False: not now, or there is no need.

    No need where nothing of the unit is unfinished; not now where a link was sent a short while ago, or too
    many today. It leaves at once, by night too: somebody waits for it.
    """
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        found = contacts.find(connection, unit_ids=[link.unit_id])
        owner = next((each for each in found if each.id == link.contact_id), None)
        lines = _lines(connection, office, link.unit_id, now)
        if owner is None or not lines or not _may_send(connection, link.contact_id, now):
            return False
        notice = Notice(link.unit_id, MessageKind.LINK, lines, _REASON)
        post(connection, office, [(notice, recipient_of(owner))], now=now, at_once=True)
        return True


def _may_send(connection: Connection, contact_id: int, now: datetime) -> bool:
    made = links.made_since(connection, contact_id, now - timedelta(days=1))
    return len(made) < A_DAY and not any(at > now - PAUSE for at in made)


def _lines(connection: Connection, office: Office, unit_id: int, now: datetime) -> tuple[MessageLine, ...]:
    numbers = unit_work.unfinished(connection, [unit_id], limit=_COUNTED)
    calendar = office.rules.calendar
    lines = []
    for item in items.by_numbers(connection, numbers):
        handed_in = item.standing.submitted_at
        line = item_line(office, item, now)
        lines.append(replace(line, submitted_on=calendar.today(handed_in)) if handed_in else line)
    return tuple(lines)
