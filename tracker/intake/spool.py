"""Sequences of any length in little memory: what is long waits in a private temporary file.

Must never hold more than a few batches of anything, nor unpickle what this very process did not write.
"""

from __future__ import annotations

import pickle
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, TypeVar, overload

from tracker.domain.errors import StoreError

T = TypeVar("T")

_BATCH = 1000
_RUN, _RUN_BATCH = 5_000, 100


def batched(items: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    """The items in lists of that size, the last one shorter."""
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


class _Walked(Sequence[T]):
    """What both kinds of long sequences share: they equal any sequence of the same items, as tuples do."""

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...

    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if step != 1:
                return tuple(self)[place]
            return tuple(islice(self._from(start), max(0, stop - start)))
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._at(place % len(self))

    def __iter__(self) -> Iterator[T]:
        return self._from(0)

    def _from(self, start: int) -> Iterator[T]:
        raise NotImplementedError

    def _at(self, place: int) -> T:
        return next(self._from(place))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            ours == theirs for ours, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]  # like a list: it may still grow

    def __repr__(self) -> str:
        return f"<{len(self)} of {type(self).__name__}>"


class Spool(_Walked[T]):
    """A list to append to. Up to a batch stays as it is; each full batch goes to the file."""

    def __init__(self, items: Iterable[T] = (), *, batch: int = _BATCH) -> None:
        self._batch = batch
        self._last: list[T] = []
        self._starts = array("Q")
        self._end = 0
        self._seen: tuple[int, list[T]] = (-1, [])
        self._lock = Lock()  # a reading that is kept for several requests is walked by several threads
        self.extend(items)

    def append(self, item: T) -> None:
        self._last.append(item)
        if len(self._last) == self._batch:
            self._put_away()

    def extend(self, items: Iterable[T]) -> None:
        items = iter(items)
        while more := list(islice(items, self._batch - len(self._last))):
            self._last += more
            if len(self._last) == self._batch:
                self._put_away()

    def __len__(self) -> int:
        return len(self._starts) * self._batch + len(self._last)

    def _from(self, start: int) -> Iterator[T]:
        first, within = divmod(start, self._batch)
        for number in range(first, len(self._starts)):
            yield from islice(self._fetched(number), within, None)
            within = 0
        yield from islice(self._last, within, None)

    def _at(self, place: int) -> T:
        number, within = divmod(place, self._batch)
        if number == len(self._starts):
            return self._last[within]
        seen = self._seen  # neighbours are often asked for one after the other
        if seen[0] != number:
            seen = self._seen = number, self._fetched(number)
        return seen[1][within]

    def _put_away(self) -> None:
        packed = pickle.dumps(_in_columns(self._last), pickle.HIGHEST_PROTOCOL)
        try:
            if not self._starts:
                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed when this object goes
                weakref.finalize(self, self._file.close)
            with self._lock:
                self._file.seek(self._end)
                if self._file.write(packed) < len(packed):
                    raise OSError
        except OSError as error:
            raise StoreError("临时文件写不下，磁盘可能已满；本次未写入任何内容") from error
        self._starts.append(self._end)
        self._end += len(packed)
        self._last = []

    def _fetched(self, number: int) -> list[T]:
        end = self._starts[number + 1] if number + 1 < len(self._starts) else self._end
        with self._lock:
            self._file.seek(self._starts[number])
            packed = self._file.read(end - self._starts[number])
        return _in_rows(pickle.loads(packed))  # noqa: S301 - our own file, which nobody else can open


def _in_columns(items: list[Any]) -> Any:
    """Named tuples field by field, which packs and unpacks in a third of the time; anything else as it is."""
    kind = type(items[0])
    if not hasattr(kind, "_fields") or any(type(item) is not kind for item in items):
        return items
    return kind, [_in_columns(list(column)) for column in zip(*items, strict=True)]


def _in_rows(packed: Any) -> list[Any]:
    if isinstance(packed, list):
        return packed
    kind, columns = packed
    return list(map(partial(tuple.__new__, kind), zip(*map(_in_rows, columns), strict=True)))


class Derived(_Walked[T]):
    """A sequence that is made anew whenever it is walked: it costs time instead of memory."""

    def __init__(self, length: int, walk: Callable[[], Iterator[T]]) -> None:
        self._length, self._walk = length, walk

    def __len__(self) -> int:
        return self._length

    def _from(self, start: int) -> Iterator[T]:
        return islice(self._walk(), start, None)


def together(parts: Iterable[Sequence[T]]) -> Sequence[T]:
    """One sequence of all; the only one that holds anything is not copied."""
    filled = [part for part in parts if part]
    if len(filled) == 1:
        return filled[0]
    return Spool(item for part in filled for item in part)


def in_order(items: Iterable[T], key: Callable[[T], Any] = lambda item: item) -> Spool[T]:
    """Sorted like `sorted`: as runs that fit into memory, then merged."""
    runs = [Spool(sorted(run, key=key), batch=_RUN_BATCH) for run in batched(items, _RUN)]
    return Spool(merge(*runs, key=key))
