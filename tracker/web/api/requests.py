"""What other systems send, checked before anything is done with it.

Must never let through a text that a database cannot hold (a NUL, half a surrogate pair), nor a key that
nobody reads: a slip of the pen must not look like success.
"""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated, Literal

from fastapi import Header, Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from tracker.domain.lifecycle import Event, State
from tracker.domain.periods import FIRST_YEAR, LAST_YEAR, IssuePeriod
from tracker.services.evidence import MAX_EVIDENCE_BYTES, Evidence
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter

_STORABLE = r"^[^\x00]*$"
_LINK = r"^https?://[^\s\x00]+$"
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_NUMBERS_END = 2**31  # what the database's numbers end before

Word = Annotated[str, StringConstraints(max_length=200, pattern=_STORABLE)]
Text = Annotated[str, StringConstraints(max_length=5000, pattern=_STORABLE)]
Number = Annotated[int, Field(ge=1, lt=_NUMBERS_END)]
PathNumber = Annotated[int, Path(ge=1, lt=_NUMBERS_END, description="编号")]
IfMatch = Annotated[
    str | None,
    Header(description="事项的 ETag；事项在此之后变了就不办理，答 412 和现在的情况", examples=['"118"']),
]
After = Annotated[int | None, Query(ge=0, lt=_NUMBERS_END, description="上一页的 next")]
Limit = Annotated[int, Query(ge=1, le=500, description="一页最多多少条")]


def _plausible(day: date) -> date:
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise ValueError("year")
    return day


def _plausible_moment(moment: AwareDatetime) -> AwareDatetime:
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError("year")
    return moment


Instant = Annotated[AwareDatetime, AfterValidator(_plausible_moment)]
Day = Annotated[
    date,
    AfterValidator(_plausible),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^20\d\d-\d\d-\d\d$"}),
]


class Sent(BaseModel):
    """A body; a key that is not described is refused."""

    model_config = ConfigDict(extra="forbid")


class LinkProof(Sent):
    """佐证网址"""

    kind: Literal["link"]
    url: Annotated[str, StringConstraints(max_length=2000, pattern=_LINK)]

    def evidence(self) -> Evidence:
        return Evidence.link(self.url)


class NoteProof(Sent):
    """文字说明"""

    kind: Literal["note"]
    text: Annotated[Text, StringConstraints(min_length=1)]

    def evidence(self) -> Evidence:
        return Evidence("note", self.text)


class FileProof(Sent):
    """佐证文件，内容用 base64 编码，不超过 20 MB"""

    kind: Literal["file"]
    name: Annotated[Word, StringConstraints(min_length=1)]
    content: Annotated[
        str, StringConstraints(min_length=4, max_length=MAX_EVIDENCE_BYTES // 3 * 4 + 8, pattern=_BASE64)
    ] = Field(json_schema_extra={"contentEncoding": "base64"}, examples=["6K+B5piO"])

    def evidence(self) -> Evidence:
        """Raises RectifyError for a file that is not taken."""
        try:
            return Evidence.uploaded(self.name, base64.b64decode(self.content, validate=True))
        except binascii.Error:
            return Evidence.uploaded(self.name, b"")


Proof = Annotated[LinkProof | NoteProof | FileProof, Field(discriminator="kind")]


class Step(Sent):
    """流程中的一步"""

    event: Event = Field(description="sign 签收、submit 报送、strike_off 销号、return 退回 等")
    reason: Text | None = Field(None, description="理由；退回、申请延期、撤销等必须写")
    to: Day | None = Field(None, description="延期或暂缓到哪一天")
    left: Annotated[int, Field(ge=0, lt=_NUMBERS_END)] | None = Field(None, description="progress：还剩多少")
    evidence: list[Proof] = Field(default=[], max_length=20)


Numbers = Annotated[list[Number], Field(min_length=1, max_length=500)]


class Steps(Step):
    """对多项办理同一步，全部办理或全部不办理"""

    numbers: Numbers


class Chosen(Sent):
    numbers: Numbers
    reason: Text | None = None


class Undone(Sent):
    numbers: Numbers


class ItemQuery(Sent):
    """列表的筛选，与命令行 `rectify items` 相同"""

    unit: Word | None = Field(None, description="责任单位的名称，或通报中的写法")
    state: State | None = None
    domain: Word | None = Field(None, examples=["一网通办"])
    problem_class: Word | None = Field(None, alias="class", description="问题类别代码")
    group: Literal["市直", "各区"] | None = None
    overdue: bool = False
    basis: Basis | None = Field(None, description="某个数字背后的那些事项，如 rectified、counted")
    bulletin: Word | None = Field(None, description="通报的序号、标题或文件名")
    issued: Annotated[str, StringConstraints(pattern=r"^20\d\d(Q[1-4]|-(0[1-9]|1[0-2]))$")] | None = Field(
        None, description="印发的季度或月份", examples=["2026Q3", "2026-07"]
    )
    as_of: Instant | None = Field(
        None,
        description="按当时的状态、时限列出；其余各项为现在登记的，延期、异议、剩余数量不附",
        examples=["2026-11-16T01:00:00Z"],
    )
    after: int = Field(0, ge=0, lt=_NUMBERS_END, description="上一页的 next")
    limit: int = Field(100, ge=1, le=500)

    def wanted(self) -> ItemFilter:
        """For the store: one more than a page, so that the page knows whether others follow."""
        return ItemFilter(
            unit=self.unit or None,
            state=self.state,
            domain=self.domain,
            problem_class=self.problem_class,
            overdue=self.overdue,
            bulletin=self.bulletin,
            group=self.group,
            basis=self.basis,
            issued=IssuePeriod.parse(self.issued) if self.issued else None,
            after=self.after,
            limit=self.limit + 1,
        )
