"""`rectify items` and `rectify show`."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.answers.items import file_json
from tracker.cli.app import Call, Moment, Number
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.items import DEPARTMENTS, DISTRICTS, Item
from tracker.domain.lifecycle import State, is_overdue
from tracker.domain.periods import IssuePeriod
from tracker.rendering.contract import item_json
from tracker.rendering.words import EVENTS, KINDS, due
from tracker.services import inspect
from tracker.services.inspect import ItemFile
from tracker.services.lamps import lamps
from tracker.services.looks import folded, view
from tracker.services.reached import occasions
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter

_LOOKS_SHOWN = 10


@click.command()
@click.option("--unit", metavar="单位", help="责任单位的名称，或通报中的写法。")
@click.option("--state", type=click.Choice([state.value for state in State]), help="办理状态。")
@click.option("--domain", metavar="领域", help="如 一网通办、政务公开。")
@click.option("--class", "problem_class", metavar="类别", help="问题类别代码，如 missing_column。")
@click.option("--overdue", is_flag=True, help="只看逾期的。")
@click.option("--bulletin", metavar="通报", help="通报的序号、标题或文件名。")
@click.option("--group", type=click.Choice([DEPARTMENTS, DISTRICTS]), help="组别。")
@click.option("--issued", metavar="印发期", help="印发的季度或月份，如 2021Q3、2021-07。")
@click.option(
    "--basis", type=click.Choice([basis.value for basis in Basis]), help="整改率中某个数字背后的那些事项。"
)
@click.option("--as-of", type=Moment(), metavar="时刻", help="按当时的状态、时限列出。")
@click.pass_obj
def items(
    call: Call,
    unit: str | None,
    state: str | None,
    domain: str | None,
    problem_class: str | None,
    overdue: bool,
    bulletin: str | None,
    group: str | None,
    issued: str | None,
    basis: str | None,
    as_of: datetime | None,
) -> None:
    """列出整改事项：现在的，或过去某一时刻的。"""
    wanted = ItemFilter(
        unit=unit,
        state=State(state) if state else None,
        domain=domain,
        problem_class=problem_class,
        overdue=overdue,
        bulletin=bulletin,
        group=group,
        issued=IssuePeriod.parse(issued) if issued else None,
        basis=Basis(basis) if basis else None,
    )
    found = inspect.list_items(call.office, wanted, now=call.now, as_of=as_of)
    print_items(call, found, as_of)
    if as_of and not call.json:
        print_text(f"截至 {call.office.rules.calendar.local(as_of):%Y-%m-%d %H:%M}")


def print_items(call: Call, found: list[Item], as_of: datetime | None = None) -> None:
    """Items as a table, or as the contract's JSON; overdue or not at `as_of`, or now."""
    calendar, moment = call.office.rules.calendar, as_of or call.now
    if call.json:
        print_json({"items": [item_json(item, moment, calendar) for item in found]})
        return
    rows = [
        (
            item.number,
            item.unit,
            item.domain,
            item.text,
            item.standing.state.chinese,
            due(item, calendar),
            "逾期" if is_overdue(item.standing, moment, calendar) else "",
        )
        for item in found
    ]
    print_table(("编号", "责任单位", "领域", "问题", "状态", "时限", ""), rows)
    print_text(f"共 {len(found)} 项")


@click.command()
@click.argument("number", type=Number(), metavar="编号")
@click.pass_obj
def show(call: Call, number: int) -> None:
    """查看一个事项的全部情况：经过、佐证、核查、消息，以及为什么（不）提醒。"""
    file = inspect.open_file(call.office, number)
    lamp = lamps(call.office, [file.item], now=call.now).get(number)
    if call.json:
        print_json(file_json(file, lamp, call.now, call.office.rules.calendar))
        return
    item, calendar = file.item, call.office.rules.calendar
    print_text(f"第 {item.number} 号　{item.unit}　{call.office.rules.class_name(item.problem_class)}")
    print_text(item.text)
    colour = f"　{lamp}灯" if lamp else ""
    print_text(f"状态：{item.standing.state.chinese}　时限：{due(item, calendar)}{colour}")
    print_text(file.why)
    rows = [
        (f"{calendar.local(row.at):%Y-%m-%d %H:%M}", row.actor, EVENTS.get(row.event, row.event), row.reason)
        for row in file.history
    ]
    print_table(("时间", "办理人", "事项", "理由"), rows, "经过")
    if file.checks:
        _print_looks(file, call)
    for occasion in occasions(file.messages):
        kind = KINDS.get(occasion.kind, occasion.kind)
        when = f"{calendar.local(occasion.at):%Y-%m-%d %H:%M}"
        print_text(f"{when} {kind}：{occasion.of} 人中 {occasion.reached} 人已受理")
    if file.messages:
        sent = [
            (each.serial, each.recipient, each.channel, each.state, each.reason) for each in file.messages
        ]
        print_table(("编号", "接收人", "渠道", "状态", "原因"), sent, "消息")


def _print_looks(file: ItemFile, call: Call) -> None:
    """The latest looks, newest first; those that saw the same are one line."""
    runs = folded(view(check) for check in reversed(file.checks))
    rows = [
        (
            f"{call.office.rules.calendar.local(seen.at):%Y-%m-%d %H:%M}",
            seen.verdict.chinese,
            "；".join([seen.summary, *seen.facts, *seen.blind]),
            seen.address,
            seen.status,
            f"同样结果 {seen.times} 次" if seen.times > 1 else "",
        )
        for seen in runs[:_LOOKS_SHOWN]
    ]
    more = f"（另有更早的 {len(runs) - _LOOKS_SHOWN} 条，见 --json）" if len(runs) > _LOOKS_SHOWN else ""
    print_table(("时间", "结论", "所见", "网址", "状态码", ""), rows, f"自动核查{more}")
