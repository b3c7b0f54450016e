"""An item as everybody but the database sees it, and the identity by which bulletins are matched."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from tracker.domain.lifecycle import Standing

DEPARTMENTS, DISTRICTS = "市直", "各区"

_NOISE = re.compile(r"[\W\d_]+|没有|未|无|没|专栏|栏目")


class Item(NamedTuple):
    """整改事项. `number` is never reused; `text` are the source's words; `rule` the deadline's snapshot,
    `counted_from` the day it counts from (None: the day of issue).

    A tuple, because a long list makes a hundred thousand of them: a frozen dataclass takes four times longer.
    """

    number: int
    unit_id: int
    unit: str
    unit_as_written: str
    group: str
    domain: str | None
    problem_class: str
    text: str
    quantity: int | None
    measure: str | None
    standing: Standing
    issued_on: date
    provisional: bool
    rule: Mapping[str, object]
    counted_from: date | None
    bulletin_id: int
    bulletin: str
    recurs: int | None
    file: str
    annex: str | None
    row: int | None
    ordinal: int | None
    line: int
    next_reminder_at: datetime | None
    page_url: str | None

    def registered(self, number: int, bulletin_id: int) -> Item:
        """As it is once stored."""
        return self._replace(number=number, bulletin_id=bulletin_id)


def identity(unit_key: str, problem_class: str, text: str) -> str:
    """The same problem of the same unit, however a later bulletin counts or words "not".

    Numbers, punctuation, negations and 专栏/栏目 are dropped: `有未评办件982件` and `有未评办件300件`
    are one problem (shapes.md, rule 19).
    """
    return hashlib.sha256("\x1f".join((unit_key, problem_class, bare_words(text))).encode()).hexdigest()


def bare_words(text: str) -> str:
    """What two wordings of one problem have in common: no numbers, punctuation, negations, 专栏/栏目."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))
