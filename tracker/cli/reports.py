"""`rectify digest`."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.answers.reports import digest_json
from tracker.cli.app import Call
from tracker.cli.output import print_json, print_note, print_text
from tracker.domain.periods import Week
from tracker.services import documents, summarise


@click.command()
@click.option("--week", metavar="周次", help="如 2021-W30；不写则为本周。")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="目录", help="写出文件的目录。"
)
@click.option("--send", is_flag=True, help="冻结本期数字并发送；每期每人只发一次。")
@click.pass_obj
def digest(call: Call, week: str | None, out: Path | None, send: bool) -> None:
    """周报：文字、图表、台账。"""
    chosen = Week.parse(week) if week else None
    make = summarise.send_digest if send else summarise.compile_digest
    made = make(call.office, now=call.now, week=chosen)
    files = documents.write_files(call.office, made, out or Path("digest"), now=call.now)
    if call.json:
        answer = digest_json(made, call.office.rules.calendar)
        print_json(answer | {"sent_to": list(made.sent_to), "files": [str(file) for file in files]})
        return
    print_text(made.text)
    for file in files:
        print_note(f"已写出 {file}")
    if send:
        print_note(f"已放入发件箱：{'、'.join(made.sent_to) or '本期此前已发送，未重复'}")
