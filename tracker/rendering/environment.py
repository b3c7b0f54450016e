"""The one Jinja2 environment of `templates/messages/`, and the filters that make data harmless in it.

A unit's or class's name comes from a document that anybody may have written. Must never let such a
text act as markup: no link, no colour, no mention, no second line, no forged SMS signature.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import cache
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracker.resources import shipped

# WeCom documents no escape character, so markup is replaced by its full-width look-alike.
_MARKDOWN = str.maketrans("&*_`[]#@\\", "＆＊＿｀［］＃＠＼")
# 【…】 is how a gateway marks the sender's signature, `<@…>` a mention even in WeCom's plain texts.
_PLAIN = str.maketrans("【】<>", "［］＜＞")
# Phones and mail programs make a link of whatever looks like a host, without being asked.
_HOST_DOT = re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z]{2})")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


@cache
def environment() -> Environment:
    """The environment, compiled once per process; an undefined name in a template is an error."""
    made = Environment(
        loader=FileSystemLoader(shipped("templates") / "messages"),
        # Chat and SMS are not HTML: `md` and `plain` escape for them.
        autoescape=select_autoescape(["html.j2"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"md": md, "plain": plain, "href": href}
    made.filters |= {"cn_date": cn_date, "cn_moment": cn_moment, "weekday": weekday}
    return made


def one_line(value: object) -> str:
    """The visible text of `value` on one line: no control or direction marks, white space collapsed."""
    text = str(value)
    seen = (c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return " ".join("".join(seen).split())


def plain(value: object) -> str:
    """`value` for an SMS or plain text: one line, no signature, mention or address that becomes a link."""
    return _HOST_DOT.sub("·", one_line(value).translate(_PLAIN).replace("://", "：//"))


def md(value: object) -> str:
    """`value` for WeCom markdown: it is shown, and can neither format, link nor mention."""
    return plain(value).translate(_MARKDOWN)


def href(address: str) -> str:
    """The office's own address, with what would end a markdown link early percent-encoded."""
    return quote(address, safe="%/:?#@!$&'*+,;=~")


def cn_date(value: date, today: date) -> str:
    """`11月21日`, or `2027年1月4日` when the year is not the one of `today`."""
    year = "" if value.year == today.year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


def cn_moment(value: datetime, today: date) -> str:
    """`11月21日16:05`, on the clock of `value`."""
    return f"{cn_date(value.date(), today)}{value:%H:%M}"


def weekday(value: date) -> str:
    """`周六`."""
    return "周" + "一二三四五六日"[value.weekday()]
