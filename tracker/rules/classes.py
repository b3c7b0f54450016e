"""`classes.toml`: classes of problems with their deadlines. Must never guess: a fault names file and key."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel

from tracker.domain.classes import ProblemClass, Proof
from tracker.domain.deadlines import DeadlineRule
from tracker.domain.errors import ConfigError
from tracker.rules.files import ConfigFolder

OTHER_CLASS = "other"
Weeks = list[Annotated[int, Field(ge=0, le=260)]]


class _ClassTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    domain: str | None = None
    patterns: list[str] = []
    deadline: dict[str, object]
    source: str
    evidence: str | None = None
    auto_verify: bool = False
    revisit_weeks: Weeks | None = None


class _Classes(RootModel[dict[str, _ClassTable]]):
    pass


def read_classes(folder: ConfigFolder) -> tuple[tuple[ProblemClass, ...], dict[str, DeadlineRule]]:
    """The classes, and their deadlines by code; what is wrong goes into the folder's errors."""
    table = folder.model("classes.toml", _Classes)
    classes: list[ProblemClass] = []
    deadlines: dict[str, DeadlineRule] = {}
    where = folder.path("classes.toml")
    for code, entry in (table.root if table else {}).items():
        for pattern in entry.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                folder.errors.append(f"{where}：{code}.patterns：正则表达式“{pattern}”有误，{error}")
        try:
            deadlines[code] = DeadlineRule.parse(entry.deadline, f"{where}：{code}.deadline")
        except ConfigError as error:
            folder.errors.append(error.message)
        evidence = None
        if entry.evidence in set(Proof):
            evidence = Proof(entry.evidence)
        elif entry.evidence is not None:
            known = "、".join(Proof)
            folder.errors.append(f"{where}：{code}.evidence：不认识的佐证“{entry.evidence}”，可用：{known}")
        patterns = tuple(entry.patterns)
        classes.append(
            ProblemClass(
                code,
                entry.name,
                entry.domain,
                patterns,
                entry.deadline,
                entry.source,
                evidence,
                entry.auto_verify,
                None if entry.revisit_weeks is None else tuple(entry.revisit_weeks),
            )
        )
    if table is not None and OTHER_CLASS not in table.root:
        folder.errors.append(f"{where}：缺少兜底类别 {OTHER_CLASS}")
    return tuple(classes), deadlines
