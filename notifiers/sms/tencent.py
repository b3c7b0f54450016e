"""SMS through Tencent Cloud (腾讯云短信): SendSms with an approved signature and template.

Must never take a request that was understood for a message that was accepted: each number has a status of
its own. Must never sign before the moment of sending: a signature is good for five minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from notifiers.base import Letter
from notifiers.freezing import frozen, thawed
from notifiers.refusals import Meaning, later, refusal, unreadable
from notifiers.signing import tc3
from notifiers.sms.base import SmsChannel, mobile
from notifiers.sms.templates import Templates
from notifiers.transport import Transport
from tracker.domain.errors import Outcome, Scope

ENDPOINT = "https://sms.tencentcloudapi.com"
LONGEST_PARAM = 6  # characters of a variable, for accounts opened after 2024-01-25; document 382/39023
_SERVICE = "腾讯云短信"
_CONTENT_TYPE = "application/json"

_SIGN = Meaning("签名不可用", "请检查 TRACKER_SMS_SIGN 和签名的审核状态", Scope.CHANNEL)
# Each kind of message has its template: one that is wrong must not keep back all others.
_TEMPLATE = Meaning("模板或变量与审核通过的不符", "请检查 TRACKER_SMS_TEMPLATES 和变量设置")
_CONTENT = Meaning("内容被拒", "请检查变量内容")
_ACCOUNT = Meaning("账号当前不能发送", "请在腾讯云控制台检查密钥、余额、权限和 IP 白名单", Scope.CHANNEL)
_NUMBER = Meaning("手机号码不合法或在黑名单中", "请更新联系人表", Scope.ADDRESS)
_TOO_OFTEN_TODAY = Meaning("该号码今天收到的短信已达上限", "今天不再发送，请改用其他方式联系")
_BROKEN = Meaning("请求参数不合法", "请把错误码告诉系统维护人员")

# Source: Tencent Cloud's documents 382/55981 and 382/13303. A code that is not listed counts as its first
# part.
_MEANINGS: Mapping[str, Meaning] = {
    "LimitExceeded": later("发送过于频繁", 3600),
    "LimitExceeded.PhoneNumberThirtySecondLimit": later("同一内容发送过于频繁", 65),
    "LimitExceeded.PhoneNumberOneHourLimit": later("该号码一小时内收到的短信已达上限", 3600),
    "LimitExceeded.DeliveryFrequencyLimit": later("发送过于频繁", 65),
    "LimitExceeded.PhoneNumberDailyLimit": _TOO_OFTEN_TODAY,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": _TOO_OFTEN_TODAY,
    "LimitExceeded.PhoneNumberCountLimit": _BROKEN,
    "LimitExceeded.AppDailyLimit": Meaning("应用达到每日发送上限", "请在腾讯云控制台调整上限", Scope.CHANNEL),
    "RequestLimitExceeded": later("接口调用过于频繁", 5, Scope.CHANNEL),
    "FailedOperation": Meaning("拒收", "请在腾讯云文档中查询错误码"),
    "FailedOperation.SignatureIncorrectOrUnapproved": _SIGN,
    "FailedOperation.TemplateIncorrectOrUnapproved": _TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": _TEMPLATE,
    "FailedOperation.InsufficientBalanceInSmsPackage": _ACCOUNT,
    "FailedOperation.PhoneNumberInBlacklist": _NUMBER,
    "FailedOperation.ContainSensitiveWord": _CONTENT,
    "InvalidParameterValue.TemplateParameterLengthLimit": _CONTENT,
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": _CONTENT,
    "InvalidParameterValue.ContentLengthLimit": _CONTENT,
    "InvalidParameterValue.IncorrectPhoneNumber": _NUMBER,
    "UnsupportedOperation": _ACCOUNT,
    "UnauthorizedOperation": _ACCOUNT,
    "AuthFailure": _ACCOUNT,
    "InternalError": later("系统繁忙", 30),
    # Somebody behind Tencent's door waited in vain: the message may have gone out, as with a read timeout.
    "InternalError.Timeout": Meaning("下发超时", "短信可能已发出，请到控制台核对", outcome=Outcome.UNKNOWN),
}


class TencentSms(SmsChannel):
    """One message to one number. The frozen payload holds template, variables and serial, and no number."""

    def __init__(
        self,
        base_url: str = ENDPOINT,
        *,
        key_id: str,
        key_secret: str,
        app_id: str,
        sign: str,
        region: str,
        templates: Templates,
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`app_id`: SmsSdkAppId. `sign`: the approved signature without brackets. `clock`: seconds."""
        super().__init__(f"【{sign}】")
        self._key_id, self._key_secret = key_id, key_secret
        self._app_id, self._sign, self._region = app_id, sign, region
        self._templates, self._clock = templates, clock
        self._transport = Transport(
            base_url.rstrip("/"), _SERVICE, read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )
        self._host = urlsplit(base_url).netloc

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """Exactly one payload. Raises DeliveryError (permanent) when no template can say it."""
        code, params = self._templates.fill(letter)
        return [frozen({"template": code, "params": list(params.values()), "serial": letter.serial})]

    def send(self, address: str, payload: bytes) -> str:
        """Send once to the mobile number `address`; returns the `SerialNo`."""
        details = mobile(address)
        answer = self._transport.send(
            "/",
            body := self._body(address, payload),
            content_type=_CONTENT_TYPE,
            headers=self._headers(body),
            details=details,
        ).json()
        verdict = _verdict(answer)
        if verdict is None:
            raise unreadable(_SERVICE, details)
        code, serial = verdict
        if code != "Ok":
            raise refusal(_SERVICE, code, _meaning(code), details, (address, self._key_id, self._key_secret))
        return serial

    def _body(self, address: str, payload: bytes) -> bytes:
        said = thawed(payload)
        return frozen(
            {
                "PhoneNumberSet": [f"+86{address}"],
                "SmsSdkAppId": self._app_id,
                "SignName": self._sign,
                "TemplateId": said["template"],
                "TemplateParamSet": said["params"],
                "SessionContext": said["serial"],
            }
        )

    def _headers(self, body: bytes) -> dict[str, str]:
        now = int(self._clock())
        authorization = tc3(
            self._key_id,
            self._key_secret,
            service="sms",
            host=self._host,
            content_type=_CONTENT_TYPE,
            body=body,
            timestamp=now,
        )
        return {
            "X-TC-Action": "SendSms",
            "X-TC-Version": "2021-01-11",
            "X-TC-Region": self._region,
            "X-TC-Timestamp": str(now),
            "Authorization": authorization,
        }


def _verdict(answer: object) -> tuple[str, str] | None:
    """The code and serial number of the one number, or the code of the whole request; None for neither."""
    match answer:
        case {"Response": {"Error": {"Code": str(code)}}}:
            return code, ""
        case {"Response": {"SendStatusSet": [{"Code": str(code), **rest}]}}:
            return code, str(rest.get("SerialNo") or "")
    return None


def _meaning(code: str) -> Meaning:
    return _MEANINGS.get(code) or _MEANINGS.get(code.partition(".")[0]) or _BROKEN
