"""`rectify bulletin`: the draft of the next bulletin as a Word document."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.answers.imports import claim_json
from tracker.cli.app import Call, Moment
from tracker.cli.output import print_json, print_note, print_text
from tracker.domain.periods import IssuePeriod
from tracker.rendering.contract import Json, day, moment, row_json
from tracker.rendering.digest import unfinished_sentence
from tracker.services.documents import write_whole
from tracker.services.next_bulletin import BulletinDraft, draft_bulletin
from tracker.services.report import RateTable


@click.command()
@click.option("--quarter", required=True, metavar="季度", help="如 2021Q3。")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="文件",
    help="写到哪个文件；不写则在当前目录。",
)
@click.option(
    "--as-of", type=Moment(), metavar="时刻", help="按当时的状态写；不写则为季末，未到季末则为现在。"
)
@click.option("--title", metavar="标题", help="通报的标题。")
@click.pass_obj
def bulletin(call: Call, quarter: str, out: Path | None, as_of: datetime | None, title: str | None) -> None:
    """起草下一期通报（docx）：整改情况、各领域问题，以及可以读回的问题清单。

    写出之前，文中各数逐一复算，清单逐条读回；有一处不符即不写出。
    """
    chosen = IssuePeriod.quarter(quarter)
    draft = draft_bulletin(call.office, chosen, now=call.now, as_of=as_of, title=title)
    target = out or Path(draft.filename)
    write_whole(target, lambda path: path.write_bytes(draft.content))
    if call.json:
        print_json(_json(call, draft, target))
        return
    for name, table in (("本季度交办", draft.issued), ("以前季度交办", draft.carried)):
        rate = table.total.rectified
        if rate.denominator:
            print_text(f"{name}：整改率{rate.percent}（{rate.numerator}/{rate.denominator}）")
    print_text(unfinished_sentence(draft.view.issued.unfinished))
    print_note(f"清单列入 {len(draft.numbers)} 项；复算 {len(draft.claims)} 处，没有不符。已写出 {target}")
    if draft.untold:
        named = "、".join(map(str, draft.untold))
        print_note(f"下列事项的问题类别或数量不能由文字读出，读到别处后请核对：第 {named} 号")


def _json(call: Call, draft: BulletinDraft, target: Path) -> Json:
    calendar, view = call.office.rules.calendar, draft.view
    return {
        "quarter": draft.quarter.name,
        "title": view.title,
        "as_of": moment(draft.as_of, calendar),
        "issued_on": day(view.issued_on),
        "files": [str(target)],
        "rates": {"issued": _rates(draft.issued), "carried": _rates(draft.carried)},
        "unfinished": unfinished_sentence(view.issued.unfinished),
        "counts": {"listed": view.listed, "recurring": view.recurring, "deferred": view.deferred},
        "numbers": list(draft.numbers),
        "untold": list(draft.untold),
        "claims": [claim_json(claim) for claim in draft.claims],
    }


def _rates(table: RateTable) -> Json:
    return {"total": row_json(table.total), "rows": [row_json(row) for row in table.rows]}
