"""A press on a card is carried out once, as the contact whose card it is, for what is still to be done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from notifiers.sandbox import Sandbox
from notifiers.wecom_app import WeComApp
from tests.conftest import BuildOffice
from tests.services.scenes import at_once, know, rows, strike_off
from tests.support import Clock, at, take_in
from tracker.domain.classes import Proof
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.services import inspect
from tracker.services.accounts import save_account
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.presses import GONE, NOT_ALLOWED, NOT_NEEDED, NOT_YOURS, ON_THE_PAGE, Press, carry_out
from tracker.services.remind import remind
from tracker.store import contacts, outbox
from tracker.store.outbox import NewMessage
from tracker.store.schema import message

ISSUED, NOW = at("2021-07-23 17:00"), at("2021-07-26 10:00")
STAFF = "本局经办"
RECIPIENT, LETTER = "市教育局 李联（联络员）", "a1" * 32
EDUCATION, CIVIL = (1, 2, 3, 4, 5), 6  # items of 市教育局, and one of 市民政局


@pytest.fixture
def peopled(office: Office) -> Office:
    """The bulletin, its people, and a card about three items on 李联's telephone."""
    take_in(office, ISSUED)
    know(
        office,
        "市教育局,李联,联络员,13800000001,Li.Lian,,",
        "市教育局,周组,领导小组,13800000002,zhouzu,,",
        "市民政局,孙联,联络员,13800000003,sunlian,,",
    )
    card(office, EDUCATION[:3])
    return office


def card(
    office: Office, numbers: tuple[int, ...], *, letter: str = LETTER, recipient: str = RECIPIENT
) -> None:
    """A letter as the outbox keeps it: two parts on the card's channel, and a short message standing by."""
    ways = [("wecom_robot", "part 1", 0), ("wecom_robot", "part 2", 0), ("sms", "text", 1)]
    new = [
        NewMessage(
            dedup=f"{letter[:40]} {words}",
            letter=letter,
            serial="R-20210726-0001",
            kind="reminder",
            recipient=recipient,
            channel=channel,
            address="li.lian",
            hint="li.lian",
            text=words,
            payload=words.encode(),
            reason="到期前7个工作日",
            send_after=ISSUED,
            numbers=numbers,
            rank=rank,
        )
        for channel, words, rank in ways
    ]
    with office.database.write() as connection:
        outbox.enqueue(connection, new, ISSUED)


def press(button: str, *, user: str = "Li.Lian", task: str = LETTER, created: int = 1627264800) -> Press:
    return Press(user, str(created), button, task)


def standing(office: Office, number: int) -> tuple[State, int]:
    """The item's state, and how many rows its history has."""
    file = inspect.open_file(office, number)
    return file.item.standing.state, len(file.history)


def untouched(office: Office, numbers: tuple[int, ...] = EDUCATION) -> bool:
    return all(standing(office, number) == (State.OPEN, 1) for number in numbers)


def test_the_items_of_the_card_are_signed_for_by_the_contact(peopled: Office) -> None:
    assert carry_out(peopled, press("sign"), now=NOW) == "已签收"
    assert [standing(peopled, number)[0] for number in EDUCATION] == [State.SIGNED] * 3 + [State.OPEN] * 2
    row = inspect.open_file(peopled, 2).history[-1]
    assert (row.actor, row.event, row.reason, row.at) == ("李联", "sign", "通过企业微信卡片签收", NOW)


def test_the_items_of_the_card_are_handed_in_by_the_contact(peopled: Office) -> None:
    assert carry_out(peopled, press("submit"), now=NOW) == "已报送整改"
    row = inspect.open_file(peopled, 1).history[-1]
    assert (row.actor, row.event, row.reason) == ("李联", "submit", "通过企业微信卡片报送")
    judged = inspect.open_file(peopled, 1).item.standing
    assert (judged.state, judged.submitted_by, judged.submitted_at) == (State.SUBMITTED, "李联", NOW)


def test_an_account_of_the_same_name_elsewhere_takes_nothing_from_the_contact(peopled: Office) -> None:
    save_account(peopled, "李联", "minzheng-2026-ok", now=NOW, role=Role.CONTACT, unit="市民政局")
    assert carry_out(peopled, press("sign"), now=NOW) == "已签收"
    assert standing(peopled, 1)[0] is State.SIGNED


