"""Which files can be read: the explicit tuple of readers, and the choice among them.

Must never read a file that no reader claims, nor one too large to be a bulletin.
"""

from __future__ import annotations

from tracker.domain.errors import IntakeError
from tracker.intake.document import Document
from tracker.intake.office_package import COMPOUND
from tracker.intake.quarantine import refusing
from tracker.intake.readers import html, pdf, sheets, text, word
from tracker.intake.roles import Reader

READERS: tuple[Reader, ...] = (word, sheets, pdf, html, text)
"""Asked in this order; `text` takes what is left."""

MAXIMUM_BYTES = 50 * 1024 * 1024
_LINES = 1_000_000

_FOREIGN = (
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"II*\0", "图片"),
    (b"MM\0*", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"{\\rtf", "RTF 文档"),
    (b"MIME-Version:", "单个文件网页（mht）"),
)
_WORKBOOK, _OLD_WORD = "Workbook".encode("utf-16-le"), "WordDocument".encode("utf-16-le")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def open_document(content: bytes, filename: str) -> Document:
    """Read any supported file. Raises IntakeError naming the file, the place and the reason."""
    if not content:
        raise IntakeError(f"{filename}：文件为空（0 字节）")
    if len(content) > MAXIMUM_BYTES:
        size = len(content) / 1024 / 1024
        raise IntakeError(f"{filename}：文件过大（{size:.1f} MB），上限为 {MAXIMUM_BYTES // 1024 // 1024} MB")
    _refuse_foreign(content, filename)
    reader = next(reader for reader in READERS if reader.recognises(content, filename))
    document = refusing(reader.read, content, filename)
    if not document.lines:
        raise IntakeError(f"{filename}：文件中没有文字")
    if len(document.lines) > _LINES:
        raise IntakeError(f"{filename}：超过 {_LINES} 行，请拆分后重试")
    return document


def _refuse_foreign(content: bytes, filename: str) -> None:
    for signature, kind in _FOREIGN:
        if content.startswith(signature):
            raise IntakeError(f"{filename}：是{kind}，暂不支持，请另存为 docx、xlsx、pdf 或 txt 后重试")
    if content.startswith(COMPOUND):
        if _ENCRYPTED in content:
            raise IntakeError(f"{filename}：文件已加密，请去掉密码后重试")
        if _OLD_WORD in content and _WORKBOOK not in content:
            raise IntakeError(f"{filename}：是旧版 Word 文档（doc），请另存为 docx 后重试")
