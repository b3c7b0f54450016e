"""Word documents: what Word shows is what is read, its automatic numbers too."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from tests.fakes.converters import in_list, instance, new_list
from tracker.intake.numerals import numeral
from tracker.intake.readers import open_document


def lines_of(write: Callable[[WordDocument], object]) -> list[tuple[int, tuple[str, ...]]]:
    document = docx.Document()
    write(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return [(line.number, line.cells) for line in open_document(buffer.getvalue(), "通报.docx").lines]


def texts_of(write: Callable[[WordDocument], object]) -> list[str]:
    return [cells[0] for _, cells in lines_of(write)]


def listed(document: WordDocument, number: int, *words: str, level: int = 0) -> None:
    for word in words:
        in_list(document.add_paragraph(word), number, level)


def test_paragraphs_and_tables_keep_their_order_and_a_line_between() -> None:
    def write(document: WordDocument) -> None:
        document.add_paragraph("前")
        table = document.add_table(2, 2)
        for cell, text in zip((c for row in table.rows for c in row.cells), "甲乙丙丁", strict=True):
            cell.text = text
        document.add_paragraph("后")

    assert lines_of(write) == [(1, ("前",)), (3, ("甲", "乙")), (4, ("丙", "丁")), (6, ("后",))]


def test_a_cell_over_rows_belongs_to_each_and_one_over_columns_to_the_first() -> None:
    def write(document: WordDocument) -> None:
        table = document.add_table(3, 3)
        for row in table.rows:
            for cell, text in zip(row.cells, "单位甲", strict=True):
                cell.text = text
        title = table.cell(0, 0).merge(table.cell(0, 2))
        title.text = "清单"
        unit = table.cell(1, 0).merge(table.cell(2, 0))
        unit.text = "市教育局"

    assert [cells for _, cells in lines_of(write)] == [
        ("清单", "", ""),
        ("市教育局", "位", "甲"),
        ("市教育局", "位", "甲"),
    ]


def test_paragraphs_of_a_cell_are_parted_and_line_breaks_are_not() -> None:
    def write(document: WordDocument) -> None:
        row = document.add_table(1, 2).rows[0]
        row.cells[0].text = "甲"
        row.cells[1].text = "上半\n句"
        row.cells[1].add_paragraph("另一句")

    assert lines_of(write) == [(1, ("甲", "上半\n句\f另一句"))]


def test_a_table_inside_a_table_that_only_arranges_is_read_as_a_table() -> None:
    def write(document: WordDocument) -> None:
        frame = document.add_table(1, 1).rows[0].cells[0]
        frame.text = "标题"
        inner = frame.add_table(1, 2)
        inner.rows[0].cells[0].text, inner.rows[0].cells[1].text = "甲", "乙"

    assert [cells for _, cells in lines_of(write)] == [("标题",), ("甲", "乙")]


@pytest.mark.parametrize(
    ("pattern", "form", "shown"),
    [
        ("%1.", "decimal", ["1.甲", "2.乙"]),
        ("（%1）", "decimal", ["（1）甲", "（2）乙"]),
        ("%1、", "chineseCountingThousand", ["一、甲", "二、乙"]),
        ("第%1条", "chineseCounting", ["第一条甲", "第二条乙"]),
        ("%1", "decimalEnclosedCircle", ["①甲", "②乙"]),
        ("%1)", "lowerLetter", ["a)甲", "b)乙"]),
        ("\uf06c", "bullet", ["甲", "乙"]),
    ],
)
def test_automatic_numbers_stand_before_the_text_as_if_typed(
    pattern: str, form: str, shown: list[str]
) -> None:
    assert (
        texts_of(lambda document: listed(document, new_list(document, pattern, form=form), "甲", "乙"))
        == shown
    )


def test_lower_levels_begin_again_below_each_higher_number() -> None:
    def write(document: WordDocument) -> None:
        number = new_list(document, "%1.", "%1.%2.")
        listed(document, number, "甲")
        listed(document, number, "子", "丑", level=1)
        listed(document, number, "乙")
        listed(document, number, "寅", level=1)

    assert texts_of(write) == ["1.甲", "1.1.子", "1.2.丑", "2.乙", "2.1.寅"]


def test_a_list_starts_where_it_says() -> None:
    assert texts_of(lambda document: listed(document, new_list(document, "%1.", start=5), "甲")) == ["5.甲"]


def test_instances_of_one_definition_count_on_unless_they_begin_anew() -> None:
    def write(document: WordDocument) -> None:
        first = new_list(document, "%1.")
        root = document.part.numbering_part.element
        root.append(instance(901, first))
        root.append(instance(902, first, begins=1))
        listed(document, first, "甲")
        listed(document, 901, "乙")
        listed(document, 902, "丙", "丁")

    assert texts_of(write) == ["1.甲", "2.乙", "1.丙", "2.丁"]


def test_a_style_can_carry_the_number_and_a_paragraph_can_refuse_it() -> None:
    def write(document: WordDocument) -> None:
        style = document.styles["List Number"].element
        number = style.get_or_add_pPr().get_or_add_numPr()
        number.get_or_add_numId().val = new_list(document, "%1、")
        document.add_paragraph("甲", style="List Number")
        in_list(document.add_paragraph("乙", style="List Number"), 0)
        document.add_paragraph("丙", style="List Number")

    assert texts_of(write) == ["1、甲", "乙", "2、丙"]


def test_deleted_and_hidden_words_are_gone_and_inserted_ones_stay() -> None:
    def write(document: WordDocument) -> None:
        paragraph = document.add_paragraph("保留")
        for tag, text in (
            ("w:ins", "新增"),
            ("w:del", "删去"),
            ("w:moveFrom", "移走"),
            ("w:hyperlink", "链接"),
        ):
            change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement("w:t")
            words.text = text
            run.append(words)
            change.append(run)
            paragraph._p.append(change)
        paragraph.add_run("隐藏").font.hidden = True

    assert texts_of(write) == ["保留新增链接"]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent>"
    compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    drawing = (
        f'<w:r {nsdecls("w")} xmlns:mc="{compatibility}"><mc:AlternateContent>'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts_of(lambda document: document.add_paragraph("正文")._p.append(parse_xml(drawing))) == [
        "正文",
        "框内",
    ]


def test_headers_and_footers_are_left_out() -> None:
    def write(document: WordDocument) -> None:
        document.sections[0].header.paragraphs[0].text = "页眉"
        document.sections[0].footer.paragraphs[0].text = "页脚"
        document.add_paragraph("正文")

    assert texts_of(write) == ["正文"]


def test_a_deleted_row_is_gone() -> None:
    def write(document: WordDocument) -> None:
        table = document.add_table(2, 2)
        for cell, text in zip((c for row in table.rows for c in row.cells), "甲乙丙丁", strict=True):
            cell.text = text
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:del"))

    assert [cells for _, cells in lines_of(write)] == [("丙", "丁")]


@pytest.mark.parametrize(
    ("number", "form", "written"),
    [
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (105, "chineseCounting", "一百零五"),
        (110, "chineseCounting", "一百一十"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (27, "lowerLetter", "aa"),
        (1994, "upperRoman", "MCMXCIV"),
        (21, "decimalEnclosedCircle", "21"),
        (3, "ideographTraditional", "丙"),
        (7, "decimalZero", "07"),
        (0, "lowerRoman", "0"),
        (3, "neverHeardOf", "3"),
    ],
)
def test_numbers_are_written_as_word_writes_them(number: int, form: str, written: str) -> None:
    assert numeral(number, form) == written
