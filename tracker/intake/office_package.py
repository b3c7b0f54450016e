"""Looks at an Office package (docx, xlsx) before anything unpacks it: is it one, is it a bomb, does it lie?

Must never trust a size that the package states about itself, follow a link in it, or run what it carries.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from tracker.domain.errors import IntakeError

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and any encrypted Office file

_UNPACKED_BYTES = 300 * 1024 * 1024
_MEMBERS = 10_000
_ENCRYPTED = 0x1
_MARKUP = (".xml", ".rels", ".vml")
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)
_OTHERS = {"OFD.xml": "OFD 版式文件", "content.xml": "OpenDocument 文档", "ppt/presentation.xml": "演示文稿"}


def is_package(content: bytes) -> bool:
    """Whether these are the bytes of a zip archive."""
    return content.startswith(ZIP)


def is_word(content: bytes) -> bool:
    """Whether the package is a Word document; told from its first entries, so that a cut one is told too."""
    word, excel = content.find(b"word/document"), content.find(b"xl/workbook")
    return is_package(content) and word >= 0 and (excel < 0 or word < excel)


def parts(content: bytes, filename: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member, one at a time, each proved to be what the package says.

    Raises IntakeError: damaged, encrypted, a bomb, neither Word nor Excel, or markup with declarations.
    """
    place = "压缩包"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_directory(package, filename)
            for member in package.infolist():
                # Unpacks at most the stated size, so a member that lies about it fails its checksum here.
                place = member.filename
                part = package.read(member)
                if member.filename.endswith(_MARKUP) and b"<!DOCTYPE" in part:
                    # No Office program writes one; what it may declare is what entity bombs are made of.
                    raise IntakeError(f"{filename}：{member.filename} 含有文档类型声明（DTD），拒绝读取")
                yield member.filename, part
    except _DAMAGES:
        raise IntakeError(f"{filename}：{place} 已损坏或被截断，无法读取") from None


def _check_directory(package: zipfile.ZipFile, filename: str) -> None:
    members = package.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise IntakeError(f"{filename}：文件已加密，请去掉密码后重试")
    names = {member.filename for member in members}
    if other := next((kind for name, kind in _OTHERS.items() if name in names), None):
        raise IntakeError(f"{filename}：是{other}，暂不支持，请另存为 docx、xlsx 或 pdf 后重试")
    if not any(name.startswith("word/document") or name == "xl/workbook.xml" for name in names):
        raise IntakeError(f"{filename}：是压缩包，但里面不是 Word 文档（docx）或 Excel 工作簿（xlsx）")
    if len(names) < len(members):
        raise IntakeError(f"{filename}：压缩包中有同名的文件，可能已损坏，拒绝读取")
    if len(members) > _MEMBERS or sum(member.file_size for member in members) > _UNPACKED_BYTES:
        raise IntakeError(
            f"{filename}：解压后超过 {_UNPACKED_BYTES // 1024 // 1024} MB 或 {_MEMBERS} 个文件，"
            "疑似压缩炸弹，拒绝读取"
        )
