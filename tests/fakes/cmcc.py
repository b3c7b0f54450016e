"""A fake of China Mobile's 云MAS: base64 of JSON, a mac over its fields, free text and templates.

Must never be laxer than the platform's interface document, as far as it is known.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.http_server import Request
from tests.fakes.provider import Provider, json_object

EC_NAME, AP_ID, SECRET_KEY, SIGN = "云澜市审批局", "invented-ap", "invented-mas-secret", "inventedSign1"
FREE_TEXT, TEMPLATE = "/sms/norsubmit", "/sms/tmpsubmit"


class FakeCmcc(Provider):
    """One interface user with one signature code. `group_field`: copies of the document spell it in two
    ways.
    """

    PATH = "/sms/"

    def __init__(self) -> None:
        super().__init__()
        self.group_field = "msgGroup"

    def answer(self, request: Request, raw: bytes) -> dict[str, Any]:
        said = _decoded(raw)
        code = self.refuse_with or _verdict(request.path, said)
        accepted = code == "success"
        if accepted:
            self.accepted.append(dict(said))
        group = f"group-{len(self.accepted)}" if accepted else ""
        return {self.group_field: group, "rspcod": code, "success": accepted}


def _decoded(raw: bytes) -> Mapping[str, Any]:
    try:
        return json_object(base64.b64decode(raw, validate=True))
    except binascii.Error:
        return {}


def _verdict(path: str, said: Mapping[str, Any]) -> str:
    content = ("content",) if path == FREE_TEXT else ("templateId", "params")
    if not all(isinstance(said.get(name), str) and said[name] for name in (*content, "mobiles", "mac")):
        return "InvalidMessage"
    if path == TEMPLATE and not all(isinstance(one, str) for one in json.loads(said["params"])):
        return "InvalidMessage"
    if said.get("apId") != AP_ID or said.get("ecName") != EC_NAME:
        return "InvalidUsrOrPwd"
    if said.get("secretKey") not in (None, SECRET_KEY):
        return "InvalidUsrOrPwd"
    if not said.get("sign"):
        return "NoSignId"
    if said["sign"] != SIGN:
        return "IllegalSignId"
    middle = said["mobiles"] + said["content"] if path == FREE_TEXT else _template(said)
    text = EC_NAME + AP_ID + SECRET_KEY + middle + SIGN + said["addSerial"]
    if said["mac"] != hashlib.md5(text.encode(), usedforsecurity=False).hexdigest():
        return "IllegalMac"
    numbers = said["mobiles"].split(",")
    return "success" if all(re.fullmatch(r"1\d{10}", one) for one in numbers) else "InvalidMobile"


def _template(said: Mapping[str, Any]) -> str:
    return str(said["templateId"] + said["mobiles"] + said["params"])
