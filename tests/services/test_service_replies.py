"""Replies of units: evidence beside the item they speak of, never a new item."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.services.scenes import counts, rows
from tests.support import BULLETIN, at, take_in
from tracker.domain.lifecycle import Event, State
from tracker.intake import read_document
from tracker.intake.model import Reply
from tracker.services import advance, inspect, register
from tracker.services.corrections import Corrections
from tracker.services.office import Office
from tracker.services.preview import Preview, judge
from tracker.services.register import Source
from tracker.services.undo import undo

NOW, LATER = at("2021-07-23 17:00"), at("2021-07-28 10:00")
DOCUMENT = Source("关于问题整改情况的通报\n2021年7月28日\n".encode(), "回复.txt")
MISSING = "没有设置统计信息专栏"


def reply(problem: str, *, unit: str = "市教育局", is_done: bool = True) -> Reply:
    return Reply(unit, problem, "已增设该专栏并发布内容", is_done, 3)


def answer(office: Office, *replies: Reply, now: datetime = LATER) -> Preview:
    reading = replace(read_document(DOCUMENT.content, DOCUMENT.filename), findings=(), replies=replies)
    with office.database.write() as connection:
        return register.commit_reading(
            connection, office, DOCUMENT, reading, Corrections(), by="经办", now=now
        )


def test_a_reply_that_says_done_hands_its_item_in_with_its_words_as_evidence(office: Office) -> None:
    take_in(office, NOW)
    plan = answer(office, reply("没有统计信息栏目"))
    assert [each.number for each in plan.replies] == [4]
    file = inspect.open_file(office, 4)
    assert file.item.standing.state is State.SUBMITTED
    assert (file.item.standing.submitted_by, file.item.standing.submitted_at) == ("市教育局", LATER)
    assert [row.event for row in file.history] == ["import", "submit", "reply"]
    assert [row.value for row in file.evidence] == ["已增设该专栏并发布内容（关于问题整改情况的通报）"]
    assert counts(office)["item"] == 9


def test_a_reply_that_promises_is_evidence_only(office: Office) -> None:
    take_in(office, NOW)
    answer(office, reply(MISSING, is_done=False))
    file = inspect.open_file(office, 4)
    assert file.item.standing.state is State.OPEN
    assert [row.event for row in file.history] == ["import", "reply"]


@pytest.mark.parametrize(
    "strange",
    [
        reply("门户网站打不开"),
        reply(MISSING, unit="市民政局"),
        reply(MISSING, unit="市无此局"),
    ],
)
def test_a_reply_that_fits_no_item_of_its_unit_is_shown_and_changes_nothing(
    office: Office, strange: Reply
) -> None:
    take_in(office, NOW)
    before = rows(office)
    plan = answer(office, strange)
    assert [each.number for each in plan.replies] == [None]
    after = rows(office)
    assert len(after.pop("bulletin")) == len(before.pop("bulletin")) + 1
    assert after == before


def test_a_reply_between_two_items_alike_is_not_guessed(office: Office) -> None:
    take_in(office, NOW, BULLETIN.replace("2.财政资金栏目长期不更新。", "2.没有设置统计信息专栏。"))
    assert [each.number for each in answer(office, reply(MISSING)).replies] == [None]


def test_a_struck_off_item_takes_no_reply(office: Office) -> None:
    take_in(office, NOW)
    advance.perform(office, Event.WITHDRAW, [4], by="审批局", now=NOW, reason="误列")
    assert [each.number for each in answer(office, reply(MISSING)).replies] == [None]


def test_the_same_words_again_are_not_recorded_twice(office: Office) -> None:
    take_in(office, NOW)
    answer(office, reply(MISSING))
    advance.perform(office, Event.RETURN, [4], by="审批局", now=LATER, reason="仍打不开")
    with office.database.read() as connection:
        reading = replace(
            read_document(DOCUMENT.content + b"\n", "另存.txt"), findings=(), replies=(reply(MISSING),)
        )
        shown = judge(connection, office, reading, Corrections())
    assert [(each.number, each.is_recorded) for each in shown.replies] == [(4, True)]


def test_undoing_takes_the_submission_back_and_reminds_again(office: Office) -> None:
    take_in(office, NOW)
    before = inspect.open_file(office, 4).item
    answer(office, reply(MISSING))
    undo(office, 2, by="经办", reason="不是这个单位的回复", now=LATER)
    file = inspect.open_file(office, 4)
    assert file.item.standing == before.standing
    assert file.item.next_reminder_at is not None
    assert [row.event for row in file.history] == ["import", "submit", "reply", "undo"]
