"""Score tables: the parts of a row against its total, columns against their full marks, ranks against scores.

Must never blame a row whose cells were lost or displaced on the way, unless even what is left is too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate, islice, pairwise

from tracker.domain.rates import trim
from tracker.intake.claims.grids import Grid, Group, compact, number, quoted
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.document import Line

_TOTAL_ROW = re.compile(r"合计|总计|小计|全[市县区]")
_NO_COUNT = re.compile(r"序号|排名|名次|率|比|度|分|%|备注|单位|部门|区划|日期|时间|电话")
_GROUPS_TO_BE_SURE = 3  # so many groups with all their columns, and only one that does not fit


def check_tables(tables: Sequence[Sequence[Grid]]) -> list[Claim]:
    """All checks of all tables; `tables` holds the pages of each."""
    claims: list[Claim] = []
    for pages in tables:
        for grid in pages:
            claims += _groups(grid)
            if grid.full:
                for row in grid.rows:
                    claims += _row(grid, row)
            claims += _columns(grid)
        claims += _ranks(pages)
    return claims


def _groups(grid: Grid) -> Iterator[Claim]:
    """服务成效(14项,54分) against the columns below it, as far as full marks fill the groups one by one."""
    marks = list(grid.full)
    ends = [Decimal(0), *accumulate(marks)]
    start = 0
    for place, group in enumerate(grid.groups):
        reached = ends[start] + group.full
        if reached not in ends:
            yield from _group_by_its_columns(grid)
            return  # a column was lost, or a full mark is wrong: from here on nothing more is known
        end = ends.index(reached, start)
        following = grid.groups[place + 1 :]
        is_sure = not following or reached + following[0].full in ends
        if is_sure and marks:
            holds = end - start == group.columns
            note = "" if holds else f"表头下共{end - start}列，满分之和{trim(group.full)}分"
            yield _group(
                grid,
                group,
                marks[start:end],
                f"{group.columns}项",
                f"{end - start}项",
                holds=holds,
                note=note,
            )
        start = end


def _group_by_its_columns(grid: Grid) -> Iterator[Claim]:
    """The one group whose full marks miss its own, when all groups have the columns that they state."""
    if sum(group.columns for group in grid.groups) != len(grid.full):
        return
    ends = [0, *accumulate(group.columns for group in grid.groups)]
    below = [grid.full[start:end] for start, end in pairwise(ends)]
    wrong = [pair for pair in zip(grid.groups, below, strict=True) if sum(pair[1]) != pair[0].full]
    if len(wrong) == 1 and len(grid.groups) >= _GROUPS_TO_BE_SURE:
        group, marks = wrong[0]
        computed = f"{trim(sum(marks, Decimal(0)))}分"
        note = f"表头下{group.columns}列的满分之和为{computed}"
        yield _group(grid, group, marks, f"{trim(group.full)}分", computed, holds=False, note=note)


def _group(
    grid: Grid, group: Group, marks: Sequence[Decimal], stated: str, computed: str, *, holds: bool, note: str
) -> Claim:
    inputs = {"full": "+".join(trim(mark) for mark in marks)}
    line = grid.header.number
    return Claim(group.text, Kind.TABLE_SUM, stated, computed, holds, line, inputs=inputs, note=note)


def _row(grid: Grid, row: Line) -> Iterator[Claim]:
    found = grid.values(row)
    if found is None:
        return
    parts, total = found
    computed = sum(parts, Decimal(0))
    whole = sum((group.full for group in grid.groups), Decimal(0))
    header_is_whole = not grid.groups or sum(grid.full, Decimal(0)) == whole
    is_whole = len(parts) == len(grid.full) and header_is_whole
    is_too_much = computed > total and not any("扣" in title for title in grid.titles)
    holds = True if computed == total else False if is_whole or is_too_much else None
    notes = {True: "", False: "各项之和与得分不符", None: "本行或表头有缺失的单元格，无法判断"}
    if len(parts) >= 2:
        yield Claim(
            quoted(row),
            Kind.TABLE_SUM,
            trim(total),
            trim(computed),
            holds,
            row.number,
            inputs={"parts": "+".join(trim(part) for part in parts)},
            note=notes[holds],
        )
    if is_whole:
        yield from _full_marks(grid, row, parts)


def _full_marks(grid: Grid, row: Line, parts: Sequence[Decimal]) -> Iterator[Claim]:
    """A score above its column's full mark; several in one row are cells that slipped, not scores."""
    above = [(part, full) for part, full in zip(parts, grid.full, strict=True) if part > full]
    if not above:
        return
    is_sure = len(above) == 1 and not grid.is_two_level
    yield Claim(
        quoted(row),
        Kind.FULL_MARK,
        "、".join(f"满分{trim(full)}分" for _, full in above),
        "、".join(f"{trim(part)}分" for part, _ in above),
        False if is_sure else None,
        row.number,
        note="得分高于该列满分" if is_sure else "单元格与表头错位，无法判断",
    )


def _columns(grid: Grid) -> Iterator[Claim]:
    """The row 合计 against the rows above it, in columns that count things."""
    above = len(grid.rows) - 1
    if above < 2 or grid.is_two_level or not _TOTAL_ROW.fullmatch(grid.name(last := grid.rows[-1])):
        return
    has_subtotals = any(_TOTAL_ROW.fullmatch(grid.name(row)) for row in islice(grid.rows, above))
    for at, title in enumerate(grid.titles):
        if _NO_COUNT.search(title) or not all(at < len(row.cells) for row in grid.rows):
            continue
        cells = (row.cells[at] for row in islice(grid.rows, above))
        parts = [value for cell in cells if (value := number(cell)) is not None]
        total = number(last.cells[at])
        if total is None or not parts:
            continue
        computed = sum(parts, Decimal(0))
        is_known = not has_subtotals and len(parts) == above
        holds = True if computed == total else False if is_known else None
        yield Claim(
            quoted(last),
            Kind.TABLE_SUM,
            f"{title}{trim(total)}",
            trim(computed),
            holds,
            last.number,
            inputs={"parts": "+".join(trim(part) for part in parts)},
            note="" if holds else "各行之和与合计不符" if is_known else "有小计或空缺的行，无法判断",
        )


def _ranks(pages: Sequence[Grid]) -> Iterator[Claim]:
    """Better ranks have better scores, equal ranks equal ones; unranked rows (—) take no part."""
    ranked = [
        (rank, found[1], row)
        for grid in pages
        for row in grid.rows
        if (rank := grid.rank(row)) is not None and (found := grid.values(row)) is not None
    ]
    if len(ranked) < 2:
        return
    is_consistent = True
    for (rank, score, above), (next_rank, next_score, row) in pairwise(ranked):
        fits = next_score == score if next_rank == rank else (next_score <= score) is (next_rank > rank)
        if not fits:
            is_consistent = False
            yield Claim(
                quoted(row),
                Kind.RANK,
                f"第{next_rank}名，{trim(next_score)}",
                f"第{rank}名，{trim(score)}",
                False,
                row.number,
                inputs={"above": quoted(above)},
                note="名次与得分的高低不一致",
            )
    if is_consistent:
        first, last = ranked[0], ranked[-1]
        yield Claim(
            compact(pages[0].header.text)[:60],
            Kind.RANK,
            f"{len(ranked)}个名次",
            f"{trim(first[1])}至{trim(last[1])}",
            True,
            pages[0].header.number,
        )
