"""The menu: rooms, and the pages of each. What a session may not open is left out of it.

Must never decide who may open what: that says `tracker/web/access.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Page:
    """An entry. covers: addresses that belong to it, too; is_here: one of these, or below, is looked at."""

    path: str
    name: str
    covers: tuple[str, ...] = ()
    is_here: bool = False


@dataclass(frozen=True)
class Room:
    """An entry of the first row, leading to the first of its pages; these are the second row while in it."""

    name: str
    pages: tuple[Page, ...]
    is_here: bool = False

    @property
    def path(self) -> str:
        return self.pages[0].path


ROOMS = (
    Room("总览", (Page("/", "今日工作"),)),
    Room("本单位", (Page("/my", "本单位事项"),)),
    Room("事项", (Page("/items", "清单"), Page("/ledger", "台账"))),
    Room(
        "核查",
        (
            Page("/checks", "核查结论"),
            Page("/watch", "更新预警"),
            Page("/revisits", "回头看"),
            Page("/spot-checks", "抽查"),
            Page("/feeds", "数据"),
        ),
    ),
    Room(
        "整改率",
        (
            Page("/rates", "整改率"),
            Page("/rates/snapshots", "历次发布"),
            Page("/leader", "领导视图"),
            Page("/digest", "周报"),
        ),
    ),
    Room("通报", (Page("/bulletins", "通报"), Page("/uploads", "读入"), Page("/claims", "核对"))),
    Room("文书", (Page("/papers", "文书"),)),
    Room("消息", (Page("/messages", "收发情况", covers=("/inbox",)), Page("/channels", "渠道"))),
    Room("单位", (Page("/units", "单位"),)),
    Room(
        "管理",
        (
            Page("/admin", "管理"),
            Page("/admin/people", "人员"),
            Page("/admin/contacts", "联系人"),
            Page("/admin/ladders", "阶梯与时限"),
            Page("/admin/templates", "消息预览"),
            Page("/admin/calendar", "日历"),
            Page("/admin/jobs", "任务"),
            Page("/admin/audit", "经过"),
            Page("/admin/backup", "备份"),
        ),
    ),
)


def menu(path: str, may_open: Callable[[str], bool]) -> list[Room]:
    """The rooms with a page that may be opened, as they are seen from `path`."""
    known = [address for room in ROOMS for page in room.pages for address in (page.path, *page.covers)]
    here = max((address for address in known if _holds(address, path)), key=len, default="")
    seen = []
    for room in ROOMS:
        pages = tuple(
            replace(page, is_here=here in {page.path, *page.covers})
            for page in room.pages
            if may_open(page.path)
        )
        if pages:
            seen.append(Room(room.name, pages, any(page.is_here for page in pages)))
    return seen


def _holds(page: str, path: str) -> bool:
    return path == page or (page != "/" and path.startswith(f"{page}/"))
