"""The digest's files: text, chart, and the ledger (整改台账) of everything that is tracked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tracker.rendering.charts import RateBar, rate_chart
from tracker.rendering.digest import DigestView
from tracker.services.ledger import write_office_ledger
from tracker.services.office import Office
from tracker.services.summarise import Digest


def write_files(office: Office, digest: Digest, folder: Path, *, now: datetime) -> list[Path]:
    """Write text, chart and ledger into `folder`; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"整改周报-{digest.view.period}"
    chart, ledger = folder / f"{stem}.png", folder / f"整改台账-{digest.view.period}.xlsx"
    text = folder / f"{stem}.md"
    write_whole(text, lambda path: path.write_text(digest.text + "\n", "utf-8"))
    write_whole(chart, lambda path: path.write_bytes(draw_chart(digest.view)))
    write_office_ledger(office, ledger, now=now)
    return [text, chart, ledger]


def draw_chart(view: DigestView) -> bytes:
    """The week's rates as PNG."""
    bars = [RateBar(group.name, group.rate, group.previous) for group in (view.total, *view.groups)]
    return rate_chart(bars, f"整改率（{view.period_name}）", f"截至{view.as_of:%Y年%m月%d日 %H:%M}")


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file that appears whole, or not at all."""
    partial = path.with_name(f".{path.name}.part")
    write(partial)
    partial.replace(path)
