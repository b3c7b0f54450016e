"""The ways on from a page that bear no name: a picture, 更多, an entry of a select, a click; and where a
script may draw more of them than the page holds.

Must never take a page for one that shows all its links while one of these is left.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tracker.probes.extents import is_hidden
from tracker.probes.listing import parsed, words_of
from tracker.probes.menu import LONGEST_NAME
from tracker.probes.pager import is_page_of, is_pager
from tracker.probes.sights import Sight, absolute, host_of

_MOST = 2000  # no page of a real site has more; a hostile one must not cost minutes
_NAMELESS = re.compile(r"(?:(?:查看|了解)?更多|详情|more)?")
_ADDRESS = re.compile(
    r"[\"']((?:https?:/)?\.{0,2}/[^\"'\s<>]*|[\w\-./]{1,200}\.(?:s?html?|jspx?|aspx?|php)\b[^\"'\s<>]*)[\"']"
)
_LINKS = frozenset({"a", "area", "option"})
_OPENED_BY = ("onclick", "data-href", "data-url", "data-link")
_UNSHOWN = ("noscript", "template")
# A call that goes somewhere says where by a number or a word: show(3), go('zwgk').
_NOTHING = re.compile(r"void\s{0,9}\(\s{0,9}0\s{0,9}\)")
_CALLS = re.compile(r"\w\s*\(\s*[\"'\d]")
_TOOLS = re.compile(
    r"打印|关闭|收藏|首页|返回|顶部|无障碍|长者|老年|关怀|繁|简体|字[体号]|[大中小]|分享|登[录陆]|注册|搜|检索|查询|页|English",
    re.I,
)
# A well-known library draws nothing until a script of the site calls it.
_LIBRARY = re.compile(
    r"/(?:jquery|bootstrap|swiper|slick|superslide|layui|layer|vue|react|react-dom|angular|axios|lodash|moment"
    r"|echarts|modernizr|html5shiv|respond|polyfill|require|wow|hls|video|clipboard)"
    r"(?:[-._@]?v?\d[\d.]*)?(?:[-._](?:min|slim|pack|bundle|global|all|prod))*\.js$",
    re.I,
)
_LINKING = re.compile(
    r"(?:<|%3c)a\b|href|src\b|url|\.s?html?[\"'?]|ajax|fetch\s*\(|XMLHttp|\$\.(?:get|post)|getJSON|axios|\bVue\b"
    r"|createApp|React|angular|datastore|dataproxy|jpage|\.load\s*\(",
    re.I,
)
_WRITTEN_TAG = re.compile(r"(?:<|%3c)(?:script|img)\b[^<>]{0,200}?(?:>|%3e)", re.I)
_HOST = re.compile(r"//([\w.:-]{1,100})")
# Under these everybody may have a name; nobody is related by them.
_SUFFIX = re.compile(r"(?:(?:gov|com|org|net|edu|ac)\.)?\w*")


def nameless_links(sight: Sight) -> tuple[str, ...]:
    """The addresses to which a visitor gets by something that has no words of its own."""
    named = {absolute(sight.url, shown.link) for shown in sight.shown if not _says_nothing(shown.text)}
    links = dict.fromkeys(absolute(sight.url, link) for link in _addresses(sight))
    return tuple(link for link in links if link and link not in named)


def called_by_script(sight: Sight) -> str:
    """The text of a link whose address only a script knows, as show(3); "" if every link can be read."""
    return next((words_of(link) for link in _visible(sight, {"a"}) if _calls(link)), "")


def draws_links(sight: Sight) -> bool:
    """May a script put links into the page that are not in it as it came?"""
    return sight.has_placeholders or any(_draws_links(script, sight.url) for script in sight.scripts)


def _addresses(sight: Sight) -> Iterator[str]:
    return (link for element in _visible(sight, _LINKS) for link in _leads_to(element, sight.url))


def _visible(sight: Sight, tags: Collection[str]) -> Iterator[HtmlElement]:
    """The elements of these tags, or with what is opened by a click, that a visitor sees."""
    root = parsed(sight.page.text)
    elements = root.iter() if root is not None else iter(())
    leading = (each for each in elements if each.tag in tags or any(each.get(name) for name in _OPENED_BY))
    for element in islice(leading, _MOST):
        if not is_hidden(element) and not any(True for _ in element.iterancestors(*_UNSHOWN)):
            yield element


def _calls(link: HtmlElement) -> bool:
    """Does it open what only a script knows, and is it called like a column?"""
    href, text = link.get("href") or "", words_of(link)
    is_dead = link.tag == "a" and not absolute("http://x/", href)
    code = _NOTHING.sub("", f"{href} {link.get('onclick') or ''}") if is_dead else ""
    calls = _CALLS.search(code) and not _ADDRESS.search(code)
    return bool(calls) and 2 <= len(text) <= LONGEST_NAME and not _TOOLS.search(text)


def _leads_to(element: HtmlElement, page: str) -> Iterator[str]:
    """Where one element leads: without words, or by a script that names the address."""
    href = element.get("href") or ""
    if element.tag != "option" and href and _is_nameless(element):
        turns = is_pager(words_of(element)) and is_page_of(absolute(page, href), page)
        yield from [] if turns else [href]
    if element.tag == "option" and (named := _ADDRESS.fullmatch(f"'{element.get('value') or ''}'")):
        yield named[1]
    codes = [element.get(name) or "" for name in _OPENED_BY]
    codes += [href] if href.lower().startswith("javascript:") else []
    for code in filter(None, codes):
        plain = _ADDRESS.fullmatch(f"'{code}'")
        yield from [plain[1]] if plain else _ADDRESS.findall(code)


def _is_nameless(link: HtmlElement) -> bool:
    named = (each.get(name) for each in link.iter() for name in ("title", "alt"))
    return all(_says_nothing(text) for text in (words_of(link), *filter(None, named)))


def _says_nothing(text: str) -> bool:
    return _NAMELESS.fullmatch("".join(filter(str.isalnum, text)).lower()) is not None


def _draws_links(script: str, page: str) -> bool:
    """A script of the page's own site that is no library, or one in the page that writes links."""
    if script.startswith(("http://", "https://")):
        return is_of_the_house(host_of(script), page) and not _LIBRARY.search(urlsplit(script).path)
    # The marks and counters of others, written into the page, are no menu.
    return bool(_LINKING.search(_WRITTEN_TAG.sub(lambda tag: _own_tag(tag[0], page), script)))


def _own_tag(tag: str, page: str) -> str:
    """A tag that a script writes, or nothing of one that is another's."""
    host = _HOST.search(tag)
    return "" if host and not is_of_the_house(host[1].lower(), page) else tag


def is_of_the_house(host: str, page: str) -> bool:
    """Is it the host of the page or of the same family: one city serves the menus of all its offices."""
    own = host_of(page)
    parent = own.partition(".")[2]
    family = own if _SUFFIX.fullmatch(parent) else parent
    return host.removeprefix("www.") in (own, family) or host.endswith(f".{family}")
