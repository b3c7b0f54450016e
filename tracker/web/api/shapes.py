"""Answers as OpenAPI describes them; `tracker/rendering/contract.py` and `tracker/answers/` make them.

Must never be used to make an answer: a test holds both together by asking for everything there is.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tracker.domain.lifecycle import State
from tracker.store.outbox import MessageState

Verdict = Literal["fixed", "not_fixed", "unsure"]


class Shape(BaseModel):
    """Nothing that is not described here is ever sent."""

    model_config = ConfigDict(extra="forbid")


class Fault(Shape):
    code: str = Field(description="稳定的英文代码", examples=["not_found"])
    message: str = Field(description="给人看的中文说明")
    details: dict[str, Any] = Field(description="补充，如被拒绝的事项编号")


class Error(Shape):
    """出错时的答复"""

    error: Fault


class Quantity(Shape):
    value: int = Field(examples=[982])
    measure: str | None = Field(description="量词", examples=["件"])


class Source(Shape):
    """原文中的位置"""

    file: str
    annex: str | None
    row: int | None
    ordinal: int | None
    line: int


class Item(Shape):
    """一项整改事项"""

    number: int | None = Field(description="编号，从不重复使用；预览中的新事项还没有", examples=[12])
    unit: str = Field(description="责任单位")
    unit_as_written: str
    group: Literal["市直", "各区"]
    domain: str | None = Field(examples=["政务公开"])
    problem_class: str = Field(alias="class", examples=["missing_column"])
    text: str = Field(description="通报原文，不含序号")
    quantity: Quantity | None
    state: State
    issued_on: date
    due_on: date | None
    due_at: AwareDatetime | None
    provisional: bool = Field(description="时限所在年份的节假日安排尚未公布")
    overdue: bool
    bulletin: str
    recurs: int | None = Field(description="反弹自哪一项")
    rule: dict[str, Any]
    extension_to: date | None
    extensions: int
    deferred_until: date | None
    objection_by: str | None
    remaining: int | None
    source: Source


class Items(Shape):
    items: list[Item]


class ItemPage(Items):
    next: int | None = Field(description="还有更多时，作为下一页的 after；没有则为 null")


class Proof(Shape):
    id: int
    kind: Literal["link", "file", "note"]
    value: str


class Change(Shape):
    at: AwareDatetime
    by: str
    event: str
    state: State
    reason: str | None
    detail: dict[str, Any]
    evidence: list[Proof]


class Check(Shape):
    number: int
    probe: str
    verdict: Verdict
    evidence: dict[str, Any]
    checked_at: AwareDatetime


class ItemMessage(Shape):
    id: int
    serial: str
    kind: str
    recipient: str
    channel: str
    state: MessageState
    reason: str
    created_at: AwareDatetime
    error: str | None


class Reader(Shape):
    recipient: str
    state: str
    channels: list[str]
    error: str | None


class Occasion(Shape):
    at: AwareDatetime
    kind: str
    reached: int
    of: int
    recipients: list[Reader]


class ItemFile(Shape):
    """一项的全部情况"""

    item: Item
    history: list[Change]
    checks: list[Check]
    messages: list[ItemMessage]
    reached: list[Occasion]
    why: str = Field(description="为什么（不）提醒")
    colour: str | None


class CheckPage(Shape):
    checks: list[Check]
    next: int | None


class Unit(Shape):
    name: str
    level: Literal["department", "district", "below"]
    parent: str | None
    confirmed: bool
    aliases: list[str]
    items: int


class Units(Shape):
    units: list[Unit]


class Contact(Shape):
    """号码和密钥只显示首尾"""

    unit: str
    name: str
    role: Literal["联络员", "负责人", "领导小组", "审批局"]
    phone: str | None
    wecom_userid: str | None
    robot: str | None
    email: str | None


class Contacts(Shape):
    contacts: list[Contact]


class Attempt(Shape):
    at: AwareDatetime
    ended_at: AwareDatetime | None
    outcome: str | None
    error: str | None


class Message(Shape):
    id: int
    serial: str
    recipient: str
    channel: str
    kind: str
    state: MessageState
    error: str | None
    attempts: list[Attempt]
    reason: str
    created_at: AwareDatetime
    send_after: AwareDatetime
    segments: int | None
    decided_at: AwareDatetime | None
    decided_by: str | None


class MessagePage(Shape):
    messages: list[Message]
    next: int | None
