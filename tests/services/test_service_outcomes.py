"""What a unit is told of the bureau's decisions: once, in counts and dates, and only while it is true."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.fakes.ledger_editor import Sheet
from tests.services.scenes import know, messages
from tests.support import at, take_in
from tracker.domain.lifecycle import Event
from tracker.services import take_back
from tracker.services.advance import perform
from tracker.services.deliver import deliver
from tracker.services.ledger import write_office_ledger
from tracker.services.office import Office
from tracker.services.step_back import undo_step
from tracker.store import mailbox

MONDAY = at("2021-07-26 10:00")
EDU, CIVIL = "市教育局 李联（联络员）", "市民政局 孙联（联络员）"
EVENING = at("2021-07-26 19:00")


@pytest.fixture(autouse=True)
def _town(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,13800000001,,,", "市民政局,孙联,联络员,13800000002,,,")


def step(office: Office, event: Event, *numbers: int) -> None:
    """What a unit does first."""
    perform(office, event, numbers, by="单位联络员", now=MONDAY, reason="说明", to=date(2021, 9, 15))


def notices(office: Office) -> list[tuple[str, str, str]]:
    return [(each.kind, each.recipient, each.state) for each in messages(office)]


def test_a_strike_off_thanks_the_unit_and_says_what_is_left(office: Office) -> None:
    step(office, Event.SUBMIT, 1, 2, 3)
    perform(office, Event.STRIKE_OFF, [1, 2], by="核验员", now=MONDAY)
    [told] = messages(office)
    assert (told.kind, told.recipient) == ("struck_off", EDU)
    assert "> **1号** 一网通办·办件未评价\n> **2号** 一网通办·" in told.text
    assert "尚有未办结事项：即将到期2项、待核验1项，最早时限" in told.text
    with office.database.read() as connection:
        assert mailbox.items_of(connection, [told.id]) == {told.id: [1, 2]}


def test_the_last_strike_off_says_that_nothing_is_left(office: Office) -> None:
    step(office, Event.SUBMIT, 6, 7)
    perform(office, Event.STRIKE_OFF, [6, 7], by="核验员", now=MONDAY)
    assert "已无未办结事项。" in messages(office)[0].text


def test_a_grant_names_the_old_and_the_new_deadline_and_a_refusal_gives_no_reason_away(
    office: Office,
) -> None:
    step(office, Event.EXTEND, 1, 2, 6)
    perform(office, Event.GRANT, [1, 6], by="核验员", now=MONDAY)
    perform(office, Event.REFUSE, [2], by="核验员", now=MONDAY, reason="理由不充分")
    first, second, third = messages(office)
    assert [(each.kind, each.recipient) for each in (first, second, third)] == [
        ("granted", EDU),
        ("granted", CIVIL),
        ("refused", EDU),
    ]
    assert "请于9月15日周三前完成" in first.text
    assert "原时限7月30日周五" in first.text
    assert "时限不变" in third.text
    assert "理由不充分" not in third.text


@pytest.mark.parametrize(
    ("asked", "event", "kind"),
    [
        (Event.SUBMIT, Event.RETURN, "returned"),
        (Event.SUBMIT, Event.STRIKE_OFF, "struck_off"),
        (Event.EXTEND, Event.GRANT, "granted"),
        (Event.EXTEND, Event.REFUSE, "refused"),
    ],
)
def test_a_decision_taken_back_at_once_is_not_told_and_taken_again_is_told_once(
    office: Office, asked: Event, event: Event, kind: str
) -> None:
    step(office, asked, 1, 2)
    perform(office, event, [1, 2], by="核验员", now=EVENING, reason="说明")
    undo_step(office, [1], by="核验员", now=EVENING)
    assert notices(office) == [(kind, EDU, "pending")]  # it is still true of the other item
    undo_step(office, [2], by="核验员", now=EVENING)
    assert notices(office) == [(kind, EDU, "superseded")]
    perform(office, event, [1, 2], by="核验员", now=at("2021-07-26 19:05"), reason="说明")
    deliver(office, lambda: at("2021-07-27 09:00"))
    assert notices(office) == [(kind, EDU, "superseded"), (kind, EDU, "accepted")]


def test_a_strike_off_that_was_reopened_overnight_is_not_told(office: Office) -> None:
    step(office, Event.SUBMIT, 1)
    perform(office, Event.STRIKE_OFF, [1], by="核验员", now=EVENING)
    perform(office, Event.REOPEN, [1], by="核验员", now=at("2021-07-26 20:00"), reason="又坏了")
    assert notices(office) == [("struck_off", EDU, "superseded")]


def test_a_grant_is_told_though_the_item_was_handed_in_meanwhile(office: Office) -> None:
    step(office, Event.EXTEND, 1)
    perform(office, Event.GRANT, [1], by="核验员", now=EVENING)
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 20:00"))
    assert notices(office) == [("granted", EDU, "pending")]


def test_strike_offs_of_one_edited_ledger_are_one_message_a_contact(office: Office, tmp_path: Path) -> None:
    step(office, Event.SUBMIT, 1, 2, 6)
    write_office_ledger(office, tmp_path / "台账.xlsx", now=MONDAY)
    sheet = Sheet(tmp_path / "台账.xlsx")
    for number in (1, 2, 6):
        sheet.edit(number, 状态="已销号")
    take_back.commit(office, sheet.as_xlsx(), "台账.xlsx", by="核验员", now=MONDAY)
    assert notices(office) == [("struck_off", EDU, "pending"), ("struck_off", CIVIL, "pending")]
    first, second = messages(office)
    assert "有 **2** 项整改事项经核验完成整改" in first.text
    assert "尚有未办结事项：即将到期1项，" in second.text
