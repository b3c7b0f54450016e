"""`rectify papers` and `rectify nudge`: what a person decides about urging."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tracker.cli.app import Call, Number
from tracker.cli.items import print_items
from tracker.cli.output import print_json, print_table, print_text
from tracker.rendering.contract import Json, moment
from tracker.services import nudge as urging
from tracker.services import papers as service
from tracker.store.papers import PaperState, StoredPaper

_STATES = {PaperState.PROPOSED: "待批", PaperState.APPROVED: "已批准", PaperState.REJECTED: "已驳回"}


@click.group()
def papers() -> None:
    """督办函、通报：由催办阶梯提出，经人批准后发出。"""


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
        print_json({"papers": [_paper_json(call, each) for each in found]})
        return
    titles = ("编号", "文书", "单位", "项数", "状态", "提出时间", "事由", "决定")
    print_table(titles, [_paper_row(call, each) for each in found])
    print_text(f"共 {len(found)} 份")


def _paper_json(call: Call, paper: StoredPaper) -> Json:
    calendar = call.office.rules.calendar
    return {
        "id": paper.id,
        "kind": paper.kind,
        "unit": paper.unit,
        "numbers": list(paper.numbers),
        "state": paper.state.value,
        "reason": paper.reason,
        "proposed_at": moment(paper.proposed_at, calendar),
        "decided_at": moment(paper.decided_at, calendar) if paper.decided_at else None,
        "decided_by": paper.decided_by,
        "decision": paper.decision,
    }


def _paper_row(call: Call, paper: StoredPaper) -> Sequence[object]:
    proposed = call.office.rules.calendar.local(paper.proposed_at)
    decided = " ".join(filter(None, (paper.decided_by, paper.decision)))
    state = _STATES[paper.state]
    numbers = len(paper.numbers)
    return (
        paper.id,
        paper.kind,
        paper.unit,
        numbers,
        state,
        f"{proposed:%Y-%m-%d %H:%M}",
        paper.reason,
        decided,
    )
