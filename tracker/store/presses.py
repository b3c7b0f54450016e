"""Presses of a card's buttons: which letter the card was, and what was answered, to say the same again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from tracker.store.schema import message, message_item, press

# The far side repeats within seconds; what is older than its longest replay is nobody's question any more.
_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class CardLetter:
    """The letter behind a card: the label of its recipient, and the numbers of its items in order."""

    recipient: str
    numbers: tuple[int, ...]


def letter(connection: Connection, key: str) -> CardLetter | None:
    """By `message.letter`, all parts and channels together; None when none of its items is on file."""
    query = (
        select(message.c.recipient, message_item.c.item_number)
        .join(message_item, message_item.c.message_id == message.c.id)
        .where(message.c.letter == key)
        .distinct()
        .order_by(message_item.c.item_number)
    )
    rows = connection.execute(query).all()
    return CardLetter(rows[0].recipient, tuple(row.item_number for row in rows)) if rows else None


def answer(connection: Connection, key: str) -> str | None:
    """What was answered to this very press; None when it is new."""
    return connection.execute(select(press.c.answer).where(press.c.key == key)).scalar_one_or_none()


def record(connection: Connection, key: str, words: str, at: datetime) -> None:
    """Keep what is answered to a press, and forget the presses of other days."""
    connection.execute(delete(press).where(press.c.at < at - _KEPT))
    connection.execute(insert(press).values(key=key, at=at, answer=words))
