"""Which files are taken as proofs: pictures, papers, tables, films. What runs or opens as a page is not.

By the ending of the name, which decides what a reader's computer does with it, and by how known programs and
web pages begin, whatever they are called.
"""

from __future__ import annotations

from pathlib import PurePath

from tracker.domain.errors import RectifyError

_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".heic", ".heif", ".tif", ".tiff"})
_PAPERS = frozenset({".pdf", ".ofd", ".doc", ".docx", ".wps", ".ppt", ".pptx", ".dps", ".txt", ".md"})
_TABLES = frozenset({".xls", ".xlsx", ".et", ".csv"})
_FILMS = frozenset({".mp4", ".mov", ".m4v", ".mp3", ".m4a"})
_BUNDLES = frozenset({".zip", ".rar", ".7z"})
TAKEN = _PICTURES | _PAPERS | _TABLES | _FILMS | _BUNDLES
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
_PAGES = (b"<!doctype html", b"<html", b"<script", b"<svg")


def require_takeable(name: str, content: bytes) -> None:
    """Raise RectifyError for a file that is none of these."""
    if PurePath(name).suffix.lower() not in TAKEN:
        raise RectifyError(f"佐证材料“{name}”的类型不接收，请用图片、PDF、Office 文档、表格、视频或压缩包")
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith(_PROGRAMS) or head.startswith(_PAGES):
        raise RectifyError(f"佐证材料“{name}”的内容是程序或网页，不接收")
