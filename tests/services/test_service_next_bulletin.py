"""The next document against what is tracked: what people decided survives, and no row's place matters."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.scenes import NEXT_BULLETIN, rows, strike_off
from tests.support import BULLETIN, at, default_settings, take_in
from tracker.bootstrap import build_channels
from tracker.domain.lifecycle import Event, State
from tracker.intake.model import Reply
from tracker.rules import load_rules
from tracker.services import advance, inspect, register
from tracker.services.corrections import (
    Correction,
    CorrectionError,
    Corrections,
    SameAs,
    SetDeadline,
    SetUnit,
)
from tracker.services.office import Office
from tracker.services.preview import Preview
from tracker.services.register import Source
from tracker.services.undo import undo
from tracker.store import Database, items

NOW, LATER = at("2021-07-23 17:00"), at("2021-10-22 17:00")
RULES = load_rules(None)


def corrected(office: Office, text: str, *corrections: Correction, name: str = "通报.txt") -> Preview:
    source = Source(text.encode(), name)
    return register.commit(office, source, by="经办", now=NOW, corrections=Corrections(None, corrections))


def outcomes(preview: Preview) -> list[tuple[int, str]]:
    return [(draft.item.number, draft.outcome.value) for draft in preview.drafts]


def test_a_corrected_list_of_the_same_day_with_another_number_is_a_change(office: Office) -> None:
    take_in(office, NOW)
    preview = take_in(office, NOW, BULLETIN.replace("982", "928"), "更正.txt")
    assert preview.counts["changed"] == 1
    assert inspect.open_file(office, 8).item.quantity == 928


def test_the_same_list_saved_anew_after_a_strike_off_brings_nothing_back(office: Office) -> None:
    take_in(office, NOW)
    strike_off(office, [4], at("2021-08-02 10:00"))
    assert take_in(office, LATER, BULLETIN + "\n", "另存.txt").counts["unchanged"] == 9


def test_twins_keep_their_numbers_in_whatever_order_the_next_list_names_them(office: Office) -> None:
    twins = "1.有未评办件15件。 2.有未评办件3件。"
    take_in(office, NOW, BULLETIN.replace("1.有未评办件15件。 2.2个办理项指南存在准确性问题。", twins))
    later = NEXT_BULLETIN.replace("1.有未评办件15件。", "1.有未评办件3件。 2.有未评办件15件。")
    preview = take_in(office, LATER, later, "三季度.txt")
    assert outcomes(preview)[:2] == [(2, "unchanged"), (1, "unchanged")]


def test_an_item_moved_to_another_unit_is_found_again_when_the_mistake_is_repeated(office: Office) -> None:
    first = corrected(office, BULLETIN, SetUnit("f0", "市审计局"))
    assert (first.drafts[0].item.unit, first.drafts[0].item.unit_as_written) == ("市审计局", "市教育局")
    again = take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    assert outcomes(again)[0] == (1, "unchanged")
    assert inspect.open_file(office, 1).item.unit == "市审计局"
    right = NEXT_BULLETIN.replace("2\t市审计局\t\t", "2\t市审计局\t有未评办件15件。\t").replace(
        "10月22日", "10月23日"
    )
    assert (1, "unchanged") in outcomes(take_in(office, LATER, right, "十月.txt"))


def test_a_deadline_set_by_hand_is_the_items_rule_and_survives(office: Office) -> None:
    corrected(office, BULLETIN, SetDeadline("f0", date(2021, 12, 31)))
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    item = inspect.open_file(office, 1).item
    assert (item.standing.due_on, item.rule) == (date(2021, 12, 31), {"fixed": "2021-12-31"})


def test_a_count_that_other_evidence_lowered_is_not_raised_by_a_document_that_repeats_itself(
    office: Office,
) -> None:
    take_in(office, NOW)
    with office.database.write() as connection:
        items.set_columns(connection, 8, quantity=300)
    preview = take_in(office, LATER, NEXT_BULLETIN.replace("300件", "982件"), "三季度.txt")
    assert preview.counts["changed"] == 0
    assert inspect.open_file(office, 8).item.quantity == 300


def test_a_withdrawn_item_that_is_listed_again_stays_withdrawn_and_makes_no_new_one(office: Office) -> None:
    take_in(office, NOW)
    advance.perform(office, Event.WITHDRAW, [8], by="审批局", now=NOW, reason="误列")
    preview = take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    assert (8, "unchanged") in outcomes(preview)
    assert inspect.open_file(office, 8).item.standing.state is State.WITHDRAWN


def test_what_came_back_once_and_is_listed_again_is_the_newer_item(office: Office) -> None:
    take_in(office, NOW)
    strike_off(office, [4], at("2021-08-02 10:00"))
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    fourth = NEXT_BULLETIN.replace("2021年10月22日", "2022年1月21日").replace("三季度", "四季度")
    assert (10, "unchanged") in outcomes(take_in(office, LATER, fourth, "四季度.txt"))
    strike_off(office, [10], at("2022-02-07 10:00"))
    fifth = take_in(office, LATER, fourth.replace("2022年1月21日", "2022年4月22日"), "一季度.txt")
    [again] = [draft.item for draft in fifth.drafts if draft.outcome.value == "reappeared"]
    assert again.recurs == 10


def test_absent_is_told_from_the_last_list_of_the_same_series(office: Office) -> None:
    take_in(office, NOW)
    other = BULLETIN.replace("2021年7月23日", "2021年9月1日").replace("季度考核情况", "信息公开检查情况")
    other = "\n".join(line for line in other.split("\n") if not line.startswith("1\t市教育局"))
    take_in(office, NOW, other, "检查.txt")
    preview = take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    # Item 6 and 7 were listed by the other series' document since: that one answers for them.
    assert preview.absent == (2, 5)


def report(office: Office) -> Preview:
    """A unit's report of what it has done: replies, and no list."""
    source = Source("市教育局关于问题整改情况的报告\n2021年8月10日\n".encode(), "报告.txt")
    reply = Reply("市教育局", "没有设置统计信息专栏", "正在增设该专栏", False, 3)
    reading = replace(register.read(office, source), findings=(), replies=(reply,))
    with office.database.write() as connection:
        return register.commit_reading(
            connection, office, source, reading, Corrections(), by="经办", now=LATER
        )


