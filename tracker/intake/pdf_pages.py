"""The pages of a PDF: their tables with ruled lines, and the lines of text around them, in reading order.

Must never pass over a page in silence: a page that is only a picture is named in the text.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from typing import Any

import pdfplumber
from pdfplumber.page import Page
from pdfplumber.table import Table as RuledTable
from pdfplumber.utils.clustering import cluster_objects
from pdfplumber.utils.exceptions import PdfminerException

from tracker.domain.errors import IntakeError
from tracker.intake.blocks import to_document
from tracker.intake.document import Document
from tracker.intake.pdf_flow import flow
from tracker.intake.pdf_lines import Grid, Segment, TextLine

RuledRow = list[tuple[tuple[float, float, float, float], str]]  # its cells (x0, top, x1, bottom), their text

_PAGES = 500
_CHARACTERS = 3_000_000
_LINE_TOLERANCE = 3  # points between the baselines of one line
_WORD_GAP = 0.3  # of the letter size; justified Chinese stays below it
_COLUMN_GAP = 1.0  # of the letter size: what is further apart is not one phrase
_PICTURE_SHARE = 0.3  # of the page's area
_KANGXI = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
# Unicode gives no equivalents for these: the simplified radicals that are letters of their own.
_SIMPLIFIED = zip(
    "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
    strict=True,
)
_RADICALS = _KANGXI | {ord(radical): letter for radical, letter in _SIMPLIFIED}


def read_pages(content: bytes, filename: str) -> Document:
    """Every page's text and tables. Raises IntakeError: encrypted, scanned, damaged, too large."""
    pages: list[list[TextLine | Grid]] = []
    characters = 0
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > _PAGES:
                raise IntakeError(f"{filename}：超过 {_PAGES} 页，请拆分后重试")
            for page in document.pages:
                _check_letters(page, filename)
                _mend_letters(page)
                characters += len(page.chars)
                if characters > _CHARACTERS:
                    raise IntakeError(f"{filename}：文字过多，请拆分后重试")
                pages.append(list(_content(page)) if page.chars else list(_picture(page)))
                page.close()  # else the letters of all pages stay in memory
    except PdfminerException as problem:
        raise _refusal(problem, filename) from None
    if not characters:
        raise IntakeError(
            f"{filename}：没有文字层（多为扫描件），请先做文字识别（OCR），或改用 Word、网页版本"
        )
    return to_document(flow(pages), filename)


def _refusal(problem: PdfminerException, filename: str) -> IntakeError:
    cause = problem.args[0] if problem.args else problem
    if type(cause).__name__ in {"PDFPasswordIncorrect", "PDFEncryptionError"}:
        return IntakeError(f"{filename}：文件已加密，请去掉密码后重试")
    return IntakeError(
        f"{filename}：PDF 已损坏或被截断，无法读取", details={"reason": f"{type(cause).__name__}: {cause}"}
    )


def _check_letters(page: Page, filename: str) -> None:
    unknown = sum(char["text"].startswith("(cid:") for char in page.chars)
    if unknown > len(page.chars) // 10:
        raise IntakeError(
            f"{filename} 第{page.page_number}页：字体没有文字编码，读出来是乱码，请改用 Word、网页版本"
        )


def _mend_letters(page: Page) -> None:
    """Some programs (Chrome among them) write letters as the radicals that look the same: U+2F42 for 文."""
    for char in page.chars:
        char["text"] = char["text"].translate(_RADICALS)


def _picture(page: Page) -> Iterator[TextLine]:
    """A line that stands for a page without letters, if it shows a picture at all."""
    area = sum(abs(image["width"] * image["height"]) for image in page.images)
    if area > _PICTURE_SHARE * page.width * page.height:
        words = f"（第{page.page_number}页是图片，没有文字层，未能读取）"
        yield TextLine((Segment(0, 1, words),), 0, 1, page.page_number, page.width)


def _content(page: Page) -> Iterator[TextLine | Grid]:
    """Tables and lines from top to bottom."""
    found_tables = page.find_tables({"explicit_horizontal_lines": _ends(page)})
    tables = [table for table in found_tables if len(table.cells) > 1]  # one cell is a frame
    words = page.extract_words(x_tolerance_ratio=_WORD_GAP)
    outside = [word for word in words if not any(_is_inside(word, table.bbox) for table in tables)]
    found: list[tuple[float, TextLine | Grid]] = [
        (table.bbox[1], grid) for table in tables for grid in _grids(table, page)
    ]
    for row in cluster_objects(outside, "bottom", _LINE_TOLERANCE) if outside else []:
        line = _line(sorted(row, key=lambda word: float(word["x0"])), page)
        found.append((line.top, line))
    for _, item in sorted(found, key=lambda pair: pair[0]):
        yield item


def _ends(page: Page) -> list[float]:
    """Where the vertical rules begin and end: a row that goes on over the page has no rule there."""
    rules = [edge for edge in page.edges if edge["orientation"] == "v"]
    return [min(rule["top"] for rule in rules), max(rule["bottom"] for rule in rules)] if rules else []


def _is_inside(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _line(words: list[dict[str, Any]], page: Page) -> TextLine:
    top, bottom = min(word["top"] for word in words), max(word["bottom"] for word in words)
    segments: list[Segment] = []
    for word in words:
        last = segments[-1] if segments else None
        if last is not None and word["x0"] - last.x1 < _COLUMN_GAP * (bottom - top):
            segments[-1] = Segment(last.x0, max(last.x1, word["x1"]), f"{last.text} {word['text']}")
        else:
            segments.append(Segment(word["x0"], word["x1"], word["text"]))
    return TextLine(tuple(segments), top, bottom, page.page_number, page.width)


def _grids(table: RuledTable, page: Page) -> Iterator[Grid]:
    """A table, or several that touch: where a whole row has other columns, another one begins."""
    texts = table.extract(x_tolerance_ratio=_WORD_GAP)
    rows: list[RuledRow] = []
    known: set[int] = set()
    for row, text in zip(table.rows, texts, strict=True):
        cells = [(cell, words or "") for cell, words in zip(row.cells, text, strict=True) if cell is not None]
        starts = {round(cell[0]) for cell, _ in cells}
        is_whole = round(table.bbox[0]) in starts
        if is_whole and rows and not (starts <= known or known <= starts):
            yield Grid(_filled(rows), page.page_number)
            rows, known = [], set()
        rows.append(cells)
        known |= starts
    yield Grid(_filled(rows), page.page_number)


def _filled(rows: list[RuledRow]) -> list[list[str]]:
    """The texts; a cell over several rows belongs to each of them, one over several columns to the first."""
    edges = sorted({round(cell[0]) for row in rows for cell, _ in row})
    filled: list[list[str]] = []
    open_cells: dict[int, tuple[float, str]] = {}  # column: where the cell above ends, and its text
    for row in rows:
        own = {round(cell[0]): (cell[3], text) for cell, text in row}
        top = min((cell[1] for cell, _ in row), default=0.0)
        texts = []
        for edge in edges:
            if edge in own:
                open_cells[edge] = own[edge]
            end, text = open_cells.get(edge, (0.0, ""))
            texts.append(text if end > top + 1 else "")
        filled.append(texts)
    return filled
