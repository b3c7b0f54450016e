"""What is watched, accounts and columns alike, as it is registered and was last seen.

Must never judge how near a limit something is: that is `watching`, which knows the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.columns import Age
from tracker.domain.media import SEEN_THOUGH_CLOSED, Verdict
from tracker.domain.watching import Nearness, Resting
from tracker.services.office import Office
from tracker.store import media
from tracker.store.watching import ACCOUNT, COLUMN, StoredColumn, StoredWarning


@dataclass(frozen=True)
class Source:
    """What told how something watched stands: a page, by its address, or an export, by the name of its file.

    at: when the page was looked at, or the export taken in.
    """

    is_page: bool
    name: str
    at: datetime


@dataclass(frozen=True)
class Watched:
    """One account or column. `name` as people read it, `title` as it is registered; `finding` what the last
    look saw, `failing_since` set while looks tell nothing; `item_number` the item about it that is still at
    work; `fault`: an account that is closed on file and there nevertheless.
    """

    kind: str
    id: int
    unit_id: int
    unit: str
    name: str
    title: str
    resting: Resting
    nearness: Nearness
    idle: int
    item_number: int | None
    page_url: str | None = None
    finding: str | None = None
    failing_since: datetime | None = None
    warned: Sequence[StoredWarning] = ()
    source: Source | None = None
    fault: Verdict | None = None

    @property
    def subject(self) -> tuple[str, int]:
        return self.kind, self.id

    @property
    def is_to_warn(self) -> bool:
        """Whether its unit is to hear of it, unless it has."""
        return self.nearness is Nearness.NEAR and self.item_number is None

    @property
    def is_to_open(self) -> bool:
        """Whether it has rested too long, or should not be there, and nobody is told to see to it."""
        return self.nearness is Nearness.OVER and self.item_number is None


def of_accounts(office: Office, accounts: Iterable[media.Watched]) -> Iterator[Watched]:
    limits = office.rules.feeds.accounts.limits
    for each in accounts:
        account, source = each.account, _source(office, each)
        limit = Age(days=limits.for_account(account.platform, account.listed))
        told_on = office.rules.calendar.today(source.at) if source.is_page else account.seen_on
        yield Watched(
            kind=ACCOUNT,
            id=account.id,
            unit_id=account.unit_id,
            unit=each.unit,
            name=f"{account.platform}“{account.name}”",
            title=account.name,
            resting=Resting(account.last_post_on, told_on, limit, limits.full_counts, limits.near_days),
            nearness=Nearness.UNKNOWN,
            idle=0,
            item_number=account.item_number,
            page_url=account.page_url,
            finding=str(account.page_look.get("summary", "")) if account.page_look else None,
            failing_since=account.failing_since,
            source=source,
            fault=account.verdict if account.verdict in SEEN_THOUGH_CLOSED else None,
        )


def _source(office: Office, each: media.Watched) -> Source:
    """What told last of an account; of one day the look at its page, which is a moment of it."""
    account = each.account
    looked_at = account.looked_at
    if looked_at is not None and office.rules.calendar.today(looked_at) >= account.seen_on:
        return Source(True, account.page_url or "", looked_at)
    return Source(False, each.file, each.taken_at)


def of_columns(office: Office, columns: Iterable[StoredColumn]) -> Iterator[Watched]:
    for column in columns:
        kind = office.rules.columns.kind_of(column.name)
        if kind is None:
            continue  # the office has taken its limit out of columns.toml since
        seen_on = office.rules.calendar.today(column.checked_at) if column.checked_at else None
        yield Watched(
            kind=COLUMN,
            id=column.id,
            unit_id=column.unit_id,
            unit=column.unit,
            name=f"“{column.name}”栏目",
            title=column.name,
            resting=Resting(
                column.newest_on,
                seen_on,
                kind.limit,
                full_counts=False,
                warn_days=kind.warn_days,
                is_sure=column.is_sure,
            ),
            nearness=Nearness.UNKNOWN,
            idle=0,
            item_number=column.item_number,
            page_url=column.page_url or column.site,
            finding=column.finding,
            failing_since=column.failing_since,
            source=Source(True, column.page_url or column.site or "", column.checked_at)
            if column.checked_at
            else None,
        )
