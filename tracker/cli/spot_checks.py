"""`rectify spot-check`: random draws, what was found, and drawing once more to compare."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.app import Call, Number
from tracker.cli.intake import operator
from tracker.cli.output import print_json, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.rendering.words import RESULTS
from tracker.services import spot_checks, spot_results
from tracker.services.spot_checks import Choice, DrawFile, DrawnItem
from tracker.services.spot_results import UNFIT
from tracker.store.spot_checks import StoredDraw

_ID = click.IntRange(1, 2**31 - 1)


@click.group("spot-check")
def spot_check() -> None:
    """抽查：按公开的种子随机抽取事项，任何人都可复算。"""


@spot_check.command("draw")
@click.option(
    "--count", type=click.IntRange(1, spot_checks.MOST), metavar="数目", required=True, help="抽几项。"
)
@click.option("--unit", metavar="单位", help="只在该单位的事项中抽。")
@click.option("--domain", metavar="领域", help="只在该领域中抽。")
@click.option("--class", "problem_class", metavar="类别", help="只在该问题类别中抽。")
@click.option(
    "--struck-off-since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="日期",
    help="只在这一天起销号的事项中抽。",
)
@click.option("--all", "everything", is_flag=True, help="未销号的也在内（不含已撤销的）。")
@click.option("--per-unit", is_flag=True, help="每个单位至少一项。")
@click.option("--seed", metavar="种子", help="公开的种子，如当天的开奖号码；不写则随机生成。")
@click.option("--by", metavar="经办人", help="经办人；不写则为操作系统账号。")
@click.pass_obj
def draw(
    call: Call,
    count: int,
    unit: str | None,
    domain: str | None,
    problem_class: str | None,
    struck_off_since: datetime | None,
    everything: bool,
    per_unit: bool,
    seed: str | None,
    by: str | None,
) -> None:
    """抽取并保存：种子、范围、结果都留存；网站能自动核查的随即安排查看。"""
    since = struck_off_since.date() if struck_off_since else None
    choice = Choice(unit, domain, problem_class, since, everything)
    made = spot_checks.draw(
        call.office, choice, count=count, by=by or operator(), now=call.now, seed=seed, per_unit=per_unit
    )
    _print_draw(call, made, {})


@spot_check.command("show")
@click.argument("draw_id", type=_ID, metavar="抽查序号")
@click.option("--verify", is_flag=True, help="用保存的范围和种子重抽一遍，核对是否一致；不一致时退出码为 1。")
@click.option("--population", is_flag=True, help="一并列出抽取范围（复算用）。")
@click.pass_obj
def show(call: Call, draw_id: int, verify: bool, population: bool) -> None:
    """看一次抽查：抽到的事项、自动查看所见、登记的结果。"""
    more: Json = {}
    if verify:
        checked = spot_checks.verify(call.office, draw_id)
        more["verified"] = {"digest": checked.digest_holds, "draw": checked.draw_holds}
    if population:
        more["population"] = spot_checks.population_of(call.office, draw_id)
    _print_draw(call, spot_checks.show(call.office, draw_id), more)
    if verify and not checked.holds:
        raise click.exceptions.Exit(1)


@spot_check.command("list")
@click.pass_obj
def list_(call: Call) -> None:
    """列出各次抽查，最新的在前。"""
    found = spot_checks.list_draws(call.office)
    if call.json:
        print_json({"spot_checks": [_draw_json(call, each) for each in found]})
        return
    local = call.office.rules.calendar.local
    rows = [
        (each.id, f"{local(each.drawn_at):%Y-%m-%d %H:%M}", each.drawn_by, each.wanted, each.size)
        for each in found
    ]
    print_table(("序号", "时间", "经办人", "抽取", "范围"), rows)
    print_text(f"共 {len(found)} 次")


@spot_check.command("record")
@click.argument("draw_id", type=_ID, metavar="抽查序号")
@click.argument("number", type=Number(), metavar="编号")
@click.option("--fit/--unfit", required=True, help="符合，或不符合；已销号而不符合的立为反弹。")
@click.option("--note", default="", metavar="情况", help="看到的情况；不符合的必填。")
@click.option("--by", required=True, metavar="核查人", help="谁看的，记入经过。")
@click.pass_obj
def record(call: Call, draw_id: int, number: int, fit: bool, note: str, by: str) -> None:
    """登记一项的抽查结果。"""
    done = spot_results.record(call.office, draw_id, number, fit=fit, note=note, by=by, now=call.now)
    if call.json:
        print_json({"item": _drawn_json(done)})
        return
    new = done.drawn.new_number
    words = f"，已立为第 {new} 号" if new else ""
    print_text(f"第 {number} 号：{RESULTS[done.drawn.result or UNFIT]}{words}")


def _draw_json(call: Call, draw: StoredDraw) -> Json:
    return {
        "id": draw.id,
        "seed": draw.seed,
        "count": draw.wanted,
        "per_unit": draw.per_unit,
        "filters": dict(draw.filters),
        "population_size": draw.size,
        "population_sha256": draw.digest,
        "drawn_at": moment(draw.drawn_at, call.office.rules.calendar),
        "drawn_by": draw.drawn_by,
    }


def _drawn_json(each: DrawnItem) -> Json:
    return {
        "number": each.drawn.item_number,
        "unit": each.item.unit if each.item else None,
        "text": each.item.text if each.item else None,
        "look": {"state": each.look.state.value, "finding": each.look.finding} if each.look else None,
        "result": each.drawn.result,
        "note": each.drawn.note,
        "by": each.drawn.decided_by,
        "new_number": each.drawn.new_number,
    }


def _print_draw(call: Call, made: DrawFile, more: Json) -> None:
    if call.json:
        listed = [_drawn_json(each) for each in made.items]
        print_json({"spot_check": _draw_json(call, made.draw), "items": listed, **more})
        return
    rows = [
        (
            each.drawn.place,
            each.drawn.item_number,
            each.item.unit if each.item else "",
            each.item.text if each.item else "（已随读入撤回）",
            each.look.state.chinese if each.look else "",
            RESULTS[each.drawn.result] if each.drawn.result else "待登记",
            each.drawn.note,
        )
        for each in made.items
    ]
    print_table(("次序", "编号", "单位", "问题", "自动查看", "结果", "情况"), rows)
    print_text(
        f"第 {made.draw.id} 次抽查：自 {made.draw.size} 项中抽 {len(made.items)} 项，种子 {made.draw.seed}，"
        f"范围摘要 {made.draw.digest}"
    )
    if "verified" in more:
        verified = more["verified"]
        assert isinstance(verified, dict)
        holds = all(verified.values())
        print_text("复算一致" if holds else "复算不一致：范围或抽取结果被改动过")
    if "population" in more:
        print_text(str(more["population"]))
