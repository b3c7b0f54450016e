"""Ladders for classes and lists, kept by items; papers that wait for approval; staff and nudges."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import know, messages, strike_off
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.ladders import Audience
from tracker.domain.lifecycle import Event
from tracker.resources import shipped
from tracker.services import inspect, papers
from tracker.services.advance import perform
from tracker.services.deliver import deliver
from tracker.services.diagnose import diagnose
from tracker.services.nudge import nudge
from tracker.services.office import Office
from tracker.services.recompute import follow_calendar
from tracker.services.remind import Reminding, remind
from tracker.store import items
from tracker.store.papers import PaperState
from tracker.store.schema import item

ISSUED = at("2021-07-23 17:00")
EDU, CIVIL, HEAD = "市教育局 李联（联络员）", "市民政局 孙联（联络员）", "市民政局 吴负（负责人）"
BUREAU, EAST = "市行政审批局 钱管（审批局）", "澜东区 周联（联络员）"
CONTACTS = (
    "市教育局,李联,联络员,13800000001,,,",
    "市民政局,孙联,联络员,13800000002,,,",
    "市民政局,吴负,负责人,13800000003,,,",
    "市行政审批局,钱管,审批局,13800000004,,,",
    "澜东区,周联,联络员,13800000005,,,",
)
# Item 6, of 市民政局, is due on 26 July 2021, a Monday; items 1, 2 and 5 of 市教育局 on the 30th.
TENTH_DAY_LATE, TWENTIETH_DAY_LATE = "2021-08-09 09:00", "2021-08-23 09:00"
STRICT = """
[strict]
classes = ["overdue_acceptance"]
before = []
daily_after = 2
then_every = 1
[strict.escalate]
"负责人" = 2
[[strict.stages]]
from = 2
paper = "督办函"
colour = "红"
channels = ["sms", "sandbox"]
"""


def walked(office: Office) -> None:
    take_in(office, ISSUED)
    know(office, *CONTACTS)


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(walked)
    return office


def told(result: Reminding) -> dict[str, tuple[str, set[int]]]:
    return {each.recipient: (each.kind, set(each.numbers)) for each in result.planned}


def configured(folder: Path, more: str) -> Path:
    folder.mkdir(exist_ok=True)
    text = (shipped("config") / "ladders.toml").read_text("utf-8")
    (folder / "ladders.toml").write_text(text + more, "utf-8")
    return folder


def test_a_class_climbs_its_own_ladder_and_the_others_theirs(
    build_office: BuildOffice, tmp_path: Path
) -> None:
    office = build_office(config=configured(tmp_path / "config", STRICT))
    take_in(office, ISSUED)
    know(office, *CONTACTS)
    assert told(remind(office, now=at("2021-07-27 09:00"))) == {
        CIVIL: ("overdue", {6}),
        EDU: ("reminder", {1, 2, 5}),
        EAST: ("reminder", {8}),
    }
    result = told(remind(office, now=at("2021-07-28 09:00")))
    assert result[HEAD] == ("escalation", {6})
    assert papers.list_papers(office)[0].numbers == (6,)


def test_a_list_named_in_the_title_goes_before_the_class(build_office: BuildOffice, tmp_path: Path) -> None:
    lists = '\n[slow]\nlists = ["季度考核"]\nbefore = []\non_the_day = false\ndaily_after = 0\n'
    lists += '[slow.escalate]\n"负责人" = 5\n'
    office = build_office(config=configured(tmp_path / "config", STRICT + lists))
    take_in(office, ISSUED)
    know(office, *CONTACTS)
    assert remind(office, now=at("2021-07-27 09:00")).planned == ()
    assert told(remind(office, now=at("2021-08-02 09:00"))) == {
        CIVIL: ("overdue", {6}),
        HEAD: ("escalation", {6}),
    }


def test_an_item_keeps_the_ladder_it_was_started_with(
    office: Office, build_office: BuildOffice, tmp_path: Path
) -> None:
    changed = build_office(config=configured(tmp_path / "config", STRICT))
    before = told(remind(office, now=at("2021-07-28 09:00"), dry_run=True))
    assert told(remind(changed, now=at("2021-07-28 09:00"))) == before
    assert papers.list_papers(changed) == []
    # Still so after a step that begins the ladder anew.
    until = date(2021, 8, 13)
    perform(changed, Event.DEFER, [6], by="分管", now=at("2021-07-28 10:00"), reason="等批复", to=until)
    assert "到期前7个工作日" in inspect.open_file(changed, 6).why


def test_a_stage_says_by_which_channels(build_office: BuildOffice, tmp_path: Path) -> None:
    office = build_office(config=configured(tmp_path / "config", STRICT))
    take_in(office, ISSUED)
    know(office, *CONTACTS)
    remind(office, now=at("2021-07-28 09:00"))
    by_channel = Counter((each.recipient, each.channel) for each in messages(office))
    assert by_channel[CIVIL, "sandbox"] == 1  # of the two only the sandbox is set up here
    assert max(by_channel.values()) == 1


def test_a_paper_waits_for_a_person_and_reminders_go_on(office: Office) -> None:
    result = told(remind(office, now=at(TENTH_DAY_LATE)))
    assert result[CIVIL] == ("overdue", {6, 7})
    [paper] = papers.list_papers(office, PaperState.PROPOSED)
    assert (paper.kind, paper.unit, paper.numbers) == ("督办函", "市民政局", (6,))
    assert paper.reason == "逾期满10个工作日未完成"
    assert "paper" not in {message.kind for message in messages(office)}


def test_an_approved_paper_goes_to_all_whom_the_ladder_has_reached_and_stands_in_the_history(
    office: Office,
) -> None:
    remind(office, now=at(TENTH_DAY_LATE))
    [paper] = papers.approve(office, [1], by="分管领导", now=at("2021-08-09 10:00"))
    assert (paper.state, paper.decided_by) == (PaperState.APPROVED, "分管领导")
    sent = {each.recipient: each for each in messages(office) if each.kind == "paper"}
    assert set(sent) == {CIVIL, HEAD}
    assert "督办函〔2021〕1号" in sent[HEAD].text
    assert sent[CIVIL].reason == "督办函〔2021〕1号经批准发出：1项逾期满10个工作日未完成"
    assert inspect.open_file(office, 6).history[-1].event == "paper"


def test_a_paper_is_proposed_once_for_a_deadline_and_the_graver_one_after_it(office: Office) -> None:
    for day in (TENTH_DAY_LATE, "2021-08-10 09:00", "2021-08-16 09:00", TWENTIETH_DAY_LATE):
        remind(office, now=at(day))
    found = [(paper.kind, paper.unit, paper.numbers) for paper in papers.list_papers(office)]
    assert found.count(("通报", "市民政局", (6,))) == 1
    assert [numbers for kind, _, numbers in found if kind == "督办函" and 6 in numbers] == [(6,)]


def test_a_rejected_paper_does_not_go_out_nor_come_again(office: Office) -> None:
    remind(office, now=at(TENTH_DAY_LATE))
    papers.reject(office, [1], by="分管领导", reason="已电话沟通", now=at("2021-08-09 10:00"))
    remind(office, now=at("2021-08-16 09:00"))
    assert [(each.id, each.state) for each in papers.list_papers(office) if 6 in each.numbers] == [
        (1, PaperState.REJECTED)
    ]
    with pytest.raises(TransitionError, match="督办函第1号已由分管领导驳回"):
        papers.approve(office, [1], by="局长", now=at("2021-08-16 10:00"))


def test_a_paper_about_items_handed_in_meanwhile_is_refused(office: Office) -> None:
    remind(office, now=at(TENTH_DAY_LATE))
    perform(office, Event.SUBMIT, [6], by="孙联", now=at("2021-08-09 09:30"))
    before = len(messages(office))
    with pytest.raises(TransitionError, match="均已报送或不再逾期"):
        papers.approve(office, [1], by="分管领导", now=at("2021-08-09 10:00"))
    with pytest.raises(NotFoundError, match="没有编号为 7 的待批文书"):
        papers.approve(office, [7], by="分管领导", now=at("2021-08-09 10:00"))
    assert len(messages(office)) == before
    assert papers.list_papers(office)[0].state is PaperState.PROPOSED


def test_what_nobody_verifies_is_told_to_the_bureau_each_day_until_somebody_does(office: Office) -> None:
    perform(office, Event.SUBMIT, [1, 2], by="李联", now=at("2021-07-26 10:00"))
    days = ("2021-07-28 09:00", "2021-07-29 09:00", "2021-07-30 09:00")
    walked = [told(remind(office, now=at(day))).get(BUREAU) for day in days]
    assert walked == [None, ("staff", {1, 2}), ("staff", {1, 2})]
    perform(office, Event.STRIKE_OFF, [1, 2], by="核验员", now=at("2021-07-30 10:00"))
    assert BUREAU not in told(remind(office, now=at("2021-08-02 09:00")))
    reasons = [each.reason for each in messages(office) if each.recipient == BUREAU]
    assert reasons == ["报送3个工作日未核验2项", "报送4个工作日未核验2项"]


def test_a_returned_item_is_chased_again_and_no_longer_waits_for_the_bureau(office: Office) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 10:00"))
    perform(office, Event.RETURN, [1], by="核验员", now=at("2021-07-28 10:00"), reason="仍有3件")
    [told_at_once] = messages(office)
    assert (told_at_once.recipient, told_at_once.kind) == (EDU, "returned")
    assert "仍有3件" not in told_at_once.text  # what a person typed stays in the office
    assert 1 in told(remind(office, now=at("2021-08-02 09:00")))[EDU][1]
    assert BUREAU not in {each.recipient for each in messages(office)}


def test_a_nudge_tells_each_contact_once_and_not_again_within_the_day(office: Office) -> None:
    nudge(office, [1, 2, 6], by="钱管", now=at("2021-07-26 10:00"))
    deliver(office, lambda: at("2021-07-26 10:01"))
    sent = {each.recipient: each for each in messages(office)}
    assert {label: each.kind for label, each in sent.items()} == {EDU: "nudge", CIVIL: "nudge"}
    assert sent[EDU].reason == "钱管催办"
    assert "2** 项" in sent[EDU].text
    with pytest.raises(TransitionError, match="第 1 号（上次 2021-07-26 10:00）在 24 小时内已催办过"):
        nudge(office, [1, 5], by="钱管", now=at("2021-07-26 15:00"))
    assert len(messages(office)) == 2
    nudge(office, [1], by="钱管", now=at("2021-07-27 10:00"))
    assert [row.event for row in inspect.open_file(office, 1).history] == ["import", "nudge", "nudge"]


def test_nobody_is_nudged_about_what_is_not_theirs_to_do(office: Office) -> None:
    strike_off(office, [1], at("2021-07-26 10:00"))
    with pytest.raises(TransitionError, match="第 1 号（已销号）现在不需要责任单位办理"):
        nudge(office, [1, 2], by="钱管", now=at("2021-07-26 11:00"))
    assert [each.kind for each in messages(office)] == ["struck_off"]


def test_a_unit_without_a_contact_is_an_alarm_to_the_bureau(build_office: BuildOffice) -> None:
    office = build_office()
    take_in(office, ISSUED)
    know(office, *(line for line in CONTACTS if "澜东区" not in line))
    result = told(remind(office, now=at("2021-07-27 09:00")))
    assert result[BUREAU] == ("staff", {8})
    assert result["澜东区（未登记联络员）"] == ("reminder", {8})
    [alarm] = [each for each in messages(office) if each.recipient == BUREAU]
    assert alarm.reason == "1个单位没有联络员，提醒无人接收"
    assert "**澜东区**" in alarm.text
    assert remind(office, now=at("2021-07-27 09:01")).planned == ()


def test_only_the_bureau_decides_about_papers_and_nudges(office: Office) -> None:
    remind(office, now=at(TENTH_DAY_LATE))
    with pytest.raises(TransitionError, match="孙联不是审批局的人"):
        papers.approve(office, [1], by="孙联", now=at("2021-08-09 10:00"))
    with pytest.raises(TransitionError, match="李联不是审批局的人，不能催办"):
        nudge(office, [1], by="李联", now=at("2021-08-09 10:00"))
    assert papers.list_papers(office)[0].state is PaperState.PROPOSED


def test_a_department_s_leaders_do_not_hear_of_another_department(build_office: BuildOffice) -> None:
    office = build_office()
    take_in(office, ISSUED)
    know(office, *CONTACTS, "市教育局,何组,领导小组,13800000006,,,")
    remind(office, now=at("2021-08-02 09:00"))  # item 6 of 市民政局 is five working days late
    assert "市教育局 何组（领导小组）" not in {each.recipient for each in messages(office)}
    remind(office, now=at("2021-08-06 09:00"))  # so are those of 市教育局 itself
    assert "市教育局 何组（领导小组）" in {each.recipient for each in messages(office)}


def test_without_a_bureau_on_file_what_waits_for_it_is_shown_to_staff(build_office: BuildOffice) -> None:
    office = build_office()
    take_in(office, ISSUED)
    know(office, *(line for line in CONTACTS if "审批局,1" not in line))
    perform(office, Event.SUBMIT, [1, 6], by="核验员", now=at("2021-07-26 10:00"))
    result = remind(office, now=at("2021-07-29 09:00"))
    assert told(result)["本市（未登记审批局）"] == ("staff", {1, 6})
    [found] = [each for each in diagnose(office, now=at("2021-07-29 09:00")) if each.name == "bureau"]
    assert not found.ok


def test_after_a_drill_in_the_future_submitted_and_deferred_items_are_spoken_of_again(office: Office) -> None:
    until = date(2021, 8, 13)
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 10:00"))
    perform(office, Event.DEFER, [6], by="分管", now=at("2021-07-26 10:00"), reason="等批复", to=until)
    remind(office, now=at("2022-01-04 09:00"))
    remind(office, now=at("2021-07-27 09:00"))
    assert inspect.pick_items(office, [1])[0].next_reminder_at == at("2021-07-29 09:00")
    assert inspect.pick_items(office, [6])[0].next_reminder_at == at("2021-08-04 09:00")


def test_submissions_from_before_the_bureau_was_reminded_are_reminded_of_after_the_upgrade(
    office: Office,
) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 10:00"))
    with office.database.write() as connection:
        items.set_columns(connection, 1, next_reminder_at=None)
    follow_calendar(office, now=at("2021-07-27 09:00"))
    assert inspect.pick_items(office, [1])[0].next_reminder_at == at("2021-07-29 09:00")


def test_above_the_contact_what_is_not_late_is_no_escalation(office: Office) -> None:
    """Ladders that items were started with may name an audience from the day itself, or before."""
    rules = office.rules
    early = replace(rules.ladder, escalate=((Audience.HEAD, -3),))
    known = replace(rules.ladders, by_code={early.code: early})
    office = replace(office, rules=replace(rules, ladders=known))
    with office.database.write() as connection:
        connection.execute(update(item).values(ladder_id=None))
    assert told(remind(office, now=at("2021-07-26 09:00")))[HEAD] == ("due_today", {6})
    assert told(remind(office, now=at("2021-07-27 09:00")))[HEAD] == ("escalation", {6})


def test_progress_on_what_is_deferred_swallows_no_reminder(office: Office) -> None:
    until = date(2021, 8, 10)
    perform(office, Event.DEFER, [8], by="分管", now=at("2021-07-26 08:00"), reason="等批复", to=until)
    remind(office, now=at("2021-08-05 09:00"))
    # The rung of the 9th is due and not yet said.
    perform(office, Event.PROGRESS, [8], by="周联", left=1, now=at("2021-08-09 09:05"))
    assert 8 in told(remind(office, now=at("2021-08-09 09:10")))[EAST][1]


def test_a_refusal_while_it_waits_for_the_bureau_swallows_no_reminder(office: Office) -> None:
    asked, until = at("2021-07-26 08:00"), date(2021, 8, 20)
    perform(office, Event.EXTEND, [1], by="李联", now=asked, reason="等批复", to=until)
    perform(office, Event.SUBMIT, [1], by="李联", now=asked)
    perform(office, Event.REFUSE, [1], by="核验员", now=at("2021-07-29 09:05"), reason="已报送")
    assert told(remind(office, now=at("2021-07-29 09:10")))[BUREAU] == ("staff", {1})


def test_what_was_said_is_not_made_up_for_after_a_moment_in_the_past(office: Office) -> None:
    for day in ("2021-07-26", "2021-07-27", "2021-07-28", "2021-07-29", "2021-07-30"):
        remind(office, now=at(f"{day} 09:00"))
    remind(office, now=at("2021-07-27 09:10"))
    [plan] = [each for each in remind(office, now=at("2021-08-02 09:00")).planned if each.recipient == CIVIL]
    assert (plan.numbers, plan.reason) == ((6,), "逾期5个工作日1项")
