"""The channels that carry a worded message out: one module each, listed here by hand.

Must never find a channel by scanning folders: a new one is a module and its line in `NOTIFIERS`,
and the conformance test (`tests/notifiers/test_conformance.py`) runs over the tuple.
"""

from notifiers.base import Notifier
from notifiers.sandbox import Sandbox
from notifiers.sms import SmsWebhook
from notifiers.wecom_robot import WeComRobot

NOTIFIERS: tuple[type[Notifier], ...] = (Sandbox, WeComRobot, SmsWebhook)
