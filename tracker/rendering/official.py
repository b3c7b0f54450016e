"""A paper in Chinese official style (公文格式, GB/T 9704-2012) as a Word document: page, fonts, tables.

Must never word anything: what a paper says is given to it. Fonts are named, not packaged: Word puts its own
in the place of one that an office does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import IO, Any, ClassVar

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FANGSONG, KAITI, HEITI, SONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"
_LATIN = "Times New Roman"
# GB/T 9704-2012, 5.2: A4, 37 mm above, 28 mm left, a text of 156 × 225 mm, 22 lines of 28 characters.
_PAGE, _MARGINS = (210, 297), {"top": 37, "bottom": 35, "left": 28, "right": 26}
_LYING_MARGINS = {"top": 28, "bottom": 26}
_PAGE_NUMBER, _FOOTER_HEIGHT = 7, 6  # 7.5: millimetres from the text to the page number, and its own
_SIZE, _LINE, _TABLE_SIZE, _FOOTER_SIZE = 16, 28.95, 10.5, 14
_LOW, _TALL = 11, 21  # millimetres: rows of a form
_TITLE_SIZE, _ANNEX_TITLE_SIZE, _HEAD_SIZE, _FORM_SIZE = 22, 18, 30, 14
_CONDENSED = -0.25  # points between signs of the text: 28 × 15.75 are what 156 mm hold
_RED, _HEAD_OVERHANG = "FF0000", 7  # 10.1: a letter's red line is 170 mm wide, the text 156


@dataclass(frozen=True)
class _Form:
    font: str = FANGSONG
    size: float = _SIZE
    align: ALIGN = ALIGN.JUSTIFY
    indent: int = 0  # of the first line, in characters
    right: int = 0  # from the right margin, in characters
    before: int = 0  # blank lines above
    breaks_page: bool = False
    with_next: bool = False
    red_line: bool = False  # red words above a red double line: the head of a letter


class Look(Enum):
    """What a paragraph is; its value says how it looks."""

    HEAD = _Form(SONG, _HEAD_SIZE, ALIGN.CENTER, red_line=True)
    TITLE = _Form(SONG, _TITLE_SIZE, ALIGN.CENTER)
    SERIAL = _Form(align=ALIGN.CENTER)
    LETTER_SERIAL = _Form(align=ALIGN.RIGHT)
    LETTER_TITLE = _Form(SONG, _TITLE_SIZE, ALIGN.CENTER, before=1)
    ADDRESSEE = _Form(align=ALIGN.LEFT, before=1)
    CHAPTER = _Form(HEITI, indent=2, with_next=True)
    SECTION = _Form(KAITI, indent=2, with_next=True)
    PLAIN = _Form(align=ALIGN.LEFT, with_next=True)
    BODY = _Form(indent=2)
    BODY_KEPT = _Form(indent=2, with_next=True)  # on the page of what follows it, such as a signature
    SIGNATURE = _Form(align=ALIGN.RIGHT, right=4, before=2, with_next=True)
    DATE = _Form(align=ALIGN.RIGHT, right=4)
    ANNEX = _Form(HEITI, align=ALIGN.LEFT, with_next=True)
    NEXT_ANNEX = _Form(HEITI, align=ALIGN.LEFT, breaks_page=True, with_next=True)
    ANNEX_TITLE = _Form(SONG, _ANNEX_TITLE_SIZE, ALIGN.CENTER, with_next=True)


class Paper:
    """One document, filled from top to bottom."""

    LANDSCAPE_WIDTH: ClassVar[int] = _PAGE[1] - _MARGINS["left"] - _MARGINS["right"]
    """Millimetres that a table may fill on the pages of annexes."""
    WIDTH: ClassVar[int] = _PAGE[0] - _MARGINS["left"] - _MARGINS["right"]

    def __init__(self, title: str) -> None:
        self._document = Document()
        self._document.core_properties.title = title[:255]
        self._document.core_properties.author = self._document.core_properties.comments = ""
        normal = self._document.styles["Normal"]
        normal.font.size = Pt(_SIZE)
        _use_font(normal.element.get_or_add_rPr(), FANGSONG)
        self._document.settings.odd_and_even_pages_header_footer = True
        section = self._document.sections[0]
        section.page_width, section.page_height = map(Mm, _PAGE)
        _set_margins(section, _MARGINS)
        section.footer_distance = Mm(_MARGINS["bottom"] - _PAGE_NUMBER - _FOOTER_HEIGHT)
        _number_pages(section.footer.paragraphs[0], ALIGN.RIGHT)
        _number_pages(section.even_page_footer.paragraphs[0], ALIGN.LEFT)

    def add(self, text: str, look: Look) -> None:
        """One paragraph."""
        form, paragraph = look.value, self._document.add_paragraph()
        layout = paragraph.paragraph_format
        layout.alignment = form.align
        layout.space_before, layout.space_after = Pt(form.before * _LINE), Pt(0)
        layout.line_spacing = Pt(max(_LINE, form.size * 1.5))
        layout.first_line_indent = Pt(form.indent * form.size) if form.indent else None
        layout.right_indent = Pt(form.right * form.size) if form.right else None
        layout.page_break_before, layout.keep_with_next = form.breaks_page, form.with_next
        run = paragraph.add_run(text)
        _dress(run, form.font, form.size)
        if form.size == _SIZE:
            _condense(run)
        if form.red_line:
            run.font.color.rgb = RGBColor.from_string(_RED)
            layout.left_indent = layout.right_indent = Mm(-_HEAD_OVERHANG)
            _underline(paragraph)

    def begin_landscape(self) -> None:
        """Go on with a new page, on its side: a problem list is wide."""
        self._document.add_section(WD_SECTION.NEW_PAGE)
        self.lie_down()

    def lie_down(self) -> None:
        """Lay the last section's pages on their side."""
        section = self._document.sections[-1]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = map(Mm, reversed(_PAGE))
        _set_margins(section, _LYING_MARGINS)

    def add_form(self, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """A form: names and what is filled in by turns; the last cell of a short row reaches to the edge.

        A row of two is tall: there is room for an opinion and a signature.
        """
        table = self._table(len(widths), widths)
        for cells in rows:
            row = _add_row(table)
            row.height = Mm(_TALL if len(cells) < len(widths) else _LOW)
            for place, (cell, text) in enumerate(zip(row.cells, cells, strict=False)):
                is_name = place % 2 == 0
                font, align = (HEITI, ALIGN.CENTER) if is_name else (FANGSONG, ALIGN.LEFT)
                cell.width = Mm(widths[place])
                _write(cell, [text], font, align, _FORM_SIZE)
                cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
            row.cells[len(cells) - 1].merge(row.cells[-1])

    def add_table(
        self, headings: Sequence[str], rows: Sequence[Sequence[Sequence[str]]], widths: Sequence[int]
    ) -> None:
        """A table whose headings come again on every page; a cell is its paragraphs, a width millimetres."""
        table = self._table(len(headings), widths)
        head = _add_row(table)
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        _fill(head, [(heading,) for heading in headings], widths, HEITI, ALIGN.CENTER)
        for row in rows:
            _fill(_add_row(table), row, widths, FANGSONG, ALIGN.LEFT)

    def save(self, out: IO[bytes]) -> None:
        self._document.save(out)

    def _table(self, columns: int, widths: Sequence[int]) -> Table:
        table: Table = self._document.add_table(0, columns, style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        return table


def day_words(day: date) -> str:
    """成文日期, in Arabic figures and without zeros before them (7.3.5.4): `2026年1月9日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def _add_row(table: Any) -> _Row:
    """A row that stays on one page."""
    row: _Row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return row


def _set_margins(section: Section, margins: Mapping[str, int]) -> None:
    for side, width in margins.items():
        setattr(section, f"{side}_margin", Mm(width))


def _underline(paragraph: Paragraph) -> None:
    """A double line below the paragraph, the thick one above (10.1)."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "thickThinSmallGap"), ("sz", "24"), ("space", "6"), ("color", _RED)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def _fill(row: _Row, cells: Sequence[Sequence[str]], widths: Sequence[int], font: str, align: ALIGN) -> None:
    for cell, paragraphs, width in zip(row.cells, cells, widths, strict=True):
        cell.width = Mm(width)
        _write(cell, paragraphs, font, align)


def _write(
    cell: _Cell, paragraphs: Sequence[str], font: str, align: ALIGN, size: float = _TABLE_SIZE
) -> None:
    for place, text in enumerate(paragraphs or ("",)):
        paragraph = cell.add_paragraph() if place else cell.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.space_after = Pt(0)
        _dress(paragraph.add_run(text), font, size)


def _dress(run: Run, font: str, size: float) -> None:
    run.font.size = Pt(size)
    _use_font(run._r.get_or_add_rPr(), font)


def _condense(run: Run) -> None:
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(round(_CONDENSED * 20)))
    run._r.get_or_add_rPr().insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")


def _use_font(properties: BaseOxmlElement, font: str) -> None:
    """Chinese signs in `font`, Latin ones in the font that goes with all of them."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for kind, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{kind}"), name)
    fonts.set(qn("w:hint"), "eastAsia")  # quotes and dashes are of both scripts: here they are Chinese


def _number_pages(paragraph: Paragraph, align: ALIGN) -> None:
    """— 1 — below the text, a character away from its outer edge (7.5)."""
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Pt(_FOOTER_SIZE)
    _dress(paragraph.add_run("— "), SONG, _FOOTER_SIZE)
    number = paragraph.add_run()
    _dress(number, SONG, _FOOTER_SIZE)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        number._r.append(mark)
    _dress(paragraph.add_run(" —"), SONG, _FOOTER_SIZE)
