"""`rectify revisits`: what was seen of struck-off items, and whether it is a relapse."""

from __future__ import annotations

import click

from tracker.cli.app import Call
from tracker.cli.items import print_items
from tracker.cli.output import print_json, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.services import revisiting
from tracker.services.revisiting import LookedBack
from tracker.store.revisits import StoredRevisit

_ID = click.IntRange(1, 2**31 - 1)


@click.group()
def revisits() -> None:
    """回头看：销号后再去查看的结果，反弹由人确定。"""


@revisits.command("list")
@click.pass_obj
def revisits_list(call: Call) -> None:
    """列出待判定的、待复看的和最近了结的。"""
    found = revisiting.list_revisits(call.office)
    if call.json:
        lists = {"to_decide": found.to_decide, "again": found.again, "settled": found.settled}
        print_json({name: [_revisit_json(call, each) for each in some] for name, some in lists.items()})
        return
    titles = ("序号", "编号", "单位", "问题", "所见", "状态")
    for words, some in (("待判定", found.to_decide), ("待复看", found.again), ("已了结", found.settled)):
        rows = [_revisit_row(each.revisit, each) for each in some]
        print_table(titles, rows, title=f"{words} {len(some)} 项")


@revisits.command("confirm")
@click.argument("revisit_id", type=_ID, metavar="回头看序号")
@click.option("--by", required=True, metavar="经办人", help="谁认定的，记入经过。")
@click.option("--reason", default="", metavar="说明", help="记入经过。")
@click.pass_obj
def revisits_confirm(call: Call, revisit_id: int, by: str, reason: str) -> None:
    """立为反弹：新立一项，与原事项相连，告知责任单位。"""
    print_items(call, [revisiting.confirm(call.office, revisit_id, by=by, reason=reason, now=call.now)])


@revisits.command("dismiss")
@click.argument("revisit_id", type=_ID, metavar="回头看序号")
@click.option("--by", required=True, metavar="经办人", help="谁认定的。")
@click.option("--reason", required=True, metavar="理由", help="为什么不算反弹。")
@click.pass_obj
def revisits_dismiss(call: Call, revisit_id: int, by: str, reason: str) -> None:
    """不算反弹。"""
    revisiting.dismiss(call.office, revisit_id, by=by, reason=reason, now=call.now)
    if call.json:
        print_json({"dismissed": revisit_id})
    else:
        print_text(f"第 {revisit_id} 次回头看：不算反弹")


def _revisit_row(revisit: StoredRevisit, each: LookedBack) -> tuple[object, ...]:
    return (
        revisit.id,
        each.item.number,
        each.item.unit,
        each.item.text,
        revisit.finding,
        revisit.state.chinese,
    )


def _revisit_json(call: Call, each: LookedBack) -> Json:
    revisit, calendar = each.revisit, call.office.rules.calendar
    return {
        "id": revisit.id,
        "number": revisit.item_number,
        "unit": each.item.unit,
        "text": each.item.text,
        "weeks": revisit.weeks,
        "spot_check": revisit.spot_check_id,
        "state": revisit.state.value,
        "looks": revisit.tries,
        "seen_at": moment(revisit.seen_at, calendar),
        "finding": revisit.finding,
        "decided_by": revisit.decided_by,
        "reason": revisit.reason,
        "new_number": revisit.new_number,
    }
