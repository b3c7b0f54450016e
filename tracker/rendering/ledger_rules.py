"""What an office program does with the ledger's cells: colours that follow them, drop-downs, warnings.

Must never refuse what the taking back in would take: a warning may be overruled. And never rely on colour
alone: paper may be grey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tracker.domain.ledger import LONGEST_CELL, STANDING_DUTY, Field
from tracker.domain.lifecycle import FINAL, State
from tracker.rendering.ledger_row import COLUMNS, HEADINGS, OVERDUE, yes

_ERROR_TITLE = 32  # the longest that Excel takes
_OVERDUE = {"bg_color": "#FBE5D6", "bold": True}
_NEAR = {"bg_color": "#FFF7CC", "italic": True}
_FINISHED = {"font_color": "#6B6B6B"}


def colour(book: Workbook, sheet: Worksheet, written: int, near_until: date | None) -> None:
    """Finished rows are grey, overdue ones red and bold, those due by `near_until` yellow and slanted.

    By the cells themselves: who writes 已销号 into one sees the row turn grey.
    """
    state, due_on = _first_cell(Field.STATE.heading), _first_cell(Field.DUE_ON.heading)
    rules = [
        (_any_of(state, FINAL), _FINISHED),
        (f'={_first_cell(OVERDUE)}="{yes(True)}"', _OVERDUE),
    ]
    if near_until is not None:
        last = f"DATE({near_until.year},{near_until.month},{near_until.day})"
        waiting = _any_of(state, (State.OPEN, State.SIGNED)).removeprefix("=")
        rules.append((f"=AND({waiting},ISNUMBER({due_on}),{due_on}<={last})", _NEAR))
    for criteria, look in rules:
        rule = {"type": "formula", "criteria": criteria, "format": book.add_format(look)}
        sheet.conditional_format(1, 0, written, len(COLUMNS) - 1, rule | {"stop_if_true": True})


def guard(sheet: Worksheet, written: int, offers: Mapping[Field, str]) -> None:
    """Drop-downs and warnings on the columns that may be edited; `offers`: where the choices stand."""
    quantity, due_on = (_first_cell(field.heading) for field in (Field.QUANTITY, Field.DUE_ON))
    rules: dict[Field, tuple[dict[str, Any], str]] = {
        Field.STATE: (_choice([state.chinese for state in State]), "请从列表中选择"),
        Field.QUANTITY: (
            {"validate": "custom", "value": f"=ISNUMBER(VALUE(LEFT({quantity},1)))"},
            "请写成 300件 的形式",
        ),
        Field.DUE_ON: (
            {"validate": "custom", "value": f'=OR(ISNUMBER({due_on}),{due_on}="{STANDING_DUTY}")'},
            f"请填日期，没有时限的填“{STANDING_DUTY}”",
        ),
        Field.NOTE: (
            {"validate": "length", "criteria": "<=", "value": LONGEST_CELL},
            f"备注不超过 {LONGEST_CELL} 字",
        ),
    } | {field: (_choice(source), "不在列表中") for field, source in offers.items()}
    for field, (rule, words) in rules.items():
        place = HEADINGS.index(field.heading)
        said = {
            "error_type": "warning",
            "error_title": field.heading[:_ERROR_TITLE],
            "error_message": f"{words}，读回时可能被拒绝。",
        }
        sheet.data_validation(1, place, written, place, rule | said)


def _choice(source: Sequence[str] | str) -> dict[str, Any]:
    return {"validate": "list", "source": source}


def _any_of(cell: str, states: Sequence[State] | frozenset[State]) -> str:
    words = ",".join(f'{cell}="{state.chinese}"' for state in State if state in states)
    return f"=OR({words})"


def _first_cell(heading: str) -> str:
    """The column's cell of the first row; the programs go on from it row by row."""
    return str(xl_rowcol_to_cell(1, HEADINGS.index(heading), col_abs=True))
