"""All that was done about an item in one line of time: steps and messages. Looks stand by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.services.inspect import ItemFile
from tracker.store.history import HistoryRow
from tracker.store.outbox import StoredMessage


@dataclass(frozen=True)
class Entry:
    """kind: history or sent; `what` is the row itself."""

    at: datetime
    kind: str
    what: HistoryRow | StoredMessage


def timeline(file: ItemFile) -> list[Entry]:
    """The newest first; of one moment the step stands below what followed from it."""
    entries = [
        *(Entry(row.at, "history", row) for row in file.history),
        *(Entry(message.created_at, "sent", message) for message in file.messages),
    ]
    return sorted(entries, key=lambda entry: entry.at)[::-1]
