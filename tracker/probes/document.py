"""What a document's own page says: when it was published, and whether there is anything in it.

Must never take a clock, the site's own day or the day of another document for the day of publication.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from datetime import date
from itertools import pairwise

from htmldate import find_date

from tracker.probes.dates import dates_in, is_only_date, without_other_days
from tracker.probes.names import comparable
from tracker.probes.sights import Sight, absolute

# htmldate logs each guess that it rejects.
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

_META = re.compile(
    r"<meta\b(?=[^>]{0,300}\bname\s*=\s*[\"']?(?:PubDate|publishdate|publish_time|releasetime)\b)"
    r"[^>]{0,300}\bcontent\s*=\s*[\"']?([^\"'>]+)",
    re.I,
)
_ARTICLE = re.compile(r"<meta\b[^>]{0,300}\bname\s*=\s*[\"']?ArticleTitle\b", re.I)
_LABEL = re.compile(r"(?:时间|日期)[：:\s]{1,3}([^<>]{8,24})")
_PUBLISHED = re.compile(
    r"(?<!网站)(?<!栏目)(?<!系统)(?<!版本)(?:发布|发文|公开|成文|生成|印发|刊发)(?:时间|日期|于)[：:\s]{0,3}([^<>]{8,24})"
)
# The line below a headline: 来源：办公室 2021-09-08 浏览 12 次
_SOURCE = re.compile(r"(?:来源|作者|供稿|编辑)[：:\s]\s*\S{0,30}")
_MEDIA = re.compile(r"<(?:embed|object|video|audio)\b", re.I)
_PICTURE = re.compile(r"<img\b[^>]{0,300}?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.I)
_ATTACHED = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|zip|rar|ofd)$", re.I)
# What stands around a document whatever it holds.
_FRAME = re.compile(
    r"打印|关闭|返回|分享|收藏|字[号体]|本页|窗口|顶部|列表|上一[篇条]|下一[篇条]|没有了|暂无|附件|扫一扫|[大中小](?!\w)"
    r"|(?:浏览|阅读|点击)(?:次?数|量)?|(?:栏目)?(?:发布|更新|发文|公开|成文|生成|印发)?(?:时间|日期|于)"
)
_BREADCRUMB = re.compile(r"位置[：:]")
_HARDLY_TEXT = 40
_SITES_OWN = re.compile(r"网站|版权|主办|备案|栏目更新")
_LONGEST_LINE = 120
_ROW_LINK = 10
_MOST_LINKS = 50
# What is written for machines only (schema.org, Open Graph, Dublin Core): htmldate knows its many names.
_FOR_MACHINES = re.compile(
    r"<meta\b(?=[^>]{0,300}\b(?:name|property|itemprop)\s*=\s*[\"']?[\w:.\-]{0,30}(?:publish|issued|created|pubdate))"
    r"[^>]{1,300}>"
    r"|<script\b[^>]{0,100}application/ld\+json[^>]{0,100}>.{0,1000}?</script>",
    re.I | re.S,
)


def is_document(sight: Sight) -> bool:
    """Does the page's head call it an article (国办发〔2017〕47号: ArticleTitle, PubDate), so no column?"""
    return bool(_META.search(sight.page.text) or _ARTICLE.search(sight.page.text))


def stated_dates(sight: Sight, today: date, known: Collection[str] = ()) -> list[date]:
    """Every day that a document's page may mean by its day of publication; not what other pages say too, the
    texts `known`. They speak against another day; which one of them it is they do not say."""
    found = [*_in_head(sight, today)]
    for text in _own_texts(sight, known):
        labelled = (dates_in(each, today) for each in _LABEL.findall(text))
        found += [day for days in labelled for day in days[:1]]
    return list(dict.fromkeys([*found, *published_dates(sight, "", today, known)]))


def published_dates(sight: Sight, title: str, today: date, known: Collection[str] = ()) -> list[date]:
    """The days that the page surely means: in its head, after 发布时间 and the like, in the line of its
    source, or alone below its headline, the `title`."""
    found = [*_in_head(sight, today)]
    for text in _own_texts(sight, known):
        days = [day for each in _PUBLISHED.findall(text) for day in dates_in(each, today)[:1]]
        is_line = len(text) <= _LONGEST_LINE and bool(_SOURCE.search(text))
        is_line = is_line and not _SITES_OWN.search(_SOURCE.sub("", text))
        found += days or (dates_in(text, today) if is_line else [])
    found += _below(sight, title, today)
    return list(dict.fromkeys(found or _for_machines(sight, today)))


def _in_head(sight: Sight, today: date) -> Iterator[date]:
    for text in _META.findall(sight.page.text):
        yield from dates_in(text, today)


def _own_texts(sight: Sight, known: Collection[str]) -> Iterator[str]:
    """The texts of this page alone that are no rows of a list: these speak of other documents."""
    for text, links in _blocks(sight):
        unsourced = _SOURCE.sub("", text)
        is_row = any(len(link) >= _ROW_LINK and link in unsourced for link in links)
        if text not in known and not is_row:
            yield without_other_days(text)


def _blocks(sight: Sight) -> Iterator[tuple[str, list[str]]]:
    """The texts that the page shows, each with those of the links in it, which stand before it; not menus."""
    links: list[str] = []
    for shown in sight.shown:
        if shown.link:
            links.append(shown.text)
            continue
        if shown.certain and len(links) <= _MOST_LINKS:
            yield shown.text, links
        links = []


def _below(sight: Sight, title: str, today: date) -> list[date]:
    """A day that stands alone below the headline."""
    headline = comparable(title.rstrip("….").strip())
    for one, after in pairwise([each for each in sight.shown if each.certain]):
        is_headline = headline and not one.link and comparable(one.text).startswith(headline)
        if is_headline and not after.link and is_only_date(after.text):
            return dates_in(after.text, today)
    return []


def _for_machines(sight: Sight, today: date) -> list[date]:
    marked = "".join(_FOR_MACHINES.findall(sight.page.text))
    page = f"<html><head>{marked}</head><body></body></html>"
    found = (
        find_date(page, extensive_search=False, original_date=True, max_date=str(today)) if marked else None
    )
    return [date.fromisoformat(found)] if found else []


def pictures_of(sight: Sight) -> frozenset[str]:
    """The pictures of a page, by address."""
    return frozenset(absolute(sight.url, source) for source in _PICTURE.findall(sight.page.text))


def is_hollow(seen: list[Sight], title: str, known: Collection[str]) -> bool:
    """Has the page of a document nothing but its `title` and what other pages show too (`known`, texts and
    pictures): no text, no picture, no attachment; or hardly more than that there is nothing yet?"""
    for sight in seen:
        attached = any(_ATTACHED.search(shown.link) for shown in sight.shown if shown.text not in known)
        if attached or _MEDIA.search(sight.page.text) or pictures_of(sight).difference(known):
            return False
    held = 0
    for sight in seen:
        names = comparable(title + sight.reader.title[:_LONGEST_LINE])
        own = ((text, links) for text, links in _blocks(sight) if text not in known)
        held += sum(len(_bare(text, links)) for text, links in own if comparable(text) not in names)
    return held < (_HARDLY_TEXT if any(sight.says_empty for sight in seen) else 2)


def _bare(text: str, links: list[str]) -> str:
    """The signs of a text that may be a document's own."""
    if _BREADCRUMB.search(text):
        return ""
    for link in links:
        text = text.replace(link, "")
    return re.sub(r"[\W\d_]+", "", _FRAME.sub("", _SOURCE.sub("", text)).replace("年月日", ""))
