"""The wording of what is at work: the few columns by which a person would know a problem again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tracker.domain.lifecycle import FINAL
from tracker.store.conditions import STREAMED, among
from tracker.store.schema import item


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """An item that is neither struck off nor withdrawn."""

    number: int
    unit_id: int
    problem_class: str
    text: str


def of_units(connection: Connection, unit_ids: Iterable[int]) -> Iterator[OpenProblem]:
    """In order of number."""
    query = select(item.c.number, item.c.unit_id, item.c["class"], item.c.text)
    query = query.where(among(connection, item.c.unit_id, set(unit_ids)))
    query = query.where(item.c.state.not_in([state.value for state in FINAL])).order_by(item.c.number)
    return (OpenProblem(*row) for row in connection.execute(query, execution_options=STREAMED))
