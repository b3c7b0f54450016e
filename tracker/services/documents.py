"""The digest's files: text, chart, and the ledger (整改台账) of everything that is tracked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tracker.domain.items import Item
from tracker.domain.lifecycle import State, is_overdue
from tracker.rendering.charts import RateBar, rate_chart
from tracker.rendering.digest import DigestView
from tracker.rendering.ledger import LedgerRow, write_ledger
from tracker.services.office import Office
from tracker.services.summarise import Digest
from tracker.store import items
from tracker.store.items import ItemFilter


def write_files(office: Office, digest: Digest, folder: Path, *, now: datetime) -> list[Path]:
    """Write text, chart and ledger into `folder`; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"整改周报-{digest.view.period}"
    chart, ledger = folder / f"{stem}.png", folder / f"整改台账-{digest.view.period}.xlsx"
    text = folder / f"{stem}.md"
    _whole(text, lambda path: path.write_text(digest.text + "\n", "utf-8"))
    _whole(chart, lambda path: path.write_bytes(draw_chart(digest.view)))
    write_office_ledger(office, ledger, now=now)
    return [text, chart, ledger]


def draw_chart(view: DigestView) -> bytes:
    """The week's rates as PNG."""
    bars = [RateBar(group.name, group.rate, group.previous) for group in (view.total, *view.groups)]
    return rate_chart(bars, f"整改率（{view.period_name}）", f"截至{view.as_of:%Y年%m月%d日 %H:%M}")


def write_office_ledger(office: Office, target: Path, *, now: datetime) -> None:
    """整改台账 of everything that is tracked."""
    calendar = office.rules.calendar
    with office.database.read() as connection:
        found = items.find(connection, ItemFilter(), now, calendar.today(now))
    as_of = f"{calendar.local(now):%Y年%m月%d日 %H:%M}"
    write_ledger(target, (_ledger_row(office, item, now) for item in found), "整改台账", as_of)


def _ledger_row(office: Office, item: Item, now: datetime) -> LedgerRow:
    standing, calendar = item.standing, office.rules.calendar
    closed = standing.closed_at if standing.state is State.STRUCK_OFF else None
    place = [str(part) for part in (item.annex, item.row, item.ordinal) if part is not None]
    return LedgerRow(
        number=item.number,
        unit=item.unit,
        group=item.group,
        domain=item.domain or "",
        class_name=office.rules.class_name(item.problem_class),
        text=item.text,
        quantity=f"{item.quantity}{item.measure or ''}" if item.quantity is not None else "",
        state=standing.state.chinese,
        issued_on=item.issued_on,
        due_on=standing.due_on,
        provisional=item.provisional,
        overdue=is_overdue(standing, now, calendar),
        struck_off_on=calendar.today(closed) if closed else None,
        source="/".join(place),
        bulletin=item.bulletin,
        note="",
    )


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    partial = path.with_name(f".{path.name}.part")
    write(partial)
    partial.replace(path)
