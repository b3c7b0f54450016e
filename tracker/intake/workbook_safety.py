"""Looks at an xlsx package before anything unpacks it: is it one, is it a bomb, does it hide its values?

Must never trust a size the package states about itself.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from tracker.domain.errors import IntakeError

_UNPACKED_BYTES = 300 * 1024 * 1024
_CELLS = 5_000_000  # the grid a reader would have to lay out, blank cells included
_ENCRYPTED = 0x1
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_REFERENCE = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>'
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


def check_workbook(content: bytes, filename: str) -> None:
    """Return if it may be read. Raises IntakeError: no workbook, encrypted, damaged, too large, no values."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_package(package, filename)
            for name in package.namelist():
                if _SHEET.fullmatch(name):
                    _check_sheet(package.read(name), filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise IntakeError(f"{filename}：压缩包已损坏或被截断，无法读取") from None


def _check_package(package: zipfile.ZipFile, filename: str) -> None:
    members = package.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise IntakeError(f"{filename}：文件已加密，请去掉密码后重试")
    names = {member.filename for member in members}
    if "word/document.xml" in names:
        raise IntakeError(f"{filename}：是 Word 文档，暂不支持，请另存为 txt 或 xlsx 后重试")
    if "xl/workbook.xml" not in names:
        raise IntakeError(f"{filename}：是压缩包，但里面不是 Excel 工作簿（xlsx）")
    if sum(member.file_size for member in members) > _UNPACKED_BYTES:
        raise IntakeError(
            f"{filename}：解压后超过 {_UNPACKED_BYTES // 1024 // 1024} MB，疑似压缩炸弹，拒绝读取"
        )
    # Reads at most the stated size of each member, so one that lies about it fails its checksum here.
    if damaged := package.testzip():
        raise IntakeError(f"{filename}：压缩包中的 {damaged} 已损坏")


def _check_sheet(xml: bytes, filename: str) -> None:
    width = height = 0
    for match in _REFERENCE.finditer(xml):
        width = max(width, _column(match[1]))
        height = max(height, int(match[2]))
    if width * height > _CELLS:
        raise IntakeError(
            f"{filename}：工作表范围过大（{height} 行 × {width} 列），请删去表格外的单元格后重试"
        )
    if cell := _UNCOMPUTED.search(xml):
        place = cell[1].decode()
        raise IntakeError(
            f"{filename} 单元格{place}：公式没有计算结果，请用 Excel 或 WPS 打开、保存后重试",
            details={"cell": place},
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
