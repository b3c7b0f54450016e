"""Ranks of the prose: 各区排名顺序为A、B、C against the tables, and how far a rank is said to have moved.

Must never say that a movement is right: the rank of the period before is in no document of this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.intake.claims.grids import Grid
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.names import Sameness, names_in
from tracker.intake.claims.passages import Sentence

_ORDER = re.compile(r"(?P<what>排名[^，。；：]{0,20}?)(?:依次)?(?:为|是|有)：?(?P<names>[^，。；：]{3,300})")
_MOVED = re.compile(
    r"第(?P<rank>\d{1,4})(?:名|位)?[^。；]{0,12}?比[^，。；\d]{1,10}?(?P<way>下降|后退|退后|上升|提升|前进|进位)了?(?P<steps>\d{1,4})(?:名|位|个位次)"
)
_OF = re.compile(r"(?P<all>\d{1,4})个[市州县区]{1,2}[^，。；]{0,12}?(?:排名?|位居|位列)第(?P<rank>\d{1,4})")


def check_ranks(
    sentences: Sequence[Sentence], tables: Sequence[Sequence[Grid]], sameness: Sameness
) -> list[Claim]:
    """Orders that a sentence gives, movements, and ranks beyond the number of those ranked."""
    orders = [_order(pages) for pages in tables]
    claims: list[Claim] = []
    for sentence in sentences:
        for match in _ORDER.finditer(sentence.text):
            claims += _against_tables(sentence, match, [order for order in orders if order], sameness)
        claims += _movement(sentence)
        for match in _OF.finditer(sentence.text):
            holds = int(match["rank"]) <= int(match["all"])
            note = "" if holds else "名次超过参评总数"
            stated = f"第{match['rank']}名"
            claims.append(
                Claim(
                    sentence.quote, Kind.RANK, stated, f"共{match['all']}名", holds, sentence.line, note=note
                )
            )
    return claims


def _order(pages: Sequence[Grid]) -> list[str]:
    """The names of a ranking table, the best first; ties in the table's own order."""
    ranked = [
        (rank, grid.name(row)) for grid in pages for row in grid.rows if (rank := grid.rank(row)) is not None
    ]
    return [name for _, name in sorted(ranked, key=lambda pair: pair[0])]


def _against_tables(
    sentence: Sentence, match: re.Match[str], orders: Sequence[Sequence[str]], sameness: Sameness
) -> Iterator[Claim]:
    names = names_in(match["names"])
    wanted = [sameness.key(name) for name in names]
    known = [[sameness.key(name) for name in order] for order in orders]
    known = [order for order in known if set(wanted) <= set(order)]
    if len(names) < 2 or not known:
        return
    holds = any(order[: len(wanted)] == wanted for order in known)
    mine = orders[[set(wanted) <= {sameness.key(name) for name in order} for order in orders].index(True)]
    yield Claim(
        sentence.quote,
        Kind.RANK,
        "、".join(names),
        "、".join(mine[: len(names)]),
        holds,
        sentence.line,
        note="" if holds else "与得分表的名次不一致",
    )


def _movement(sentence: Sentence) -> Iterator[Claim]:
    match = _MOVED.search(sentence.text)
    if match is None:
        return
    steps = int(match["steps"])
    before = int(match["rank"]) + (-steps if match["way"] in {"下降", "后退", "退后"} else steps)
    yield Claim(
        sentence.quote,
        Kind.RANK,
        f"{match['way']}{steps}名",
        f"上期第{before}名",
        None if before >= 1 else False,
        sentence.line,
        inputs={"rank": match["rank"]},
        note="上期名次不在本文中，请核对" if before >= 1 else "上期名次不可能小于1",
    )
