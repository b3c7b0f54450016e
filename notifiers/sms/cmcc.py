"""SMS through China Mobile's 云MAS, which most local governments have: free text or a template.

Must never put the signature's text into the content (the platform adds it), nor freeze the secret or a
number into a payload.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from notifiers.base import Letter
from notifiers.freezing import frozen, thawed
from notifiers.refusals import Meaning, refusal, unreadable
from notifiers.signing import mas_mac
from notifiers.sms.base import SmsChannel, mobile, shortened
from notifiers.sms.templates import Templates
from notifiers.transport import Transport
from tracker.domain.errors import Scope

_SERVICE = "云MAS"
_LOGIN = Meaning(
    "账号、密码或校验码不正确", "请检查 TRACKER_SMS_EC_NAME、KEY_ID 和 KEY_SECRET", Scope.CHANNEL
)
_SIGN = Meaning("签名编码不正确", "请检查 TRACKER_SMS_SIGN（平台给的签名编码，不是签名文字）", Scope.CHANNEL)

# Source: the platform's interface document, as several independent clients restate it.
_MEANINGS: Mapping[str, Meaning] = {
    "IllegalMac": _LOGIN,
    "InvalidUsrOrPwd": _LOGIN,
    "IllegalSignId": _SIGN,
    "NoSignId": _SIGN,
    "NOT_WHITE_IP": Meaning("本机 IP 不在白名单", "请联系中国移动加入本机出口 IP", Scope.CHANNEL),
    "InvalidMessage": Meaning("内容或格式被拒", "请检查消息模板"),
    "TooManyMobiles": Meaning("号码过多", "请把错误码告诉系统维护人员"),
    "InvalidMobile": Meaning("手机号码不合法", "请更新联系人表", Scope.ADDRESS),
}


class CmccSms(SmsChannel):
    """One message to one number. Free text unless there are templates.

    `success` of this platform means that the request was valid, not that a phone rang.
    """

    def __init__(
        self,
        url: str,
        *,
        ec_name: str,
        ap_id: str,
        secret_key: str,
        sign: str,
        extension: str = "",
        secret_in_body: bool = True,
        templates: Templates | None = None,
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """`url`: the whole address (`…/sms/norsubmit`, with templates `…/sms/tmpsubmit`): each province
        hands out its own. `ec_name`: the organisation as registered; `ap_id`: the interface's user; `sign`:
        the signature's code; `extension`: `addSerial`. `secret_in_body`: some platforms want the secret
        there, some do not.
        """
        super().__init__()  # nobody tells us the words behind the signature's code
        self._ec_name, self._ap_id, self._secret_key = ec_name, ap_id, secret_key
        self._sign, self._extension, self._secret_in_body = sign, extension, secret_in_body
        self._templates = templates
        self._transport = Transport(url, _SERVICE, read_timeout=timeout, ca_file=ca_file, proxy=proxy)

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """Exactly one payload, shortened at a line end when over 500 characters."""
        if self._templates is None:
            return [frozen({"content": shortened("", letter.text)})]
        code, params = self._templates.fill(letter)
        return [frozen({"template": code, "params": list(params.values())})]

    def send(self, address: str, payload: bytes) -> str:
        """Send once to the mobile number `address`; returns the `msgGroup`."""
        details = mobile(address)
        # No content type of JSON: the body is one word of base64.
        answer = self._transport.send(
            "",
            base64.b64encode(frozen(self._request(address, thawed(payload)))),
            content_type="text/plain; charset=utf-8",
            details=details,
        ).json()
        code = answer.get("rspcod") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(code, str):
            raise unreadable(_SERVICE, details)
        accepted = code == "success"
        if answer.get("success") is not accepted:  # it contradicts itself
            raise unreadable(_SERVICE, details)
        if not accepted:
            meaning = _MEANINGS.get(code) or Meaning("拒收", "请按平台说明处理")
            raise refusal(_SERVICE, code, meaning, details, (address, self._ap_id, self._secret_key))
        # Copies of the interface document disagree about the spelling.
        return str(answer.get("msgGroup") or answer.get("mgsGroup") or "")

    def _request(self, address: str, said: Mapping[str, object]) -> dict[str, object]:
        """The request's fields, `mac` included: its order is the platform's, and differs with a template."""
        if "content" in said:
            what = {"mobiles": address, "content": str(said["content"])}
        else:
            params = said["params"] or [""]  # the platform's way of saying: no variables
            what = {
                "templateId": str(said["template"]),
                "mobiles": address,
                "params": frozen(params).decode(),
            }
        who = {"ecName": self._ec_name, "apId": self._ap_id, "secretKey": self._secret_key}
        rest = {"sign": self._sign, "addSerial": self._extension}
        mac = mas_mac([*who.values(), *what.values(), *rest.values()])
        if not self._secret_in_body:
            del who["secretKey"]
        return {**who, **what, **rest, "mac": mac}
