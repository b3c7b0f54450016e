"""How results leave: one JSON document on standard output, or tables for people. The rest is stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

_WIDE = 160  # a pipe has no width; tables must not be cut there


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """The reader (`head`) has gone: `run` ends quietly; Rich alone would end with status 1."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return _Console(file=stream, width=None if stream.isatty() else _WIDE, highlight=False, emoji=False)


def print_json(document: Mapping[str, object]) -> None:
    """The one JSON document of this call."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """A table; cell texts are data, never markup."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell).replace("[", "\\[") for cell in row))
    console().print(table)


def print_text(text: str) -> None:
    """A sentence for people on standard output."""
    console().print(text, markup=False, soft_wrap=True)


def print_note(text: str) -> None:
    """A remark for people on standard error."""
    console(stderr=True).print(text, markup=False, soft_wrap=True)


@contextmanager
def progress(words: str, *, hidden: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal; told what is done and how much there is."""
    with Progress(console=console(stderr=True), transient=True, disable=hidden) as bar:
        task = bar.add_task(words, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
