"""What a mail server's reply means for us: whether to try again, and how far a refusal reaches.

Must never show what a server wrote (it quotes addresses), only the code.
"""

from __future__ import annotations

import ssl
from enum import StrEnum

from tracker.domain.errors import DeliveryError, Outcome, Scope

_NO_SUCH_RECIPIENT = frozenset({550, 551, 553})  # RFC 5321, 4.2.3
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


def refused(step: Step, code: int) -> DeliveryError | None:
    """The error for a reply; None when it lets the conversation go on."""
    if code in _GOES_ON[step]:
        return None
    details = {"smtp_code": code}
    if 400 <= code < 500:
        return DeliveryError(
            f"邮件服务器暂时不接收（SMTP {code}），稍后自动重试", outcome=Outcome.TEMPORARY, details=details
        )
    if not 500 <= code < 600:
        failure = broken(None, ended=step is Step.MESSAGE)
        failure.details.update(details)
        return failure
    message, scope = _permanent(step, code)
    return DeliveryError(f"{message}（SMTP {code}）", outcome=Outcome.PERMANENT, scope=scope, details=details)


def _permanent(step: Step, code: int) -> tuple[str, Scope]:
    if code in _LOGIN:
        return "邮件服务器登录失败，请检查 TRACKER_SMTP_USER 和 TRACKER_SMTP_PASSWORD", Scope.CHANNEL
    if step is Step.SESSION:
        return "邮件服务器不接受连接，请检查 TRACKER_SMTP_ 开头的设置", Scope.CHANNEL
    if step is Step.SENDER:
        return "邮件服务器不接受发件人，请检查 TRACKER_SMTP_FROM", Scope.CHANNEL
    if step is Step.RECIPIENT and code in _NO_SUCH_RECIPIENT:
        return "收件人邮箱不存在或被拒绝，请更新联系人表", Scope.ADDRESS
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
