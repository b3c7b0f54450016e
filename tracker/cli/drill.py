"""`rectify drill`: a span of days played on a copy, before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from rich.progress import Progress

from tracker.cli.app import Call
from tracker.cli.output import console, print_json, print_note, print_table, print_text
from tracker.domain.calendar import WorkCalendar
from tracker.rendering.contract import Json, moment
from tracker.rendering.sheets import SUFFIXES, write_sheet
from tracker.rendering.words import CHANNELS, DELIVERY, KINDS
from tracker.services.drill import Drill, Rehearsed
from tracker.services.drill import drill as play
from tracker.services.rehearsal import Timetable
from tracker.store.outbox import MessageState

_HEADINGS = ("时间", "接收人", "渠道", "类别", "编号", "项数", "原因", "状态")
_STATES = {**DELIVERY, MessageState.ACCEPTED.value: "将发出"}  # nobody has accepted anything yet
_DAY = click.DateTime(["%Y-%m-%d"])
_HOUR = click.DateTime(["%H:%M"])


@click.command()
@click.option("--from", "first", type=_DAY, required=True, metavar="日期", help="开始日期。")
@click.option("--to", "last", type=_DAY, required=True, metavar="日期", help="结束日期（含）。")
@click.option(
    "--at",
    "hours",
    type=_HOUR,
    multiple=True,
    metavar="时刻",
    help="假定调度程序每天只在这些时刻运行，如 09:00，可写多个；不写则一直运行。",
)
@click.option("--down", type=_DAY, multiple=True, metavar="日期", help="假定这一天调度程序停机，可写多个。")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="文件", help="另写为 csv 或 xlsx 文件。"
)
@click.pass_obj
def drill(
    call: Call,
    first: datetime,
    last: datetime,
    hours: tuple[datetime, ...],
    down: tuple[datetime, ...],
    out: Path | None,
) -> None:
    """演练：在数据库的副本上走过一段日子，看谁会在何时、经何渠道、因何收到什么。不外发，不改动数据库。"""
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise click.BadParameter("文件名须以 .csv 或 .xlsx 结尾", param_hint="--out")
    timetable = Timetable([each.time() for each in hours], [each.date() for each in down])
    played = _play(call, first, last, timetable)
    calendar = call.office.rules.calendar
    if out is not None:
        write_sheet(out, _HEADINGS, (_row(each, calendar) for each in played.messages))
        print_note(f"已写出 {out}")
    if calendar.is_provisional(played.last):
        print_note(f"节假日安排只公布到 {calendar.published_through}，此后的日子按周末和法定节日推算。")
    if call.json:
        print_json(drill_json(played, calendar))
    else:
        _show(played, calendar)


def _play(call: Call, first: datetime, last: datetime, timetable: Timetable) -> Drill:
    with Progress(console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("演练", total=max(1, (last - first).days + 1))
        return play(
            call.office,
            first=first.date(),
            last=last.date(),
            now=call.now,
            timetable=timetable,
            reached=lambda day: bar.update(task, completed=max(0, (day - first.date()).days)),
        )


def drill_json(played: Drill, calendar: WorkCalendar) -> Json:
    """The answer of `drill`; moments with the office's offset, everything in order of time."""
    return {
        "from": played.first.isoformat(),
        "to": played.last.isoformat(),
        "messages": [_message_json(each, calendar) for each in played.messages],
        "days": [
            {"date": day.on.isoformat(), "working": day.working, "held": day.held, "messages": day.messages}
            for day in played.days
        ],
        "unreachable": [
            {"unit": each.unit, "numbers": list(each.numbers), "why": each.why} for each in played.unreachable
        ],
        "summary": summary_json(played),
    }


def summary_json(played: Drill) -> Json:
    """The drill in figures: messages by kind, channel and state, and what each recipient gets."""
    told = [each for each in played.messages if each.is_told]
    of_items = played.items_by_recipient()
    return {
        "messages": len(told),
        "items": len({number for each in told for number in each.numbers}),
        "carried_over": sum(each.carried_over for each in told),
        "kinds": played.count("kind"),
        "channels": played.count("channel"),
        "states": played.count("state"),
        "recipients": [
            {"recipient": recipient, "messages": count, "items": of_items[recipient]}
            for recipient, count in played.count("recipient").items()
        ],
        "working_days": sum(day.working for day in played.days),
        "held_days": [day.on.isoformat() for day in played.days if day.held],
    }


def _message_json(each: Rehearsed, calendar: WorkCalendar) -> Json:
    return {
        "at": moment(each.at, calendar),
        "recipient": each.recipient,
        "channel": each.channel,
        "kind": each.kind,
        "numbers": list(each.numbers),
        "reason": each.reason,
        "state": each.state,
        "error": each.error,
        "carried_over": each.carried_over,
        "text": each.text,
    }


def _row(each: Rehearsed, calendar: WorkCalendar) -> Sequence[str | int]:
    state = _STATES[each.state] + ("（演练前已待发）" if each.carried_over else "")
    return (
        f"{calendar.local(each.at):%Y-%m-%d %H:%M}",
        each.recipient,
        CHANNELS.get(each.channel, each.channel),
        KINDS[each.kind],
        "、".join(map(str, each.numbers)),
        len(each.numbers),
        each.reason,
        f"{state}：{each.error}" if each.error else state,
    )


def _show(played: Drill, calendar: WorkCalendar) -> None:
    print_table(_HEADINGS, (_row(each, calendar) for each in played.messages))
    days = [
        (day.on, "工作日" if day.working else "休息日", day.messages, "有到时的消息暂存" if day.held else "")
        for day in played.days
        if day.messages or day.held
    ]
    print_table(("日期", "", "消息", "说明"), days, "按日")
    of_items = played.items_by_recipient()
    people = [(who, count, of_items[who]) for who, count in played.count("recipient").items()]
    print_table(("接收人", "消息", "事项"), people, "按接收人")
    if played.unreachable:
        rows = [(each.unit, len(each.numbers), each.why) for each in played.unreachable]
        print_table(("单位", "事项", "原因"), rows, "联系不上的单位")
    told = sum(each.is_told for each in played.messages)
    print_text(f"演练 {played.first} 至 {played.last}：消息 {told} 条，接收人 {len(people)} 个。")
