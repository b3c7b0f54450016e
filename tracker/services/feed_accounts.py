"""Taking in the register of new-media accounts. Who is about to let one fall asleep: `watching`.

Must never take a look that did not happen for a fix: an account of unknown state changes no item.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL
from tracker.domain.media import FAULTY, SOUND, Verdict
from tracker.intake.feeds.account_texts import Named, comparable, named_in
from tracker.intake.feeds.accounts import NEEDED, AccountRow, read_accounts
from tracker.intake.feeds.cases import Rejected
from tracker.intake.feeds.columns import find_header
from tracker.intake.feeds.rows import Export, open_export
from tracker.probes.base import Verdict as Seen
from tracker.services.account_state import after_row, is_news, summary
from tracker.services.feeding import Fed, Outcome, resolve_units, store_unit, strike_off_verified, witness
from tracker.services.office import Office
from tracker.services.opening import Origin, Problem, open_items
from tracker.services.unit_names import take_registry_turn
from tracker.store import Connection, cases, feeds, items, media, observations
from tracker.store import units as unit_rows
from tracker.store.clockwork import take_planning_turn
from tracker.store.feeds import StoredFeed
from tracker.store.media import StoredAccount

KIND, SOURCE, CLASS = "accounts", "新媒体账号", "dormant_account"
_KEPT_REJECTIONS = 1000
_Bearer = tuple[int, Named]


def take_in(office: Office, file: BinaryIO, filename: str, *, by: str, now: datetime) -> Fed:
    """Read a register and bring accounts and items up to date. The same file twice changes nothing.

    Raises IntakeError for what cannot be read.
    """
    export, rules = open_export(file, filename), office.rules.feeds.accounts
    today = office.rules.calendar.today(now)
    with export.rows() as rows:
        columns = find_header(rows, rules.columns, NEEDED, export.filename)
        read, rejected = read_accounts(rows, columns, rules.registered, rules.observed, today)
    with office.database.write() as connection:
        take_registry_turn(connection)
        take_planning_turn(connection)
        known = feeds.by_hash(connection, KIND, SOURCE, export.sha256)
        if known is not None:
            return Fed(known, Outcome(), already=True)
        return _write(connection, office, export, read, rejected, by=by, now=now)


def _write(
    connection: Connection,
    office: Office,
    export: Export,
    read: Sequence[AccountRow],
    rejected: list[Rejected],
    *,
    by: str,
    now: datetime,
) -> Fed:
    today = office.rules.calendar.today(now)
    before = media.by_keys(connection, [row.key for row in read])
    current = []
    for row in read:
        seen_on = row.seen_on or today
        if row.key in before and seen_on < before[row.key].seen_on <= today:
            rejected.append(Rejected(row.row, f"早于已登记的检查日期 {before[row.key].seen_on}"))
        else:
            current.append(replace(row, seen_on=seen_on))
    units = resolve_units(connection, office, [row.unit for row in current], now)
    stored = {unit.key: store_unit(connection, unit, now=now) for unit in units.values()}
    feed = _write_feed(connection, export, current, sorted(rejected), by=by, now=now)
    accounts = [
        after_row(
            office, row, stored[units[row.unit].key].id or 0, before.get(row.key), feed_id=feed.id, now=now
        )
        for row in current
    ]
    work = _at_work(connection, accounts, before)
    outcome = _settle(connection, office, feed, accounts, work, by=by, now=now)
    feeds.set_columns(connection, feed.id, outcome=outcome.as_json())
    new_units = tuple(
        dict.fromkeys(each.name for each in units.values() if each.id is None and not each.known)
    )
    return Fed(feeds.get(connection, feed.id), outcome, new_units=new_units)


def _write_feed(
    connection: Connection,
    export: Export,
    rows: Sequence[AccountRow],
    rejected: Sequence[Rejected],
    *,
    by: str,
    now: datetime,
) -> StoredFeed:
    days = [row.seen_on for row in rows if row.seen_on is not None]
    feed_id = feeds.add(
        connection,
        kind=KIND,
        source=SOURCE,
        filename=export.filename,
        sha256=export.sha256,
        rows=len(rows),
        rejected_rows=len(rejected),
        rejected=rejected[:_KEPT_REJECTIONS],
        first_on=min(days, default=None),
        last_on=max(days, default=None),
        judged=[CLASS],
        units={},
        doubts=[],
        outcome={},
        taken_at=now,
        taken_by=by,
    )
    return feeds.get(connection, feed_id)


@dataclass
class _Work:
    """The items about accounts that are at work: by number, and by the account that their text names for
    those that nobody has linked yet.
    """

    by_number: dict[int, Item]
    told: dict[int, object]  # what was last seen of each
    taken: set[int]
    bearers: Counter[_Bearer]  # how many accounts of the export a text may mean

    def __post_init__(self) -> None:
        self.named: dict[_Bearer, list[Item]] = defaultdict(list)
        for item in self.by_number.values():
            if (account := named_in(item.text)) is not None:
                self.named[item.unit_id, account].append(item)

    def of(self, account: StoredAccount) -> Item | None:
        """The account's own item; else the only one of its unit whose text names it, and no other account."""
        own = self.by_number.get(account.item_number or 0)
        if own is not None:
            return own
        bearer = _bearer(account)
        named = [item for item in self.named.get(bearer, ()) if item.number not in self.taken]
        return named[0] if len(named) == self.bearers[bearer] == 1 else None


