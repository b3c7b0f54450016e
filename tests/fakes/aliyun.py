"""A fake of Alibaba Cloud's SendSms: it checks the ACS3 signature, the approved words and the daily limit.

Must never be laxer than Alibaba's documents 55284 and 101346.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from tests.fakes.http_server import Reply, Request
from tests.fakes.provider import NOW, Provider

KEY_ID, KEY_SECRET = "LTAIinvented0001", "invented-aliyun-secret"
SIGN, TEMPLATE = "整改通", "SMS_000000001"
VARIABLES = frozenset({"count", "date", "serial"})
_A_DAY = 50  # notices to one number in 24 hours
_CREDENTIAL = re.compile(
    r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})"
)


class FakeAliyun(Provider):
    """One account with one signature and one template."""

    def __init__(self) -> None:
        super().__init__()
        self._nonces: set[str] = set()
        self._today: Counter[str] = Counter()
        self.refusal_text = "refused"

    def answer(self, request: Request, raw: bytes) -> dict[str, Any] | Reply:
        if wrong := self._unsigned(request, raw):
            body = json.dumps({"Code": wrong, "Message": wrong}).encode()
            return Reply(body, status=400)
        code = self.refuse_with or self._verdict(request.query)
        if code != "OK":
            text = "触发天级流控Permits:50" if code != self.refuse_with else self.refusal_text
            return {"RequestId": "r", "Code": code, "Message": text}
        self.accepted.append(dict(request.query))
        return {"RequestId": "r", "BizId": f"biz-{len(self.accepted)}", "Code": "OK", "Message": "OK"}

    def _verdict(self, query: Mapping[str, str]) -> str:
        if not re.fullmatch(r"1\d{10}", query.get("PhoneNumbers", "")):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        if query.get("SignName") != SIGN:
            return "isv.SMS_SIGNATURE_ILLEGAL"
        if query.get("TemplateCode") != TEMPLATE:
            return "isv.SMS_TEMPLATE_ILLEGAL"
        values = json.loads(query.get("TemplateParam", "{}"))
        if not set(values) >= VARIABLES:
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        if any(len(value) > 35 for value in values.values()):
            return "isv.PARAM_LENGTH_LIMIT"
        self._today[query["PhoneNumbers"]] += 1
        return "isv.BUSINESS_LIMIT_CONTROL" if self._today[query["PhoneNumbers"]] > _A_DAY else "OK"

    def _unsigned(self, request: Request, raw: bytes) -> str:
        """What is wrong with the signature; empty when nothing is."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        said = _CREDENTIAL.fullmatch(headers.get("authorization", ""))
        if said is None or said[1] != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        date = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(date.timestamp() - NOW) > 15 * 60:
            return "InvalidTimeStamp.Expired"
        nonce = headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(nonce)
        digest = hashlib.sha256(raw).hexdigest()
        names = said[2].split(";")
        needed = {"host", "content-type", *(name for name in headers if name.startswith("x-acs-"))}
        if set(names) != needed or headers["x-acs-content-sha256"] != digest:
            return "IncompleteSignature"
        headers["host"] = urlsplit(self.base_url).netloc  # whatever the client says
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in sorted(request.query.items())
        )
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(names))
        canonical = f"{request.method}\n{request.path}\n{query}\n{lines}\n{said[2]}\n{digest}"
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        good = hmac.new(KEY_SECRET.encode(), text.encode(), "sha256").hexdigest()
        return "" if good == said[3] else "SignatureDoesNotMatch"
