"""Further ways of a letter: three of them, whose they are, and the day they belong to."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from notifiers.sandbox import Sandbox
from tests.conftest import BuildOffice
from tests.fakes.http_server import Fault
from tests.fakes.scripted_channel import ScriptedRobot, answer
from tests.services.conftest import PHONE, PHONE_2, ROBOT, ROBOT_2, City
from tests.services.scenes import know, messages, put
from tests.services.test_service_failover import CIVIL, MAIL, write
from tests.support import Clock, at, take_in
from tracker.domain.errors import Outcome, Scope, TransitionError
from tracker.services import contacts
from tracker.services.deliver import deliver, see_to
from tracker.services.endpoints import disable, enable
from tracker.services.office import Office
from tracker.services.recipients import recipient_of
from tracker.services.remind import remind
from tracker.services.routing import Routes
from tracker.store import contacts as stored_contacts
from tracker.store import endpoints, standby
from tracker.store.schema import message


def test_of_three_ways_the_last_never_goes_when_the_second_has_carried(city: City) -> None:
    write(city, ("wecom_robot", ROBOT, 0), ("sms", PHONE, 1), ("email", MAIL, 2))
    city.wecom.inject(ROBOT, 40058)
    for _ in range(5):
        city.deliver()
        city.clock.advance(minutes=1)
    assert city.ways(CIVIL) == [("wecom_robot", "failed"), ("sms", "accepted"), ("email", "superseded")]
    assert city.mail.mails == []


def test_what_stands_by_never_goes_to_somebody_who_has_left(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    contacts.remove_contact(reached.office, "市民政局", "孙联", now=reached.clock())
    know(reached.office, f"市民政局,周新,联络员,{PHONE_2},,{ROBOT_2},")
    reached.clock.advance(minutes=31)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "superseded")]
    assert reached.to(CIVIL)[1].error == "联系人或其联系方式已变更，备用渠道不再发"
    assert reached.gateway.captured == []


def test_what_stands_by_never_goes_to_an_old_number(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    know(reached.office, f"市民政局,孙联,联络员,{PHONE_2},sunlian,{ROBOT},")
    reached.clock.advance(minutes=31)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "superseded")]
    assert reached.gateway.captured == []


def test_what_stands_by_at_a_number_that_stays_goes_though_something_else_has_changed(reached: City) -> None:
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    know(reached.office, f"市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},{MAIL}")
    reached.clock.advance(minutes=31)
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "accepted")]


def test_a_second_way_that_could_not_leave_on_its_day_does_not_leave_on_the_next(reached: City) -> None:
    """Let go on Friday a moment before the office closes: "today" must not arrive on Monday."""
    reached.clock.set("2021-07-30 17:20")
    reached.remind()
    reached.wecom.inject(ROBOT, Fault.ACCEPT_THEN_DROP)
    reached.deliver()
    reached.gateway.refuse_with = "Busy"
    reached.clock.set("2021-07-30 17:59")
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "pending")]
    reached.gateway.refuse_with = None
    tried = len(reached.gateway.captured)
    reached.clock.set("2021-08-02 08:31")
    reached.deliver()
    assert reached.ways(CIVIL) == [("wecom_robot", "unknown"), ("sms", "superseded")]
    assert len(reached.gateway.captured) == tried


def test_only_letters_that_need_a_decision_are_read(reached: City) -> None:
    reached.remind()
    with reached.office.database.write() as connection:
        now = reached.clock()
        assert standby.undecided(connection, now.replace(hour=8), now.replace(hour=0)) == []
        assert len(standby.undecided(connection, now, now.replace(hour=0))) == 1


class _Group(ScriptedRobot):
    """Takes so many messages before the robot is removed."""

    left = 1

    def send(self, address: str, payload: bytes) -> str:
        if len(self.sent) == self.left:
            self.answers[address] = [answer(Outcome.PERMANENT, Scope.ADDRESS, "机器人已被移出群")]
        return super().send(address, payload)


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-27 09:00"))


@pytest.fixture
def robot() -> _Group:
    return _Group()


@pytest.fixture
def office(build_office: BuildOffice, robot: _Group) -> Office:
    office = build_office(channels={"wecom_robot": robot, "sandbox": Sandbox()})
    take_in(office, at("2021-07-23 17:00"))
    know(office, f"市民政局,孙联,联络员,,,{ROBOT},", f"市行政审批局,钱管,审批局,,,{ROBOT_2},")
    return office


def put_parts(office: Office, now: datetime, texts: str = "一二三") -> None:
    """One letter of several parts."""
    put(office, now, ROBOT, list(texts))
    with office.database.write() as connection:
        connection.execute(update(message).values(letter="one letter", kind="nudge", recipient=CIVIL))


def parts(office: Office) -> list[tuple[str, str]]:
    return [(each.text, each.state) for each in messages(office) if each.letter == "one letter"]


def dead(office: Office) -> int:
    with office.database.read() as connection:
        [found] = [each.id for each in endpoints.listing(connection) if each.disabled_at]
        return found


def test_the_rest_of_a_letter_is_closed_with_its_address(office: Office, clock: Clock) -> None:
    put_parts(office, clock())
    deliver(office, clock)
    assert parts(office) == [("一", "accepted"), ("二", "failed"), ("三", "superseded")]
    enable(office, dead(office), by="钱管", now=clock.advance(days=27))
    deliver(office, clock)
    assert parts(office)[2] == ("三", "superseded")


def test_the_rest_of_a_letter_is_closed_when_staff_take_its_address_out_of_use(
    office: Office, clock: Clock, robot: _Group
) -> None:
    robot.left, robot.answers[ROBOT] = 99, [answer(Outcome.UNKNOWN)]
    put_parts(office, clock())
    with office.database.write() as connection:
        later = update(message).where(message.c.text == "三").values(send_after=clock() + timedelta(days=1))
        connection.execute(later)
    deliver(office, clock)
    with office.database.read() as connection:
        [used] = [each.id for each in endpoints.listing(connection)]
    disable(office, used, by="钱管", now=clock())
    assert parts(office) == [("一", "unknown"), ("二", "accepted"), ("三", "superseded")]


def test_an_address_used_again_gets_no_reminder_of_weeks_ago(
    office: Office, clock: Clock, robot: _Group
) -> None:
    remind(office, now=clock())
    [waiting] = [each for each in messages(office) if each.recipient == CIVIL]
    with office.database.write() as connection:  # as by a program that did not pass on what waits
        endpoints.disable(connection, [waiting.endpoint_id], "停用", clock(), by="钱管")
    enable(office, waiting.endpoint_id, by="钱管", now=clock.advance(days=21))
    assert [each.state for each in messages(office) if each.recipient == CIVIL] == ["superseded"]


@pytest.mark.slow
def test_of_an_address_that_takes_nothing_all_day_the_bureau_is_told_once_until_it_works_again(
    office: Office, clock: Clock, robot: _Group
) -> None:
    robot.left = 9999
    for day in ("2021-07-27", "2021-07-29", "2021-08-02"):
        clock.set(f"{day} 09:00")
        put(office, clock(), ROBOT, [day])
        failing = day != "2021-07-29"
        robot.answers[ROBOT] = [answer(Outcome.TEMPORARY, words="系统繁忙")] * (9999 if failing else 0)
        for _ in range(100):
            deliver(office, clock)
            clock.advance(minutes=5)
    alarms = [each for each in messages(office) if each.kind == "alarm"]
    assert [(each.recipient, each.state) for each in alarms] == [
        ("市行政审批局 钱管（审批局）", "accepted")
    ] * 2
    assert "市民政局联络员" in alarms[0].text
    assert "系统繁忙" in alarms[0].text


def test_the_sandbox_is_never_out_of_use(office: Office, clock: Clock) -> None:
    know(office, "市教育局,李联,联络员,,,,")
    remind(office, now=clock())
    sandbox = next(each.endpoint_id for each in messages(office) if each.channel == "sandbox")
    with pytest.raises(TransitionError, match="沙盒是系统内的收件箱，不能停用"):
        disable(office, sandbox, by="钱管", now=clock())
    with office.database.write() as connection:  # as an earlier version allowed
        endpoints.disable(connection, [sandbox], "人工停用", clock(), by="钱管")
        [lilian] = [each for each in stored_contacts.find(connection) if each.name == "李联"]
        assert [way.notifier.channel for way in Routes(connection, office).of(recipient_of(lilian))] == [
            "sandbox"
        ]


def test_more_letters_than_are_read_at_a_time_have_a_second_way(office: Office, clock: Clock) -> None:
    count = 1_200
    put(office, clock(), ROBOT, ["一"])
    with office.database.write() as connection:
        [first] = connection.execute(select(message)).mappings()
        same = {name: value for name, value in first.items() if name != "id"}
        for rank, state in enumerate(("accepted", "standby")):
            rows = [
                same | {"dedup": f"{state} {n}", "letter": f"letter {n}", "rank": rank, "state": state}
                for n in range(count)
            ]
            connection.execute(insert(message), rows)
    see_to(office, clock())
    assert Counter(each.state for each in messages(office))["superseded"] == count
