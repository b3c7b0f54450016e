"""Long lists, whose items are made while they are written. Must never be measured by what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Streamed(list[object]):
    """A list for `json.dump` whose items are made one by one while it is written."""

    def __init__(self, items: Sequence[T], render: Callable[[T], object]) -> None:
        super().__init__()
        self._items, self._render = items, render

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[object]:
        return map(self._render, self._items)
