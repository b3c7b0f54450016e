"""Web pages, also those that Word and WPS save: paragraphs, lists and tables in order.

Must never fetch anything a page refers to, run a script, or read what the page hides.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from lxml import etree, html
from lxml.etree import _Element as Element

from tracker.domain.errors import IntakeError
from tracker.intake.blocks import Block, Cell, Table, check_depth, to_document
from tracker.intake.document import Document
from tracker.intake.encodings import decode
from tracker.intake.numerals import numeral

_TAGS = 2_000_000
_HEAD_BYTES = 4096
_LOOKS_LIKE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|table|div|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030"}
# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "html", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "title", "ul",
))
_DROPPED = frozenset((
    "script", "style", "nav", "template", "noscript", "iframe", "object", "embed", "select", "button",
    "input", "textarea", "svg", "math", "audio", "video", "canvas", "link", "meta", "xml",
))
# fmt: on
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_LIST_TYPES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_LINE_BREAK = "\v"
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u200b\ufeff]+")


def recognises(content: bytes, filename: str) -> bool:
    """By how it begins, else by its name."""
    named = PurePath(filename).suffix.lower() in {".htm", ".html", ".shtml", ".xhtml"}
    return named or _LOOKS_LIKE.match(_head(content)) is not None


def read(content: bytes, filename: str) -> Document:
    """The page's text in order. Raises IntakeError when it is no text, too large or nested too deep."""
    text = _decoded(content, filename).replace("\0", "")
    if text.count("<") > _TAGS:
        raise IntakeError(f"{filename}：网页内容过多，请另存需要的部分后重试")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except etree.ParserError:
        raise IntakeError(f"{filename}：网页中没有文字") from None
    if any("depth" in entry.message for entry in parser.error_log.filter_from_fatals()):
        raise IntakeError(f"{filename}：网页嵌套过深，拒绝读取")  # the parser stops there: the rest is lost
    return to_document(_blocks(root, filename), filename)


def _head(content: bytes) -> bytes:
    """The beginning, as bytes that ASCII patterns fit, without a mark."""
    head = content[:_HEAD_BYTES]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(codecs.BOM_UTF8)


def _decoded(content: bytes, filename: str) -> str:
    """By the mark, else by what <meta> says if that is true, else by the rules for every text."""
    marked = content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked and (stated := _CHARSET.search(content[:_HEAD_BYTES])) is not None:
        name = stated[1].decode("ascii", "replace").lower()
        if name in _CHINESE or name in {"utf-8", "gb18030", "big5"}:
            try:
                return content.decode(_CHINESE.get(name, name))
            except UnicodeDecodeError:
                pass  # a page that was saved anew in another encoding still states the old one
    return decode(content, filename)


def _blocks(container: Element, filename: str, depth: int = 0) -> list[Block]:
    """The paragraphs and tables in a page or a cell. Blanks count as a browser counts them."""
    check_depth(depth, filename)
    blocks: list[Block] = []
    text: list[str] = []
    numbers = _ListNumbers()
    preformatted = 0
    walk = etree.iterwalk(container, events=("start", "end"))
    for event, element in walk:
        tag, is_inner = element.tag, element is not container
        if is_inner and (tag in _BLOCKS or tag == "table"):
            blocks += _paragraphs(text)
            text.clear()
        if tag == "pre":
            preformatted += 1 if event == "start" else -1
        if event == "end":
            words = element.tail if is_inner else None
        elif is_inner and (tag == "table" or _is_dropped(element)):
            if tag == "table":
                blocks.append(_table(element, filename, depth + 1))
            walk.skip_subtree()
            continue
        else:
            text.append(_LINE_BREAK if tag == "br" else numbers.before(element))
            words = element.text
        text.append((words or "").replace("\n", _LINE_BREAK if preformatted else "\n"))
    return blocks + _paragraphs(text)


def _paragraphs(text: list[str]) -> list[Block]:
    """Text since the last block; an empty line parts paragraphs, as people part them with <br><br>."""
    lines = [" ".join(filter(None, _BLANKS.split(line))) for line in "".join(text).split(_LINE_BREAK)]
    return [paragraph for paragraph in re.split(r"\n{2,}", "\n".join(lines).strip("\n")) if paragraph]


class _ListNumbers:
    """The numbers that a browser writes before the items of ordered lists; ask in the order of the page."""

    def __init__(self) -> None:
        self._next: dict[Element, int] = {}

    def before(self, element: Element) -> str:
        """`1.` before such an item, "" before anything else, or where the number is typed already."""
        parent = element.getparent()
        if element.tag != "li" or parent is None or parent.tag != "ol":
            return ""
        number = _whole(element.get("value"), self._next.get(parent) or _whole(parent.get("start"), 1))
        self._next[parent] = number + 1
        if re.match(rf"\s*[（(]?{number}[.．、)）]", element.text or ""):
            return ""  # a list without marks, numbered by hand
        return numeral(number, _LIST_TYPES.get(parent.get("type", ""), "decimal")) + "."


def _is_dropped(element: Element) -> bool:
    return (
        element.tag in _DROPPED
        or element.get("hidden") is not None
        or _HIDING.search(element.get("style", "")) is not None
    )


def _table(table: Element, filename: str, depth: int) -> Table:
    """Its own rows; a caption is a row of its own, as the title row of a sheet is."""
    made = Table()
    walk = etree.iterwalk(table, events=("start",))
    for _, element in walk:
        if element is table:
            continue
        if element.tag in {"tr", "caption"} or _is_dropped(element):
            walk.skip_subtree()
        if _is_dropped(element):
            continue
        if element.tag == "caption":
            made.rows.append([Cell(_blocks(element, filename, depth))])
        elif element.tag == "tr":
            made.rows.append([_cell(item, filename, depth) for item in element.iterchildren("td", "th")])
    return made


def _cell(item: Element, filename: str, depth: int) -> Cell:
    blocks = [] if _is_dropped(item) else _blocks(item, filename, depth)
    return Cell(blocks, _whole(item.get("colspan"), 1), _whole(item.get("rowspan"), 1))


def _whole(value: str | None, default: int) -> int:
    """An attribute as a number from 1 to 9999, as far as it is one."""
    match = re.match(r"\s*([1-9]\d{0,3})(?!\d)", value or "")
    return int(match[1]) if match else default
