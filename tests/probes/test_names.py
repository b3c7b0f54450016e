"""What a problem's words name, by class; the missing columns themselves are tested with the probe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.looks import PROBLEMS
from tracker.domain.columns import ColumnRules
from tracker.probes.names import accepted_names, existing_columns, missing_papers, renamed_column, wanted_of


@pytest.mark.parametrize(
    ("problem", "names", "open_list"),
    [
        ("统计信息专栏没有内容。", ["统计信息"], False),
        ("政府采购专栏内容为空。", ["政府采购"], False),
        ("调查征集栏目2016年是空的。", ["调查征集"], False),
        ("公益事业栏目长期不更新。", ["公益事业"], False),
        ("市教育局网站通知公告栏目超过6个月未更新", ["通知公告"], False),
        ("工作动态两周以上没有更新", ["工作动态"], False),
        ("网站“通知公告”栏目更新不及时", ["通知公告"], False),
        ("人事信息、办事指南等3个栏目长期没有更新", ["人事信息", "办事指南"], True),
        ("工作动态两周以上没有更新,农村工作下面6个栏目长期没有更新。", ["工作动态"], True),
    ],
)
def test_the_column_that_is_empty_or_stale_is_named(problem: str, names: list[str], open_list: bool) -> None:
    wanted = existing_columns(problem)
    assert wanted is not None
    assert (list(wanted.names), wanted.open_list) == (names, open_list)


@pytest.mark.parametrize(
    "problem", ["", "有个别栏目没有按时更新", "首页有1个多月没有更新", "部分栏目内容为空"]
)
def test_a_complaint_about_no_column_in_particular_names_none(problem: str) -> None:
    assert existing_columns(problem) is None


def test_a_change_of_name_has_an_old_and_a_new_one() -> None:
    wanted = renamed_column("没有设置财政专项资金专栏，要将财务公开改成财政资金专栏。")
    assert wanted is not None
    assert (wanted.names, wanted.former) == (("财政资金",), "财务公开")


@pytest.mark.parametrize(
    "problem", ["", "栏目归类不当", "将甲乙栏目改为甲乙栏目", "将甲乙改成丙丁，将戊己改成庚辛"]
)
def test_what_is_no_single_change_of_name_is_none(problem: str) -> None:
    assert renamed_column(problem) is None


@pytest.mark.parametrize(
    ("problem", "names"),
    [
        ("没有公布全市确需保留证明事项清单。", ["全市确需保留证明事项清单"]),
        ("财政公开没有公开本部门决算相关信息。", ["本部门决算"]),
        ("未公开权力清单和责任清单", ["权力清单", "责任清单"]),
        ("1份文件过了规定时间才公开", None),
        ("没有及时公开信息", None),
    ],
)
def test_the_papers_that_are_missing_are_named(problem: str, names: list[str] | None) -> None:
    wanted = missing_papers(problem)
    assert (list(wanted.names) if wanted else None) == names


def test_synonyms_count_in_any_spelling() -> None:
    rules = ColumnRules(synonyms=(("通知公告", "公示公告"),))
    assert {"通知公告", "公示公告", "通知公告信息"} <= accepted_names("“通知公告”专栏", rules)
    assert accepted_names("统计", rules) == {"统计", "统计信息"}


@given(
    st.sampled_from(sorted(PROBLEMS)),
    st.text("没有未设置公开栏目专长期不更新等、和，。“”1 改成将", max_size=40),
)
def test_no_wording_breaks_the_reading(problem_class: str, problem: str) -> None:
    wanted = wanted_of(problem_class, problem)
    assert wanted is None or all(len(name) >= 2 for name in wanted.names)


@pytest.mark.parametrize(
    ("problem_class", "problem", "name"),
    [
        ("stale_column", "政务公开方面：工作动态栏目长期不更新。", "工作动态"),
        ("missing_column", "存在问题:未设置节约用水专栏。", "节约用水"),
        ("content_not_published", "政务公开：没有公布权责清单。", "权责清单"),
    ],
)
def test_what_a_label_before_the_problem_says_is_no_part_of_the_name(
    problem_class: str, problem: str, name: str
) -> None:
    wanted = wanted_of(problem_class, problem)
    assert wanted is not None
    assert wanted.names == (name,)
