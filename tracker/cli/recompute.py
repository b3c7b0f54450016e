"""`rectify recompute`: deadlines by today's calendar, or a class's new rule for the items that are open."""

from __future__ import annotations

import click

from tracker.cli.app import Call
from tracker.cli.output import print_json, print_table, print_text
from tracker.rendering.contract import Json
from tracker.services import recompute as recomputing
from tracker.services.recompute import Recomputed
from tracker.services.recounting import Change


@click.command()
@click.option("--class", "code", metavar="类别代码", help="按该类现行规定，自印发之日起重算未办结事项。")
@click.option("--by", metavar="办理人", help="谁决定的，记入经过；与 --class 同用。")
@click.option("--reason", metavar="理由", help="记入经过；与 --class 同用。")
@click.option("--dry-run", is_flag=True, help="只看会怎样变，不写入，不通知。")
@click.pass_obj
def recompute(call: Call, code: str | None, by: str | None, reason: str | None, dry_run: bool) -> None:
    """按现行日历重算未办结事项的时限；有变的记入经过，并通知责任单位。"""
    if code is None:
        if by is not None or reason is not None:
            raise click.UsageError("--by、--reason 只与 --class 同用。")
        result = recomputing.recompute(call.office, now=call.now, dry_run=dry_run)
    else:
        result = recomputing.recompute_class(
            call.office, code, by=by or "", reason=reason or "", now=call.now, dry_run=dry_run
        )
    if call.json:
        print_json(_json(result, dry_run=dry_run))
    else:
        _show(result, dry_run=dry_run)


def _json(result: Recomputed, *, dry_run: bool) -> Json:
    return {
        "dry_run": dry_run,
        "items": [
            {
                "number": each.item.number,
                "unit": each.item.unit,
                "due_on": [_day(each, before=True), _day(each)],
                "provisional": each.deadline.provisional,
                "rule": each.rule.as_mapping(),
            }
            for each in result.changes
        ],
        "kept": list(result.kept),
        "told": list(result.told),
    }


def _day(change: Change, *, before: bool = False) -> str | None:
    day = change.item.standing.due_on if before else change.deadline.due_on
    return day.isoformat() if day else None


def _show(result: Recomputed, *, dry_run: bool) -> None:
    if result.changes:
        rows = [
            (
                each.item.number,
                each.item.unit,
                _day(each, before=True) or "长期坚持",
                (_day(each) or "长期坚持") + ("（暂定）" if each.deadline.provisional else ""),
            )
            for each in result.changes
        ]
        print_table(("编号", "责任单位", "原时限", "新时限"), rows)
    words = "将重算" if dry_run else "已重算"
    print_text(f"{words} {len(result.changes)} 项，通知 {len(result.told)} 人")
    if result.kept:
        print_text(f"另有 {len(result.kept)} 项的时限由人确定（延期、退回、指定日期），不变")
