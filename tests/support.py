"""Small helpers that tests of several rooms share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.rules import Rules, load_rules
from tracker.services import register
from tracker.services.office import Office
from tracker.services.register import Preview, Source
from tracker.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")

_HEADER = ("“一网通办”问题", "“互联网+监管”问题", "政务公开问题", "备注")
_SCHOOLS = (
    "1.有未评办件15件。 2.2个办理项指南存在准确性问题。",
    "用户活跃度未达到50%。",
    "1.没有设置统计信息专栏。 2.财政资金栏目长期不更新。",
    "",
)


def _row(*cells: str) -> str:
    return "\t".join(cells)


BULLETIN = f"""云澜市政务服务通报

2021年7月23日

全市政务服务季度考核情况通报

附件1

市直部门政务服务考核问题清单

{_row("序号", "单位名称", *_HEADER)}
{_row("1", "市教育局", *_SCHOOLS)}
{_row("2", "市民政局", "有1个办件超时未受理。", "", "没有设置行政复议专栏。", "")}

附件2

各区政务服务考核问题清单

{_row("序号", "区划", *_HEADER)}
{_row("1", "澜东区", "有未评办件982件。", "", "没有设置公益性事业栏目。", "")}
"""


@dataclass
class Clock:
    """A clock that tests set; services take it as they take the system's."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def set(self, words: str) -> datetime:
        self.moment = at(words)
        return self.moment

    def advance(self, **span: float) -> datetime:
        self.moment += timedelta(**span)
        return self.moment


def at(words: str) -> datetime:
    """`2021-07-26 09:00` on the office's clock."""
    return datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def shipped_rules() -> Rules:
    """The rules as they are shipped, the same ones for all: nothing writes to them."""
    return load_rules(None)


def default_settings() -> Settings:
    """The settings of an installation that has set nothing: nothing is read, which takes 6 ms each time."""
    return Settings.model_construct()


def take_in(office: Office, now: datetime, text: str = BULLETIN, name: str = "通报.txt") -> Preview:
    """Import a bulletin as staff would."""
    return register.commit(office, Source(text.encode(), name), by="经办", now=now)
