"""The words of every kind of message, kept as files that a person can read and object to.

`RECTIFY_UPDATE_GOLDEN=1 pytest tests/rendering/test_rendering_golden.py` writes them anew; such a run
fails on purpose, so that new words are looked at before they pass.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.domain.rates import Rate
from tracker.rendering.digest import DigestView, GroupView, render_digest
from tracker.rendering.messages import LateUnit, MessageLine, ReminderMessage, Template, render_message

GOLDEN = Path(__file__).parent.parent / "golden" / "messages"
TODAY = date(2026, 11, 20)
LATE = MessageLine(12, "一网通办", "办件未评价", date(2026, 11, 17), -3, provisional=False)
LATEST = MessageLine(9, "政务公开", "新媒体账号休眠", date(2026, 11, 12), -6, provisional=False)
DUE_TODAY = MessageLine(13, "一网通办", "超时未受理", TODAY, 0, provisional=False)
SOON = MessageLine(31, "政务公开", "缺少专栏", date(2026, 11, 25), 3, provisional=False)
NEXT_YEAR = MessageLine(40, "互联网+监管", "监管数据迟报", date(2027, 1, 6), 31, provisional=True)
WAITING = MessageLine(
    60, "政务公开", "缺少专栏", None, -4, provisional=False, submitted_on=date(2026, 11, 16)
)
STANDING = MessageLine(50, "政务公开", "栏目更新不及时", None, 0, provisional=False)


def reminder(
    kind: MessageKind, role: Audience, *lines: MessageLine, unit: str = "云澜市文化和旅游局"
) -> ReminderMessage:
    return ReminderMessage(
        kind=kind,
        recipient_name="",
        unit=unit,
        lines=lines,
        serial="R-20261120-0007",
        link="https://rectify.example.invalid/m/7",
        today=TODAY,
        role=role,
    )


def of_unit(unit: str, line: MessageLine) -> MessageLine:
    return replace(line, unit=unit)


REMINDERS = [
    reminder(MessageKind.REMINDER, Audience.CONTACT, NEXT_YEAR, SOON, LATE, STANDING),
    reminder(MessageKind.DUE_TODAY, Audience.CONTACT, SOON, DUE_TODAY),
    reminder(MessageKind.OVERDUE, Audience.CONTACT, DUE_TODAY, LATE, LATEST),
    reminder(
        MessageKind.ESCALATION,
        Audience.LEADING_GROUP,
        of_unit("云澜市文化和旅游局", LATE),
        of_unit("青桥开发区", LATEST),
        unit="",
    ),
    reminder(MessageKind.NUDGE, Audience.CONTACT, SOON, LATE),
    reminder(MessageKind.RETURNED, Audience.CONTACT, SOON, NEXT_YEAR),
    reminder(
        MessageKind.RESCHEDULED,
        Audience.CONTACT,
        replace(SOON, moved_from=date(2026, 11, 26)),
        replace(NEXT_YEAR, moved_from=date(2027, 1, 5)),
        replace(LATE, moved_from=date(2026, 11, 16)),
        STANDING,
    ),
    replace(
        reminder(MessageKind.PAPER, Audience.HEAD, of_unit("云澜市文化和旅游局", LATEST), unit=""),
        paper="督办函第3号",
    ),
    reminder(
        MessageKind.STAFF,
        Audience.BUREAU,
        of_unit("云澜市文化和旅游局", WAITING),
        replace(of_unit("青桥开发区", LATEST), orphan=True),
        unit="云澜市审批局",
    ),
]

DIGEST = DigestView(
    period="2026-W47",
    as_of=datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")),
    total=GroupView("全市", Rate(171, 198), Rate(160, 198), Rate(150, 180), overdue=9, open=27),
    groups=(
        GroupView("市直", Rate(110, 125), Rate(110, 125), Rate(98, 112), overdue=6, open=15),
        GroupView("各区", Rate(61, 73), Rate(62, 72), Rate(52, 68), overdue=3, open=12),
        GroupView("其他", Rate(0, 0), None, Rate(0, 0), overdue=0, open=0),
    ),
    unfinished=(("市文旅局", 15), ("澜东区", 6), ("澜西区", 3), ("青桥开发区", 3)),
    newly_struck_off=11,
    newly_overdue=2,
    latest=(LateUnit("市文旅局", 6, 12), LateUnit("澜东区", 3, 0)),
    serial="R-20261123-0001",
    link="https://rectify.example.invalid/digest/2026-W47",
)


def check(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("RECTIFY_UPDATE_GOLDEN"):
        path.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{path.name} was written anew: read it, then run without RECTIFY_UPDATE_GOLDEN")
    assert text + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("template", ["markdown", "sms"])
@pytest.mark.parametrize("message", REMINDERS, ids=lambda message: message.kind.value)
def test_a_reminder_reads_as_its_golden_file(message: ReminderMessage, template: Template) -> None:
    check(f"{message.kind}.{template}", render_message(message, template))


@pytest.mark.parametrize("template", ["markdown", "sms"])
def test_the_digest_reads_as_its_golden_file(template: Template) -> None:
    check(f"digest.{template}", render_digest(DIGEST, template))
