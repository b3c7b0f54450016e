"""What the checks tell staff: the groups of the queue with their numbers, and the looks of one item.

Must never write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.checks import Advice, advise
from tracker.domain.errors import NotFoundError
from tracker.domain.items import Item
from tracker.services.looks import LookView, folded, return_reason, view
from tracker.services.office import Office
from tracker.store import Connection, checks, items, observations, screenshots
from tracker.store.checks import SeenItem


@dataclass(frozen=True)
class Advised:
    """An item of the queue. told: the look that says so, None if none could tell; last: the last look, where
    it could not tell; blind: how many could not, in a row; reason: a ready-made one for returning it;
    is_asked: somebody wants another look, which has not come yet.
    """

    item: Item
    told: LookView | None
    last: LookView | None
    blind: int
    reason: str
    is_asked: bool


def advised(
    office: Office, advice: Advice, *, now: datetime, size: int, after: int | None = None
) -> tuple[list[Advised], bool]:
    """At most `size` items of one group with numbers above `after`, and whether more follow."""
    rules = office.rules.checks
    with office.database.read() as connection:
        found = checks.advised(connection, advice, rules, now, after=after, limit=size + 1)
        return _dressed(connection, office, advice, found[:size]), len(found) > size


def count_advised(office: Office, *, now: datetime) -> dict[Advice, int]:
    """How many items each group has."""
    with office.database.read() as connection:
        return checks.count(connection, office.rules.checks, now)


def unreported_by_unit(office: Office, *, now: datetime) -> list[tuple[str, int]]:
    """(unit, how many of its items look fixed and were not handed in), most first."""
    with office.database.read() as connection:
        return checks.count_by_unit(connection, Advice.FIXED_UNREPORTED, office.rules.checks, now)


def seen_fixed(
    connection: Connection, office: Office, numbers: Collection[int], now: datetime
) -> frozenset[int]:
    """Those that their newest look saw fixed, and that nobody has reported since they were last sent back.

    A look that could not tell stands in the way here: a unit is told only what was seen last.
    """
    rules = office.rules.checks
    found = checks.of_items(connection, numbers) if numbers else {}
    return frozenset(
        number
        for number, each in found.items()
        if not each.seen.blind and advise(each.seen, rules, now) is Advice.FIXED_UNREPORTED
    )


def looks_of(
    office: Office, number: int, *, size: int, before: int | None = None
) -> tuple[list[LookView], int | None]:
    """The looks at one item, newest first, those that saw the same folded; and from where the rest goes on
    (None: nothing is left). `size` counts looks; `before` is where the last page ended.
    """
    with office.database.read() as connection:
        found = observations.latest_of_item(connection, number, before=before, limit=size + 1)
    shown = found[:size]
    return folded(view(look) for _, look in shown), shown[-1][0] if len(found) > size else None


def picture(office: Office, number: int, sha256: str) -> bytes:
    """The picture of a page that decided a look at this item; raises NotFoundError for none."""
    with office.database.read() as connection:
        found = screenshots.content(connection, number, sha256)
    if found is None:
        raise NotFoundError("没有这张网页截图")
    return found


def _dressed(
    connection: Connection, office: Office, advice: Advice, found: Sequence[SeenItem]
) -> list[Advised]:
    known = {item.number: item for item in items.by_numbers(connection, [each.number for each in found])}
    looks = observations.by_ids(connection, _look_ids(found))
    dressed = []
    for each in found:
        told = looks.get(each.look_id or 0) if advice is not Advice.CANNOT_LOOK else None
        last = looks.get(each.last_look_id or 0)
        returns = told is not None and advice is Advice.NOT_FIXED_REPORTED
        dressed.append(
            Advised(
                item=known[each.number],
                told=view(told) if told else None,
                last=view(last) if last and each.seen.blind else None,
                blind=each.seen.blind,
                reason=return_reason(told, office.rules.calendar) if told and returns else "",
                is_asked=each.asked_at is not None and (last is None or last.checked_at < each.asked_at),
            )
        )
    return dressed


def _look_ids(found: Iterable[SeenItem]) -> set[int]:
    return {key for each in found for key in (each.look_id, each.last_look_id) if key is not None}
