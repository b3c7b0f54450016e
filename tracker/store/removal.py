"""Taking an import's items away again, and what stands in the way of that.

Must never remove what somebody has worked on: ask `obstacles` first, in the same transaction. The history
is never removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, or_, select

from tracker.domain.lifecycle import State
from tracker.store.conditions import among
from tracker.store.outbox import MessageState
from tracker.store.papers import PaperState
from tracker.store.schema import (
    account,
    contact,
    evidence,
    feed_case,
    history,
    item,
    media_account,
    message,
    message_item,
    observation,
    paper,
    paper_item,
    reminder,
    sighting,
    unit,
    unit_alias,
    watched_column,
)

UNDO_EVENT = "undo"
_PERHAPS_SENT = [state.value for state in (MessageState.SENDING, MessageState.ACCEPTED, MessageState.UNKNOWN)]


def obstacles(connection: Connection, numbers: Collection[int], bulletin_id: int) -> dict[str, list[int]]:
    """Why items that this import made may not go: a Chinese reason → their numbers."""
    decided = select(paper_item.c.item_number).join(paper, paper.c.id == paper_item.c.paper_id)
    told = select(message_item.c.item_number).join(message, message.c.id == message_item.c.message_id)
    # One part out means that the letter was begun.
    begun = select(message.c.letter).where(message.c.state.in_(_PERHAPS_SENT))
    wanted: dict[str, tuple[Select[Any], Any]] = {
        "已有佐证": (select(evidence.c.item_number), evidence.c.item_number),
        "已核查过": (select(observation.c.item_number), observation.c.item_number),
        "已发出（或可能已发出）提醒": (told.where(message.c.letter.in_(begun)), message_item.c.item_number),
        "已有审批过的文书": (
            decided.where(paper.c.state != PaperState.PROPOSED.value),
            paper_item.c.item_number,
        ),
        "另一份通报也列了它": (
            select(sighting.c.item_number).where(sighting.c.bulletin_id != bulletin_id),
            sighting.c.item_number,
        ),
    }
    found = {"已有办理经过": sorted({row.item_number for row in _standing_rows(connection, numbers)})}
    found |= {
        reason: sorted(set(connection.execute(query.where(among(connection, column, numbers))).scalars()))
        for reason, (query, column) in wanted.items()
    }
    return {reason: some for reason, some in found.items() if some}


def changed_since(connection: Connection, marks: Iterable[tuple[int, int]]) -> list[int]:
    """Of (item number, history id): the items whose history went on after that row."""
    last = dict(marks)
    rows = _standing_rows(connection, last.keys())
    return sorted({row.item_number for row in rows if row.id > last[row.item_number]})


def _standing_rows(connection: Connection, numbers: Iterable[int]) -> list[Row[Any]]:
    """What was done with these items since they were made, without what was undone, and its undoing.

    An import is undone only while its rows are an item's last, so an undo takes off what stands last then.
    """
    columns = (history.c.id, history.c.item_number, history.c.event, history.c.state)
    query: Select[Any] = select(*columns).where(among(connection, history.c.item_number, numbers))
    query = query.where(history.c.event != "import").order_by(history.c.item_number, history.c.id)
    standing: list[Row[Any]] = []
    for row in connection.execute(query):
        if row.event != UNDO_EVENT:
            standing.append(row)
            continue
        undone = standing.pop()
        if undone.state == State.SUBMITTED.value != row.state:
            standing.pop()  # this reply had handed the item in: a step of its own, just before it
    return standing


def remove_evidence(connection: Connection, history_ids: Iterable[int]) -> None:
    """Delete what was kept with these rows of the history; the rows stay."""
    connection.execute(delete(evidence).where(among(connection, evidence.c.history_id, history_ids)))


def remove_items(connection: Connection, numbers: Collection[int], bulletin_id: int) -> None:
    """Delete these items, all sightings of this import, and what waits to be sent or approved about them."""
    connection.execute(delete(sighting).where(sighting.c.bulletin_id == bulletin_id))
    about = among(connection, paper_item.c.item_number, numbers)
    papers = list(connection.execute(select(paper_item.c.paper_id).where(about)).scalars())
    for column in (
        message_item.c.item_number,
        reminder.c.item_number,
        paper_item.c.item_number,
        item.c.number,
    ):
        connection.execute(delete(column.table).where(among(connection, column, numbers)))
    speaks = select(paper_item).where(paper_item.c.paper_id == paper.c.id).exists()
    connection.execute(delete(paper).where(among(connection, paper.c.id, papers), ~speaks))


def remove_unused_units(
    connection: Connection, unit_ids: Sequence[int], listed: Collection[str]
) -> list[str]:
    """Delete those of these units that nothing uses and no person has confirmed; return their names.

    A unit of `units.toml` (`listed`) is confirmed by that file, not by a person, and comes back when needed.
    """
    used = or_(
        *(
            select(column).where(column == unit.c.id).exists()
            for column in (
                item.c.unit_id,
                account.c.unit_id,
                contact.c.unit_id,
                unit_alias.c.unit_id,
                paper.c.unit_id,
                feed_case.c.unit_id,
                media_account.c.unit_id,
                watched_column.c.unit_id,
            )
        )
    )
    vouched = and_(unit.c.confirmed.is_(True), ~among(connection, unit.c.name, listed))
    gone = delete(unit).where(among(connection, unit.c.id, unit_ids), ~used, ~vouched)
    return sorted(connection.execute(gone.returning(unit.c.name)).scalars())


def state_before(connection: Connection, number: int, states: Sequence[str]) -> str:
    """The latest of these states in which an item has been."""
    query = select(history.c.state).where(history.c.item_number == number, history.c.state.in_(states))
    return str(connection.execute(query.order_by(history.c.id.desc()).limit(1)).scalar_one())
