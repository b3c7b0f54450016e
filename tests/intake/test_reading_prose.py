"""Problems told in sentences, each form with an example of an invented city."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake_reading import LEXICON, pairs, reading
from tracker.intake import read_document


def counts(*lines: str) -> list[tuple[str, int | None]]:
    found = reading(*lines).findings
    return [(one.unit_as_written, one.quantity.value if one.quantity else None) for one in found]


@pytest.mark.parametrize(
    ("sentence", "units", "text"),
    [
        ("市教育局、市民政局和澜东区有栏目没有更新。", ["市教育局", "市民政局", "澜东区"], "有栏目没有更新"),
        ("没有公开决算的有：市教育局、市民政局。", ["市教育局", "市民政局"], "没有公开决算"),
        (
            "市教育局,市民政局,石桥镇等3家单位答复留言不及时。",
            ["市教育局", "市民政局", "石桥镇"],
            "答复留言不及时",
        ),
        ("有2家单位没有报送总结，分别为市教育局、市民政局。", ["市教育局", "市民政局"], "没有报送总结"),
        (
            "发现3个账号停止更新,云澜文苑、云澜体坛、云澜书香。",
            ["云澜文苑", "云澜体坛", "云澜书香"],
            "账号停止更新",
        ),
        ("部分网站打不开,如市教育局、市民政局网站。", ["市教育局", "市民政局"], "部分网站打不开"),
        ("个别单位没有反馈结果，如市教育局。", ["市教育局"], "没有反馈结果"),
        (
            "市文化和旅游局、市水利和湖泊局没有发布解读。",
            ["市文化和旅游局", "市水利和湖泊局"],
            "没有发布解读",
        ),
        (
            "市公安局交通警察支队、云澜银行石桥支行逾期未答复。",
            ["市公安局交通警察支队", "云澜银行石桥支行"],
            "逾期未答复",
        ),
    ],
)
def test_a_list_of_units_shares_one_problem(sentence: str, units: list[str], text: str) -> None:
    assert pairs(sentence) == [(unit, text) for unit in units]


def test_each_of_several_clauses_has_its_own_units() -> None:
    assert pairs("市教育局公告没有附说明，市民政局、市财政局信箱打不开；石桥镇栏目空白。") == [
        ("市教育局", "公告没有附说明"),
        ("市民政局", "信箱打不开"),
        ("市财政局", "信箱打不开"),
        ("石桥镇", "栏目空白"),
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "本月有6件逾期，其中市教育局4件，市民政局、澜东区各1件。",
            [("市教育局", 4), ("市民政局", 1), ("澜东区", 1)],
        ),
        ("仍有3个事项没有认领，分别为：市教育局2个、市民政局1个。", [("市教育局", 2), ("市民政局", 1)]),
        ("市教育局12个、市民政局3个办件均未评价。", [("市教育局", 12), ("市民政局", 3)]),
        ("市教育局1份文件公开有误;市民政局2份文件没有公开。", [("市教育局", 1), ("市民政局", 2)]),
        ("超时未受理的有市教育局(4件)、市民政局(2件)。", [("市教育局", 4), ("市民政局", 2)]),
    ],
)
def test_counts_are_shared_out(sentence: str, expected: list[tuple[str, int]]) -> None:
    assert counts(sentence) == expected


def test_a_count_in_the_head_gives_way_to_each_unit_own() -> None:
    assert pairs("本月有6件逾期，其中市教育局4件，市民政局2件。") == [
        ("市教育局", "本月有4件逾期"),
        ("市民政局", "本月有2件逾期"),
    ]


def test_percentages_are_shared_out_respectively() -> None:
    assert pairs("办结率最低的是市教育局、市民政局，分别为61.5%和70%。") == [
        ("市教育局", "办结率最低，为61.5%"),
        ("市民政局", "办结率最低，为70%"),
    ]


def test_units_in_brackets_have_the_object_before_them() -> None:
    assert pairs(
        "国企监管栏目(财政局)、养老服务栏目(民政局)，都有半年没有更新;处罚公示栏目(城管局)是空的。"
    ) == [
        ("财政局", "国企监管栏目，都有半年没有更新"),
        ("民政局", "养老服务栏目，都有半年没有更新"),
        ("城管局", "处罚公示栏目，是空的"),
    ]


def test_a_prefix_written_once_is_completed() -> None:
    found = reading("市教育局、民政局、石桥镇没有公开预算。").findings
    assert [one.responsible for one in found] == ["市教育局", "市民政局", "石桥镇"]
    assert [one.unit_as_written for one in found] == ["市教育局", "民政局", "石桥镇"]


def test_a_heading_that_names_a_unit_stands_for_the_lines_below_it() -> None:
    assert pairs(
        "二、市教育局", "1.决算没有公开。", "2.“义务教育”栏目是空栏。", "三、市民政局", "没有发现问题。"
    ) == [
        ("市教育局", "决算没有公开"),
        ("市教育局", "“义务教育”栏目是空栏"),
    ]


@pytest.mark.parametrize("service", ["一网通办", "跨省通办"])
def test_a_heading_that_names_a_service_is_no_unit(service: str) -> None:
    lines = ("一、市教育局", f"（一）{service}", "1.未评价办件3件。", f"2.{service}方面：超期办结4件。")
    assert counts(*lines) == [("市教育局", 3), ("市教育局", 4)]
    assert [one.unit_as_written for one in reading("市交通办没有报送总结。").findings] == ["市交通办"]


def test_a_letter_to_one_unit_is_about_that_unit() -> None:
    assert pairs("关于网站问题整改的通知", "市教育局：", "经检查，你局网站决算栏目没有更新。") == [
        ("市教育局", "经检查，你局网站决算栏目没有更新")
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "微信公众号“云澜文苑、云澜体坛”没有登记。",
            [("云澜文苑", "微信公众号"), ("云澜体坛", "微信公众号")],
        ),
        ("“云澜文苑”“云澜体坛”微博半年没有更新。", [("云澜文苑", "微博"), ("云澜体坛", "微博")]),
        ("云澜文苑(微博)、云澜体坛(抖音号)内容不更新。", [("云澜文苑", "微博"), ("云澜体坛", "抖音号")]),
    ],
)
def test_accounts_are_named_with_their_platform(sentence: str, expected: list[tuple[str, str]]) -> None:
    accounts = [finding.account for finding in reading(sentence).findings]
    assert [(account.name, account.platform) for account in accounts if account] == expected


def test_an_account_belongs_to_the_unit_or_place_before_it() -> None:
    (found,) = reading("澜东区微信公众号“云澜文苑”长期不更新。").findings
    assert (found.responsible, found.unit_as_written) == ("澜东区", "云澜文苑")
    assert found.text == "微信公众号“云澜文苑”长期不更新"


def test_the_last_update_takes_the_year_of_the_bulletin() -> None:
    found = reading(
        "2022年2月9日", "“云澜文苑(最后更新时间 1月26日)、云澜体坛(最后更新时间 12月3日)等账号没有更新。"
    ).findings
    assert [one.account.updated_on for one in found if one.account] == [date(2022, 1, 26), date(2021, 12, 3)]


def test_quotes_that_are_columns_or_titles_are_no_accounts() -> None:
    assert pairs("市教育局“义务教育”栏目没有更新，市民政局《年度报告》有误。") == [
        ("市教育局", "“义务教育”栏目没有更新"),
        ("市民政局", "《年度报告》有误"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "市教育局没有发现严重错误。",
        "更新及时的有：市教育局、市民政局。",
        "市教育局、市民政局工作进展较快，提出表扬。",
        "市教育局合格率低于70%。",
        "市教育局受理123件，办结120件。",
        "市教育局要加强网站管理，不得出现错误。",
        "近期，市政务公开办对全市网站做了检查，发现一些问题。",
        "石桥镇村民反映，家里没有通水。",
    ],
)
def test_what_is_no_fault_gives_no_finding(sentence: str) -> None:
    result = reading(sentence)
    assert result.findings == ()
    assert result.context or result.unread or result.unassigned


def test_praise_beside_blame_goes_to_the_right_units() -> None:
    assert pairs("发得好的有:市教育局、市民政局。没有达到标准的有:市财政局、石桥镇。") == [
        ("市财政局", "没有达到标准"),
        ("石桥镇", "没有达到标准"),
    ]


def test_a_summary_and_its_details_count_once() -> None:
    assert pairs(
        "市教育局、石桥镇在文件发布上有差错。",
        "2.文件发布差错。市教育局1份文件发布有误;石桥镇2份文件过了时间才发布。",
    ) == [("市教育局", "1份文件发布有误"), ("石桥镇", "2份文件过了时间才发布")]


def test_what_is_told_twice_counts_once() -> None:
    result = reading("石桥镇网站泄露隐私。", "此外，石桥镇网站泄露隐私。")
    assert len(result.findings) == 1
    assert "与前文重复" in [leftover.why for leftover in result.context]


def test_a_fault_of_nobody_waits_in_the_tray() -> None:
    result = reading("二、检查结果", "自查出2条不宜公开的信息；扫描又查出4条不宜公开的信息。")
    assert [leftover.text for leftover in result.unassigned] == [
        "自查出2条不宜公开的信息",
        "扫描又查出4条不宜公开的信息",
    ]


def test_what_was_done_is_no_problem_but_what_was_not_is() -> None:
    result = reading("三、整改情况", "1.市教育局对错别字已经改完。", "2.市民政局没有反馈整改结果。")
    assert [one.unit_as_written for one in result.findings] == ["市民政局"]


def test_a_task_counts_for_units_of_which_no_problem_is_told() -> None:
    result = reading("市教育局栏目没有更新。", "四、工作要求", "请市教育局、市民政局按要求整改办事指南。")
    assert [(one.unit_as_written, one.text) for one in result.findings] == [
        ("市教育局", "栏目没有更新"),
        ("市民政局", "按要求整改办事指南"),
    ]


def test_a_list_longer_than_its_names_is_reported() -> None:
    result = reading("市教育局、市民政局等5家单位没有报送总结。")
    assert len(result.findings) == 2
    assert ["3 家" in leftover.why for leftover in result.unread] == [True]


def test_a_list_cut_before_its_fault_is_unread() -> None:
    result = read_document("二是账号更新慢，“云澜文苑”“云澜体坛”“云澜书".encode(), "通报.txt", LEXICON)
    assert result.findings == ()
    assert "中断" in result.unread[-1].why


def test_a_list_cut_in_a_name_keeps_the_names_before_it() -> None:
    text = "有的账号长期不更新。如微信公众号“云澜文苑、云澜体坛、云澜书"
    result = read_document(text.encode(), "通报.txt", LEXICON)
    assert [one.unit_as_written for one in result.findings] == ["云澜文苑", "云澜体坛"]
    assert [leftover.text for leftover in result.unread] == ["云澜书"]


def test_a_table_inside_the_text_does_not_silence_the_text() -> None:
    result = reading(
        "市教育局栏目没有更新。", "", "序号\t单位名称\t存在的问题", "1\t市民政局\t没有公开决算。"
    )
    assert {one.unit_as_written for one in result.findings} == {"市教育局", "市民政局"}


def test_a_cell_that_fell_out_of_an_annexed_list_is_unread() -> None:
    result = reading(
        "附件1", "", "序号\t单位名称\t存在的问题", "1\t市民政局\t没有公开决算。", "", "", "栏目长期没有更新。"
    )
    assert [(leftover.line, leftover.text) for leftover in result.unread] == [(7, "栏目长期没有更新。")]


_FRAGMENTS = st.sampled_from(
    (
        *(
            "一、存在问题",
            "（二）市教育局",
            "市教育局、市民政局没有更新。",
            "等3家单位",
            "“云澜文苑”微博",
            "附件1",
        ),
        *("单位名称", "问题描述", "|", "市教育局|", "，", "“", "（", "其中", "4件", "各1件", "分别为1%和2%"),
        *("没有发现问题。", "请市民政局整改。", "关于整改情况的报告", "我局已改。"),
        *("序号\t单位名称\t存在的问题", "1\t市民政局\t没有公开。"),
    )
)


@given(st.lists(st.lists(_FRAGMENTS, min_size=1, max_size=4).map("".join), min_size=1, max_size=12))
def test_no_line_is_ever_lost(lines: list[str]) -> None:
    result = reading(*lines)
    told = {finding.source.line for finding in result.findings}
    for leftovers in (result.unassigned, result.unread, result.context):
        told |= {leftover.line for leftover in leftovers}
    told |= {reply.line for reply in result.replies}
    assert {line.number for line in result.document.lines} <= told
