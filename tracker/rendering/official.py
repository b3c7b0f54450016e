"""A paper in Chinese official style (公文格式, GB/T 9704-2012) as a Word document: page, fonts, tables.

Must never word anything: what a paper says is given to it. Fonts are named, not packaged: Word puts its own
in the place of one that an office does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO, ClassVar

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Mm, Pt
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FANGSONG, KAITI, HEITI, SONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"
_LATIN = "Times New Roman"
# GB/T 9704-2012, 5.2: A4, 37 mm above, 28 mm left, a text of 156 × 225 mm, 22 lines of 28 characters.
_PAGE, _MARGINS = (210, 297), {"top": 37, "bottom": 35, "left": 28, "right": 26}
_LYING_MARGINS = {"top": 28, "bottom": 26}
_SIZE, _LINE, _TABLE_SIZE, _FOOTER_SIZE = 16, 28, 10.5, 14
_TITLE_SIZE, _ANNEX_TITLE_SIZE = 22, 18


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


class Look(Enum):
    """What a paragraph is; its value says how it looks."""

    TITLE = _Form(SONG, _TITLE_SIZE, ALIGN.CENTER)
    SERIAL = _Form(align=ALIGN.CENTER)
    CHAPTER = _Form(HEITI, indent=2, with_next=True)
    SECTION = _Form(KAITI, indent=2, with_next=True)
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

    def __init__(self, title: str) -> None:
        self._document = Document()
        self._document.core_properties.title = title[:255]
        self._document.core_properties.author = ""
        normal = self._document.styles["Normal"]
        normal.font.size = Pt(_SIZE)
        _use_font(normal.element.get_or_add_rPr(), FANGSONG)
        section = self._document.sections[0]
        section.page_width, section.page_height = map(Mm, _PAGE)
        _set_margins(section, _MARGINS)
        _number_pages(section.footer.paragraphs[0])

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
        _dress(paragraph.add_run(text), form.font, form.size)

    def begin_landscape(self) -> None:
        """Go on with a new page, on its side: a problem list is wide."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = map(Mm, reversed(_PAGE))
        _set_margins(section, _LYING_MARGINS)

    def add_table(
        self, headings: Sequence[str], rows: Sequence[Sequence[Sequence[str]]], widths: Sequence[int]
    ) -> None:
        """A table whose headings come again on every page; a cell is its paragraphs, a width millimetres."""
        table = self._document.add_table(0, len(headings), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        head = table.add_row()
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        _fill(head, [(heading,) for heading in headings], widths, HEITI, ALIGN.CENTER)
        for row in rows:
            _fill(table.add_row(), row, widths, FANGSONG, ALIGN.LEFT)

    def save(self, out: IO[bytes]) -> None:
        self._document.save(out)


def _set_margins(section: Section, margins: Mapping[str, int]) -> None:
    for side, width in margins.items():
        setattr(section, f"{side}_margin", Mm(width))


def _fill(row: _Row, cells: Sequence[Sequence[str]], widths: Sequence[int], font: str, align: ALIGN) -> None:
    for cell, paragraphs, width in zip(row.cells, cells, widths, strict=True):
        cell.width = Mm(width)
        _write(cell, paragraphs, font, align)


def _write(cell: _Cell, paragraphs: Sequence[str], font: str, align: ALIGN) -> None:
    for place, text in enumerate(paragraphs or ("",)):
        paragraph = cell.add_paragraph() if place else cell.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.space_after = Pt(0)
        _dress(paragraph.add_run(text), font, _TABLE_SIZE)


def _dress(run: Run, font: str, size: float) -> None:
    run.font.size = Pt(size)
    _use_font(run._r.get_or_add_rPr(), font)


def _use_font(properties: BaseOxmlElement, font: str) -> None:
    """Chinese signs in `font`, Latin ones in the font that goes with all of them."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for kind, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", font)):
        fonts.set(qn(f"w:{kind}"), name)
    fonts.set(qn("w:hint"), "eastAsia")  # quotes and dashes are of both scripts: here they are Chinese


def _number_pages(paragraph: Paragraph) -> None:
    """— 1 — in the middle below the text."""
    paragraph.alignment = ALIGN.CENTER
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
