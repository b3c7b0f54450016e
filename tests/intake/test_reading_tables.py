"""Problem tables of an invented city: every kind of cell, and every way a table comes apart."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from tracker.intake import read_document
from tracker.intake.model import Finding, Quantity, Reading

HEADER = "序号\t单位名称\t“一网通办”问题\t“互联网+监管”问题\t政务公开问题\t备注"


def reading(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Reading:
    return read_document(("\n".join(lines) + end).encode(encoding), "云澜通报.txt")


def cell(content: str) -> tuple[Finding, ...]:
    """The findings of one cell."""
    return reading(HEADER, f"1\t市教育局\t\t\t{content}\t").findings


def texts(findings: tuple[Finding, ...]) -> list[tuple[int | None, str]]:
    return [(finding.source.ordinal, finding.text) for finding in findings]


TWO = [(1, "未设置A专栏。"), (2, "未设置B专栏。")]


@pytest.mark.parametrize(
    "markup",
    [
        "1.未设置A专栏。 2.未设置B专栏。",
        "1、未设置A专栏。2、未设置B专栏。",
        "1．未设置A专栏。\u30002．未设置B专栏。",
        "（1）未设置A专栏。（2）未设置B专栏。",
        "①未设置A专栏。②未设置B专栏。",
        "一、未设置A专栏。二、未设置B专栏。",
        "(一)未设置A专栏。(二)未设置B专栏。",
        "一是未设置A专栏。二是未设置B专栏。",
        '<ol style="list-style-type: none"> 1.未设置A专栏。 2.未设置B专栏。 ',
        "<p>1.未设置A专栏。</p> <p>2.未设置B专栏。</p>",
        "<div>1.未设置<b>A</b>专栏。<br/>2.未设置B专栏。",
    ],
)
def test_numbered_problems_are_split_whatever_the_numbering_and_markup(markup: str) -> None:
    assert texts(cell(markup)) == TWO


def test_paragraphs_without_numbers_are_problems_of_their_own() -> None:
    assert texts(cell("<p>未设置A专栏</p><p>未设置B专栏</p>")) == [
        (None, "未设置A专栏"),
        (None, "未设置B专栏"),
    ]


def test_a_list_number_and_a_quantity_are_told_apart() -> None:
    first, second = cell("1.7个证照未标注。 2.16个证照未标注。")
    assert (first.source.ordinal, first.quantity) == (1, Quantity(7, "个"))
    assert (second.source.ordinal, second.quantity) == (2, Quantity(16, "个"))


def test_a_count_without_a_list_number_is_a_quantity_only() -> None:
    (only,) = cell("2个证照未标注。")
    assert (only.source.ordinal, only.quantity, only.text) == (None, Quantity(2, "个"), "2个证照未标注。")


def test_a_rate_at_the_start_of_a_cell_is_no_list_number() -> None:
    assert texts(cell("1.78%的数据没有上传。")) == [(None, "1.78%的数据没有上传。")]


def test_numbers_that_do_not_continue_the_run_stay_in_the_text() -> None:
    assert texts(cell("1.覆盖率仅45.8%，低于50%。 3.1版栏目无内容。 2.未设置B专栏。")) == [
        (1, "覆盖率仅45.8%，低于50%。 3.1版栏目无内容。"),
        (2, "未设置B专栏。"),
    ]


def test_a_missing_end_mark_does_not_glue_two_problems_together() -> None:
    assert texts(cell("1.未设置A专栏2.未设置B专栏")) == [(1, "未设置A专栏"), (2, "未设置B专栏")]


def test_text_before_the_first_number_is_a_problem_of_its_own() -> None:
    assert texts(cell("未设置C专栏。 1.未设置A专栏。")) == [(None, "未设置C专栏。"), (1, "未设置A专栏。")]


def test_the_column_title_repeated_in_a_cell_is_no_problem() -> None:
    assert texts(cell("<p>政务公开问题</p><p>1.未设置A专栏。</p>")) == [(1, "未设置A专栏。")]


def test_a_lead_in_is_not_a_problem_but_is_shown() -> None:
    result = reading(HEADER, "1\t市教育局\t\t\t下属单位存在：1.未设置A专栏。\t")
    assert texts(result.findings) == [(1, "未设置A专栏。")]
    assert [leftover.text for leftover in result.unread] == ["下属单位存在："]


@pytest.mark.parametrize("nothing", ["", "无", "暂无。", "——", "/", "<p></p>"])
def test_an_empty_cell_gives_no_problem(nothing: str) -> None:
    assert cell(nothing) == ()


def test_quotes_html_entities_and_the_end_mark_stay_as_the_source_has_them() -> None:
    assert cell("1.“A&amp;B”专栏&nbsp;没有内容；")[0].text == "“A&B”专栏 没有内容；"


def test_a_finding_knows_its_place() -> None:
    result = reading(
        "云澜市政务服务检查情况通报",
        "",
        "附件 2",
        "",
        "市直部门问题清单",
        "",
        HEADER,
        "7\t市教育局\t\t\t1.未设置A专栏。\t",
    )
    (finding,) = result.findings
    source = finding.source
    assert (source.file, source.annex, source.row, source.ordinal, source.line) == (
        "云澜通报.txt",
        "附件2",
        7,
        1,
        8,
    )
    assert (finding.unit_as_written, finding.group_hint, finding.domain) == ("市教育局", "市直", "政务公开")


def test_repeated_headers_and_blank_lines_continue_the_same_list() -> None:
    result = reading(
        HEADER, "1\t市教育局\t\t\t未设置A专栏。\t", "", HEADER, "2\t市民政局\t\t\t未设置B专栏。\t"
    )
    assert [finding.unit_as_written for finding in result.findings] == ["市教育局", "市民政局"]
    assert result.unread == ()


def test_a_unit_name_wrapped_over_two_lines_is_one_name() -> None:
    (finding,) = reading(HEADER, "1\t市机要和", "保密局\t\t无监管创新方案。\t\t").findings
    assert (finding.unit_as_written, finding.domain) == ("市机要和保密局", "互联网+监管")


def test_a_last_cell_wrapped_over_two_lines_is_one_cell() -> None:
    result = reading(
        "序号\t责任单位\t存在问题",
        "1\t市教育局\t1.未设置A专栏。",
        "2.未设置B专栏。",
        "2\t市民政局\t栏目为空。",
    )
    assert texts(result.findings) == [*TWO, (None, "栏目为空。")]


def test_a_district_list_is_known_by_its_column() -> None:
    (finding,) = reading("序号\t区划\t政务公开问题", "1\t澜东区\t未设置A专栏。").findings
    assert (finding.unit_as_written, finding.group_hint) == ("澜东区", "各区")


def test_a_region_column_beside_the_unit_gives_the_group_row_by_row() -> None:
    result = reading("区划\t责任单位\t问题", "市直\t市教育局\t栏目为空。", "澜东区\t澜东区卫健局\t栏目为空。")
    assert [(finding.unit_as_written, finding.group_hint) for finding in result.findings] == [
        ("市教育局", "市直"),
        ("澜东区卫健局", "各区"),
    ]


def test_one_problem_per_row_takes_its_domain_from_the_category_column() -> None:
    result = reading(
        "序号\t责任单位\t问题类别\t存在的问题\t整改时限", "1\t市教育局\t政务公开\t栏目为空。\t10月底"
    )
    assert [(f.domain, f.text) for f in result.findings] == [("政务公开", "栏目为空。")]


def test_a_problem_without_a_unit_is_unassigned_not_lost() -> None:
    result = reading(HEADER, "1\t\t\t\t1.未设置A专栏。 2.未设置B专栏。\t")
    assert result.findings == ()
    assert [leftover.text for leftover in result.unassigned] == ["未设置A专栏。", "未设置B专栏。"]


@pytest.mark.parametrize(
    ("row", "why"),
    [("2\t市民政局\t\t多出\t未设置B专栏。\t\t第七列", "7列"), ("2\t市民政局\t未设置B专栏。\t", "4列")],
)
def test_a_row_of_the_wrong_width_is_unread_because_its_columns_are_doubtful(row: str, why: str) -> None:
    result = reading(HEADER, "1\t市教育局\t\t\t未设置A专栏。\t", row, "3\t市司法局\t\t\t未设置C专栏。\t")
    assert [finding.unit_as_written for finding in result.findings] == ["市教育局", "市司法局"]
    ((leftover),) = result.unread
    assert leftover.line == 3
    assert why in leftover.why


def test_rows_whose_trailing_blanks_an_editor_trimmed_are_still_read() -> None:
    result = reading(HEADER, "1\t市教育局\t未组织宣传。", "2\t市民政局\t\t无联合监管方案。")
    assert [finding.domain for finding in result.findings] == ["一网通办", "互联网+监管"]


def test_prose_between_two_rows_of_a_list_is_unread() -> None:
    result = reading(
        HEADER, "1\t市教育局\t\t\t未设置A专栏。\t", "", "3.未设置D专栏。", "", "2\t市民政局\t\t\t栏目为空。\t"
    )
    assert [leftover.text for leftover in result.unread] == ["3.未设置D专栏。"]


def test_a_row_before_any_heading_is_unread() -> None:
    result = reading("1\t市教育局\t未设置A专栏。", HEADER, "2\t市民政局\t\t\t栏目为空。\t")
    assert [leftover.line for leftover in result.unread] == [1]


def test_score_tables_give_neither_problems_nor_noise() -> None:
    result = reading(
        "排名\t单位名称\t事项管理\t得分", "1\t市教育局\t10\t90.5", "", HEADER, "1\t市民政局\t\t\t栏目为空。\t"
    )
    assert len(result.findings) == 1
    assert result.unread == ()


def test_totals_are_no_units() -> None:
    assert (
        reading("单位\t问题\t备注", "市教育局\t栏目为空。\t", "合计\t1条问题\t").findings[-1].unit_as_written
        == "市教育局"
    )


def test_prose_is_context_where_a_list_holds_the_detail() -> None:
    assert (
        reading(
            "云澜市政务公开情况通报", "多数单位整改到位。", HEADER, "1\t市教育局\t\t\t栏目为空。\t"
        ).unread
        == ()
    )


@pytest.mark.parametrize(
    "tail", ["1.未设置B专栏。 2.未设置重", "1.未设置B专栏。", "<p>1.未设置B专栏。</p> <p>2.未设"]
)
def test_a_cut_file_gives_what_is_sure_and_shows_the_cut(tail: str) -> None:
    result = reading(HEADER, "1\t市教育局\t\t\t未设置A专栏。\t", f"2\t市民政局\t\t\t{tail}", end="")
    assert [finding.text for finding in result.findings] == ["未设置A专栏。", "未设置B专栏。"]
    assert "中断" in result.unread[-1].why


def test_a_file_cut_inside_a_character_still_gives_the_rest() -> None:
    content = f"{HEADER}\n1\t市教育局\t\t\t1.未设置A专栏。 2.未设置重大".encode()[:-1]
    result = read_document(content, "断.txt")
    assert texts(result.findings) == TWO[:1]
    assert result.unread[0].text.startswith("未设置重")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_every_usual_encoding_gives_the_same_findings(encoding: str) -> None:
    lines = ("云澜市检查情况通报", "2026 年 10 月 16 日", HEADER, "1\t市教育局\t\t\t未设置A专栏。\t")
    result = reading(*lines, encoding=encoding)
    assert (result.title, result.findings) == ("云澜市检查情况通报", reading(*lines).findings)


def test_title_and_date_come_from_the_head_and_not_from_the_red_line() -> None:
    result = reading("督查通报", "第 3 期", "2026 年 10 月 16 日", "全市政务服务三季度情况通报", "正文。")
    assert result.title == "全市政务服务三季度情况通报"
    assert result.issued_on is not None
    assert result.issued_on.isoformat() == "2026-10-16"


def test_a_file_without_title_or_date_is_named_after_itself() -> None:
    result = reading("单位\t问题", "市教育局\t栏目为空。")
    assert (result.title, result.issued_on) == ("云澜通报", None)


GRID = [
    ["市直部门问题清单", "", "", ""],
    ["序号", "责任单位", "政务公开问题", "备注"],
    ["1", "市教育局", "1.未设置A专栏。\n2.7个栏目没有内容。", ""],
    ["2", "市民政局", "“云澜民政”账号未注销。", "复查"],
]


def workbook(rows: list[list[str]], *, merge: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if merge:
            sheet.merge_range(merge, "市教育局")
    return buffer.getvalue()


def comma_separated(rows: list[list[str]]) -> str:
    return "\n".join(",".join('"' + value + '"' for value in row) for row in rows) + "\n"


def test_csv_and_xlsx_of_one_table_give_the_same_findings() -> None:
    from_xlsx = read_document(workbook(GRID), "清单.xlsx").findings
    from_csv = read_document(comma_separated(GRID).encode("gbk"), "清单.csv").findings
    assert [(f.unit_as_written, f.group_hint, f.text, f.quantity) for f in from_csv] == [
        ("市教育局", "市直", "未设置A专栏。", None),
        ("市教育局", "市直", "7个栏目没有内容。", Quantity(7, "个")),
        ("市民政局", "市直", "“云澜民政”账号未注销。", None),
    ]
    assert [(f.unit_as_written, f.text, f.source.row, f.source.ordinal) for f in from_xlsx] == [
        (f.unit_as_written, f.text, f.source.row, f.source.ordinal) for f in from_csv
    ]


def test_a_merged_unit_cell_names_the_unit_of_every_row_it_spans() -> None:
    rows = [["单位", "问题", "备注"], ["", "栏目为空。", ""], ["", "未设置A专栏。", ""]]
    findings = read_document(workbook(rows, merge="A2:A3"), "清单.xlsx").findings
    assert [f.unit_as_written for f in findings] == ["市教育局", "市教育局"]


def test_a_csv_row_without_unit_is_unassigned() -> None:
    rows = [*GRID[1:], ["3", "", "栏目为空。", ""]]
    assert [u.line for u in read_document(comma_separated(rows).encode(), "清单.csv").unassigned] == [5]


def test_the_account_beside_the_unit_is_what_the_problem_is_about() -> None:
    found = reading(
        "序号\t责任单位\t账号名称\t存在问题",
        "1\t市教育局\t云澜教育\t半年没有更新。",
        "2\t市民政局\t\t专栏为空。",
    ).findings
    assert [(each.responsible, each.described) for each in found] == [
        ("市教育局", "账号半年没有更新。"),
        ("市民政局", "专栏为空。"),
    ]


def test_where_the_account_alone_is_named_it_is_who_has_the_problem() -> None:
    found = reading("序号\t账号名称\t存在问题", "1\t云澜教育\t半年没有更新。").findings
    assert [(each.responsible, each.account) for each in found] == [("云澜教育", None)]
