"""PDF files: tables with and without lines, over pages, and the files that cannot be read."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from tests.fakes.converters import to_pdf
from tracker.domain.errors import IntakeError
from tracker.intake.blocks import Block, Table
from tracker.intake.pdf_flow import flow
from tracker.intake.pdf_lines import Grid, Segment, TextLine
from tracker.intake.readers import open_document

HEADING = "序号\t单位名称\t问题"


def plain(blocks: list[Block]) -> list[str | list[list[str]]]:
    return [
        [[cell.text for cell in row] for row in block.rows] if isinstance(block, Table) else block
        for block in blocks
    ]


def line(text: str, page: int = 1, top: float = 50, left: float = 50, right: float = 200) -> TextLine:
    return TextLine((Segment(left, right, text),), top, top + 10, page, 600)


def grid(*rows: str, page: int = 1) -> Grid:
    return Grid([row.split("|") for row in rows], page)


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.slow
def test_a_table_is_read_with_and_without_lines(ruled: bool) -> None:
    first, second = "1\t市教育局\t1.甲栏目没有更新。 2.乙栏目没有内容。", "2\t市民政局\t没有设置丙专栏。"
    text = f"云澜市通报\n\n{HEADING}\n{first}\n{second}\n\n抄送各单位\n"
    lines = open_document(to_pdf(text, ruled=ruled), "通报.pdf").lines
    assert [item.cells for item in lines] == [
        ("云澜市通报",),
        ("序号", "单位名称", "问题"),
        ("1", "市教育局", "1.甲栏目没有更新。\n2.乙栏目没有内容。"),
        ("2", "市民政局", "没有设置丙专栏。"),
        ("抄送各单位",),
    ]


def test_a_table_goes_on_over_pages_with_its_heading_repeated() -> None:
    pages = [[grid("序号|单位", "1|甲")], [grid("序号|单位", "2|乙", page=2)]]
    assert plain(flow(pages)) == [[["序号", "单位"], ["1", "甲"], ["2", "乙"]]]


def test_a_row_broken_by_the_page_is_made_whole() -> None:
    pages = [[grid("序号|单位|问题", "1|甲|没有设")], [grid("||置专栏。", "2|乙|丙", page=2)]]
    assert plain(flow(pages)) == [
        [["序号", "单位", "问题"], ["1", "甲", "没有设\n置专栏。"], ["2", "乙", "丙"]]
    ]


def test_page_numbers_and_repeated_headings_are_dropped_and_other_numbers_stay() -> None:
    pages = [[line("内部资料"), line(f"第{n}段"), line("2021"), line(f"- {n} -")] for n in (1, 2, 3, 4)]
    assert plain(flow(pages)) == [
        "内部资料",
        "第1段",
        "2021",
        "第2段",
        "2021",
        "第3段",
        "2021",
        "第4段",
        "2021",
    ]


def test_wrapped_lines_make_one_paragraph() -> None:
    lines = [line("各单位应当及", right=550), line("时更新。", top=62), line("落款", top=74, left=300)]
    assert plain(flow([lines])) == ["各单位应当及时更新。", "落款"]


def test_a_scanned_file_is_refused_with_advice() -> None:
    page = FPDF()
    page.add_page()
    with pytest.raises(IntakeError, match=r"扫.pdf：没有文字层"):
        open_document(bytes(page.output()), "扫.pdf")


def test_an_encrypted_file_is_refused(page: FPDF) -> None:
    page.cell(text="通报")
    page.set_encryption(owner_password="owner", user_password="user")
    with pytest.raises(IntakeError, match="加密"):
        open_document(bytes(page.output()), "密.pdf")
