"""`rectify papers` and `rectify nudge`: what a person decides about urging."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click

from tracker.answers.papers import paper_json
from tracker.cli.app import Call, Number
from tracker.cli.items import print_items
from tracker.cli.output import print_json, print_table, print_text
from tracker.domain.issuing import BY_HAND, PaperKind
from tracker.rendering.paper_templates import template_path
from tracker.services import issued
from tracker.services import nudge as urging
from tracker.services import papers as service
from tracker.services.documents import write_whole
from tracker.services.issue import issue, issue_for_unit
from tracker.store.papers import PaperState, StoredPaper

_FILE = click.Path(path_type=Path, dir_okay=False)
_STATES = {PaperState.PROPOSED: "待批", PaperState.APPROVED: "已批准", PaperState.REJECTED: "已驳回"}


@click.group()
def papers() -> None:
    """文书：督办函、通报由催办阶梯提出，经人批准后发出；其余由人出具。"""


@papers.command("list")
@click.option(
    "--state", type=click.Choice([state.value for state in PaperState]), help="只列处于这一状态的。"
)
@click.pass_obj
def papers_list(call: Call, state: str | None) -> None:
    """列出文书，最新的在前。"""
    _print_papers(call, service.list_papers(call.office, PaperState(state) if state else None))


@papers.command("approve")
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="文书编号...")
@click.option("--by", required=True, metavar="批准人", help="谁批准的，记入经过。")
@click.pass_obj
def papers_approve(call: Call, numbers: tuple[int, ...], by: str) -> None:
    """批准并发出；所列事项均已报送的不能发出。"""
    _print_papers(call, service.approve(call.office, numbers, by=by, now=call.now))


@papers.command("reject")
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="文书编号...")
@click.option("--by", required=True, metavar="批准人", help="谁驳回的。")
@click.option("--reason", required=True, metavar="理由", help="为什么不发。")
@click.pass_obj
def papers_reject(call: Call, numbers: tuple[int, ...], by: str, reason: str) -> None:
    """驳回，不发出；同一时限内不再提出。"""
    _print_papers(call, service.reject(call.office, numbers, by=by, reason=reason, now=call.now))


@papers.command("issue")
@click.argument("kind", type=click.Choice([kind.value for kind in BY_HAND]), metavar="文书名称")
@click.argument("numbers", nargs=-1, type=Number(), metavar="[事项编号...]")
@click.option("--unit", metavar="单位", help="列这个单位全部适用的事项，不必写编号。")
@click.option("--by", required=True, metavar="经办人", help="谁出具的，记入经过。")
@click.pass_obj
def papers_issue(call: Call, kind: str, numbers: tuple[int, ...], unit: str | None, by: str) -> None:
    """出具文书：催办通知书、提醒函、销号单每单位一份，延期审批表每项一份。"""
    if bool(numbers) == bool(unit):
        raise click.UsageError("事项编号与 --unit 写且只写一样")
    if unit:
        found = issue_for_unit(call.office, PaperKind(kind), unit, by=by, now=call.now)
    else:
        found = issue(call.office, PaperKind(kind), numbers, by=by, now=call.now)
    _print_papers(call, found)


@papers.command("print")
@click.argument("number", type=Number(), metavar="文书编号")
@click.option("--out", type=_FILE, metavar="文件", help="写到哪个文件；不写则在当前目录，以文号为名。")
@click.option("--pdf", is_flag=True, help="转为 PDF；须装有 LibreOffice。")
@click.pass_obj
def papers_print(call: Call, number: int, out: Path | None, pdf: bool) -> None:
    """取出已出具的文书（docx 或 PDF），与出具时逐字节相同。"""
    printed = (issued.print_pdf if pdf else issued.print_paper)(call.office, number)
    _write(call, out or Path(printed.filename), printed.content)


@papers.command("void")
@click.argument("number", type=Number(), metavar="文书编号")
@click.option("--by", required=True, metavar="经办人", help="谁作废的，记入经过。")
@click.option("--reason", required=True, metavar="理由", help="为什么作废。")
@click.pass_obj
def papers_void(call: Call, number: int, by: str, reason: str) -> None:
    """作废已出具的文书；文号保留，不再使用。"""
    _print_papers(call, [issued.void(call.office, number, by=by, reason=reason, now=call.now)])


@papers.command("template")
@click.argument("kind", type=click.Choice([kind.value for kind in PaperKind]), metavar="文书名称")
@click.option("--out", type=_FILE, metavar="文件", help="写到哪个文件；不写则在当前目录。")
@click.pass_obj
def papers_template(call: Call, kind: str, out: Path | None) -> None:
    """取出现用的模板（docx），用 Word 改好后放入设置目录的 documents 文件夹。"""
    chosen = template_path(call.office.paper_templates, PaperKind(kind))
    _write(call, out or Path(chosen.name), chosen.read_bytes())


@click.command()
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="编号...")
@click.option("--by", required=True, metavar="办理人", help="谁催办的，记入经过。")
@click.option("--reason", metavar="理由", help="记入经过，不写进消息。")
@click.pass_obj
def nudge(call: Call, numbers: tuple[int, ...], by: str, reason: str | None) -> None:
    """立即催办，每位联络员一条消息；刚催办过的须隔一段时间。"""
    print_items(call, urging.nudge(call.office, numbers, by=by, reason=reason, now=call.now))


def _print_papers(call: Call, found: Sequence[StoredPaper]) -> None:
    if call.json:
        print_json({"papers": [paper_json(each, call.office.rules.calendar) for each in found]})
        return
    titles = ("编号", "文书", "单位", "项数", "状态", "提出时间", "事由", "文号", "决定")
    print_table(titles, [_paper_row(call, each) for each in found])
    print_text(f"共 {len(found)} 份")


def _paper_row(call: Call, paper: StoredPaper) -> Sequence[object]:
    proposed = call.office.rules.calendar.local(paper.proposed_at)
    document = paper.document
    void = f"（{document.voided_by}作废：{document.void_reason}）" if document and document.voided_at else ""
    return (
        paper.id,
        paper.kind,
        paper.unit,
        len(paper.numbers),
        _STATES[paper.state],
        f"{proposed:%Y-%m-%d %H:%M}",
        paper.reason,
        f"{document.serial}{void}" if document else "",
        " ".join(filter(None, (paper.decided_by, paper.decision))),
    )


def _write(call: Call, target: Path, content: bytes) -> None:
    write_whole(target, lambda path: path.write_bytes(content))
    if call.json:
        print_json({"file": str(target), "sha256": hashlib.sha256(content).hexdigest()})
    else:
        print_text(f"已写出 {target}")