def _bearer(account: StoredAccount) -> _Bearer:
    return account.unit_id, comparable(account.platform, account.name)


def _settle(
    connection: Connection,
    office: Office,
    feed: StoredFeed,
    accounts: Sequence[StoredAccount],
    work: _Work,
    *,
    by: str,
    now: datetime,
) -> Outcome:
    outcome, faulty = Outcome(), []
    for account in accounts:
        item = work.of(account)
        if item is not None:
            work.taken.add(item.number)
            media.save(connection, replace(account, item_number=item.number))
            if is_news(account, work.told.get(item.number)):
                _note(connection, feed, account, item, now)
                (outcome.cleared if account.verdict in SOUND else outcome.updated).append(item)
        elif account.verdict in FAULTY:
            faulty.append(account)
        else:
            media.save(connection, account)
    outcome.opened = _open(connection, office, feed, faulty, by=by, now=now)
    words = f"{feed.filename}中已恢复正常"
    strike_off_verified(connection, office, outcome, words=words, now=now)
    return outcome


def _at_work(
    connection: Connection, accounts: Sequence[StoredAccount], before: Mapping[str, StoredAccount]
) -> _Work:
    numbers = set(cases.numbers_at_work(connection, [CLASS], {account.unit_id for account in accounts}))
    numbers |= {account.item_number for account in accounts if account.item_number is not None}
    found = {
        item.number: item
        for item in items.by_numbers(connection, numbers, lock=True)
        if item.standing.state not in FINAL
    }
    seen = observations.last_of_probe(connection, KIND, found)
    told: dict[int, object] = {
        account.item_number: account.verdict.value
        for account in before.values()
        if account.item_number is not None
    }
    told |= {number: evidence.get("account") for number, evidence in seen.items()}
    linked = {account.item_number for account in accounts if account.item_number is not None}
    return _Work(found, told, linked, Counter(map(_bearer, accounts)))


def _note(
    connection: Connection, feed: StoredFeed, account: StoredAccount, item: Item, now: datetime
) -> None:
    """How the account stands, as evidence beside the item."""
    words = summary(account, account.seen_on)
    seen = {"summary": words, "account": account.verdict.value, "row": account.row}
    verdict = Seen.FIXED if account.verdict in SOUND else Seen.NOT_FIXED
    witness(connection, feed, item, verdict, seen=seen, now=now)


def text_of(office: Office, account: StoredAccount, verdict: Verdict) -> str:
    """The problem of an account as an item words it."""
    rules = office.rules.feeds.accounts
    limit = rules.limits.for_account(account.platform, account.listed)
    return rules.texts[verdict].format(platform=account.platform, name=account.name, limit=limit)


def _open(
    connection: Connection,
    office: Office,
    feed: StoredFeed,
    faulty: Sequence[StoredAccount],
    *,
    by: str,
    now: datetime,
) -> list[Item]:
    """Items for accounts that have none, each linked with its own."""
    names = {row.id: row.name for row in unit_rows.all_units(connection)}
    problems = []
    for account in faulty:
        text = text_of(office, account, account.verdict)
        problems.append(Problem(names[account.unit_id], CLASS, text))
    made = open_items(connection, office, Origin.of(feed), problems, title="新媒体账号核查", by=by, now=now)
    numbers = {item.line: item.number for item in made}
    for line, account in enumerate(faulty, start=2):
        media.save(connection, replace(account, item_number=numbers.get(line)))
    return made
