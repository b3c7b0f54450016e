"""Saved views of the list: one's own and those shared with all, kept, deleted, and brought back.

Must never keep more than filters, order and columns: a view shows everybody what they may see themselves. Its
name is read by the whole city, so only who decides there or in a district shares one, and the city's bureau
may delete any that is shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.domain.errors import ForbiddenError, NotFoundError, RectifyError
from tracker.domain.people import BUREAU, DECIDING
from tracker.services.judging import actor_named
from tracker.services.office import Office
from tracker.store import Connection, views
from tracker.store.views import SavedView

_KEPT = timedelta(days=1)  # how long a deleted view can be brought back
_LONGEST_NAME, _LONGEST_QUERY, _MOST = 60, 4000, 50


@dataclass(frozen=True)
class Powers:
    """What somebody may do with views beyond keeping their own; `remove`: what others share."""

    share: bool
    remove: bool


def powers_of(office: Office, login: str) -> Powers:
    """What the list offers to this person."""
    with office.database.read() as connection:
        return _powers(connection, login)


def _powers(connection: Connection, login: str) -> Powers:
    actor = actor_named(connection, login)
    roles = actor.everywhere.union(*actor.of_units.values())
    return Powers(share=bool(roles & DECIDING), remove=bool(actor.everywhere & BUREAU))


def list_views(office: Office, login: str) -> list[SavedView]:
    """A person's own views and the shared ones, by name."""
    with office.database.read() as connection:
        return views.of_person(connection, login)


def start_view(office: Office, login: str) -> SavedView | None:
    """The view with which this person's list begins; None: with everything."""
    with office.database.read() as connection:
        return views.start_of(connection, login)


def save_view(
    office: Office,
    name: str,
    query: str,
    *,
    by: str,
    now: datetime,
    shared: bool = False,
    starts: bool = False,
) -> SavedView:
    """Keep `query` under `name`; one's own view of that name is replaced.

    Raises RectifyError, and ForbiddenError for sharing by a unit's own people.
    """
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise RectifyError(f"视图须有名称，不超过 {_LONGEST_NAME} 字")
    if len(query) > _LONGEST_QUERY:
        raise RectifyError("筛选条件过长，无法保存为视图")
    values: dict[str, object] = {"name": name, "query": query, "shared": shared, "starts": starts}
    with office.database.write() as connection:
        _require_sharing(connection, by, shared=shared)
        views.drop_deleted(connection, now - _KEPT)
        own = [each for each in views.of_person(connection, by) if each.owner == by]
        before = next((each for each in own if each.name == name), None)
        if before is None and len(own) >= _MOST:
            raise RectifyError(f"每人最多保存 {_MOST} 个视图，请先删除不用的")
        if starts:
            views.start_with_none(connection, by)
        if before is None:
            view_id = views.add(connection, owner=by, created_at=now, **values)
        else:
            view_id = before.id
            views.set_columns(connection, view_id, **values)
        return _within_power(connection, view_id, by)


def delete_view(office: Office, view_id: int, *, by: str, now: datetime) -> SavedView:
    """Raises NotFoundError, and ForbiddenError for somebody else's that is not `by`'s to remove."""
    with office.database.write() as connection:
        _within_power(connection, view_id, by)
        views.set_columns(connection, view_id, deleted_at=now)
        return _within_power(connection, view_id, by)


def restore_view(office: Office, view_id: int, *, by: str) -> SavedView:
    """Bring back what was deleted a while ago; raises NotFoundError when it is gone for good.

    Raises ForbiddenError like `delete_view` and, of a shared one, like `save_view`.
    """
    with office.database.write() as connection:
        found = _within_power(connection, view_id, by)
        _require_sharing(connection, by, shared=found.shared)
        if found.starts:
            # another was chosen meanwhile, or this one still is
            views.start_with_none(connection, found.owner)
            views.set_columns(connection, view_id, starts=True)
        views.set_columns(connection, view_id, deleted_at=None)
        return _within_power(connection, view_id, by)


def _require_sharing(connection: Connection, by: str, *, shared: bool) -> None:
    if shared and not _powers(connection, by).share:
        raise ForbiddenError("视图由审批局、分管领导共享；您可以保存为自己的视图")


def _within_power(connection: Connection, view_id: int, by: str) -> SavedView:
    found = views.by_id(connection, view_id)
    if found is None:
        raise NotFoundError("没有这个视图，可能已删除")
    if found.owner == by or (found.shared and _powers(connection, by).remove):
        return found
    allowed = "本人或全市的工作人员、管理员" if found.shared else "本人"
    raise ForbiddenError(f"视图“{found.name}”由{found.owner}保存，只能由{allowed}删除")
