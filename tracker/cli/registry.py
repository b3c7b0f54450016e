"""`rectify contacts`, `rectify units`."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.answers.registry import contact_json, unit_json
from tracker.cli.app import Call
from tracker.cli.files import read_file
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.ladders import Audience
from tracker.services import contacts as service
from tracker.services import inspect
from tracker.services.unit_aliases import teach_alias
from tracker.store.contacts import Contact
from tracker.store.units import Holding, StoredUnit


@click.group()
def contacts() -> None:
    """联系人：谁、什么角色、怎样联系。"""


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@click.pass_obj
def contacts_import(call: Call, file: Path) -> None:
    """读入联系人表（xlsx 或 csv）。有一行有误则一行不写。"""
    _print_contacts(call, service.import_contacts(call.office, read_file(file), file.name, now=call.now))


@contacts.command("list")
@click.pass_obj
def contacts_list(call: Call) -> None:
    """列出联系人（隐去密钥和号码）。"""
    _print_contacts(call, service.list_contacts(call.office))


@contacts.command("remove")
@click.argument("unit", metavar="单位")
@click.argument("name", metavar="姓名")
@click.option("--role", type=click.Choice([who.value for who in Audience]), help="只删除这一角色。")
@click.pass_obj
def contacts_remove(call: Call, unit: str, name: str, role: str | None) -> None:
    """删除联系人；尚未发出的提醒改发给现在的联系人。"""
    who = Audience(role) if role else None
    _print_contacts(call, service.remove_contact(call.office, unit, name, who, now=call.now))


def _print_contacts(call: Call, found: list[Contact]) -> None:
    rows = [contact_json(contact) for contact in found]
    if call.json:
        print_json({"contacts": rows})
        return
    titles = ("单位", "姓名", "角色", "手机", "企业微信账号", "群机器人", "邮箱")
    print_table(titles, [list(row.values()) for row in rows])
    print_text(f"共 {len(found)} 人")


@click.group()
def units() -> None:
    """责任单位。"""


@units.command("list")
@click.pass_obj
def units_list(call: Call) -> None:
    """列出责任单位：级别、上级、别名、事项数、是否已确认。"""
    _print_units(call, inspect.list_units(call.office))


@units.command("confirm")
@click.argument("names", nargs=-1, metavar="[单位]...")
@click.pass_obj
def units_confirm(call: Call, names: tuple[str, ...]) -> None:
    """确认读入通报时新出现的单位；不写单位则全部确认。"""
    _print_units(call, inspect.confirm_units(call.office, list(names)))


@units.command("alias")
@click.argument("alias", metavar="写法")
@click.argument("unit", metavar="单位")
@click.option("--by", metavar="办理人", default="命令行", show_default=True, help="谁决定的，记入经过。")
@click.option("--across-levels", is_flag=True, help="层级或地方不同也照办。")
@click.pass_obj
def units_alias(call: Call, alias: str, unit: str, by: str, across_levels: bool) -> None:
    """记住一个写法指哪个单位；已按该写法登记的单位连同事项、联系人一并并入。

    层级或地方不同的（如市卫健委与某区卫健局）一般不是同一单位，须写明 --across-levels。
    """
    taught = teach_alias(call.office, alias, unit, by=by, now=call.now, across_levels=across_levels)
    if call.json:
        print_json({"alias": taught.alias, "unit": taught.unit, "moved": list(taught.moved)})
    else:
        print_text(f"“{taught.alias}”即“{taught.unit}”，移交事项 {len(taught.moved)} 项")


def _print_units(call: Call, found: list[StoredUnit]) -> None:
    held = inspect.unit_holdings(call.office)
    holdings = [held.get(unit.id, Holding()) for unit in found]
    if call.json:
        print_json({"units": list(map(unit_json, found, holdings))})
        return
    levels = {"department": "市直", "district": "区", "below": "区以下"}
    lines = [
        (
            unit.name,
            levels.get(unit.level, unit.level),
            unit.parent or "",
            "、".join(has.aliases),
            has.items,
            "" if unit.confirmed else "待确认",
        )
        for unit, has in zip(found, holdings, strict=True)
    ]
    print_table(("单位", "级别", "上级", "别名", "事项", ""), lines)
