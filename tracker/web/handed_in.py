"""Documents as a form hands them in: files, or text pasted into a field, with what the reader says of them.

Must never judge what a document says; that it is there and not too large is all that is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import File, Form, UploadFile

from tracker.domain.errors import IntakeError, RectifyError
from tracker.services.register import Source

MAXIMUM_BYTES = 20 * 1024 * 1024
_PASTED = "粘贴的文字.txt"


@dataclass(frozen=True)
class DocumentForm:
    """What was typed, as it was typed: a refused form gives it back (but files must be chosen again).

    Empty fields leave title and day of issue to the document itself.
    """

    files: Annotated[list[UploadFile] | None, File()] = None
    text: Annotated[str, Form()] = ""
    title: Annotated[str, Form()] = ""
    issued_on: Annotated[str, Form()] = ""
    strict_units: Annotated[bool, Form()] = False

    def sources(self) -> list[Source]:
        """The documents, files first; raises RectifyError for none, too large ones, or a day that is none."""
        issued_on, title = day(self.issued_on), self.title.strip() or None
        documents = [read_upload(file) for file in self.files or () if file.filename]
        if self.text.strip():
            # A browser sends each line end as two signs: pasted, or handed in as a file, it is the same text.
            documents.append((_PASTED, self.text.replace("\r\n", "\n").encode()))
        if not documents:
            raise IntakeError("请选择文件，或粘贴正文")
        if title and len(documents) > 1:
            raise RectifyError("一次读入多份时，标题须留空，由各份文件自己写明")
        return [
            Source(content, filename, issued_on, title, self.strict_units) for filename, content in documents
        ]


def day(text: str) -> date | None:
    """A day as a browser's field writes it; raises RectifyError for one that is none."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise RectifyError(f"“{text}”不是有效的日期，请写成 2026-11-30 的形式") from None


def read_upload(file: UploadFile) -> tuple[str, bytes]:
    """Name and content; raises IntakeError for one that is too large."""
    name, content = file.filename or "", file.file.read(MAXIMUM_BYTES + 1)
    if len(content) > MAXIMUM_BYTES:
        raise IntakeError(f"{name}：超过 20 MB，请在服务器上用 rectify import 读入")
    return name, content
