"""`rectify digest`."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.answers.reports import digest_json, digest_lists_json
from tracker.cli.app import Call
from tracker.cli.output import print_json, print_note, print_text
from tracker.domain.digests import Period
from tracker.domain.periods import IssuePeriod, Week
from tracker.services import digest_scopes, documents, summarise
from tracker.services.digest_scopes import DigestScope
from tracker.services.summarise import Digest


@click.command()
@click.option("--week", metavar="周次", help="如 2021-W30；不写则为本周。")
@click.option("--month", metavar="月份", help="月报，如 2021-07。")
@click.option("--quarter", metavar="季度", help="季报，如 2021Q3。")
@click.option("--unit", metavar="单位", help="只看这个单位的（区只算区本级）。")
@click.option("--district", metavar="区", help="只看这个区（连同其下级单位）的。")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="目录", help="写出文件的目录。"
)
@click.option(
    "--send",
    is_flag=True,
    help="冻结本期数字并发给应收的人；写明单位或区的，只发给它的人。每期每人只发一次。",
)
@click.pass_obj
def digest(
    call: Call,
    week: str | None,
    month: str | None,
    quarter: str | None,
    unit: str | None,
    district: str | None,
    out: Path | None,
    send: bool,
) -> None:
    """周报、月报、季报：文字、图表、台账。"""
    if len([each for each in (week, month, quarter) if each]) > 1:
        raise click.UsageError("--week、--month、--quarter 只能写一个")
    if unit and district:
        raise click.UsageError("--unit、--district 只能写一个")
    period = _period(week, month, quarter)
    scope = _scope(call, unit, district)
    made = _made(call, period, scope, send=send)
    files = documents.write_files(call.office, made, out or Path("digest"), now=call.now)
    if call.json:
        answer = digest_json(made, call.office.rules.calendar) | digest_lists_json(made)
        print_json(answer | {"sent_to": list(made.sent_to), "files": [str(file) for file in files]})
        return
    print_text(made.text)
    for file in files:
        print_note(f"已写出 {file}")
    if send:
        print_note(f"已放入发件箱：{'、'.join(made.sent_to) or '本期此前已发送，未重复'}")


def _scope(call: Call, unit: str | None, district: str | None) -> DigestScope:
    if district:
        return digest_scopes.of_district(call.office, district)
    return digest_scopes.of_unit(call.office, unit) if unit else digest_scopes.WHOLE_CITY


def _made(call: Call, period: Period | None, scope: DigestScope, *, send: bool) -> Digest:
    if not send:
        return summarise.compile_digest(call.office, now=call.now, period=period, scope=scope)
    chosen = None if scope.is_city else scope  # named none: everybody's
    return summarise.send_digest(call.office, now=call.now, period=period, scope=chosen)


def _period(week: str | None, month: str | None, quarter: str | None) -> Period | None:
    if month:
        return IssuePeriod.month(month)
    if quarter:
        return IssuePeriod.quarter(quarter)
    return Week.parse(week) if week else None
