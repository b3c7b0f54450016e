"""Template cards: the robot's notice (a title, a few fields, a page behind) and the app's card with buttons.

Must never exceed what Tencent's documents 99110 and 90236 suggest or allow: over-long words are cut with an
ellipsis, further fields and buttons left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from notifiers.base import Card

_TITLE, _SUMMARY, _NAME, _VALUE, _BUTTON = 26, 112, 5, 26, 10  # characters
_FIELDS, _BUTTONS = 6, 6
_SERIAL = "编号"
_BLUE, _GREY = 1, 2  # styles of a button: the first thing to do, and the others


def notice(card: Card, link: str, serial: str) -> dict[str, object]:
    """A `text_notice` that opens `link`; its last field is the visible serial number, if there is one."""
    return {
        "card_type": "text_notice",
        **_words(card, serial),
        "card_action": {"type": 1, "url": link},
    }


def with_buttons(card: Card, serial: str, task_id: str) -> dict[str, object]:
    """A `button_interaction`; `task_id` begins with the letter's key: at most 128 of `0-9A-Za-z_-@`."""
    return {
        "card_type": "button_interaction",
        **_words(card, serial),
        **({"card_action": {"type": 1, "url": card.link}} if card.link else {}),
        "task_id": task_id,
        "button_list": [
            {"text": _short(button.text, _BUTTON), "style": _GREY if place else _BLUE, "key": button.key}
            for place, button in enumerate(card.buttons[:_BUTTONS])
        ],
    }


def _words(card: Card, serial: str) -> Mapping[str, object]:
    fields = (*card.fields[: _FIELDS - 1], (_SERIAL, serial)) if serial else card.fields[:_FIELDS]
    return {
        "main_title": {"title": _short(card.title, _TITLE)},
        "sub_title_text": _short(card.summary, _SUMMARY),
        "horizontal_content_list": [
            {"keyname": _short(name, _NAME), "value": _short(value, _VALUE)} for name, value in fields
        ],
    }


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
