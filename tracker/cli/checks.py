"""`rectify checks` and `rectify recheck`: what the checks tell staff, and asking for another look."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tracker.cli.app import Call, Number
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.checks import Advice
from tracker.rendering.contract import Json, item_json, moment
from tracker.services import check_queue, verifying
from tracker.services.check_queue import Advised

_AT_ONCE = 500


@click.command()
@click.option("--kind", type=click.Choice([advice.value for advice in Advice]), help="只看一类；不写则全部。")
@click.pass_obj
def checks(call: Call, kind: str | None) -> None:
    """列出核查结论要人办理的事项：可以销号、建议退回、已改未报、无法核查。"""
    chosen = [Advice(kind)] if kind else list(Advice)
    found = {advice: list(_all(call, advice)) for advice in chosen}
    if call.json:
        items = [_json(each, advice, call) for advice, some in found.items() for each in some]
        counts = check_queue.count_advised(call.office, now=call.now)
        print_json({"counts": {advice.value: count for advice, count in counts.items()}, "items": items})
        return
    calendar = call.office.rules.calendar
    for advice, some in found.items():
        rows = [
            (
                each.item.number,
                each.item.unit,
                each.item.text,
                each.item.standing.state.chinese,
                f"{calendar.local(seen.at):%Y-%m-%d %H:%M}",
                seen.summary,
                seen.address,
            )
            for each in some
            if (seen := each.told or each.last)
        ]
        if rows:
            heads = ("编号", "责任单位", "问题", "状态", "核查时间", "所见", "网址")
            print_table(heads, rows, advice.chinese)
    print_text("，".join(f"{advice.chinese} {len(some)} 项" for advice, some in found.items()))


def _all(call: Call, advice: Advice) -> Iterator[Advised]:
    after, more = None, True
    while more:
        page, more = check_queue.advised(call.office, advice, now=call.now, size=_AT_ONCE, after=after)
        yield from page
        after = page[-1].item.number if page else None


def _json(each: Advised, advice: Advice, call: Call) -> Json:
    calendar = call.office.rules.calendar
    told = each.told
    return {
        "kind": advice.value,
        "item": item_json(each.item, call.now, calendar),
        "verdict": told.verdict.value if told else "unsure",
        "checked_at": moment(told.at, calendar) if told else None,
        "summary": told.summary if told else None,
        "address": told.address if told else None,
        "status": told.status if told else None,
        "sha256": told.digest or None if told else None,
        "blind": each.blind,
        "blind_summary": each.last.summary if each.last else None,
        "reason": each.reason or None,
        "asked": each.is_asked,
    }


@click.command()
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="编号...")
@click.option("--by", required=True, metavar="办理人", help="谁要求的，须是有权核验的人。")
@click.pass_obj
def recheck(call: Call, numbers: tuple[int, ...], by: str) -> None:
    """要求对事项再核查一次，由下一次 rectify check 或调度程序办理，届时重新读取网页。"""
    found = verifying.ask_again(call.office, set(numbers), by=by, now=call.now)
    if call.json:
        print_json({"items": [item_json(item, call.now, call.office.rules.calendar) for item in found]})
        return
    print_text(f"已要求再查 {len(found)} 项")
