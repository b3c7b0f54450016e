"""Tables that lost their grid, score sheets, figures, and lists whose titles name no problem."""

from __future__ import annotations

import pytest

from tests.intake_reading import pairs, reading

_TITLES = ("序号", "责任单位", "存在问题", "整改时限")
_ROWS = (
    ("1", "市教育局", "决算栏目没有更新。", "9月20日"),
    ("2", "市民政局", "信箱打不开。", "立行立改"),
)
_FOUND = [("市教育局", "决算栏目没有更新。"), ("市民政局", "信箱打不开。")]


def cells(*rows: tuple[str, ...]) -> list[str]:
    return [cell for row in rows for cell in row]


def test_one_cell_per_line_with_bars_is_a_table() -> None:
    assert pairs(*(f"{cell} |" for cell in cells(_TITLES, *_ROWS))) == _FOUND


def test_bars_on_lines_of_their_own_end_cells_even_empty_ones() -> None:
    lines = [
        line for cell in cells(_TITLES, ("1", "市教育局", "", "9月"), *_ROWS[1:]) for line in (cell, "|")
    ]
    assert pairs(*lines) == _FOUND[1:]


def test_one_cell_per_paragraph_is_a_table() -> None:
    lines = [line for cell in cells(_TITLES, *_ROWS) for line in (cell, "")]
    assert pairs(*lines) == _FOUND


def test_names_and_descriptions_in_turn_are_a_table() -> None:
    assert pairs(
        "问题网站名称", "", "问题描述", "", "云澜农业信息网", "", "首页打不开;栏目长期没有更新。"
    ) == [
        ("云澜农业信息网", "首页打不开;"),
        ("云澜农业信息网", "栏目长期没有更新。"),
    ]


def test_a_first_row_numbered_1_ends_a_heading_with_unusual_titles() -> None:
    titles = ("序号", "责任单位", "抽到的许可", "存在问题")
    lines = cells(
        titles,
        ("1", "市教育局", "民办学校设立", "流程图打不开。"),
        ("2", "市民政局", "社团登记", "样本缺失。"),
    )
    assert pairs(*(f"{line} |" for line in lines)) == [
        ("市教育局", "流程图打不开。"),
        ("市民政局", "样本缺失。"),
    ]


def test_cells_that_fill_no_whole_rows_are_all_unread() -> None:
    lines = cells(_TITLES, *_ROWS)[:-1]
    result = reading(*(f"{line} |" for line in lines), "", "一、工作要求")
    assert result.findings == ()
    assert len(result.unread) == len(lines)
    assert "整数倍" in result.unread[0].why


def test_a_table_cut_at_the_end_keeps_its_whole_rows() -> None:
    result = reading(*(f"{cell} |" for cell in cells(_TITLES, *_ROWS)[:-2]))
    assert [one.unit_as_written for one in result.findings] == ["市教育局"]
    assert result.unread


@pytest.mark.parametrize("bar", [" |", ""])
def test_figures_are_no_problems(bar: str) -> None:
    lines = cells(
        ("序号", "单位", "超时办结数", "未办结数"), ("1", "市教育局", "3", "0"), ("2", "市民政局", "0", "5")
    )
    result = reading(*(f"{line}{bar}" for line in lines))
    assert result.findings == result.unassigned == ()


def test_a_sheet_about_one_unit_takes_it_from_its_title() -> None:
    assert pairs(
        "澜东区财政局政务公开测评问题整改表",
        "指标\t分值\t扣分\t失分原因\t整改情况",
        "决算\t3\t1\t没有公开决算。\t已公开。",
    ) == [("澜东区财政局", "没有公开决算。")]


def test_columns_whose_cells_state_faults_hold_problems_whatever_their_titles() -> None:
    assert pairs(
        "序号\t单位\t栏目更新\t互动回应",
        "1\t市教育局\t决算栏目没有更新\t",
        "2\t市民政局\t\t1.2条留言超期答复。",
    ) == [("市教育局", "决算栏目没有更新"), ("市民政局", "2条留言超期答复。")]


def test_a_table_of_figures_with_usual_titles_holds_none() -> None:
    result = reading("单位\t受理数\t办结数\t备注", "市教育局\t30\t28\t", "市民政局\t12\t12\t")
    assert result.findings == ()
    assert {leftover.line for leftover in result.context} == {1, 2, 3}


def test_a_narrative_of_other_units_counts_beside_an_annexed_list() -> None:
    annex = ("附件1", "", "序号\t单位名称\t存在的问题", "1\t市民政局\t没有公开决算。")
    found = {one.unit_as_written for one in reading("市教育局栏目没有更新。", "", *annex).findings}
    assert found == {"市教育局", "市民政局"}
    summed_up = reading("市民政局没有公开决算。", "", *annex)
    assert [one.source.line for one in summed_up.findings] == [6]
    assert "以清单为准" in next(leftover.why for leftover in summed_up.context if leftover.line == 1)
