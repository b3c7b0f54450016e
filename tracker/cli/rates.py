"""`rectify rates`: the rates, the ranking of units by them, and their publications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import click

from tracker.answers.reports import rates_json
from tracker.cli.app import Call, Moment, Number
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.ranking import Ranked
from tracker.domain.rates import EMPTY, Rate, RateRow, total, trim
from tracker.rendering.contract import Json, detailed_row_json, moment, row_json
from tracker.services import publishing, report
from tracker.services.publishing import Publication
from tracker.services.report import Ranking
from tracker.store.rates import By

_COLUMNS = ("整改率", "按期整改率", "逾期", "未完成", "曾退回", "反弹", "整改天数中位数")


@click.group(invoke_without_command=True)
@click.option(
    "--by",
    type=click.Choice([by.value for by in By]),
    default=By.GROUP.value,
    show_default=True,
    help="按什么分行；末两项为印发季度、印发月份。",
)
@click.option("--as-of", type=Moment(), metavar="时刻", help="按当时的状态计算。")
@click.option("--rank", is_flag=True, help="责任单位分市直、各区排名；并列的名次相同。")
@click.pass_context
def rates(ctx: click.Context, by: str, as_of: datetime | None, rank: bool) -> None:
    """整改率与按期整改率，附分子、分母。"""
    call: Call = ctx.obj
    if ctx.invoked_subcommand is not None:
        return
    if rank:
        _print_ranking(call, report.ranking(call.office, now=call.now, as_of=as_of), as_of or call.now)
        return
    table = report.detailed_table(call.office, By(by), now=call.now, as_of=as_of)
    if call.json:
        print_json(rates_json(table, call.office.rules.calendar))
        return
    lines = [(row.key, *_cells(row, table.median_days.get(row.key))) for row in table.rows]
    lines.append((table.total.key, *_cells(table.total, table.overall_days)))
    print_table((By(by).chinese, *_COLUMNS), lines)
    _print_moment(call, table.as_of)


@rates.command()
@click.option("--title", required=True, metavar="标题", help="如“第三季度整改情况”。")
@click.option("--by", required=True, metavar="发布人", help="谁发布的。")
@click.option("--as-of", type=Moment(), metavar="时刻", help="按当时的状态计算；不写则为现在。")
@click.option("--corrects", type=Number(), metavar="序号", help="更正哪一次发布；原来的一次仍保留。")
@click.option("--reason", metavar="原因", help="更正的原因。")
@click.pass_obj
def publish(
    call: Call, *, title: str, by: str, as_of: datetime | None, corrects: int | None, reason: str | None
) -> None:
    """发布整改率：冻结这一时刻的各项数字，此后不再改动。"""
    made = publishing.publish(
        call.office, title, by=by, now=call.now, as_of=as_of, corrects=corrects, reason=reason
    )
    _print_publications(call, [made], key="snapshot")


@rates.command()
@click.argument("number", required=False, type=Number(), metavar="[序号]")
@click.option("--by", type=click.Choice([by.value for by in publishing.CUTS]), default=By.GROUP.value,
              show_default=True, help="按什么分行。")  # fmt: skip
@click.pass_obj
def snapshots(call: Call, number: int | None, by: str) -> None:
    """列出历次发布；写明序号的，与更正它的、它所更正的并列显示。"""
    found = publishing.publications(call.office)
    if number is not None:
        publishing.publication(call.office, number)
        found = publishing.family(found, number)
    _print_publications(call, found)
    if number is not None and not call.json:
        _print_side_by_side(found, By(by))


def _print_ranking(call: Call, rankings: Sequence[Ranking], as_of: datetime) -> None:
    if call.json:
        units = [(each.group, ranked) for each in rankings for ranked in each.units]
        whole = total([ranked.row for _, ranked in units])
        print_json(
            {
                "as_of": moment(as_of, call.office.rules.calendar),
                "total": row_json(whole),
                "rows": [_ranked_json(group, ranked) for group, ranked in units],
            }
        )
        return
    for each in rankings:
        lines = [
            (ranked.place or EMPTY, ranked.row.key, _words(ranked.row.rectified),
             ranked.unranked.chinese if ranked.unranked else "")
            for ranked in each.units
        ]  # fmt: skip
        print_table(("名次", "责任单位", "整改率", "说明"), lines, title=each.group)
    _print_moment(call, as_of)


def _ranked_json(group: str, ranked: Ranked) -> Json:
    unranked = ranked.unranked.value if ranked.unranked else None
    return row_json(ranked.row) | {"group": group, "rank": ranked.place, "unranked": unranked}


def _print_publications(call: Call, found: Sequence[Publication], key: str = "snapshots") -> None:
    calendar = call.office.rules.calendar
    if call.json:
        documents = [_publication_json(call, each) for each in found]
        print_json({key: documents[0] if key == "snapshot" else documents})
        return
    lines = [
        (
            each.stored.id,
            each.stored.title,
            f"{calendar.local(each.stored.as_of):%Y-%m-%d %H:%M}",
            _words(each.total.row.rectified),
            f"{each.stored.published_by} {calendar.local(each.stored.published_at):%Y-%m-%d %H:%M}",
            _remark(each),
        )
        for each in found
    ]
    print_table(("序号", "标题", "截至", "整改率", "发布", "说明"), lines)


def _remark(found: Publication) -> str:
    stored = found.stored
    parts = [
        "" if found.is_sound else "内容与发布时不一致，数据库中的这条记录已被改动，请查明",
        f"更正第 {stored.corrects} 号：{stored.reason}" if stored.corrects else "",
        f"已由第 {'、'.join(map(str, found.corrected_by))} 号更正" if found.corrected_by else "",
    ]
    return "；".join(part for part in parts if part)


def _publication_json(call: Call, found: Publication) -> Json:
    stored, calendar = found.stored, call.office.rules.calendar
    tables = {by.value: [_published_json(each) for each in found.rows(by)] for by in publishing.CUTS}
    return {
        "id": stored.id,
        "title": stored.title,
        "as_of": moment(stored.as_of, calendar),
        "published_at": moment(stored.published_at, calendar),
        "published_by": stored.published_by,
        "corrects": stored.corrects,
        "reason": stored.reason,
        "corrected_by": list(found.corrected_by),
        "items": stored.items,
        "list_sha256": stored.list_digest,
        "sound": found.is_sound,
        "total": detailed_row_json(found.total.row, found.total.median_days),
        "tables": tables,
    }


def _published_json(line: publishing.Line) -> Json:
    return detailed_row_json(line.row, line.median_days) | {"rank": line.place, "unranked": line.unranked}


def _print_side_by_side(found: Sequence[Publication], by: By) -> None:
    """One column for each publication; a row that one of them lacks has a dash there."""
    columns = [{line.row.key: line.row for line in each.rows(by)} for each in found]
    keys = dict.fromkeys(key for column in columns for key in column)
    lines: list[tuple[str, ...]] = [
        (key, *(_words(column[key].rectified) if key in column else EMPTY for column in columns))
        for key in keys
    ]
    lines.append(("合计", *(_words(each.total.row.rectified) for each in found)))
    print_table((by.chinese, *(f"第 {each.stored.id} 号" for each in found)), lines)


def _print_moment(call: Call, as_of: datetime) -> None:
    print_text(f"截至 {call.office.rules.calendar.local(as_of):%Y-%m-%d %H:%M}")


def _cells(row: RateRow, median_days: Decimal | None) -> tuple[object, ...]:
    days = EMPTY if median_days is None else trim(median_days)
    return (
        _words(row.rectified), _words(row.on_time), row.overdue, row.open, row.returned, row.recurred, days
    )  # fmt: skip


def _words(rate: Rate) -> str:
    return f"{rate.percent}（{rate.numerator}/{rate.denominator}）" if rate.denominator else rate.percent
