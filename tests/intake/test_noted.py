"""Faulty cases on disk: none lost, those that say the same told apart by their rows, memory flat."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.cases import Fault
from tracker.intake.feeds import noted
from tracker.intake.feeds.noted import FaultyCase, Noted, digest_of

a_case = st.tuples(
    st.sampled_from(Fault), st.sampled_from(["澜东区", "市教育局"]), st.sampled_from("甲乙丙"), st.booleans()
)


@given(st.lists(a_case, max_size=60), st.sampled_from([1, 4, 7, 1000]))
def test_cases_without_a_number_are_told_apart_by_the_order_of_their_rows(
    cases: list[tuple[Fault, str, str, bool]], run: int
) -> None:
    expected, times = [], Counter[tuple[Fault, str]]()
    with closing(Noted()) as found, pytest.MonkeyPatch.context() as patched:
        patched.setattr(noted, "_RUN", run)
        for row, (fault, unit, words, has_number) in enumerate(cases, start=2):
            digest = digest_of(words)
            found.add(fault, unit, row, digest, has_number=has_number)
            if not has_number:
                times[fault, words] += 1
                digest = digest_of(f"{digest.hex()}\x1f{times[fault, words]}")
            expected.append(FaultyCase(fault, unit, row, digest.hex()))
        assert sorted(found) == sorted(expected)
        assert sorted(found) == sorted(expected)  # it can be asked again
        assert set(found.units) == {unit for _, unit, _, _ in cases}


def _peak(count: int) -> int:
    """Bytes at the peak of noting and going through so many cases without a number."""
    tracemalloc.start()
    with closing(Noted()) as found:
        for row in range(count):
            digest = digest_of(str(row // 2))
            found.add(Fault.UNEVALUATED, "澜东区", row, digest, has_number=False)
        assert sum(1 for _ in found) == count
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_follow_the_cases_without_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "_RUN", 1000)
    assert _peak(20_000) < _peak(2_000) + 256 * 1024
