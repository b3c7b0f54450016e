"""`rectify messages` and `rectify test-message`: what became of each message, and what a person decides.

Must never print an address or what was frozen.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from tracker.answers.messages import message_json
from tracker.cli.app import Call, Number
from tracker.cli.output import print_json, print_note, print_table, print_text
from tracker.rendering.words import DELIVERY
from tracker.services import deliver as delivering
from tracker.services import messages as service
from tracker.services import trial, unknowns
from tracker.services.messages import Tried
from tracker.services.unknowns import Decision
from tracker.store.outbox import MessageState


class _ListByDefault(click.Group):
    """`rectify messages --state failed` is short for `rectify messages list --state failed`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {*self.commands, *self.get_help_option_names(ctx)}
        return super().parse_args(ctx, args if args and args[0] in known else ["list", *args])


@click.group(cls=_ListByDefault)
def messages() -> None:
    """发件箱中的消息：结果、未送达的如何处理；不写子命令即 list。"""


@messages.command("list")
@click.option("--state", type=click.Choice([state.value for state in MessageState]), help="只列这一状态的。")
@click.option("--channel", metavar="渠道", help="只列这一渠道的，如 sms。")
@click.option("--recipient", metavar="文字", help="接收人中含有这些文字的，如单位或姓名。")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    metavar="条数",
    help="最多列出多少条。",
)
@click.pass_obj
def messages_list(
    call: Call, state: str | None, channel: str | None, recipient: str | None, limit: int
) -> None:
    """列出消息和每次发送的结果，最新的在前；不显示号码和密钥。"""
    found, more = service.look_through(
        call.office, state=state, channel=channel, recipient=recipient, size=limit
    )
    _print_messages(call, found)
    if more:
        print_note(f"只列出最新的 {limit} 条，更多的请加大 --limit")


@messages.command("decide")
@click.argument("numbers", nargs=-1, required=True, type=Number(), metavar="消息序号...")
@click.option(
    "--as",
    "decision",
    type=click.Choice([decision.value for decision in Decision]),
    required=True,
    help="accepted 视为已送达，resend 以同一编号重发，drop 不再处理。",
)
@click.option("--by", required=True, metavar="办理人", help="谁决定的。")
@click.pass_obj
def messages_decide(call: Call, numbers: tuple[int, ...], decision: str, by: str) -> None:
    """处理失败或结果不明的消息，一起处理或都不处理。"""
    decided = unknowns.decide(call.office, numbers, Decision(decision), by=by, now=call.now)
    _print_messages(call, service.pick(call.office, [each.id for each in decided]))


@click.command("test-message")
@click.option("--channel", required=True, metavar="渠道", help="经哪个渠道，如 wecom_robot、sms。")
@click.option("--to", required=True, metavar="单位和姓名", help="发给哪位联系人，如“市教育局 李联”。")
@click.option("--by", required=True, metavar="办理人", help="谁发送的，写进消息。")
@click.option("--deliver", is_flag=True, help="随即发送发件箱中到时的全部消息，并说明测试消息的结果。")
@click.pass_obj
def test_message(call: Call, channel: str, to: str, by: str, deliver: bool) -> None:
    """经一个渠道给一位联系人发测试消息；非工作时间、渠道暂停时须等待，会说明等到何时。"""
    made = trial.send_test(call.office, channel=channel, to=to, by=by, now=call.now)
    if deliver:
        delivering.deliver(call.office, call.clock)
    found = trial.find_test(call.office, made.first.id, now=call.now)
    assert found is not None  # nothing is ever deleted from the outbox
    if call.json:
        parts = service.pick(call.office, [each.id for each in found.parts])
        told = {"state": found.state, "waits": found.waits or None}
        print_json(told | {"messages": [message_json(each, call.office.rules.calendar) for each in parts]})
        return
    print_text(f"测试消息 {found.serial}：{_in_words(found.state, found.error)}")
    if found.state == MessageState.PENDING.value:
        print_text(found.waits or "由调度程序或 rectify deliver 发出，结果见 rectify messages")


def _in_words(state: str, error: str | None) -> str:
    words = DELIVERY.get(state, state)
    return f"{words}（{error}）" if error else words


def _print_messages(call: Call, found: Sequence[Tried]) -> None:
    if call.json:
        print_json({"messages": [message_json(each, call.office.rules.calendar) for each in found]})
        return
    rows = [
        (
            each.message.id,
            each.message.serial,
            each.message.recipient,
            each.message.channel,
            _in_words(each.message.state, each.message.error),
            len(each.attempts),
            each.message.reason,
        )
        for each in found
    ]
    print_table(("序号", "编号", "接收人", "渠道", "状态", "发送次数", "原因"), rows)
    print_text(f"共 {len(found)} 条")
