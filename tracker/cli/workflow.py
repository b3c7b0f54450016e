"""The workflow's commands: one shape, one transaction, several numbers at once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.cli.app import Call, Number
from tracker.cli.items import print_items
from tracker.domain.errors import RectifyError
from tracker.domain.lifecycle import Event
from tracker.services import advance, step_back
from tracker.services.evidence import Evidence


def _step(event: Event, words: str) -> click.Command:
    @click.command(event.value.replace("_", "-"), help=words)
    @click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="编号...")
    @click.option("--by", required=True, metavar="办理人", help="谁办理的，记入经过。")
    @click.option("--reason", metavar="理由", help="记入经过；退回、延期、撤销等必须写。")
    @click.option("--to", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="延期或暂缓至哪一天。")
    @click.option("--evidence", multiple=True, metavar="文件或网址", help="佐证，可重复。")
    @click.pass_obj
    def command(
        call: Call,
        numbers: tuple[int, ...],
        by: str,
        reason: str | None,
        to: datetime | None,
        evidence: tuple[str, ...],
    ) -> None:
        found = advance.perform(
            call.office,
            event,
            numbers,
            by=by,
            now=call.now,
            reason=reason,
            to=to.date() if to else None,
            evidence=[_evidence(each) for each in evidence],
        )
        print_items(call, found)

    return command


def _evidence(given: str) -> Evidence:
    """A link, or a file that exists; anything else is more likely a mistyped name than a note."""
    if given.startswith(("http://", "https://")):
        return Evidence.link(given)
    path = Path(given)
    if not path.is_file():
        raise RectifyError(f"佐证文件不存在：{given}（网址须以 http:// 或 https:// 开头）")
    return Evidence.file(path.name, path.read_bytes())


sign = _step(Event.SIGN, "签收。")
submit = _step(Event.SUBMIT, "报送整改，可附佐证。")
return_ = _step(Event.RETURN, "退回，须写理由；报送人不能退回自己报送的事项。")
strike_off = _step(Event.STRIKE_OFF, "核验后销号；报送人不能给自己报送的事项销号。")
extend = _step(Event.EXTEND, "申请延期，须在到期前，写明理由和日期。")
grant = _step(Event.GRANT, "同意延期；申请人不能审批自己的申请。")
refuse = _step(Event.REFUSE, "驳回延期申请，须写理由。")
withdraw = _step(Event.WITHDRAW, "撤销本不应列入的事项，须写理由；不计入整改率。")
defer = _step(Event.DEFER, "暂缓至某日，须写理由。")
reopen = _step(Event.REOPEN, "重新办理已销号、已撤销或暂缓的事项，须写理由。")
object_ = _step(Event.OBJECT, "责任单位提出异议，须写理由；处理之前事项照常办理。")
uphold = _step(Event.UPHOLD, "认可异议，事项随之撤销，须写理由；提出人不能处理自己的异议。")
dismiss = _step(Event.DISMISS, "驳回异议，须写理由；提出人不能处理自己的异议。")


@click.command()
@click.argument("number", type=Number(), metavar="编号")
@click.option("--left", type=int, required=True, metavar="数量", help="还剩多少，0 至事项的数量。")
@click.option("--by", required=True, metavar="办理人", help="谁办理的，记入经过。")
@click.option("--reason", metavar="说明", help="记入经过。")
@click.option("--evidence", multiple=True, metavar="文件或网址", help="佐证，可重复。")
@click.pass_obj
def progress(
    call: Call, number: int, left: int, by: str, reason: str | None, evidence: tuple[str, ...]
) -> None:
    """报告有数量的事项还剩多少；剩 0 也须报送整改，经核验才销号。"""
    proofs = [_evidence(each) for each in evidence]
    found = advance.perform(
        call.office,
        Event.PROGRESS,
        [number],
        by=by,
        now=call.now,
        reason=reason,
        left=left,
        evidence=proofs,
    )
    print_items(call, found)


@click.command("undo-step")
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="编号...")
@click.option("--by", required=True, metavar="办理人", help="须是最近一步的办理人本人。")
@click.pass_obj
def undo_step(call: Call, numbers: tuple[int, ...], by: str) -> None:
    """本人在限定的几分钟内撤回自己的最近一步；经过仍保留，已发出的消息无法收回。"""
    print_items(call, step_back.undo_step(call.office, numbers, by=by, now=call.now))


@click.command()
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="编号...")
@click.option("--url", required=True, metavar="网址", help="应当显示整改结果的网页。")
@click.option("--by", required=True, metavar="办理人", help="谁指定的，记入经过。")
@click.pass_obj
def watch(call: Call, numbers: tuple[int, ...], url: str, by: str) -> None:
    """指定应当显示整改结果的网页，供自动核查查看。"""
    print_items(call, advance.watch(call.office, numbers, url=url, by=by, now=call.now))
