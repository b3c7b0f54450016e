"""Totals, remainders, lists, ranks and dates of invented sentences and tables."""

from __future__ import annotations

import pytest

from tracker.intake import read_document
from tracker.intake.claims import Claim, Kind, check_claims


def claims_of(text: str, *kinds: Kind) -> list[Claim]:
    claims = check_claims(read_document(text.encode(), "稿子.txt"), {"文旅局": "文化和旅游局"})
    return [claim for claim in claims if claim.kind in kinds]


def verdicts(text: str, *kinds: Kind) -> list[bool | None]:
    return [claim.holds for claim in claims_of(text, *kinds)]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("有10件逾期，其中澜东区4件，市教育局、市民政局和市水利局各2件。", True),
        ("有10件逾期，其中澜东区4件，市教育局、市民政局各2件。", False),
        ("共发现问题50条，其中市直部门30条，各区18条。", False),
        ("共发现问题50条，其中市教育局6条，市民政局5条。", None),
        ("共发现问题50条，其中较多的有市教育局26条，市民政局23条。", None),
        ("二季度新增上线12项，累计上线93项。其中，市水利局6项，市教育局、市民政局各3项。", True),
        ("全市主动公开信息300条，市直单位180条，乡镇120条。", True),
        ("共派单60件。派单中热线51件，网站9件。", True),
        ("全市情况如下。我市有5件逾期，市教育局3件，市民政局2件。", True),
        ("共发现问题5条，其中市文化和旅游局、市教育局各1条，市民政局3条。", True),
    ],
)
def test_the_parts_of_a_total_add_up_to_it(text: str, holds: bool | None) -> None:
    assert verdicts(text, Kind.SUM) == [holds]


def test_a_long_list_that_lacks_one_unit_of_its_number_is_wrong() -> None:
    names = "市教育局、市民政局、市水利局、市财政局、市审计局、澜东区、澜西区"
    assert verdicts(f"{names}等8家单位栏目没有更新。", Kind.LIST_LENGTH) == [False]


def test_a_list_of_counts_without_a_total_states_no_sum() -> None:
    assert verdicts("澜西区2条，云台区、青桥开发区各1条。", Kind.SUM) == []


DONE = "市直部门交办60条，各区交办40条。市直部门已整改54条，整改率90%；各区已整改38条，整改率95%。"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("市教育局4条、市民政局2条；澜东区、澜西区各1条。", [True, True]),
        ("市教育局4条、市民政局1条；澜东区、澜西区各1条。", [False, True]),
        ("市教育局4条、市民政局2条；澜东区2条、澜西区1条。", [True, False]),
    ],
)
def test_what_is_left_open_is_the_total_less_what_is_done_in_each_group(
    listed: str, expected: list[bool]
) -> None:
    assert verdicts(f"{DONE}未完成整改单位：{listed}", Kind.REMAINDER) == expected


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        # a name that cannot be told for a unit's: the list may well be right
        ("市教育局4条、云通澜信2条；澜东区、澜西区各1条。", [None, True]),
        ("12345热线2条、市教育局2条、市民政局1条；澜东区、澜西区各1条。", [None, True]),
        # a name that looks like the other group's: together they are what is left
        ("市教育局4条、云湖管委会2条；澜东区、澜西区各1条。", [None, None]),
        ("市残联4条、市妇联和市文联各1条；澜东区、澜西区各1条。", [True, True]),
    ],
)
def test_what_is_left_open_is_not_called_wrong_for_a_name_that_cannot_be_told(
    listed: str, expected: list[bool | None]
) -> None:
    assert verdicts(f"{DONE}未完成整改单位：{listed}", Kind.REMAINDER) == expected


@pytest.mark.parametrize(("units", "expected"), [(100, [True]), (1000, [None])])
def test_a_long_list_of_equal_counts_is_read_whole_or_not_judged(
    units: int, expected: list[bool | None]
) -> None:
    signs = "甲乙丙丁戊己庚辛壬癸"
    names = [f"市{signs[n // 100]}{signs[n // 10 % 10]}{signs[n % 10]}局" for n in range(units)]
    listed = f"未完成整改单位：市教育局2条、{'、'.join(names[1:])}各2条。"
    text = f"市直部门交办{units * 3}条，已整改{units}条，整改率33.3%。{listed}"
    assert verdicts(text, Kind.REMAINDER) == expected


