"""Which files can be read: the explicit tuple of readers, and the choice among them.

Must never read a file that no reader claims, nor one too large to be a bulletin.
"""

from __future__ import annotations

from tracker.domain.errors import IntakeError
from tracker.intake.document import Document
from tracker.intake.readers import sheets, text
from tracker.intake.roles import Reader

READERS: tuple[Reader, ...] = (sheets, text)
"""Asked in this order; `text` takes what is left."""

MAXIMUM_BYTES = 50 * 1024 * 1024

_FOREIGN = (
    (b"%PDF-", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
)


def open_document(content: bytes, filename: str) -> Document:
    """Read any supported file. Raises IntakeError naming the file, the place and the reason."""
    if not content:
        raise IntakeError(f"{filename}：文件为空（0 字节）")
    if len(content) > MAXIMUM_BYTES:
        size = len(content) / 1024 / 1024
        raise IntakeError(f"{filename}：文件过大（{size:.1f} MB），上限为 {MAXIMUM_BYTES // 1024 // 1024} MB")
    for signature, kind in _FOREIGN:
        if content.startswith(signature):
            raise IntakeError(f"{filename}：是{kind}，暂不支持，请另存为 txt、csv 或 xlsx 后重试")
    reader = next(reader for reader in READERS if reader.recognises(content, filename))
    document = reader.read(content, filename)
    if not document.lines:
        raise IntakeError(f"{filename}：文件中没有文字")
    return document
