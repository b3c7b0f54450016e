"""Approved templates: which one a letter takes, and what its variables say.

Must never send a variable that the provider would refuse, nor cut a number or a date: what is left would be
wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from notifiers.base import Letter, sendable
from tracker.domain.errors import ConfigError, DeliveryError, Outcome

DEFAULT = "default"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CHANGE = "请修改 TRACKER_SMS_TEMPLATE_PARAMS"
_URL = re.compile(r"://|\bwww\.", re.IGNORECASE)


@dataclass(frozen=True)
class Templates:
    """`codes`: kind of message → the provider's template code, `default` for every other kind. `params`:
    variable → text with `{count}`, `{date}`, … from the letter's facts, in the template's order. `longest`:
    characters that a variable may have. Raises ConfigError when there is no template.
    """

    codes: Mapping[str, str]
    params: Mapping[str, str]
    longest: int | None = None

    def __post_init__(self) -> None:
        if not self.codes or not all(self.codes.values()):
            raise ConfigError("短信模板设置有误：TRACKER_SMS_TEMPLATES 至少要有一个模板，且模板编号不能为空")

    def fill(self, letter: Letter) -> tuple[str, dict[str, str]]:
        """The template's code and its variables in order; raises DeliveryError (permanent) when they cannot
        be filled.
        """
        sendable(letter.text)
        code = self.codes.get(letter.kind) or self.codes.get(DEFAULT)
        if code is None:
            raise _impossible(f"没有给“{letter.kind}”类消息设置短信模板，请在 TRACKER_SMS_TEMPLATES 中补上")
        facts = {"serial": letter.serial, **letter.facts}
        return code, {name: self._value(name, text, facts) for name, text in self.params.items()}

    def _value(self, name: str, text: str, facts: Mapping[str, str]) -> str:
        if absent := [key for key in _PLACEHOLDER.findall(text) if not facts.get(key)]:
            raise _impossible(f"这类消息里没有短信模板变量 {name} 需要的 {{{absent[0]}}}，{_CHANGE}")
        value = " ".join(_PLACEHOLDER.sub(lambda match: facts[match[1]], text).split())
        if _URL.search(value):
            raise _impossible(f"短信模板变量 {name} 含有网址，短信平台不允许")
        if self.longest is None or len(value) <= self.longest:
            return value
        if any(character.isdigit() for character in value):
            raise _impossible(f"短信模板变量 {name} 超过 {self.longest} 个字，{_CHANGE}")
        return value[: self.longest - 1] + "…"


def _impossible(message: str) -> DeliveryError:
    return DeliveryError(message, outcome=Outcome.PERMANENT)
