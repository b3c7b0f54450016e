"""What the page of one document holds: text of its own, attachments, and the names of papers.

Must never take a headline, the template around it, or a link that leads to no file for a paper itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from tracker.probes.addresses import FetchError, FetchReason
from tracker.probes.dates import is_only_date
from tracker.probes.listing import is_attachment
from tracker.probes.page_reader import Shown
from tracker.probes.paper_titles import PaperName
from tracker.probes.sights import Sight, absolute
from tracker.probes.walk import Walk

# A list of affairs, a budget, an account in so few signs does not exist; a table of 索引号, 发文机关 … may.
_SHORTEST_PAPER = 60
_MOST_ATTACHMENTS = 3
# What templates put around a document.
_FURNITURE = re.compile(
    r"^\W*(?:(?:您?(?:的)?(?:当前|现在|所在).{0,4})?位置|首页|上一?篇|下一?篇|发布|发文|成文|公开|生成|来源|信息来源|作者|责任编辑|编辑|审核"
    r"|浏览|阅读|点击|访问|字[体号]|打印|关闭|收藏|分享|扫一扫|索引号|索取号|主题|分类|文号|有效性|名称|标题|相关|附件|版权|主办|承办|备案)"
)
_NAMELESS = re.compile(
    r"附件|附|点击|下载|查看|详见|文件|链接|\.?(?:pdf|docx?|xlsx?|wps|et|zip|rar|ofd)$|\W|\d", re.I
)


def has_content(document: list[Sight], paper: PaperName, walk: Walk) -> bool:
    """Has the opened document running text of its own, or an attachment that answers as a file?"""
    others = _others(document, walk)
    known = {shown.text for sight in others for shown in sight.shown}
    if sum(_plain_signs(sight, known, paper) for sight in document) >= _SHORTEST_PAPER:
        return True
    linked = {absolute(sight.url, shown.link) for sight in others for shown in sight.shown}
    files = dict.fromkeys(link for link, _ in _attachments(document) if link not in linked)
    return any(_is_file(link, walk) for link in list(files)[:_MOST_ATTACHMENTS])


def names(document: list[Sight], paper: PaperName) -> bool:
    """Does the opened document speak of the paper anywhere, in a text or the name of a file?"""
    texts = (
        text for sight in document for shown in sight.shown for text in (shown.text, unquote(shown.link))
    )
    return any(map(paper.is_spoken_of, texts))


def is_unreadable(document: list[Sight]) -> bool:
    """May it hold something that its page does not tell: drawn by a script, or a file without a name?"""
    dim = any(sight.has_placeholders or (sight.is_bare and sight.scripts) for sight in document)
    return dim or any(len(_NAMELESS.sub("", text)) < 2 for _, text in _attachments(document))


def _others(document: list[Sight], walk: Walk) -> list[Sight]:
    own = {sight.url for sight in document}
    return [sight for sight in walk.sights if sight.url not in own]


def _plain_signs(sight: Sight, known: set[str], paper: PaperName) -> int:
    """How many signs stand in no link, no headline and nothing that other pages of the site show too."""
    count = linked = 0
    for shown in sight.shown:
        if shown.link:
            linked += len(shown.text)  # the block around them repeats the texts of its links
            continue
        own, linked = len(shown.text) - linked, 0
        if _may_be_body(shown, known, paper):
            count += max(own, 0)
    return count


def _may_be_body(shown: Shown, known: set[str], paper: PaperName) -> bool:
    if not shown.certain or shown.text in known or _FURNITURE.match(shown.text) or is_only_date(shown.text):
        return False
    return not paper.is_title(shown.text, lambda _head: True)


def _attachments(document: Iterable[Sight]) -> list[tuple[str, str]]:
    """Address and text of each file that the pages offer."""
    links = (
        (absolute(sight.url, each.link), each) for sight in document for each in sight.shown if each.link
    )
    return [(link, each.text) for link, each in links if each.certain and is_attachment(link)]


def _is_file(link: str, walk: Walk) -> bool:
    """Does the address answer with a file? What answers with a page is a notice that it is gone."""
    try:
        walk.visits.open(link)
    except FetchError as error:
        return error.reason is FetchReason.NOT_A_PAGE
    return False
