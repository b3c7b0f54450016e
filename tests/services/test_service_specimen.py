"""Every kind of message about an item can be looked at on every channel, and no trace of it stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notifiers.email import EmailSmtp
from notifiers.sandbox import Sandbox
from notifiers.sms import SmsGateway, SmsWebhook
from notifiers.wecom_robot import WeComRobot
from tests.conftest import Begin
from tests.services.scenes import know, rows
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.escalation import MessageKind
from tracker.services.office import Office
from tracker.services.specimen import KINDS, specimen

NOW = at("2021-07-26 10:00")
_GATEWAY = SmsGateway(
    url="https://sms.example.cn",
    fields={"p": "{phone}", "c": "{content}"},
    success_path="code",
    success_value="0",
)
CHANNELS = {
    "wecom_robot": WeComRobot(),
    "sms": SmsWebhook(_GATEWAY),
    "email": EmailSmtp("smtp.example.cn", sender="zhenggai@example.cn"),
    "sandbox": Sandbox(),
}


def known(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,13800000099,lilian,invented-robot-key-0001,")


@pytest.fixture
def wired(office: Office, begin: Begin) -> Office:
    begin(known)
    return replace(office, channels=CHANNELS, public_url="https://zhenggai.yunlan.example")


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_each_kind_is_worded_for_each_channel(wired: Office, channel: str) -> None:
    for kind in KINDS:
        found = specimen(wired, 1, kind, channel, now=NOW)
        assert (kind, found.failure, len(found.parts) >= 1) == (kind, None, True)
        assert "R-" in found.said.text
        everything = found.said.text + b"".join(found.parts).decode(errors="replace")
        secrets = ("李联", "lilian", "13800000099", "invented-robot-key")
        assert not any(secret in everything for secret in secrets)
        assert (found.segments is not None) == (channel == "sms")


def test_nothing_is_written(wired: Office) -> None:
    before = rows(wired)
    specimen(wired, 1, MessageKind.OVERDUE, "sms", now=NOW)
    assert rows(wired) == before


def test_the_day_fits_the_kind_unless_one_is_named(wired: Office) -> None:
    overdue = specimen(wired, 1, MessageKind.OVERDUE, "sandbox", now=NOW)
    assert overdue.item.standing.due_on is not None
    assert overdue.on > overdue.item.standing.due_on
    with pytest.raises(RectifyError, match="不会有这种消息"):
        specimen(wired, 1, MessageKind.OVERDUE, "sandbox", now=NOW, on=overdue.item.standing.due_on)


@pytest.mark.parametrize(
    ("number", "kind", "channel"),
    [
        (99, MessageKind.REMINDER, "sms"),
        (1, MessageKind.DIGEST, "sms"),
        (1, MessageKind.REMINDER, "dingtalk"),
    ],
)
def test_what_nobody_knows_is_not_found(wired: Office, number: int, kind: MessageKind, channel: str) -> None:
    with pytest.raises(NotFoundError):
        specimen(wired, number, kind, channel, now=NOW)
