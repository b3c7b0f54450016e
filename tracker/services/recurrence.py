"""反弹: the problem of a struck-off item is back: a new item linked to it, as an import would make it.

Must only be called in the transaction that decides it, under the turns of registry and planner.
"""

from __future__ import annotations

from datetime import datetime

from tracker.domain.errors import TransitionError
from tracker.domain.escalation import MessageKind
from tracker.domain.items import Item
from tracker.domain.lifecycle import State
from tracker.services.notices import Notice, tell
from tracker.services.office import Office
from tracker.services.opening import Origin, Problem, open_items
from tracker.services.page_checks import first_check_at
from tracker.services.wording import item_line
from tracker.store import Connection, history, items, revisits

RECUR_EVENT = "recur"


def recur(
    connection: Connection,
    office: Office,
    item: Item,
    origin: Origin,
    *,
    title: str,
    reason: str,
    by: str,
    now: datetime,
) -> Item:
    """The new item: its number, its deadline from today, its history; that of the old one names it, and the
    unit is told. Raises TransitionError for an item that is not struck off, that came back already, or that a
    list of this very day names.
    """
    details = {"number": item.number}
    if item.standing.state is not State.STRUCK_OFF:
        words = f"第 {item.number} 号事项现为{item.standing.state.chinese}，不是已销号，不能立为反弹"
        raise TransitionError(words, details=details)
    if after := revisits.recurred_as(connection, [item.number]):
        words = f"第 {item.number} 号事项的问题已立为第 {after[item.number]} 号"
        raise TransitionError(words, details=details)
    problem = Problem(item.unit, item.problem_class, item.text, domain=item.domain, same_as=item.number)
    made = open_items(connection, office, origin, [problem], title=title, by=by, now=now)
    if not made:
        words = f"第 {item.number} 号事项列在今天的清单中，明天起方可立为反弹"
        raise TransitionError(words, details=details)
    [new] = made
    if item.page_url:  # a person may have named it
        page = {"page_url": item.page_url, "next_check_at": first_check_at(item.page_url, now)}
        items.set_columns(connection, new.number, **page)
    row = (item.number, item.standing, {"recurred_as": new.number})
    history.append(connection, at=now, actor=by, event=RECUR_EVENT, reason=reason, rows=[row])
    line = item_line(office, new, now)
    tell(
        connection, office, [Notice(new.unit_id, MessageKind.RECURRED, (line,), f"{title}发现反弹")], now=now
    )
    return new
