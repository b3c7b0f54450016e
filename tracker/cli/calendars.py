"""`rectify calendars`: addresses of deadline calendars. Must never print an address but when it is made."""

from __future__ import annotations

import click

from tracker.cli.app import Call, Number
from tracker.cli.intake import operator
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.services import calendars as service
from tracker.store.calendars import CalendarFeed

_BY = click.option("--by", metavar="经办人", help="经办人；不写则为操作系统账号。")


@click.group()
def calendars() -> None:
    """手机日历订阅整改时限的地址（iCalendar）。"""


@calendars.command("issue")
@click.argument("unit", metavar="单位")
@click.option("--person", metavar="姓名", help="此人担任联络员或负责人的各单位的时限；不写则为这个单位的。")
@_BY
@click.pass_obj
def calendars_issue(call: Call, unit: str, person: str | None, by: str | None) -> None:
    """签发一个地址；只显示这一次，知道它的人都能看到这些时限。"""
    address, made = service.issue(call.office, unit, by=by or operator(), now=call.now, person=person)
    if call.json:
        print_json({"address": address, **_calendar_json(call, made)})
        return
    print_text(address)
    print_note(f"日历 {made.id}：请在手机日历中“订阅”以上地址；停用：rectify calendars revoke {made.id}")


@calendars.command("list")
@click.pass_obj
def calendars_list(call: Call) -> None:
    """列出签发过的日历，最新的在前；地址本身不显示。"""
    found = [_calendar_json(call, each) for each in service.list_calendars(call.office)]
    if call.json:
        print_json({"calendars": found})
        return
    print_table(
        ("编号", "单位", "姓名", "签发", "签发人", "停用", "停用人"), [tuple(each.values()) for each in found]
    )


@calendars.command("revoke")
@click.argument("number", type=Number(), metavar="日历编号")
@_BY
@click.pass_obj
def calendars_revoke(call: Call, number: int, by: str | None) -> None:
    """停用一个地址，立即生效。"""
    service.revoke(call.office, number, by=by or operator(), now=call.now)
    if call.json:
        print_json({"revoked": number})
    else:
        print_text(f"已停用日历 {number}")


def _calendar_json(call: Call, feed: CalendarFeed) -> Json:
    calendar = call.office.rules.calendar
    return {
        "id": feed.id,
        "unit": feed.unit,
        "person": feed.person,
        "created_at": moment(feed.created_at, calendar),
        "created_by": feed.created_by,
        "revoked_at": moment(feed.revoked_at, calendar),
        "revoked_by": feed.revoked_by,
    }
