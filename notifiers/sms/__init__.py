"""The channel `sms`: one way to write a short message, and one module for each provider that carries it.

Must never let a provider show through: whoever words, counts or budgets messages sees only the channel.
"""

from notifiers.sms.aliyun import AliyunSms
from notifiers.sms.base import LONGEST, POINTER, SmsChannel, sms_segments
from notifiers.sms.cmcc import CmccSms
from notifiers.sms.templates import Templates
from notifiers.sms.tencent import TencentSms
from notifiers.sms.webhook import SmsGateway, SmsWebhook

__all__ = [
    "LONGEST",
    "POINTER",
    "AliyunSms",
    "CmccSms",
    "SmsChannel",
    "SmsGateway",
    "SmsWebhook",
    "Templates",
    "TencentSms",
    "sms_segments",
]
