"""What a mail server's reply means for us: whether to try again, and how far a refusal reaches.

Must never show what a server wrote (it quotes addresses), only the code; nor take an address out of use on a
code that servers also give for what is wrong with us.
"""

from __future__ import annotations

import re
import ssl
from enum import StrEnum

from tracker.domain.errors import DeliveryError, Outcome, Scope

# RFC 3463 and IANA's list: no such mailbox, domain or syntax, moved, null MX, disabled. A bare 550 may be
# a policy as well: servers without such codes use it for everything.
_NO_SUCH_RECIPIENT = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_POLICY = "5.7."  # relaying denied, not logged in, sender blocked. 5.4 is about ways to one domain
_ENHANCED = re.compile(rb"5\.\d{1,3}\.\d{1,3}(?!\S)")
_LOGIN = frozenset({530, 534, 535, 538})  # RFC 4954, 6


class Step(StrEnum):
    """How far a conversation has come."""

    SESSION = "session"  # greeting, encryption, login
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    MESSAGE = "message"  # the final dot


_GOES_ON = {  # RFC 5321, 4.3.2
    Step.SESSION: {220, 235, 250},
    Step.SENDER: {250},
    Step.RECIPIENT: {250, 251},
    Step.DATA: {354},
    Step.MESSAGE: {250},
}


def refused(step: Step, code: int, words: bytes = b"") -> DeliveryError | None:
    """The error for a reply; None when it lets the conversation go on.

    Of `words` only an enhanced status code at their beginning counts.
    """
    if code in _GOES_ON[step]:
        return None
    status = _ENHANCED.match(words)
    enhanced = status[0].decode() if status else ""
    details: dict[str, object] = {"smtp_code": code} | ({"enhanced_code": enhanced} if enhanced else {})
    if 400 <= code < 500:
        return DeliveryError(
            f"邮件服务器暂时不接收（SMTP {code}），稍后自动重试", outcome=Outcome.TEMPORARY, details=details
        )
    if not 500 <= code < 600:
        failure = broken(None, ended=step is Step.MESSAGE)
        failure.details.update(details)
        return failure
    message, scope = _permanent(step, code, enhanced)
    shown = f"{code} {enhanced}".rstrip()
    return DeliveryError(
        f"{message}（SMTP {shown}）", outcome=Outcome.PERMANENT, scope=scope, details=details
    )


def _permanent(step: Step, code: int, enhanced: str) -> tuple[str, Scope]:
    if code in _LOGIN:
        return "邮件服务器登录失败，请检查 TRACKER_SMTP_USER 和 TRACKER_SMTP_PASSWORD", Scope.CHANNEL
    if step is Step.SESSION:
        return "邮件服务器不接受连接，请检查 TRACKER_SMTP_ 开头的设置", Scope.CHANNEL
    if step is Step.SENDER:
        return "邮件服务器不接受发件人，请检查 TRACKER_SMTP_FROM", Scope.CHANNEL
    if step is Step.RECIPIENT and enhanced in _NO_SUCH_RECIPIENT:
        return "收件人邮箱不存在或已停用，请更新联系人表", Scope.ADDRESS
    if step is Step.RECIPIENT and enhanced.startswith(_POLICY):
        return "邮件服务器的策略不允许发送，请检查发件账号和转发权限", Scope.CHANNEL
    return "邮件服务器拒收了这封邮件", Scope.MESSAGE


def broken(error: Exception | None, *, ended: bool) -> DeliveryError:
    """The error for a conversation that broke off. `ended`: the message's last byte may have left."""
    if ended:
        return DeliveryError(
            "邮件服务器没有给出完整答复（超时或连接中断），邮件可能已被接收，不会自动重发",
            outcome=Outcome.UNKNOWN,
        )
    if isinstance(error, ssl.SSLError):
        reason = "TLS 证书校验或握手失败，请检查证书与 CA 文件设置"
    else:
        reason = "连接不上、超时或中途断开，请检查网络和服务器地址"
    return DeliveryError(f"邮件服务器暂时无法访问：{reason}", outcome=Outcome.TEMPORARY)


def unusable() -> DeliveryError:
    """The error for a server that lacks the encryption or the login that was asked for."""
    return DeliveryError(
        "邮件服务器不支持所设置的加密或登录方式，请检查 TRACKER_SMTP_SECURITY",
        outcome=Outcome.PERMANENT,
        scope=Scope.CHANNEL,
    )
