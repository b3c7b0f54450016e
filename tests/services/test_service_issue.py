"""Papers are issued once, with numbers of a series, and given out again as they were."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import update

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, know, rows, strike_off
from tests.support import at, take_in
from tracker.domain.errors import ConfigError, ForbiddenError, NotFoundError, TransitionError
from tracker.domain.issuing import PaperKind, PaperRules
from tracker.domain.lifecycle import Event
from tracker.domain.units import Home
from tracker.services import inspect, issued, papers, step_back
from tracker.services.advance import perform
from tracker.services.issue import issue, issue_for_unit
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store import units
from tracker.store.papers import PaperState, StoredPaper
from tracker.store.schema import item

LATE = at("2021-08-09 10:00")
# Items 1 to 5 are 市教育局's, 6 and 7 市民政局's; 6 was due on 26 July, the others later.
SCHOOLS, CIVIL = (1, 2, 3), (6,)


def walked(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市民政局,孙联,联络员,13800000002,,,", "市行政审批局,钱管,审批局,13800000004,,,")


@pytest.fixture(autouse=True)
def _town(begin: Begin) -> None:
    begin(walked)


def serials(found: list[StoredPaper]) -> list[str]:
    return [paper.document.serial for paper in found if paper.document]


def text_of(office: Office, paper_id: int) -> str:
    document = Document(io.BytesIO(issued.print_paper(office, paper_id).content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def test_each_unit_gets_one_paper_and_each_kind_its_own_numbers(office: Office) -> None:
    strike_off(office, (*SCHOOLS, *CIVIL), LATE)
    first, second = issue(office, PaperKind.STRIKE_OFF, (*SCHOOLS, *CIVIL), by="钱管", now=LATE)
    assert serials([first, second]) == ["销号单〔2021〕1号", "销号单〔2021〕2号"]
    assert [(each.unit, each.numbers) for each in (first, second)] == [
        ("市教育局", SCHOOLS),
        ("市民政局", CIVIL),
    ]
    assert {each.state for each in (first, second)} == {PaperState.APPROVED}
    urged = issue(office, PaperKind.URGING, [4], by="钱管", now=at("2021-12-31 10:00"))
    again = issue(office, PaperKind.URGING, [4], by="钱管", now=at("2022-01-01 10:00"))
    assert serials(urged + again) == ["催办通知书〔2021〕1号", "催办通知书〔2022〕1号"]


def test_a_strike_off_paper_tells_who_handed_in_and_who_verified(office: Office) -> None:
    perform(office, Event.SUBMIT, CIVIL, by="孙联", now=at("2021-07-26 11:00"), reason="已全部办结")
    perform(office, Event.STRIKE_OFF, CIVIL, by="钱管", now=LATE)
    [paper] = issue(office, PaperKind.STRIKE_OFF, CIVIL, by="钱管", now=LATE)
    text = text_of(office, paper.id)
    for words in (
        "责任单位：市民政局",
        "共1项",
        "已全部办结",
        "孙联\n2021-07-26",
        "钱管\n2021-08-09",
        "按期",
    ):
        assert words in text
    assert "市行政审批局" in text
    assert "2021年8月9日" in text
    last = inspect.open_file(office, 6).history[-1]
    assert (last.event, last.actor, last.detail) == ("paper", "钱管", {"paper": "销号单〔2021〕1号"})


def test_an_extension_paper_tells_what_was_asked_and_then_what_was_decided(office: Office) -> None:
    asked, decided = at("2021-07-26 10:00"), at("2021-07-26 15:00")
    with pytest.raises(TransitionError, match="没有申请过延期"):
        issue(office, PaperKind.EXTENSION, [6], by="钱管", now=asked)
    perform(office, Event.EXTEND, [6], by="孙联", now=asked, reason="等待专网开通", to=date(2021, 8, 20))
    [before] = issue(office, PaperKind.EXTENSION, [6], by="钱管", now=asked)
    perform(office, Event.GRANT, [6], by="钱管", now=decided, to=date(2021, 8, 10), reason="请抓紧")
    [after] = issue(office, PaperKind.EXTENSION, [6], by="钱管", now=decided)
    waiting, done = text_of(office, before.id), text_of(office, after.id)
    for text in (waiting, done):
        assert all(words in text for words in ("2021年7月26日", "2021年8月20日", "等待专网开通", "孙联"))
    assert "同意延期" not in waiting
    assert "同意延期至2021年8月10日。请抓紧" in done


def test_a_refused_extension_is_told_and_one_that_was_taken_back_is_not(office: Office) -> None:
    moment = at("2021-07-26 10:00")
    perform(office, Event.EXTEND, [6, 7], by="钱管", now=moment, reason="人手不足", to=date(2021, 9, 30))
    perform(office, Event.REFUSE, [6], by="孙审", now=moment, reason="时间过长")
    [paper] = issue(office, PaperKind.EXTENSION, [6], by="钱管", now=moment)
    assert "不同意延期。时间过长" in text_of(office, paper.id)
    step_back.undo_step(office, [7], by="钱管", now=moment)
    with pytest.raises(TransitionError, match="没有申请过延期"):
        issue(office, PaperKind.EXTENSION, [7], by="钱管", now=moment)


def test_an_approved_letter_has_its_document_in_the_same_step(office: Office) -> None:
    remind(office, now=at("2021-08-09 09:00"))
    [paper] = papers.approve(office, [1], by="分管领导", now=LATE)
    assert serials([paper]) == ["督办函〔2021〕1号"]
    text = text_of(office, paper.id)
    assert "你单位有1项整改事项逾期满10个工作日未完成（清单附后）" in text
    assert "于2021年8月16日前报送" in text
    assert "10个工作日" in text
    with pytest.raises(TransitionError, match="经批准发出"):
        issue(office, PaperKind.LETTER, [7], by="钱管", now=LATE)


def test_of_a_unit_all_that_fits_is_listed_and_only_once(office: Office) -> None:
    [near] = issue_for_unit(office, PaperKind.REMINDER, "市教育局", by="钱管", now=at("2021-07-27 10:00"))
    assert near.numbers == (1, 2, 5)  # the ladder does not speak of the others yet
    assert "3个工作日" in text_of(office, near.id)
    with pytest.raises(TransitionError, match="或已出具过"):
        issue_for_unit(office, PaperKind.REMINDER, "市教育局", by="钱管", now=at("2021-07-27 15:00"))
    [next_day] = issue_for_unit(office, PaperKind.REMINDER, "市教育局", by="钱管", now=at("2021-07-28 10:00"))
    assert next_day.numbers == (1, 2, 4, 5)
    with pytest.raises(NotFoundError):
        issue_for_unit(office, PaperKind.REMINDER, "市农林局", by="钱管", now=LATE)


@pytest.mark.parametrize(
    ("number", "now", "late"),
    [
        (1, "2021-07-31 10:00", "1个工作日"),  # due on Friday 30 July: on Saturday as on Monday
        (1, "2021-08-02 10:00", "1个工作日"),
        (1, "2021-08-03 10:00", "2个工作日"),
        (6, "2021-07-26 17:01", "不足1个工作日"),  # until 17:00
    ],
)
def test_what_is_late_is_never_late_by_no_days(office: Office, number: int, now: str, late: str) -> None:
    with office.database.write() as connection:
        until = item.c.number == 6, item.c.due_on == date(2021, 7, 26)
        connection.execute(update(item).where(*until).values(due_at=at("2021-07-26 17:00")))
    [paper] = issue(office, PaperKind.URGING, [number], by="钱管", now=at(now))
    assert text_of(office, paper.id).splitlines()[-1] == late


def test_a_deferred_item_is_late_from_the_end_of_its_deferral(office: Office) -> None:
    perform(office, Event.DEFER, CIVIL, by="钱管", now=LATE, reason="汛期停工", to=date(2021, 8, 31))
    [paper] = issue(office, PaperKind.URGING, CIVIL, by="钱管", now=at("2021-09-02 10:00"))
    lines = text_of(office, paper.id).splitlines()
    assert lines[-2:] == ["2021-07-26（暂缓至2021-08-31）", "2个工作日"]


@pytest.mark.parametrize(
    ("now", "left"), [("2021-07-30 10:00", "今日到期"), ("2021-07-28 10:00", "2个工作日")]
)
def test_a_reminder_says_how_many_days_are_left(office: Office, now: str, left: str) -> None:
    [paper] = issue(office, PaperKind.REMINDER, [1], by="钱管", now=at(now))
    assert text_of(office, paper.id).splitlines()[-1] == left


def test_nothing_is_written_when_one_item_does_not_fit(office: Office) -> None:
    strike_off(office, [1], LATE)
    before = rows(office)
    with pytest.raises(TransitionError, match=r"第 2 号事项（市教育局）：尚未销号"):
        issue(office, PaperKind.STRIKE_OFF, [1, 2], by="钱管", now=LATE)
    with pytest.raises(TransitionError, match="须由工作人员"):
        issue(office, PaperKind.STRIKE_OFF, [1], by="孙联", now=LATE)
    with pytest.raises(NotFoundError):
        issue(office, PaperKind.STRIKE_OFF, [99], by="钱管", now=LATE)
    with pytest.raises(TransitionError, match="须写明办理人"):
        issue(office, PaperKind.STRIKE_OFF, [1], by=" ", now=LATE)
    assert rows(office) == before


def test_a_template_that_cannot_be_used_gives_no_number_away(office: Office, tmp_path: Path) -> None:
    office = replace(office, paper_templates=tmp_path)
    remind(office, now=at("2021-08-09 09:00"))
    (tmp_path / "letter.docx").write_bytes(b"no document")
    before = rows(office)
    with pytest.raises(ConfigError, match=r"letter\.docx"):
        papers.approve(office, [1], by="分管领导", now=LATE)
    assert rows(office) == before
    (tmp_path / "letter.docx").unlink()
    assert serials(papers.approve(office, [1], by="分管领导", now=LATE)) == ["督办函〔2021〕1号"]


def test_the_same_paper_is_not_issued_twice_unless_the_first_is_void(office: Office) -> None:
    strike_off(office, SCHOOLS, LATE)
    [paper] = issue(office, PaperKind.STRIKE_OFF, SCHOOLS, by="钱管", now=LATE)
    with pytest.raises(TransitionError, match="已有销号单〔2021〕1号"):
        issue(office, PaperKind.STRIKE_OFF, [2], by="钱管", now=LATE)
    with pytest.raises(TransitionError, match="理由"):
        issued.void(office, paper.id, by="钱管", reason=" ", now=LATE)
    with pytest.raises(ForbiddenError):
        issued.void(office, paper.id, by="孙联", reason="写错", now=LATE)
    voided = issued.void(office, paper.id, by="钱管", reason="漏列一项", now=LATE)
    assert voided.document is not None
    assert (voided.document.voided_by, voided.document.void_reason) == ("钱管", "漏列一项")
    with pytest.raises(TransitionError, match="已由钱管作废"):
        issued.void(office, paper.id, by="钱管", reason="再来", now=LATE)
    assert inspect.open_file(office, 1).history[-1].reason == "漏列一项"
    assert serials(issue(office, PaperKind.STRIKE_OFF, SCHOOLS, by="钱管", now=LATE)) == ["销号单〔2021〕2号"]
    assert issued.print_paper(office, paper.id).filename == "销号单〔2021〕1号.docx"


def test_a_second_strike_off_has_a_paper_of_its_own(office: Office) -> None:
    strike_off(office, [1], LATE)
    issue(office, PaperKind.STRIKE_OFF, [1], by="钱管", now=LATE)
    later = at("2021-08-11 10:00")
    perform(office, Event.REOPEN, [1], by="钱管", now=at("2021-08-10 10:00"), reason="又出现")
    strike_off(office, [1], later)
    assert serials(issue(office, PaperKind.STRIKE_OFF, [1], by="钱管", now=later)) == ["销号单〔2021〕2号"]


def test_what_is_printed_later_is_what_was_issued(office: Office) -> None:
    strike_off(office, [1], LATE)
    [paper] = issue(office, PaperKind.STRIKE_OFF, [1], by="钱管", now=LATE)
    first = issued.print_paper(office, paper.id)
    perform(office, Event.REOPEN, [1], by="钱管", now=at("2021-09-01 10:00"), reason="又出现")
    issued.void(office, paper.id, by="钱管", reason="反弹", now=at("2021-09-01 10:00"))
    assert issued.print_paper(office, paper.id) == first
    assert paper.document is not None
    assert paper.document.sha256 == hashlib.sha256(first.content).hexdigest()


def test_a_pdf_is_made_once_and_kept(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = tmp_path / "runs"
    program = tmp_path / "soffice"
    program.write_text(
        f'#!/bin/sh\necho run >> {counted}\nfor last; do :; done\ndate +%N > "${{last%.docx}}.pdf"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    strike_off(office, [1], LATE)
    [paper] = issue(office, PaperKind.STRIKE_OFF, [1], by="钱管", now=LATE)
    first = issued.print_pdf(office, paper.id)
    assert first.filename == "销号单〔2021〕1号.pdf"
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))  # gone since: what was made is still given out
    assert issued.print_pdf(office, paper.id) == first
    assert counted.read_text() == "run\n"


def test_two_processes_at_once_never_give_the_same_number(build_office: BuildOffice) -> None:
    one, other = build_office(), build_office()
    strike_off(one, range(1, 9), LATE)

    def take(office: Office, number: int) -> str:
        return serials(issue(office, PaperKind.STRIKE_OFF, [number], by="钱管", now=LATE))[0]

    found = at_once(*(lambda n=n: take((one, other)[n % 2], n) for n in range(1, 9)))
    assert sorted(map(str, found)) == [f"销号单〔2021〕{n}号" for n in range(1, 9)]


def test_of_the_same_item_pressed_twice_at_once_one_paper_comes(build_office: BuildOffice) -> None:
    one, other = build_office(), build_office()
    strike_off(one, [1], LATE)
    found = at_once(
        *(lambda o=o: issue(o, PaperKind.STRIKE_OFF, [1], by="钱管", now=LATE) for o in (one, other))
    )
    assert sorted(type(each).__name__ for each in found) == ["TransitionError", "list"]


def test_a_paper_beyond_the_reach_is_none(office: Office) -> None:
    strike_off(office, [1], LATE)
    [paper] = issue(office, PaperKind.STRIKE_OFF, [1], by="钱管", now=LATE)
    with office.database.read() as connection:
        [civil] = [unit.id for unit in units.all_units(connection) if unit.name == "市民政局"]
    near = replace(office, database=office.database.within(frozenset({civil})))
    for closed in (issued.print_paper, issued.print_pdf):
        with pytest.raises(NotFoundError):
            closed(near, paper.id)
    with pytest.raises(NotFoundError):
        issued.void(near, paper.id, by="钱管", reason="误出", now=LATE)
    assert issued.documents_about(near, 1) == []
    assert [each.id for each in issued.documents_about(office, 1)] == [paper.id]


def test_the_issuer_is_the_one_named_or_the_one_with_the_bureaus_people(office: Office) -> None:
    strike_off(office, [1, 2, 3, 4], LATE)
    home = replace(office, rules=replace(office.rules, home=Home("云澜市", "市")))
    [paper] = issue(home, PaperKind.STRIKE_OFF, [1], by="钱管", now=LATE)
    assert "云澜市行政审批局" in text_of(office, paper.id).splitlines()
    rules = PaperRules(issuer="云澜市整改工作办公室", codes={PaperKind.STRIKE_OFF: "云整销"})
    named = replace(office, rules=replace(office.rules, papers=rules))
    [paper] = issue(named, PaperKind.STRIKE_OFF, [2], by="钱管", now=LATE)
    text = text_of(office, paper.id)
    assert "云澜市整改工作办公室" in text
    assert re.search("^云整销〔2021〕2号$", text, re.M)
    know(office, "市数据局,赵管,审批局,13800000005,,,")
    with pytest.raises(ConfigError, match="由哪个单位落款"):
        issue(office, PaperKind.STRIKE_OFF, [3], by="钱管", now=LATE)
