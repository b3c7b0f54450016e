"""An invented department's site in the layouts that are seen in the wild, put into a `FakeWebsite`.

Must never show what its state does not say: what a probe answers is judged against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from tests.fakes.website import Answer, FakeWebsite

TODAY = date(2021, 9, 10)
COLUMN = "工作动态"
FORMER = "局内新闻汇总"
PAPER = "证明事项保留目录"
_TOPICS = ("开展安全检查", "召开季度例会", "走访基层单位", "举办业务培训", "部署防汛工作", "推进便民服务")
_MENU = {"jgzn": "机构职能", "ldxx": "领导信息", "zcfg": "政策法规库", "bszn": "办事服务", "hdjl": "互动交流"}


class State(Enum):
    """How the column stands on the site."""

    GOOD = "good"  # there, its documents of this month
    STALE = "stale"  # there, its newest document of two years ago
    EMPTY = "empty"  # there, and says that it has nothing
    HOLLOW = "hollow"  # there, with nothing in it, not even a word
    ABSENT = "absent"
    UNDER_BOTH_NAMES = "both"  # there, and its former name as well
    ONLY_TALKED_OF = "talk"  # a headline speaks of it


@dataclass(frozen=True)
class Document:
    number: int
    title: str
    on: date


def iso(on: date) -> str:
    return f"{on:%Y-%m-%d}"


def chinese(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def month_and_day(on: date) -> str:
    return f"[{on:%m-%d}]"


def ago(on: date) -> str:
    return f"{(TODAY - on).days}天前"


def nothing(on: date) -> str:
    return ""


def in_folder(document: Document) -> str:
    return f"/zwgk/gzdt/{document.on:%Y%m}/t{document.on:%Y%m%d}_{document.number}.html"


def in_flat_place(document: Document) -> str:
    return f"/info/{document.number}.html"


def by_number(document: Document) -> str:
    return f"/art/{document.on.year}/{document.on.month}/{document.on.day}/art_40721_{document.number}.html"


def by_day(document: Document) -> str:
    return f"/content/{document.on:%Y%m%d}/{document.number}.html"


def in_items(link: str, title: str, day: str) -> str:
    return f'<li><a href="{link}" title="{title}">{title[:8]}…</a><span>{day}</span></li>'


def in_rows(link: str, title: str, day: str) -> str:
    return f'<tr><td>·</td><td><a href="{link}">{title}</a></td><td>{day}</td></tr>'


def in_rows_day_first(link: str, title: str, day: str) -> str:
    return f'<tr><td>{day}</td><td><a href="{link}">{title}</a></td></tr>'


def in_definitions(link: str, title: str, day: str) -> str:
    return f'<dl><dt><a href="{link}">{title}</a></dt><dd>{day}</dd></dl>'


def in_blocks(link: str, title: str, day: str) -> str:
    return f'<div class="row"><a href="{link}"><p>{title}</p><em>{day}</em></a></div>'


def in_words(link: str, title: str, day: str) -> str:
    return f'<p>{day} <a href="{link}">{title}</a> 来源：办公室</p>'


def oldest_first(held: list[Document]) -> list[Document]:
    return held[::-1]


def under_a_pinned_one(held: list[Document]) -> list[Document]:
    """With an old document before all others, though nothing says that it is pinned."""
    return [Document(90, "本局职责和联系方式的说明", date(2018, 5, 4)), *held] if held else []


def words_pager(pages: list[str], at: int) -> str:
    """上一页 and 下一页, dead where they lead nowhere, and the last page."""
    back = pages[at - 1] if at else "javascript:;"
    onward = pages[at + 1] if at + 1 < len(pages) else "javascript:;"
    return f'<a href="{back}">上一页</a> <a href="{onward}">下一页&gt;</a> <a href="{pages[-1]}">尾页</a>'


def number_pager(pages: list[str], at: int) -> str:
    return "".join(f'<a href="{page}">{number}</a>' for number, page in enumerate(pages, start=1))


@dataclass(frozen=True)
class Layout:
    """One way to build a site. `wrap` puts a list into the page of its column; `blind`: only a script shows
    it, so nobody who reads HTML can say what the column holds. `page`: the address of the list's page of a
    number from 2 on, where it has several; `order` turns the documents as that list has them. `unlinked`: no
    menu leads to the column, only sitemap.xml names it."""

    name: str
    row: Callable[[str, str, str], str] = in_items
    day: Callable[[date], str] = iso
    address: Callable[[Document], str] = in_folder
    place: str = "/zwgk/gzdt/"
    encoding: str = "utf-8"
    wrap: str = "page"
    detail: str = "meta"
    side_bar: bool = False
    start: str = "page"
    blind: bool = False
    page: Callable[[int], str] | None = None
    order: Callable[[list[Document]], list[Document]] = list
    pager: Callable[[list[str], int], str] = words_pager
    unlinked: bool = False


LAYOUTS = [
    Layout("list items, ISO dates"),
    Layout(
        "list items, Chinese dates, flat addresses",
        day=chinese,
        address=in_flat_place,
        place="/list/gzdt.html",
    ),
    Layout("table in GBK, day first", row=in_rows_day_first, day=chinese, encoding="gb18030"),
    Layout("table, half dates, date in the address", row=in_rows, day=month_and_day),
    Layout(
        "half dates only, the document's page says",
        day=month_and_day,
        address=in_flat_place,
        place="/list/1.html",
    ),
    Layout("no dates, day in the address", day=nothing, address=by_day, place="/list/2.html"),
    Layout(
        "no dates, page of plain words",
        day=nothing,
        address=in_flat_place,
        place="/list/3.html",
        detail="words",
    ),
    Layout("numbered columns", address=by_number, place="/col/col40721/index.html"),
    Layout(
        "definition lists, relative dates", row=in_definitions, day=ago, address=in_flat_place, place="/x/"
    ),
    Layout("blocks inside the link", row=in_blocks, address=in_flat_place, place="/list/4.html"),
    Layout("paragraphs", row=in_words),
    Layout("frame set", wrap="frames"),
    Layout("inline frame", wrap="iframe", row=in_rows),
    Layout("fresh side bar on every page", side_bar=True),
    Layout("fresh side bar, flat addresses", side_bar=True, address=in_flat_place, place="/list/5.html"),
    Layout("start page sends on", start="refresh"),
    Layout("start page is a script that moves on", start="script"),
    Layout(
        "oldest first, next page and last page",
        order=oldest_first,
        page=lambda number: f"/zwgk/gzdt/index_{number}.html",
    ),
    Layout(
        "oldest first, numbered pages by query, flat addresses",
        order=oldest_first,
        place="/list/show.php?c=7",
        address=in_flat_place,
        page=lambda number: f"/list/show.php?c=7&p={number}",
        pager=number_pager,
    ),
    Layout(
        "pinned on top, pages in a folder, table in GBK",
        order=under_a_pinned_one,
        place="/list/gzdt.htm",
        address=by_number,
        page=lambda number: f"/list/gzdt/{number}.htm",
        row=in_rows,
        encoding="gb18030",
    ),
    Layout("list drawn by a script", wrap="script", blind=True),
    Layout("list in a data island", wrap="island", blind=True),
]
UNLINKED = [
    Layout("sitemap only", unlinked=True),
    Layout("sitemap only, flat addresses", unlinked=True, place="/list/gzdt.html", address=in_flat_place),
    Layout("sitemap only, menu of the start drawn by a script", unlinked=True, start="bare"),
    Layout(
        "sitemap only, oldest first",
        unlinked=True,
        order=oldest_first,
        page=lambda number: f"/zwgk/gzdt/index_{number}.html",
    ),
]
_ON_A_PAGE = 2


def documents(state: State) -> list[Document]:
    """Newest first, five days apart."""
    if state in (State.EMPTY, State.HOLLOW):
        return []
    first = TODAY - timedelta(days=730 if state is State.STALE else 2)
    return [
        Document(100 + n, f"我局{topic}并作出安排", first - timedelta(days=5 * n))
        for n, topic in enumerate(_TOPICS)
    ]


def build(site: FakeWebsite, layout: Layout, state: State) -> str:
    """Put the site into the server; returns the address of its start."""
    links = {f"/zwgk/{key}/": name for key, name in _MENU.items()}
    if layout.place.startswith("/list/"):
        links = {f"/list/{key}.html": name for key, name in _MENU.items()}
    if state not in (State.ABSENT, State.ONLY_TALKED_OF):
        links = {**dict(list(links.items())[:2]), layout.place: COLUMN, **dict(list(links.items())[2:])}
    if state is State.UNDER_BOTH_NAMES:
        links["/zwgk/old/"] = FORMER
    shown = {place: name for place, name in links.items() if not (layout.unlinked and place == layout.place)}
    shell = _Shell(site, layout, shown)
    _start(shell, state)
    for number, (place, name) in enumerate(links.items()):
        if place == layout.place:
            _column(shell, documents(state), state)
        else:
            others = [
                Document(500 + 10 * number + n, f"关于{name}第{n}项的说明", date(2021, 3, n + 1))
                for n in range(3)
            ]
            rows = [shell.row(each, f"{place}{each.number}.html") for each in others]
            shell.put(place, name, f"<h2>{name}</h2>{_table(shell, rows)}")
            for each in others:
                shell.put(
                    f"{place}{each.number}.html", each.title, f"<h1>{each.title}</h1>", head=_meta(each.on)
                )
    if layout.unlinked:
        _sitemap(site, ["/", *links])
    return site.url("/")


def _sitemap(site: FakeWebsite, paths: list[str]) -> None:
    named = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{named}</urlset>'
    site["/sitemap.xml"] = Answer(body.encode(), headers={"Content-Type": "application/xml"})


@dataclass(frozen=True)
class _Shell:
    """What every page of the site has around its own content."""

    site: FakeWebsite
    layout: Layout
    links: dict[str, str]

    def row(self, document: Document, link: str | None = None) -> str:
        link = link or self.layout.address(document)
        return self.layout.row(link, document.title, self.layout.day(document.on))

    def put(self, path: str, title: str, body: str, *, head: str = "") -> None:
        menu = "".join(f'<li><a href="{place}">{name}</a></li>' for place, name in self.links.items())
        side = _side_bar() if self.layout.side_bar else ""
        clock, foot = f"<div>今天是{chinese(TODAY)}</div>", "<p>备案编号1234 云澜市测试局主办</p>"
        body = f"<ul>{menu}</ul>{clock}{body}{side}{foot}"
        self.raw(path, body, title=f"{title}-云澜市测试局", head=head)

    def raw(self, path: str, body: str, *, title: str = "云澜市测试局", head: str = "") -> None:
        charset = self.layout.encoding
        declared = f'<meta charset="{"gb2312" if charset == "gb18030" else charset}">'
        page = f"<html><head>{declared}{head}<title>{title}</title></head><body>{body}</body></html>"
        self.site[path] = Answer(page.encode(charset), headers={"Content-Type": "text/html"})


def _side_bar() -> str:
    """The newest of the whole city, beside everything."""
    news = [Document(900 + n, f"云澜市政府发布第{n}号重要消息", TODAY - timedelta(days=1)) for n in range(4)]
    rows = "".join(in_items(f"/yw/{each.number}.html", each.title, iso(each.on)) for each in news)
    return f"<div><h3>最新消息</h3><ul>{rows}</ul></div>"


def _meta(on: date) -> str:
    return f'<meta name="PubDate" content="{on:%Y-%m-%d} 09:00">'


def _start(shell: _Shell, state: State) -> None:
    talk = (
        f'<p><a href="/yw/1.html">我局召开{COLUMN}栏目建设会议</a></p>'
        if state is State.ONLY_TALKED_OF
        else ""
    )
    if shell.layout.start == "page":
        shell.put("/", "首页", f"<h2>欢迎</h2>{talk}")
        return
    if shell.layout.start == "bare":
        shell.raw("/", '<div id="menu"></div><script src="/menu.js"></script>')
        return
    shell.put("/index/main.html", "首页", f"<h2>欢迎</h2>{talk}")
    move = '<script>window.location.href="/index/main.html";</script>'
    if shell.layout.start == "refresh":
        move = '<meta http-equiv="refresh" content="0;url=/index/main.html">'
    shell.raw("/", "", head=move)


def _column(shell: _Shell, held: list[Document], state: State) -> None:
    layout = shell.layout
    listed = layout.order(held)
    for document in listed:
        _document(shell, document)
    if layout.page:
        _list_of_pages(shell, listed, layout.page, state)
        return
    table = _held(shell, listed, state)
    if layout.wrap == "page":
        shell.put(layout.place, COLUMN, f"<h2>{COLUMN}</h2>{table}")
    elif layout.wrap == "iframe":
        shell.put(layout.place, COLUMN, '<iframe src="list.html" width="600"></iframe>')
        shell.raw(f"{layout.place}list.html", table)
    elif layout.wrap == "frames":
        frames = '<frameset cols="20%,80%"><frame src="menu.html"><frame src=list.html></frameset>'
        shell.site[layout.place] = Answer(f"<html><title>{COLUMN}</title>{frames}</html>".encode())
        shell.put(f"{layout.place}menu.html", "目录", "")
        shell.raw(f"{layout.place}list.html", table)
    elif layout.wrap == "script":
        call = "<script>$.getJSON('/api/list?c=12',function(d){$('#list').html(d.rows)})</script>"
        shell.put(layout.place, COLUMN, f'<h2>{COLUMN}</h2><ul id="list"></ul>{call}')
    else:
        records = "".join(f"<record><![CDATA[{shell.row(document)}]]></record>" for document in held)
        island = f'<script type="text/xml"><datastore>{records}</datastore></script>'
        island += '<script src="/jpage.js"></script>'
        shell.put(layout.place, COLUMN, f"<h2>{COLUMN}</h2><div>{island}</div>")


def _table(shell: _Shell, rows: list[str]) -> str:
    """A list as every column of the site has it."""
    is_table = shell.layout.row in (in_rows, in_rows_day_first) and rows
    tag = "table" if is_table else "ul"
    return f"<{tag}>{''.join(rows)}</{tag}>"


def _held(shell: _Shell, listed: list[Document], state: State) -> str:
    if state is State.EMPTY:
        return "<ul><p>该栏目暂无内容</p></ul>"
    return _table(shell, [shell.row(document) for document in listed])


def _list_of_pages(shell: _Shell, listed: list[Document], page: Callable[[int], str], state: State) -> None:
    starts = range(0, max(len(listed), 1), _ON_A_PAGE)
    pages = [shell.layout.place, *(page(number) for number in range(2, len(starts) + 1))]
    for at, start in enumerate(starts):
        table = _held(shell, listed[start : start + _ON_A_PAGE], state)
        pager = shell.layout.pager(pages, at) if len(pages) > 1 else ""
        shell.put(pages[at], COLUMN, f"<h2>{COLUMN}</h2>{table}<div>{pager}</div>")


def _document(shell: _Shell, document: Document) -> None:
    body = f"<h1>{document.title}</h1><p>正文若干。</p>"
    if shell.layout.detail == "meta":
        shell.put(shell.layout.address(document), document.title, body, head=_meta(document.on))
        return
    line = f'<div class="source">来源：办公室 {iso(document.on)} 浏览</div>'
    shell.raw(shell.layout.address(document), f"{body}{line}", title=document.title)
