"""`rectify links`: the one-tap links that messages carry. Must never show a token: nobody needs to see it."""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.app import Call, Number
from tracker.cli.output import print_json, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.services import links as service
from tracker.store.links import StoredLink


@click.group()
def links() -> None:
    """消息中的一键链接：发给了谁、是否使用、停用。"""


@links.command("list")
@click.option("--unit", metavar="单位", help="只列这个单位的。")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    metavar="条数",
    help="最多列出多少条。",
)
@click.pass_obj
def links_list(call: Call, unit: str | None, limit: int) -> None:
    """列出链接，最新的在前；链接地址本身不显示。"""
    found = service.list_links(call.office, unit=unit, limit=limit)
    if call.json:
        print_json({"links": [_link_json(call, each) for each in found]})
        return
    titles = ("编号", "单位", "姓名", "角色", "状态", "签发", "有效至", "使用", "停用人")
    print_table(titles, [_link_row(call, each) for each in found])
    print_text(f"共 {len(found)} 条")


@links.command("revoke")
@click.argument("numbers", nargs=-1, type=Number(), metavar="[链接编号]...")
@click.option("--unit", metavar="单位", help="这个单位的全部链接。")
@click.option("--name", metavar="姓名", help="只停用单位中这个人的，须与 --unit 同用。")
@click.option("--by", required=True, metavar="办理人", help="谁停用的。")
@click.pass_obj
def links_revoke(call: Call, numbers: tuple[int, ...], unit: str | None, name: str | None, by: str) -> None:
    """停用链接；已由这些链接进入的手机随即退出。"""
    if name is not None and unit is None:
        raise click.UsageError("--name 须与 --unit 同用")
    revoked = service.revoke(call.office, numbers, unit=unit, name=name, by=by, now=call.now)
    if call.json:
        print_json({"revoked": revoked})
    else:
        print_text(f"已停用 {len(revoked)} 条链接")


def _link_json(call: Call, link: StoredLink) -> Json:
    calendar = call.office.rules.calendar
    return {
        "id": link.id,
        "unit": link.unit,
        "name": link.name,
        "role": link.role,
        "state": link.state(call.now).value,
        "created_at": moment(link.created_at, calendar),
        "expires_at": moment(link.expires_at, calendar),
        "opened_at": moment(link.opened_at, calendar),
        "revoked_at": moment(link.revoked_at, calendar),
        "revoked_by": link.revoked_by,
    }


def _link_row(call: Call, link: StoredLink) -> tuple[object, ...]:
    def told(at: datetime | None) -> str:
        return f"{call.office.rules.calendar.local(at):%Y-%m-%d %H:%M}" if at else ""

    moments = (told(link.created_at), told(link.expires_at), told(link.opened_at))
    state = link.state(call.now).chinese
    return (link.id, link.unit, link.name, link.role, state, *moments, link.revoked_by)
