"""Saved views of the list: one's own and those shared with all, kept, deleted, and brought back.

Must never keep more than filters, order and columns: a view shows everybody what they may see themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tracker.domain.errors import ForbiddenError, NotFoundError, RectifyError
from tracker.services.office import Office
from tracker.store import Connection, views
from tracker.store.views import SavedView

_KEPT = timedelta(days=1)  # how long a deleted view can be brought back
_LONGEST_NAME, _LONGEST_QUERY, _MOST = 60, 4000, 50


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
    """Keep `query` under `name`; one's own view of that name is replaced. Raises RectifyError."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise RectifyError(f"视图须有名称，不超过 {_LONGEST_NAME} 字")
    if len(query) > _LONGEST_QUERY:
        raise RectifyError("筛选条件过长，无法保存为视图")
    values: dict[str, object] = {"name": name, "query": query, "shared": shared, "starts": starts}
    with office.database.write() as connection:
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
        return _own(connection, view_id, by)


def delete_view(office: Office, view_id: int, *, by: str, now: datetime) -> SavedView:
    """Raises NotFoundError, and ForbiddenError for somebody else's."""
    with office.database.write() as connection:
        _own(connection, view_id, by)
        views.set_columns(connection, view_id, deleted_at=now)
        return _own(connection, view_id, by)


def restore_view(office: Office, view_id: int, *, by: str) -> SavedView:
    """Bring back what was deleted a while ago; raises NotFoundError when it is gone for good."""
    with office.database.write() as connection:
        if _own(connection, view_id, by).starts:
            views.start_with_none(connection, by)  # another was chosen meanwhile, or this one still is
            views.set_columns(connection, view_id, starts=True)
        views.set_columns(connection, view_id, deleted_at=None)
        return _own(connection, view_id, by)


def _own(connection: Connection, view_id: int, by: str) -> SavedView:
    found = views.by_id(connection, view_id)
    if found is None:
        raise NotFoundError("没有这个视图，可能已删除")
    if found.owner != by:
        raise ForbiddenError(f"视图“{found.name}”由{found.owner}保存，只能由本人删除")
    return found
