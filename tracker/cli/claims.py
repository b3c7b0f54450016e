"""`rectify claims`."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.answers.imports import claim_json
from tracker.cli.app import Call
from tracker.cli.files import read_file
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.intake.claims import Claim
from tracker.rendering.contract import day
from tracker.rendering.words import CLAIMS
from tracker.rules import load_rules
from tracker.services.verify import verify

_VERDICTS = {True: "相符", False: "不符", None: "无法判断"}
_QUOTED = 60  # a table for people shows the sentence's beginning; the line number leads to the rest


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@click.option("--all", "show_all", is_flag=True, help="相符的也列出；不写则只列不符和无法判断的。")
@click.pass_obj
def claims(call: Call, file: Path, show_all: bool) -> None:
    """复算文中写明的每个数：合计、比率、名次、清单数量等。印发前的稿子也可以查，不写入任何内容。"""
    rules = load_rules(call.settings.config_dir, call.settings.time_zone)
    checked = verify(rules, read_file(file), file.name)
    reading = checked.reading
    if call.json:
        document = {"title": reading.title, "issued_on": day(reading.issued_on), "sha256": reading.sha256}
        print_json({"document": document, "claims": [claim_json(claim) for claim in checked.claims]})
        return
    shown = [claim for claim in checked.claims if show_all or not claim.holds]
    shown.sort(key=lambda claim: (claim.holds is not False, claim.line))
    print_text(reading.title)
    if shown:
        print_table(("行", "种类", "原文", "所写", "复算", "结论", "说明"), [_row(claim) for claim in shown])
    counts = "，".join(f"{word} {checked.count(holds)} 处" for holds, word in _VERDICTS.items())
    print_note(f"共复算 {len(checked.claims)} 处：{counts}。")


def _row(claim: Claim) -> tuple[object, ...]:
    quote = claim.quote if len(claim.quote) <= _QUOTED else f"{claim.quote[:_QUOTED]}…"
    verdict = _VERDICTS[claim.holds]
    return claim.line, CLAIMS[claim.kind], quote, claim.stated, claim.computed, verdict, claim.note
