"""Exports that were taken in, for people: the list, one of them with its items, the cases behind an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.domain.items import Item
from tracker.services.office import Office
from tracker.store import cases, feeds, items
from tracker.store.cases import TracedCase
from tracker.store.feeds import StoredFeed

_SHOWN_FEEDS, _SHOWN_CASES = 100, 1000


@dataclass(frozen=True)
class DoubtfulItem:
    """An item that the export would change, if it were complete."""

    item: Item
    left: int
    why: Sequence[str]


@dataclass(frozen=True)
class FeedFile:
    """An export and the items it touched, as they stand now; `is_latest` of its source.

    refused: number → why the system could not strike the item off by this export.
    """

    feed: StoredFeed
    opened: list[Item]
    updated: list[Item]
    cleared: list[Item]
    doubtful: list[DoubtfulItem]
    is_latest: bool
    refused: Mapping[int, str]


def list_feeds(office: Office) -> list[StoredFeed]:
    """The last ones, newest first."""
    with office.database.read() as connection:
        return feeds.all_feeds(connection, _SHOWN_FEEDS)


def open_feed(office: Office, feed_id: int) -> FeedFile:
    """Raises NotFoundError for a number that no export has."""
    with office.database.read() as connection:
        feed = feeds.get(connection, feed_id)
        doubts = {each["number"]: each for each in feed.outcome.get("doubtful", ())}
        opened, updated, cleared = (
            items.by_numbers(connection, feed.outcome.get(name, ()))
            for name in ("opened", "updated", "cleared")
        )
        doubtful = [
            DoubtfulItem(item, doubts[item.number]["left"], doubts[item.number]["why"])
            for item in items.by_numbers(connection, doubts)
        ]
        latest = feeds.latest(connection, feed.kind, feed.source)
        is_latest = latest is not None and latest.id == feed.id
        refused = {each["number"]: each["why"] for each in feed.outcome.get("refused", ())}
        return FeedFile(feed, opened, updated, cleared, doubtful, is_latest, refused)


def cases_behind(office: Office, item: Item) -> Sequence[TracedCase]:
    """Where the cases stand that an item counts: export, row, digest of the case's number; at most a
    thousand.
    """
    with office.database.read() as connection:
        return cases.of_unit(connection, item.unit_id, item.problem_class, _SHOWN_CASES)
