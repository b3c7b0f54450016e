"""A new link in place of one that is over: to its owner's own addresses, and not too often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.services.conftest import PHONE, ROBOT, City
from tests.services.scenes import know
from tracker.domain.lifecycle import Event
from tracker.services import advance, links, new_link
from tracker.store import contacts
from tracker.store.links import StoredLink

CIVIL = "市民政局"  # items 6 and 7


@pytest.fixture
def link(city: City) -> StoredLink:
    """A link of 孙联, who has a telephone; made a day ago."""
    know(city.office, f"{CIVIL},孙联,联络员,{PHONE},,,")
    with city.office.database.write() as connection:
        [contact] = contacts.find(connection)
        address = links.issue(connection, city.office, contact, city.clock() - timedelta(days=1))
    found = links.examine(city.office, str(address).rpartition("/")[2])
    assert found is not None
    return found


def test_it_goes_to_the_owners_own_telephone_and_opens_the_items(city: City, link: StoredLink) -> None:
    assert new_link.send_new_link(city.office, link, now=city.clock())
    city.deliver()
    assert [(each.channel, each.state) for each in city.to(f"{CIVIL} 孙联")] == [("sms", "accepted")]
    [sent] = city.gateway.captured
    assert "您申请的新链接" in str(sent)
    assert "/t/" in str(sent)
    assert links.list_links(city.office)[0].contact_id == link.contact_id


def test_by_night_too_because_somebody_waits_for_it(city: City, link: StoredLink) -> None:
    city.clock.set("2021-07-28 23:00")
    new_link.send_new_link(city.office, link, now=city.clock())
    assert [each.send_after for each in city.to(CIVIL)] == [city.clock()]


def test_not_again_within_minutes_and_not_too_often_a_day(city: City, link: StoredLink) -> None:
    sent = []
    for minutes in (0, 1, 9, 11, 22, 33, 44, 55, 60 * 24):
        now = city.clock() + timedelta(minutes=minutes)
        sent.append(new_link.send_new_link(city.office, link, now=now))
    assert sent == [True, False, False, True, True, True, True, False, True]
    assert len(city.to(CIVIL)) == 6


def test_nobody_is_told_where_nothing_is_unfinished_or_the_owner_has_left(
    city: City, link: StoredLink
) -> None:
    advance.perform(city.office, Event.WITHDRAW, [6, 7], by="审批局核验员", now=city.clock(), reason="不属实")
    assert not new_link.send_new_link(city.office, link, now=city.clock())
    advance.perform(city.office, Event.REOPEN, [6], by="审批局核验员", now=city.clock(), reason="复查")
    with city.office.database.write() as connection:
        contacts.remove(connection, [link.contact_id])
    assert not new_link.send_new_link(city.office, link, now=city.clock())
    assert city.to(CIVIL) == []


def test_a_group_reads_no_link_along(city: City, link: StoredLink) -> None:
    """A robot's group is nobody's own address: its message bears the address of the pages alone."""
    know(city.office, f"{CIVIL},孙联,联络员,,,{ROBOT},")
    old = len(links.list_links(city.office))
    new_link.send_new_link(city.office, link, now=city.clock())
    assert len(links.list_links(city.office)) == old
