"""`rectify users`: who may use the pages. Must never print a password that somebody chose, or a secret."""

from __future__ import annotations

import sys

import click

from tracker.cli.app import Call
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.people import Role
from tracker.rendering.contract import Json
from tracker.services import accounts
from tracker.services import users as service
from tracker.services.users import User

_ROLE = click.Choice([role.value for role in Role])
_UNIT = "只看得到该单位及其下级的事项（区的工作人员填区名）；不写则按身份。"


@click.group()
def users() -> None:
    """网页账号。"""


@users.command("add")
@click.argument("login", metavar="账号")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码；不写则生成一个并显示一次。")
@click.option(
    "--role",
    type=_ROLE,
    help="身份；联络员、负责人须写 --unit，或账号名与联系人姓名相同。不写则新账号为工作人员，已有的不变。",
)
@click.option("--unit", metavar="单位", help=_UNIT)
@click.option("--wecom", metavar="企业微信账号", help="在企业微信里的账号，供企业微信登录。")
@click.pass_obj
def users_add(
    call: Call, login: str, password_stdin: bool, role: str | None, unit: str | None, wecom: str | None
) -> None:
    """新建账号，或为已有账号换密码（已登录的会话随之失效）。"""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    password = given if given is not None else accounts.new_password()
    accounts.save_account(
        call.office, login, password, now=call.now, role=Role(role) if role else None, unit=unit, wecom=wecom
    )
    shown = None if given is not None else password
    if call.json:
        print_json({"login": login, "password": shown})
    else:
        print_text(f"账号 {login}" + (f"　密码 {shown}" if shown else "　密码已更新"))


@users.command("list")
@click.pass_obj
def users_list(call: Call) -> None:
    """列出账号：身份、单位、企业微信账号、动态口令、登录数、是否锁定或停用。"""
    found = service.list_users(call.office, now=call.now)
    if call.json:
        names = [user.login for user in found]
        roles = {user.login: user.role for user in found}
        print_json({"users": names, "roles": roles, "accounts": [_json(user) for user in found]})
        return
    rows = [
        (
            user.login,
            user.role.chinese,
            user.unit or "",
            user.wecom_userid or "",
            "已启用" if user.has_code else "",
            user.sessions,
            _state(call, user),
        )
        for user in found
    ]
    print_table(("账号", "身份", "单位", "企业微信", "动态口令", "登录", ""), rows)


@users.command("role")
@click.argument("login", metavar="账号")
@click.argument("role", type=_ROLE, metavar="[contact|head|staff|leader|admin]")
@click.option("--unit", metavar="单位", help=_UNIT)
@click.pass_obj
def users_role(call: Call, login: str, role: str, unit: str | None) -> None:
    """改变身份和单位；已登录的会话随之失效。"""
    service.set_role(call.office, login, Role(role), unit=unit)
    _done(call, login, f"身份改为{Role(role).chinese}{f'，限{unit}' if unit else ''}")


@users.command("wecom")
@click.argument("login", metavar="账号")
@click.argument("user_id", metavar="[企业微信账号]", required=False)
@click.pass_obj
def users_wecom(call: Call, login: str, user_id: str | None) -> None:
    """登记账号在企业微信里的账号；不写则去掉。"""
    service.set_wecom(call.office, login, user_id)
    _done(call, login, f"企业微信账号改为 {user_id}" if user_id else "已去掉企业微信账号")


@users.command("unlock")
@click.argument("login", metavar="账号")
@click.pass_obj
def users_unlock(call: Call, login: str) -> None:
    """解除因登录失败次数过多而来的锁定。"""
    was_counted = service.unlock(call.office, login)
    _done(call, login, "已解锁" if was_counted else "没有登录失败的记录")


@users.command("reset-totp")
@click.argument("login", metavar="账号")
@click.pass_obj
def users_reset_totp(call: Call, login: str) -> None:
    """去掉动态口令（手机和恢复码都丢了时）；已登录的会话随之失效。"""
    service.reset_totp(call.office, login)
    _done(call, login, "动态口令已去掉")


@users.command("disable")
@click.argument("login", metavar="账号")
@click.pass_obj
def users_disable(call: Call, login: str) -> None:
    """停用账号：不能再登录，已登录的立即退出。"""
    service.disable(call.office, login, now=call.now)
    _done(call, login, "已停用")


@users.command("enable")
@click.argument("login", metavar="账号")
@click.pass_obj
def users_enable(call: Call, login: str) -> None:
    """恢复停用的账号。"""
    service.enable(call.office, login)
    _done(call, login, "已恢复")


@users.command("sessions")
@click.argument("login", metavar="账号")
@click.pass_obj
def users_sessions(call: Call, login: str) -> None:
    """列出账号登录中的设备，最近使用的在前。"""
    found = service.sessions_of(call.office, login, now=call.now)
    local = call.office.rules.calendar.local
    if call.json:
        keys = ("id", "address", "agent")
        moments = ("created_at", "seen_at", "expires_at")
        rows = [
            {key: getattr(each, key) for key in keys}
            | {key: local(getattr(each, key)).isoformat() for key in moments}
            for each in found
        ]
        print_json({"login": login, "sessions": rows})
        return
    lines = [
        (
            each.id,
            f"{local(each.created_at):%Y-%m-%d %H:%M}",
            f"{local(each.seen_at):%Y-%m-%d %H:%M}",
            each.address,
            each.agent,
        )
        for each in found
    ]
    print_table(("编号", "登录时间", "最近使用", "网络地址", "设备"), lines)


@users.command("sign-out")
@click.argument("login", metavar="账号")
@click.option("--session", "session_id", type=int, metavar="编号", help="只退出这一个；不写则全部退出。")
@click.pass_obj
def users_sign_out(call: Call, login: str, session_id: int | None) -> None:
    """让账号登录中的设备立即退出。"""
    ended = service.sign_out(call.office, login, session_id)
    _done(call, login, f"已退出 {ended} 个登录", ended=ended)


def _done(call: Call, login: str, words: str, **more: object) -> None:
    if call.json:
        print_json({"login": login, **more})
    else:
        print_text(f"账号 {login}　{words}")


def _state(call: Call, user: User) -> str:
    if user.is_disabled:
        return "已停用"
    if user.locked_until is None:
        return ""
    return f"锁定至 {call.office.rules.calendar.local(user.locked_until):%H:%M:%S}"


def _json(user: User) -> Json:
    return {
        "login": user.login,
        "role": user.role,
        "unit": user.unit,
        "wecom_userid": user.wecom_userid,
        "disabled": user.is_disabled,
        "totp": user.has_code,
        "locked_until": user.locked_until.isoformat() if user.locked_until else None,
        "sessions": user.sessions,
    }
