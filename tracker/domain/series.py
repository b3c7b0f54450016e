"""Which bulletins belong together: those whose titles differ only by period and number.

By it the bulletin of a quarter is compared with that of the quarter before, not with another office's.
"""

from __future__ import annotations

import re
import unicodedata

_NUMBER = r"[\d一二三四五六七八九十百零〇○两]+"
_PERIOD = re.compile(
    rf"[前第]?{_NUMBER}(?:年[度终末中]?|个?季度?|个?月份?|日|周|旬|[期号次批])(?:[上下]半年)?"
    r"|[上下]半年|[本全半]年度?|[上中下本]旬|[季月年]度|年[终末中]|\d+"
)


def series_of(title: str) -> str:
    """The title without years, quarters, months, issue numbers, brackets' marks, blanks and punctuation.

    `2021年第二季度…通报` and `2021年三季度…通报（第7期）` are one series.
    """
    return re.sub(r"[\W_]", "", _PERIOD.sub("", unicodedata.normalize("NFKC", title)))
