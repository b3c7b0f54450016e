"""Changing the key while the office is at work: nothing is lost, and a run that was cut off goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.services.conftest import PHONE, ROBOT, City
from tests.services.scenes import know
from tests.support import default_settings, shipped_rules
from tracker.bootstrap import build_channels
from tracker.domain.errors import ConfigError, StoreError
from tracker.services import secrets
from tracker.services.contacts import list_contacts
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.store import Database
from tracker.store.vault import Vault

OLD, NEW, OTHER = secrets.new_key(), secrets.new_key(), secrets.new_key()
ALL = {"account": 0, "contact": 1, "endpoint": 4, "message": 4}


@pytest.fixture
def city(city: City) -> City:
    """With a contact, addresses and messages, sealed with the old key."""
    city.key = OLD
    city.opened.insert(0, city.open())
    know(city.office, f"市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},")
    city.remind()
    return city


def keyed(city: City, *keys: str) -> Office:
    """The same office, as a process with these keys sees it."""
    channels = build_channels(default_settings())
    made = Office(Database(city.url, vault=Vault(keys)), shipped_rules(), channels, ())
    city.opened.append(made)
    return made


def phone(office: Office) -> str | None:
    return list_contacts(office)[0].phone


def test_a_rotation_seals_everything_with_the_new_key(city: City) -> None:
    assert secrets.rotate(keyed(city, NEW, OLD)) == ALL
    assert phone(keyed(city, NEW)) == PHONE
    with pytest.raises(StoreError):
        phone(keyed(city, OLD))
    assert secrets.rotate(keyed(city, NEW)) == dict.fromkeys(ALL, 0)


class CutOffError(Exception):
    """The power fails."""


def test_a_rotation_that_was_cut_off_goes_on_where_it_stopped(city: City) -> None:
    def cut_off(_table: str, _count: int) -> None:
        raise CutOffError

    both = keyed(city, NEW, OLD)
    with pytest.raises(CutOffError):
        secrets.rotate(both, cut_off)
    assert phone(both) == PHONE  # the office is at work meanwhile
    deliver(replace(both, channels=city.office.channels), city.clock)
    assert len(city.wecom.delivered) == 1
    assert secrets.rotate(both) == ALL | {"contact": 0}
    assert phone(keyed(city, NEW)) == PHONE


def test_an_address_is_found_again_after_its_key_was_changed(city: City) -> None:
    secrets.rotate(keyed(city, NEW, OLD))
    city.key = NEW
    city.opened.insert(0, city.open())
    city.clock.set("2021-07-28 09:00")
    city.remind()
    robots = {each.endpoint_id for each in city.to("市民政局 孙联") if each.channel == "wecom_robot"}
    assert len(robots) == 1


def test_rotation_tells_of_each_batch(city: City) -> None:
    told: list[tuple[str, int]] = []
    secrets.rotate(keyed(city, NEW, OLD), lambda table, count: told.append((table, count)))
    assert told == [(name, count) for name, count in ALL.items() if count]


def test_a_key_that_is_missing_stops_the_rotation_and_changes_nothing(city: City) -> None:
    with pytest.raises(StoreError, match="TRACKER_SECRET_KEY 缺失或不是加密时用的密钥"):
        secrets.rotate(keyed(city, NEW, OTHER))
    assert phone(keyed(city, OLD)) == PHONE


def test_without_a_key_there_is_nothing_to_rotate_to(city: City) -> None:
    with pytest.raises(ConfigError, match="未设置 TRACKER_SECRET_KEY"):
        secrets.rotate(keyed(city))


def test_each_new_key_is_another_one_and_opens_what_it_sealed() -> None:
    one, two = secrets.new_key(), secrets.new_key()
    assert one != two
    assert Vault([one]).open(Vault([one]).seal(b"13800000001")) == b"13800000001"
