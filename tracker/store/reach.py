"""Whose items a connection shows: those of some units, or the whole city's.

The reach travels with the connection, as row-level security does: the guard binds it once per request
(`Database.within`), and each query for items, their papers, evidence and messages narrows itself here. So no
page can forget it. The command line and the scheduler are bound to nothing and see everything.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, select

from tracker.domain.people import Reach
from tracker.store.conditions import among
from tracker.store.schema import item, message, message_item

OPTION = "reach"
"""The execution option that holds it."""


def reach_of(connection: Connection) -> Reach:
    reach: Reach = connection.get_execution_options().get(OPTION)
    return reach


def within(connection: Connection, unit_id: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Conditions that leave the rows of the reach's units; none where it is the whole city."""
    reach = reach_of(connection)
    return () if reach is None else (among(connection, unit_id, reach),)


def messages_within(connection: Connection) -> tuple[ColumnElement[bool], ...]:
    """The same for messages: what speaks of another unit's item too, or of none, stays out of sight."""
    if reach_of(connection) is None:
        return ()
    spoken = select(message_item.c.item_number).join(item, item.c.number == message_item.c.item_number)
    spoken = spoken.where(message_item.c.message_id == message.c.id)
    [ours] = within(connection, item.c.unit_id)
    return (spoken.where(ours).exists(), ~spoken.where(~ours).exists())