@pytest.mark.parametrize("user", ["li.lian", "LI.LIAN"])
def test_a_user_id_is_known_in_either_case(peopled: Office, user: str) -> None:
    assert carry_out(peopled, press("sign", user=user), now=NOW) == "已签收"


def test_a_part_of_a_letter_stands_for_the_letter(peopled: Office) -> None:
    assert carry_out(peopled, press("sign", task=f"{LETTER}-2"), now=NOW) == "已签收"
    assert standing(peopled, 3)[0] is State.SIGNED


def test_a_press_that_is_reported_three_times_is_carried_out_once(peopled: Office) -> None:
    assert carry_out(peopled, press("submit"), now=NOW) == "已报送整改"
    perform(peopled, Event.RETURN, [1], by=STAFF, now=NOW, reason="链接打不开")
    before = rows(peopled)
    for user in ("Li.Lian", "li.lian"):
        assert carry_out(peopled, press("submit", user=user), now=NOW) == "已报送整改"
    assert rows(peopled) == before
    assert standing(peopled, 1)[0] is State.SIGNED


def test_reports_that_arrive_together_are_one_press(peopled: Office, build_office: BuildOffice) -> None:
    offices = [build_office() for _ in range(3)]
    said = at_once(*(lambda each=each: carry_out(each, press("sign"), now=NOW) for each in offices))
    assert said == ["已签收"] * 3
    assert standing(peopled, 1) == (State.SIGNED, 2)


def test_two_buttons_within_one_second_are_two_presses(peopled: Office) -> None:
    assert carry_out(peopled, press("sign"), now=NOW) == "已签收"
    assert carry_out(peopled, press("submit"), now=NOW) == "已报送整改"
    assert [row.event for row in inspect.open_file(peopled, 1).history][-2:] == ["sign", "submit"]


def test_pressing_again_says_what_is_so_and_writes_nothing(peopled: Office) -> None:
    carry_out(peopled, press("sign"), now=NOW)
    assert carry_out(peopled, press("sign", created=1627264860), now=NOW) == "已签收"
    assert standing(peopled, 1) == (State.SIGNED, 2)


@pytest.mark.parametrize("user", ["sunlian", "zhouzu", "nobody", ""])
def test_a_card_of_somebody_else_cannot_be_used(peopled: Office, user: str) -> None:
    assert carry_out(peopled, press("sign", user=user), now=NOW) == NOT_YOURS
    assert untouched(peopled)


def test_a_contact_who_was_removed_meanwhile_can_do_nothing(peopled: Office) -> None:
    with peopled.database.write() as connection:
        gone = contacts.find(connection, wecom_userid="li.lian")
        assert [each.name for each in gone] == ["李联"]
        contacts.remove(connection, [each.id for each in gone])
    assert carry_out(peopled, press("sign"), now=NOW) == NOT_YOURS
    assert untouched(peopled)


@pytest.mark.parametrize("task", ["", "b2" * 32, "-1", "' OR 1=1", "卡"])
def test_a_card_of_no_letter_is_gone(peopled: Office, task: str) -> None:
    assert carry_out(peopled, press("sign", task=task), now=NOW) == GONE
    assert untouched(peopled)


def test_what_was_closed_meanwhile_is_left_alone_and_named(peopled: Office) -> None:
    strike_off(peopled, [2], NOW)
    before = standing(peopled, 2)
    assert carry_out(peopled, press("submit"), now=NOW) == f"第1、3号已报送整改，第2号{NOT_NEEDED}"
    assert standing(peopled, 2) == before
    assert standing(peopled, 3)[0] is State.SUBMITTED


def test_where_nothing_is_left_to_do_the_button_says_so(peopled: Office) -> None:
    strike_off(peopled, EDUCATION[:3], NOW)
    for button in ("sign", "submit"):
        assert carry_out(peopled, press(button), now=NOW) == NOT_NEEDED


def test_many_items_are_named_by_the_first_and_their_number(peopled: Office) -> None:
    card(peopled, EDUCATION, letter="c3" * 32)
    strike_off(peopled, [5], NOW)
    said = carry_out(peopled, press("sign", task="c3" * 32), now=NOW)
    assert said == f"第1、2、3号等4项已签收，第5号{NOT_NEEDED}"


