"""Switches of the fake WeCom where the real server's behaviour is not settled, how it refuses, and how often.

Must never hold anything that only one kind of message needs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

INJECTED = {-1: "system busy", 45009: "api freq out of limit", 45033: "concurrent calls out of limit"}
PER_MINUTE, WINDOW = 20, 60.0
_MORE = "https://open.work.weixin.qq.com/devtool/query?e="


@dataclass(frozen=True)
class Rules:
    """`strict` holds to the documents; without it, the looser behaviour that was seen in logs."""

    strict: bool = True  # text ends at 2048 bytes, not 5120; refused calls count towards the rate
    mention_only: bool = False  # a text may be empty if it pages somebody
    check_url_scheme: bool = False  # news: a URL needs http(s)://
    refuse_concurrent: bool = False  # two calls at once on one key: 45033


class Refusal(Exception):  # noqa: N818 - the server's normal answer, not a failure of the fake
    """A non-zero errcode."""

    def __init__(self, errcode: int, text: str) -> None:
        super().__init__(errcode, text)
        self.errcode = errcode
        self.text = text

    def answer(self, hint: str) -> dict[str, object]:
        errmsg = f"{self.text}, hint: [{hint}], from ip: 127.0.0.1, more info at {_MORE}{self.errcode}"
        return {"errcode": self.errcode, "errmsg": errmsg}


@dataclass
class Robot:
    """What the fake keeps of one robot; times are seconds of its clock."""

    known: bool = True
    members: frozenset[str] | None = None  # user ids and phones in its group; None: everybody
    disabled: bool = False
    calls: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0
    in_flight: int = 0

    def check_rate(self, now: float) -> None:
        """Refuse the 21st call of a sliding minute, and whatever comes in the minute after it."""
        while self.calls and self.calls[0] <= now - WINDOW:
            self.calls.popleft()
        if now >= self.blocked_until and len(self.calls) >= PER_MINUTE:
            self.blocked_until = now + WINDOW
        if now < self.blocked_until:
            raise Refusal(45009, INJECTED[45009])


def need(value: object, name: str, errcode: int) -> str:
    """The non-empty string `value[name]`, or a refusal with `errcode`."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise Refusal(errcode, f"missing or invalid {name}")
    return found