def test_a_report_of_a_unit_is_no_list_that_leaves_anything_out(office: Office) -> None:
    take_in(office, NOW)
    done = report(office)
    assert [each.number for each in done.replies] == [4]
    assert done.absent == ()


def test_a_list_of_another_series_is_compared_with_the_last_list_not_with_a_report(office: Office) -> None:
    take_in(office, NOW)
    report(office)
    other = NEXT_BULLETIN.replace("三季度考核情况", "信息公开检查情况")
    assert take_in(office, LATER, other, "检查.txt").absent == (2, 5, 6, 7)


def test_other_words_for_a_tracked_problem_are_offered_and_taken_only_when_accepted(office: Office) -> None:
    take_in(office, NOW)
    reworded = NEXT_BULLETIN.replace("没有设置公益性事业栏目", "没有设置公益事业栏目")
    offered = register.preview(office, Source(reworded.encode(), "三季度.txt"))
    assert [(each.key, each.numbers) for each in offered.likely_items] == [("f5", (9,))]
    assert offered.drafts[5].outcome.value == "new"
    accepted = corrected(office, reworded, SameAs("f5", 9), name="三季度.txt")
    assert outcomes(accepted)[5] == (9, "unchanged")


@pytest.mark.parametrize(
    ("corrections", "words"),
    [
        ([SetUnit("f0", "市审计局"), SameAs("f0", 1)], "第 1 号事项，责任单位不能"),
        ([SetDeadline("f0", date(2021, 12, 31))], "第 1 号事项，整改时限不能"),
        ([SameAs("f0", 99)], "没有编号为 99"),
        ([SameAs("f0", 9), SameAs("f1", 9)], "已对应另一条"),
    ],
)
def test_a_correction_that_would_do_nothing_is_refused(
    office: Office, corrections: list[Correction], words: str
) -> None:
    take_in(office, NOW)
    before = rows(office)
    with pytest.raises(CorrectionError, match=words):
        corrected(office, NEXT_BULLETIN, *corrections, name="三季度.txt")
    assert rows(office) == before


def test_a_deadline_before_the_day_of_issue_is_refused(office: Office) -> None:
    with pytest.raises(CorrectionError, match="早于印发日期"):
        corrected(office, BULLETIN, SetDeadline("f0", date(2021, 7, 22)))


# ---- for any list: the properties of the issue, through the service, on SQLite

