"""The Chinese of the pages for what the code calls by codes. Must never decide anything."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.domain.items import Item
from tracker.domain.lifecycle import Event

CHANNELS = {
    "wecom_robot": "企业微信群机器人",
    "wecom_app": "企业微信应用",
    "sms": "短信",
    "email": "邮件",
    "sandbox": "模拟收件箱",
}
# "Accepted" is the provider's word: 已受理, never 已送达.
DELIVERY = {
    "pending": "待发",
    "sending": "发送中",
    "accepted": "已受理",
    "failed": "失败",
    "unknown": "结果不明",
    "superseded": "已并入新消息",
}
VERDICTS = {"fixed": "已见整改", "not_fixed": "未见整改", "unsure": "无法判断"}
OUTCOMES = {
    "new": "新增",
    "unchanged": "未变",
    "changed": "数量变化",
    "reappeared": "反弹",
    "absent": "本期未列",
    "unassigned": "未写明单位",
    "unread": "未能识别",
}
_EVENTS = {event.value: event.chinese for event in Event} | {
    "import": "列入清单",
    "update": "数量变化",
    "watch": "指定核查网址",
}
_CHANGED = {
    "due_on": "整改时限",
    "extension_to": "申请延期至",
    "deferred_until": "暂缓至",
    "quantity": "数量",
    "url": "网址",
    "bulletin": "通报",
}


def event(code: str) -> str:
    return _EVENTS.get(code, code)


def due(item: Item) -> str:
    """`2026-11-02（暂定）`, or 长期坚持."""
    if item.standing.due_on is None:
        return "长期坚持"
    return f"{item.standing.due_on}{'（暂定）' if item.provisional else ''}"


def quantity(item: Item) -> str:
    """`982件`, or nothing where the text counts nothing."""
    return "" if item.quantity is None else f"{item.quantity}{item.measure or ''}"


def place(item: Item) -> str:
    """Where the source says it: `附件4 第3行 第2条（原文第120行）`."""
    parts = [
        item.annex or "",
        f"第{item.row}行" if item.row is not None else "",
        f"第{item.ordinal}条" if item.ordinal is not None else "",
    ]
    return f"{' '.join(part for part in parts if part)}（原文第{item.line}行）"


def changes(detail: Mapping[str, object]) -> list[str]:
    """What a step of the history changed: `整改时限：2026-11-02 → 2026-11-20`."""
    return [f"{_CHANGED.get(name, name)}：{_change(value)}" for name, value in detail.items()]


def _change(value: object) -> str:
    if isinstance(value, list):
        return " → ".join("无" if part is None else str(part) for part in value)
    return str(value)
