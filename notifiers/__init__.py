"""The channels that carry a worded message out: listed here by hand, each provider of `sms` by itself.

Must never find a channel by scanning folders: a new one is a module and its line in `NOTIFIERS`,
and the conformance test (`tests/notifiers/test_conformance.py`) runs over the tuple. `notifiers.webhook` is
none of them: it words nothing and reaches nobody, it carries news to other systems.
"""

from notifiers.base import Notifier
from notifiers.dingtalk import DingTalkRobot
from notifiers.email import EmailSmtp
from notifiers.feishu import FeishuRobot
from notifiers.sandbox import Sandbox
from notifiers.sms import AliyunSms, CmccSms, SmsWebhook, TencentSms
from notifiers.wecom_app import WeComApp
from notifiers.wecom_robot import WeComRobot

NOTIFIERS: tuple[type[Notifier], ...] = (
    Sandbox,
    WeComApp,
    WeComRobot,
    DingTalkRobot,
    FeishuRobot,
    SmsWebhook,
    AliyunSms,
    TencentSms,
    CmccSms,
    EmailSmtp,
)
