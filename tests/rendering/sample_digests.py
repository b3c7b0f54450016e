"""Digests of each scope and pace, as an office of the invented city 云澜市 would send them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from tests.rendering.sample_messages import DIGEST, ZONE
from tracker.domain.rates import Rate
from tracker.rendering.digest import DigestView, GroupView, ItemLine, Unsigned
from tracker.rendering.messages import LateUnit

_FIXED = (
    ItemLine(12, "市文旅局", "政务公开", "缺少专栏", date(2026, 11, 17)),
    ItemLine(31, "澜西区", "一网通办", "办件未评价", None),
)
_LATE = (
    ItemLine(40, "澜东区", "一网通办", "超时未受理", date(2026, 11, 18)),
    ItemLine(41, "市文旅局", "", "其他", date(2025, 12, 31)),
)
_CITY = replace(
    DIGEST,
    struck_off=_FIXED,
    overdue=_LATE,
    unreported=(("市文旅局", 2), ("澜东区", 1), ("澜西区", 1)),
    unsigned=Unsigned((("青桥开发区", 3), ("澜西区", 1)), date(2026, 10, 9)),
)
_EAST = "澜东区"


def _group(name: str, rate: tuple[int, int], before: tuple[int, int], against: str = "上周") -> GroupView:
    done, all_ = rate
    return GroupView(name, Rate(*rate), Rate(*before), Rate(done, all_), all_ - done, all_ - done, against)


_DISTRICT = DigestView(
    period="2026-W47",
    as_of=datetime(2026, 11, 24, 14, 30, tzinfo=ZONE),
    total=_group("合计", (20, 26), (18, 26)),
    groups=(_group(_EAST, (14, 18), (14, 18)), _group("澜东区桥头街道", (6, 8), (4, 8))),
    unfinished=((_EAST, 4), ("澜东区桥头街道", 2)),
    newly_struck_off=21,
    newly_overdue=1,
    latest=(LateUnit(_EAST, 4, 3),),
    serial="D-2026-W47-D4",
    link="https://rectify.example.invalid",
    struck_off=tuple(ItemLine(n, _EAST, "政务公开", "缺少专栏", None) for n in range(1, 21)),
    overdue=_LATE[:1],
    unreported=(),
    scope=_EAST,
    cut="各单位",
    late_from=datetime(2026, 11, 23, 9, 0, tzinfo=ZONE),
)
_UNIT = replace(
    _DISTRICT,
    groups=(_group("政务公开", (20, 20), (18, 20)), _group("一网通办", (0, 6), (0, 6))),
    unfinished=(("市文旅局", 6),),
    newly_struck_off=1,
    latest=(LateUnit("市文旅局", 6, 12),),
    serial="D-2026-W47-U7",
    struck_off=_FIXED[:1],
    overdue=_LATE[1:],
    unreported=(("市文旅局", 2),),
    unsigned=Unsigned((("市文旅局", 1),), date(2026, 11, 9)),
    scope="市文旅局",
    cut="分领域",
    late_from=None,
)
_MONTH = replace(
    _CITY,
    period="2026-10",
    as_of=datetime(2026, 10, 31, 23, 59, 59, tzinfo=ZONE),
    total=replace(DIGEST.total, against="上月"),
    groups=tuple(replace(group, against="上月") for group in DIGEST.groups),
    serial="D-2026-10",
    unreported=None,
)
_QUARTER = replace(
    _MONTH,
    period="2026Q3",
    as_of=datetime(2026, 9, 30, 23, 59, 59, tzinfo=ZONE),
    total=GroupView("合计", Rate(9, 9), None, Rate(9, 9), 0, 0, "上季度"),
    groups=(),
    unfinished=(),
    newly_struck_off=9,
    newly_overdue=0,
    struck_off=_FIXED,
    overdue=(),
    latest=(),
    unsigned=Unsigned(),
    serial="D-2026Q3",
)
DIGESTS = {"city": _CITY, "district": _DISTRICT, "unit": _UNIT, "month": _MONTH, "quarter": _QUARTER}
