"""The dates that lists and addresses of Chinese sites write, in whatever form.

Must never complete a date: `07-23` without a year may be any year's, so it only counts as *mentioned*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

_FULL = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(20\d{2})([01]\d)([0-3]\d)(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d)")
_IN_ADDRESS = re.compile(r"(?<!\d)(20\d{2})[-/_](\d{1,2})[-/_](\d{1,2})(?!\d)")
_PARTIAL = re.compile(r"(?<![\d./-])(?:0?[1-9]|1[0-2])(?:[-/.]|\s*月\s*)(?:0?[1-9]|[12]\d|3[01])(?![\d./-])")
_AGO = re.compile(r"(?<!\d)(\d{1,4})\s*(分钟|小时|天|日|周|个月|月|年)(?:以?前)")
_LATELY = {"刚刚": 0, "今天": 0, "昨天": 1, "前天": 2}
_DAYS = {"分钟": 0, "小时": 0, "天": 1, "日": 1, "周": 7, "个月": 31, "月": 31, "年": 366}
_DAY = (
    r"(?:(?:(?:19|20)\d{2}\s*[-./年]\s*)?\d{1,2}\s*[-./月]\s*\d{1,2}\s*日?|(?:19|20)\d{6})"
    r"(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
)
# The clock that many pages show is no date of a document, nor is the day until which something is valid.
_OTHER = re.compile(
    r"(?:(?:今天|今日|现在|当前)(?:时间|日期)?是|(?:当前|现在|北京|系统|服务器|访问|浏览|登录)(?:时间|日期)"
    r"|有效期|截止|截至|报名|开标|投标|施行|实施|生效|失效|废止|到期)"
    rf"[^\d<>\n]{{0,12}}{_DAY}(?:\s*(?:至|到|[-—~～]+)\s*{_DAY})?"
)


def without_other_days(text: str) -> str:
    """The text without the clocks, and the days of validity and the like, that it shows."""
    return _OTHER.sub("", text)


def dates_in(text: str, today: date) -> list[date]:
    """Every whole date up to `today`, in the order of the forms; what lies ahead was not published yet."""
    said = without_other_days(text)
    found = [*_numbers(_FULL, said), *_numbers(_COMPACT, said), *_relative(said, today)]
    return [day for day in dict.fromkeys(found) if day <= today]


def dates_of_address(url: str, today: date) -> list[date]:
    """The dates that an address bears: `/20210723/`, `/t20210723_1.html`, `/art/2021/7/23/`."""
    found = [*_numbers(_COMPACT, url), *_numbers(_IN_ADDRESS, url)]
    return [day for day in dict.fromkeys(found) if day <= today]


def mentions_date(text: str) -> bool:
    """Is there a date in any form, also one without a year, or one that lies ahead?"""
    said = without_other_days(text)
    return bool(_FULL.search(said) or _PARTIAL.search(said))


def is_only_date(text: str) -> bool:
    """Is the text a date, whole or partial, with nothing but brackets and a time of day around it."""
    rest, found = text.strip(), False
    for pattern in (_FULL, _COMPACT, _AGO, _PARTIAL):
        rest, times = pattern.subn("", rest)
        found = found or times > 0
    found = found or rest.strip("[]()（）【】 ") in _LATELY
    rest = re.sub(r"\d{1,2}:\d{2}(?::\d{2})?|刚刚|今天|昨天|前天|(?:发布|更新)?(?:时间|日期)", "", rest)
    return found and not re.search(r"\w", rest.replace("日", ""))


def _numbers(pattern: re.Pattern[str], text: str) -> Iterator[date]:
    for year, month, day in pattern.findall(text):
        with suppress(ValueError):  # 2021-13-40 is a number of something else
            yield date(int(year), int(month), int(day))


def _relative(text: str, today: date) -> Iterator[date]:
    """The oldest day that the words allow, so that nothing counts as newer than it is."""
    for number, unit in _AGO.findall(text):
        with suppress(OverflowError):
            yield today - timedelta(days=int(number) * _DAYS[unit] + (unit in ("分钟", "小时")))
    yield from (today - timedelta(days=ago) for word, ago in _LATELY.items() if word in text)
