"""Tables without lines in a PDF: columns told by blank stripes, rows by their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tracker.intake.blocks import Block, Table
from tracker.intake.pdf_flow import flow
from tracker.intake.pdf_lines import Segment, TextLine, cell_text

COLUMNS = (50, 90, 200, 400)  # where their text begins
HEAD = "序号|单位名称|一网通办问题|政务公开问题"


def row(top: float, cells: str, page: int = 1) -> TextLine:
    """One line of the table: its cells' words, letters ten points wide and high."""
    words = tuple(
        Segment(left, left + 10 * len(text), text)
        for left, text in zip(COLUMNS, cells.split("|"), strict=False)
        if text
    )
    return TextLine(words, top, top + 10, page, 600)


def prose(top: float, text: str, left: float = 50, page: int = 1) -> TextLine:
    return TextLine((Segment(left, left + 10 * len(text), text),), top, top + 10, page, 600)


def plain(*pages: Sequence[TextLine]) -> list[str | list[list[str]]]:
    def shown(block: Block) -> str | list[list[str]]:
        return [[cell.text for cell in cells] for cells in block.rows] if isinstance(block, Table) else block

    return [shown(block) for block in flow(pages)]


def test_cells_that_begin_at_the_top_of_their_row() -> None:
    lines = [
        row(100, HEAD),
        row(120, "1|市教育局|没有宣传。|甲栏目没有内"),
        row(132, "|||容。"),
        row(150, "2|市委机要和||没有乙专栏。"),
        row(162, "|保密局"),
    ]
    assert plain(lines) == [
        [
            HEAD.split("|"),
            ["1", "市教育局", "没有宣传。", "甲栏目没有内\n容。"],
            ["2", "市委机要和\n保密局", "", "没有乙专栏。"],
        ]
    ]


def test_cells_that_stand_in_the_middle_of_their_row() -> None:
    lines = [
        row(100, HEAD),
        row(120, "|||甲栏目没有内"),
        row(126, "1|市教育局|没有宣传。"),
        row(132, "|||容。"),
        row(150, "|||没有设置乙专"),
        row(162, "2|市民政局||栏，丙栏目没"),
        row(174, "|||有内容。"),
    ]
    assert plain(lines) == [
        [
            HEAD.split("|"),
            ["1", "市教育局", "没有宣传。", "甲栏目没有内\n容。"],
            ["2", "市民政局", "", "没有设置乙专\n栏，丙栏目没\n有内容。"],
        ]
    ]


def test_a_title_of_two_lines_beside_titles_of_one() -> None:
    lines = [
        row(94, "|||政务公开"),
        row(100, "序号|单位名称|一网通办问题"),
        row(106, "|||问题"),
        row(120, "1|市教育局||没有甲专栏。"),
    ]
    assert plain(lines) == [
        [["序号", "单位名称", "一网通办问题", "政务公开\n问题"], ["1", "市教育局", "", "没有甲专栏。"]]
    ]


def test_a_row_goes_on_over_the_page_and_the_repeated_heading_is_dropped() -> None:
    first = [row(100, HEAD), row(120, "1|市教育局||甲栏目没有内")]
    second = [row(20, "|||容。", page=2), row(40, "2|市民政局||没有乙专栏。", page=2)]
    third = [row(20, HEAD, page=3), row(40, "3|市司法局||没有丙专栏。", page=3)]
    assert plain(first, second, third) == [
        [
            HEAD.split("|"),
            ["1", "市教育局", "", "甲栏目没有内\n容。"],
            ["2", "市民政局", "", "没有乙专栏。"],
            ["3", "市司法局", "", "没有丙专栏。"],
        ]
    ]


def test_a_centred_row_that_the_page_breaks_is_made_whole() -> None:
    first = [
        row(100, HEAD),
        row(120, "|||甲栏目没有内"),
        row(126, "1|市教育局"),
        row(132, "|||容。"),
        row(150, "2|市民政局||没有设置乙专"),
    ]
    second = [
        row(20, "|||栏。", page=2),
        row(40, "|||没有设置丁专", page=2),
        row(46, "3|市司法局", page=2),
        row(52, "|||栏。", page=2),
    ]
    assert plain(first, second) == [
        [
            HEAD.split("|"),
            ["1", "市教育局", "", "甲栏目没有内\n容。"],
            ["2", "市民政局", "", "没有设置乙专\n栏。"],
            ["3", "市司法局", "", "没有设置丁专\n栏。"],
        ]
    ]


def test_two_tables_on_a_page_keep_their_captions_apart() -> None:
    lines = [
        row(100, HEAD),
        row(120, "1|市教育局||没有甲专栏。"),
        prose(150, "各区问题清单", left=260),
        row(170, HEAD),
        row(190, "1|澜东区|没有宣传。"),
    ]
    heading = HEAD.split("|")
    assert plain(lines) == [
        [heading, ["1", "市教育局", "", "没有甲专栏。"]],
        "各区问题清单",
        [heading, ["1", "澜东区", "没有宣传。", ""]],
    ]


@pytest.mark.parametrize("left", [50, 270, 430])
def test_what_follows_a_table_on_the_next_page_is_no_part_of_its_last_row(left: float) -> None:
    first = [row(100, HEAD), row(120, "1|市教育局||没有甲专栏。")]
    second = [prose(20, "云澜市督查室", left=left, page=2)]
    table = [HEAD.split("|"), ["1", "市教育局", "", "没有甲专栏。"]]
    assert plain(first, second) == [table, "云澜市督查室"]


def test_a_sentence_across_the_columns_ends_the_table() -> None:
    lines = [
        row(100, HEAD),
        row(120, "1|市教育局||没有甲专栏。"),
        prose(135, "请各单位于月底以前完成整改并报送情况。"),
    ]
    table = [HEAD.split("|"), ["1", "市教育局", "", "没有甲专栏。"]]
    assert plain(lines) == [table, "请各单位于月底以前完成整改并报送情况。"]


def test_lines_that_fit_no_row_stay_lines() -> None:
    lines = [
        row(100, HEAD),
        row(120, "|||甲栏目没有内"),
        row(132, "|||容。"),
        row(144, "|||没有乙专栏。"),
        row(156, "1|市教育局"),
        row(168, "2|市民政局||没有丙专栏。"),
    ]
    assert plain(lines) == [line.text for line in lines]


@pytest.mark.parametrize(
    ("above", "below", "text"),
    [
        ("市委宣传部", "(新闻出版局)", "市委宣传部 (新闻出版局)"),  # there was room: broken at a blank
        ("市发展和改革委员", "会", "市发展和改革委员\n会"),
        ("甲乙丙丁戊", "50%。", "甲乙丙丁戊 50%。"),
        ("甲乙丙丁戊己", "2021年", "甲乙丙丁戊己\n2021年"),  # a number is not broken to fill the line
        ("检查事项有九和3", "63项", "检查事项有九和363项"),
        ("没有甲专栏。", "乙栏目没有内容", "没有甲专栏。\n乙栏目没有内容"),
    ],
)
def test_what_stood_where_a_line_of_a_cell_ends(above: str, below: str, text: str) -> None:
    lines = [(Segment(0, 10 * len(line), line), 10.0) for line in (above, below)]
    assert cell_text(lines, width=90) == text
