"""A 督办函 from its approval to its voiding: to whom it is addressed, what it lists, what is still sent."""

from __future__ import annotations

import io
import threading
from datetime import date
from functools import partial

import pytest
from docx import Document
from sqlalchemy import update

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import carried, know, messages
from tests.support import at, take_in
from tracker.domain.errors import ForbiddenError, TransitionError
from tracker.domain.issuing import PaperKind
from tracker.services import issued, papers
from tracker.services.issue import issue, issue_document
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store import clockwork, items
from tracker.store.outbox import MessageState
from tracker.store.papers import PaperState, StoredPaper
from tracker.store.schema import item

ISSUED, LATE, LATER = at("2021-07-23 17:00"), at("2021-08-13 10:00"), at("2021-08-27 10:00")
# Items 1 to 5 are 市教育局's, 6 and 7 市民政局's; on 13 August 1, 2, 5 and 6 have come to a 督办函.
CONTACTS = (
    "市教育局,李联,联络员,13800000001,,,",
    "市民政局,孙联,联络员,13800000002,,,",
    "市行政审批局,钱管,审批局,13800000004,,,",
)


def asked(office: Office) -> None:
    take_in(office, ISSUED)
    know(office, *CONTACTS)
    remind(office, now=at("2021-08-13 09:00"))


@pytest.fixture(autouse=True)
def _town(begin: Begin) -> None:
    begin(asked)


def letter_to(office: Office, unit: str) -> StoredPaper:
    """The newest."""
    return next(each for each in papers.list_papers(office) if (each.kind, each.unit) == ("督办函", unit))


def move(office: Office, number: int, to_the_unit_of: int) -> None:
    with office.database.write() as connection:
        [other] = items.by_numbers(connection, [to_the_unit_of])
        moved = update(item).where(item.c.number == number).values(unit_id=other.unit_id)
        connection.execute(moved)


def lines_of(office: Office, paper: StoredPaper) -> list[str]:
    document = Document(io.BytesIO(issued.print_paper(office, paper.id).content))
    rows = (row.cells for table in document.tables for row in table.rows)
    return [*(each.text for each in document.paragraphs), *(cells[1].text for cells in rows)]


def test_an_item_that_moved_on_is_left_out_and_the_letter_stays_its_units(office: Office) -> None:
    paper = letter_to(office, "市教育局")
    assert paper.numbers == (1, 2, 5)
    move(office, 1, to_the_unit_of=6)
    [paper] = papers.approve(office, [paper.id], by="钱管", now=LATE)
    assert paper.decision == "第 1 号事项已改由其他单位办理，未列入"
    lines = lines_of(office, paper)
    assert "市教育局：" in lines
    assert lines[-3:] == ["编号", "2", "5"]
    assert [each.recipient for each in messages(office) if each.kind == "paper"] == [
        "市教育局 李联（联络员）"
    ]


def test_a_letter_all_of_whose_items_moved_on_is_refused(office: Office) -> None:
    paper = letter_to(office, "市民政局")
    move(office, 6, to_the_unit_of=1)
    with pytest.raises(TransitionError, match="或已改由其他单位办理，无须发出"):
        papers.approve(office, [paper.id], by="钱管", now=LATE)


def test_what_moved_on_may_be_asked_of_the_other_unit(office: Office) -> None:
    move(office, 1, to_the_unit_of=6)
    remind(office, now=at("2021-08-20 09:00"))
    assert letter_to(office, "市民政局").numbers == (1, 6, 7)


def test_no_document_lists_items_of_another_unit(office: Office) -> None:
    paper = letter_to(office, "市教育局")
    with office.database.write() as connection:
        found = items.by_numbers(connection, [1, 6], lock=True)
        with pytest.raises(TransitionError, match="第 6 号事项不属于市教育局"):
            issue_document(connection, office, paper, found, by="钱管", now=LATE)


