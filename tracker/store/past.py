"""Items as they stood at a past moment: where each stood comes from its history, all else from the item.

As the rates of a past moment do (`tracker.store.rates.standing_at`): so a number and its list agree. Must
never be asked for all items where a few will do: each costs a look into its history.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select

from tracker.store.schema import history, item

STOOD = history.alias("stood")
"""The last row of an item's history until some moment; joined to `item` by `last_row`."""


def last_row(moment: datetime) -> ColumnElement[bool]:
    """The index (item, id) is read backwards from its end: usually the first row is the one."""
    earlier = history.alias("earlier")
    last = select(earlier.c.id).where(earlier.c.item_number == item.c.number, earlier.c.at <= moment)
    last = last.order_by(earlier.c.id.desc()).limit(1).correlate(item)
    return STOOD.c.id == last.scalar_subquery()
