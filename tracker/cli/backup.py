"""`rectify backup` and `rectify restore`. Must never open a database by preparing it before a restore."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.bootstrap import build_office
from tracker.cli.app import Call
from tracker.cli.output import print_json, print_note, print_text
from tracker.rendering.contract import moment
from tracker.services import backup as service
from tracker.services.restore import Restored
from tracker.services.restore import restore as put_back

_KEY = "备份不含密钥：TRACKER_SECRET_KEY 与 .env 须另行妥善保管，没有它们打不开联系方式和消息。"


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="文件",
    help="写到哪里；已有的不覆盖。不写则放入备份目录并按时间命名。",
)
@click.pass_obj
def backup(call: Call, out: Path | None) -> None:
    """备份整个数据库（含原件和佐证）与本单位的设置文件；运行中也可备份。"""
    made = service.make(call.office, now=call.now, file=out)
    assert made.manifest is not None  # it was written a moment ago
    if call.json:
        print_json(
            {
                "file": str(made.file),
                "bytes": made.size,
                "kind": made.manifest.kind,
                "revision": made.manifest.revision,
                "sealed": made.manifest.sealed,
                "files": dict(made.manifest.files),
            }
        )
        return
    print_text(f"已备份：{made.file}（{made.size / 1024 / 1024:.1f} MB）")
    print_note(
        _KEY if made.manifest.sealed else "备份中的联系方式和消息没有加密（未设置 TRACKER_SECRET_KEY）。"
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="备份")
@click.option("--force", is_flag=True, help="数据库中已有内容也替换；现有内容先另存一份备份。")
@click.pass_obj
def restore(call: Call, file: Path, force: bool) -> None:
    """用备份恢复数据库；请先停止整改通。设置文件不动，备份中另有一份，需要时自行取出。"""
    office = build_office(call.settings, prepared=False)
    try:
        found = put_back(office, file, now=call.now, force=force)
    finally:
        office.database.close()
    if call.json:
        print_json(
            {
                "made_at": moment(found.manifest.made_at, office.rules.calendar),
                "safety": str(found.safety) if found.safety else None,
                "needs_upgrade": found.needs_upgrade,
                "waiting": found.manifest.waiting,
            }
        )
        return
    print_text(f"已恢复为 {office.rules.calendar.local(found.manifest.made_at):%Y-%m-%d %H:%M} 的备份。")
    for remark in _remarks(found):
        print_note(remark)


def _remarks(found: Restored) -> list[str]:
    """What whoever restored has to do before the scheduler runs again."""
    remarks = [f"恢复前的内容另存为 {found.safety}。"] if found.safety else []
    if found.needs_upgrade:
        remarks.append("备份由较早的版本所作，请运行 rectify db upgrade。")
    if found.manifest.waiting:
        remarks.append(
            f"备份时有 {found.manifest.waiting} 条消息待发，其后可能已经发出；"
            "请先只开网页（rectify web），在“消息”中核对，再开调度程序。"
        )
    return remarks
