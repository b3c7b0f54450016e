"""One page as it was seen: what it shows, what it is made of, and whether it can prove anything at all.

Must never take an error page, a login page or a page that a script has still to fill for a page without
something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import unescape
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

from tracker.probes.fetch import Page
from tracker.probes.page_reader import PageReader, Shown

_ERROR_TITLE = re.compile(r"(?<!\d)(?:40[0-9]|50[0-9])(?!\d)|错误|出错")
_ERROR_WORDS = re.compile(
    r"(?:网页|页面|栏目|内容)(?:已|已经)?(?:不存在|未找到|被?删除)|找不到.{0,8}页|not ?found", re.I
)
# A firewall's or a busy server's answer with status 200, in the site's own frame. Hidden boxes of a page with
# text of its own say so too.
_REFUSED = re.compile(
    r"(?:访问|请求|操作|IP).{0,6}被.{0,4}(?:拦截|拒绝|禁止|阻断|限制)|稍[后候](?:再|重)试|访问.{0,4}(?:过于|太)?频繁"
    r"|请.{0,4}完成.{0,4}验证",
    re.I,
)
_MOST_AROUND = 200
_LOGIN_TITLE = re.compile(r"登录|登陆|身份认证|login", re.I)
# Shown instead of a list; a whole text of its own, because 暂无 also stands in headlines.
_EMPTY = re.compile(
    r"(?:该栏目|本栏目|此栏目|栏目|页面)?(?:对不起|抱歉|很抱歉)?[，,！!]?(?:该栏目|本栏目|此栏目|栏目|当前)?"
    r"(?:暂无|暂时没有|没有|无)(?:相关|任何|更多)?(?:内容|信息|数据|文章|记录|资料)[。！!.…]*"
    r"|(?:内容|栏目|页面|资料|网页)?(?:正在|尚在)?(?:建设|更新|维护|完善|整理|升级|制作)中[，,。！!.…]*(?:敬请期待)?[。！!.…]*"
    r"|敬请期待[。！!.…]*|暂无[。！!.…]*"
)
_SHORT = 30
# The footer alone has three links (ICP filing, police filing, official-site mark): they are no page yet.
_FEWEST_LINKS = 5
# Bounded repeats: a page of two million unfinished tags must not cost hours.
_FRAME = re.compile(r"<i?frame\b[^>]{0,300}?\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)
_REFRESH = re.compile(
    r"<meta\b[^>]{0,300}http-equiv\s*=\s*[\"']?refresh[\"']?[^>]{0,300}content\s*=\s*[\"']?\s*\d*\s*[;,]\s*url\s*=\s*[\"']?([^\"'>\s]+)",
    re.I,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_SCRIPT = re.compile(r"<script\b([^>]{0,300})>(.*?)(?:</script\b[^>]{0,300}>|\Z)", re.I | re.S)
_SOURCE = re.compile(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.I)
_MOVES_ON = re.compile(
    r"\blocation(?:\.href)?\s*=\s*[\"']([^\"']+)[\"']|location\.replace\(\s*[\"']([^\"']+)"
)
_WRITES = re.compile(
    r"ajax|fetch\s*\(|XMLHttpRequest|\$\.(?:get|post)|getJSON|axios|\bVue\b|createApp|React|angular|datastore"
    r"|dataproxy|jpage|innerHTML|document\.write|append(?:Child|To)?\s*\(|\.html\s*\(|insertAdjacent"
    r"|\.load\s*\(\s*[\"']",
    re.I,
)
_PLACEHOLDER = re.compile(r"\bv-for\b|\bng-repeat\b|\{\{[^{}]{0,200}\}\}|<datastore\b|<recordset\b", re.I)


class Unfit(StrEnum):
    """Why a page proves nothing, whatever it shows."""

    HTTP_STATUS = "http_status"
    ERROR_PAGE = "error_page"
    LOGIN_PAGE = "login_page"
    BARE_PAGE = "bare_page"


UNFIT_WORDS = {
    Unfit.ERROR_PAGE: "打开的是出错提示页，无法判断",
    Unfit.LOGIN_PAGE: "打开的是登录页，无法判断",
    Unfit.BARE_PAGE: "网页上可见的链接太少（可能由脚本或框架显示），无法判断",
}


@dataclass(frozen=True)
class Sight:
    """A page with what it shows."""

    page: Page

    @classmethod
    def of(cls, page: Page) -> Self:
        return cls(page)

    @cached_property
    def reader(self) -> PageReader:
        return PageReader.read(self.page.text)

    @property
    def shown(self) -> list[Shown]:
        return self.reader.shown

    @property
    def url(self) -> str:
        return self.page.url

    @cached_property
    def unfit(self) -> Unfit | None:
        """What keeps the page from proving anything, however many links it has."""
        title = self.reader.title
        if self.page.status != 200:
            return Unfit.HTTP_STATUS
        notices = (shown.text for shown in self.shown if shown.certain and len(shown.text) <= _SHORT)
        titled = _ERROR_TITLE.search(title) or _ERROR_WORDS.search(title)
        if titled or any(map(_ERROR_WORDS.search, notices)) or self._is_refusal:
            return Unfit.ERROR_PAGE
        return Unfit.LOGIN_PAGE if _LOGIN_TITLE.search(title) else None

    @cached_property
    def _is_refusal(self) -> bool:
        linked = {shown.text for shown in self.shown if shown.link}
        texts = {shown.text for shown in self.shown if shown.certain} - linked
        return sum(map(len, texts)) < _MOST_AROUND and any(map(_REFUSED.search, texts))

    @cached_property
    def is_bare(self) -> bool:
        """Are there too few links for a page of a site: the rest may be a script's or a frame's."""
        return len({shown.text for shown in self.shown if shown.certain and shown.link}) < _FEWEST_LINKS

    @cached_property
    def says_empty(self) -> bool:
        """Does a text of its own say that there is nothing (yet)."""
        return any(shown.certain and _EMPTY.fullmatch(shown.text) for shown in self.shown)

    @cached_property
    def onward(self) -> str | None:
        """Where the page sends its visitors at once: by a refresh, or by a script on a bare page."""
        code = _COMMENT.sub("", self.page.text)
        if moved := _REFRESH.search(code):
            return absolute(self.url, unescape(moved[1]))
        scripts = " ".join(body for _, body in _SCRIPT.findall(code))
        moved = _MOVES_ON.search(scripts) if self.is_bare else None
        return absolute(self.url, moved[1] or moved[2]) if moved else None

    @cached_property
    def frames(self) -> tuple[str, ...]:
        """The addresses of its frames, which are part of what a visitor sees."""
        code = _SCRIPT.sub("", _COMMENT.sub("", self.page.text))
        found = (absolute(self.url, unescape("".join(parts))) for parts in _FRAME.findall(code))
        return tuple(dict.fromkeys(link for link in found if link.startswith("http") and link != self.url))

    @cached_property
    def scripts(self) -> frozenset[str]:
        """The scripts that the page loads, by address, and those in the page that write, by their text."""
        code = _COMMENT.sub("", self.page.text)
        found = set()
        for head, body in _SCRIPT.findall(code):
            if source := _SOURCE.search(head):
                found.add(absolute(self.url, source[1]))
            elif _WRITES.search(body):
                found.add(" ".join(body.split()))
        return frozenset(found)

    @cached_property
    def has_placeholders(self) -> bool:
        """Are there visible signs of a list that a script is yet to fill."""
        return bool(_PLACEHOLDER.search(_COMMENT.sub("", self.page.text)))


def absolute(base: str, link: str) -> str:
    """The address that a link means, without its fragment; "" for what is no address of a page."""
    if not link or link.lower().startswith(("javascript:", "mailto:", "tel:", "#")):
        return ""
    try:
        return urldefrag(urljoin(base, link)).url
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """The host with its port, with and without www. the same."""
    try:
        return urlsplit(url).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""


def folder_of(url: str) -> str:
    """The folder of the page: `/zwgk/` for `/zwgk/index.html`."""
    return urlsplit(url).path.rpartition("/")[0] + "/"
