"""What WeCom's `errcode` means for us: whether to try again, when, and what a person should do.

Must never look at the wording of `errmsg` (Tencent changes it), except for the hint digits that
its support asks for. Source of codes: Tencent's global list (document 90313) and the robot's page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.domain.errors import DeliveryError, Outcome

_HINT = re.compile(r"hint: \[([\d_]{1,80})\]")
_LOOKUP = "https://open.work.weixin.qq.com/devtool/query?e="


@dataclass(frozen=True)
class _Meaning:
    reason: str
    advice: str
    retry_after_seconds: int | None = None  # None: trying again cannot help


_TOO_LONG = _Meaning("消息参数不合法或内容超长", "请缩短消息模板")
_BAD_FORMAT = _Meaning("消息格式不被接受", "请把错误码告诉系统维护人员")
_BAD_MEDIA = _Meaning("附件无效、过期或大小不符", "请重新生成附件")

_MEANINGS: Mapping[int, _Meaning] = {
    -1: _Meaning("企业微信系统繁忙", "稍后自动重试", 10),
    # A block at minute level lasts 60 s; five more keep clear of clock differences.
    45009: _Meaning("机器人发送过于频繁", "稍后自动重试", 65),
    45033: _Meaning("机器人并发调用过多", "稍后自动重试", 3),
    93000: _Meaning("机器人密钥无效或机器人已被移出群", "请在群里重新添加机器人并更新联系人表"),
    93004: _Meaning("机器人已被停用", "请由企业微信管理员重新启用"),
    93006: _Meaning("群聊不存在", "请在群里重新添加机器人并更新联系人表"),
    93008: _Meaning("机器人不在群里", "请在群里重新添加机器人并更新联系人表"),
    40007: _BAD_MEDIA,
    40008: _BAD_FORMAT,
    40009: _BAD_MEDIA,
    40033: _Meaning("消息含有不允许的字符", "请检查消息模板和事项文字"),
    40035: _BAD_FORMAT,
    40058: _TOO_LONG,
    40063: _BAD_FORMAT,
    40206: _TOO_LONG,
    44001: _BAD_MEDIA,
    44004: _Meaning("消息内容为空", "请检查消息模板"),
    45001: _BAD_MEDIA,
    45002: _TOO_LONG,
    45008: _BAD_FORMAT,
    45034: _BAD_FORMAT,
    301019: _BAD_MEDIA,
}


def refusal(errcode: int, errmsg: object, details: Mapping[str, object]) -> DeliveryError:
    """The error for a non-zero `errcode`; `details` gains `errcode`, and `hint` when one was given.

    A code that is not in the table is permanent: Tencent asks that only its own failures be retried.
    """
    meaning = _MEANINGS.get(errcode) or _Meaning("企业微信拒收了消息", f"含义请查 {_LOOKUP}{errcode}")
    hint = _HINT.search(str(errmsg))
    return DeliveryError(
        f"{meaning.reason}（错误码{errcode}），{meaning.advice}",
        outcome=Outcome.PERMANENT if meaning.retry_after_seconds is None else Outcome.TEMPORARY,
        retry_after_seconds=meaning.retry_after_seconds or 0,
        details={**details, "errcode": errcode, **({"hint": hint[1]} if hint else {})},
    )
