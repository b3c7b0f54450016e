"""The outbox as staff look through it: a page at a time, each message with the calls that were made for it.

Must never show an address or what was frozen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.services.office import Office
from tracker.store import mailbox
from tracker.store.mailbox import Attempt, Pile
from tracker.store.outbox import StoredMessage


@dataclass(frozen=True)
class Tried:
    """A message with its calls, the oldest first."""

    message: StoredMessage
    attempts: list[Attempt]


def look_through(
    office: Office,
    *,
    pile: Pile = Pile.ALL,
    channel: str | None = None,
    state: str | None = None,
    recipient: str | None = None,
    before: int | None = None,
    size: int,
) -> tuple[list[Tried], bool]:
    """At most `size` messages, newest first, and whether more follow.

    recipient: words that stand in the recipient's name. before: the id of the last message that was seen.
    """
    with office.database.read() as connection:
        found = mailbox.latest(
            connection,
            pile=pile,
            channel=channel,
            states=None if state is None else [state],
            recipient=recipient,
            before=before,
            limit=size + 1,
        )
        attempts = mailbox.attempts_of(connection, [each.id for each in found])
    return _with_attempts(found[:size], attempts), len(found) > size


def pick(office: Office, identifiers: Iterable[int]) -> list[Tried]:
    """These messages as they stand now, in the order of their making."""
    chosen = sorted(set(identifiers))
    with office.database.read() as connection:
        return _with_attempts(mailbox.by_ids(connection, chosen), mailbox.attempts_of(connection, chosen))


def _with_attempts(messages: Iterable[StoredMessage], attempts: Iterable[Attempt]) -> list[Tried]:
    made: dict[int, list[Attempt]] = {}
    for each in attempts:
        made.setdefault(each.message_id, []).append(each)
    return [Tried(each, made.get(each.id, [])) for each in messages]


def count_undecided(office: Office) -> int:
    """How many messages failed, or may have, and ask for a decision."""
    with office.database.read() as connection:
        return sum(mailbox.count_open(connection).values())
