"""`rectify bulletins`, `hand-out` and `undo`: the ledger of imports, handing one out, and taking one back."""

from __future__ import annotations

import click

from tracker.cli.app import Call, Number
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.calendar import WorkCalendar
from tracker.rendering.contract import Json, day, moment
from tracker.services import handout, inspect
from tracker.services.undo import undo as take_back
from tracker.store.bulletins import StoredBulletin


@click.command()
@click.pass_obj
def bulletins(call: Call) -> None:
    """列出已读入的通报：何时由谁读入，结果如何，是否已撤回。"""
    found, calendar = inspect.list_bulletins(call.office), call.office.rules.calendar
    if call.json:
        print_json({"bulletins": [bulletin_json(each, calendar) for each in found]})
        return
    rows = [
        (
            each.id,
            each.title,
            each.issued_on,
            each.counts.get("new", 0) + each.counts.get("reappeared", 0),
            f"{calendar.local(each.imported_at):%Y-%m-%d %H:%M} {each.imported_by}",
            f"{calendar.local(each.undone_at):%Y-%m-%d} {each.undone_by}" if each.undone_at else "",
        )
        for each in found
    ]
    print_table(("序号", "标题", "印发日期", "新增事项", "读入", "撤回"), rows)


@click.command()
@click.argument("bulletin", type=Number(), metavar="通报序号")
@click.option("--by", required=True, metavar="经办人", help="谁撤回的，记入台账。")
@click.option("--reason", required=True, metavar="理由", help="为何撤回，记入台账。")
@click.pass_obj
def undo(call: Call, bulletin: int, by: str, reason: str) -> None:
    """撤回一次读入；其事项已有人办理、已发提醒的不能撤回。编号不再使用，文件可重新读入。"""
    stored = take_back(call.office, bulletin, by=by, reason=reason, now=call.now)
    if call.json:
        print_json({"bulletin": bulletin_json(stored, call.office.rules.calendar)})
    else:
        print_text(f"已撤回《{stored.title}》的读入。")


@click.command("hand-out")
@click.argument("bulletin", type=Number(), required=False, metavar="[通报序号]")
@click.option("--by", required=True, metavar="经办人", help="谁交办的；须是审批局的人。")
@click.option("--dry-run", is_flag=True, help="只看会通知谁，不写入发件箱。")
@click.pass_obj
def hand_out(call: Call, bulletin: int | None, by: str, dry_run: bool) -> None:
    """交办一份通报的问题清单：各责任单位的每位联络员收到一条通知；再次运行只通知此前没有通知到的。"""
    done = handout.hand_out(call.office, bulletin, by=by, now=call.now, dry_run=dry_run)
    if call.json:
        print_json(
            {"told": list(done.told), "without_contact": list(done.without_contact), "numbers": done.numbers}
        )
        return
    if done.told:
        print_table(("接收人",), [(who,) for who in done.told])
    print_text(
        f"《{done.bulletin.title}》{done.numbers} 项，{'将' if dry_run else '已'}通知 {len(done.told)} 人"
    )
    if done.without_contact:
        print_text(f"没有登记联络员的单位：{'、'.join(done.without_contact)}")


def bulletin_json(stored: StoredBulletin, calendar: WorkCalendar) -> Json:
    """One row of the ledger; the `undone_…` are null while the import stands."""
    return {
        "id": stored.id,
        "title": stored.title,
        "issued_on": day(stored.issued_on),
        "file": stored.filename,
        "sha256": stored.sha256,
        "counts": dict(stored.counts),
        "corrections": stored.corrections.get("corrections", []),
        "imported_at": moment(stored.imported_at, calendar),
        "imported_by": stored.imported_by,
        "undone_at": moment(stored.undone_at, calendar),
        "undone_by": stored.undone_by,
        "undone_reason": stored.undone_reason,
    }
