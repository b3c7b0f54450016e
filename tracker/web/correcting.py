"""A correction as a form of the preview sends it; the service decides whether it can be made.

Must never change anything that the person did not: fields that still say what was read say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Form

from tracker.services.corrections import (
    Adopt,
    Alias,
    Correction,
    CorrectionError,
    Drop,
    SameAs,
    SetClass,
    SetDeadline,
    SetQuantity,
    SetText,
    SetUnit,
    Split,
)
from tracker.services.drafts import Draft
from tracker.services.preview import Preview
from tracker.web.handed_in import day


class Deed(StrEnum):
    """Which of the preview's forms was sent."""

    EDIT = "edit"
    DROP = "drop"
    SPLIT = "split"
    SAME_AS = "same_as"
    ADOPT = "adopt"
    ALIAS = "alias"


@dataclass(frozen=True)
class CorrectionForm:
    """What was typed, as it was typed: a refused correction gives it back.

    `key` is the finding's or leftover's, for an alias the name as written.
    """

    deed: Annotated[Deed, Form()]
    key: Annotated[str, Form()]
    unit: Annotated[str, Form()] = ""
    code: Annotated[str, Form()] = ""
    due_on: Annotated[str, Form()] = ""
    value: Annotated[str, Form()] = ""
    measure: Annotated[str, Form()] = ""
    text: Annotated[str, Form()] = ""
    reason: Annotated[str, Form()] = ""
    texts: Annotated[str, Form()] = ""
    number: Annotated[str, Form()] = ""

    def wanted(self, preview: Preview) -> list[Correction]:
        """The corrections meant; raises RectifyError (Chinese) for a field that is empty or says nonsense."""
        match self.deed:
            case Deed.EDIT:
                return list(self._edits(_draft(preview, self.key)))
            case Deed.DROP:
                return [Drop(self.key, _filled(self.reason, "请写明删除的理由"))]
            case Deed.SPLIT:
                return [Split(self.key, self._parts())]
            case Deed.SAME_AS:
                number = _count(self.number, "事项编号")
                if not number:
                    raise CorrectionError("请填写对应的事项编号")
                return [SameAs(self.key, number)]
            case Deed.ADOPT:
                unit = _filled(self.unit, "请填写责任单位")
                return [Adopt(self.key, unit, _filled(self.text, "请填写问题内容"))]
            case Deed.ALIAS:
                return [Alias(self.key, _filled(self.unit, "请填写责任单位"))]

    def _parts(self) -> tuple[str, ...]:
        parts = tuple(line.strip() for line in self.texts.splitlines() if line.strip())
        if len(parts) < 2:
            raise CorrectionError("拆分须至少写两条，每行一条")
        return parts

    def _edits(self, draft: Draft) -> Iterator[Correction]:
        """A tracked item's unit, class and deadline are changed on the item, so its form does not ask."""
        counted, text = draft.finding.quantity, _filled(self.text, "请填写问题内容")
        value, measure = _count(self.value, "数量"), self.measure.strip() or None
        due_on = day(self.due_on)
        if draft.is_new:
            unit = _filled(self.unit, "请填写责任单位")
            if unit != draft.unit.name:
                yield SetUnit(self.key, unit)
            if self.code != draft.item.problem_class:
                yield SetClass(self.key, self.code)
            if due_on is not None and due_on != draft.item.standing.due_on:
                yield SetDeadline(self.key, due_on)
        if text != draft.finding.text:
            yield SetText(self.key, text)
        if (value, measure) != ((counted.value, counted.measure or None) if counted else (None, None)):
            yield SetQuantity(self.key, value, measure if value is not None else None)


def _draft(preview: Preview, key: str) -> Draft:
    for draft in preview.drafts:
        if draft.key == key:
            return draft
    raise CorrectionError(f"没有 {key} 这一条问题，可能已被更正，请核对后重试")


def _filled(text: str, otherwise: str) -> str:
    if not text.strip():
        raise CorrectionError(otherwise)
    return text.strip()


def _count(text: str, what: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 9):
        raise CorrectionError(f"{what}须是不超过九位的数字，所填为“{plain}”")
    return int(plain)
