"""What the filter form of the list offers: drop-downs, ticks for what may be several, and orders."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.domain.lifecycle import State
from tracker.services import inspect
from tracker.services.office import Office
from tracker.store.conditions import ASKED, Basis
from tracker.store.list_order import Order
from tracker.web.filters import Filters

_LATEST_BULLETINS = 50
_BASES = {
    Basis.UNFINISHED: "未完成",
    Basis.DUE_TODAY: "今日到期",
    Basis.EXTENSION: "延期待审批",
    Basis.OBJECTION: "异议待处理",
    Basis.COUNTED: "计入整改率",
    Basis.ON_TIME: "按期销号",
    Basis.JUDGED: "已销号或逾期",
    Basis.WAITING: "整改中，未逾期",
    Basis.RETURNED: "曾被退回",
    Basis.RECURRED: "反弹",
    Basis.RECTIFIED: "已销号",
}
ORDERS = {
    Order.NUMBER: "编号",
    Order.NEWEST: "编号，新的在前",
    Order.DUE: "时限",
    Order.UNIT: "责任单位",
    Order.STATE: "状态",
    Order.UPDATED: "最近办理",
}


@dataclass(frozen=True)
class Choice:
    """One question of the form: field, label, (value, words) pairs, what is chosen."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: tuple[str, ...]


def choices(office: Office, filters: Filters) -> dict[str, list[Choice]]:
    """`several`: any number may be ticked; `one`: drop-downs."""
    classes = office.rules.classes
    domains = dict.fromkeys((*(each.domain for each in classes if each.domain), *filters.domain))
    documents = [
        (str(number), title) for number, title in inspect.latest_bulletins(office, _LATEST_BULLETINS)
    ]
    return {
        "several": [
            Choice("state", "状态", [(state.value, state.chinese) for state in State], filters.state),
            Choice("domain", "领域", [(name, name) for name in domains], filters.domain),
        ],
        "one": [
            _one("group", "组别", [(name, name) for name in (DEPARTMENTS, DISTRICTS)], filters.group),
            _one("class", "问题类别", [(each.code, each.name) for each in classes], filters.problem_class),
            _one("basis", "范围", _bases(past=filters.as_of is not None), filters.basis),
            _one("bulletin", "通报", documents, filters.bulletin),
        ],
    }


def sorts(filters: Filters) -> Choice:
    return Choice("sort", "排序", [(order.value, name) for order, name in ORDERS.items()], (filters.sort,))


def _bases(*, past: bool) -> list[tuple[str, str]]:
    """Who asked for what is no part of a past standing."""
    return [(basis.value, name) for basis, name in _BASES.items() if not (past and basis in ASKED)]


def _one(name: str, label: str, options: list[tuple[str, str]], current: str | None) -> Choice:
    """A link may name a bulletin by its title: it must not look as if nothing were chosen."""
    if current is not None and all(value != current for value, _ in options):
        options = [(current, current), *options]
    return Choice(name, label, options, () if current is None else (current,))
