"""The sandbox: accepts everything and sends nothing, so that an office can try the whole workflow.

Must never reach the network. The outbox row itself is the inbox that a page shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from notifiers.base import Mentions, sendable


class Sandbox:
    """The default channel until a real one is set."""

    channel = "sandbox"
    template = "markdown"
    per_minute: int | None = None

    def compose(self, text: str, mentions: Mentions) -> Sequence[bytes]:
        """The text itself, in one payload; `mentions` page nobody here."""
        return [sendable(text).encode()]

    def send(self, address: str, payload: bytes) -> str:
        """Accept. Returns ""."""
        return ""
