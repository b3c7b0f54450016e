"""From a limit that was passed to an item: staff open it with one click, by the import's own steps.

Must never open one by itself: what the machine saw last may have been put right since. Nor a second one of a
column that a list complains of already: its unit would have two deadlines for one problem.
"""

from __future__ import annotations

from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.items import Item
from tracker.domain.media import Verdict
from tracker.domain.people import DECIDING
from tracker.probes.names import accepted_names, wanted_of
from tracker.services.feed_accounts import CLASS, text_of
from tracker.services.judging import require
from tracker.services.office import Office
from tracker.services.opening import Origin, Problem, open_items
from tracker.services.unit_names import take_registry_turn
from tracker.services.watched import Watched
from tracker.services.watching import find
from tracker.store import Connection, cases, items, media, watching
from tracker.store.clockwork import take_planning_turn
from tracker.store.watching import ACCOUNT

_STALE_COLUMN = "stale_column"
_RESTING = ("stale_column", "empty_column")
_TITLE = "更新监测"


def open_from_watch(office: Office, kind: str, subject_id: int, *, by: str, now: datetime) -> Item:
    """Make an item of an account or column that has rested too long, or of an account that should be closed;
    the item that speaks of this very column, if one is at work.

    Raises NotFoundError for what nobody watches, ForbiddenError for whoever is not of the bureau, and
    TransitionError for what is not over its limit, or has an item already.
    """
    with office.database.write() as connection:
        require(connection, by, DECIDING, "立项")
        take_registry_turn(connection)
        take_planning_turn(connection)
        watched = find(connection, office, kind, subject_id, now)
        if watched is None:
            raise NotFoundError(
                "没有登记这个账号或栏目，或已不再监测", details={"kind": kind, "id": subject_id}
            )
        if not watched.is_to_open:
            raise TransitionError(
                f"{watched.name}没有超限，或已经立项", details={"kind": kind, "id": subject_id}
            )
        if known := _spoken_of(connection, office, watched):
            _link(connection, watched, known)
            return known
        newest = watched.resting.newest_on
        proof = ("最近更新", f"{newest or '不明'}，{watched.resting.seen_on}检查")
        origin = Origin(_TITLE, f"{kind}-{subject_id}-{newest}", proof)
        problem = _problem(connection, office, watched)
        made = open_items(connection, office, origin, [problem], title=_TITLE, by=by, now=now)
        if not made:
            raise TransitionError(f"{watched.name}已有同一问题的事项（在办、已撤销，或今日刚销号），没有另立")
        _link(connection, watched, made[0])
        return made[0]


def _spoken_of(connection: Connection, office: Office, watched: Watched) -> Item | None:
    """The latest item at work that says of this column that it rests, or is empty."""
    if watched.kind == ACCOUNT:
        return None
    names, columns = accepted_names(watched.title, office.rules.columns), office.rules.columns
    numbers = cases.numbers_at_work(connection, _RESTING, {watched.unit_id})
    for item in reversed(items.by_numbers(connection, numbers)):
        wanted = wanted_of(item.problem_class, item.text)
        if wanted and any(names & accepted_names(each, columns) for each in wanted.names):
            return item
    return None


def _problem(connection: Connection, office: Office, watched: Watched) -> Problem:
    account = media.by_id(connection, watched.id) if watched.kind == ACCOUNT else None
    if account is not None:
        return Problem(watched.unit, CLASS, text_of(office, account, watched.fault or Verdict.DORMANT))
    text = f"{watched.name}超过{watched.resting.limit.in_words()}没有更新。"
    return Problem(watched.unit, _STALE_COLUMN, text)


def _link(connection: Connection, watched: Watched, item: Item) -> None:
    if watched.kind == ACCOUNT:
        media.set_item(connection, watched.id, item.number)
    else:
        watching.set_columns(connection, watched.id, item_number=item.number)