def test_a_class_that_wants_evidence_is_handed_in_on_the_page(peopled: Office) -> None:
    asked = inspect.open_file(peopled, 1).item.problem_class
    classes = tuple(
        replace(each, evidence=Proof.LINK) if each.code == asked else each for each in peopled.rules.classes
    )
    office = replace(peopled, rules=replace(peopled.rules, classes=classes))
    assert carry_out(office, press("submit"), now=NOW) == f"第1号{ON_THE_PAGE}，第2、3号已报送整改"
    assert untouched(office, (1,))
    assert [standing(office, number)[0] for number in (2, 3)] == [State.SUBMITTED] * 2
    assert carry_out(office, press("sign"), now=NOW) == f"第1号已签收，第2、3号{NOT_NEEDED}"


def test_what_is_reported_as_left_must_first_be_reported_as_done(peopled: Office) -> None:
    card(peopled, (1,), letter="d4" * 32)
    perform(peopled, Event.PROGRESS, [1], by="李联", now=NOW, left=3)
    assert carry_out(peopled, press("submit", task="d4" * 32), now=NOW) == ON_THE_PAGE
    perform(peopled, Event.PROGRESS, [1], by="李联", now=NOW, left=0)
    later = press("submit", task="d4" * 32, created=1627264900)
    assert carry_out(peopled, later, now=NOW) == "已报送整改"


def test_a_role_that_may_not_take_the_step_is_told_so(peopled: Office) -> None:
    card(peopled, (1,), letter="e5" * 32, recipient="市教育局 周组（领导小组）")
    said = carry_out(peopled, press("submit", user="zhouzu", task="e5" * 32), now=NOW)
    assert said == NOT_ALLOWED
    assert untouched(peopled)


def test_another_units_items_are_left_alone_whoever_bears_the_name(peopled: Office) -> None:
    know(peopled, "市民政局,李联,联络员,13800000004,li.lian.mz,,")
    card(peopled, (1, CIVIL), letter="f6" * 32)
    said = carry_out(peopled, press("sign", task="f6" * 32), now=NOW)
    assert said == f"第1号已签收，第{CIVIL}号{NOT_ALLOWED}"
    assert untouched(peopled, (CIVIL,))


def test_presses_are_forgotten_after_a_day(peopled: Office, clock: Clock) -> None:
    def kept(moment: datetime, created: int) -> int:
        carry_out(peopled, press("sign", created=created), now=moment)
        return len(rows(peopled)["press"])

    assert kept(NOW, 1) == 1
    assert kept(NOW + timedelta(days=1), 2) == 2
    assert kept(NOW + timedelta(days=1, seconds=1), 3) == 2


def test_the_buttons_of_a_reminder_lead_back_to_its_items(build_office: BuildOffice) -> None:
    app = WeComApp(corp_id="ww0000yunlan000000", agent_id=1000002, secret="invented", has_callback=True)
    office = build_office(channels={"wecom_app": app, "sandbox": Sandbox()})
    take_in(office, ISSUED)
    know(office, "市教育局,李联,联络员,13800000001,Li.Lian,,")
    tuesday = at("2021-07-27 09:00")
    remind(office, now=tuesday)
    with office.database.read() as connection:
        sent = connection.scalars(select(message.c.payload).where(message.c.channel == "wecom_app")).one()
    shown = json.loads(sent)["template_card"]
    sign, submit = (button["key"] for button in shown["button_list"])
    said = [carry_out(office, press(key, task=shown["task_id"]), now=tuesday) for key in (sign, submit)]
    assert said == ["已签收", "已报送整改"]
    handed_in = [number for number in EDUCATION if standing(office, number)[0] is State.SUBMITTED]
    assert handed_in == [1, 2, 5]


EVENT = {
    "FromUserName": "Li.Lian",
    "CreateTime": "1627264800",
    "Event": "template_card_event",
    "EventKey": "sign",
    "TaskId": LETTER,
}


def test_the_fields_of_an_event_name_the_press() -> None:
    assert Press.of(EVENT) == press("sign")


@pytest.mark.parametrize(
    "other", [{"Event": "enter_agent"}, {"Event": "template_card_menu_event"}, {"EventKey": "strike_off"}]
)
def test_every_other_event_is_no_press(other: dict[str, str]) -> None:
    assert Press.of(EVENT | other) is None
    assert Press.of({"MsgType": "text", "Content": "sign"}) is None
