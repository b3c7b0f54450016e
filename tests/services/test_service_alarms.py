"""When somebody cannot be reached: the bureau is told once, by another way, and the rest goes another way."""

from __future__ import annotations

from functools import partial

import pytest

from tests.services.conftest import PHONE, PHONE_2, PHONE_3, ROBOT, ROBOT_2, ROBOT_3, City
from tests.services.scenes import at_once, know, messages, put
from tracker.services import contacts
from tracker.services.deliver import deliver
from tracker.store import endpoints, pauses
from tracker.store.endpoints import Endpoint
from tracker.store.outbox import StoredMessage

CIVIL, EDU, BUREAU = "市民政局 孙联（联络员）", "市教育局 李联（联络员）", "市行政审批局 何办（审批局）"


def alarms(city: City) -> list[StoredMessage]:
    return [each for each in messages(city.office) if each.kind == "alarm"]


def disabled(city: City) -> list[Endpoint]:
    with city.office.database.read() as connection:
        return [each for each in endpoints.listing(connection) if each.disabled_at]


def resting(city: City) -> list[str]:
    with city.office.database.read() as connection:
        return [each.channel for each in pauses.pauses(connection) if each.until > city.clock()]


@pytest.fixture
def city(city: City) -> City:
    """Two contacts with robots of their own, and somebody at the bureau."""
    know(
        city.office,
        f"市民政局,孙联,联络员,,sunlian,{ROBOT},",
        f"市教育局,李联,联络员,{PHONE_2},lilian,{ROBOT_2},",
        f"市行政审批局,何办,审批局,{PHONE_3},heban,{ROBOT_3},",
    )
    return city


def test_a_dead_robot_is_used_no_more_and_the_bureau_told_once_by_another_channel(city: City) -> None:
    city.wecom.remove_robot(ROBOT)
    city.remind()
    city.deliver()
    [dead] = disabled(city)
    assert (dead.channel, "93000" in (dead.reason or "")) == ("wecom_robot", True)
    assert city.ways(EDU) == [("wecom_robot", "accepted")]
    [alarm] = alarms(city)
    assert (alarm.recipient, alarm.channel, alarm.state) == (BUREAU, "sms", "accepted")
    [told] = city.gateway.captured
    assert (told.phone, "市民政局联络员" in told.content) == (PHONE_3, True)
    for _ in range(3):
        city.clock.advance(minutes=10)
        city.deliver()
    assert len(alarms(city)) == 1
    assert [seen.key for seen in city.wecom.captured].count(ROBOT) == 1


def test_without_another_channel_the_bureau_is_told_by_the_same_at_another_address(city: City) -> None:
    know(city.office, f"市行政审批局,何办,审批局,,heban,{ROBOT_3},")
    city.wecom.remove_robot(ROBOT)
    city.remind()
    city.deliver()
    [alarm] = alarms(city)
    assert (alarm.channel, alarm.state) == ("wecom_robot", "accepted")
    [told] = [seen for seen in city.wecom.delivered if alarm.serial in seen.content]
    assert told.key == ROBOT_3


def test_the_bureau_is_not_told_of_a_dead_address_by_that_very_address(city: City) -> None:
    know(city.office, f"市行政审批局,何办,审批局,,heban,{ROBOT},")
    city.wecom.remove_robot(ROBOT)
    city.remind()
    city.deliver()
    [alarm] = alarms(city)
    assert (alarm.channel, alarm.state) == ("sandbox", "accepted")
    assert len(city.wecom.captured) == 2  # the call that was refused, and 市教育局's


def test_what_waits_for_a_dead_address_goes_another_way(city: City) -> None:
    """Reminders are planned anew; the robot itself gets nothing more."""
    know(city.office, f"市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},")
    put(city.office, city.clock(), ROBOT, ["先发的一条"])
    city.remind()
    city.wecom.remove_robot(ROBOT)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "superseded"), ("sms", "accepted")]


def test_a_reminder_without_another_way_is_planned_anew_for_the_sandbox(city: City) -> None:
    put(city.office, city.clock(), ROBOT, ["先发的一条"])
    city.remind()
    city.wecom.remove_robot(ROBOT)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "superseded")]
    [again] = city.remind().planned
    assert (again.recipient, again.channel, again.numbers) == (CIVIL, "sandbox", (6,))


def test_what_waits_for_others_stays_where_it_is(city: City) -> None:
    know(city.office, f"市教育局,李联,联络员,{PHONE_2},lilian,{ROBOT_2},li@yunlan.example")
    city.remind()
    put(city.office, city.clock(), ROBOT, ["先发的一条"])
    city.wecom.inject(ROBOT_2, 45009)
    city.wecom.remove_robot(ROBOT)
    city.deliver()
    assert city.ways(EDU) == [("wecom_robot", "pending")]


def test_a_second_failure_of_a_dead_address_is_no_second_alarm(city: City) -> None:
    city.wecom.remove_robot(ROBOT)
    city.remind()
    city.deliver()
    put(city.office, city.clock(), ROBOT, ["后来的一条"])
    city.clock.advance(minutes=10)
    city.deliver()
    assert len(alarms(city)) == 1
    assert [seen.key for seen in city.wecom.captured].count(ROBOT) == 1


