"""The Chinese of the pages for what the code calls by codes. Must never decide anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracker.domain.items import Item
from tracker.domain.units import Level, Match
from tracker.intake.model import Quantity
from tracker.rendering import words as shared
from tracker.services.corrections import (
    Adopt,
    Alias,
    Correction,
    Drop,
    SameAs,
    SetClass,
    SetDeadline,
    SetQuantity,
    SetText,
    SetUnit,
    Split,
)
from tracker.services.unknowns import Decision

OUTCOMES, CLAIMS = shared.OUTCOMES, shared.CLAIMS
CHANNELS, DELIVERY, KINDS = shared.CHANNELS, shared.DELIVERY, shared.KINDS
ATTEMPTS = {"accepted": "已受理", "temporary": "暂未受理", "permanent": "被拒收", "unknown": "结果不明"}
DECISIONS = {
    Decision.ACCEPTED: "已视为送达",
    Decision.RESEND: "将以原编号重发",
    Decision.DROP: "不再处理",
}
MATCHES = {
    Match.EXACT: "精确",
    Match.ALIAS: "别名",
    Match.LIKELY: "疑似",
    Match.AMBIGUOUS: "多义",
    Match.NEW: "新",
}
LEVELS = {Level.DEPARTMENT: "市直", Level.DISTRICT: "区", Level.BELOW: "区以下"}
CLAIM_INPUTS = {
    "numerator": "分子",
    "denominator": "分母",
    "parts": "各项",
    "units": "单位",
    "findings": "清单问题",
    "finding": "清单所列",
    "line": "清单行",
    "full": "各项满分",
    "above": "上一行",
    "rank": "名次",
    "own": "本单位",
    "average": "平均",
}
_CORRECTIONS = {
    "unit": "责任单位改为",
    "class": "问题类别改为",
    "deadline": "整改时限改为",
    "quantity": "数量改为",
    "text": "内容改为",
    "drop": "删除，理由为",
    "split": "拆分为",
    "adopt": "列为事项",
    "same_as": "对应已有事项",
    "alias": "所指单位为",
}
_TRAYS = {"f": "问题", "u": "未写明单位", "r": "未能识别", "c": "其他正文"}
_FIELDS = {
    "请用 --issued-on 指明": "请填写印发日期",
    "请写明 --across-levels": "请勾选“层级或地方不同也合并”",
    "经办人（--by）和理由（--reason）": "理由",
}
_CHANGED = {
    "due_on": "整改时限",
    "provisional": "暂定",
    "rule": "时限规定",
    "extension_to": "申请延期至",
    "deferred_until": "暂缓至",
    "quantity": "数量",
    "measure": "计量单位",
    "remaining": "剩余数量",
    "unit": "责任单位",
    "class": "问题类别",
    "note": "备注",
    "file": "文件",
    "url": "网址",
    "bulletin": "通报",
    "recurred_as": "反弹为第几号",
    "paper": "文书",
}

_UNTOLD = frozenset({"before", "undoes", "evidence"})  # for the program, or shown beside


def event(code: str) -> str:
    return shared.EVENTS.get(code, code)


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
    told = {name: value for name, value in detail.items() if name not in _UNTOLD}
    return [f"{_CHANGED.get(name, name)}：{_change(value)}" for name, value in told.items()]


def _change(value: object) -> str:
    if isinstance(value, list):
        return " → ".join(_change(part) for part in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "无" if value is None else str(value)


def counted(quantity: Quantity | None) -> str:
    """`982件`, or nothing where a finding counts nothing."""
    return "" if quantity is None else f"{quantity.value}{quantity.measure}"


def outcomes(counts: Mapping[str, int]) -> str:
    """`新增 7、未变 4`, or that a document lists nothing."""
    return "、".join(f"{OUTCOMES[name]} {count}" for name, count in counts.items() if count) or "没有事项"


def key(code: str) -> str:
    """Which piece of a document a correction is about: `f12.1` is 问题 13 之 1; an alias names itself."""
    whole, dot, part = code.partition(".")
    if whole[:1] not in _TRAYS or not whole[1:].isdecimal():
        return f"“{code}”"
    return f"{_TRAYS[whole[0]]} {int(whole[1:]) + 1}" + (f" 之 {part}" if dot else "")


def correction(made: Correction, class_name: Callable[[str], str]) -> str:
    """`责任单位改为“市教育局”`."""
    match made:
        case SetClass():
            value = class_name(made.code)
        case SetQuantity():
            value = "无" if made.value is None else f"{made.value}{made.measure or ''}"
        case Split():
            value = "”“".join(made.texts)
        case Adopt():
            value = f"{made.unit}：{made.text}"
        case SameAs():
            value = f"第 {made.number} 号事项"
        case SetDeadline():
            value = str(made.due_on)
        case Drop():
            value = made.reason
        case SetText():
            value = made.text
        case SetUnit() | Alias():
            value = made.unit
    return f"{_CORRECTIONS[made.kind]}“{value}”"


def for_pages(message: str) -> str:
    """Services name the command line's options where these pages have fields."""
    for option, field in _FIELDS.items():
        message = message.replace(option, field)
    return message
