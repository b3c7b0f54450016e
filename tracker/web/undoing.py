"""What a page offers to take back right after it was done. Whether it may be, the service decides."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.domain.lifecycle import Event

_LONGEST = 10  # digits of a number that anybody could have


@dataclass(frozen=True)
class Undoable:
    """A step that was taken with some items, as the address after it tells."""

    words: str
    numbers: tuple[int, ...]


def undoable(done: Event | None, moved: str) -> Undoable | None:
    """From `done=strike_off&moved=3.7`; None where nothing was done."""
    numbers = tuple(int(part) for part in moved.split(".") if 0 < len(part) <= _LONGEST)
    return Undoable(f"已{done.chinese} {len(numbers)} 项", numbers) if done and numbers else None
