"""Exports as other systems of an invented city write them: csv in any encoding, xlsx, databases."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import xlsxwriter

CASE_COLUMNS = (
    "办件编号",
    "事项名称",
    "承办单位",
    "申请人",
    "联系电话",
    "申请时间",
    "受理时间",
    "办结时间",
    "承诺时限",
    "评价",
    "回传时间",
)
ACCOUNT_COLUMNS = ("主办单位", "平台", "账号名称", "备案状态", "实际状态", "最后更新时间", "检查时间", "清单")


def case(
    number: str,
    unit: str,
    applied: str = "2021-07-05",
    accepted: str = "2021-07-06",
    finished: str = "2021-07-07",
    promised: str = "5个工作日",
    rating: str = "满意",
    returned: str | None = None,
) -> tuple[str, ...]:
    """A case without a fault, unless told otherwise."""
    returned = finished if returned is None else returned
    row = (number, "户外广告审批", unit, "张三", "13800000001", applied, accepted, finished, promised)
    return (*row, rating, returned)


def account(
    unit: str,
    platform: str,
    name: str,
    registered: str = "在用",
    observed: str = "可访问",
    last_post: str = "2021-07-22",
    seen: str = "2021-07-23",
    listed: str = "",
) -> tuple[str, ...]:
    return (unit, platform, name, registered, observed, last_post, seen, listed)


def as_csv(
    rows: Iterable[Sequence[str]], columns: Sequence[str] = CASE_COLUMNS, encoding: str = "utf-8-sig"
) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return io.BytesIO(text.getvalue().encode(encoding))


def as_xlsx(rows: Iterable[Sequence[str]], columns: Sequence[str] = CASE_COLUMNS) -> io.BytesIO:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([columns, *rows]):
            sheet.write_row(number, 0, row)
    content.seek(0)
    return content


def as_database(
    file: Path,
    rows: Iterable[Sequence[object]],
    columns: Sequence[str] = CASE_COLUMNS,
    table: str = "banjian",
) -> io.BytesIO:
    """A SQLite database as another system dumps it, one table in it (or one more); its bytes."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f'CREATE TABLE "{table}" ({", ".join(map(_quoted, columns))})')
        places = ", ".join("?" * len(columns))
        connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
    return io.BytesIO(file.read_bytes())


def _quoted(name: str) -> str:
    return f'"{name}"'
