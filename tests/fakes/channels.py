"""Every channel of `NOTIFIERS` against its fake: how it is built, with which address, how it is troubled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from notifiers.base import Letter, Mentions, Notifier
from notifiers.dingtalk import DingTalkRobot
from notifiers.email import EmailSmtp
from notifiers.feishu import FeishuRobot
from notifiers.group_robots import BODY_BYTES
from notifiers.sandbox import Sandbox
from notifiers.sms import LONGEST, AliyunSms, CmccSms, SmsGateway, SmsWebhook, Templates, TencentSms
from notifiers.wecom_app import WeComApp
from notifiers.wecom_robot import WeComRobot
from tests.fakes import aliyun, cmcc, dingtalk, feishu, sms_gateway, tencent
from tests.fakes.aliyun import FakeAliyun
from tests.fakes.cmcc import FakeCmcc
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.feishu import FakeFeishu
from tests.fakes.provider import NOW
from tests.fakes.sms_gateway import FakeSmsGateway
from tests.fakes.smtp import FakeSmtp
from tests.fakes.tencent import FakeTencent
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import APP_SEND

KEY = "1234aaaa-0000-4000-8000-00000000cdef"
CORP, AGENT, APP_SECRET, USER = "ww0000000000000001", 1000002, "invented-app-secret", "zhangsan"
PHONE, MAIL = "13800000042", "zhang.san@landong.example.cn"
SECRETS = (
    KEY,
    APP_SECRET,
    PHONE,
    MAIL,
    "invented-token",
    sms_gateway.PASSWORD,
    aliyun.KEY_ID,
    aliyun.KEY_SECRET,
    tencent.KEY_ID,
    tencent.KEY_SECRET,
    cmcc.AP_ID,
    cmcc.SECRET_KEY,
    dingtalk.TOKEN,
    dingtalk.SECRET,
    feishu.TOKEN,
    feishu.SECRET,
)
WAIT = 0.3  # seconds that a channel waits for an answer here


def letter(text: str) -> Letter:
    return Letter(text, Mentions((USER,)), serial="ZG-7", facts={"count": "1", "date": "1月5日"})


@dataclass(frozen=True)
class Kind:
    """How one channel is put to work: against which fake, built how, with which address.

    `fault`: under which name the fake takes faults. `largest`: bytes that a payload may have.
    """

    fake: Callable[[], AbstractContextManager[Any]]
    build: Callable[[str], Notifier]
    address: str
    fault: str = "/"
    largest: int | None = None


def _wecom() -> FakeWeCom:
    server = FakeWeCom()
    server.add_robot(KEY)
    server.add_app(CORP, AGENT, APP_SECRET, frozenset({USER}))
    return server


def _app(base_url: str) -> Notifier:
    return WeComApp(base_url, corp_id=CORP, agent_id=AGENT, secret=APP_SECRET, timeout=WAIT)


def _webhook(base_url: str) -> Notifier:
    fields = {"mobile": "{phone}", "text": "{content}", "password": sms_gateway.PASSWORD}
    headers = {"X-Token": "invented-token"}
    url = base_url + sms_gateway.PATH
    return SmsWebhook(SmsGateway(url, fields, "success", "true", headers=headers, timeout=WAIT))


def _aliyun(base_url: str) -> Notifier:
    return AliyunSms(
        base_url,
        key_id=aliyun.KEY_ID,
        key_secret=aliyun.KEY_SECRET,
        sign=aliyun.SIGN,
        templates=Templates({"default": aliyun.TEMPLATE}, {name: f"{{{name}}}" for name in aliyun.VARIABLES}),
        timeout=WAIT,
        clock=lambda: NOW,
    )


def _tencent(base_url: str) -> Notifier:
    return TencentSms(
        base_url,
        key_id=tencent.KEY_ID,
        key_secret=tencent.KEY_SECRET,
        app_id=tencent.APP_ID,
        sign=tencent.SIGN,
        region="ap-guangzhou",
        templates=Templates({"default": tencent.TEMPLATE}, {"a": "{count}", "b": "{date}"}),
        timeout=WAIT,
        clock=lambda: NOW,
    )


def _cmcc(base_url: str) -> Notifier:
    return CmccSms(
        base_url + cmcc.FREE_TEXT,
        ec_name=cmcc.EC_NAME,
        ap_id=cmcc.AP_ID,
        secret_key=cmcc.SECRET_KEY,
        sign=cmcc.SIGN,
        timeout=WAIT,
    )


def _email(base_url: str) -> Notifier:
    port = urlsplit(base_url).port
    sender = "rectify@yunlan.example.cn"
    return EmailSmtp("127.0.0.1", port=port, sender=sender, security="none", timeout=WAIT)


ESCAPED = 6  # bytes that JSON may need for one byte of text
KINDS: dict[type[Notifier], Kind] = {
    Sandbox: Kind(FakeSmsGateway, lambda _url: Sandbox(), "澜东区联络员"),
    WeComApp: Kind(_wecom, _app, USER, APP_SEND, ESCAPED * 2048 + 250),
    WeComRobot: Kind(_wecom, lambda url: WeComRobot(url, timeout=WAIT), KEY, KEY, ESCAPED * 4096 + 100),
    DingTalkRobot: Kind(
        FakeDingTalk,
        lambda url: DingTalkRobot(url, timeout=WAIT, clock=lambda: NOW),
        f"{dingtalk.TOKEN}#{dingtalk.SECRET}",
        FakeDingTalk.PATH,
        BODY_BYTES,
    ),
    FeishuRobot: Kind(
        FakeFeishu,
        lambda url: FeishuRobot(url, timeout=WAIT, clock=lambda: NOW),
        f"{feishu.TOKEN}#{feishu.SECRET}",
        FakeFeishu.PATH,
        BODY_BYTES,
    ),
    SmsWebhook: Kind(FakeSmsGateway, _webhook, PHONE, sms_gateway.PATH, 4 * LONGEST),
    AliyunSms: Kind(FakeAliyun, _aliyun, PHONE, largest=500),
    TencentSms: Kind(FakeTencent, _tencent, PHONE, largest=500),
    CmccSms: Kind(FakeCmcc, _cmcc, PHONE, FakeCmcc.PATH, ESCAPED * LONGEST + 20),
    EmailSmtp: Kind(FakeSmtp, _email, MAIL),
}
REMOTE = [kind for kind in KINDS if kind is not Sandbox]
OVER_HTTP = [kind for kind in REMOTE if kind is not EmailSmtp]
