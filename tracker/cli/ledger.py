"""`rectify ledger`: the bureau's ledger out, to be edited in an office program, and back in."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.app import Call
from tracker.cli.files import read_file
from tracker.cli.output import print_json, print_note, print_table, print_text, progress
from tracker.domain.lifecycle import State
from tracker.rendering.contract import Json
from tracker.services import take_back
from tracker.services.ledger import write_office_ledger
from tracker.services.ledger_judgement import Change, JudgedRow
from tracker.services.take_back import TakenBack
from tracker.store.items import ItemFilter

_OUTCOMES = {"changed": "改动", "unchanged": "未改", "conflict": "冲突", "refused": "不能写入"}


@click.group()
def ledger() -> None:
    """整改台账：导出 xlsx，在 Excel、WPS 中改好后读回。"""


@ledger.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="文件")
@click.option("--unit", metavar="单位", help="责任单位的名称，或通报中的写法。")
@click.option("--state", type=click.Choice([state.value for state in State]), help="办理状态。")
@click.option("--domain", metavar="领域", help="如 一网通办、政务公开。")
@click.option("--class", "problem_class", metavar="类别", help="问题类别代码，如 missing_column。")
@click.option("--overdue", is_flag=True, help="只要逾期的。")
@click.option("--bulletin", metavar="通报", help="通报的序号、标题或文件名。")
@click.pass_obj
def export(
    call: Call,
    file: Path,
    unit: str | None,
    state: str | None,
    domain: str | None,
    problem_class: str | None,
    overdue: bool,
    bulletin: str | None,
) -> None:
    """导出台账（xlsx）；黄色表头的列可以修改后读回。已有的同名文件会被替换。"""
    wanted = ItemFilter(
        unit=unit,
        state=State(state) if state else None,
        domain=domain,
        problem_class=problem_class,
        overdue=overdue,
        bulletin=bulletin,
    )
    with progress("导出台账", hidden=call.json) as advance:
        count = write_office_ledger(call.office, file, now=call.now, wanted=wanted, progress=advance)
    if call.json:
        print_json({"file": str(file), "items": count})
    else:
        print_text(f"已导出 {count} 项：{file}")


@ledger.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="文件")
@click.option("--by", required=True, metavar="经办人", help="谁改的，记入经过。")
@click.option("--dry-run", is_flag=True, help="只预览，不写入。")
@click.option(
    "--skip-refused", is_flag=True, help="跳过冲突和不能写入的行，写入其余的；不写则一行不行就都不写。"
)
@click.pass_obj
def import_(call: Call, file: Path, by: str, dry_run: bool, skip_refused: bool) -> None:
    """读回改过的台账（xlsx、xls 或 csv），每处改动记入经过。同一文件读两次不起变化。"""
    content = read_file(file)
    if dry_run:
        found = take_back.preview(call.office, content, file.name, by=by, now=call.now)
    else:
        found = take_back.commit(
            call.office, content, file.name, by=by, now=call.now, skip_refused=skip_refused
        )
    if call.json:
        print_json(taken_back_json(found))
    else:
        _show(found)


def taken_back_json(found: TakenBack) -> Json:
    """The answer of `ledger import`; rows that ask for nothing are only counted."""
    return {
        "file": found.filename,
        "written": found.is_written,
        "counts": found.counts,
        "rows": [_row_json(row) for row in found.rows],
        "notices": list(found.notices),
    }


def _row_json(row: JudgedRow) -> Json:
    return {
        "line": row.line,
        "number": row.number,
        "outcome": row.outcome.value,
        "changes": [_change_json(change) for change in row.changes],
        "conflicts": [_change_json(clash) for clash in row.clashes],
        "reasons": list(row.reasons),
    }


def _change_json(change: Change) -> Json:
    return {"field": change.field.value, "before": change.before, "after": change.after}


def _show(found: TakenBack) -> None:
    for notice in found.notices:
        print_note(notice)
    rows = [(row.line, row.number, _OUTCOMES[row.outcome.value], _words(row)) for row in found.rows]
    if rows:
        print_table(("行", "编号", "结果", "内容"), rows)
    counts = "，".join(f"{_OUTCOMES[name]} {count}" for name, count in found.counts.items())
    print_text(f"{'已写入' if found.is_written else '预览，尚未写入'}：{counts}")


def _words(row: JudgedRow) -> str:
    if row.objections:
        return "；".join(row.objections)
    changes = (f"{each.field.heading}：{each.before or '空'} → {each.after or '空'}" for each in row.changes)
    return "；".join(changes)
