"""Names, titles and addresses from outside as they may be stored and shown: one line, nothing invisible.

Must never change a visible character.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from pathlib import PurePath
from urllib.parse import urlsplit

_UNNAMED = "未命名文件"


def printable(text: str) -> str:
    """Without control, direction and broken characters (a GBK name read as UTF-8 leaves such), trimmed."""
    kept = (sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return "".join(kept).strip()


def file_name(path: str) -> str:
    """The last part of a path, printable; GBK names that arrived as raw bytes are read as GBK."""
    name = PurePath(path.replace("\\", "/")).name
    if _is_raw(name):
        with suppress(UnicodeDecodeError):  # else what can be shown of it is shown
            name = name.encode("utf-8", "surrogateescape").decode("gb18030")
    return printable(name) or _UNNAMED


def _is_raw(name: str) -> bool:
    return any("\udc80" <= sign <= "\udcff" for sign in name)


def web_address(written: str) -> str | None:
    """An address as somebody wrote it, None for nothing; raises ValueError for what no browser would open."""
    if not written:
        return None
    try:
        parts = urlsplit(written)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"网址须以 http:// 或 https:// 开头：{written[:60]}")
    return written
