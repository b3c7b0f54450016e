"""Who gets the digest of a period, of what scope, and how their messages stand. Must never send one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.domain import digests as paces
from tracker.domain.digests import Period
from tracker.rendering.digest import DigestView
from tracker.services.digest_letters import KIND, reason
from tracker.services.digest_scopes import DigestScope, audience
from tracker.services.office import Office
from tracker.services.recipients import recipient_of
from tracker.store import digests, mailbox
from tracker.store.outbox import StoredMessage

_MESSAGES = 1000  # of so many at most the page tells
# The gravest first: as one of a letter's parts stands, so stands the letter.
_GRAVITY = ("failed", "unknown", "sending", "pending", "standby", "accepted")


@dataclass(frozen=True)
class Told:
    """One recipient. scope: None for whom the contacts file does not name any more. message: the part of the
    letter that stands worst, with how many parts there are; None: nothing was sent.
    """

    recipient: str
    scope: DigestScope | None
    message: StoredMessage | None = None
    parts: int = 0


@dataclass(frozen=True)
class Round:
    """One period on its way: when it is due, who is told, and the periods published before, newest first."""

    due_at: datetime
    told: tuple[Told, ...]
    earlier: tuple[str, ...]


def round_of(office: Office, period: Period, view: DigestView, *, most: int) -> Round:
    """`view` is any scope's of that period. Whoever sees a part of the city is told of no recipients."""
    pace, rules = paces.pace_of(period), office.rules
    with office.database.read() as connection:
        earlier = digests.latest_periods(connection, most)
        if office.database.reach is None:
            planned = {
                recipient_of(contact).label: scope
                for scope, people in audience(connection, office, pace)
                for contact in people
            }
            opened = paces.opens_at(period, rules.calendar)
            sent = mailbox.of_reason(connection, KIND, reason(view), opened, limit=_MESSAGES)
        else:
            planned, sent = {}, []
    letters: dict[str, list[StoredMessage]] = {}
    for each in sent:
        letters.setdefault(each.recipient, []).append(each)
    names = [*planned, *(name for name in letters if name not in planned)]
    told = tuple(_told(name, planned.get(name), letters.get(name, [])) for name in names)
    return Round(paces.slot_of(period, rules.digest_at, rules.calendar), told, tuple(earlier))


def _told(name: str, scope: DigestScope | None, parts: list[StoredMessage]) -> Told:
    worst = min(parts, key=lambda part: _GRAVITY.index(part.state), default=None)
    return Told(name, scope, worst, len(parts))
