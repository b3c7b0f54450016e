"""`rectify tokens` and `rectify webhooks`: what other systems may do, and what they are told.

Must never print a token or a secret but when it is made.
"""

from __future__ import annotations

from datetime import datetime

import click

from tracker.cli.app import Call, Moment, Number
from tracker.cli.intake import operator
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.services import deliver as delivering
from tracker.services import inspect
from tracker.services import tokens as token_service
from tracker.services import webhooks as webhook_service
from tracker.services.tokens import Scope
from tracker.services.webhooks import Topic
from tracker.store.tokens import StoredToken
from tracker.store.webhooks import StoredWebhook

_BY = click.option("--by", metavar="经办人", help="经办人；不写则为操作系统账号。")


class Choices(click.ParamType[tuple[str, ...]]):
    """Several words of a list, with commas between them."""

    name = "choices"

    def __init__(self, *words: str) -> None:
        self._words = words

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        given = tuple(word.strip() for word in value.split(",") if word.strip())
        if unknown := [word for word in given if word not in self._words]:
            self.fail(f"不认识：{'、'.join(unknown)}，可用：{'、'.join(self._words)}", param, ctx)
        return given


@click.group()
def tokens() -> None:
    """其他系统使用接口的令牌。"""


@tokens.command("create")
@click.option("--name", required=True, metavar="名称", help="给哪个系统用。")
@click.option(
    "--scope",
    "scopes",
    required=True,
    type=Choices(*(scope.value for scope in Scope)),
    metavar="权限",
    help="权限范围，用逗号分开，如 items:read,rates:read；全部为 admin。",
)
@click.option(
    "--as", "acts_as", metavar="账号", help="以哪个账号或联系人的身份办理；不写则以本局的“接口 名称”。"
)
@click.option("--expires", type=Moment(), metavar="时刻", help="有效至；不写则直到停用。")
@_BY
@click.pass_obj
def tokens_create(
    call: Call,
    name: str,
    scopes: tuple[str, ...],
    acts_as: str | None,
    expires: datetime | None,
    by: str | None,
) -> None:
    """签发一个令牌；只显示这一次。"""
    token, made = token_service.create(
        call.office,
        name,
        [Scope(scope) for scope in scopes],
        by=by or operator(),
        now=call.now,
        acts_as=acts_as,
        expires_at=expires,
    )
    if call.json:
        print_json({"token": token, **_token_json(call, made)})
        return
    print_text(token)
    print_note(f"令牌 {made.id}（{made.name}）以“{made.actor}”的身份办理；请立即保存，不会再次显示。")


@tokens.command("list")
@click.pass_obj
def tokens_list(call: Call) -> None:
    """列出令牌：权限、身份、最近使用；令牌本身不显示。"""
    found = token_service.list_tokens(call.office)
    if call.json:
        print_json({"tokens": [_token_json(call, each) for each in found]})
        return
    titles = ("编号", "名称", "身份", "权限", "有效至", "最近使用", "停用")
    rows = [
        (
            each.id,
            each.name,
            each.actor,
            "、".join(each.scopes),
            _told(call, each.expires_at),
            _told(call, each.last_used_at),
            f"{_told(call, each.revoked_at)} {each.revoked_by or ''}".strip(),
        )
        for each in found
    ]
    print_table(titles, rows)


@tokens.command("revoke")
@click.argument("number", type=Number(), metavar="令牌编号")
@_BY
@click.pass_obj
def tokens_revoke(call: Call, number: int, by: str | None) -> None:
    """停用一个令牌，立即生效。"""
    token_service.revoke(call.office, number, by=by or operator(), now=call.now)
    if call.json:
        print_json({"revoked": number})
    else:
        print_text(f"已停用令牌 {number}")


@click.group()
def webhooks() -> None:
    """向其他系统推送：事项有变、通报读入、消息失败、周报发出。"""


@webhooks.command("add")
@click.argument("name", metavar="名称")
@click.argument("url", metavar="网址")
@click.option(
    "--events",
    type=Choices(*(topic.value for topic in Topic)),
    default=(),
    metavar="事件",
    help="推送哪些，用逗号分开，如 item.step；不写则全部。",
)
@_BY
@click.pass_obj
def webhooks_add(call: Call, name: str, url: str, events: tuple[str, ...], by: str | None) -> None:
    """登记一个推送；签名密钥只显示这一次。"""
    topics = [Topic(event) for event in events]
    made = webhook_service.subscribe(call.office, name, url, topics, by=by or operator(), now=call.now)
    if call.json:
        print_json({"secret": made.secret, **_webhook_json(call, made.webhook)})
        return
    print_text(made.secret)
    print_note(f"已登记推送“{name}”；以上是签名密钥（Standard Webhooks），请立即保存，不会再次显示。")


@webhooks.command("list")
@click.pass_obj
def webhooks_list(call: Call) -> None:
    """列出推送和它们的情况；网址只显示主机。"""
    found = webhook_service.list_webhooks(call.office)
    if call.json:
        print_json({"webhooks": [_webhook_json(call, each) for each in found]})
        return
    rows = [
        (
            each.name,
            each.hint,
            "、".join(each.events),
            _told(call, each.accepted_at),
            "已停用" if each.disabled_at else (each.last_error or "") if each.failures else "",
        )
        for each in found
    ]
    print_table(("名称", "地址", "事件", "最近送达", "故障"), rows)


@webhooks.command("remove")
@click.argument("name", metavar="名称")
@_BY
@click.pass_obj
def webhooks_remove(call: Call, name: str, by: str | None) -> None:
    """删除一个推送；还没有发出的不再发出。"""
    webhook_service.unsubscribe(call.office, name, by=by or operator(), now=call.now)
    if call.json:
        print_json({"removed": name})
    else:
        print_text(f"已删除推送“{name}”")


@webhooks.command("test")
@click.argument("name", metavar="名称")
@click.pass_obj
def webhooks_test(call: Call, name: str) -> None:
    """发一条测试推送（连同发件箱中到时的其他消息），说明结果。"""
    made = webhook_service.try_out(call.office, name, now=call.now)
    delivering.deliver(call.office, call.clock)
    [found] = inspect.messages_by_id(call.office, [made.id])
    if call.json:
        print_json({"id": found.id, "state": found.state, "error": found.error})
    else:
        print_text(f"测试推送：{found.state}" + (f"（{found.error}）" if found.error else ""))


def _token_json(call: Call, token: StoredToken) -> Json:
    calendar = call.office.rules.calendar
    return {
        "id": token.id,
        "name": token.name,
        "actor": token.actor,
        "scopes": list(token.scopes),
        "created_at": moment(token.created_at, calendar),
        "created_by": token.created_by,
        "expires_at": moment(token.expires_at, calendar),
        "last_used_at": moment(token.last_used_at, calendar),
        "revoked_at": moment(token.revoked_at, calendar),
        "revoked_by": token.revoked_by,
    }


def _webhook_json(call: Call, webhook: StoredWebhook) -> Json:
    calendar = call.office.rules.calendar
    return {
        "name": webhook.name,
        "address": webhook.hint,
        "endpoint": webhook.endpoint_id,
        "events": list(webhook.events),
        "created_at": moment(webhook.created_at, calendar),
        "created_by": webhook.created_by,
        "disabled_at": moment(webhook.disabled_at, calendar),
        "failures": webhook.failures,
        "error": webhook.last_error if webhook.failures else None,
        "accepted_at": moment(webhook.accepted_at, calendar),
    }


def _told(call: Call, at: datetime | None) -> str:
    return f"{call.office.rules.calendar.local(at):%Y-%m-%d %H:%M}" if at else ""
