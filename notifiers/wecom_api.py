"""What the group robot and the app share: WeCom user ids, and how an answer is read.

Must never take an HTTP 200 for success: only `errcode` 0 without a warning is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from notifiers.refusals import unreadable
from notifiers.transport import Answer
from notifiers.wecom_errors import refusal
from tracker.domain.errors import DeliveryError, Outcome, Scope

TENCENT = "https://qyapi.weixin.qq.com"
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


def checked_users(user_ids: Iterable[str]) -> tuple[str, ...]:
    """The ids as they are; DeliveryError (permanent) for one that could break markup or name others."""
    users = tuple(user_ids)
    if all(_USER_ID.fullmatch(user) for user in users):
        return users
    raise DeliveryError(
        "企业微信账号含有不允许的字符，请检查联系人表", outcome=Outcome.PERMANENT, scope=Scope.ADDRESS
    )


def accepted(
    answer: Answer, details: Mapping[str, object], *, harmless: bool = False, field: str = ""
) -> Mapping[str, object]:
    """The parsed answer of a call that WeCom took; with `field`, it has a text by that name.

    Raises DeliveryError: the refusal of its `errcode`; UNKNOWN when the answer cannot be read or carries a
    warning (such messages may never be shown). `harmless`, as for `Transport.send`: then nothing is UNKNOWN.
    """
    said = answer.json() if answer.status == 200 else None
    errcode = said.get("errcode") if isinstance(said, dict) else None
    if isinstance(said, dict) and type(errcode) is int and errcode != 0:  # `true` is an int, but no code
        raise refusal(errcode, said.get("errmsg"), details)
    if not isinstance(said, dict) or type(errcode) is not int or (field and not _text(said, field)):
        if not harmless:
            raise unreadable("企业微信", details)
        raise DeliveryError(
            "企业微信的答复无法识别，请检查网络出口是否拦截", outcome=Outcome.TEMPORARY, details=details
        )
    if "warning" in str(said.get("errmsg")).lower() and not harmless:
        raise DeliveryError(
            "企业微信接收了消息但附带警告，可能没有显示，请到企业微信里核对",
            outcome=Outcome.UNKNOWN,
            details={**details, "errcode": 0},
        )
    return said


def _text(said: Mapping[str, object], field: str) -> bool:
    return isinstance(said.get(field), str) and said[field] != ""
