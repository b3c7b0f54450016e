"""Reads a file of an opaque kind (pdf, xls) in a process of its own, with bounds on its memory and its time.

Such files are programs in disguise: a few bytes can ask for gigabytes or for ever, and no look beforehand can
tell. Must never let the child see more than the file: it gets no settings and writes nothing but its answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from tracker.domain.errors import IntakeError, RectifyError
from tracker.intake.document import Document, Line

_MEMORY_BYTES = 2 * 1024**3
_SECONDS = 300
_ROOT = Path(__file__).resolve().parents[2]


def read_apart(function: str, content: bytes, filename: str) -> Document:
    """Call `function` ("package.module:name", from bytes and file name to a Document) in a child process.

    Raises the IntakeError that it raised, or one that says the file asked for too much.
    """
    request = json.dumps([function, filename]).encode() + b"\n" + content
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, nothing of the file's
            [sys.executable, "-m", __name__],
            input=request,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            cwd=_ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")},
        )
    except subprocess.TimeoutExpired:
        raise IntakeError(
            f"{filename}：{_SECONDS} 秒内没有读完，内容异常复杂，请另存为 docx 后重试"
        ) from None
    if done.returncode != 0:
        raise IntakeError(
            f"{filename}：读取时超出内存或时间限制，文件可能已损坏或内容异常，请另存为 docx 或 xlsx 后重试",
            details={"exit": done.returncode, "reason": done.stderr.decode(errors="replace")[-300:]},
        )
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise IntakeError(answer["refused"], details=answer["details"])
    return Document(tuple(Line(number, tuple(cells)) for number, cells in answer["lines"]))


def refusing(read: Callable[[bytes, str], Document], content: bytes, filename: str) -> Document:
    """Call a reader; the last resort where a library trips over damage that its reader cannot name."""
    try:
        return read(content, filename)
    except RectifyError:
        raise
    except Exception as problem:
        raise IntakeError(
            f"{filename}：文件已损坏或格式不规范，无法读取，请重新另存后重试",
            details={"reason": f"{type(problem).__name__}: {problem}"[:300]},
        ) from problem


def _bound() -> None:
    with suppress(ImportError):  # not on Windows; there the time limit is all
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def main() -> None:
    """The child: the request and the file on standard input, one JSON document on standard output."""
    _bound()
    function, filename = json.loads(sys.stdin.buffer.readline())
    module, _, name = function.partition(":")
    try:
        document = refusing(getattr(import_module(module), name), sys.stdin.buffer.read(), filename)
        answer: dict[str, object] = {"lines": [(line.number, line.cells) for line in document.lines]}
    except IntakeError as refusal:
        answer = {"refused": refusal.message, "details": refusal.details}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
