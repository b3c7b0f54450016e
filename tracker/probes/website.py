"""Does a web page show the column (专栏) that a `missing_column` item says is missing?

Must never answer `fixed` on a likeness: a headline about the column, a hidden entry or a search word is
`unsure`, and a person looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from urllib.parse import urljoin

from tracker.probes.addresses import FetchError
from tracker.probes.base import Observation, Target, Verdict
from tracker.probes.fetch import Page
from tracker.probes.page_reader import PageReader, Shown

_CLAUSE = re.compile(r"(?:没有|未|无|缺少)(?:设置|设立|开设|建立|开通)?([^。；;]{1,80})(?:专栏|栏目)")
_JOINED = re.compile(r"、|，|,|以及|和|及|与")
# “A、B等重点领域” is an open list; 高等教育, 平等就业 and 等级保护 are names.
_AND_SO_ON = re.compile(r"(?<![高平同中初优均])等(?!级)[^、，,]*$")
# A clause was taken for a name, or the words name no column in particular.
_NO_NAME = re.compile(r"没有|设置|存在|为空|更新的|不更新|未更新|要求|的$|^(?:相关|相应|专门|独立|有关)$")
_OWNER = re.compile(r"^(?:本单位|本部门|本级|[本我全][省市州县区局])")
_TAIL = re.compile(r"(?:(?<=\w{3})公开)?(?:专栏|栏目|更多|more){0,4}$")
_ERROR_TITLE = re.compile(r"(?<!\d)(?:40[0-9]|50[0-9])(?!\d)|错误|出错")
_ERROR_WORDS = re.compile(
    r"(?:网页|页面|栏目|内容)(?:已|已经)?(?:不存在|未找到|被?删除)|找不到.{0,8}页|not ?found", re.I
)
_LOGIN_TITLE = re.compile(r"登录|登陆|身份认证|login", re.I)
_SHORT = 30
# The footer alone has three links (ICP filing, police filing, official-site mark): they are no page yet.
_FEWEST_LINKS = 5
_ALIKE = 0.6


class Reason(StrEnum):
    """Why the verdict is what it is."""

    FOUND = "found"
    ABSENT = "absent"
    NO_COLUMN_NAMED = "no_column_named"
    OPEN_LIST = "open_list"
    ONLY_ALIKE = "only_alike"
    FETCH_FAILED = "fetch_failed"
    HTTP_STATUS = "http_status"
    ERROR_PAGE = "error_page"
    LOGIN_PAGE = "login_page"
    BARE_PAGE = "bare_page"


@dataclass(frozen=True)
class Wanted:
    """The columns that a problem names, as written. `whole` is the list unsplit: one column may have that
    very name. An open list (…等) says that there are more."""

    names: tuple[str, ...]
    whole: str
    open_list: bool = False


def wanted_columns(problem: str) -> Wanted | None:
    """The columns that a problem says are missing; None when the wording names none for sure."""
    clauses = _CLAUSE.findall(problem)
    if len(clauses) != 1:
        return None
    clause = clauses[0].strip()
    more = _AND_SO_ON.search(clause)
    if more:
        clause = clause[: more.start()]
    names = tuple(name.strip() for name in _JOINED.split(clause))
    if any(len(comparable(name)) < 2 for name in names):
        names = (clause,)  # 和, 及 or 与 inside a name
    if any(len(comparable(name)) < 2 or _NO_NAME.search(comparable(name)) for name in names):
        return None
    return Wanted(names, clause, more is not None)


def comparable(name: str) -> str:
    """What is compared of a name: its NFKC letters and digits without 本单位, 专栏 and their like."""
    kept = "".join(char for char in unicodedata.normalize("NFKC", name) if char.isalnum()).lower()
    return _TAIL.sub("", _OWNER.sub("", kept))


class WebsiteColumn:
    """The probe `website_column`. `fetch` gets a URL and returns a Page or raises FetchError."""

    name = "website_column"
    classes = frozenset({"missing_column"})

    def __init__(self, fetch: Callable[[str], Page]) -> None:
        self._fetch = fetch

    def look(self, target: Target) -> Observation:
        """Evidence keys: summary, reason, url; once fetched final_url, status, sha256; once compared
        wanted, found and alike (lists; found has name, text, link)."""
        evidence: dict[str, object] = {"url": target.url}
        wanted = wanted_columns(target.text)
        if wanted is None:
            return _unsure(Reason.NO_COLUMN_NAMED, "问题描述没有写明栏目名称，需人工核对", evidence)
        try:
            page = self._fetch(target.url)
        except FetchError as error:
            evidence |= {"fetch_reason": error.reason.value}
            return _unsure(Reason.FETCH_FAILED, f"网页未能打开：{error.message}", evidence)
        evidence |= {"final_url": page.url, "status": page.status, "sha256": page.sha256}
        if page.status != 200:
            return _unsure(Reason.HTTP_STATUS, f"网页返回状态码 {page.status}，无法判断", evidence)
        reader = PageReader.read(page.text)
        return _unfit(reader, evidence) or _compare(wanted, reader.shown, page.url, evidence)


def _unsure(reason: Reason, summary: str, evidence: dict[str, object]) -> Observation:
    return Observation(Verdict.UNSURE, {"summary": summary, "reason": reason.value, **evidence})


def _unfit(reader: PageReader, evidence: dict[str, object]) -> Observation | None:
    """The observation of a page that proves nothing, whatever it shows."""
    notices = (shown.text for shown in reader.shown if shown.certain and len(shown.text) <= _SHORT)
    titled = _ERROR_TITLE.search(reader.title) or _ERROR_WORDS.search(reader.title)
    if titled or any(map(_ERROR_WORDS.search, notices)):
        return _unsure(Reason.ERROR_PAGE, "打开的是出错提示页，无法判断", evidence)
    if _LOGIN_TITLE.search(reader.title):
        return _unsure(Reason.LOGIN_PAGE, "打开的是登录页，无法判断", evidence)
    if len({shown.text for shown in reader.shown if shown.certain and shown.link}) < _FEWEST_LINKS:
        return _unsure(Reason.BARE_PAGE, "网页上可见的链接太少（可能由脚本或框架显示），无法判断", evidence)
    return None


def _compare(wanted: Wanted, shown: list[Shown], base: str, evidence: dict[str, object]) -> Observation:
    texts = [(comparable(text.text), text) for text in shown]
    one_column = _find(wanted.whole, texts)
    matches = (
        {wanted.whole: one_column} if one_column else {name: _find(name, texts) for name in wanted.names}
    )
    missing = [name for name, match in matches.items() if match is None]
    alike = [text.text[:_SHORT] for key, text in texts if any(_is_alike(key, name) for name in missing)]
    evidence |= {
        "wanted": list(wanted.names),
        "found": [
            {"name": name, "text": match.text, "link": _absolute(base, match.link)}
            for name, match in matches.items()
            if match
        ],
        "alike": list(dict.fromkeys(alike))[:5],
    }
    if alike:
        summary = f"网页上只有与“{'、'.join(missing)}”相近的文字，需人工核对"
        return _unsure(Reason.ONLY_ALIKE, summary, evidence)
    if missing:
        summary = f"网页上没有找到栏目：{'、'.join(missing)}"
        return Observation(Verdict.NOT_FIXED, {"summary": summary, "reason": Reason.ABSENT.value, **evidence})
    if wanted.open_list:
        return _unsure(Reason.OPEN_LIST, "点名的栏目已有，但问题以“等”概括，需人工核对", evidence)
    summary = f"网页上已有栏目：{'、'.join(matches)}"
    return Observation(Verdict.FIXED, {"summary": summary, "reason": Reason.FOUND.value, **evidence})


def _find(name: str, texts: list[tuple[str, Shown]]) -> Shown | None:
    """The first short and certain text that is this name, or this name with 信息 added."""
    accepted = {comparable(name), comparable(name) + "信息"}
    fitting = (text for key, text in texts if key in accepted and text.certain and len(text.text) <= _SHORT)
    return next(fitting, None)


def _is_alike(key: str, name: str) -> bool:
    wanted = comparable(name)
    if wanted in key:
        return True
    near = 3 <= len(key) <= 2 * len(wanted)
    return near and SequenceMatcher(None, key, wanted, autojunk=False).ratio() >= _ALIKE


def _absolute(base: str, link: str) -> str:
    try:
        return urljoin(base, link) if link and not link.startswith("javascript:") else ""
    except ValueError:
        return link