def test_an_address_that_fails_again_after_it_was_enabled_is_a_new_alarm(city: City) -> None:
    city.wecom.remove_robot(ROBOT)
    city.remind()
    city.deliver()
    city.clock.advance(minutes=10)
    [dead] = disabled(city)
    with city.office.database.write() as connection:
        endpoints.enable(connection, dead.id, city.clock())
    put(city.office, city.clock(), ROBOT, ["恢复后的一条"])
    city.deliver()
    assert [each.state for each in alarms(city)] == ["accepted", "accepted"]
    assert [each.id for each in disabled(city)] == [dead.id]


def test_two_processes_tell_of_one_trouble_once(city: City) -> None:
    offices = [city.office, *(city.open() for _ in range(3))]
    city.wecom.remove_robot(ROBOT)
    city.remind()
    done = at_once(*(partial(deliver, office, city.clock) for office in offices))
    assert not [each for each in done if isinstance(each, Exception)]
    city.deliver()
    assert [each.state for each in alarms(city)] == ["accepted"]


def test_several_troubles_are_one_alarm(city: City) -> None:
    city.wecom.remove_robot(ROBOT)
    city.wecom.remove_robot(ROBOT_2)
    city.remind()
    city.deliver()
    [alarm] = alarms(city)
    assert alarm.reason == "2处无法送达"
    assert len(city.gateway.captured) == 1


def test_at_night_the_alarm_waits_for_the_morning(city: City) -> None:
    with city.office.database.write() as connection:
        known = endpoints.register(connection, {("wecom_robot", ROBOT): "key=inve…0001"}, city.clock())
        endpoints.disable(connection, known.values(), "机器人密钥无效", city.clock())
    city.clock.set("2021-07-27 19:00")
    city.deliver()
    assert [each.state for each in alarms(city)] == ["pending"]
    city.clock.set("2021-07-28 08:30")
    city.deliver()
    assert [each.state for each in alarms(city)] == ["accepted"]


def test_a_city_without_a_bureau_sends_no_alarm_and_goes_on(city: City) -> None:
    contacts.remove_contact(city.office, "市行政审批局", "何办", now=city.clock())
    city.wecom.remove_robot(ROBOT)
    city.remind()
    done = city.deliver()
    assert (done.failed, done.pending) == (1, 0)
    assert alarms(city) == []
    with city.office.database.read() as connection:
        assert endpoints.unalarmed(connection) == []


@pytest.mark.parametrize("errcode", [60020, 301002])
def test_a_channel_that_refuses_everything_rests_and_no_message_fails(city: City, errcode: int) -> None:
    city.remind()
    city.wecom.inject(ROBOT, errcode)
    city.wecom.inject(ROBOT_2, errcode)
    city.deliver()
    assert city.ways(CIVIL) == city.ways(EDU) == [("wecom_robot", "pending")]
    assert (resting(city), disabled(city)) == (["wecom_robot"], [])
    [alarm] = alarms(city)
    assert (alarm.channel, alarm.state) == ("sms", "accepted")
    tries = len(city.wecom.captured)
    city.clock.advance(minutes=29, seconds=59)
    city.deliver()
    assert len(city.wecom.captured) == tries
    city.clock.advance(seconds=1)
    city.deliver()
    assert city.ways(CIVIL) == city.ways(EDU) == [("wecom_robot", "accepted")]
    assert resting(city) == []
    with city.office.database.read() as connection:
        assert pauses.pauses(connection) == []
    assert len(alarms(city)) == 1


def test_a_channel_that_goes_on_refusing_is_one_trouble_and_a_later_one_another(city: City) -> None:
    city.remind()
    city.wecom.inject(ROBOT, 60020, times=6)
    city.wecom.inject(ROBOT_2, 60020, times=6)
    for _ in range(11):  # both at first, then one message after each rest
        city.deliver()
        city.clock.advance(minutes=30)
    assert city.ways(CIVIL) == city.ways(EDU) == [("wecom_robot", "pending")]
    assert len(alarms(city)) == 1
    city.clock.advance(minutes=30)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "accepted")]
    city.wecom.inject(ROBOT, 60020)
    put(city.office, city.clock(), ROBOT, ["又一条"])
    city.deliver()
    assert len(alarms(city)) == 2


def test_a_message_that_has_waited_long_for_its_channel_is_still_tried_again_after_that(city: City) -> None:
    """The channel's refusals are none of the message's own tries."""
    put(city.office, city.clock(), ROBOT, ["一条"])
    city.wecom.inject(ROBOT, 60020, times=9)
    city.wecom.inject(ROBOT, 45033)
    for _ in range(10):
        city.deliver()
        city.clock.advance(minutes=30)
    [message] = [each for each in messages(city.office) if each.serial == "一条"]
    assert message.state == "pending"
    city.deliver()
    assert "一条" in [seen.content for seen in city.wecom.delivered]


def test_a_gateway_without_money_rests_and_the_bureau_hears_of_it_by_its_robot(city: City) -> None:
    put(city.office, city.clock(), PHONE, ["一条短信"], channel="sms")
    city.gateway.refuse_with = "NoBalance"
    city.deliver()
    assert resting(city) == ["sms"]
    [alarm] = alarms(city)
    assert (alarm.channel, alarm.state) == ("wecom_robot", "accepted")
