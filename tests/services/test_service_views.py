"""Saved views: one's own and the shared ones, replaced by name, deleted and brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.services.scenes import know
from tests.support import take_in
from tracker.domain.errors import ForbiddenError, NotFoundError, RectifyError
from tracker.services.views import (
    delete_view,
    list_views,
    powers_of,
    restore_view,
    save_view,
    start_view,
)
from tracker.store import views as stored

QUERY = "state=submitted&sort=due"


def names(office, login):
    return [view.name for view in list_views(office, login)]


def test_ones_own_views_are_seen_by_oneself_and_the_shared_ones_by_all(office, now):
    save_view(office, " 本周  到期 ", QUERY, by="甲", now=now)
    save_view(office, "大家的", QUERY, by="甲", now=now, shared=True)
    assert set(names(office, "甲")) == {"本周 到期", "大家的"}
    assert names(office, "乙") == ["大家的"]


def test_a_view_of_the_same_name_replaces_ones_own_and_nobody_elses(office, now):
    first = save_view(office, "到期", QUERY, by="甲", now=now)
    again = save_view(office, "到期", "overdue=true", by="甲", now=now)
    other = save_view(office, "到期", QUERY, by="乙", now=now)
    assert (again.id, again.query) == (first.id, "overdue=true")
    assert other.id != first.id
    assert names(office, "甲") == ["到期"]


def test_a_list_begins_with_one_view_at_most(office, now):
    assert start_view(office, "甲") is None
    save_view(office, "一", QUERY, by="甲", now=now, starts=True, shared=True)
    save_view(office, "二", QUERY, by="甲", now=now, starts=True)
    assert start_view(office, "甲").name == "二"
    assert [view.starts for view in list_views(office, "甲") if view.name == "一"] == [False]
    assert start_view(office, "乙") is None


def test_a_deleted_view_can_be_brought_back_for_a_day(office, now):
    view = save_view(office, "到期", QUERY, by="甲", now=now, starts=True)
    delete_view(office, view.id, by="甲", now=now)
    assert names(office, "甲") == []
    assert start_view(office, "甲") is None
    assert restore_view(office, view.id, by="甲").deleted_at is None
    assert start_view(office, "甲").id == view.id
    delete_view(office, view.id, by="甲", now=now)
    save_view(office, "别的", QUERY, by="甲", now=now + timedelta(days=2))
    with pytest.raises(NotFoundError):
        restore_view(office, view.id, by="甲")


def test_nobody_deletes_or_brings_back_what_another_saved(office, now):
    view = save_view(office, "甲的", QUERY, by="甲", now=now)
    with pytest.raises(ForbiddenError, match="由甲保存，只能由本人删除"):
        delete_view(office, view.id, by="乙", now=now)
    delete_view(office, view.id, by="甲", now=now)
    with pytest.raises(ForbiddenError):
        restore_view(office, view.id, by="乙")


@pytest.fixture
def peopled(office, now):
    """李联 is a unit's contact, 冯管 of a district's bureau; 甲 is the city's staff."""
    take_in(office, now)
    know(
        office,
        "市教育局,李联,联络员,13800000001,,,",
        "澜东区,冯管,审批局,13800000006,,,",
        "市行政审批局,钱管,审批局,13800000004,,,",
        "市行政审批局,郑组,领导小组,13800000005,,,",
    )
    return office


def test_a_units_own_people_keep_views_and_share_none(peopled, now):
    assert not powers_of(peopled, "李联").share
    with pytest.raises(ForbiddenError, match="可以保存为自己的视图"):
        save_view(peopled, "请加微信", QUERY, by="李联", now=now, shared=True)
    assert names(peopled, "甲") == []
    assert save_view(peopled, "本单位", QUERY, by="李联", now=now).owner == "李联"
    for by in ("甲", "冯管", "郑组"):
        assert powers_of(peopled, by).share
        save_view(peopled, f"{by}的", QUERY, by=by, now=now, shared=True)
    assert set(names(peopled, "李联")) == {"本单位", "甲的", "冯管的", "郑组的"}


def test_the_citys_bureau_removes_what_anybody_shares_and_may_take_that_back(peopled, now):
    view = save_view(peopled, "各区", QUERY, by="冯管", now=now, shared=True, starts=True)
    for by in ("李联", "郑组"):
        assert not powers_of(peopled, by).remove
        with pytest.raises(ForbiddenError, match="由冯管保存"):
            delete_view(peopled, view.id, by=by, now=now)
    delete_view(peopled, view.id, by="钱管", now=now)
    assert names(peopled, "甲") == []
    restore_view(peopled, view.id, by="钱管")
    assert start_view(peopled, "冯管").id == view.id
    assert start_view(peopled, "钱管") is None


def test_what_a_units_contact_once_shared_stays_away_when_it_is_removed(peopled, now):
    view = save_view(peopled, "请加微信", QUERY, by="李联", now=now)
    with peopled.database.write() as connection:  # as it was possible before
        stored.set_columns(connection, view.id, shared=True)
    delete_view(peopled, view.id, by="钱管", now=now)
    with pytest.raises(ForbiddenError):
        restore_view(peopled, view.id, by="李联")
    assert names(peopled, "甲") == []


@pytest.mark.parametrize(
    ("name", "query"),
    [("  ", QUERY), ("长" * 61, QUERY), ("长", "q=" + "x" * 4000)],
    ids=["no name", "long name", "long query"],
)
def test_what_makes_no_view_is_refused(office, now, name, query):
    with pytest.raises(RectifyError):
        save_view(office, name, query, by="甲", now=now)
    assert names(office, "甲") == []
