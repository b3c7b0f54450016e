"""An export as numbered rows: csv read line by line (UTF-8, GBK, UTF-16), workbooks by the sheets' reader.

Must never hold a csv as a whole, nor decode it by guess: bytes that fit no encoding are an error with a row.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Protocol

from tracker.domain.errors import IntakeError
from tracker.domain.text import file_name
from tracker.intake.office_package import COMPOUND, ZIP
from tracker.intake.readers import MAXIMUM_BYTES
from tracker.intake.readers.sheets import read, read_numbered_rows

Row = tuple[int, Sequence[str]]


class Unreadable(list[str]):
    """Stands for a row of which a cell cannot be read: no cells, and the Chinese `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


_BLOCK = 1024 * 1024
_LONGEST_CELL = 1024 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Exported(Protocol):
    """Whatever can be gone through as an export: a file, or a table of a database."""

    @property
    def filename(self) -> str:
        """How people call it."""

    @property
    def sha256(self) -> str:
        """Stands for its content, in hex; of a table only when its rows have been gone through."""

    def rows(self) -> AbstractContextManager[Iterator[Row]]:
        """As `Export.rows`."""


@dataclass(frozen=True)
class Export:
    """A file that can be read from its beginning; `sha256` in hex; `encoding` is None for a workbook."""

    file: BinaryIO
    filename: str
    sha256: str
    encoding: str | None

    @contextmanager
    def rows(self) -> Iterator[Iterator[Row]]:
        """Number (from 1, as an office program counts) and cells of each row, blank ones among them.

        Raises IntakeError, also while the rows are gone through, for what is no table, is damaged, or is too
        large for a workbook.
        """
        self.file.seek(0)
        if self.encoding is not None:
            with _csv_rows(self) as rows:
                yield rows
            return
        content = self.file.read(MAXIMUM_BYTES + 1)
        if len(content) > MAXIMUM_BYTES:
            raise IntakeError(
                f"{self.filename}：工作簿超过 {MAXIMUM_BYTES // _BLOCK} MB，请导出为 csv 后重试"
            )
        if content.startswith(COMPOUND):  # an old workbook is parsed in a process of its own
            yield ((line.number, list(line.cells)) for line in read(content, self.filename).lines)
        else:
            yield iter(read_numbered_rows(content, self.filename))


def open_export(file: BinaryIO, filename: str) -> Export:
    """Look at a file: its digest and encoding. Raises IntakeError for an empty one, or what is no table."""
    name = file_name(filename)
    file.seek(0)
    head = file.read(_BLOCK)
    if not head:
        raise IntakeError(f"{name}：是空文件")
    is_workbook = head.startswith((*ZIP, COMPOUND))
    if not is_workbook and PurePath(name).suffix.lower() not in {".csv", ".txt", ".tsv"}:
        raise IntakeError(f"{name}：不是表格文件，请提供 csv、xlsx 或 xls")
    digest, decoder, is_utf8, is_told = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True, False
    block = head
    while block:
        digest.update(block)
        if not is_told:  # the first Chinese characters tell, nearly always those of the header
            is_utf8 = _decodes(decoder, block)
            is_told = not block.isascii()
        block = file.read(_BLOCK)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    encoding = None if is_workbook else marked or ("utf-8" if is_utf8 else "gb18030")
    return Export(file, name, digest.hexdigest(), encoding)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _csv_rows(export: Export) -> Iterator[Iterator[Row]]:
    """The library's own reader, counted: nothing of ours stands between it and a million rows."""
    text = io.TextIOWrapper(export.file, encoding=export.encoding, newline="")
    try:
        first = text.readline(_LONGEST_CELL)
    except UnicodeDecodeError:
        first = ""  # said below, with its place
    text.seek(0)
    csv.field_size_limit(_LONGEST_CELL)
    # Excel's "Unicode text" is a csv by name with tabulators inside.
    reader = csv.reader(text, delimiter="\t" if "\t" in first and "," not in first else ",")
    try:
        yield enumerate(reader, start=1)
    except UnicodeDecodeError:
        raise IntakeError(
            f"{export.filename} 第{reader.line_num + 1}行附近：无法识别的文字编码，"
            "既不是 UTF-8 也不是 GBK，请另存为 UTF-8 后重试",
            details={"line": reader.line_num + 1},
        ) from None
    except csv.Error:
        raise IntakeError(
            f"{export.filename} 第{reader.line_num}行：csv 格式有误（单元格过长或引号不配对）",
            details={"line": reader.line_num},
        ) from None
    finally:
        text.detach()
