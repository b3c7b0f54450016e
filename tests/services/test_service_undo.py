"""Taking an import back: all of it or nothing, and only while nobody has worked on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.services.scenes import NEXT_BULLETIN, counts, know, messages, rows
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.lifecycle import Event, State
from tracker.services import advance, inspect, register
from tracker.services.corrections import Corrections, Drop
from tracker.services.deliver import deliver
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.services.papers import list_papers
from tracker.services.papers import reject as reject_papers
from tracker.services.register import Source
from tracker.services.remind import remind
from tracker.services.undo import undo
from tracker.store import history, observations, papers, removal
from tracker.store.observations import StoredObservation
from tracker.store.supersede import supersede_about

# Of 市教育局, about item 4 of the bulletin.
REPLY = """市教育局关于政务服务问题整改情况的报告

2021年8月10日

市审批局：
我局已逐项核对，现将整改情况报告如下：

一、关于没有设置统计信息专栏的问题。该专栏已增设，已完成整改。

市教育局
2021年8月10日
"""
NOW, LATER = at("2021-07-23 17:00"), at("2021-10-22 17:00")
DUE = at("2021-07-30 10:00")  # the deadline of item 8


def take_back(office: Office, bulletin_id: int, now: datetime = LATER) -> None:
    undo(office, bulletin_id, by="经办", reason="选错了文件", now=now)


def test_items_units_and_sightings_go_and_the_ledger_tells_of_it(office: Office) -> None:
    take_in(office, NOW)
    take_back(office, 1)
    left = counts(office)
    assert [left[name] for name in ("item", "unit", "sighting")] == [0, 0, 0]
    [ledger] = inspect.list_bulletins(office)
    assert (ledger.undone_at, ledger.undone_by, ledger.undone_reason) == (LATER, "经办", "选错了文件")
    assert ledger.counts["new"] == 9


def test_the_history_of_what_goes_stays_and_tells_who_took_it_away_and_why(office: Office) -> None:
    take_in(office, NOW)
    take_back(office, 1)
    with office.database.read() as connection:
        for number in range(1, 10):
            made, gone = history.of_item(connection, number)
            assert (made.event, made.state, made.at) == ("import", "open", NOW)
            assert (gone.event, gone.state, gone.at) == ("undo", "withdrawn", LATER)
            assert (gone.actor, gone.reason) == ("经办", "选错了文件")


def test_the_file_can_be_read_in_again_under_new_numbers(office: Office) -> None:
    take_in(office, NOW)
    take_back(office, 1)
    again = take_in(office, LATER)
    assert not again.already
    assert [draft.item.number for draft in again.drafts] == list(range(10, 19))
    assert take_in(office, LATER).already


def test_a_changed_count_is_put_back_and_the_history_tells_of_both(office: Office) -> None:
    take_in(office, NOW)
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    take_back(office, 2)
    file = inspect.open_file(office, 8)
    assert (file.item.quantity, file.item.measure) == (982, "件")
    assert [row.event for row in file.history] == ["import", "update", "undo"]
    assert file.history[2].detail["quantity"] == [300, 982]


def test_what_the_unit_said_was_left_is_put_back_with_the_count(office: Office) -> None:
    take_in(office, NOW)
    advance.perform(office, Event.PROGRESS, [8], by="联络员", now=NOW, left=500)
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    assert inspect.open_file(office, 8).item.standing.remaining is None
    take_back(office, 2)
    item = inspect.open_file(office, 8).item
    assert (item.quantity, item.standing.remaining) == (982, 500)


def test_an_undone_later_import_stands_in_nobodys_way(office: Office) -> None:
    take_in(office, NOW)
    for issue, quantity in enumerate(("300件", "120件"), start=2):
        text = NEXT_BULLETIN.replace("300件", quantity).replace("10月22日", f"10月2{issue}日")
        take_in(office, LATER, text, f"{quantity}.txt")
    for bulletin_id in (3, 2):
        take_back(office, bulletin_id)
    assert inspect.open_file(office, 8).item.quantity == 982
    take_back(office, 1)
    assert counts(office)["item"] == 0


def test_a_step_taken_before_an_undone_import_still_stands_in_the_way(office: Office) -> None:
    take_in(office, NOW)
    advance.perform(office, Event.SUBMIT, [8], by="联络员", now=NOW)
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    take_back(office, 2)
    with pytest.raises(TransitionError, match="第 8 号事项已有办理经过") as refused:
        take_back(office, 1)
    assert refused.value.details["numbers"] == [8]


def test_an_undone_reply_leaves_no_evidence_and_can_be_read_in_again(office: Office) -> None:
    take_in(office, NOW)
    for bulletin_id in (2, 3):
        plan = take_in(office, LATER, REPLY, "回复.txt")
        assert [(each.number, each.is_recorded) for each in plan.replies] == [(4, False)]
        file = inspect.open_file(office, 4)
        assert (file.item.standing.state, len(file.evidence)) == (State.SUBMITTED, 1)
        take_back(office, bulletin_id)
        file = inspect.open_file(office, 4)
        assert (file.item.standing.state, file.evidence) == (State.OPEN, [])
    take_back(office, 1)
    assert counts(office)["item"] == 0


def test_two_replies_about_one_item_are_undone_last_first(office: Office) -> None:
    take_in(office, NOW)
    more = "\n二、关于没有设置统计信息专栏的问题。正在安排专人更新。\n"
    plan = take_in(office, LATER, REPLY.replace("整改。\n", f"整改。\n{more}"), "回复.txt")
    assert [each.number for each in plan.replies] == [4, 4]
    take_back(office, 2)
    file = inspect.open_file(office, 4)
    assert [row.event for row in file.history] == ["import", "submit", "reply", "reply", "undo", "undo"]
    assert [row.state for row in file.history[-2:]] == ["submitted", "open"]
    take_back(office, 1)


def test_evidence_of_other_imports_and_of_people_stays(office: Office) -> None:
    take_in(office, NOW)
    advance.perform(
        office, Event.SUBMIT, [8], by="联络员", now=NOW, evidence=[Evidence.link("https://example.org/")]
    )
    take_in(office, LATER, REPLY, "回复.txt")
    take_back(office, 2)
    assert len(inspect.open_file(office, 8).evidence) == 1


def test_more_items_and_units_than_a_statement_has_parameters_are_no_obstacle(office: Office) -> None:
    many = range(1, 70_001)
    with office.database.write() as connection:
        assert removal.obstacles(connection, many, 1) == {}
        assert supersede_about(connection, many, NOW) == []
        assert removal.remove_unused_units(connection, many, []) == []
        removal.remove_evidence(connection, many)
        removal.remove_items(connection, many, 1)


def sign(office: Office) -> None:
    advance.perform(office, Event.SIGN, [8], by="联络员", now=NOW)


def look(office: Office) -> None:
    with office.database.write() as connection:
        observations.add(connection, StoredObservation(8, "website", "unsure", {}, NOW))


def list_again(office: Office) -> None:
    take_in(office, LATER, NEXT_BULLETIN.replace("300件", "982件"), "三季度.txt")


def propose(office: Office, *numbers: int) -> int:
    with office.database.write() as connection:
        unit_id = inspect.open_file(office, numbers[0]).item.unit_id
        paper_id = papers.propose(
            connection,
            unit_id=unit_id,
            kind="督办函",
            numbers=numbers,
            reason="逾期",
            at=NOW,
            today=office.rules.calendar.today,
        )
    assert paper_id is not None
    return paper_id


def reject(office: Office) -> None:
    reject_papers(office, [propose(office, 8)], by="分管领导", reason="再等等", now=NOW)


def send(office: Office) -> None:
    know(office, "澜东区,李四,联络员,,,,")
    remind(office, now=DUE)
    deliver(office, lambda: DUE)


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (sign, "第 8 号事项已有办理经过"),
        (look, "第 8 号事项已核查过"),
        (list_again, "8、9 号事项另一份通报也列了它"),
        (reject, "第 8 号事项已有审批过的文书"),
        (send, "8、9 号事项已发出（或可能已发出）提醒"),
    ],
)
def test_what_somebody_has_worked_on_stands_in_the_way_and_all_stays(
    office: Office, work: Callable[[Office], None], words: str
) -> None:
    take_in(office, NOW)
    work(office)
    before = rows(office)
    with pytest.raises(TransitionError, match=words) as refused:
        take_back(office, 1)
    assert 8 in refused.value.details["numbers"]
    assert rows(office) == before


def test_a_paper_that_waits_speaks_only_of_what_is_left_and_goes_with_its_last_item(office: Office) -> None:
    take_in(office, NOW)
    more = BULLETIN[: BULLETIN.index("1\t市教育局")] + "1\t澜东区\t有3个办件超时未受理。\t\t\t"
    take_in(office, NOW, more.replace("季度考核", "专项检查"), "专项.txt")
    propose(office, 9, 10)
    take_back(office, 2)
    [paper] = list_papers(office)
    assert paper.numbers == (9,)
    take_back(office, 1)
    assert list_papers(office) == []
    assert counts(office)["unit"] == 0


def test_a_change_that_was_worked_on_since_stands_in_the_way(office: Office) -> None:
    take_in(office, NOW)
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    advance.perform(office, Event.SIGN, [8], by="联络员", now=LATER)
    with pytest.raises(TransitionError, match="第 8 号事项读入后又有变动"):
        take_back(office, 2)


def test_a_waiting_reminder_is_taken_back_and_the_other_items_in_it_are_reminded_of_again(
    office: Office,
) -> None:
    know(office, "澜东区,李四,联络员,,,,")
    take_in(office, NOW)
    more = "1\t澜东区\t有3个办件超时未受理。\t\t\t"
    extra = BULLETIN[: BULLETIN.index("1\t市教育局")] + more
    take_in(office, NOW, extra.replace("季度考核", "专项检查"), "专项.txt")
    remind(office, now=DUE)
    assert [text for text in waiting_texts(office) if "**8号**" in text and "**10号**" in text]
    take_back(office, 1, DUE)
    assert waiting_texts(office) == []
    remind(office, now=DUE)
    [again] = waiting_texts(office)
    assert "**10号**" in again
    assert "**8号**" not in again


def waiting_texts(office: Office) -> list[str]:
    return [each.text for each in messages(office) if each.state == "pending"]


def test_a_unit_that_somebody_has_confirmed_or_that_has_contacts_stays(office: Office) -> None:
    take_in(office, NOW)
    inspect.confirm_units(office, ["市教育局"])
    know(office, "澜东区,李四,联络员,,,,")
    take_back(office, 1)
    assert {unit.name for unit in inspect.list_units(office)} == {"市教育局", "澜东区"}


def test_only_a_standing_import_can_be_undone_and_only_with_a_reason(office: Office) -> None:
    take_in(office, NOW)
    with pytest.raises(NotFoundError, match="7"):
        take_back(office, 7)
    with pytest.raises(TransitionError, match="理由"):
        undo(office, 1, by="经办", reason=" ", now=LATER)
    take_back(office, 1)
    with pytest.raises(TransitionError, match="已由经办撤回"):
        take_back(office, 1)


def test_the_ledger_keeps_what_was_corrected_and_shows_it_when_the_file_comes_again(office: Office) -> None:
    source = Source(BULLETIN.encode(), "通报.txt")
    corrections = Corrections(None, (Drop("f0", "已整改"),))
    register.commit(office, source, by="经办", now=NOW, corrections=corrections)
    [ledger] = inspect.list_bulletins(office)
    assert ledger.corrections["corrections"] == [{"kind": "drop", "key": "f0", "reason": "已整改"}]
    again = register.preview(office, source)
    assert again.already
    assert (again.counts["unchanged"], len(again.dropped)) == (8, 1)
