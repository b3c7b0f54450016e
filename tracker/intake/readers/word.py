"""Word documents (docx, docm): paragraphs and tables in order, with the list numbers that Word only shows.

Must never run a macro, follow a relation to anywhere outside the file, or read what was deleted or hidden.
"""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath

from docx.oxml.ns import qn
from lxml import etree
from lxml.etree import _Element as Element

from tracker.domain.errors import IntakeError
from tracker.intake.blocks import Block, Cell, Table, check_depth, to_document
from tracker.intake.document import Document
from tracker.intake.office_package import is_word, parts
from tracker.intake.word_numbering import Numbering

_TAGS = 5_000_000
_STRICT = (b"http://purl.oclc.org/ooxml/wordprocessingml/main", qn("w:p")[1:-2].encode())
_PARAGRAPH, _TEXT, _RUN, _TABLE, _BOX = map(qn, ("w:p", "w:t", "w:r", "w:tbl", "w:txbxContent"))
_PROPERTIES, _HIDDEN = qn("w:pPr"), f"{qn('w:rPr')}/{qn('w:vanish')}"
_DELETED = frozenset(map(qn, ("w:del", "w:moveFrom")))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same once more
_TAKEN_WHOLE = frozenset(
    [_PROPERTIES, _TABLE, _BOX, *map(qn, ("w:rPr", "w:sectPr", "w:instrText")), _FALLBACK]
)
_SIGNS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): " ", qn("w:ptab"): " ", qn("w:noBreakHyphen"): "-"}
_OFF = {"0", "false", "off"}


def recognises(content: bytes, filename: str) -> bool:
    """By what the package holds, whatever the file is called."""
    return is_word(content)


def read(content: bytes, filename: str) -> Document:
    """Body paragraphs and tables; headers, footers, notes and comments are left out.

    Raises IntakeError for a package that is damaged, hostile or without a text.
    """
    members = {name: part for name, part in parts(content, filename) if name.endswith((".xml", ".rels"))}
    main = _target(members, "", "officeDocument", filename) or "word/document.xml"
    body = _parsed(members, main, filename)
    if body is None:
        raise IntakeError(f"{filename}：Word 文档中没有正文，文件可能已损坏")
    numbering, styles = (
        _parsed(members, _target(members, main, kind, filename), filename) for kind in ("numbering", "styles")
    )
    reader = _Reader(Numbering.of(numbering, styles), filename)
    return to_document(reader.blocks(body), filename)


def _target(members: dict[str, bytes], source: str, kind: str, filename: str) -> str | None:
    """The member that `source` ("" for the package itself) names as its part of this kind."""
    folder, name = dirname(source), source.rpartition("/")[2]
    relations = _parsed(members, join(folder, "_rels", f"{name}.rels"), filename)
    for relation in () if relations is None else relations:
        # Only the kind's last word is the same in the transitional and the strict form of the standard.
        if relation.get("Type", "").endswith(f"/{kind}") and relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            return target[1:] if target.startswith("/") else normpath(join(folder, target))
    return None


def _parsed(members: dict[str, bytes], name: str | None, filename: str) -> Element | None:
    if name is None or (part := members.get(name)) is None:
        return None
    if part.count(b"<") > _TAGS:
        raise IntakeError(f"{filename}：文档内容过多，请拆分后重试")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(part.replace(*_STRICT), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise IntakeError(
            f"{filename}：Word 文档的 {name} 已损坏，无法读取", details={"reason": str(problem)}
        ) from None


class _Reader:
    """One walk over one document; the list numbers count along."""

    def __init__(self, numbering: Numbering, filename: str) -> None:
        self._numbering, self._filename = numbering, filename

    def blocks(self, container: Element, depth: int = 0) -> list[Block]:
        """The paragraphs and tables in a body, a cell or a text box; a box follows its paragraph."""
        check_depth(depth, self._filename)
        blocks: list[Block] = []
        boxes: list[Element] = []
        text: list[str] = []
        walk = etree.iterwalk(container, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "end" and tag == _PARAGRAPH:
                blocks.append("".join(text).strip())
                for box in boxes:
                    blocks += self.blocks(box, depth + 1)
                boxes, text = [], []
            if event == "end":
                continue
            text.append(self._words(element))
            if tag == _TABLE:
                blocks.append(self._table(element, depth + 1))
            elif tag == _BOX and element is not container:
                boxes.append(element)
            if element is not container and (tag in _TAKEN_WHOLE or _is_gone(element)):
                walk.skip_subtree()
        return blocks

    def _words(self, element: Element) -> str:
        """What an element of a paragraph says; its properties say its list number."""
        if element.tag == _TEXT:
            return element.text or ""
        return self._label(element) if element.tag == _PROPERTIES else _SIGNS.get(element.tag, "")

    def _label(self, properties: Element) -> str:
        """The list number; a paragraph whose very mark was deleted is none any more and has none."""
        if properties.find(f"{qn('w:rPr')}/{qn('w:del')}") is not None:
            return ""
        return self._numbering.label(properties)

    def _table(self, table: Element, depth: int) -> Table:
        made = Table()
        above: dict[int, Cell] = {}  # the cell that is open in each column
        for row in _within(table, qn("w:tr")):
            properties = row.find(qn("w:trPr"))
            if properties is not None and properties.find(qn("w:del")) is not None:
                continue
            cells = [Cell([], columns=before)] if (before := _count(properties, "gridBefore", 0)) else []
            column = before
            below: dict[int, Cell] = {}
            for item in _within(row, qn("w:tc")):
                span = _count(item.find(qn("w:tcPr")), "gridSpan", 1)
                if _goes_on(item) and column in above:
                    cell = above[column]
                    cell.rows += 1
                else:
                    cell = Cell(self.blocks(item, depth), columns=span)
                    cells.append(cell)
                below[column] = cell
                column += span
            made.rows.append(cells)
            above = below
        return made


def _within(parent: Element, tag: str) -> list[Element]:
    """Rows or cells, also where a content control or a tracked change wraps them."""
    found: list[Element] = []
    walk = etree.iterwalk(parent, events=("start",))
    for _, element in walk:
        if element.tag == tag:
            found.append(element)
        if element.tag in (tag, _PARAGRAPH) or element.tag in _DELETED:
            walk.skip_subtree()
    return found


def _goes_on(cell: Element) -> bool:
    """Whether the cell is the rest of the one above (17.4.84: vMerge without a value continues)."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def _count(properties: Element | None, name: str, default: int) -> int:
    found = None if properties is None else properties.find(qn(f"w:{name}"))
    value = "" if found is None else found.get(qn("w:val"), "")
    return int(value) if re.fullmatch(r"[1-9]\d{0,3}", value) else default


def _is_gone(element: Element) -> bool:
    """Whether a tracked change deleted it, or it is a run of hidden text."""
    if element.tag != _RUN:
        return element.tag in _DELETED
    hidden = element.find(_HIDDEN)
    return hidden is not None and hidden.get(qn("w:val")) not in _OFF
