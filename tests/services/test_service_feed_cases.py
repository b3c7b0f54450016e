"""Exports of cases: items opened, counted down and cleared, nothing closed by an export that is short."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import pytest

from tests.conftest import Begin, BuildOffice
from tests.fakes.exports import CASE_COLUMNS, as_csv, as_xlsx, case
from tests.services.scenes import at_once, know, rows, strike_off
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import ForbiddenError, IntakeError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.resources import shipped
from tracker.services import advance, audit, feed_history, inspect, register, undo
from tracker.services.feed_cases import confirm
from tracker.services.feed_cases import take_in as take_cases
from tracker.services.feeding import Fed
from tracker.services.office import Office
from tracker.store import items

ISSUED, NOW = at("2021-07-23 17:00"), at("2021-07-26 10:00")
UNRATED = [case(f"L{n:04}", "澜东区", rating="") for n in range(30)]
GOOD = [case(f"G{n:04}", "澜东区") for n in range(30)]
ALSO = [case(f"A{n:04}", "澜东区") for n in range(30)]
COUNTED = BULLETIN.replace("982件", "60件")  # as many as these cases


def import_bulletin(office: Office) -> None:
    take_in(office, ISSUED, COUNTED)


@pytest.fixture
def tracked(office: Office, begin: Begin) -> Office:
    """With the bulletin: 1 市教育局 15 unrated, 6 市民政局 1 not accepted, 8 澜东区 60 unrated."""
    begin(import_bulletin)
    return office


def take(office: Office, some: Iterable[Sequence[str]], name: str = "办件.csv", **more: object) -> Fed:
    return take_cases(office, as_csv(some), name, by="李强", now=NOW, **more)


def item(office: Office, number: int) -> Item:
    return inspect.open_file(office, number).item


def rated(some: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    return [(*row[:9], "满意", row[10]) for row in some]


def outcomes(fed: Fed) -> dict[str, list[int]]:
    return {
        "opened": [each.number for each in fed.outcome.opened],
        "updated": [each.number for each in fed.outcome.updated],
        "cleared": [each.number for each in fed.outcome.cleared],
        "doubtful": [each.item.number for each in fed.outcome.doubtful],
    }


def untouched() -> dict[str, list[int]]:
    return {"opened": [], "updated": [], "cleared": [], "doubtful": []}


def test_each_unit_and_fault_is_one_item_with_the_number_of_its_cases(office: Office) -> None:
    late = case("L9999", "市教育局", "2021-07-05", "2021-07-13", "2021-07-24", returned="")
    fed = take(office, [*UNRATED, late, case("L9998", "市教育局", rating="")])
    found = {(each.unit, each.problem_class): each.quantity for each in fed.outcome.opened}
    assert found == {
        ("澜东区", "unevaluated_cases"): 30,
        ("市教育局", "unevaluated_cases"): 1,
        ("市教育局", "overdue_acceptance"): 1,
        ("市教育局", "overdue_completion"): 1,
    }
    opened = {each.problem_class: each for each in fed.outcome.opened if each.unit == "市教育局"}
    late_item = opened["overdue_acceptance"]
    assert late_item.text == "有1件办件超过5个工作日未受理。"
    assert late_item.domain == "一网通办"
    assert str(late_item.standing.due_on) == "2021-07-27"  # one working day, by the class's rule
    assert late_item.rule == {"working_days": 1}
    assert late_item.next_reminder_at is not None
    assert [row.event for row in inspect.open_file(office, late_item.number).history] == ["import"]
    assert audit.verify(office).faults == ()


def test_the_number_that_a_bulletin_states_is_lowered(tracked: Office) -> None:
    fed = take(tracked, [*UNRATED, *GOOD])
    assert outcomes(fed) == untouched() | {"updated": [8]}
    after = inspect.open_file(tracked, 8)
    assert (after.item.quantity, after.item.measure) == (30, "件")
    assert dict(after.history[-1].detail) == {"quantity": [60, 30], "file": "办件.csv"}
    [check] = after.checks
    assert (check.probe, check.verdict, check.evidence["left"]) == ("cases", "not_fixed", 30)


def test_when_all_cases_are_gone_the_item_is_cleared_and_waits_for_a_person(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    fed = take(tracked, [*rated(UNRATED), *GOOD], "第二次.csv")
    assert outcomes(fed) == untouched() | {"cleared": [8]}
    after = inspect.open_file(tracked, 8)
    assert after.item.standing.state is State.OPEN
    assert (after.item.quantity, after.item.standing.remaining) == (30, 0)
    assert (after.checks[-1].verdict, after.checks[-1].evidence["file"]) == ("fixed", "第二次.csv")
    assert audit.verify(tracked).faults == ()


def test_cases_that_come_back_before_the_strike_off_are_counted_again(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    take(tracked, [*rated(UNRATED), *GOOD], "第二次.csv")
    fed = take(tracked, [*UNRATED[:2], *rated(UNRATED[2:]), *GOOD], "第三次.csv")
    assert outcomes(fed) == untouched() | {"updated": [8]}
    assert (item(tracked, 8).quantity, item(tracked, 8).standing.remaining) == (2, None)


def test_cases_seen_again_after_the_strike_off_are_a_new_item_after_the_old_one(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    strike_off(tracked, [8], at("2021-07-26 11:00"))
    later = as_csv([*UNRATED[:3], *rated(UNRATED[3:]), *GOOD])
    fed = take_cases(tracked, later, "八月.csv", by="李强", now=at("2021-08-02 10:00"))
    [again] = fed.outcome.opened
    assert (again.quantity, again.recurs) == (3, 8)


def test_a_year_typed_wrong_costs_its_row_and_does_not_hold_up_later_exports(office: Office) -> None:
    typo = case("T1", "澜西区", "2022-07-05", "2022-07-06", "2022-07-07")
    first = take(office, [*UNRATED, *GOOD, typo])
    assert first.rejected == [(62, "申请、受理或办结时间在今天之后")]
    assert str(first.feed.last_on) == "2021-07-05"
    second = take(office, [*rated(UNRATED), *GOOD], "第二次.csv")
    assert second.feed.doubts == []
    assert len(second.outcome.cleared) == 1


def test_the_same_file_twice_changes_nothing(tracked: Office) -> None:
    take(tracked, UNRATED)
    before = rows(tracked)
    again = take(tracked, UNRATED, "改了名.csv")
    assert again.already
    assert outcomes(again) == untouched()
    assert rows(tracked) == before


def test_the_same_cases_in_another_order_and_format_change_no_item(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    before = rows(tracked)
    again = [*GOOD, *UNRATED[::-1]]
    for content, name in ((as_csv(again, encoding="gb18030"), "b.csv"), (as_xlsx(again[::-1]), "c.xlsx")):
        assert outcomes(take_cases(tracked, content, name, by="李强", now=NOW)) == untouched()
    after = rows(tracked)
    assert {name for name in after if after[name] != before[name]} == {"feed", "feed_case"}


def test_what_a_person_has_corrected_is_not_overwritten_by_an_export_that_repeats_itself(
    tracked: Office,
) -> None:
    take(tracked, [*UNRATED, *GOOD])
    with tracked.database.write() as connection:
        items.set_quantities(connection, [(8, 28, "件")])
    assert outcomes(take(tracked, [*UNRATED[::-1], *GOOD], "又一次.csv"))["updated"] == []
    assert item(tracked, 8).quantity == 28


def test_an_export_that_shrank_closes_nothing_until_a_person_confirms_it(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    short = take(tracked, GOOD, "少了.csv")
    assert short.feed.doubts == ["shrunk"]
    assert outcomes(short) == untouched() | {"doubtful": [8]}
    assert item(tracked, 8).quantity == 30
    assert len(feed_history.cases_behind(tracked, item(tracked, 8))) == 30
    done = confirm(tracked, short.feed.id, by="王芳", now=NOW)
    assert outcomes(done) == untouched() | {"cleared": [8]}
    assert item(tracked, 8).standing.remaining == 0
    assert (done.feed.confirmed_by, done.feed.is_trusted) == ("王芳", True)


def test_an_export_of_other_days_closes_nothing_but_opens_what_it_shows(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    august = [
        case(f"A{n:04}", "澜西区", "2021-07-20", "2021-07-20", "2021-07-21", rating="") for n in range(99)
    ]
    fed = take(tracked, august, "下旬.csv")
    assert fed.feed.doubts == ["other_days"]
    assert [(each.unit, each.quantity) for each in fed.outcome.opened] == [("澜西区", 99)]
    assert [(each.item.number, each.left) for each in fed.outcome.doubtful] == [(8, 0)]
    assert item(tracked, 8).quantity == 30


def test_shrinking_step_by_step_is_measured_by_the_last_export_that_was_trusted(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    assert take(tracked, GOOD, "少了.csv").feed.doubts == ["shrunk"]
    assert take(tracked, GOOD[1:], "还是少.csv").feed.doubts == ["shrunk"]
    assert item(tracked, 8).quantity == 30


def test_an_older_export_does_not_bring_back_what_a_newer_one_showed_done(tracked: Office) -> None:
    newest = case("N0001", "澜东区", "2021-07-20", "2021-07-20", "2021-07-21")
    take(tracked, [*UNRATED, *GOOD, newest])
    take(tracked, [*rated(UNRATED), *GOOD, newest], "新.csv")
    fed = take(tracked, [*UNRATED, *GOOD, *GOOD], "旧.csv")
    assert fed.feed.doubts == ["other_days"]
    assert item(tracked, 8).standing.remaining == 0


def test_a_unit_that_an_export_leaves_out_keeps_its_items(office: Office) -> None:
    others = [case(f"X{n:04}", "市民政局") for n in range(100)]
    first = take(office, [*UNRATED[:5], *others])
    [opened] = first.outcome.opened
    fed = take(office, [*others, *[case(f"Y{n}", "市民政局") for n in range(9)]], "无澜东.csv")
    [doubtful] = fed.outcome.doubtful
    assert (doubtful.item.number, doubtful.left) == (opened.number, 0)
    assert doubtful.why == ("导出中没有该单位的办件",)
    assert item(office, opened.number).standing.remaining is None


def test_fewer_rows_than_an_item_counts_cannot_show_that_all_are_gone(tracked: Office) -> None:
    fed = take(tracked, [case("E1", "市教育局"), *UNRATED, *GOOD])
    [doubtful] = fed.outcome.doubtful
    assert (doubtful.item.number, doubtful.why) == (1, ("导出中该单位的办件比事项所列的还少",))


def test_a_case_whose_row_could_not_be_judged_is_not_gone(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    broken = case(UNRATED[0][0], UNRATED[0][2], finished="7月初", rating="")
    fed = take(tracked, [broken, *rated(UNRATED[1:]), *GOOD], "坏了一行.csv")
    [doubtful] = fed.outcome.doubtful
    assert (doubtful.item.number, doubtful.why) == (8, ("该单位有未能判断的行",))
    whole = take(tracked, [*rated(UNRATED), *GOOD], "完整.csv")
    assert outcomes(whole) == untouched() | {"cleared": [8]}


def test_a_first_export_of_later_cases_only_does_not_clear_what_a_bulletin_listed(tracked: Office) -> None:
    autumn = ("2021-09-01", "2021-09-02", "2021-09-03")
    later = as_csv([case(f"S{n}", "市民政局", *autumn) for n in range(3)])
    fed = take_cases(tracked, later, "九月.csv", by="李强", now=at("2021-09-05 10:00"))
    [doubtful] = fed.outcome.doubtful
    assert (doubtful.item.number, doubtful.why) == (6, ("导出中只有事项列出之后的办件",))
    assert outcomes(confirm(tracked, fed.feed.id, by="王芳", now=NOW)) == untouched() | {"cleared": [6]}


def test_a_part_of_a_units_cases_does_not_lower_what_a_bulletin_counted(tracked: Office) -> None:
    fed = take(tracked, [*UNRATED[:3], *GOOD])
    [doubtful] = fed.outcome.doubtful
    assert (doubtful.item.number, doubtful.left) == (8, 3)
    assert doubtful.why == ("导出中该单位的办件比事项所列的还少",)
    assert item(tracked, 8).quantity == 60
    assert outcomes(confirm(tracked, fed.feed.id, by="王芳", now=NOW)) == untouched() | {"updated": [8]}


def test_a_unit_that_shrinks_closes_nothing_though_the_whole_grows(tracked: Office) -> None:
    others = [case(f"X{n:04}", "市民政局") for n in range(100)]
    take(tracked, [*UNRATED, *GOOD, *others[:10]])
    for rest, name in ((GOOD, "少了.csv"), (GOOD[1:], "还是少.csv")):  # the first short one is no measure
        fed = take(tracked, [*rest, *others], name)
        assert fed.feed.doubts == []
        [doubtful] = fed.outcome.doubtful
        assert (doubtful.item.number, doubtful.why) == (8, ("导出中该单位的办件比以前少得多",))
    assert len(feed_history.cases_behind(tracked, item(tracked, 8))) == 30
    assert outcomes(confirm(tracked, fed.feed.id, by="王芳", now=NOW))["cleared"] == [8]
    after = take(tracked, [*GOOD[1:], *UNRATED[:2], *others], "确认之后.csv")
    assert outcomes(after) == untouched() | {"updated": [8]}
    last = take(tracked, [*GOOD[1:], *rated(UNRATED[:2]), *others], "评完.csv")
    assert outcomes(last) == untouched() | {"cleared": [8]}  # what was confirmed is the measure


def test_a_doubted_export_is_no_measure_of_a_units_cases(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    others = [case(f"B{n:04}", "澜东区", "2021-07-20", "2021-07-20", "2021-07-21") for n in range(200)]
    assert take(tracked, others, "下旬.csv").feed.doubts == ["other_days"]
    assert outcomes(take(tracked, [*rated(UNRATED), *GOOD], "全.csv"))["cleared"] == [8]


def test_a_unit_that_is_not_tracked_may_have_rows_that_cannot_be_judged(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    elsewhere = [case("X1", "市观鸟局"), case("X2", "市观鸟局", finished="7月初")]
    fed = take(tracked, [*rated(UNRATED), *GOOD, *elsewhere], "另有单位.csv")
    assert fed.feed.doubts == []
    assert outcomes(fed) == untouched() | {"cleared": [8]}


@pytest.mark.parametrize("unit", ["", "东区政数办"])
def test_a_case_that_cannot_be_judged_and_may_be_any_units_keeps_all_items(
    tracked: Office, unit: str
) -> None:
    take(tracked, [*UNRATED, *GOOD])
    stray = case(UNRATED[0][0], unit, finished="7月初" if unit else "2021-07-07", rating="")
    fed = take(tracked, [stray, *rated(UNRATED[1:]), *GOOD], "缺单位.csv")
    assert fed.feed.doubts == ["unit_unknown"]
    assert outcomes(fed) == untouched() | {"doubtful": [8]}


def test_totals_remarks_and_a_second_header_are_no_cases(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    remarks = [CASE_COLUMNS, ("合计", "60件"), ("", "", "合计", "60"), ("制表人：李强",)]
    fed = take(tracked, [*rated(UNRATED), *GOOD, *remarks], "有表尾.csv")
    assert fed.feed.rejected_rows == 4
    assert outcomes(fed) == untouched() | {"cleared": [8]}


def test_only_the_latest_export_is_confirmed_and_only_once_and_only_by_the_bureau(tracked: Office) -> None:
    know(tracked, "澜东区,赵敏,联络员,13800000002,,,")
    take(tracked, [*UNRATED, *GOOD])
    first, second = take(tracked, GOOD, "少了.csv"), take(tracked, GOOD[1:], "还是少.csv")
    with pytest.raises(TransitionError, match="之后已读入同一来源的"):
        confirm(tracked, first.feed.id, by="王芳", now=NOW)
    with pytest.raises(ForbiddenError):
        confirm(tracked, second.feed.id, by="赵敏", now=NOW)
    confirm(tracked, second.feed.id, by="王芳", now=NOW)
    with pytest.raises(TransitionError, match="已确认过"):
        confirm(tracked, second.feed.id, by="王芳", now=NOW)
    whole = take(tracked, [*GOOD, *GOOD[:1]], "全.csv")
    with pytest.raises(TransitionError, match="没有待确认的内容"):
        confirm(tracked, whole.feed.id, by="王芳", now=NOW)


def test_a_case_that_two_sources_show_counts_once(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    fed = take(
        tracked, [*UNRATED[:10], *[case(f"P{n}", "澜东区", rating="") for n in range(4)]], source="省平台"
    )
    assert outcomes(fed)["updated"] == [8]
    assert item(tracked, 8).quantity == 34


def test_a_case_that_stands_twice_in_an_export_counts_once_at_its_last_row(tracked: Office) -> None:
    fed = take(tracked, [*UNRATED[:3], *GOOD, *ALSO, UNRATED[0]])
    assert outcomes(fed)["updated"] == [8]
    assert item(tracked, 8).quantity == 3
    assert [each.row for each in feed_history.cases_behind(tracked, item(tracked, 8))] == [3, 4, 65]


def test_each_case_can_be_traced_and_names_nobody(tracked: Office) -> None:
    fed = take(tracked, UNRATED)
    traced = feed_history.cases_behind(tracked, item(tracked, 8))
    assert [(each.feed_id, each.row) for each in traced] == [(fed.feed.id, n) for n in range(2, 32)]
    assert len({each.digest for each in traced}) == 30
    stored = repr(rows(tracked))
    assert "张三" not in stored
    assert "13800000001" not in stored
    assert "L0001" not in stored


@pytest.mark.parametrize("chunk", [1, 7, 5000])
def test_units_that_number_their_cases_each_for_itself_keep_their_cases(
    office: Office, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("tracker.store.cases._CHUNK", chunk)
    affairs = [case(f"〔2021〕{n}号", "市民政局", rating="") for n in range(20)]
    schools = [case(f"〔2021〕{n}号", "市教育局", rating="") for n in range(15)]
    opened = {each.unit: each for each in take(office, [*affairs, *schools]).outcome.opened}
    assert {unit: each.quantity for unit, each in opened.items()} == {"市民政局": 20, "市教育局": 15}
    assert outcomes(take(office, [*schools[::-1], *affairs], "倒序.csv")) == untouched()
    traced = feed_history.cases_behind(office, item(office, opened["市民政局"].number))
    assert [each.row for each in traced] == list(range(17, 37))
    done = take(office, [*rated(affairs), *schools], "民政已评.csv")
    assert outcomes(done) == untouched() | {"cleared": [opened["市民政局"].number]}


def test_a_number_that_one_unit_bears_alone_is_told_as_earlier_versions_told_it(tracked: Office) -> None:
    take(tracked, [*UNRATED[:1], *GOOD, *ALSO])
    [traced] = feed_history.cases_behind(tracked, item(tracked, 8))
    assert traced.digest == blake2b(b"L0000", digest_size=16).hexdigest()


def test_numbers_that_an_office_program_has_cut_are_refused_with_their_rows(tracked: Office) -> None:
    take(tracked, [*UNRATED, *GOOD])
    cut = [("4.207E+17", *row[1:]) for row in UNRATED]
    fed = take(tracked, [*cut, *GOOD, *ALSO], "另存.csv")
    assert [each.row for each in fed.rejected] == list(range(2, 32))
    assert fed.rejected[0].reason.startswith("办件编号“4.207E+17”已变成科学计数")
    [doubtful] = fed.outcome.doubtful
    assert (doubtful.item.number, doubtful.why) == (8, ("该单位有未能判断的行",))
    assert item(tracked, 8).quantity == 30
    with pytest.raises(IntakeError, match="没有一行可以判断，第2行：办件编号"):
        take(tracked, cut, "只有这些.csv", source="另一系统")


def test_cases_without_a_number_are_told_apart_by_what_they_say(office: Office) -> None:
    columns = ("承办单位", "事项名称", "申请时间", "办结时间", "评价")
    twins = [("澜东区", "户外广告审批", "2021-07-05", "2021-07-06", "")] * 3
    content = as_csv([*twins, ("澜东区", "占道审批", "2021-07-05", "2021-07-06", "")], columns)
    fed = take_cases(office, content, "无编号.csv", by="李强", now=NOW)
    assert [each.quantity for each in fed.outcome.opened] == [4]


def test_rows_that_cannot_be_judged_are_named_with_their_reason(office: Office) -> None:
    bad = [
        case("B1", "", rating=""),
        case("B2", "澜东区", "2021-13-01"),
        case("B3", "澜东区", "2021-07-05", "2021-07-01"),
        case("B4", "澜东区", promised="随缘"),
        (),
        case("B5", " 澜东区 ", " 2021-07-05", rating=""),
        ("B6", "广告", "澜东区"),
    ]
    fed = take(office, bad)
    assert fed.rejected == [
        (2, "没有承办单位"),
        (3, "“2021-13-01”不是可识别的日期"),
        (4, "申请、受理、办结时间先后颠倒"),
        (5, "承诺时限“随缘”无法识别"),
        (8, "没有申请、受理或办结时间"),
    ]
    assert [(each.unit, each.quantity) for each in fed.outcome.opened] == [("澜东区", 1)]


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "空.csv", "是空文件"),
        (b"%PDF-1.7", "x.pdf", "不是表格文件"),
        ("姓名,电话\n张三,1\n".encode(), "x.csv", "没有认出必需的列（承办单位"),
        ("承办单位,申请时间\n澜东区,2021-07-05\n".encode(), "x.csv", "没有可据以判断的列"),
        (b"PK\x03\x04broken", "x.xlsx", "损坏"),
        ("承办单位,办结时间,评价\n".encode() + b"\xff\xff\xff\xff,,\n", "x.csv", "无法识别的文字编码"),
        ("承办单位,办结时间,评价\n".encode() + b'"' + b"x" * 1_100_000, "x.csv", "csv 格式有误"),
    ],
)
def test_a_file_that_is_no_export_is_refused_and_leaves_no_trace(
    office: Office, content: bytes, name: str, reason: str
) -> None:
    before = rows(office)
    with pytest.raises(IntakeError, match=reason):
        take_cases(office, io.BytesIO(content), name, by="李强", now=NOW)
    assert rows(office) == before


def test_a_fault_that_the_columns_do_not_tell_of_is_neither_opened_nor_cleared(tracked: Office) -> None:
    columns = [name for name in CASE_COLUMNS if name != "评价"]
    content = as_csv([(*row[:9], row[10]) for row in UNRATED], columns)
    fed = take_cases(tracked, content, "无评价.csv", by="李强", now=NOW)
    assert outcomes(fed) == untouched()
    assert "unevaluated_cases" not in fed.feed.judged


def test_a_class_that_verifies_itself_is_struck_off_by_the_data(
    build_office: BuildOffice, tmp_path: Path
) -> None:
    text = (shipped("config") / "classes.toml").read_text("utf-8")
    (tmp_path / "classes.toml").write_text(
        text.replace('name = "办件未评价"\n', 'name = "办件未评价"\nauto_verify = true\n'), "utf-8"
    )
    office = build_office(config=tmp_path)
    take_in(office, ISSUED, COUNTED)
    take(office, [*UNRATED, *GOOD])
    [closed] = take(office, [*rated(UNRATED), *GOOD], "第二次.csv").outcome.cleared
    assert (closed.number, closed.standing.state) == (8, State.STRUCK_OFF)
    told = [(row.event, row.actor) for row in inspect.open_file(office, 8).history[-2:]]
    assert told == [("submit", "数据核查"), ("strike_off", "系统")]


def test_what_the_workflow_refuses_is_left_to_people_and_the_export_is_taken_in(
    build_office: BuildOffice, tmp_path: Path
) -> None:
    text = (shipped("config") / "classes.toml").read_text("utf-8")
    automatic = 'name = "办件未评价"\nauto_verify = true\nevidence = "file"\n'
    (tmp_path / "classes.toml").write_text(text.replace('name = "办件未评价"\n', automatic), "utf-8")
    office = build_office(config=tmp_path)
    take_in(office, ISSUED, COUNTED)
    take(office, [*UNRATED, *GOOD])
    fed = take(office, [*rated(UNRATED), *GOOD], "第二次.csv")
    [left] = fed.outcome.cleared
    assert (left.number, left.standing.state, left.standing.remaining) == (8, State.OPEN, 0)
    [refused] = fed.outcome.refused
    assert refused.number == 8
    assert "文件" in refused.why
    assert feed_history.open_feed(office, fed.feed.id).refused == {8: refused.why}
    after = inspect.open_file(office, 8)
    assert [row.event for row in after.history] == ["import", "update", "update"]
    assert audit.verify(office).faults == ()


def test_one_that_was_handed_in_is_only_verified(build_office: BuildOffice, tmp_path: Path) -> None:
    text = (shipped("config") / "classes.toml").read_text("utf-8")
    (tmp_path / "classes.toml").write_text(
        text.replace('name = "办件未评价"\n', 'name = "办件未评价"\nauto_verify = true\n'), "utf-8"
    )
    office = build_office(config=tmp_path)
    take_in(office, ISSUED, COUNTED)
    take(office, [*UNRATED, *GOOD])
    advance.perform(office, Event.SUBMIT, [8], by="赵敏", now=NOW)
    take(office, [*rated(UNRATED), *GOOD], "第二次.csv")
    assert item(office, 8).standing.submitted_by == "赵敏"
    assert item(office, 8).standing.state is State.STRUCK_OFF


def test_unknown_units_are_added_for_confirmation_only_where_they_have_faults(office: Office) -> None:
    fed = take(office, [case("1", "市观鸟局", rating=""), case("2", "市赏花局")])
    assert fed.new_units == ("市观鸟局",)
    assert {unit.name: unit.confirmed for unit in inspect.list_units(office)} == {"市观鸟局": False}


def test_items_that_an_export_opened_can_be_taken_back(office: Office) -> None:
    [opened] = take(office, UNRATED).outcome.opened
    undo.undo(office, opened.bulletin_id, by="王芳", reason="导出有误", now=NOW)
    assert inspect.pick_items(office, [opened.number]) == []
    assert audit.verify(office).faults == ()


def test_the_next_bulletin_finds_the_item_that_an_export_opened(office: Office) -> None:
    [opened] = take(office, UNRATED).outcome.opened
    later = BULLETIN.replace("2021年7月23日", "2021年8月23日").replace("982件", "30件")
    preview = register.commit(
        office, register.Source(later.encode(), "下期.txt"), by="李强", now=at("2021-08-23 10:00")
    )
    met = {draft.item.number: draft.outcome.value for draft in preview.drafts}
    assert met[opened.number] == "unchanged"


def test_two_processes_with_one_file_take_it_in_once(build_office: BuildOffice) -> None:
    one, other = build_office(), build_office()
    done = at_once(lambda: take(one, UNRATED), lambda: take(other, UNRATED))
    assert sorted(each.already for each in done if isinstance(each, Fed)) == [False, True]
    assert len(feed_history.list_feeds(one)) == 1
