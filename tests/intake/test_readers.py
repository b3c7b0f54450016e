"""What files are taken, and the Chinese refusal that every other file gets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date

import pytest
import xlsxwriter

from tracker.domain.errors import IntakeError
from tracker.intake import read_document
from tracker.intake.readers import MAXIMUM_BYTES, READERS, open_document
from tracker.intake.readers.sheets import read_rows


def package(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(*cells: tuple[str, object]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, value in cells:
            if isinstance(value, date):
                sheet.write_datetime(place, value, day)
            else:
                sheet.write(place, value)
    return buffer.getvalue()


def sheet_of(*cells: str) -> bytes:
    """A workbook whose only sheet holds the given cells, as raw XML."""
    rows = "".join(f"<row>{cell}</row>" for cell in cells)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(io.BytesIO(workbook(("A1", "单位")))) as good:
        members = {name: good.read(name) for name in good.namelist()}
    return package(members | {"xl/worksheets/sheet1.xml": xml.encode()})


FAR_APART = sheet_of('<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>')
UNCOMPUTED = sheet_of('<c r="B1"><f>A1+1</f><v></v></c>')


def bomb() -> bytes:
    """Made when its test runs: three hundred megabytes take their time to pack."""
    blanks = b" " * (301 * 1024 * 1024)
    return package({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": blanks})


REFUSED = [
    pytest.param(b"", "空", id="empty"),
    pytest.param(b" \n\t\r\n", "没有文字", id="blank"),
    pytest.param(b"\x00\x01\x02\x03" * 100, "二进制", id="binary"),
    pytest.param(b"\x01\x02\x03\x04" * 100, "控制字符", id="controls"),
    pytest.param("正文".encode() + b"\xff\xff" + "正文。".encode(), "编码", id="broken utf-8"),
    pytest.param("各單位應當及時更新專欄內容".encode("big5") * 20, "编码", id="big5"),
    pytest.param(b"\xef\xbb\xbf\xff\xff", "编码不符", id="wrong mark"),
    pytest.param(b"%PDF-1.7\n", "PDF", id="pdf"),
    pytest.param(package({"a.txt": b"a"}), "不是 Word", id="other zip"),
    pytest.param(package({"word/document.xml": b"<w>"}), "document.xml 已损坏", id="broken word"),
    pytest.param(workbook(("A1", "单位"))[:-200], "损坏", id="truncated xlsx"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "损坏", id="broken xls"),
    pytest.param(bomb, "压缩炸弹", id="zip bomb"),
    pytest.param(FAR_APART, "范围过大", id="huge grid"),
    pytest.param(UNCOMPUTED, "B1", id="uncomputed formula"),
    pytest.param(workbook(), "没有文字", id="empty xlsx"),
]


@pytest.mark.parametrize(("content", "reason"), REFUSED)
def test_an_unreadable_file_is_refused_by_name_and_reason(
    content: bytes | Callable[[], bytes], reason: str
) -> None:
    unreadable = content if isinstance(content, bytes) else content()
    with pytest.raises(IntakeError) as refusal:
        read_document(unreadable, "通报.bin")
    assert refusal.value.message.startswith("通报.bin")
    assert reason in refusal.value.message


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(IntakeError, match="过大"):
        read_document(b"a" * (MAXIMUM_BYTES + 1), "大.txt")


def test_an_encrypted_package_is_refused() -> None:
    content = bytearray(package({"xl/workbook.xml": b"<workbook/>"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag in the central directory
    with pytest.raises(IntakeError, match="加密"):
        read_document(bytes(content), "密.xlsx")


def test_a_member_that_states_less_than_it_unpacks_to_is_refused() -> None:
    content = bytearray(package({"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": b" " * 5000}))
    entry = content.rindex(b"PK\x01\x02")  # the last entry of the central directory
    content[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    with pytest.raises(IntakeError, match=r"sharedStrings\.xml 已损坏"):
        read_document(bytes(content), "谎.xlsx")


def test_a_damaged_text_names_the_line_of_the_damage() -> None:
    with pytest.raises(IntakeError) as refusal:
        read_document("第一行\n第二".encode() + b"\xff\xff" + "行\n".encode(), "坏.txt")
    assert refusal.value.details == {"line": 2}


def test_a_csv_cell_without_end_is_refused() -> None:
    with pytest.raises(IntakeError, match=r"坏\.csv 第1行"):
        read_document(b'a,"' + b"x" * (1024 * 1024 + 1), "坏.csv")


def test_dates_and_whole_numbers_of_a_sheet_read_as_people_write_them() -> None:
    content = workbook(
        ("A1", "手机"),
        ("B1", "日期"),
        ("C1", "值"),
        ("A3", 13800000001),
        ("B3", date(2026, 10, 16)),
        ("C3", 1.5),
    )
    assert read_rows(content, "名单.xlsx") == [
        ["手机", "日期", "值"],
        ["13800000001", "2026-10-16", "1.5"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_contacts_csv_reads_alike_in_every_encoding(encoding: str) -> None:
    assert read_rows('单位,姓名\r\n\r\n市教育局,"联络员,甲"\r\n'.encode(encoding), "名单.csv") == [
        ["单位", "姓名"],
        ["市教育局", "联络员,甲"],
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_read_with_and_without_its_mark(encoding: str) -> None:
    document = open_document("云澜市通报\r\n第3期\r\n".encode(encoding), "通报.txt")
    assert [line.text for line in document.lines] == ["云澜市通报", "第3期"]


def test_a_merged_cell_belongs_to_each_of_its_rows_wherever_the_table_stands() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("C3:C4", "市教育局")
        sheet.write("D3", "甲")
        sheet.write("D4", "乙")
    lines = open_document(buffer.getvalue(), "表.xlsx").lines
    assert [(line.number, line.cells) for line in lines] == [
        (3, ("", "", "市教育局", "甲")),
        (4, ("", "", "市教育局", "乙")),
    ]


def test_rows_are_only_read_from_tables() -> None:
    with pytest.raises(IntakeError, match="不是表格"):
        read_rows("单位\t姓名".encode(), "名单.txt")


def test_every_file_has_exactly_one_reader_that_takes_the_rest() -> None:
    assert [reader.recognises(b"anything", "a.txt") for reader in READERS] == [False] * (len(READERS) - 1) + [
        True
    ]
