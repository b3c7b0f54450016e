"""Looking at the public pages of accounts, each once a day, early, as at columns.

Must never open an item or strike one off by itself, unless its class verifies itself: what changed lies as
evidence beside the item of the account, and on the page of warnings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.lifecycle import FINAL
from tracker.domain.media import SEEN_THOUGH_CLOSED, SOUND, Registered
from tracker.probes.base import AccountProbe, LatestPost
from tracker.probes.base import Verdict as Seen
from tracker.services.account_state import after_look, is_news, summary
from tracker.services.column_looks import next_morning
from tracker.services.feed_accounts import KIND
from tracker.services.office import Office
from tracker.services.verifying import verify_alone
from tracker.store import Connection, checks, items, media, observations
from tracker.store.clockwork import take_planning_turn
from tracker.store.media import StoredAccount
from tracker.store.observations import StoredObservation

_BATCH = 50


@dataclass(frozen=True)
class LookedAccount:
    """One look: the account as it stood before it, and what the page told."""

    account: StoredAccount
    seen: LatestPost


def look_at_accounts(office: Office, clock: Callable[[], datetime]) -> list[LookedAccount]:
    """Look at every page whose turn has come; each is claimed first, so two processes do not both look."""
    probe = next((each for each in office.probes if isinstance(each, AccountProbe)), None)
    if probe is None:
        return []
    looked: list[LookedAccount] = []
    ends_at = clock() + timedelta(minutes=office.rules.walk.run_minutes)
    while due := _due(office, clock()):
        for account in due:
            if _claim(office, account, clock()):
                began = clock()
                looked.append(LookedAccount(account, _look(probe, office, account, began)))
                _record(office, looked[-1], began, clock())
            if clock() >= ends_at:
                return looked  # what is left stays due for the next run
    return looked


def _look(probe: AccountProbe, office: Office, account: StoredAccount, now: datetime) -> LatestPost:
    local = now.astimezone(office.rules.calendar.zone)
    return probe.look_at_account(account.platform, account.name, account.page_url or "", local)


def _due(office: Office, now: datetime) -> list[StoredAccount]:
    with office.database.read() as connection:
        return media.due_looks(connection, now, _BATCH)


def _claim(office: Office, account: StoredAccount, now: datetime) -> bool:
    with office.database.write() as connection:
        return media.claim_look(connection, account.id, now, next_morning(office, now))


def _record(office: Office, looked: LookedAccount, began: datetime, now: datetime) -> None:
    with office.database.write() as connection:
        take_planning_turn(connection)  # an export holds it while it writes accounts
        account = media.by_id(connection, looked.account.id)
        if account is None or account.page_url != looked.account.page_url:
            return  # it has another page since
        after = after_look(office, account, looked.seen, began)
        media.save_look(connection, after)
        if after.looked_at == began:
            _note(connection, office, account, after, now)


def _note(
    connection: Connection, office: Office, before: StoredAccount, after: StoredAccount, now: datetime
) -> None:
    """How the account stands, as evidence beside its item at work, where that says something new.

    That an account is gone no page can tell: of a closed one only that it is there.
    """
    assert after.looked_at is not None
    if after.registered is Registered.CLOSED and after.verdict not in SEEN_THOUGH_CLOSED:
        return
    numbers = [after.item_number] if after.item_number is not None else []
    for item in items.by_numbers(connection, numbers, lock=True):
        told = observations.last_of_probe(connection, KIND, [item.number]).get(item.number, {})
        beside = checks.of_items(connection, [item.number])[item.number].seen
        is_anew = beside.counts_from is not None and (beside.at is None or beside.at < beside.counts_from)
        said = told.get("account", before.verdict.value)
        if item.standing.state in FINAL or not (is_anew or is_news(after, said)):
            continue
        words = summary(after, office.rules.calendar.today(after.looked_at))
        evidence = {**(after.page_look or {}), "summary": words, "account": after.verdict.value}
        verdict = Seen.FIXED if after.verdict in SOUND else Seen.NOT_FIXED
        observations.add(
            connection, StoredObservation(item.number, KIND, verdict.value, evidence, after.looked_at)
        )
        verify_alone(connection, office, item.number, now=now)
