"""Faulty cases between the pass over an export and the transaction that writes them: on disk, in records.

Memory must never follow their number, nor may a file with a name ever hold them.
"""

from __future__ import annotations

import heapq
import io
import struct
import tempfile
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from tracker.domain.cases import Fault

_FAULTS = tuple(Fault)
_RECORD = struct.Struct("<BII16s")  # fault, unit, row, digest
_RUN = 30_000  # records that are sorted in memory, some 6 MB
_AT_ONCE = 128
_alike = itemgetter(0, 3)

_Record = tuple[int, int, int, bytes]


class FaultyCase(NamedTuple):
    """One fault of one case: `digest` (hex) stands for its number, `row` for its place in the export."""

    fault: Fault
    unit: str
    row: int
    digest: str


def digest_of(text: str) -> bytes:
    """What stands for a case in the place of its number, or of what it says."""
    return blake2b(text.encode(), digest_size=16).digest()


class Noted:
    """What a pass has noted. A case without a number shares its digest with those that say the same: which of
    these it is, is told apart by sorting, not by remembering each.
    """

    def __init__(self) -> None:
        self._numbered, self._nameless = _unnamed_file(), _unnamed_file()
        self._places: dict[str, int] = {}

    @property
    def units(self) -> Iterable[str]:
        """The written names of the units."""
        return self._places.keys()

    def add(self, fault: Fault, unit: str, row: int, digest: bytes, *, has_number: bool) -> None:
        place = self._places.setdefault(unit, len(self._places))
        file = self._numbered if has_number else self._nameless
        file.write(_RECORD.pack(_FAULTS.index(fault), place, row, digest))

    def __iter__(self) -> Iterator[FaultyCase]:
        """Those with a number in the order of their rows, then the others."""
        names = list(self._places)
        for records in (_all_records(self._numbered), _told_apart(self._nameless)):
            for fault, place, row, digest in records:
                yield FaultyCase(_FAULTS[fault], names[place], row, digest.hex())

    def close(self) -> None:
        self._numbered.close()
        self._nameless.close()


def _unnamed_file() -> BinaryIO:
    return tempfile.TemporaryFile(prefix="rectify-")


def _all_records(file: BinaryIO) -> Iterator[_Record]:
    return _records(file, 0, file.seek(0, io.SEEK_END))


def _told_apart(file: BinaryIO) -> Iterator[_Record]:
    """With digests of their own, numbered in the order of the rows among those that are alike."""
    runs = [_records(file, start, end) for start, end in _sorted_runs(file)]
    for (fault, digest), some in groupby(heapq.merge(*runs, key=_alike), key=_alike):
        for which, (_, place, row, _) in enumerate(some, start=1):
            yield fault, place, row, digest_of(f"{digest.hex()}\x1f{which}")


def _sorted_runs(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Sort the file run by run, in its place; where each begins and ends."""
    file.seek(0)
    while block := file.read(_RECORD.size * _RUN):
        start = file.tell() - len(block)
        file.seek(start)
        file.writelines(_RECORD.pack(*record) for record in sorted(_RECORD.iter_unpack(block), key=_alike))
        yield start, file.tell()


def _records(file: BinaryIO, start: int, end: int) -> Iterator[_Record]:
    """Those between two places; several such may be read in turns."""
    for place in range(start, end, _RECORD.size * _AT_ONCE):
        file.seek(place)
        yield from _RECORD.iter_unpack(file.read(min(_RECORD.size * _AT_ONCE, end - place)))
