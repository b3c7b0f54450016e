"""`rectify watch-list`, `watch-columns`, `watch-open`, `warn`: what is watched, and who is warned in time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tracker.cli.app import Call
from tracker.cli.files import read_file
from tracker.cli.intake import operator
from tracker.cli.items import print_items
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.domain.watching import Nearness
from tracker.rendering.contract import Json, day, moment
from tracker.rendering.words import NEARNESS
from tracker.services import column_register
from tracker.services import warn as warning
from tracker.services.warn import Warned
from tracker.services.watch_items import open_from_watch
from tracker.services.watched import Watched
from tracker.services.watching import survey, why
from tracker.store.watching import ACCOUNT, COLUMN

_BY = click.option("--by", metavar="经办人", help="经办人；不写则为操作系统账号。")


@click.command("watch-list")
@click.option("--state", type=click.Choice([each.value for each in Nearness]), help="只列处于这一状态的。")
@click.pass_obj
def watch_list(call: Call, state: str | None) -> None:
    """列出登记的账号、栏目：最近更新、距期限几天、是否已预警及原因，急的在前。"""
    found = [
        each for each in survey(call.office, now=call.now) if state is None or each.nearness.value == state
    ]
    if call.json:
        print_json({"watched": [watched_json(call, each) for each in found]})
        return
    rows = [
        (
            f"{each.kind}:{each.id}",
            NEARNESS[each.nearness],
            each.unit,
            each.name,
            each.resting.newest_on,
            each.idle if each.resting.newest_on else None,
            each.resting.limit_words(),
            source_words(call, each),
            why(call.office, each, call.now),
        )
        for each in found
    ]
    print_table(("代号", "状态", "单位", "名称", "最近更新", "天数", "期限", "来源", "预警情况"), rows)
    print_text(f"共 {len(found)} 个")


def source_words(call: Call, watched: Watched) -> str:
    """What told how it stands, and when."""
    if watched.source is None:
        return ""
    what = "网页" if watched.source.is_page else "导出"
    return (
        f"{call.office.rules.calendar.local(watched.source.at):%Y-%m-%d %H:%M} {what} {watched.source.name}"
    )


def watched_json(call: Call, watched: Watched) -> Json:
    """One account or column; `id` as `watch-open` takes it."""
    calendar, resting = call.office.rules.calendar, watched.resting
    return {
        "id": f"{watched.kind}:{watched.id}",
        "kind": watched.kind,
        "unit": watched.unit,
        "name": watched.name,
        "state": watched.nearness.value,
        "newest_on": day(resting.newest_on),
        "seen_on": day(resting.seen_on),
        "idle": watched.idle if resting.newest_on else None,
        "limit": resting.limit.in_words(),
        "over_on": day(resting.over_on),
        "source": watched.source
        and {
            "kind": "page" if watched.source.is_page else "export",
            "name": watched.source.name,
            "at": moment(watched.source.at, calendar),
        },
        "page": watched.page_url,
        "failing_since": moment(watched.failing_since, calendar),
        "finding": watched.finding,
        "item": watched.item_number,
        "warned": [
            {"recipient": each.recipient, "at": moment(each.warned_at, calendar), "reason": each.reason}
            for each in watched.warned
        ],
        "why": why(call.office, watched, call.now),
    }


@click.group("watch-columns")
def watch_columns() -> None:
    """登记要每日查看的网站栏目。"""


@watch_columns.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@_BY
@click.pass_obj
def columns_import(call: Call, file: Path, by: str | None) -> None:
    """读入栏目表（xlsx 或 csv，表头：单位、栏目、网址）。有一行有误则一行不写。"""
    done = column_register.import_columns(
        call.office, read_file(file), file.name, by=by or operator(), now=call.now
    )
    if call.json:
        print_json({"added": done.added, "named": done.named, "new_units": list(done.new_units)})
        return
    if done.new_units:
        print_note(f"新增单位待确认：{'、'.join(done.new_units)}")
    print_text(f"表中 {done.named} 个栏目，新登记 {done.added} 个")


@watch_columns.command("remove")
@click.argument("unit", metavar="单位")
@click.argument("column", metavar="栏目")
@_BY
@click.pass_obj
def columns_remove(call: Call, unit: str, column: str, by: str | None) -> None:
    """不再查看一个栏目。"""
    column_register.remove_column(call.office, unit, column, by=by or operator())
    if call.json:
        print_json({"removed": {"unit": unit, "column": column}})
    else:
        print_text(f"不再查看“{column}”")


class Subject(click.ParamType[tuple[str, int]]):
    """`account:3` or `column:7`, as `watch-list` shows it."""

    name = "subject"

    def convert(
        self, value: str | tuple[str, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        kind, _, number = value.partition(":")
        if kind not in {ACCOUNT, COLUMN} or not (number.isascii() and number.isdecimal()):
            self.fail(f"“{value}”不是代号，请照 watch-list 所列填写，如 column:7", param, ctx)
        return kind, min(int(number), 2**31 - 1)


@click.command("watch-open")
@click.argument("subject", type=Subject(), metavar="代号")
@click.option("--by", required=True, metavar="经办人", help="谁核实的，记入经过。")
@click.pass_obj
def watch_open(call: Call, subject: tuple[str, int], by: str) -> None:
    """把已超限的账号或栏目立为整改事项。"""
    kind, identifier = subject
    print_items(call, [open_from_watch(call.office, kind, identifier, by=by, now=call.now)])


@click.command()
@click.option("--dry-run", is_flag=True, help="只看此刻会预警谁，不写入发件箱。")
@click.pass_obj
def warn(call: Call, dry_run: bool) -> None:
    """预警快到更新期限的账号、栏目；每个工作日一次，每人一条。"""
    planned = warning.warn(call.office, now=call.now, dry_run=dry_run)
    if call.json:
        print_json({"planned": [_planned_json(call, each) for each in planned]})
        return
    _show(planned)
    print_text(f"{'将会预警' if dry_run else '已放入发件箱'}：{len(planned)} 条")


def _planned_json(call: Call, planned: Warned) -> Json:
    return {
        "recipient": planned.recipient.label,
        "reason": planned.reason,
        "about": [watched_json(call, each) for each in planned.about],
    }


def _show(planned: Sequence[Warned]) -> None:
    if planned:
        rows = [(each.recipient.label, "、".join(watched.name for watched in each.about)) for each in planned]
        print_table(("接收人", "账号、栏目"), rows)
