"""What WeCom's `errcode` means for us: whether and when to try again, how far it reaches, what to do.

Must never look at the wording of `errmsg` (Tencent changes it), except for the hint digits that
its support asks for. Source of codes: Tencent's global list (document 90313), the robot's page (99110)
and the page of app messages (90236).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from notifiers.refusals import Meaning, later
from tracker.domain.errors import DeliveryError, Scope

STALE_TOKEN = frozenset({40014, 41001, 42001})  # illegal, missing, expired: Tencent may end a token early
TASK_ID_USED = 42014
BAD_MEDIA_ID = 40007

_HINT = re.compile(r"hint: \[([\d_]{1,80})\]")
_LOOKUP = "https://open.work.weixin.qq.com/devtool/query?e="
_TRUST_US = "请在企业微信管理后台的应用详情里，把本服务器的出口 IP 加入“企业可信IP”，约一分钟后生效"

_TOO_LONG = Meaning("消息参数不合法或内容超长", "请缩短消息模板")
_BAD_FORMAT = Meaning("消息格式不被接受", "请把错误码告诉系统维护人员")
_BAD_CARD = Meaning("卡片消息的字段不被接受", "请把错误码告诉系统维护人员")
_BAD_MEDIA = Meaning("附件无效、过期或大小不符", "请重新生成附件")
_NEW_ROBOT = "请在群里重新添加机器人并更新联系人表"
_BAD_SECRET = Meaning("企业 ID 或应用密钥错误", "请核对企业微信应用设置", Scope.CHANNEL)
_BAD_AGENT = Meaning("应用 ID 与应用密钥不符", "请核对企业微信应用设置", Scope.CHANNEL)
_NOBODY = Meaning(
    "企业微信里没有这个账号，或不在应用可见范围内", "请核对联系人表和应用可见范围", Scope.ADDRESS
)
_NO_TOKEN = later("企业微信反复不认刚取得的访问凭证", 60)

_MEANINGS: Mapping[int, Meaning] = {
    -1: later("企业微信系统繁忙", 10),
    # A block at minute level lasts 60 s; five more keep clear of clock differences.
    45009: later("发送过于频繁", 65),
    45033: later("并发调用过多", 3),
    93000: Meaning("机器人密钥无效或机器人已被移出群", _NEW_ROBOT, Scope.ADDRESS),
    93004: Meaning("机器人已被停用", "请由企业微信管理员重新启用", Scope.ADDRESS),
    93006: Meaning("群聊不存在", _NEW_ROBOT, Scope.ADDRESS),
    93008: Meaning("机器人不在群里", _NEW_ROBOT, Scope.ADDRESS),
    40001: _BAD_SECRET,
    BAD_MEDIA_ID: _BAD_MEDIA,
    40008: _BAD_FORMAT,
    40009: _BAD_MEDIA,
    40013: _BAD_SECRET,
    40033: Meaning("消息含有不允许的字符", "请检查消息模板和事项文字"),
    40035: _BAD_FORMAT,
    40056: _BAD_AGENT,
    40058: _TOO_LONG,
    40063: _BAD_FORMAT,
    40091: _BAD_SECRET,
    40206: _TOO_LONG,
    **dict.fromkeys(range(42027, 42052), _BAD_CARD),
    **dict.fromkeys(STALE_TOKEN, _NO_TOKEN),
    43012: Meaning(
        "应用没有设置接收消息的回调地址，不能发送带按钮的卡片", "请在企业微信管理后台设置", Scope.CHANNEL
    ),
    44001: _BAD_MEDIA,
    44004: Meaning("消息内容为空", "请检查消息模板"),
    45001: _BAD_MEDIA,
    45002: _TOO_LONG,
    45008: _BAD_FORMAT,
    45034: _BAD_FORMAT,
    60020: Meaning("本服务器的 IP 不在企业可信 IP 之列", _TRUST_US, Scope.CHANNEL),
    81013: _NOBODY,
    82001: _NOBODY,
    301002: _BAD_AGENT,
    301019: _BAD_MEDIA,
}


def refusal(errcode: int, errmsg: object, details: Mapping[str, object]) -> DeliveryError:
    """The error for a non-zero `errcode`; `details` gains `errcode`, and `hint` when one was given.

    A code that is not in the table is permanent: Tencent asks that only its own failures be retried.
    """
    meaning = _MEANINGS.get(errcode) or Meaning("企业微信拒收了消息", f"含义请查 {_LOOKUP}{errcode}")
    hint = _HINT.search(str(errmsg))
    return DeliveryError(
        f"{meaning.reason}（错误码{errcode}），{meaning.advice}",
        outcome=meaning.outcome,
        scope=meaning.scope,
        retry_after_seconds=meaning.retry_after_seconds,
        details={**details, "errcode": errcode, **({"hint": hint[1]} if hint else {})},
    )


def unreachable(details: Mapping[str, object]) -> DeliveryError:
    """The error for a recipient whom the answer names as one who gets nothing."""
    return DeliveryError(
        f"{_NOBODY.reason}，{_NOBODY.advice}",
        outcome=_NOBODY.outcome,
        scope=_NOBODY.scope,
        details=details,
    )
