"""What may leave: in working hours, so many short messages a day to one number, so many in a month."""

from __future__ import annotations

from functools import partial

import pytest

from notifiers.base import Letter
from notifiers.sms import SmsChannel
from tests.fakes.http_server import Fault
from tests.fakes.sms_gateway import PATH
from tests.services.conftest import PHONE, ROBOT, ROBOT_3, City
from tests.services.scenes import at_once, know, messages, put
from tests.support import at
from tracker.services.deliver import Delivery, deliver
from tracker.services.endpoints import resume
from tracker.store import outbox, pauses
from tracker.store.outbox import NewMessage
from tracker.store.pauses import Pause

NUMBERS = [f"138000000{n:02d}" for n in range(20, 60)]


def write(city: City, *addresses: str, text: str = "一条短信", name: str = "") -> None:
    """A short message for each of these numbers, counted as it is worded."""
    notifier = city.office.channels["sms"]
    assert isinstance(notifier, SmsChannel)
    new = [
        NewMessage(
            dedup=f"{name}{n}",
            letter=f"{name}{n}",
            serial=f"{name}{n}",
            kind="nudge",
            recipient=f"市教育局 {address[-2:]}（联络员）",
            channel="sms",
            address=address,
            hint=notifier.hint(address),
            text=text,
            payload=payload,
            reason="催办",
            send_after=city.clock(),
            segments=notifier.segments(text),
        )
        for n, address in enumerate(addresses)
        for payload in notifier.compose(Letter(text))
    ]
    with city.office.database.write() as connection:
        outbox.enqueue(connection, new, city.clock())


def paused(city: City) -> list[Pause]:
    with city.office.database.read() as connection:
        return pauses.pauses(connection)


def sent(city: City) -> int:
    return len(city.gateway.captured)


@pytest.mark.parametrize("moment", ["2021-07-27 08:29", "2021-07-27 18:00", "2021-07-31 10:00"])
def test_at_night_and_on_days_off_everything_waits(city: City, moment: str) -> None:
    write(city, PHONE)
    put(city.office, city.clock(), ROBOT, ["一条消息"])
    city.clock.set(moment)
    assert city.deliver() == Delivery(0, 0, 0, pending=2)
    assert (sent(city), city.wecom.captured) == (0, [])


def test_a_number_gets_its_share_of_a_day_and_the_rest_the_next_working_morning(city: City) -> None:
    city.clock.set("2021-07-30 17:00")  # a Friday
    for n in range(7):
        write(city, PHONE, name=f"第{n}条")
    city.deliver()
    city.clock.set("2021-07-30 17:59")
    city.deliver()
    assert sent(city) == 5
    city.clock.set("2021-07-31 10:00")
    city.deliver()
    assert sent(city) == 5
    city.clock.set("2021-08-02 08:30")
    city.deliver()
    assert sent(city) == 7


def test_a_full_number_keeps_nobody_else_waiting(city: City) -> None:
    for n in range(6):
        write(city, PHONE, name=f"第{n}条")
    write(city, *NUMBERS[:2], name="别人")
    city.deliver()
    assert sent(city) == 7


def test_a_reminder_beyond_the_days_share_is_planned_anew(city: City) -> None:
    know(city.office, f"市民政局,孙联,联络员,{PHONE},,,")
    for n in range(5):
        write(city, PHONE, name=f"第{n}条")
    city.deliver()
    city.remind()
    city.deliver()
    assert city.ways("市民政局 孙联") == [("sms", "pending")]
    city.clock.set("2021-07-28 09:00")
    city.deliver()
    assert city.ways("市民政局 孙联") == [("sms", "superseded")]
    city.remind()
    city.deliver()
    assert city.ways("市民政局 孙联")[1:] == [("sms", "accepted")]
    assert sent(city) == 6


def test_the_months_budget_is_kept_however_many_leave_at_once(city: City) -> None:
    city.set_delivery(sms_per_month=10)
    write(city, *NUMBERS)
    assert city.deliver() == Delivery(accepted=10, failed=0, unknown=0, pending=30)
    [pause] = paused(city)
    assert (pause.channel, pause.until) == ("sms", at("2021-08-01 00:00"))
    assert "本月短信已计费 10 条，达到上限 10 条" in pause.reason
    city.clock.set("2021-07-30 09:00")
    city.deliver()
    assert sent(city) == 10


def test_two_processes_keep_the_months_budget_together(city: City) -> None:
    city.set_delivery(sms_per_month=10)
    offices = [city.open(city.office.rules) for _ in range(3)]
    write(city, *NUMBERS)
    done = at_once(*(partial(deliver, office, city.clock) for office in offices))
    assert not [each for each in done if isinstance(each, Exception)]
    assert sent(city) == 10


def test_a_new_month_has_a_new_budget(city: City) -> None:
    city.set_delivery(sms_per_month=10)
    write(city, *NUMBERS[:15])
    city.deliver()
    city.clock.set("2021-08-02 08:30")
    city.deliver()
    assert sent(city) == 15
    assert paused(city) == []


def test_what_may_have_been_sent_is_charged_and_what_was_refused_is_not(city: City) -> None:
    city.set_delivery(sms_per_month=3, senders=1)
    city.gateway.inject(PATH, Fault.ACCEPT_THEN_DROP)
    write(city, NUMBERS[0], name="不明")
    city.deliver()
    city.gateway.refuse_with = "InvalidMessage"
    write(city, NUMBERS[1], name="拒收")
    city.deliver()
    city.gateway.refuse_with = None
    write(city, *NUMBERS[2:6], name="其余")
    assert city.deliver() == Delivery(accepted=2, failed=0, unknown=0, pending=2)


def test_a_long_message_counts_as_what_is_charged_for_it(city: City) -> None:
    city.set_delivery(sms_per_month=4, senders=1)
    write(city, *NUMBERS[:4], text="整改" * 50)  # a hundred characters: two segments
    assert city.deliver() == Delivery(accepted=2, failed=0, unknown=0, pending=2)


def test_a_spent_budget_keeps_no_other_channel_waiting(city: City) -> None:
    """Short messages without number stand in front; the robots behind them still have their turn."""
    city.set_delivery(sms_per_month=2)
    write(city, *NUMBERS)
    put(city.office, city.clock(), ROBOT, ["一", "二", "三"])
    assert city.deliver() == Delivery(accepted=5, failed=0, unknown=0, pending=38)
    assert {each.state for each in messages(city.office)} == {"accepted", "pending"}


def test_the_bureau_is_told_once_that_the_budget_is_spent(city: City) -> None:
    know(city.office, f"市行政审批局,何办,审批局,,heban,{ROBOT_3},")
    city.set_delivery(sms_per_month=2)
    write(city, *NUMBERS[:5])
    for _ in range(3):
        city.deliver()
        city.clock.advance(minutes=40)
    [alarm] = [each for each in messages(city.office) if each.kind == "alarm"]
    assert (alarm.channel, alarm.state) == ("wecom_robot", "accepted")
    assert "达到上限 2 条" in alarm.text


def test_staff_who_raise_the_budget_let_the_rest_go(city: City) -> None:
    city.set_delivery(sms_per_month=2)
    write(city, *NUMBERS[:5])
    city.deliver()
    city.set_delivery(sms_per_month=100)
    resume(city.office, "sms", by="经办", now=city.clock())
    city.deliver()
    assert sent(city) == 5
