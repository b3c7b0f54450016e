"""`rectify import`: documents in, the preview or what was done out."""

from __future__ import annotations

import getpass
import json
import os
from datetime import date, datetime
from pathlib import Path

import click

from tracker.answers.imports import preview_json
from tracker.cli.app import Call
from tracker.cli.files import read_file
from tracker.cli.output import print_json, print_note, print_table, print_text, progress
from tracker.rendering.words import OUTCOMES
from tracker.services import register
from tracker.services.corrections import CorrectionError, Corrections
from tracker.services.register import Preview, Source

_WHY_TODAY = "文中没有找到印发日期，预览按今天计算；读入时请用 --issued-on 指明。"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@click.option(
    "--issued-on", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="印发日期；不写则取自文中。"
)
@click.option("--title", metavar="标题", help="通报标题；不写则取自文中。")
@click.option("--dry-run", is_flag=True, help="只预览，不写入。")
@click.option("--strict-units", is_flag=True, help="遇到未登记的单位即拒绝。")
@click.option("--by", metavar="经办人", help="经办人；不写则为操作系统账号。")
@click.option(
    "--corrections",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="更正文件",
    help="对识别结果的更正（JSON），只能与一份文件同用。",
)
@click.pass_obj
def import_(
    call: Call,
    files: tuple[Path, ...],
    issued_on: datetime | None,
    title: str | None,
    dry_run: bool,
    strict_units: bool,
    by: str | None,
    corrections: Path | None,
) -> None:
    """读入通报，把问题清单变成整改事项。同一文件读两次不起变化。"""
    issued = issued_on.date() if issued_on else None
    if corrections and len(files) > 1:
        raise click.UsageError("--corrections 只能与一份通报文件同用")
    put_right = _corrections(corrections) if corrections else Corrections()
    sources = [_source(file, issued, title, strict_units) for file in files]
    if not dry_run and len(sources) > 1:
        # All are judged before the first is written: a faulty second file must not hide a taken-in first.
        for source in sources:
            register.preview(call.office, source)
    previews = [_one(call, source, put_right, dry_run, by) for source in sources]
    if call.json:
        documents = [preview_json(preview, call.office, call.now) for preview in previews]
        print_json(documents[0] if len(documents) == 1 else {"imports": documents})
        return
    for preview in previews:
        _show(preview, dry_run)


def _corrections(file: Path) -> Corrections:
    try:
        raw = json.loads(read_file(file))
    except ValueError:  # neither JSON nor, perhaps, text at all
        raise CorrectionError(f"{file.name}：不是有效的 JSON 文件（UTF-8）") from None
    return Corrections.parse(raw, file.name)


def _source(file: Path, issued_on: date | None, title: str | None, strict: bool) -> Source:
    return Source(read_file(file), file.name, issued_on, title, strict)


def _one(call: Call, source: Source, put_right: Corrections, dry_run: bool, by: str | None) -> Preview:
    with progress(f"读入 {source.filename}") as advance:
        if dry_run:
            today = call.office.rules.calendar.today(call.now)
            preview = register.preview(
                call.office, source, corrections=put_right, progress=advance, assumed=today
            )
            if preview.is_date_assumed:
                print_note(f"{source.filename}：{_WHY_TODAY}")
            return preview
        who = by or operator()
        return register.commit(
            call.office, source, by=who, now=call.now, corrections=put_right, progress=advance
        )


def operator() -> str:
    """The operating system's account; a container's user may have a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"


def _show(preview: Preview, dry_run: bool) -> None:
    reading = preview.reading
    print_text(f"{reading.title}（{reading.issued_on} 印发）")
    print_table(
        [OUTCOMES[name] for name in preview.counts], [[str(count) for count in preview.counts.values()]]
    )
    for title, leftovers in (("未写明单位", preview.unassigned), ("未能识别", preview.unread)):
        if leftovers:
            rows = [(leftover.line, leftover.text, leftover.why) for leftover in leftovers]
            print_table(("行", "原文", "原因"), rows, title)
    if preview.new_units:
        print_text(f"新出现的单位 {len(preview.new_units)} 个，请确认：{'、'.join(preview.new_units)}")
    if preview.dropped:
        print_text(f"按更正不列为事项 {len(preview.dropped)} 条")
    for offer in preview.likely_items:
        print_text(f"{offer.key} 可能就是第 {'、'.join(map(str, offer.numbers))} 号事项，未自动合并")
    if preview.replies:
        told = [
            (each.number or "无对应事项", each.reply.unit_as_written, each.reply.text)
            for each in preview.replies
        ]
        print_table(("编号", "单位", "整改情况"), told, "回复")
    for likely in preview.likely_units:
        print_text(f"“{likely.as_written}”可能是 {'、'.join(likely.candidates)}，未自动合并")
    if dry_run:
        print_note("以上为预览，未写入。")
    elif preview.already:
        print_note("该文件此前已读入，未作改动。")
