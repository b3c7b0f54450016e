"""Bytes to text: UTF-8 and UTF-16, with a mark or without, else GB18030 (which holds GBK and GB2312).

Must never turn bytes into plausible nonsense: a text that only *can* be decoded is not yet readable.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from tracker.domain.errors import IntakeError

CUT = "\ufffd"
"""Stands at the very end of a text whose last character was cut in half."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_PLAUSIBLE_SHARE = (
    0.75  # of everyday characters; real texts have over 0.9, UTF-8 or Big5 taken for GBK far less
)


def decode(content: bytes, filename: str) -> str:
    """The text of a file, line ends as `\\n`. Raises IntakeError for binary or damaged content."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(_decode_marked(content[len(mark) :], encoding, filename), filename)
    if b"\0" in content:
        return _checked(_decode_unmarked_utf16(content, filename), filename)
    try:
        return _checked(_decode(content, "utf-8"), filename)
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
    try:
        text = _decode(content, "gb18030")
    except UnicodeDecodeError:
        text = ""
    if not _is_plausible(text):
        raise IntakeError(
            f"{filename} 第{line}行：无法识别的文字编码（既不是 UTF-8 也不是 GBK），请另存为 UTF-8 后重试",
            details={"line": line},
        )
    return _checked(text, filename)


def split_lines(text: str) -> Iterator[str]:
    """The lines with their ends, one by one: a list of them would take several times the text's room."""
    return (match[0] for match in _LINE.finditer(text))


def _decode_marked(content: bytes, encoding: str, filename: str) -> str:
    try:
        return _decode(content, encoding)
    except UnicodeDecodeError as problem:
        raise IntakeError(
            f"{filename} 第{problem.start + 1}字节处：内容与文件头标明的编码不符，文件可能已损坏"
        ) from None


def _decode_unmarked_utf16(content: bytes, filename: str) -> str:
    """No other text holds zero bytes: UTF-16 has them in its line ends and digits."""
    for encoding in ("utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            text = _decode(content, encoding)
            if "\0" not in text and _is_plausible(text):
                return text
    raise IntakeError(f"{filename}：不是文本文件（含有二进制数据），请提供 txt、docx、xlsx、pdf 或网页文件")


def _decode(content: bytes, encoding: str) -> str:
    """Strict, except that half a character at the very end becomes CUT: a cut file still says the rest."""
    decoder = codecs.getincrementaldecoder(encoding)()
    text = decoder.decode(content)
    return text + CUT if decoder.getstate()[0] else text


def _checked(text: str, filename: str) -> str:
    kinds = (character for character in set(text) if not character.isspace())
    controls = sum(text.count(character) for character in kinds if unicodedata.category(character) == "Cc")
    if controls > len(text) // 200:
        raise IntakeError(f"{filename}：不是文本文件（含有大量控制字符），请提供 txt、csv 或 xlsx 文件")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_plausible(text: str) -> bool:
    """Whether most of it is everyday Chinese: punctuation or the 3,755 level-1 characters of GB 2312."""
    foreign = [character for character in text if not character.isascii() and character != CUT]
    everyday = 0
    for character in foreign:
        lead = character.encode("gb2312", "ignore")[:1]
        everyday += b"\xa1" <= lead <= b"\xa3" or b"\xb0" <= lead <= b"\xd7"
    return bool(foreign) and everyday >= _PLAUSIBLE_SHARE * len(foreign)
