"""The digest's files: text, chart, and the ledger (整改台账) of everything that is tracked in its scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tracker.services.digest_files import draw_chart, file_stem, ledger_of
from tracker.services.office import Office
from tracker.services.summarise import Digest


def write_files(office: Office, digest: Digest, folder: Path, *, now: datetime) -> list[Path]:
    """Write text, chart and ledger into `folder`; each file appears whole or not at all.

    The ledger is the one that went out; where none did, the one of `now`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    view, stem = digest.view, file_stem(digest.view)
    workbook = ledger_of(office, view, digest.scope, now=now)
    text, chart, ledger = folder / f"{stem}.md", folder / f"{stem}.png", folder / workbook.name
    write_whole(text, lambda path: path.write_text(digest.text + "\n", "utf-8"))
    write_whole(chart, lambda path: path.write_bytes(draw_chart(view)))
    write_whole(ledger, lambda path: path.write_bytes(workbook.content))
    return [text, chart, ledger]


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file that appears whole, or not at all."""
    partial = path.with_name(f".{path.name}.part")
    write(partial)
    partial.replace(path)
