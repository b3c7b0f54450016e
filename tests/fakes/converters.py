"""A bulletin's lines as each kind of file that carries bulletins: what an office's programs would save.

Takes the lines of a text bulletin (cells parted by tabulators); knows nothing of how files are read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape

import docx
import xlsxwriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from fpdf import FPDF
from fpdf.enums import TableBordersLayout

from tracker.rendering.charts import font_file

Block = str | list[list[str]]
_TAGS = re.compile(r"<[^>]*>")
_NUMBERED = re.compile(r"(?:^|(?<=[\s。；;]))(\d{1,2})[.、](?=\S)")


def blocks(text: str) -> list[Block]:
    """Paragraphs and tables; an empty line ends a table."""
    found: list[Block] = []
    is_open = False
    for line in text.splitlines():
        cells = line.split("\t")
        if len(cells) > 1 and is_open and isinstance(found[-1], list):
            found[-1].append(cells)
        elif len(cells) > 1:
            found.append([cells])
        elif line.strip():
            found.append(line.strip())
        is_open = len(cells) > 1
    return [pad(block) if isinstance(block, list) else block for block in found]


def pad(rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def entries(cell: str) -> list[tuple[bool, str]]:
    """The paragraphs of a cell: whether each is the next of a run 1, 2, 3…, and its words."""
    plain = " ".join(_TAGS.sub(" ", cell).split())
    run: list[re.Match[str]] = []
    for match in _NUMBERED.finditer(plain):
        if int(match[1]) == len(run) + 1:
            run.append(match)
    if not run:
        return [(False, plain)] if plain else []
    found = [(False, plain[: run[0].start()].strip())] if plain[: run[0].start()].strip() else []
    ends = [match.start() for match in run[1:]] + [len(plain)]
    return found + [(True, plain[a.end() : b].strip()) for a, b in zip(run, ends, strict=True)]


def typed(cell: str) -> list[str]:
    """The paragraphs of a cell with their numbers typed."""
    number, lines = 0, []
    for is_numbered, words in entries(cell):
        number += is_numbered
        lines.append(f"{number}.{words}" if is_numbered else words)
    return lines


def to_docx(text: str, *, automatic: bool = False) -> bytes:
    document = docx.Document()
    for block in blocks(text):
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(rows=0, cols=len(block[0]))
        for row in block:
            for item, cell in zip(table.add_row().cells, row, strict=True):
                _fill(item, cell, document, automatic)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _fill(item: docx.table._Cell, cell: str, document: docx.document.Document, automatic: bool) -> None:
    paragraphs = entries(cell) if automatic else [(False, words) for words in typed(cell)]
    number = new_list(document, "%1.") if any(is_numbered for is_numbered, _ in paragraphs) else 0
    for position, (is_numbered, words) in enumerate(paragraphs):
        paragraph = item.paragraphs[0] if position == 0 else item.add_paragraph()
        paragraph.add_run(words)
        if is_numbered:
            in_list(paragraph, number)


def new_list(document: docx.document.Document, *texts: str, form: str = "decimal", start: int = 1) -> int:
    """Define a list of Word's own; `texts` are its levels' patterns, like %1."""
    root = document.part.numbering_part.element
    number = 100 + len(root.findall(qn("w:num")))
    abstract = _element("abstractNum", abstractNumId=number)
    for depth, pattern in enumerate(texts):
        level = _element("lvl", ilvl=depth)
        level.extend(
            [_element("start", val=start), _element("numFmt", val=form), _element("lvlText", val=pattern)]
        )
        abstract.append(level)
    root.insert(0, abstract)
    root.append(instance(number, number))
    return number


def instance(number: int, abstract: int, begins: int | None = None) -> OxmlElement:
    """A w:num of a definition; `begins` is its start override for the first level."""
    item = _element("num", numId=number)
    item.append(_element("abstractNumId", val=abstract))
    if begins is not None:
        override = _element("lvlOverride", ilvl=0)
        override.append(_element("startOverride", val=begins))
        item.append(override)
    return item


def in_list(paragraph: Paragraph, number: int, level: int = 0) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = number


def _element(name: str, **attributes: object) -> OxmlElement:
    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), str(value))
    return element


def to_xlsx(text: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet, row = book.add_worksheet(), 0
        for block in blocks(text):
            for cells in [[block]] if isinstance(block, str) else block:
                for column, cell in enumerate(cells):
                    if cell:
                        sheet.write_string(row, column, "\n".join(typed(cell)))
                row += 1
    return buffer.getvalue()


def to_html(text: str, *, lists: bool = False) -> bytes:
    """A page as old portals write it: everything inside a table that only arranges."""
    body = "".join(
        f"<p>{escape(block)}</p>" if isinstance(block, str) else _html_table(block, lists)
        for block in blocks(text)
    )
    frame = f"<table><tr><td><nav>首页</nav></td></tr><tr><td>{body}</td></tr></table>"
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{frame}</body></html>".encode()


def _html_table(rows: Sequence[Sequence[str]], lists: bool) -> str:
    written = ["".join(f"<td>{_html_cell(cell, lists)}</td>" for cell in row) for row in rows]
    return f"<table border=1>{''.join(f'<tr>{row}</tr>' for row in written)}</table>"


def _html_cell(cell: str, lists: bool) -> str:
    if not lists:
        return "".join(f"<p>{escape(words)}</p>" for words in typed(cell))
    loose = "".join(f"<p>{escape(words)}</p>" for numbered, words in entries(cell) if not numbered)
    items = "".join(f"<li>{escape(words)}</li>" for numbered, words in entries(cell) if numbered)
    return loose + (f"<ol>{items}</ol>" if items else "")


def to_pdf(text: str, *, ruled: bool = True) -> bytes:
    page = FPDF(orientation="landscape", format="A4")
    page.add_font("song", fname=str(font_file()))
    page.add_font("song", style="B", fname=str(font_file()))  # fpdf2 sets heading rows in bold
    page.set_font("song", size=9)
    page.add_page()
    for block in blocks(text):
        if isinstance(block, str):
            page.multi_cell(0, 6, "　　" + block, new_x="LMARGIN", new_y="NEXT", align="L")
            page.ln(3)
            continue
        widths = [2 + min(12, max(len(row[column]) for row in block) // 4) for column in range(len(block[0]))]
        lines = TableBordersLayout.ALL if ruled else TableBordersLayout.NONE
        style = {
            "col_widths": widths,
            "align": "L",
            "v_align": "T",
            "borders_layout": lines,
            "line_height": 5,
            "gutter_width": 0 if ruled else 6,
        }
        with page.table([["\n".join(typed(cell)) for cell in row] for row in block], **style):
            pass
        page.ln(6)
    return bytes(page.output())
