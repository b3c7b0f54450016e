"""How a new-media account stands after an export spoke of it, or after a look at its public page.

Must never let a look that told nothing change what is known, nor an older word undo a later look.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from tracker.domain.media import FAULTY, SOUND, AccountSight, Observed, Registered, Verdict, judge
from tracker.intake.feeds.accounts import AccountRow
from tracker.probes.base import LatestPost
from tracker.services.office import Office
from tracker.store.media import StoredAccount

_FINDING = "summary"


def after_row(
    office: Office,
    row: AccountRow,
    unit_id: int,
    before: StoredAccount | None,
    *,
    feed_id: int,
    now: datetime,
) -> StoredAccount:
    """The account as the row leaves it; what the row does not say stays as it was."""
    assert row.seen_on is not None
    account = before or _new(row, unit_id, feed_id)
    registered, told = row.registered or account.registered, _observed(row, account)
    gone_on: date | None = account.gone_on
    if registered is Registered.IN_USE:
        gone_on = None  # a reopening that was filed
    elif told is Observed.GONE:
        gone_on = row.seen_on
    looked_on = _looked_on(office, account)
    is_late = looked_on is not None and looked_on > row.seen_on and _saw_account(account)
    after = replace(
        account,
        name=row.name,
        platform=row.platform,
        unit_id=unit_id,
        listed=row.listed or account.listed,
        registered=registered,
        observed=account.observed if is_late else told,
        last_post_on=_last_post(row, account, office.rules.calendar.today(now)),
        seen_on=row.seen_on,
        gone_on=gone_on,
        feed_id=feed_id,
        row=row.row,
    )
    if registered is Registered.IN_USE and after.observed is Observed.GONE and row.last_post_on is None:
        return replace(_with_page(after, row.page_url, now), verdict=Verdict.UNKNOWN)  # nobody saw its posts
    days = (row.seen_on, looked_on, after.last_post_on)
    return _judged(office, _with_page(after, row.page_url, now), max(day for day in days if day))


def after_look(office: Office, account: StoredAccount, seen: LatestPost, began: datetime) -> StoredAccount:
    """The account as a look at its page leaves it. A page that shows less than is known tells nothing."""
    evidence, known = (
        dict(seen.evidence),
        _not_ahead(account.last_post_on, office.rules.calendar.today(began)),
    )
    if seen.posted_on is not None and known is not None and seen.posted_on < known:
        evidence[_FINDING] = (
            f"页面所见最近一次更新为 {seen.posted_on}，早于已登记的 {known}，页面可能没有列全，请人工查看"
        )
    elif seen.posted_on is not None:
        observed = Observed.REACHABLE if seen.is_account else account.observed
        after = replace(
            account,
            last_post_on=seen.posted_on,
            observed=observed,
            looked_at=began,
            failing_since=None,
            page_look=evidence,
        )
        return _judged(office, after, office.rules.calendar.today(began))
    return replace(account, failing_since=account.failing_since or began, page_look=evidence)


def is_news(account: StoredAccount, told: object) -> bool:
    """Whether something is known of the account, and it is not what was said last."""
    return account.verdict in FAULTY | SOUND and account.verdict.value != told


def summary(account: StoredAccount, on: date) -> str:
    """One Chinese sentence: how the account stands, by a look of that day."""
    post = f"，最后更新 {account.last_post_on}" if account.last_post_on else ""
    return f"{account.platform}“{account.name}”{account.verdict.chinese}{post}（{on}检查）"


def _new(row: AccountRow, unit_id: int, feed_id: int) -> StoredAccount:
    assert row.seen_on is not None
    return StoredAccount(
        id=0,
        key=row.key,
        platform=row.platform,
        name=row.name,
        unit_id=unit_id,
        listed=row.listed,
        registered=Registered.IN_USE,
        observed=Observed.UNKNOWN,
        last_post_on=None,
        seen_on=row.seen_on,
        gone_on=None,
        verdict=Verdict.UNKNOWN,
        item_number=None,
        feed_id=feed_id,
        row=row.row,
    )


def _observed(row: AccountRow, account: StoredAccount) -> Observed:
    """What the row saw, else what was seen before it, unless the row tells of a change since then."""
    if row.observed is not None:
        return row.observed
    is_refiled = row.registered not in {None, account.registered}
    past = Observed.REACHABLE if row.registered is Registered.CLOSED else Observed.GONE
    has_posted = row.last_post_on is not None and row.last_post_on > account.seen_on
    if (is_refiled and account.observed is past) or (has_posted and account.observed is Observed.GONE):
        return Observed.UNKNOWN
    return account.observed


def _last_post(row: AccountRow, account: StoredAccount, today: date) -> date | None:
    """The day that the row names, though an earlier export named a later one (it was mistyped, or the post
    taken back); but none before what the account's page has shown.
    """
    known = _not_ahead(account.last_post_on, today)
    if row.last_post_on is None:
        return known
    found = (account.page_look or {}).get("found")
    shown = date.fromisoformat(found[0]["newest"]) if found else known if account.looked_at else None
    return max(row.last_post_on, shown or row.last_post_on)


def _not_ahead(day: date | None, today: date) -> date | None:
    return None if day is not None and day > today else day


def _with_page(account: StoredAccount, page_url: str | None, now: datetime) -> StoredAccount:
    """With the page that a row names, due for its first look; "": without any."""
    if page_url is None or (page_url or None) == account.page_url:
        return account
    due = now if page_url else None
    return replace(
        account,
        page_url=page_url or None,
        next_look_at=due,
        looked_at=None,
        failing_since=None,
        page_look=None,
    )


def _judged(office: Office, account: StoredAccount, on: date) -> StoredAccount:
    sight = AccountSight(
        account.platform,
        account.listed,
        account.registered,
        account.observed,
        account.last_post_on,
        account.gone_on,
    )
    return replace(account, verdict=judge(sight, on, office.rules.feeds.accounts.limits))


def _looked_on(office: Office, account: StoredAccount) -> date | None:
    return None if account.looked_at is None else office.rules.calendar.today(account.looked_at)


def _saw_account(account: StoredAccount) -> bool:
    return bool((account.page_look or {}).get("is_account"))
