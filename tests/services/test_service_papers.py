"""Papers over time: what an item has come to today, which paper speaks for it, and by which channels."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from notifiers.sandbox import Sandbox
from tests.conftest import Begin, BuildOffice
from tests.services.scenes import know, messages
from tests.support import at, take_in
from tracker.domain.lifecycle import Event
from tracker.resources import shipped
from tracker.services import papers
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store import Connection, clockwork, items, reminders
from tracker.store import papers as stored
from tracker.store.papers import PaperState, StoredPaper
from tracker.store.schema import item

ISSUED = at("2021-07-23 17:00")
CONTACTS = (
    "市民政局,孙联,联络员,13800000002,,,",
    "市民政局,吴负,负责人,13800000003,,,",
    "市行政审批局,钱管,审批局,13800000004,,,",
)
# Item 6, of 市民政局, is due on 26 July 2021, item 7 of the same unit later.
TENTH_DAY_LATE = "2021-08-09 09:00"


def walked(office: Office) -> None:
    take_in(office, ISSUED)
    know(office, *CONTACTS)


@pytest.fixture(autouse=True)
def _town(begin: Begin) -> None:
    begin(walked)


def walk(office: Office, first: str, last: str) -> None:
    day = at(first)
    while day <= at(last):
        remind(office, now=day)
        day += timedelta(days=1)


def about(office: Office, number: int) -> list[StoredPaper]:
    """Oldest first."""
    return [each for each in papers.list_papers(office) if number in each.numbers][::-1]


def propose(connection: Connection, office: Office, kind: str, numbers: Sequence[int]) -> None:
    stored.propose(
        connection,
        unit_id=items.by_numbers(connection, numbers)[0].unit_id,
        kind=kind,
        numbers=numbers,
        reason="逾期满10个工作日未完成",
        at=at(TENTH_DAY_LATE),
        today=office.rules.calendar.today,
    )


def defer(office: Office, number: int, until: date) -> None:
    perform(
        office,
        Event.DEFER,
        [number],
        by="核验员",
        now=at("2021-08-09 10:00"),
        reason="汛期停工",
        to=until,
    )


def test_after_a_deferral_the_paper_is_proposed_again(office: Office) -> None:
    remind(office, now=at(TENTH_DAY_LATE))
    defer(office, 6, date(2021, 8, 31))
    papers.reject(office, [1], by="分管领导", reason="已暂缓", now=at("2021-08-09 10:05"))
    walk(office, "2021-09-10 09:00", "2021-09-24 09:00")
    assert [(each.kind, each.state) for each in about(office, 6)] == [
        ("督办函", PaperState.REJECTED),
        ("督办函", PaperState.PROPOSED),
    ]


def test_a_paper_approved_later_lists_only_what_has_come_so_far(office: Office) -> None:
    with office.database.write() as connection:
        propose(connection, office, "督办函", [6, 7])
    [paper] = papers.approve(office, [1], by="分管领导", now=at("2021-08-09 10:00"))
    assert paper.decision == "第 7 号事项已报送或不再逾期至此，未列入"
    text = next(each.text for each in messages(office) if each.kind == "paper")
    assert "**6号**" in text
    assert "**7号**" not in text


def test_the_graver_paper_takes_the_place_of_one_that_still_waits(office: Office) -> None:
    remind(office, now=at(TENTH_DAY_LATE))
    remind(office, now=at("2021-08-23 09:00"))
    letter, notice = about(office, 6)
    assert (letter.kind, letter.state, letter.decided_by) == ("督办函", PaperState.REJECTED, "系统")
    assert letter.decision == f"已由通报第{notice.id}号代替"
    assert (notice.kind, notice.state) == ("通报", PaperState.PROPOSED)


def test_a_paper_that_has_more_to_say_stays_beside_the_graver_one(office: Office) -> None:
    with office.database.write() as connection:
        propose(connection, office, "督办函", [6, 7])
        propose(connection, office, "通报", [6])
    assert {each.state for each in about(office, 6)} == {PaperState.PROPOSED}


class Robot(Sandbox):
    """A second channel, to tell from the usual one."""

    channel = "wecom_robot"


def test_a_paper_goes_by_the_channels_of_the_latest_item(build_office: BuildOffice, tmp_path: Path) -> None:
    """Item 2 has just come to a 督办函, which goes by the usual channel; item 1 to a 通报, which does not."""
    config = tmp_path / "config"
    config.mkdir()
    text = (shipped("config") / "ladders.toml").read_text("utf-8")
    notice = 'paper = "通报"\n'
    assert text.count(notice) == 1
    text = text.replace(notice, f'{notice}channels = ["sandbox"]\n')
    (config / "ladders.toml").write_text(text, "utf-8")
    office = build_office(config=config, channels={"wecom_robot": Robot(), "sandbox": Sandbox()})
    know(office, "市教育局,李联,联络员,,,invented-robot-key-1,")
    with office.database.write() as connection:
        connection.execute(update(item).where(item.c.number == 1).values(due_on=date(2021, 7, 26)))
        connection.execute(update(item).values(ladder_id=None))  # all climb the office's own
        propose(connection, office, "督办函", [1, 2])
    papers.approve(office, [1], by="分管领导", now=at("2021-08-27 10:00"))
    assert [each.channel for each in messages(office) if each.kind == "paper"] == ["sandbox"]


def test_what_joins_a_paper_that_is_being_rejected_has_a_paper_of_its_own(
    build_office: BuildOffice, office: Office
) -> None:
    with office.database.write() as connection:
        propose(connection, office, "督办函", [6])
    other = build_office()

    def join() -> None:
        with other.database.write() as connection:
            propose(connection, other, "督办函", [7])

    joining = threading.Thread(target=join)
    with office.database.write() as connection:
        stored.by_ids(connection, [1], lock=True)
        stored.decide(
            connection, 1, PaperState.REJECTED, by="分管领导", words="已沟通", at=at("2021-08-09 10:00")
        )
        joining.start()
        joining.join(0.5)  # it waits for this transaction
    joining.join()
    assert [(each.numbers, each.state) for each in papers.list_papers(office)] == [
        ((7,), PaperState.PROPOSED),
        ((6,), PaperState.REJECTED),
    ]


def test_a_rejection_waits_for_the_planner(build_office: BuildOffice, office: Office) -> None:
    with office.database.write() as connection:
        propose(connection, office, "督办函", [6])
    reject = partial(
        papers.reject, build_office(), [1], by="分管领导", reason="已沟通", now=at("2021-08-09 10:00")
    )
    rejecting = threading.Thread(target=reject)
    with office.database.write() as connection:
        clockwork.take_turn(connection, "remind")
        rejecting.start()
        rejecting.join(0.5)
        assert papers.list_papers(office)[0].state is PaperState.PROPOSED
    rejecting.join()
    assert papers.list_papers(office)[0].state is PaperState.REJECTED


def test_waking_reminders_and_a_step_never_wait_for_each_other_in_a_ring(
    build_office: BuildOffice, office: Office
) -> None:
    other, rung = build_office(), at("2021-07-25 09:00")

    def wake() -> None:
        with other.database.write() as connection:
            reminders.wake(connection, [(5, rung), (3, rung)])

    waking = threading.Thread(target=wake)
    with office.database.write() as connection:
        items.by_numbers(connection, [3], lock=True)
        waking.start()
        waking.join(0.5)  # it waits for item 3, and must not have item 5 by then
        assert items.by_numbers(connection, [5], lock=True)
    waking.join()
    with office.database.read() as connection:
        assert [each.next_reminder_at for each in items.by_numbers(connection, [3, 5])] == [rung, rung]