def test_a_void_letter_does_not_leave_any_more_and_is_proposed_again(office: Office) -> None:
    approved, voided, morning = at("2021-08-13 19:30"), at("2021-08-13 19:40"), at("2021-08-16 09:00")
    school, civil = letter_to(office, "市教育局"), letter_to(office, "市民政局")
    papers.approve(office, [school.id, civil.id], by="钱管", now=approved)  # held until the morning
    issued.void(office, civil.id, by="钱管", reason="落款有误", now=voided)
    carried(office, lambda: morning)
    told = {each.recipient: (each.state, each.error) for each in messages(office) if each.kind == "paper"}
    assert told["市民政局 孙联（联络员）"] == (MessageState.SUPERSEDED, "文书已作废，未发出")
    assert told["市教育局 李联（联络员）"][0] == MessageState.ACCEPTED
    remind(office, now=at("2021-08-20 09:00"))
    again, other = letter_to(office, "市民政局"), letter_to(office, "市教育局")
    assert (again.state, again.numbers) == (PaperState.PROPOSED, (6, 7))
    assert 1 not in other.numbers  # what was said of it stands


def test_voiding_waits_for_the_planner(build_office: BuildOffice, office: Office) -> None:
    paper = letter_to(office, "市民政局")
    papers.approve(office, [paper.id], by="钱管", now=LATE)
    void = partial(issued.void, build_office(), paper.id, by="钱管", reason="落款有误", now=LATE)
    voiding = threading.Thread(target=void)
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        voiding.start()
        voiding.join(0.5)
        assert voiding.is_alive()
    voiding.join()
    assert letter_to(office, "市民政局").document.voided_by == "钱管"


def test_a_letter_of_very_many_items_lists_the_first_to_fall_due_and_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.services.issue.MOST_ITEMS", 2)
    with office.database.write() as connection:
        connection.execute(update(item).where(item.c.number == 5).values(due_on=date(2021, 7, 29)))
    [paper] = papers.approve(office, [letter_to(office, "市教育局").id], by="钱管", now=LATE)
    lines = lines_of(office, paper)
    assert lines[-3:] == ["编号", "1", "5"]
    assert (
        "你单位有3项整改事项逾期满10个工作日未完成，本函列出时限最早的2项，其余1项见整改台账（清单附后）"
        in "".join(lines)
    )
    assert paper.decision == "文书只列出时限最早的 2 项，其余 1 项见整改台账"
    [told] = [each.text for each in messages(office) if each.kind == "paper"]
    assert all(f"**{number}号**" in told for number in (1, 2, 5))


def test_what_a_person_issues_is_refused_beyond_its_limits_and_can_be_split(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.services.issue.MOST_PAPERS", 1)
    with pytest.raises(TransitionError, match="一次最多出具 1 份，现有 2 份，请分批出具"):
        issue(office, PaperKind.URGING, [1, 6], by="钱管", now=LATE)
    monkeypatch.setattr("tracker.services.issue.MOST_ITEMS", 1)
    with pytest.raises(TransitionError, match="最多列 1 项，现有 2 项，请分批出具"):
        issue(office, PaperKind.URGING, [1, 2], by="钱管", now=LATE)
    [paper] = issue(office, PaperKind.URGING, [1], by="钱管", now=LATE)
    assert paper.numbers == (1,)


def test_what_bears_the_bureaus_head_is_not_a_districts_to_send(office: Office) -> None:
    know(office, *CONTACTS, "澜东区,区管,审批局,13800000008,,,")
    remind(office, now=at("2021-08-27 09:00"))
    letter = letter_to(office, "澜东区")
    words = r"以审批局名义{}须由工作人员、分管领导或管理员办理（区管：不是全市的经办人）"
    with pytest.raises(ForbiddenError, match=words.format("批准督办函")):
        papers.approve(office, [letter.id], by="区管", now=LATER)
    with pytest.raises(TransitionError, match=words.format("出具催办通知书")):
        issue(office, PaperKind.URGING, [8], by="区管", now=LATER)
    papers.approve(office, [letter.id], by="钱管", now=LATER)
    with pytest.raises(ForbiddenError, match=words.format("作废文书")):
        issued.void(office, letter.id, by="区管", reason="误出", now=LATER)


def test_a_district_sends_what_bears_no_head(office: Office) -> None:
    know(office, *CONTACTS, "澜东区,区管,审批局,13800000008,,,")
    with office.database.write() as connection:
        connection.execute(update(item).where(item.c.number == 8).values(due_on=date(2021, 7, 26)))
    remind(office, now=LATER)
    notice = next(each for each in papers.list_papers(office) if (each.kind, each.unit) == ("通报", "澜东区"))
    [notice] = papers.approve(office, [notice.id], by="区管", now=LATER)
    assert (notice.decided_by, notice.document) == ("区管", None)
