"""The next way of a letter: when it goes, when it does not, and never two at once."""

from __future__ import annotations

from functools import partial

import pytest

from notifiers.base import Letter
from tests.fakes.http_server import Fault
from tests.services.conftest import PHONE, ROBOT, City
from tests.services.scenes import at_once, know
from tracker.services.deliver import deliver
from tracker.services.sender import LEASE
from tracker.services.unknowns import Decision, decide
from tracker.store import claiming, endpoints, outbox, settling
from tracker.store.outbox import NewMessage

CIVIL = "市民政局 孙联（联络员）"
MAIL = "sunlian@yunlan.example"


def write(city: City, *parts: tuple[str, str, int]) -> None:
    """One letter of other kind than a reminder: channel, address and rank of each of its parts."""
    new = []
    for n, (channel, address, rank) in enumerate(parts, start=1):
        notifier = city.office.channels[channel]
        [payload] = notifier.compose(Letter(f"第{n}部分", serial="R-20210727-0099", subject="催办"))
        new.append(
            NewMessage(
                dedup=f"part {n}",
                letter="one letter",
                serial=f"R-20210727-0099/{n}",
                kind="nudge",
                recipient=CIVIL,
                channel=channel,
                address=address,
                hint=notifier.hint(address),
                text=f"第{n}部分",
                payload=payload,
                reason="催办",
                send_after=city.clock(),
                rank=rank,
            )
        )
    with city.office.database.write() as connection:
        outbox.enqueue(connection, new, city.clock())


def test_what_the_robot_refuses_goes_by_short_message_at_once_under_the_same_serial(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, 40058)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "failed"), ("sms", "accepted")]
    robot, sms = reached.to(CIVIL)
    assert robot.serial == sms.serial
    [captured] = reached.gateway.captured
    assert (captured.phone, robot.serial in captured.content) == (PHONE, True)


def test_what_a_dead_robot_refuses_goes_by_short_message_at_once_too(reached: City) -> None:
    reached.wecom.remove_robot(ROBOT)
    reached.remind()
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "failed"), ("sms", "accepted")]
    assert reached.remind().planned == ()
    reached.deliver()
    assert len(reached.gateway.captured) == 1


def test_a_passing_trouble_is_waited_for_and_a_lasting_one_is_not(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.HTTP_502, times=99)
    for _ in range(6):
        reached.deliver()
        assert reached.ways(CIVIL) == [("wecom_robot", "pending"), ("sms", "standby")]
        reached.clock.advance(minutes=4, seconds=59)
    reached.clock.advance(seconds=6)  # thirty minutes since the first try
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "superseded"), ("sms", "accepted")]
    tries = len(reached.wecom.captured)
    reached.clock.advance(hours=3)
    reached.deliver()
    assert (len(reached.wecom.captured), len(reached.gateway.captured)) == (tries, 1)


def test_an_unknown_outcome_is_waited_for_and_stays_unknown(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    reached.clock.advance(minutes=29, seconds=59)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "standby")]
    reached.clock.advance(seconds=1)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "accepted")]
    assert len(reached.wecom.captured) == 1


def test_what_the_robot_has_accepted_needs_no_short_message(reached: City) -> None:
    reached.remind()
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "accepted"), ("sms", "superseded")]
    assert reached.to(CIVIL)[1].error == "首选渠道已受理，备用渠道不再发"
    reached.clock.advance(hours=5)
    reached.deliver()
    assert reached.gateway.captured == []


def test_staff_who_have_seen_it_arrive_spare_the_short_message(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    decide(reached.office, [reached.to(CIVIL)[0].id], Decision.ACCEPTED, by="经办", now=reached.clock())
    reached.clock.advance(hours=1)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "accepted"), ("sms", "superseded")]


def test_a_letter_whose_later_parts_do_not_arrive_goes_another_way_as_a_whole(city: City) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1))
    city.wecom.inject(ROBOT, 93000)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "failed"), ("wecom_robot", "superseded"), ("sms", "accepted")]
    assert len(city.wecom.captured) == 1


def test_a_letter_of_parts_needs_no_other_way_when_all_of_them_are_accepted(city: City) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1))
    city.deliver()
    assert city.ways(CIVIL) == [
        ("wecom_robot", "accepted"),
        ("wecom_robot", "accepted"),
        ("sms", "superseded"),
    ]


@pytest.mark.parametrize("fault", [40058, Fault.ACCEPT_THEN_DROP])
def test_the_third_way_rests_when_the_second_has_carried(city: City, fault: Fault | int) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1), ("email", MAIL, 2))
    city.wecom.inject(ROBOT, fault)
    for _ in range(3):
        city.deliver()
        city.clock.advance(minutes=31)
    assert city.ways(CIVIL)[1:] == [("sms", "accepted"), ("email", "superseded")]
    assert city.mail.mails == []


def test_each_way_has_its_time_before_the_next(city: City) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1), ("email", MAIL, 2))
    city.wecom.inject(ROBOT, 40058)
    city.gateway.refuse_with = "Busy"
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "failed"), ("sms", "pending"), ("email", "standby")]
    city.clock.advance(minutes=29)
    city.deliver()
    assert city.ways(CIVIL)[1:] == [("sms", "pending"), ("email", "standby")]
    city.clock.advance(minutes=1)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "failed"), ("sms", "superseded"), ("email", "accepted")]


