"""A digest's chart and ledger. The chart is drawn from frozen figures: the same figures, the same picture.

Must never make a ledger anew that went out: it would tell of another day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from notifiers.base import Attachment
from tracker.rendering.charts import RateBar, rate_chart
from tracker.rendering.digest import CITY, DigestView
from tracker.services.digest_scopes import DigestScope
from tracker.services.ledger import write_office_ledger
from tracker.services.office import Office
from tracker.store import digests

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_NAME = 200  # bytes of a unit's name; with what stands around them they stay within a file name's 255
_BLANK = b"blank"
_BARS = 40
"""Bars of one chart; its picture stays far below the 2 MB that WeCom takes."""
LARGEST_LEDGER = 5 * 1024 * 1024
"""Bytes; each letter keeps a copy of its own, and mail servers refuse much more. A larger one waits on the
page.
"""


def draw_chart(view: DigestView) -> bytes:
    """The period's rates as PNG; of more than forty units those with most left to do."""
    rows, until = view.groups, f"截至{view.as_of:%Y年%m月%d日 %H:%M}"
    if len(rows) > _BARS:
        most = sorted(rows, key=lambda row: -row.open)[:_BARS]
        rows, until = tuple(row for row in rows if row in most), f"{until}，未完成最多的{_BARS}个单位"
    bars = [RateBar(row.name, row.rate, row.previous) for row in (view.total, *rows)]
    return rate_chart(bars, f"整改率（{view.full_name}）", until, legend=f"竖线为{view.against}")


def make_ledger(office: Office, scope: DigestScope, *, now: datetime) -> bytes:
    """The workbook of what the scope has now; the connection itself shows nothing else."""
    if not office.draws_files:
        return _BLANK
    bound = replace(office, database=office.database.within(scope.units))
    with TemporaryDirectory(prefix="rectify-digest-") as folder:
        file = Path(folder) / "ledger.xlsx"
        write_office_ledger(bound, file, now=now)
        return file.read_bytes()


def ledger_of(office: Office, view: DigestView, scope: DigestScope, *, now: datetime) -> Attachment:
    """The workbook that went out, else what it would be now; where that is another day than the figures', it
    bears the day.
    """
    with office.database.read() as connection:
        stored = digests.ledger(connection, view.period, scope.key)
    if stored:
        return Attachment(ledger_name(view), stored, XLSX)
    day = office.rules.calendar.today(now).isoformat()
    name = ledger_name(view) if view.as_of >= now else f"整改台账-{_of(view, day)}.xlsx"
    return Attachment(name, make_ledger(office, scope, now=now), XLSX)


def is_of_today(office: Office, view: DigestView, scope: DigestScope, *, now: datetime) -> bool:
    """Whether `ledger_of` is of another day than the figures."""
    with office.database.read() as connection:
        return view.as_of < now and not digests.has_ledger(connection, view.period, scope.key)


def attachments(office: Office, view: DigestView, ledger: bytes | None) -> tuple[Attachment, ...]:
    """What goes with the words: the chart, and the ledger unless it is too large to be sent."""
    picture = draw_chart(view) if office.draws_files else _BLANK
    chart = Attachment(f"{file_stem(view)}.png", picture, "image/png")
    if not ledger or len(ledger) > LARGEST_LEDGER:
        return (chart,)
    return (chart, Attachment(ledger_name(view), ledger, XLSX))


def file_stem(view: DigestView) -> str:
    """`整改周报-2021-W30`, `整改月报-2021-07-澜东区`."""
    return f"整改{view.words.title}-{_of(view)}"


def ledger_name(view: DigestView) -> str:
    return f"整改台账-{_of(view)}.xlsx"


def _of(view: DigestView, day: str = "") -> str:
    # A unit's name may hold what no file system takes, and more than it does.
    name = "".join("-" if char in '/\\:*?"<>|' else char for char in view.scope)
    name = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return day or view.period if view.scope == CITY else f"{day or view.period}-{name}"
