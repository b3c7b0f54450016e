"""What stands under an account's name on a page, and whether all of it speaks of this account.

Must never take a word that it does not know for the account's own: it may be the name of another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from lxml import etree
from lxml.html import HtmlElement

from tracker.probes.dates import dates_in, is_only_date
from tracker.probes.extents import hides
from tracker.probes.names import comparable
from tracker.probes.page_reader import is_block

# Not when the entry in a list, its filing, or the page itself was last touched.
_OTHERS = ("信息", "资料", "备案", "登记", "数据", "本页", "页面", "网页", "网站", "本站", "系统")
_OF_OTHERS = "".join(f"(?<!{word})" for word in _OTHERS)
_LAST = r"(?:最后|最近|最新)(?:一次|一条)?(?:更新|发布|发文|推送)(?:时间|日期|于)?"
_WHEN = r"(?<!最后)(?<!最近)(?<!最新)(?:更新|发布|发文|推送)(?:时间|日期)"
LATEST = re.compile(rf"{_OF_OTHERS}(?:{_LAST}|{_WHEN})")
OWN_LATEST = re.compile(rf"{_OF_OTHERS}{_LAST}[：:\s]{{0,3}}(.{{1,24}})")
FOOT = re.compile(r"版权所有|Copyright|ICP备|备案号|网安备|主办单位|网站标识码", re.I)
# Of weeks and longer only the oldest possible day is known.
VAGUE = re.compile(r"\d\s*(?:周|个?月|年)以?前")
_COUNTED = re.compile(
    r"(?:账号|帐号|名称|昵称|平台|粉丝|关注|获赞|点赞|作品|文章|视频|阅读|[总数量万亿\d\W_])*"
)
_FIELD = re.compile(
    r"(?:(?:账号|帐号|功能)?(?:简介|介绍)|认证(?:信息|主体)?|(?:主管|运营|责任|所属|开办)(?:单位|部门|主体)"
    r"|(?:账号|帐号)?(?:类型|类别|状态)|(?:开通|注册)(?:时间|日期)|微信号|IP属地|联系(?:电话|地址)|地址|邮箱)\s*[：:].*",
    re.I,
)
_SILENT = frozenset({"script", "style", "template", "noscript", "textarea", "title"})
_HEADS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Rows speak of one thing each, and side bars, menus and feet of other things than the page.
_ELSEWHERE = frozenset({"li", "tr", "dl", "aside", "nav", "footer"})
_MOST_TEXTS = 200  # no account says more of itself; a hostile page must not cost minutes


@dataclass(frozen=True)
class Account:
    platform: str
    name: str

    @cached_property
    def key(self) -> str:
        return comparable(self.name)

    def is_named_by(self, words: str) -> bool:
        return comparable(words) == self.key


@dataclass(frozen=True)
class Text:
    """A text that the page shows as one block, and the element that it begins in."""

    words: str
    element: HtmlElement

    def lies_in(self, tags: frozenset[str]) -> bool:
        return any(each.tag in tags for each in (self.element, *self.element.iterancestors()))


def texts_of(root: HtmlElement) -> Iterator[Text]:
    """What a browser would show of it, block by block, in order."""
    parts: list[tuple[str, HtmlElement]] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag and is_block(tag):
            yield from _block(parts)
            parts.clear()
        if event == "end":
            if element is not root and element.tail and element.tail.strip():
                parts.append((element.tail, element.getparent()))
        elif not tag or tag in _SILENT or hides(element):
            walk.skip_subtree()
        elif element.text and element.text.strip():
            parts.append((element.text, element))
    yield from _block(parts)


def _block(parts: list[tuple[str, HtmlElement]]) -> Iterator[Text]:
    if parts:
        yield Text(" ".join(" ".join(words for words, _ in parts).split()), parts[0][1])


def latest_under_name(root: HtmlElement, account: Account, today: date) -> list[date]:
    """The first labelled day under the account's name, if all before it and around it is the account's own.

    Until the next heading; of a page that has the name in its title alone, from where it stands by itself.
    """
    texts = list(texts_of(root))
    named = [n for n, text in enumerate(texts) if account.is_named_by(text.words)]
    heads = [n for n in named if texts[n].lies_in(frozenset({"h1"}))]
    start = next((n for n in heads or named if not texts[n].lies_in(_ELSEWHERE)), None)
    if start is None:
        return []
    for text in texts[start + 1 : start + 1 + _MOST_TEXTS]:
        if text.lies_in(_HEADS | _ELSEWHERE) or FOOT.search(text.words):
            break
        if days := labelled_days(text.words, account, today):
            return days if _is_all_own(text, texts[start], account, today) else []
        if not is_own(text.words, account):
            break
    return []


def is_own(words: str, account: Account) -> bool:
    """Does the text say something of the account, and surely nothing of another one?"""
    is_field = _FIELD.fullmatch(words) and not LATEST.search(words)
    return bool(is_field or is_only_date(words) or _is_counted(words, account))


def labelled_days(words: str, account: Account, today: date) -> list[date]:
    """The day after a label, in a text that says nothing else but names and numbers."""
    label = OWN_LATEST.search(words)
    if not label or not _is_counted(words[: label.start()], account):
        return []
    return certain_days(words[label.start(1) :], today)


def certain_days(words: str, today: date) -> list[date]:
    """The day that is all a text says."""
    return dates_in(words, today)[:1] if is_only_date(words) and not VAGUE.search(words) else []


def labelled_days_of_all_own(element: HtmlElement, account: Account, today: date) -> list[date]:
    """The labelled days of a part of the page that names this account at most; else none."""
    days = []
    for text in texts_of(element):
        found = labelled_days(text.words, account, today)
        if not found and not is_own(text.words, account):
            return []
        days += found
    return days


def _is_counted(words: str, account: Account) -> bool:
    """Are names of its own, numbers and what they count all that it says?"""
    own = rf"(?<!\w)(?:{re.escape(account.name)}|{re.escape(account.platform)})(?!\w)"
    return _COUNTED.fullmatch(re.sub(own, " ", words)) is not None


def _is_all_own(label: Text, name: Text, account: Account, today: date) -> bool:
    """Is the whole part of the page around the label the account's own? A card may name its own last."""
    around = {name.element, *name.element.iterancestors()}
    part = label.element
    while part not in around and (parent := part.getparent()) is not None and parent not in around:
        part = parent
    return part in around or bool(labelled_days_of_all_own(part, account, today))
