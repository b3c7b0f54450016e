"""Who was reached: for each occasion on which something was said about an item, whom a channel took it for.

Must never say "delivered", nor read anything but the messages it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tracker.services.office import SANDBOX
from tracker.store.outbox import MessageState, StoredMessage

_UNDER_WAY = {MessageState.PENDING.value, MessageState.SENDING.value, MessageState.STANDBY.value}
_ENDS = (MessageState.UNKNOWN.value, MessageState.FAILED.value)


@dataclass(frozen=True)
class Reach:
    """One recipient. state: `accepted` when all parts of some way were, else `pending` while a way is open,
    else `unknown`, else `failed`. channels: by which it was accepted, or else tried. why: the last error.
    """

    recipient: str
    state: str
    channels: tuple[str, ...]
    why: str | None

    @property
    def is_reached(self) -> bool:
        return self.state == MessageState.ACCEPTED.value

    @property
    def is_rehearsed(self) -> bool:
        """Nothing left the house: only the sandbox took it."""
        return self.is_reached and set(self.channels) == {SANDBOX}


@dataclass(frozen=True)
class Occasion:
    """What was decided in one moment: all messages of one kind."""

    at: datetime
    kind: str
    recipients: tuple[Reach, ...]

    @property
    def reached(self) -> int:
        return sum(each.is_reached for each in self.recipients)

    @property
    def of(self) -> int:
        return len(self.recipients)

    @property
    def remarkable(self) -> list[Reach]:
        """Those of whom more is to be said than that they were reached."""
        return [each for each in self.recipients if not each.is_reached or each.is_rehearsed]


def occasions(messages: Iterable[StoredMessage]) -> list[Occasion]:
    """The occasions of these messages, oldest first.

    A letter that was taken back is nobody's to be reached by: what took its place is an occasion of its own.
    """
    ordered = sorted(messages, key=lambda each: (each.created_at, each.kind, each.letter, each.rank, each.id))
    found = []
    for (at, kind), group in groupby(ordered, key=lambda each: (each.created_at, each.kind)):
        letters = (list(rows) for _, rows in groupby(group, key=lambda each: each.letter))
        reaches = sorted(filter(None, map(_reach, letters)), key=lambda each: each.recipient)
        if reaches:
            found.append(Occasion(at, kind, tuple(reaches)))
    return found


def _reach(letter: Sequence[StoredMessage]) -> Reach | None:
    ways: dict[str, list[StoredMessage]] = {}
    for each in letter:
        ways.setdefault(each.channel, []).append(each)
    recipient = letter[0].recipient
    accepted = MessageState.ACCEPTED.value
    if whole := [name for name, parts in ways.items() if all(each.state == accepted for each in parts)]:
        return Reach(recipient, accepted, tuple(whole), None)
    states = {each.state for each in letter}
    ended = next((state for state in _ENDS if state in states), None)
    state = MessageState.PENDING.value if states & _UNDER_WAY else ended
    if state is None:
        return None
    errors = [each.error for each in letter if each.error and each.state != MessageState.SUPERSEDED.value]
    return Reach(recipient, state, tuple(ways), errors[-1] if errors else None)
