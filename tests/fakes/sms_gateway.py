"""A fake SMS gateway: one JSON or form endpoint that checks an account and says success in its body.

Must never show a whole telephone number in what it prints or lists as a note.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tests.fakes.http_server import Fault, LoopbackServer, Reply, Request, json_reply

PATH = "/sms/send"
PASSWORD = "invented-gateway-password"


@dataclass(frozen=True)
class CapturedSms:
    """One request as it arrived; `verdict` is what the gateway decided."""

    raw: bytes
    phone: str
    content: str
    serial: str
    token: str
    verdict: str

    @property
    def delivered(self) -> bool:
        return self.verdict == "success"


class FakeSmsGateway(LoopbackServer):
    """Expects the fields `mobile`, `text`, `out_id` and `password`; refusals are HTTP 200 too."""

    def __init__(self, *, port: int = 0, slow_seconds: float = 30.0) -> None:
        super().__init__(port=port, slow_seconds=slow_seconds)
        self.captured: list[CapturedSms] = []
        self.refuse_with: str | None = None

    @property
    def url(self) -> str:
        return self.base_url + PATH

    def respond(self, request: Request) -> Reply | None:
        if request.path != PATH:
            return self.stray(request)
        fault = self.take_fault(PATH)
        if fault is Fault.DROP:
            return None
        raw = request.body()
        if between := self.instead(fault):
            return between
        fields = _fields(raw, request.headers.get("Content-Type", ""))
        verdict = self.refuse_with or _verdict(fields)
        sms = CapturedSms(
            raw,
            phone=fields.get("mobile", ""),
            content=fields.get("text", ""),
            serial=fields.get("out_id", ""),
            token=request.headers.get("X-Token", ""),
            verdict=verdict,
        )
        self.captured.append(sms)
        group = f"group-{len(self.captured)}" if sms.delivered else ""
        answer = {"data": [{"rspcod": verdict, "msgGroup": group}], "success": sms.delivered}
        return self.spoil(fault, json_reply(answer))


def _fields(raw: bytes, content_type: str) -> dict[str, str]:
    """The request's fields; empty when its body is not what its type says."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode()))
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _verdict(fields: dict[str, str]) -> str:
    if not fields.get("text"):
        return "InvalidMessage"
    if fields.get("password") != PASSWORD:
        return "InvalidUsrOrPwd"
    return "success" if re.fullmatch(r"1\d{10}", fields.get("mobile", "")) else "InvalidMobile"
