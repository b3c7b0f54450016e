"""`rectify demo`: what `make run` starts, so that a newcomer sees the whole road within a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from tracker.cli.app import Call
from tracker.cli.output import print_note, print_table, print_text
from tracker.cli.running import listening
from tracker.clock import standing_clock
from tracker.resources import shipped
from tracker.services import accounts, contacts, inspect, register, report
from tracker.services.deliver import deliver
from tracker.services.register import Source
from tracker.services.remind import remind
from tracker.store.rates import By

_ACCOUNTS = (("经办", "可报送整改"), ("复核", "可核验销号；报送人与核验人须是两个人"))
_EXAMPLE_AGE = 8  # working days: past the deadlines of 1 and 5, before those of 10, 15 and 30


@click.command()
@click.argument("bulletin", required=False, type=click.Path(path_type=Path), metavar="[通报文件]")
@click.option("--issued-on", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="印发日期。")
@listening
@click.pass_obj
def demo(call: Call, bulletin: Path | None, issued_on: datetime | None, host: str, port: int) -> None:
    """试用：读入示例通报（或您的通报），建两个账号，打开网页与调度。"""
    from tracker.scheduling import in_background
    from tracker.web.server import listen, run_pages

    listener = listen(host, port)  # first: a second `make run` must not touch the one that runs
    _take_in(call, bulletin, issued_on)
    _send_once(call)
    print_text(f"\n网页　http://{host}:{port}/")
    for login, what in _ACCOUNTS:
        password = accounts.new_password()
        accounts.save_account(call.office, login, password, now=call.now)
        print_text(f"账号　{login}　密码　{password}　（{what}）")
    _show_rates(call)
    print_note("每次运行 demo 都会为这两个账号换新密码。按 Ctrl+C 停止。")
    with listener, in_background(call.office, call.clock):
        run_pages(call.office, call.clock, listener)


def _take_in(call: Call, bulletin: Path | None, issued_on: datetime | None) -> None:
    if bulletin is None and inspect.list_bulletins(call.office):
        print_text("继续使用已有的数据库。")
        return
    source = _example(call) if bulletin is None else Source(bulletin.read_bytes(), bulletin.name)
    if issued_on is not None:
        source = replace(source, issued_on=issued_on.date())
    preview = register.commit(call.office, source, by="试用", now=call.now)
    counts, title = preview.counts, preview.reading.title
    print_text(f"已读入《{title}》：整改事项 {len(preview.drafts)} 项，新增 {counts['new']} 项")
    print_text(f"印发日期按 {preview.reading.issued_on} 计算")
    for words, name in (("未写明单位", "unassigned"), ("未能识别", "unread")):
        if counts[name]:
            print_text(f"{words} {counts[name]} 处，运行 rectify import --dry-run 查看")


def _example(call: Call) -> Source:
    """The shipped bulletin with its contacts, issued so lately that some items are late and some are not."""
    folder, calendar = shipped("templates") / "examples", call.office.rules.calendar
    people, text = folder / "contacts.csv", folder / "bulletin.txt"
    contacts.import_contacts(call.office, people.read_bytes(), people.name, now=call.now)
    issued_on = calendar.add_working_days(calendar.today(call.now), -_EXAMPLE_AGE)
    return Source(text.read_bytes(), text.name, issued_on)


def _send_once(call: Call) -> None:
    """Fill the inbox even at night: as of the last working hour, which is when it would have happened."""
    rules = call.office.rules
    moment = rules.reminding.last_open(call.now, rules.calendar)
    remind(call.office, now=moment)
    deliver(call.office, standing_clock(moment))


def _show_rates(call: Call) -> None:
    table = report.rate_table(call.office, By.GROUP, now=call.now)
    rows = [
        (row.key, row.rectified.percent, row.rectified.numerator, row.rectified.denominator, row.overdue)
        for row in (*table.rows, table.total)
    ]
    print_table(("组别", "整改率", "已销号", "总数", "逾期"), rows)
