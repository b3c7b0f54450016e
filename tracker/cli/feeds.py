"""`rectify feed`: exports of other systems in, what became of items out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tracker.answers.feeds import fed_json
from tracker.cli.app import Call, Number
from tracker.cli.intake import operator
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.domain.exports import Doubt
from tracker.services import feed_accounts, feed_cases, feed_databases, inspect
from tracker.services.feed_history import cases_behind
from tracker.services.feeding import Fed

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="文件")
_BY = click.option("--by", metavar="经办人", help="经办人；不写则为操作系统账号。")


@click.group()
def feed() -> None:
    """读入其他系统的导出：办件、新媒体账号。"""


@feed.command("cases")
@click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[文件]", required=False
)
@click.option("--from", "database", metavar="名称", help="不读文件，直接读设置中所列的业务系统数据库。")
@click.option("--table", default="", metavar="表", help="文件是数据库、其中有几个办件表时，读哪一个。")
@click.option(
    "--source",
    default=feed_cases.SOURCE,
    show_default=True,
    metavar="来源",
    help="导出自哪个系统；同一来源的各次导出互相比较。直接读数据库的，来源即其名称。",
)
@_BY
@click.pass_obj
def cases(
    call: Call, file: Path | None, database: str | None, table: str, source: str, by: str | None
) -> None:
    """读入办件：导出的 xlsx、csv 或数据库文件，或直接读业务系统的数据库。

    立项、更新件数、列出已无问题办件的事项。同一文件读两次不起变化。
    """
    by = by or operator()
    if file is not None and database is None:
        with file.open("rb") as stream:
            more = {"source": source, "table": table}
            fed = feed_cases.take_in(call.office, stream, file.name, by=by, now=call.now, **more)
    elif database is not None and file is None:
        if table or source != feed_cases.SOURCE:
            raise click.UsageError(
                "--from 不与 --table、--source 同用：读哪个表写在 feeds.toml，来源即其名称"
            )
        fed = feed_databases.take_in_database(call.office, database, by=by, now=call.now)
    else:
        raise click.UsageError("请写明文件，或用 --from 写明数据库，二者取一")
    _tell(call, fed)


@feed.command("accounts")
@_FILE
@_BY
@click.pass_obj
def accounts(call: Call, file: Path, by: str | None) -> None:
    """读入新媒体账号表（xlsx、csv）：登记、立项、列出已恢复更新的事项。同一文件读两次不起变化。"""
    with file.open("rb") as stream:
        fed = feed_accounts.take_in(call.office, stream, file.name, by=by or operator(), now=call.now)
    _tell(call, fed)


@feed.command("confirm")
@click.argument("feed_id", type=click.IntRange(1, 2**31 - 1), metavar="导出序号")
@click.option("--by", required=True, metavar="经办人", help="谁确认的，记入经过。")
@click.pass_obj
def confirm(call: Call, feed_id: int, by: str) -> None:
    """确认一次存疑的办件导出是完整的：其中没有的办件即视为已无问题。"""
    _tell(call, feed_cases.confirm(call.office, feed_id, by=by, now=call.now))


@feed.command("trace")
@click.argument("number", type=Number(), metavar="编号")
@click.pass_obj
def trace(call: Call, number: int) -> None:
    """一个事项所计的办件在哪些导出的哪些行；编号只留摘要，可与业务系统核对。"""
    item = inspect.open_file(call.office, number, looks=0).item
    behind = cases_behind(call.office, item)
    if call.json:
        print_json({"number": number, "cases": [asdict(each) for each in behind]})
        return
    rows = [(each.source, each.first_feed_id, each.feed_id, each.row, each.digest[:16]) for each in behind]
    print_table(("来源", "最早的导出", "最近的导出", "行", "编号摘要"), rows)
    print_text(f"第 {number} 号，{len(behind)} 件")


def _tell(call: Call, fed: Fed) -> None:
    if call.json:
        print_json(fed_json(fed, call.now, call.office.rules.calendar))
        return
    if fed.already:
        print_text(f"{fed.feed.filename}：此前已读入（序号 {fed.feed.id}），不作改动。")
        return
    outcome = fed.outcome
    for words, some in (("新立", outcome.opened), ("更新", outcome.updated), ("已无问题", outcome.cleared)):
        if some:
            rows = [(item.number, item.unit, item.text, item.quantity) for item in some]
            print_table(("编号", "单位", "问题", "数量"), rows, title=words)
    for refused in outcome.refused:
        print_note(f"已无问题，但系统不能销号，请人办理：{refused.why}")
    if outcome.doubtful:
        lines = [
            (each.item.number, each.item.unit, each.left, "；".join(each.why)) for each in outcome.doubtful
        ]
        print_table(("编号", "单位", "导出中还有", "存疑的原因"), lines, title="存疑，未销减")
        print_note(f"确认导出完整后运行：rectify feed confirm {fed.feed.id} --by 经办人")
    if fed.feed.rejected_rows:
        print_table(("行", "原因"), fed.rejected, title=f"没有采用的 {fed.feed.rejected_rows} 行")
    for doubt in fed.feed.doubts:
        print_note(f"{fed.feed.filename}：{Doubt(doubt).chinese}")
    if fed.new_units:
        print_note(f"新增单位待确认：{'、'.join(fed.new_units)}")
    print_text(
        f"序号 {fed.feed.id}，共 {fed.feed.rows} 行：新立 {len(outcome.opened)} 项，"
        f"更新 {len(outcome.updated)} 项，已无问题 {len(outcome.cleared)} 项，存疑 {len(outcome.doubtful)} 项"
    )
