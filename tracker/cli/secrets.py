"""`rectify secrets`: the key under which addresses and messages lie in the database."""

from __future__ import annotations

import click

from tracker.cli.app import Call
from tracker.cli.output import print_json, print_text
from tracker.services import secrets as service

_NAMES = {"account": "账号", "contact": "联系人", "endpoint": "接收地址", "message": "消息"}


@click.group("secrets")
def secrets() -> None:
    """加密手机号、机器人密钥与消息内容的密钥。"""


@secrets.command("new-key")
@click.pass_obj
def new_key(call: Call) -> None:
    """生成一把新密钥；只显示这一次，请写入 TRACKER_SECRET_KEY 并另行妥善保管。"""
    key = service.new_key()
    if call.json:
        print_json({"key": key})
    else:
        print_text(key)


@secrets.command()
@click.pass_obj
def rotate(call: Call) -> None:
    """用第一把密钥重新加密；换密钥时 TRACKER_SECRET_KEY 先写新、后写旧，用逗号分开，完成后去掉旧的。"""
    resealed = service.rotate(call.office)
    if call.json:
        print_json({"resealed": resealed})
        return
    words = "，".join(f"{_NAMES[table]} {count} 条" for table, count in resealed.items())
    print_text(f"已重新加密：{words}。全部程序改用新密钥后，可去掉旧密钥。")
