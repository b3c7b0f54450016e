"""A Word document as PDF, by LibreOffice in a process of its own where this machine has one.

Must never run longer than its limit, leave files behind, or share a profile: two that run at once would wait
for each other, and macros or fonts of whoever started us must not show on an office's paper.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore

from tracker.domain.errors import RectifyError

_PROGRAMS = ("soffice", "libreoffice")
_SECONDS = 90  # the first start of a fresh profile takes ten on a slow machine
_PATIENCE = 20  # seconds that somebody waits for their turn
_TURNS = BoundedSemaphore(2)  # each takes a core and 300 MB: more at once would be slower, not faster
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


class PdfError(RectifyError):
    """There is no LibreOffice, or it did not make a PDF of this document."""

    code = "no_pdf"


def converter() -> str | None:
    """The LibreOffice of this machine; None: there is none."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def to_pdf(content: bytes, *, program: str | None = None, seconds: float = _SECONDS) -> bytes:
    """The PDF of a docx; raises PdfError saying what to do. `program` in place of this machine's own."""
    found = program or converter()
    if found is None:
        raise PdfError("本机没有安装 LibreOffice，不能转为 PDF，请下载 docx 后在 Word 或 WPS 中另存")
    with _turn(), TemporaryDirectory(prefix="rectify-pdf-") as room:
        folder = Path(room)
        (folder / "paper.docx").write_bytes(content)
        _run(found, folder, seconds)
        made = folder / "paper.pdf"
        if not made.is_file():
            raise PdfError("LibreOffice 没有转出 PDF，请下载 docx 后在 Word 或 WPS 中另存")
        return made.read_bytes()


@contextmanager
def _turn() -> Iterator[None]:
    """One of this process's few; raises PdfError when others have them for too long."""
    if not _TURNS.acquire(timeout=_PATIENCE):
        raise PdfError("正在转换别的文书，请稍后重试")
    try:
        yield
    finally:
        _TURNS.release()


def _run(program: str, folder: Path, seconds: float) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--norestore", "--convert-to", "pdf"]
    command += ["--outdir", str(folder), str(folder / "paper.docx")]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["HOME"] = str(folder)
    try:
        # Its own session: what it starts ends with it when time is up.
        process = subprocess.Popen(  # noqa: S603 - a fixed command, no shell
            command,
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise PdfError(f"LibreOffice 无法启动：{error.strerror}") from None
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise PdfError(f"LibreOffice 超过 {seconds:g} 秒没有转完，请稍后重试") from None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()
