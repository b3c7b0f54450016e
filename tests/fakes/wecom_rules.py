"""Switches of the fake WeCom where the real server's behaviour is not settled, and how it refuses.

Must never hold anything that only one kind of message needs.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def need(value: object, name: str, errcode: int) -> str:
    """The non-empty string `value[name]`, or a refusal with `errcode`."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise Refusal(errcode, f"missing or invalid {name}")
    return found
