"""By which channels somebody is reached: the wanted ones, else the usual one, else the sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.services.conftest import PHONE, ROBOT, City
from tests.services.scenes import know
from tracker.domain.ladders import Audience
from tracker.services.recipients import Recipient, recipient_of
from tracker.services.routing import Routes
from tracker.store import contacts, endpoints

MAIL = "sunlian@yunlan.example"
Ways = list[tuple[str, int]]


def ways(city: City, wanted: tuple[str, ...] = (), fail_over: tuple[str, ...] = ()) -> Ways:
    """Channel and rank of each way to the one contact on file, or to nobody."""
    with city.office.database.read() as connection:
        people = [recipient_of(each) for each in contacts.find(connection)]
        [recipient] = people or [Recipient(1, "市民政局", Audience.CONTACT, None)]
        found = Routes(connection, city.office).of(recipient, wanted, fail_over)
    return [(way.notifier.channel, way.rank) for way in found]


def disable(city: City, channel: str, address: str) -> None:
    with city.office.database.write() as connection:
        known = endpoints.register(connection, {(channel, address): "…"}, city.clock())
        endpoints.disable(connection, known.values(), "停用", city.clock(), by="经办")


@pytest.fixture
def everything(city: City) -> City:
    """A contact whom every channel reaches."""
    know(city.office, f"市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},{MAIL}")
    return city


@pytest.mark.parametrize(
    ("wanted", "fail_over", "found"),
    [
        ((), (), [("wecom_robot", 0)]),
        (("sms",), (), [("sms", 0)]),
        (("email", "sms"), (), [("email", 0), ("sms", 0)]),
        (("wecom_app", "sms"), (), [("sms", 0)]),  # a channel that is not set up
        (("wecom_app",), (), [("wecom_robot", 0)]),
        ((), ("sms",), [("wecom_robot", 0), ("sms", 1)]),
        ((), ("email", "sms"), [("wecom_robot", 0), ("email", 1), ("sms", 2)]),
        (("sms",), ("sms", "email"), [("sms", 0), ("email", 1)]),  # what goes at once is no reserve
        ((), ("dingtalk", "sms"), [("wecom_robot", 0), ("sms", 1)]),
        (("sandbox",), (), [("sandbox", 0)]),
    ],
)
def test_the_wanted_channels_in_their_order_then_the_reserve_in_its_own(
    everything: City, wanted: tuple[str, ...], fail_over: tuple[str, ...], found: Ways
) -> None:
    assert ways(everything, wanted, fail_over) == found


def test_the_usual_channel_is_the_first_of_the_office_that_reaches(everything: City) -> None:
    office = everything.office
    order = ("email", "sms", "wecom_robot", "sandbox")
    everything.opened[0] = replace(office, channels={name: office.channels[name] for name in order})
    assert ways(everything) == [("email", 0)]


@pytest.mark.parametrize(
    ("dead", "found"),
    [
        ([("wecom_robot", ROBOT)], [("sms", 0)]),
        ([("wecom_robot", ROBOT), ("sms", PHONE)], [("email", 0)]),
        ([("wecom_robot", ROBOT), ("sms", PHONE), ("email", MAIL)], [("sandbox", 0)]),
        ([("sms", ROBOT)], [("wecom_robot", 0), ("sms", 1)]),  # the same words on another channel
        ([("sms", PHONE)], [("wecom_robot", 0)]),
    ],
)
def test_an_address_that_is_disabled_is_no_way(
    everything: City, dead: list[tuple[str, str]], found: Ways
) -> None:
    for channel, address in dead:
        disable(everything, channel, address)
    assert ways(everything, (), ("sms",)) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"市民政局,孙联,联络员,{PHONE},,,", [("sms", 0)]),
        (f"市民政局,孙联,联络员,,,,{MAIL}", [("email", 0)]),
        ("市民政局,孙联,联络员,,sunlian,,", [("sandbox", 0)]),  # the app is not set up
        ("市民政局,孙联,联络员,,,,", [("sandbox", 0)]),
    ],
)
def test_who_is_not_reached_by_anything_is_told_in_the_sandbox(city: City, line: str, found: Ways) -> None:
    know(city.office, line)
    assert ways(city, ("wecom_robot",), ()) == found


def test_nobody_to_tell_means_the_sandbox_whatever_is_wanted(city: City) -> None:
    assert ways(city, ("sms", "email"), ("wecom_robot",)) == [("sandbox", 0)]
