"""What a template of a paper may name: `{{ 文号 }}`, and within `for 事项 in 清单` `{{ 事项.编号 }}`.

The names are Chinese because an office writes them into its templates in Word. Must never lose one that was
published: templates of offices name it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.domain.issuing import PaperKind

Line = Mapping[str, str]
Words = Mapping[str, "str | Sequence[Line]"]
"""What a paper is filled with: values by name, and under 清单 its items."""

LIST = "清单"
_COMMON = ("文号", "责任单位", "落款单位", "成文日期")
_ITEM = ("编号", "整改事项", "问题类别", "领域", "来源通报", "印发日期", "整改时限", "办理状态")


@dataclass(frozen=True)
class Fields:
    """The names that one kind knows: of the paper, and of each of its listed items (none: it lists none)."""

    paper: tuple[str, ...]
    line: tuple[str, ...] = ()


def _listing(*line: str, paper: tuple[str, ...] = ()) -> Fields:
    return Fields((*_COMMON, "事项数", LIST, *paper), ("序号", *_ITEM, *line))


FIELDS: Mapping[PaperKind, Fields] = {
    PaperKind.LETTER: _listing("逾期", paper=("事由", "报送期限")),
    PaperKind.URGING: _listing("逾期", paper=("报送期限",)),
    PaperKind.REMINDER: _listing("剩余"),
    PaperKind.STRIKE_OFF: _listing("整改情况", "报送人", "报送日期", "核验人", "销号日期", "完成情况"),
    PaperKind.EXTENSION: Fields(
        (
            *_COMMON,
            *_ITEM,
            "申请延期至",
            "申请理由",
            "申请人",
            "申请日期",
            "审批意见",
            "审批人",
            "审批日期",
        )
    ),
}


def specimen(kind: PaperKind) -> Words:
    """Each name as its own value, with two items: what a template is tried with."""
    fields = FIELDS[kind]
    lines = [{name: name for name in fields.line}] * 2
    return {name: lines if name == LIST else name for name in fields.paper}
