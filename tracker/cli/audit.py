"""`rectify audit`: is the history as it was written, and a copy of it for the archives."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.cli.app import Call
from tracker.cli.output import print_json, print_note, print_table, print_text, progress
from tracker.rendering.contract import Json, error_json, moment
from tracker.services.audit import Verdict
from tracker.services.audit import verify as verify_trail
from tracker.services.audit_export import export as export_trail
from tracker.services.audit_export import read_anchor

_CODE = "tampered"


@click.group()
def audit() -> None:
    """查验经过是否被改动，导出存档。"""


@audit.command()
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="存档",
    help="以前导出的存档；其末条经过须原样还在。",
)
@click.pass_obj
def verify(call: Call, against: Path | None) -> None:
    """逐条复算经过的封印，并与事项现状、佐证核对。有不符则退出状态为 1。"""
    anchor = read_anchor(against) if against else None
    with progress("查验经过") as advance:
        verdict = verify_trail(call.office, against=anchor, progress=advance)
    words = f"发现 {verdict.faults_in_all} 处不符，经过可能被改动" if verdict.faults else ""
    if call.json:
        error = error_json(_CODE, words, {"faults": verdict.faults_in_all}) if words else {}
        print_json(verdict_json(verdict, call) | error)
    else:
        _show(verdict)
        if words:
            print_note(f"错误：{words}。")
    if words:
        raise click.exceptions.Exit(1)


@audit.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="文件", help="写到哪里；已有的不覆盖。"
)
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="从哪天起（含）。")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="到哪天止（含）。")
@click.pass_obj
def export(call: Call, out: Path, start: datetime | None, end: datetime | None) -> None:
    """导出经过存档（每行一条 JSON），凭文件本身即可复算封印。"""
    with progress("导出经过") as advance:
        archive = export_trail(
            call.office,
            out,
            now=call.now,
            start=start.date() if start else None,
            end=end.date() if end else None,
            progress=advance,
        )
    if call.json:
        print_json({"file": str(out), "head": dict(archive.head)})
    else:
        print_text(f"已导出 {archive.head['rows']} 条经过：{out}")


def verdict_json(verdict: Verdict, call: Call) -> Json:
    """The answer of `audit verify`; `last` is null in an office without history."""
    last = verdict.last
    return {
        "rows": verdict.rows,
        "items": verdict.items,
        "faults": [
            {
                "kind": fault.kind.value,
                "history_id": fault.history_id,
                "number": fault.number,
                "detail": fault.detail,
            }
            for fault in verdict.faults
        ],
        "last": last
        and {"id": last.id, "digest": last.digest, "at": moment(last.at, call.office.rules.calendar)},
    }


def _show(verdict: Verdict) -> None:
    if verdict.faults:
        rows = [(fault.history_id, fault.number, fault.detail) for fault in verdict.faults]
        print_table(("经过", "编号", "不符之处"), rows)
    else:
        print_text("未发现改动。")
    print_text(f"已查验经过 {verdict.rows} 条、事项 {verdict.items} 项。")
    if verdict.last:
        print_text(f"末条封印（请抄存）：第 {verdict.last.id} 条　{verdict.last.digest}")
