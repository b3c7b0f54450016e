"""A town ten weeks after its bulletin: 148 of 176 and 110 of 117 are struck off, some late, some near."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fakes.pages_office import START, Town
from tests.services.scenes import strike_off
from tracker.domain.lifecycle import Event
from tracker.services.advance import perform

DEPARTMENTS, DISTRICTS = 176, 117
DONE_DEPARTMENTS, DONE_DISTRICTS = 148, 110
ISSUED = datetime(2026, 9, 4, 2, tzinfo=UTC)
_TRADES = "教民财水体审统司交林气粮档信城医商文卫住"
_NAMES = [f"市{trade}某局" for trade in _TRADES]
_PLACES = ("澜东区", "澜西区", "云台区", "青桥开发区")


def bulletin(departments: int = DEPARTMENTS, districts: int = DISTRICTS) -> str:
    """So many problems, one a row, in equal blocks: the first units' are the first numbers."""
    lines = ["云澜市政务服务季度考核情况通报", "", "2026年9月4日", ""]
    for annex, head, title, names, count in (
        (1, "单位名称", "市直部门", _NAMES, departments),
        (2, "区划", "各区", _PLACES, districts),
    ):
        lines += [f"附件{annex}", "", f"{title}考核问题清单", "", f"序号\t{head}\t政务公开问题"]
        lines += [
            f"{n}\t{names[(n - 1) * len(names) // count]}\t没有设置第{n}类公开栏目。"
            for n in range(1, count + 1)
        ]
        lines.append("")
    return "\n".join(lines)


def ten_weeks(town: Town) -> None:
    """Week by week a part is struck off; what is left is overdue but for what was extended until soon."""
    town.now = ISSUED
    town.take_in(bulletin(), "jidu.txt")
    numbers = [*range(1, DONE_DEPARTMENTS + 1)]
    others = [*range(DEPARTMENTS + 1, DEPARTMENTS + DONE_DISTRICTS + 1)]
    for week in range(10):
        town.now = ISSUED + timedelta(weeks=week, days=4)
        if week == 0:
            left = [DONE_DEPARTMENTS + 1, DONE_DEPARTMENTS + 2]
            perform(
                town.office,
                Event.EXTEND,
                left,
                by="联络员",
                now=town.now,
                to=START.date() + timedelta(days=2),
                reason="正在建设",
            )
            perform(town.office, Event.GRANT, left, by="经办", now=town.now)
        for part in (numbers, others):
            strike_off(town.office, part[week::10], town.now)
    town.now = START
