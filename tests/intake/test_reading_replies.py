"""A unit's report on what it has mended: news of items, never new ones."""

from __future__ import annotations

import pytest

from tests.intake_reading import reading

_REPORT = (
    "市教育局关于网站问题整改情况的报告",
    "",
    "市政务公开办：",
    "我局对照清单逐项整改，现报告如下：",
    "一、“机构职能”栏目存在“领导分工没有更新”的问题：已于5月6日更新。",
    "二、关于“办事指南”栏目的问题：正在补充，6月底前完成。",
    "三、下一步工作",
    "我局将坚持每周自查，对更新不及时的科室通报批评。",
)


def test_a_report_gives_replies_and_no_findings() -> None:
    result = reading(*_REPORT)
    assert result.findings == result.unassigned == ()
    first, second = result.replies
    assert (first.unit_as_written, first.problem, first.is_done) == ("市教育局", "领导分工没有更新", True)
    assert (second.problem, second.is_done) == ("“办事指南”栏目的问题", False)
    assert [first.line, second.line] == [5, 6]


def test_the_unit_is_taken_from_the_signature_when_the_title_names_none() -> None:
    result = reading("网站问题整改情况的报告", *_REPORT[2:6], "", "市民政局", "2021年6月1日")
    assert {reply.unit_as_written for reply in result.replies} == {"市民政局"}


def test_a_report_of_an_unnamed_unit_leaves_the_unit_empty() -> None:
    result = reading("网站问题整改情况的报告", "我局已经整改。", *_REPORT[4:6])
    assert [reply.unit_as_written for reply in result.replies] == ["", ""]


def test_a_bulletin_that_tells_what_was_mended_is_no_report() -> None:
    result = reading("关于网站检查和整改情况的通报", "市教育局栏目没有更新。")
    assert [one.unit_as_written for one in result.findings] == ["市教育局"]


@pytest.mark.parametrize(
    ("told", "is_done"),
    [
        ("已于5月6日更新。", True),
        ("原因是没有及时维护，现已全部补录。", True),
        ("未完成整改，部分内容没有更新。", False),
        ("我局已向省厅申请，暂时无法解决。", False),
        ("已更新2条，其余尚未完成。", False),
        ("已更新，7月底前再完成1份。", False),
        ("正在整改。", False),
    ],
)
def test_only_what_ends_with_something_done_is_done(told: str, is_done: bool) -> None:
    (reply,) = reading("市教育局整改情况的报告", "我局报告如下：", f"一、决算没有公开的问题：{told}").replies
    assert reply.is_done == is_done
