"""The sandbox: accepts everything and sends nothing, so that an office can try the whole workflow.

Must never reach the network. The outbox row itself is the inbox that a page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from notifiers.base import Letter, Wording, sendable


class Sandbox:
    """The default channel until a real one is set."""

    channel = "sandbox"
    wording = Wording.MARKDOWN
    personal = False
    per_minute: int | None = None
    repeatable: timedelta | None = None

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """The text itself, in one payload; `mentions` page nobody here."""
        return [sendable(letter.text).encode()]

    def send(self, address: str, payload: bytes) -> str:
        """Accept. Returns ""."""
        return ""

    def hint(self, address: str) -> str:
        """The address itself: a unit and a name, which is no secret."""
        return address
