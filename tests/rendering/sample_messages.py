"""One message of each kind, as an office of the invented city 云澜市 would send it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.domain.rates import Rate
from tracker.rendering.alarms import AlarmView, Fault, TrialView, render_alarm, render_test
from tracker.rendering.digest import DigestView, GroupView, render_digest
from tracker.rendering.forms import Form, Rendered
from tracker.rendering.messages import LateUnit, MessageLine, ReminderMessage, render
from tracker.rendering.warnings import WarningLine, WarningView, render_warning

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 20)
CULTURE, QINGQIAO = "云澜市文化和旅游局", "青桥开发区"
LATE = MessageLine(12, "一网通办", "办件未评价", date(2026, 11, 17), -3, provisional=False)
LATEST = MessageLine(9, "政务公开", "新媒体账号休眠", date(2026, 11, 12), -6, provisional=False)
DUE_TODAY = MessageLine(13, "一网通办", "超时未受理", TODAY, 0, provisional=False)
SOON = MessageLine(31, "政务公开", "缺少专栏", date(2026, 11, 25), 3, provisional=False)
NEXT_YEAR = MessageLine(40, "互联网+监管", "监管数据迟报", date(2027, 1, 6), 31, provisional=True)
WAITING = MessageLine(
    60, "政务公开", "缺少专栏", None, -4, provisional=False, submitted_on=date(2026, 11, 16)
)
STANDING = MessageLine(50, "政务公开", "栏目更新不及时", None, 0, provisional=False)


def about(
    kind: MessageKind,
    *lines: MessageLine,
    role: Audience = Audience.CONTACT,
    unit: str = CULTURE,
    paper: str = "",
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
        paper=paper,
    )


def of(unit: str, line: MessageLine) -> MessageLine:
    return replace(line, unit=unit)


ABOUT_ITEMS = [
    about(MessageKind.REMINDER, NEXT_YEAR, replace(SOON, looks_fixed=True), LATE, STANDING),
    about(MessageKind.DUE_TODAY, SOON, DUE_TODAY),
    about(MessageKind.OVERDUE, DUE_TODAY, replace(LATE, looks_fixed=True), LATEST),
    about(
        MessageKind.ESCALATION,
        of(CULTURE, LATE),
        of(QINGQIAO, LATEST),
        role=Audience.LEADING_GROUP,
        unit="",
    ),
    about(MessageKind.NUDGE, SOON, LATE),
    about(MessageKind.RETURNED, SOON, NEXT_YEAR),
    about(
        MessageKind.RESCHEDULED,
        replace(SOON, moved_from=date(2026, 11, 26)),
        replace(NEXT_YEAR, moved_from=date(2027, 1, 5)),
        replace(LATE, moved_from=date(2026, 11, 16)),
        STANDING,
    ),
    about(MessageKind.PAPER, of(CULTURE, LATEST), role=Audience.HEAD, unit="", paper="督办函第3号"),
    about(
        MessageKind.STAFF,
        of(CULTURE, WAITING),
        replace(of(QINGQIAO, LATEST), orphan=True),
        role=Audience.BUREAU,
        unit="云澜市审批局",
    ),
    about(MessageKind.GRANTED, replace(SOON, moved_from=date(2026, 11, 18))),
    about(MessageKind.REFUSED, SOON, LATE),
    about(
        MessageKind.STRUCK_OFF,
        replace(LATE, closed=True),
        replace(STANDING, closed=True),
        LATEST,
        SOON,
        WAITING,
    ),
    about(
        MessageKind.HANDOUT,
        SOON,
        replace(SOON, number=32),
        NEXT_YEAR,
        STANDING,
        paper="云澜市2026年第三季度政务服务情况通报",
    ),
    about(MessageKind.RECURRED, SOON, NEXT_YEAR),
    about(MessageKind.LINK, SOON, LATE, WAITING),
]

WARNING = WarningView(
    unit=CULTURE,
    lines=(
        WarningLine(
            "微信公众号“云澜文旅”", 13, "满14天", date(2026, 11, 7), date(2026, 11, 19), date(2026, 11, 20)
        ),
        WarningLine("“通知公告”栏目", 158, "超过6个月", date(2026, 6, 15), TODAY, date(2026, 12, 15)),
    ),
    today=TODAY,
    role=Audience.CONTACT,
    recipient_name="",
    serial="R-20261120-0011",
)

DIGEST = DigestView(
    period="2026-W47",
    as_of=datetime(2026, 11, 23, 9, 0, tzinfo=ZONE),
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
ALARM = AlarmView(
    faults=(
        Fault(
            "wecom_robot",
            "key=1234…cdef",
            ("市文旅局联络员",),
            "机器人已被移出群（93000）",
            datetime(2026, 11, 20, 9, 4, tzinfo=ZONE),
        ),
        Fault(
            "sms",
            "",
            tuple(
                f"{unit}联络员" for unit in ("市教育局", "市民政局", "澜东区", "澜西区", "云台区", QINGQIAO)
            ),
            "短信账户余额不足",
            datetime(2026, 11, 19, 16, 30, tzinfo=ZONE),
        ),
    ),
    today=TODAY,
    serial="R-20261120-0008",
    link="https://rectify.example.invalid/channels",
)
TRIAL = TrialView("钱管", "wecom_robot", datetime(2026, 11, 20, 10, 5, tzinfo=ZONE), "R-20261120-0009")

SAMPLES: dict[MessageKind, Callable[[Form], Rendered]] = {
    **{message.kind: lambda form, message=message: render(message, form) for message in ABOUT_ITEMS},
    MessageKind.DIGEST: lambda form: render_digest(DIGEST, form),
    MessageKind.ALARM: lambda form: render_alarm(ALARM, form),
    MessageKind.WARNING: lambda form: render_warning(WARNING, form),
    MessageKind.TEST: lambda form: render_test(TRIAL, form),
}