PROBLEMS = ("有未评办件{}件。", "{}个办件超时未受理。", "没有设置统计信息专栏。", "用户活跃度未达到50%。")
LINE = st.tuples(
    st.sampled_from(["市教育局", "市民政局", "澜东区"]), st.sampled_from(PROBLEMS), st.integers(1, 3)
)
LISTS = st.lists(LINE, min_size=1, max_size=8)


def listed(lines: list[tuple[str, str, int]], issued_on: str) -> bytes:
    table = "\n".join(
        f"{n},{unit},政务公开,{text.format(count)}" for n, (unit, text, count) in enumerate(lines, 1)
    )
    return f"云澜市问题清单通报\n{issued_on}\n序号,单位名称,领域,问题\n{table}\n".encode()


@pytest.fixture(scope="module")
def empty(sqlite_template: Path) -> Path:
    return sqlite_template


@contextmanager
def new_office(template: Path) -> Iterator[Office]:
    with TemporaryDirectory() as folder:
        shutil.copy(template, Path(folder) / "office.db")
        database = Database(f"sqlite:///{folder}/office.db")
        try:
            yield Office(database, RULES, build_channels(default_settings()), ())
        finally:
            database.close()


def import_list(
    office: Office, lines: list[tuple[str, str, int]], issued_on: str = "2021年7月23日"
) -> Preview:
    return register.commit(office, Source(listed(lines, issued_on), "清单.csv"), by="经办", now=NOW)


def tracked(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Items and their history; not the ledger, which grows with every file."""
    return {name: found for name, found in rows(office).items() if name in {"item", "history", "unit"}}


@settings(max_examples=25)
@given(LISTS, st.randoms(use_true_random=False))
@pytest.mark.slow
def test_importing_again_in_any_order_changes_nothing_and_counts_add_up(
    empty: Path, lines: list[tuple[str, str, int]], shuffler: random.Random
) -> None:
    with new_office(empty) as office:
        first = import_list(office, lines)
        assert first.counts["new"] == len(first.drafts) == len(lines)
        before = tracked(office)
        shuffled = list(lines)
        shuffler.shuffle(shuffled)
        for day in ("2021年7月23日", "2021年10月22日"):
            again = import_list(office, [*shuffled], day)
            assert again.counts["unchanged"] == len(lines)
            assert again.absent == ()
            assert tracked(office) == before


@settings(max_examples=25)
@given(LISTS, LISTS, st.data())
@pytest.mark.slow
def test_what_people_decided_survives_a_later_list(
    empty: Path, lines: list[tuple[str, str, int]], later: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    with new_office(empty) as office:
        numbers = [draft.item.number for draft in import_list(office, lines).drafts]
        number = data.draw(st.sampled_from(numbers))
        with office.database.write() as connection:
            items.set_columns(
                connection, number, **{"class": "other", "due_on": date(2022, 3, 1), "unit_id": 1}
            )
        event = data.draw(st.sampled_from([Event.SIGN, Event.SUBMIT, Event.WITHDRAW]))
        [before] = advance.perform(office, event, [number], by="联络员", now=NOW, reason="已核实")
        plan = import_list(office, [*lines, *later], "2021年10月22日")
        after = inspect.open_file(office, number).item
        assert after._replace(quantity=None, measure=None) == before._replace(quantity=None, measure=None)
        assert number in {draft.item.number for draft in plan.drafts}
        assert sum(plan.counts[name] for name in ("new", "unchanged", "changed", "reappeared")) == len(
            plan.drafts
        )
        assert len(plan.drafts) + len(plan.dropped) == len(plan.reading.findings)


@settings(max_examples=25)
@given(LISTS, LISTS)
@pytest.mark.slow
def test_an_import_that_is_undone_leaves_what_was_before(
    empty: Path, lines: list[tuple[str, str, int]], later: list[tuple[str, str, int]]
) -> None:
    with new_office(empty) as office:
        import_list(office, lines)
        before = rows(office)
        plan = import_list(office, later, "2021年10月22日")
        assert plan.bulletin_id is not None
        undo(office, plan.bulletin_id, by="经办", reason="误读", now=LATER)
        after = rows(office)
        assert len(after.pop("bulletin")) == len(before.pop("bulletin")) + 1
        # A changed count is put back, an item that was made goes; the history tells of both steps.
        touched = sum(plan.counts[outcome] for outcome in ("changed", "new", "reappeared"))
        assert len(after.pop("history")) == len(before.pop("history")) + 2 * touched
        assert after == before
        assert import_list(office, later, "2021年10月22日").counts == plan.counts
