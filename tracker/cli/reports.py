"""`rectify rates` and `rectify digest`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.answers.reports import digest_json, rates_json
from tracker.cli.app import Call, Moment
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.domain.periods import Week
from tracker.domain.rates import Rate
from tracker.services import documents, report, summarise
from tracker.store.rates import By

_HEADS = {By.GROUP: "组别", By.UNIT: "责任单位", By.DOMAIN: "领域", By.CLASS: "问题类别", By.BULLETIN: "通报"}


@click.command()
@click.option(
    "--by",
    type=click.Choice([by.value for by in By]),
    default=By.GROUP.value,
    show_default=True,
    help="按什么分行。",
)
@click.option("--as-of", type=Moment(), metavar="时刻", help="按当时的状态计算。")
@click.pass_obj
def rates(call: Call, by: str, as_of: datetime | None) -> None:
    """整改率与按期整改率，附分子、分母。"""
    table = report.rate_table(call.office, By(by), now=call.now, as_of=as_of)
    calendar = call.office.rules.calendar
    if call.json:
        print_json(rates_json(table, calendar))
        return
    lines = [
        (row.key, _words(row.rectified), _words(row.on_time), row.overdue, row.open)
        for row in (*table.rows, table.total)
    ]
    print_table((_HEADS[By(by)], "整改率", "按期整改率", "逾期", "未完成"), lines)
    print_text(f"截至 {calendar.local(table.as_of):%Y-%m-%d %H:%M}")


@click.command()
@click.option("--week", metavar="周次", help="如 2021-W30；不写则为本周。")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="目录", help="写出文件的目录。"
)
@click.option("--send", is_flag=True, help="冻结本期数字并发送；每期每人只发一次。")
@click.pass_obj
def digest(call: Call, week: str | None, out: Path | None, send: bool) -> None:
    """周报：文字、图表、台账。"""
    chosen = Week.parse(week) if week else None
    make = summarise.send_digest if send else summarise.compile_digest
    made = make(call.office, now=call.now, week=chosen)
    files = documents.write_files(call.office, made, out or Path("digest"), now=call.now)
    if call.json:
        answer = digest_json(made, call.office.rules.calendar)
        print_json(answer | {"sent_to": list(made.sent_to), "files": [str(file) for file in files]})
        return
    print_text(made.text)
    for file in files:
        print_note(f"已写出 {file}")
    if send:
        print_note(f"已放入发件箱：{'、'.join(made.sent_to) or '本期此前已发送，未重复'}")


def _words(rate: Rate) -> str:
    return f"{rate.percent}（{rate.numerator}/{rate.denominator}）" if rate.denominator else rate.percent
