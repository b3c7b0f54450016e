"""SMS through Alibaba Cloud (阿里云短信服务): SendSms with an approved signature and template.

Must never take an HTTP 200 for success (only `Code` says `OK`), nor sign before the moment of sending: a
signature holds its date and is good for fifteen minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

from notifiers.base import Letter
from notifiers.freezing import frozen, thawed
from notifiers.refusals import Meaning, later, refusal, unreadable
from notifiers.signing import acs3, rfc3986
from notifiers.sms.base import SmsChannel, mobile
from notifiers.sms.templates import Templates
from notifiers.transport import Answer, Transport
from tracker.domain.errors import DeliveryError, Scope

ENDPOINT = "https://dysmsapi.aliyuncs.com"
LONGEST_PARAM = 35  # characters of a notice's variable; Alibaba's template rules
_SERVICE = "阿里云短信"
_CONTENT_TYPE = "application/x-www-form-urlencoded"
_HEADERS = {"content-type": _CONTENT_TYPE, "x-acs-action": "SendSms", "x-acs-version": "2017-05-25"}
# The parameters stand in the query, as Alibaba describes the call. The body says again what is the default
# anyway: a request without one would look to our transport as if nothing could have been accepted.
_BODY = b"Format=JSON"

_SIGN = Meaning("签名不可用", "请检查 TRACKER_SMS_SIGN 和签名的审核状态", Scope.CHANNEL)
# Each kind of message has its template: one that is wrong must not keep back all others.
_TEMPLATE = Meaning("模板或变量与审核通过的不符", "请检查 TRACKER_SMS_TEMPLATES 和变量设置")
_CONTENT = Meaning("内容被拒", "请检查变量内容")
_BROKEN = Meaning("请求参数不合法", "请把错误码告诉系统维护人员")
_ACCOUNT = Meaning("账号当前不能发送", "请在阿里云控制台检查余额、服务状态和权限", Scope.CHANNEL)
_CAPPED = Meaning("达到账号设置的发送上限", "请在阿里云控制台调整上限", Scope.CHANNEL)
_TOO_OFTEN_TODAY = Meaning("该号码今天收到的短信已达上限", "今天不再发送，请改用其他方式联系")
_FREQUENCY = "isv.BUSINESS_LIMIT_CONTROL"

# Source: Alibaba's documents 101346 (error codes) and 55284. Only its own failure is worth an early retry.
_MEANINGS: Mapping[str, Meaning] = {
    "isp.SYSTEM_ERROR": later("系统繁忙", 30),
    "isv.MOBILE_NUMBER_ILLEGAL": Meaning("手机号码不合法", "请更新联系人表", Scope.ADDRESS),
    "isv.MOBILE_COUNT_OVER_LIMIT": _BROKEN,
    "isv.DAY_LIMIT_CONTROL": _CAPPED,
    "isv.MONTH_LIMIT_CONTROL": _CAPPED,
    "isv.SMS_SIGNATURE_ILLEGAL": _SIGN,
    "isv.SIGN_STATE_ILLEGAL": _SIGN,
    "isv.SMS_TEMPLATE_ILLEGAL": _TEMPLATE,
    "isv.TEMPLATE_MISSING_PARAMETERS": _TEMPLATE,
    "isv.INVALID_JSON_PARAM": _BROKEN,
    "isv.INVALID_PARAMETERS": _BROKEN,
    "isv.PARAM_LENGTH_LIMIT": _CONTENT,
    "isv.PARAM_NOT_SUPPORT_URL": _CONTENT,
    "isv.BLACK_KEY_CONTROL_LIMIT": _CONTENT,  # a blacklist of words, not of numbers
    "isv.SMS_CONTENT_ILLEGAL": _CONTENT,
    "isv.AMOUNT_NOT_ENOUGH": _ACCOUNT,
    "isv.OUT_OF_SERVICE": _ACCOUNT,
    "isv.DENY_IP_RANGE": Meaning("本机 IP 不在允许范围", "请在阿里云控制台加入本机出口 IP", Scope.CHANNEL),
    "isp.RAM_PERMISSION_DENY": _ACCOUNT,
}


class AliyunSms(SmsChannel):
    """One message to one number. The frozen payload holds template, variables and serial, and no number."""

    def __init__(
        self,
        base_url: str = ENDPOINT,
        *,
        key_id: str,
        key_secret: str,
        sign: str,
        templates: Templates,
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`key_id`, `key_secret`: the AccessKey. `sign`: the approved signature without brackets. `clock`:
        seconds.
        """
        super().__init__(f"【{sign}】")
        self._key_id, self._key_secret = key_id, key_secret
        self._sign, self._templates, self._clock = sign, templates, clock
        self._transport = Transport(
            base_url.rstrip("/"), _SERVICE, read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )
        self._host = urlsplit(base_url).netloc

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """Exactly one payload. Raises DeliveryError (permanent) when no template can say it."""
        code, params = self._templates.fill(letter)
        return [frozen({"template": code, "params": params, "serial": letter.serial})]

    def send(self, address: str, payload: bytes) -> str:
        """Send once to the mobile number `address`; returns the `BizId`."""
        details, said = mobile(address), thawed(payload)
        query = {
            "PhoneNumbers": address,
            "SignName": self._sign,
            "TemplateCode": said["template"],
            "TemplateParam": frozen(said["params"]).decode(),
            **({"OutId": said["serial"]} if said["serial"] else {}),
        }
        answer = self._call(query, details).json()
        code = answer.get("Code") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(code, str):
            raise unreadable(_SERVICE, details)
        if code != "OK":
            meaning = _meaning(code, str(answer.get("Message")))
            raise refusal(_SERVICE, code, meaning, details, (address, self._key_id, self._key_secret))
        return str(answer.get("BizId") or "")

    def _call(self, query: Mapping[str, str], details: Mapping[str, object]) -> Answer:
        try:
            return self._transport.send(
                f"/?{rfc3986(query)}",  # in the path: the signature covers this very spelling of the query
                _BODY,
                content_type=_CONTENT_TYPE,
                headers=self._signed(query),
                details=details,
            )
        except DeliveryError as error:
            # What is wrong with a message is said with a 200; with a 400, a wrong key, signature or clock.
            if error.details.get("http_status") == HTTPStatus.BAD_REQUEST:
                error.scope = Scope.CHANNEL
            raise

    def _signed(self, query: Mapping[str, str]) -> dict[str, str]:
        """The headers that the signature covers, and the signature; the transport sets the content type
        itself.
        """
        moment = datetime.fromtimestamp(self._clock(), UTC)
        headers = {
            **_HEADERS,
            "x-acs-date": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": uuid4().hex,
        }
        signed = acs3(
            self._key_id, self._key_secret, host=self._host, query=query, headers=headers, body=_BODY
        )
        del signed["content-type"]
        return signed


def _meaning(code: str, message: str) -> Meaning:
    """What a code means. One code serves all limits of frequency; only its text tells minute from day."""
    if code != _FREQUENCY:
        return _MEANINGS.get(code) or Meaning("拒收", "请在阿里云文档中查询错误码")
    if "天级" in message:
        return _TOO_OFTEN_TODAY
    return later("发送过于频繁", 65 if "分钟级" in message else 3600)
