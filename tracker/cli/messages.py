"""`rectify remind`, `deliver`, `inbox` and `check`: one turn of what the scheduler does."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tracker.cli.app import Call
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.domain.checks import Verdict
from tracker.rendering.contract import Json, moment
from tracker.services import deliver as delivering
from tracker.services import feed_databases, inspect, observe
from tracker.services import remind as reminding
from tracker.services.office import SANDBOX
from tracker.services.remind import Planned


@click.command()
@click.option("--dry-run", is_flag=True, help="只看会提醒谁，不写入发件箱。")
@click.pass_obj
def remind(call: Call, dry_run: bool) -> None:
    """判断现在该提醒谁，放入发件箱。"""
    result = reminding.remind(call.office, now=call.now, dry_run=dry_run)
    if call.json:
        print_json(
            {
                "planned": [_planned_json(each, call) for each in result.planned],
                "held": [_planned_json(each, call) for each in result.held],
            }
        )
        return
    _show("已放入发件箱" if not dry_run else "将会提醒", result.planned, call)
    _show("暂存至下一工作时间", result.held, call)


def _planned_json(planned: Planned, call: Call) -> Json:
    return {
        "recipient": planned.recipient,
        "channel": planned.channel,
        "kind": planned.kind,
        "numbers": list(planned.numbers),
        "reason": planned.reason,
        "send_after": moment(planned.send_after, call.office.rules.calendar),
    }


def _show(title: str, planned: Sequence[Planned], call: Call) -> None:
    if planned:
        rows = [(each.recipient, each.channel, len(each.numbers), each.reason) for each in planned]
        print_table(("接收人", "渠道", "项数", "原因"), rows, title)
    print_text(f"{title}：{len(planned)} 条")


@click.command()
@click.pass_obj
def deliver(call: Call) -> None:
    """发送发件箱中到时的消息。"""
    touched: list[int] = []
    counts = vars(delivering.deliver(call.office, call.clock, touched.append))
    carried = inspect.messages_by_id(call.office, touched)
    if call.json:
        messages = [
            {
                "id": each.id,
                "recipient": each.recipient,
                "channel": each.channel,
                "state": each.state,
                "error": each.error,
            }
            for each in carried
        ]
        print_json({**counts, "messages": messages})
        return
    rows = [(each.serial, each.recipient, each.channel, each.state, each.error) for each in carried]
    print_table(("编号", "接收人", "渠道", "状态", "说明"), rows)
    words = f"已受理 {counts['accepted']}，失败 {counts['failed']}，结果不明 {counts['unknown']}"
    print_text(f"{words}，待发 {counts['pending']}")


@click.command()
@click.option("--all", "everything", is_flag=True, help="各渠道的消息，不只模拟收件箱。")
@click.pass_obj
def inbox(call: Call, everything: bool) -> None:
    """看模拟收件箱：真正启用渠道前，本会发出的消息。"""
    found = inspect.list_messages(call.office, channel=None if everything else SANDBOX)
    if call.json:
        messages = [
            {
                "serial": each.serial,
                "recipient": each.recipient,
                "channel": each.channel,
                "kind": each.kind,
                "state": each.state,
                "reason": each.reason,
                "text": each.text,
            }
            for each in found
        ]
        print_json({"messages": messages})
        return
    for each in reversed(found):
        print_text(f"── {each.serial}　{each.recipient}　{each.channel}　{each.state}\n{each.text}\n")


@click.command()
@click.option("--probe", metavar="名称", help="只运行一种核查，如 website_column。")
@click.pass_obj
def check(call: Call, probe: str | None) -> None:
    """运行到时的自动核查，读取到时的业务系统数据库；所见只作佐证，销号由人决定（规定由系统核验的类别除外）。"""
    known = [each.name for each in call.office.probes]
    if probe is not None and probe not in known:
        raise click.BadParameter(f"没有名为 {probe} 的核查，可用：{'、'.join(known)}", param_hint="--probe")
    if probe is None:
        feed_databases.take_in_due(call.office, call.clock)
        for state in feed_databases.list_databases(call.office):
            if state.run and state.run.error:
                print_note(state.run.error)
    seen = observe.observe(call.office, call.clock, probe_name=probe)
    if call.json:
        checks = [
            {
                "number": each.number,
                "probe": each.probe,
                "verdict": each.verdict,
                "evidence": dict(each.evidence),
                "checked_at": moment(each.checked_at, call.office.rules.calendar),
            }
            for each in seen
        ]
        print_json({"checks": checks})
        return
    if not seen:
        print_text("没有到时的核查。事项读入一天之后才开始核查；要现在就查某项，用 rectify recheck 编号")
        return
    rows = [(each.number, Verdict(each.verdict).chinese, each.evidence.get("summary", "")) for each in seen]
    print_table(("编号", "结论", "所见"), rows)