def test_nothing_done_yet_is_nothing_of_its_own_total() -> None:
    done = "市直部门交办60条，各区交办2条。市直部门已整改0条，整改率0%；各区已整改0条，整改率0%。"
    listed = "市教育局60条、澜东区、澜西区各1条。"
    assert verdicts(f"{done}未完成整改单位：{listed}", Kind.REMAINDER) == [True, True]


def test_a_list_of_who_has_how_many_problems_left_is_no_list_of_what_a_problem_counts() -> None:
    text = (
        "未完成整改单位：市教育局5条、市民政局1条。\n\n附件1\n\n市直部门问题清单\n\n序号\t单位名称\t政务公开问题\n"
        "1\t市教育局\t未完成整改的专栏3条。\n2\t市民政局\t未完成整改的专栏4条。\n"
    )
    assert verdicts(text, Kind.LIST_COUNT, Kind.LIST_UNITS) == []


@pytest.mark.parametrize(
    ("number", "holds"), [("4", True), ("四", True), ("3", False), ("5", None), ("15", None)]
)
def test_a_closed_list_is_as_long_as_it_says(number: str, holds: bool | None) -> None:
    text = f"市教育局、市民政局、澜东区、澜西区等{number}家单位栏目没有更新。"
    assert verdicts(text, Kind.LIST_LENGTH) == [holds]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对澜东区、澜西区、云台区3个区进行检查。", [True]),
        ("对澜东区、澜西区、云台区4个区进行检查。", [False]),
        ("对云台区及澜东区、澜西区3个区进行检查。", [True]),
        ("除云台区，对澜东区、澜西区3个区进行检查。", [None]),
        ("对澜东区、澜西区5个区级部门进行检查。", []),
        ("对澜东区、澜西区、云台区5个乡镇进行检查。", []),
        ("市教育局、市民政局、市水利局三家单位没有更新。", [True]),
        ("市教育局、市民政局、市水利局2家单位没有更新。", [False]),
        ("市教育局、市民政局、市水利局9家单位没有更新。", [None]),
        ("集中在“文件解读”、“公众互动”、“网上服务”3个栏目。", [True]),
        ("“文教澜东”、“平安澜西”7个栏目没有更新。", [None]),
        ("“文教澜东”、“平安澜西”3个月没有更新。", []),
    ],
)
def test_a_list_with_its_number_right_behind_it_is_as_long(text: str, expected: list[bool | None]) -> None:
    assert verdicts(text, Kind.LIST_LENGTH) == expected


SCORES = """考核得分表

排名\t部门名称\t网上办事（40分）\t信息公开（60分）\t得分
1\t市教育局\t38.00\t50.00\t{first}
2\t市民政局\t36.00\t{open}\t84.00
2\t市水利局\t{online}\t50.00\t{third}
"""


def table(first: str = "88.00", public: str = "48.00", online: str = "34.00", third: str = "84.00") -> str:
    return SCORES.format(first=first, open=public, online=online, third=third)


@pytest.mark.parametrize(
    ("text", "sums", "ranks"),
    [
        (table(), [True, True, True], [True]),
        (table(first="89.00"), [False, True, True], [True]),
        (table(public=""), [True, None, True], [True]),
        (table(public="", third="85.00"), [True, None, False], [False]),
        (table(first="83.00"), [False, True, True], [False]),
    ],
)
def test_a_score_table_adds_up_and_ranks_by_score(
    text: str, sums: list[bool | None], ranks: list[bool]
) -> None:
    expected = [holds for holds in sums if holds is not None or "\t\t" in text]
    assert verdicts(text, Kind.RANK) == ranks
    rows = {claim.line: claim.holds for claim in claims_of(text, Kind.TABLE_SUM)}
    assert [rows.get(line) for line in (4, 5, 6)] == expected


def test_a_row_that_lost_a_cell_is_only_wrong_when_the_rest_is_already_too_much() -> None:
    header = "单位名称\t甲（40分）\t乙（30分）\t丙（30分）\t得分"
    text = f"得分表\n\n{header}\n市教育局\t38\t\t20\t80\n市民政局\t38\t\t25\t60"
    assert verdicts(text, Kind.TABLE_SUM) == [None, False]


def test_a_score_above_its_columns_full_mark_is_shown() -> None:
    (claim,) = claims_of(table(online="41.00", third="91.00").replace("2\t市水", "—\t市水"), Kind.FULL_MARK)
    assert (claim.holds, claim.stated, claim.computed) == (False, "满分40分", "41分")


