"""Which account of the register a problem's text is about: 微博“澜东发布”两年没有更新。

Must never take one account for another: the same name on another platform, a name that only begins alike,
or one of several accounts that a text names.
"""

from __future__ import annotations

import re
import unicodedata

from tracker.intake.feeds.accounts import plain
from tracker.intake.prose.accounts import ACCOUNT_WORDS, KINDS, PLATFORM, QUOTE, names_inside
from tracker.intake.prose.members import STOPS

Named = tuple[str, str]
_BEFORE = ("政务", "官方", "新浪")  # 腾讯微博 was another platform
_SHORT = {"今日头条": "头条", "微信": "公众", "公众平台": "公众"}  # who means 微信视频号 says so
_PLATFORM = re.compile(PLATFORM)
_HEAD = re.compile(rf"([^{STOPS}]{{2,24}}?)(?=\(?{PLATFORM})")
# The next two are for a text whose quotes are emptied.
_BESIDE = re.compile(rf"{PLATFORM}(?:账号|帐号|平台)?:?“”|“”(?:\([^()]*\))?[(的]?{PLATFORM}")
_SEVERAL = re.compile(
    rf"“”[(的]?(?:{PLATFORM})?(?:账号|帐号|平台)?\)?(?:[、和及与]|等)|[、和及与如](?:{PLATFORM})?(?:账号|帐号|平台)?“”"
    rf"|(?:[02-9]|\d\d|[两二三四五六七八九十几多数])个[^,。;]{{0,4}}(?:{ACCOUNT_WORDS.pattern})"
)


def comparable(platform: str, name: str) -> Named:
    """Platform and name so that two ways to write them are equal: 微信公众号 is 公众号, 抖音号 is 抖音."""
    where = plain(platform)
    for word in _BEFORE:
        where = where.removeprefix(word)
    where = re.sub(r"(?:账号|帐号|(?<=.)号)$", "", where)
    where = where.removeprefix("微信") or where
    return _SHORT.get(where, where), plain(name)


def named_in(text: str) -> Named | None:
    """The one account that a text names, as `comparable`: its name in quotes, or as the text's first words,
    and its platform beside it. Quoted kinds (“僵尸”账号) are no names.

    None where it names no platform, or more than one of either: one account in order would not settle it.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    said = QUOTE.sub(lambda quote: quote[1] if KINDS.fullmatch(quote[1]) else quote[0], said)
    if QUOTE.search(said) is None:
        said = _HEAD.sub(r"“\1”", said, count=1) if _HEAD.match(said) else said
    names = {plain(name) for quote in QUOTE.finditer(said) for name, _ in names_inside(quote[1])}
    around = QUOTE.sub("“”", said)
    platforms = _PLATFORM.findall(around)
    if len(names) != 1 or len(platforms) != 1 or not _BESIDE.search(around) or _SEVERAL.search(around):
        return None
    return comparable(platforms[0], names.pop())
