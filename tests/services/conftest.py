"""A small city whose reminders are carried out for real: to a fake WeCom, SMS gateway and mail server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import pytest

from notifiers.email import EmailSmtp
from notifiers.sandbox import Sandbox
from notifiers.sms import SmsGateway, SmsWebhook
from notifiers.wecom_robot import WeComRobot
from tests.fakes.loopback import loopback_only
from tests.fakes.sms_gateway import PASSWORD, FakeSmsGateway
from tests.fakes.smtp import FakeSmtp
from tests.fakes.wecom import FakeWeCom
from tests.services.scenes import know, messages
from tests.support import Clock, at, shipped_rules, take_in
from tracker.rules import Rules
from tracker.services.deliver import Delivery, deliver
from tracker.services.office import Office
from tracker.services.remind import Reminding, remind
from tracker.store import Database
from tracker.store.outbox import StoredMessage
from tracker.store.vault import Vault, new_key

ROBOT, ROBOT_2, ROBOT_3 = (f"invented-robot-key-{n:04d}" for n in (1, 2, 3))
PHONE, PHONE_2, PHONE_3 = (f"1380000000{n}" for n in (1, 2, 3))
PUBLIC_URL = "https://zhenggai.yunlan.example"


@dataclass
class City:
    """An office with its far sides, on Tuesday 2021-07-27 at nine.

    Item 6 (市民政局) was due the day before: its reminder has a way standing by. 1, 2, 5 (市教育局) and 8
    (澜东区) are due in three working days.
    """

    url: str
    clock: Clock
    wecom: FakeWeCom
    gateway: FakeSmsGateway
    mail: FakeSmtp
    key: str = field(default_factory=new_key)
    opened: list[Office] = field(default_factory=list)

    @property
    def office(self) -> Office:
        return self.opened[0]

    def open(self, rules: Rules | None = None) -> Office:
        """One more process on the same database."""
        sms = SmsGateway(
            url=self.gateway.url,
            fields={"mobile": "{phone}", "text": "{content}", "password": PASSWORD},
            success_path="data.0.rspcod",
            success_value="success",
            errors={"NoBalance": "channel", "Busy": "temporary", "BlackList": "address"},
            timeout=0.3,
        )
        mail = EmailSmtp(
            "127.0.0.1", sender="zhenggai@yunlan.example", port=self.mail.port, security="none", timeout=0.3
        )
        channels = {
            "wecom_robot": WeComRobot(self.wecom.base_url, timeout=0.3),
            "sms": SmsWebhook(sms),
            "email": mail,
            "sandbox": Sandbox(),
        }
        database = Database(self.url, vault=Vault([self.key]))
        self.opened.append(Office(database, rules or shipped_rules(), channels, (), PUBLIC_URL))
        return self.opened[-1]

    def set_delivery(self, **rules: object) -> None:
        """Change what the office has set about delivery."""
        old = self.office.rules
        self.opened[0] = replace(self.office, rules=replace(old, delivery=replace(old.delivery, **rules)))

    def remind(self) -> Reminding:
        return remind(self.office, now=self.clock())

    def deliver(self) -> Delivery:
        return deliver(self.office, self.clock)

    def to(self, recipient: str) -> list[StoredMessage]:
        """What the outbox holds for somebody whose label begins so, oldest first."""
        return [each for each in messages(self.office) if each.recipient.startswith(recipient)]

    def ways(self, recipient: str) -> list[tuple[str, str]]:
        """Channel and state of each of these."""
        return [(each.channel, each.state) for each in self.to(recipient)]


@pytest.fixture
def city(database_url: str) -> Iterator[City]:
    """With its bulletin, and nobody in the contacts file yet."""
    clock = Clock(at("2021-07-27 09:00"))
    with ExitStack() as stack:
        stack.enter_context(loopback_only())
        wecom = stack.enter_context(FakeWeCom(clock=lambda: clock().timestamp()))
        for key in (ROBOT, ROBOT_2, ROBOT_3):
            wecom.add_robot(key)
        gateway, mail = stack.enter_context(FakeSmsGateway()), stack.enter_context(FakeSmtp())
        made = City(database_url, clock, wecom, gateway, mail)
        take_in(made.open(), at("2021-07-23 17:00"))
        yield made
        for office in made.opened:
            office.database.close()


@pytest.fixture
def reached(city: City) -> City:
    """The same with a contact of 市民政局 who has a robot and a telephone."""
    know(city.office, f"市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},")
    return city
