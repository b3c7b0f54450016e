"""SMS through any gateway that takes a JSON or form request; what it expects is configuration.

Must never take an HTTP status for success, or show a number or a configured value: account and password are
ordinary fields of the request.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from notifiers.base import Letter
from notifiers.masking import mask_phone
from notifiers.refusals import Meaning, later, refusal
from notifiers.sms.base import SmsChannel, mobile, shortened
from notifiers.transport import Transport
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PLACEHOLDERS = frozenset({"phone", "content", "serial"})
_CONTENT_TYPES = {"json": "application/json; charset=utf-8", "form": "application/x-www-form-urlencoded"}
_SERVICE = "短信网关"
_ADVICE = "请按网关说明处理"
_REFUSED = Meaning("拒收", _ADVICE)
_REFUSALS: Mapping[str, Meaning] = {
    "temporary": later("暂时拒收", 65),  # just over the minute that such limits are counted in
    "message": _REFUSED,
    "address": Meaning("号码被拒", "请核对联系人表里的手机号码", Scope.ADDRESS),
    "channel": Meaning("整个接口被拒", "请检查账号、余额和网关设置", Scope.CHANNEL),
}


@dataclass(frozen=True)
class SmsGateway:
    """What one gateway expects, and how its answer reads.

    `fields` maps the request's field names to templates with `{phone}`, `{content}` and `{serial}`
    (20 digits, new for every request). `success_path` and `id_path` are dotted JSON paths (`data.0.code`);
    the value at `success_path` is compared as text (true is `true`). `errors`: what other values there mean
    (`temporary`, `message`, `address`, `channel`); one that is not listed refuses this message.
    `timeout` is in seconds. Raises ConfigError for settings that can never work.
    """

    url: str
    fields: Mapping[str, str] = field(repr=False)
    success_path: str
    success_value: str
    method: Literal["POST", "PUT"] = "POST"
    body: Literal["json", "form"] = "json"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sign_prefix: str = ""
    id_path: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 15.0
    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        used = {name for template in self.fields.values() for name in _PLACEHOLDER.findall(template)}
        if unknown := used - _PLACEHOLDERS:
            raise ConfigError(f"短信网关的字段模板里有不认识的占位符：{'、'.join(sorted(unknown))}")
        if not {"phone", "content"} <= used:
            raise ConfigError("短信网关的字段模板里缺少占位符 {phone} 或 {content}")
        if self.method not in ("POST", "PUT") or self.body not in _CONTENT_TYPES or not self.success_path:
            raise ConfigError(
                "短信网关设置有误：method 应为 POST 或 PUT，body 应为 json 或 form，须有 success_path"
            )
        header_text = "".join([*self.headers, *self.headers.values()])
        if not (header_text.isascii() and header_text.isprintable()):
            raise ConfigError("短信网关的请求头只能含可打印的 ASCII 字符")
        if strange := sorted(set(self.errors.values()) - set(_REFUSALS)):
            raise ConfigError(
                f"短信网关错误码的含义应为 {'、'.join(_REFUSALS)}，不能是：{'、'.join(strange)}"
            )

    def request_body(self, values: Mapping[str, str]) -> bytes:
        """The encoded request. One pass, so that a `{phone}` inside a content stays what it is."""
        filled = {
            name: _PLACEHOLDER.sub(lambda match: values[match[1]], template)
            for name, template in self.fields.items()
        }
        text = urlencode(filled) if self.body == "form" else json.dumps(filled, ensure_ascii=False)
        return text.encode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Configured values that an answer might echo."""
        fixed = (value for value in self.fields.values() if not _PLACEHOLDER.search(value))
        return (*fixed, *self.headers.values())


class SmsWebhook(SmsChannel):
    """One text to one number."""

    def __init__(self, gateway: SmsGateway) -> None:
        super().__init__(gateway.sign_prefix)
        self._gateway = gateway
        self._transport = Transport(
            gateway.url,
            _SERVICE,
            read_timeout=gateway.timeout,
            ca_file=gateway.ca_file,
            proxy=gateway.proxy,
        )

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """Exactly one payload: the signed text in UTF-8, shortened at a line end when over 500 characters.

        Mentions page nobody: an SMS has one reader.
        """
        return [(self._signature + shortened(self._signature, letter.text)).encode()]

    def send(self, address: str, payload: bytes) -> str:
        """Send once to the mobile number `address`.

        Returns the gateway's id, or the serial that the request carried when it gives none.
        """
        gateway, details = self._gateway, mobile(address)
        serial = f"{secrets.randbelow(10**20):020d}"
        details["serial"] = serial  # by which a gateway's own log is searched
        body = gateway.request_body({"phone": address, "content": payload.decode(), "serial": serial})
        answer = self._transport.send(
            "",
            body,
            content_type=_CONTENT_TYPES[gateway.body],
            method=gateway.method,
            headers=gateway.headers,
            details=details,
        )
        said = answer.json()
        verdict = _text(_at(said, gateway.success_path))
        if verdict is None:
            raise DeliveryError(
                f"短信网关的答复无法识别（{mask_phone(address)}），短信可能已被接收，请到网关后台核对",
                outcome=Outcome.UNKNOWN,
                details=details,
            )
        if verdict != gateway.success_value:
            meaning = _REFUSALS[gateway.errors.get(verdict, "message")]
            raise refusal(_SERVICE, verdict, meaning, details, (address, *gateway.secrets))
        return _text(_at(said, gateway.id_path)) or serial


def _at(value: object, path: str) -> object:
    """The value at a dotted path (`result.0.status`); None when there is none."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(value: object) -> str | None:
    """A JSON scalar as text: strings as they are, true as `true`; None for null and for containers."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, int | float) else None
