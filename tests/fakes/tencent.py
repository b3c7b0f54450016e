"""A fake of Tencent Cloud's SendSms: it checks the TC3 signature, the approved words and the limits of a
number.

Must never be laxer than Tencent Cloud's documents 382/55981 and 382/39023.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.http_server import Request
from tests.fakes.provider import NOW, Provider, json_object

KEY_ID, KEY_SECRET = "AKIDinvented0001", "invented-tencent-secret"
SIGN, TEMPLATE, APP_ID = "整改通", "1000001", "1400000001"
VARIABLES, LONGEST = 2, 6
_A_DAY = 2  # the account's default for one number
_CREDENTIAL = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/([\d-]+)/sms/tc3_request, "
    r"SignedHeaders=content-type;host, Signature=([0-9a-f]{64})"
)


class FakeTencent(Provider):
    """One account with one application, one signature and one template with two variables."""

    def __init__(self) -> None:
        super().__init__()
        self._today: Counter[str] = Counter()

    def answer(self, request: Request, raw: bytes) -> dict[str, Any]:
        if wrong := self._unsigned(request, raw):
            return _refused(wrong)
        said = json_object(raw)
        if wrong := _whole_request(said):
            return _refused(wrong)
        statuses = [self._status(phone, said) for phone in said["PhoneNumberSet"]]
        return {"Response": {"SendStatusSet": statuses, "RequestId": "r"}}

    def _status(self, phone: str, said: Mapping[str, Any]) -> dict[str, Any]:
        code = self.refuse_with or self._verdict(phone, said)
        if code == "Ok":
            self.accepted.append({**said, "phone": phone})
        serial = f"2645:{len(self.accepted)}" if code == "Ok" else ""
        context = said["SessionContext"]
        return {
            "SerialNo": serial,
            "PhoneNumber": phone,
            "Fee": int(code == "Ok"),
            "SessionContext": context,
            "Code": code,
            "Message": code,
            "IsoCode": "CN",
        }

    def _verdict(self, phone: str, said: Mapping[str, Any]) -> str:
        if not re.fullmatch(r"\+861\d{10}", phone):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        values = said["TemplateParamSet"]
        if len(values) != VARIABLES:
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        if any(len(value) > LONGEST for value in values):
            return "InvalidParameterValue.TemplateParameterLengthLimit"
        self._today[phone] += 1
        return "LimitExceeded.PhoneNumberDailyLimit" if self._today[phone] > _A_DAY else "Ok"

    def _unsigned(self, request: Request, raw: bytes) -> str:
        """What is wrong with the signature; empty when nothing is."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        said = _CREDENTIAL.fullmatch(headers.get("authorization", ""))
        if said is None or said[1] != KEY_ID:
            return "AuthFailure.SecretIdNotFound"
        stamp = int(headers["x-tc-timestamp"])
        day = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
        if abs(stamp - NOW) > 5 * 60 or day != said[2]:
            return "AuthFailure.SignatureExpire"
        canonical = (
            f"POST\n/\n\ncontent-type:{headers['content-type']}\nhost:{urlsplit(self.base_url).netloc}\n\n"
            f"content-type;host\n{hashlib.sha256(raw).hexdigest()}"
        )
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"TC3{KEY_SECRET}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{hashed}"
        good = hmac.digest(key, text.encode(), "sha256").hex()
        return "" if good == said[3] else "AuthFailure.SignatureFailure"


def _whole_request(said: Mapping[str, Any]) -> str:
    if said.get("SmsSdkAppId") != APP_ID:
        return "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
    if said.get("SignName") != SIGN:
        return "FailedOperation.SignatureIncorrectOrUnapproved"
    if said.get("TemplateId") != TEMPLATE:
        return "FailedOperation.TemplateIncorrectOrUnapproved"
    return ""


def _refused(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": code}, "RequestId": "r"}}
