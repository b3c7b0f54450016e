"""`rectify serve`, `web`, `scheduler`, `db` and `doctor`."""

from __future__ import annotations

from collections.abc import Callable

import click

from tracker.bootstrap import open_database
from tracker.cli.app import Call
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.domain.errors import RectifyError
from tracker.services.diagnose import Finding, diagnose


def listening(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--host` and `--port`; pages listen to this machine alone unless told otherwise."""
    port = click.option(
        "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), metavar="端口"
    )
    host = click.option(
        "--host", default="127.0.0.1", show_default=True, metavar="地址", help="0.0.0.0 为对外开放。"
    )
    return host(port(command))


@click.command()
@listening
@click.pass_obj
def serve(call: Call, host: str, port: int) -> None:
    """网页与调度程序在一个进程里运行。"""
    from tracker.scheduling import in_background
    from tracker.web.server import listen, run_pages

    with listen(host, port) as listener, in_background(call.office, call.clock):
        print_note(f"网页　http://{host}:{port}/　按 Ctrl+C 停止。")
        run_pages(call.office, call.clock, listener)


@click.command()
@listening
@click.pass_obj
def web(call: Call, host: str, port: int) -> None:
    """只运行网页。"""
    from tracker.web.server import listen, run_pages

    with listen(host, port) as listener:
        print_note(f"网页　http://{host}:{port}/　按 Ctrl+C 停止。")
        run_pages(call.office, call.clock, listener)


@click.command()
@click.pass_obj
def scheduler(call: Call) -> None:
    """只运行调度程序（计时与发送）。可在多台机器上运行，不会重复。"""
    from tracker.scheduling import run_forever

    print_note("调度程序已启动，按 Ctrl+C 停止。")
    run_forever(call.office, call.clock)


@click.group("db")
def database() -> None:
    """数据库。"""


@database.command()
@click.pass_obj
def upgrade(call: Call) -> None:
    """把数据库升级到本程序的结构；请先备份。"""
    store = open_database(call.settings)
    try:
        store.upgrade()
    finally:
        store.close()
    if call.json:
        print_json({"upgraded": True})
    else:
        print_text("数据库结构已是最新。")


@click.command()
@click.pass_obj
def doctor(call: Call) -> None:
    """检查设置、渠道、日历、时钟与最近的运行。"""
    try:
        findings = diagnose(call.office, now=call.now)
    except RectifyError as error:
        findings = [Finding("config" if error.code == "bad_config" else error.code, False, error.message)]
    if call.json:
        print_json({"checks": [vars(finding) for finding in findings]})
    else:
        print_table(("检查", "", "说明"), [(f.name, "正常" if f.ok else "注意", f.detail) for f in findings])
    if findings and findings[0].name == "config" and not findings[0].ok:
        raise click.exceptions.Exit(1)
