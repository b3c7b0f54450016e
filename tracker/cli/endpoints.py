"""`rectify endpoints`: the addresses and channels by which messages leave, how they are, and what a person
may do about it.

Must never print an address: its masked hint only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from tracker.cli.app import Call, Number
from tracker.cli.output import print_json, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.rendering.words import CHANNELS
from tracker.services import endpoints as service
from tracker.services.endpoints import EndpointHealth
from tracker.store.endpoints import Endpoint


@click.group()
def endpoints() -> None:
    """接收地址：每个群机器人、号码、邮箱是否正常，停用与恢复。"""


@endpoints.command("list")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    metavar="个数",
    help="最多列出多少个。",
)
@click.pass_obj
def endpoints_list(call: Call, limit: int) -> None:
    """列出发送过的接收地址，有问题的在前；号码和密钥已隐去。"""
    _print_endpoints(call, service.list_endpoints(call.office, limit=limit))


@endpoints.command("disable")
@click.argument("number", type=Number(), metavar="地址序号")
@click.option("--by", required=True, metavar="办理人", help="谁停用的。")
@click.option("--reason", default="", metavar="理由", help="为什么停用。")
@click.pass_obj
def endpoints_disable(call: Call, number: int, by: str, reason: str) -> None:
    """停用一个地址；在等待的消息改由其他渠道发出，没有的进入收件箱。"""
    _print_endpoints(call, [service.disable(call.office, number, by=by, reason=reason, now=call.now)])


@endpoints.command("enable")
@click.argument("number", type=Number(), metavar="地址序号")
@click.option("--by", required=True, metavar="办理人", help="谁恢复的。")
@click.pass_obj
def endpoints_enable(call: Call, number: int, by: str) -> None:
    """恢复一个停用的地址。"""
    _print_endpoints(call, [service.enable(call.office, number, by=by, now=call.now)])


@endpoints.command("resume")
@click.argument("channel", metavar="渠道")
@click.option("--by", required=True, metavar="办理人", help="谁恢复的。")
@click.pass_obj
def endpoints_resume(call: Call, channel: str, by: str) -> None:
    """让暂停的渠道立即恢复，如密码改好、余额充好之后。"""
    service.resume(call.office, channel, by=by, now=call.now)
    if call.json:
        print_json({"resumed": channel})
    else:
        print_text(f"渠道 {CHANNELS.get(channel, channel)} 已恢复")


def _print_endpoints(call: Call, found: Sequence[EndpointHealth]) -> None:
    channels = service.list_channels(call.office, now=call.now)
    resting = [(each.name, each.pause) for each in channels if each.pause]
    if call.json:
        paused = [
            {
                "channel": name,
                "until": moment(pause.until, call.office.rules.calendar),
                "reason": pause.reason,
            }
            for name, pause in resting
        ]
        print_json({"endpoints": [_endpoint_json(call, each) for each in found], "resting": paused})
        return
    titles = ("序号", "渠道", "地址", "涉及", "待发", "状态", "最近受理")
    print_table(titles, [_endpoint_row(call, each) for each in found])
    for name, pause in resting:
        print_text(f"渠道 {name} 暂停至 {_told(call, pause.until)}：{pause.reason}")


def _endpoint_row(call: Call, health: EndpointHealth) -> Sequence[object]:
    endpoint = health.endpoint
    return (
        endpoint.id,
        endpoint.channel,
        endpoint.hint,
        "、".join(health.holders),
        health.waiting,
        _state(call, endpoint),
        _told(call, endpoint.accepted_at),
    )


def _state(call: Call, endpoint: Endpoint) -> str:
    if endpoint.disabled_at:
        by = endpoint.disabled_by or "对方拒收，自动"
        return f"{_told(call, endpoint.disabled_at)} {by}停用：{endpoint.reason}"
    if endpoint.failing_since:
        return f"{_told(call, endpoint.failing_since)} 起不成功 {endpoint.failures} 次：{endpoint.last_error}"
    return "正常"


def _told(call: Call, at: datetime | None) -> str:
    return f"{call.office.rules.calendar.local(at):%Y-%m-%d %H:%M}" if at else ""


def _endpoint_json(call: Call, health: EndpointHealth) -> Json:
    endpoint, calendar = health.endpoint, call.office.rules.calendar
    return {
        "id": endpoint.id,
        "channel": endpoint.channel,
        "hint": endpoint.hint,
        "holders": list(health.holders),
        "waiting": health.waiting,
        "disabled_at": moment(endpoint.disabled_at, calendar),
        "disabled_by": endpoint.disabled_by,
        "reason": endpoint.reason,
        "failing_since": moment(endpoint.failing_since, calendar),
        "failures": endpoint.failures,
        "last_error": endpoint.last_error,
        "tried_at": moment(endpoint.tried_at, calendar),
        "accepted_at": moment(endpoint.accepted_at, calendar),
    }
