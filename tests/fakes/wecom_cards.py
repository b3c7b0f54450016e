"""The rules of template cards: a robot's has no buttons and needs a page, an app's may ask for an answer.

Must never refuse for a length that the documents only suggest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.fakes.wecom_rules import Refusal, need

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_LIST_CAPS = {  # list -> most entries, errcode beyond
    "horizontal_content_list": (6, 42035),
    "jump_list": (3, 42042),
    "vertical_content_list": (4, 42036),
}


def card_summary(card: Mapping[str, object]) -> str:
    """Judge a card; return the line people would read first. Raises Refusal."""
    kind = card.get("card_type")
    if kind not in ("text_notice", "news_notice"):
        raise Refusal(42031, "invalid card_type")
    title = _title(card, kind)
    _action(card.get("card_action"))
    if kind == "news_notice":
        need(card.get("card_image"), "url", 42044)
        if "image_text_area" in card:
            need(card["image_text_area"], "image_url", 42044)
    for name, (most, errcode) in _LIST_CAPS.items():
        for entry in _entries(card, name, most, errcode):
            _ENTRY_RULES[name](entry)
    return title


def button_card(card: Mapping[str, object], *, has_callback: bool) -> tuple[str, str]:
    """Judge an app's card; return the line people would read first, and its task id or "". Raises Refusal."""
    if card.get("card_type") != "button_interaction":
        return card_summary(card), ""
    if not has_callback:
        raise Refusal(43012, "no callback url")
    task_id = card.get("task_id")
    if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
        raise Refusal(42014, "taskid empty or exceed max len")
    buttons = _entries(card, "button_list", 6, 42038)
    if not buttons:
        raise Refusal(42039, "button_list is empty")
    for button in buttons:
        need(button, "text", 42033)
        need(button, *(("url", 42028) if _kind(button) == 1 else ("key", 42039)))
    for entry in _entries(card, "horizontal_content_list", *_LIST_CAPS["horizontal_content_list"]):
        _horizontal(entry)
    return need(card.get("main_title"), "title", 42033), task_id


def _title(card: Mapping[str, object], kind: object) -> str:
    main = card.get("main_title")
    title = main.get("title") if isinstance(main, dict) else None
    if kind == "news_notice":
        return need(main, "title", 42033)
    return str(title) if title else need(card, "sub_title_text", 42033)


def _entries(card: Mapping[str, object], name: str, most: int, errcode: int) -> list[dict[str, object]]:
    entries = card.get(name, [])
    if not isinstance(entries, list) or len(entries) > most:
        raise Refusal(errcode, f"{name} length out of limit")
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def _action(action: object) -> None:
    kind = action.get("type") if isinstance(action, dict) else None
    if kind not in (1, 2):
        raise Refusal(42045, "missing or invalid card_action")
    need(action, *(("url", 42028) if kind == 1 else ("appid", 42030)))


def _horizontal(entry: dict[str, object]) -> None:
    need(entry, "keyname", 42027)
    wanted = {1: ("url", 42028), 2: ("media_id", 42029), 3: ("userid", 42050)}.get(_kind(entry))
    if wanted:
        need(entry, *wanted)


def _jump(entry: dict[str, object]) -> None:
    need(entry, "title", 42033)
    wanted = {1: ("url", 42028), 2: ("appid", 42030)}.get(_kind(entry))
    if wanted:
        need(entry, *wanted)


def _vertical(entry: dict[str, object]) -> None:
    need(entry, "title", 42033)


def _kind(entry: dict[str, object]) -> int:
    kind = entry.get("type", 0)
    return kind if isinstance(kind, int) else 0


_ENTRY_RULES = {
    "horizontal_content_list": _horizontal,
    "jump_list": _jump,
    "vertical_content_list": _vertical,
}