def test_a_heading_over_columns_counts_them() -> None:
    text = (
        "得分表\n\n排名\t部门名称\t办事(3项,9分)\t\t公开(1项,4分)\t得分\n"
        "\t\t甲(5分)\t乙(4分)\t丙(4分)\t\n1\t市教育局\t5\t4\t4\t13\n"
    )
    claims = {claim.quote: claim.holds for claim in claims_of(text, Kind.TABLE_SUM)}
    assert (claims["办事(3项,9分)"], claims["公开(1项,4分)"]) == (False, True)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (("5", "4", "6", "5", "4", "3"), []),  # every group fits: nothing is left to say of this kind
        (("5", "4", "6", "4", "4", "3"), [("办理(2项,11分)", "11分", "10分")]),
        (("5", "3", "6", "4", "4", "3"), []),  # two groups do not fit: columns may have slipped
    ],
)
def test_a_heading_whose_columns_are_all_there_has_their_full_marks(
    marks: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    below = "\t".join(f"第{place}列({mark}分)" for place, mark in enumerate(marks, 1))
    text = (
        "得分表\n\n排名\t部门名称\t办事(2项,9分)\t\t办理(2项,11分)\t\t公开(2项,7分)\t\t得分\n"
        f"\t\t{below}\t\n1\t市教育局\t1\t1\t1\t1\t1\t1\t6\n"
    )
    found = [claim for claim in claims_of(text, Kind.TABLE_SUM) if claim.holds is False]
    assert [(claim.quote, claim.stated, claim.computed) for claim in found] == expected


def test_the_row_of_totals_is_the_sum_of_its_columns() -> None:
    rows = "序号\t单位\t交办数\t已整改数\n1\t市教育局\t5\t4\n2\t市民政局\t7\t7\n\t合计\t12\t10"
    claims = {claim.stated: claim.holds for claim in claims_of(f"整改情况\n\n{rows}", Kind.TABLE_SUM)}
    assert claims == {"交办数12": True, "已整改数10": False}


@pytest.mark.parametrize(
    ("row", "holds"),
    [("市教育局\t50\t40\t80%", True), ("市教育局\t50\t40\t85%", False), ("市教育局\t50\t\t85%", None)],
)
def test_a_rate_of_a_table_row_is_made_of_the_columns_titled_so(row: str, holds: bool | None) -> None:
    text = f"整改情况\n\n单位\t交办数\t已整改数\t整改率\n{row}"
    assert verdicts(text, Kind.RATE) == [holds]


def test_a_page_with_one_cell_per_line_still_shows_which_numbers_make_a_rate() -> None:
    cells = ["市教育局", "60", "50", "0", "10", "4", "8%", "市民政局", "20", "10", "0", "10", "3", "44%"]
    text = "满意情况\n" + "\n".join(f"{cell} |" for cell in cells)
    assert verdicts(text, Kind.RATE) == [True, None]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("排名靠前的部门为市教育局、市民政局。", True),
        ("排名靠前的部门为市民政局、市教育局。", False),
        ("我市在全省17个市（州）中排名第10。", True),
        ("我市在全省17个市（州）中排名第18。", False),
        ("我市位居第10名，比一季度下降9名。", None),
        ("我市位居第3名，比一季度下降5名。", False),
    ],
)
def test_ranks_of_the_text_agree_with_the_tables_and_with_themselves(
    sentence: str, expected: bool | None
) -> None:
    claims = claims_of(f"{sentence}\n\n{table()}", Kind.RANK)
    assert [claim.holds for claim in claims if claim.line == 1] == [expected]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("截至7月16日，市直部门已整改148条。", True),
        ("截至7月30日，市直部门已整改148条。", False),
        ("截至2021年8月1日，市直部门已整改148条。", False),
        ("截至13月40日，市直部门已整改148条。", None),
    ],
)
def test_a_check_ends_before_the_bulletin_is_issued(sentence: str, expected: bool | None) -> None:
    found = verdicts(f"2021年7月23日\n\n情况通报\n\n{sentence}", Kind.DATE)
    assert found == ([] if expected is None else [expected])


def test_a_draft_without_a_date_is_checked_all_the_same() -> None:
    text = "情况通报\n\n截至7月30日，市直部门交办60条，已整改54条，整改率95%。"
    assert verdicts(text, Kind.DATE, Kind.RATE) == [False]


def test_two_dates_and_another_quarter_are_shown_not_judged() -> None:
    text = "2021年7月23日\n\n全市第二季度考核情况通报\n\n一季度，我市检查30家单位。\n\n2021年7月25日印发"
    assert verdicts(text, Kind.DATE) == [None, None]
