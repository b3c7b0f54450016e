"""Hostile and damaged files: a clear refusal or a reading, whatever is in them."""

from __future__ import annotations

import io
import os
import zipfile

import pytest

from tests.fuzz import ORIGINALS, File, mutants, outcome
from tracker.domain.errors import IntakeError
from tracker.intake import read_document
from tracker.intake.quarantine import read_apart
from tracker.intake.readers import open_document

COUNT = int(os.environ.get("RECTIFY_FUZZ_COUNT", "200"))
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BODY, SHEET = "word/document.xml", "xl/worksheets/sheet1.xml"


def word() -> bytes:
    return ORIGINALS["通报.docx"]()


def excel() -> bytes:
    return ORIGINALS["通报.xlsx"]()


def repacked(content: bytes, name: str, part: bytes) -> bytes:
    """The package with one member replaced or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        members = {item: package.read(item) for item in package.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for item, old in (members | {name: part}).items():
            package.writestr(item, part if item == name else old)
    return buffer.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def of_word(name: str, part: File | bytes) -> File:
    """The Word file with one member replaced or added, made when a test asks for it."""
    return lambda: repacked(word(), name, part if isinstance(part, bytes) else part())


def of_excel(name: str, part: File | bytes) -> File:
    return lambda: repacked(excel(), name, part if isinstance(part, bytes) else part())


def huge() -> bytes:
    return b" " * (301 * 1024 * 1024)


ENTITIES = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
DEEP = b"<a>" * 5000 + b"</a>" * 5000
NESTED = "<table><tr><td>甲<td>" * 40

REFUSED = [
    pytest.param(of_word("word/media/a.xml", huge), "压缩炸弹", id="docx bomb"),
    pytest.param(of_excel(SHEET, huge), "压缩炸弹", id="xlsx bomb", marks=pytest.mark.slow),
    pytest.param(of_word(BODY, ENTITIES + b"<a>&b;</a>"), "DTD", id="entity bomb in docx"),
    pytest.param(of_excel(SHEET, ENTITIES + b"<a>&b;</a>"), "DTD", id="entity bomb in xlsx"),
    pytest.param(of_word(BODY, OUTSIDE + b"<a>&a;</a>"), "DTD", id="external entity"),
    pytest.param(of_word(BODY, DEEP), "已损坏", id="deep xml"),
    pytest.param(b"<html><body>" + b"<div>" * 5000 + "深".encode(), "嵌套过深", id="deep html"),
    pytest.param(f"<html><body>{NESTED}".encode(), "嵌套", id="tables in tables"),
    pytest.param(b"<html><body>" + b"<b>" * 2_000_001, "过多", id="endless html"),
    pytest.param(COMPOUND + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le"), "加密", id="password"),
    pytest.param(COMPOUND + b"\0" * 504 + "WordDocument".encode("utf-16-le"), "docx", id="old Word"),
    pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "图片", id="picture"),
    pytest.param(b"{\\rtf1 abc}", "RTF", id="rtf"),
    pytest.param(of_word("OFD.xml", b"<a/>"), "OFD", id="ofd"),
    pytest.param(b"%PDF-1.7\n" + b"\0" * 100, "损坏", id="empty pdf"),
]


@pytest.mark.parametrize(("content", "reason"), REFUSED)
def test_a_hostile_file_is_refused_by_name_and_reason(content: File | bytes, reason: str) -> None:
    hostile = content if isinstance(content, bytes) else content()
    with pytest.raises(IntakeError) as refusal:
        read_document(hostile, "通报.docx")
    assert refusal.value.message.startswith("通报.docx")
    assert reason in refusal.value.message


def test_a_page_called_docx_is_read_as_what_it_is() -> None:
    assert [line.text for line in open_document(b"<html><p>ok</p></html>", "a.docx").lines] == ["ok"]


def test_macros_and_links_to_outside_change_nothing() -> None:
    linked = part_of(word(), "word/_rels/document.xml.rels").replace(
        b"</Relationships>",
        b'<Relationship Id="x" Type="http://a/styles" Target="http://127.0.0.1:1/" TargetMode="External"/>'
        b'<Relationship Id="y" Type="http://a/image" Target="NULL"/></Relationships>',
    )
    copy = repacked(
        repacked(word(), "word/vbaProject.bin", b"\0macro"), "word/_rels/document.xml.rels", linked
    )
    assert open_document(copy, "通报.docm") == open_document(word(), "通报.docx")


def test_a_merge_over_the_whole_sheet_is_not_walked_through() -> None:
    ranges = b'<mergeCell ref="A1:A1048576"/>' * 2
    sheet = part_of(excel(), SHEET).replace(
        b"</sheetData>", b"</sheetData><mergeCells>" + ranges + b"</mergeCells>"
    )
    with pytest.raises(IntakeError, match="合并"):
        open_document(repacked(excel(), SHEET, sheet), "表.xlsx")


@pytest.mark.parametrize("quote", [b"'", b'"'])
def test_a_far_cell_is_seen_however_it_is_written(quote: bytes) -> None:
    cell = b"<row><c\tr=" + quote + b"XFD1048576" + quote + b"><v>1</v></c></row></sheetData>"
    sheet = part_of(excel(), SHEET).replace(b"</sheetData>", cell)
    with pytest.raises(IntakeError, match="范围过大"):
        open_document(repacked(excel(), SHEET, sheet), "表.xlsx")


@pytest.mark.parametrize("reader", ["takes_all_memory", "ends_the_process"])
def test_what_a_reader_does_in_quarantine_stays_there(reader: str) -> None:
    with pytest.raises(IntakeError, match=r"^坏\.pdf："):
        read_apart(f"tests.fakes.rogue_readers:{reader}", b"", "坏.pdf")


@pytest.mark.parametrize(
    "name",
    ["通报.docx", "通报.xlsx", "通报.html", pytest.param("通报.pdf", marks=pytest.mark.slow), "通报.txt"],
)
def test_a_file_cut_at_any_place_is_read_or_refused(name: str) -> None:
    content = ORIGINALS[name]()
    results = {outcome(content[:cut], name) for cut in range(1, len(content), max(1, len(content) // 100))}
    assert results <= {"read", "refused"}


@pytest.mark.parametrize("name", ORIGINALS)
@pytest.mark.slow
def test_damaged_copies_are_read_or_refused(name: str) -> None:
    assert {outcome(copy, name) for copy in mutants(ORIGINALS[name](), COUNT, name)} <= {"read", "refused"}