def test_a_way_that_was_disabled_meanwhile_is_passed_over(city: City) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1), ("email", MAIL, 2))
    with city.office.database.write() as connection:
        [sms] = [each.id for each in endpoints.listing(connection) if each.channel == "sms"]
        endpoints.disable(connection, [sms], "停机", city.clock(), by="经办")
    city.wecom.inject(ROBOT, 40058)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "failed"), ("sms", "superseded"), ("email", "accepted")]


def test_a_reminder_that_has_perhaps_arrived_does_not_come_again_the_next_morning(reached: City) -> None:
    """Its short message would say "one day late" when it is two; today's planning says so itself."""
    reached.clock.set("2021-07-27 17:50")
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    reached.clock.set("2021-07-27 20:00")
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "standby")]
    reached.clock.set("2021-07-28 08:30")
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "superseded")]
    reached.clock.set("2021-07-28 09:00")
    reached.remind()
    reached.deliver()
    assert reached.ways(CIVIL)[2:] == [("wecom_robot", "accepted"), ("sms", "superseded")]
    assert reached.gateway.captured == []


def test_a_reminder_that_surely_did_not_arrive_is_said_anew_the_next_morning(reached: City) -> None:
    reached.clock.set("2021-07-27 17:50")
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.HTTP_502, times=3)
    for moment in ("2021-07-27 17:51", "2021-07-27 17:55", "2021-07-27 18:30", "2021-07-28 08:30"):
        reached.clock.set(moment)
        reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "superseded"), ("sms", "superseded")]
    assert reached.gateway.captured == []
    reached.clock.set("2021-07-28 09:00")
    [planned] = [each for each in reached.remind().planned if each.recipient == CIVIL]
    assert planned.numbers == (6, 7)
    assert "并入此前未能发出的提醒" in planned.reason


def test_other_letters_go_their_other_way_the_next_working_morning(city: City) -> None:
    city.clock.set("2021-07-27 17:50")
    write(city, ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1))
    city.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    city.deliver()
    city.clock.set("2021-07-27 20:00")
    city.deliver()
    assert city.gateway.captured == []
    city.clock.set("2021-07-28 08:30")
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "accepted")]


def test_a_call_under_way_is_waited_for(city: City) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1))
    city.clock.advance(minutes=40)
    with city.office.database.write() as connection:
        [claimed] = claiming.claim(
            connection, city.clock(), LEASE, {}, most=1, channels={"wecom_robot", "sms", "sandbox"}
        )
        assert settling.begin_calls(connection, [claimed], {claimed.id}, city.clock(), LEASE)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "sending"), ("sms", "standby")]
    city.clock.advance(minutes=6)  # its sender is dead, and nobody knows
    city.deliver()
    assert city.ways(CIVIL)[0] == ("wecom_robot", "unknown")


def test_two_processes_let_a_letter_go_its_other_way_once(reached: City) -> None:
    offices = [reached.office, *(reached.open() for _ in range(3))]
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    reached.clock.advance(minutes=30)
    done = at_once(*(partial(deliver, office, reached.clock) for office in offices))
    assert not [each for each in done if isinstance(each, Exception)]
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "accepted")]
    assert len(reached.gateway.captured) == 1


def test_who_has_no_telephone_has_no_other_way(city: City) -> None:
    know(city.office, f"市民政局,孙联,联络员,,sunlian,{ROBOT},")
    city.remind()
    city.wecom.inject(ROBOT, 40058)
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "failed")]


def test_planning_announces_only_what_goes_at_once(reached: City) -> None:
    planned = [each.channel for each in reached.remind().planned if each.recipient == CIVIL]
    assert planned == ["wecom_robot"]
    assert reached.ways(CIVIL) == [("wecom_robot", "pending"), ("sms", "standby")]


@pytest.mark.parametrize(
    ("dead", "ways"),
    [("wecom_robot", [("sms", "pending")]), ("sms", [("wecom_robot", "pending")])],
)
def test_planning_chooses_no_address_that_is_disabled(
    reached: City, dead: str, ways: list[tuple[str, str]]
) -> None:
    address = {"wecom_robot": ROBOT, "sms": PHONE}[dead]
    with reached.office.database.write() as connection:
        known = endpoints.register(connection, {(dead, address): "…"}, reached.clock())
        endpoints.disable(connection, known.values(), "停用", reached.clock(), by="经办")
    reached.remind()
    assert reached.ways(CIVIL) == ways


def test_a_stale_reminder_that_was_only_refused_for_the_time_being_is_planned_anew(city: City) -> None:
    """Also without a second way: what every try was answered with is "not now"."""
    know(city.office, f"市民政局,孙联,联络员,,sunlian,{ROBOT},")
    city.remind()
    city.wecom.inject(ROBOT, Fault.HTTP_502, times=3)
    for _ in range(3):
        city.deliver()
        city.clock.advance(minutes=10)
    city.clock.set("2021-07-28 08:30")
    city.deliver()
    assert city.ways(CIVIL) == [("wecom_robot", "superseded")]
    city.clock.set("2021-07-28 09:00")
    city.remind()
    city.deliver()
    assert city.ways(CIVIL)[1:] == [("wecom_robot", "accepted")]
    assert len(city.wecom.delivered) == 1
