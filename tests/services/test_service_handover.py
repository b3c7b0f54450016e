"""What waits for one person and goes to another: in whose name, in which words, and by which channel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from notifiers.base import Letter
from notifiers.email import EmailSmtp
from notifiers.sandbox import Sandbox
from notifiers.sms import Templates, TencentSms
from tests.conftest import BuildOffice
from tests.fakes.scripted_channel import ScriptedRobot, ScriptedSms
from tests.services.scenes import know, messages
from tests.support import Clock, at, take_in
from tracker.domain.lifecycle import Event
from tracker.services import advance, contacts
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.summarise import send_digest
from tracker.store.outbox import StoredMessage
from tracker.store.schema import message
from tracker.store.vault import Vault, hand_over, new_key

KEY = "invented-robot-key-0001"
EVENING = at("2021-07-26 19:00")
BUREAU = "市行政审批局,钱管,审批局,13800000004,,,"


class _App(ScriptedRobot):
    """Reaches one person, in the same form as the robot."""

    channel, personal = "wecom_app", True


class _Mail(ScriptedSms):
    channel = "email"


def returned(office: Office) -> None:
    """A notice to 市教育局 that waits overnight."""
    advance.perform(office, Event.SUBMIT, [1], by="单位联络员", now=EVENING)
    advance.perform(office, Event.RETURN, [1], by="审批局核验员", reason="材料不全", now=EVENING)


def notice(office: Office, name: str) -> StoredMessage:
    [found] = [each for each in messages(office) if f" {name}（" in each.recipient]
    return found


@pytest.fixture
def office(build_office: BuildOffice) -> Office:
    channels = {"wecom_app": _App(), "wecom_robot": ScriptedRobot(), "sandbox": Sandbox()}
    office = build_office(channels=channels)
    take_in(office, at("2021-07-23 17:00"))
    return office


def test_nobodys_name_is_posted_into_a_group(office: Office) -> None:
    know(office, "市教育局,张三,联络员,,zhangsan,,", BUREAU)
    returned(office)
    assert "张三（联络员）：" in notice(office, "张三").text
    know(office, f"市教育局,李四,联络员,,,{KEY},")
    contacts.remove_contact(office, "市教育局", "张三", now=EVENING)
    copy = notice(office, "李四")
    assert (copy.channel, copy.serial) == ("wecom_robot", notice(office, "张三").serial)
    assert "\n联络员：\n" in copy.text
    deliver(office, Clock(at("2021-07-27 09:00")))
    robot = office.channels["wecom_robot"]
    assert isinstance(robot, ScriptedRobot)
    [(_, payload)] = robot.sent
    assert "张三" not in payload.decode()


def test_a_copy_greets_the_person_it_goes_to(office: Office) -> None:
    know(office, "市教育局,张三,联络员,,zhangsan,,", BUREAU)
    returned(office)
    know(office, "市教育局,李四,联络员,,lisi,,")
    contacts.remove_contact(office, "市教育局", "张三", now=EVENING)
    copy = notice(office, "李四")
    assert "李四（联络员）：" in copy.text
    assert "张三" not in copy.text


def test_words_that_name_somebody_elsewhere_stay_in_the_sandbox(office: Office) -> None:
    """Whatever the words are: a name that cannot be told from them is not shown to a group."""
    know(office, "市教育局,教育,联络员,,zhangsan,,", BUREAU)
    returned(office)
    know(office, f"市教育局,李四,联络员,,,{KEY},")
    contacts.remove_contact(office, "市教育局", "教育", now=EVENING)
    assert notice(office, "李四").channel == "sandbox"


def test_a_copy_fills_the_template_of_a_gateway(build_office: BuildOffice) -> None:
    params = {name: f"{{{name}}}" for name in ("unit", "count", "date", "serial", "kind", "days", "overdue")}
    gateway = TencentSms(
        "http://127.0.0.1:1",
        key_id="AKIDinvented",
        key_secret="s" * 20,
        app_id="1",
        sign="测试",
        region="ap-guangzhou",
        templates=Templates({"default": "1"}, params, 20),
    )
    office = build_office(channels={"sms": gateway, "sandbox": Sandbox()})
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,张三,联络员,13800000001,,,", BUREAU)
    returned(office)
    know(office, "市教育局,张三,联络员,13800000009,,,")
    old, new = [each for each in messages(office) if " 张三（" in each.recipient]
    assert (old.state, new.state, new.error) == ("superseded", "pending", None)


class _TwoParts(ScriptedRobot):
    def compose(self, letter: Letter) -> list[bytes]:
        return [b"1", b"2"]


def test_a_digest_that_went_by_mail_does_not_follow_in_part_by_robot(build_office: BuildOffice) -> None:
    office = build_office(channels={"wecom_robot": _TwoParts(), "email": _Mail(), "sandbox": Sandbox()})
    take_in(office, at("2021-07-23 17:00"))
    clock = Clock(at("2021-07-26 09:00"))
    know(office, "市行政审批局,钱管,审批局,,,,qian@yunlan.example")
    assert send_digest(office, now=clock()).sent_to == ("市行政审批局 钱管（审批局）",)
    deliver(office, clock)
    know(office, f"市行政审批局,钱管,审批局,,,{KEY},qian@yunlan.example")
    assert send_digest(office, now=clock.advance(minutes=1)).sent_to == ()
    assert [(each.channel, each.state) for each in messages(office)] == [("email", "accepted")]


def _mails(office: Office) -> list[tuple[str, str, str]]:
    """(recipient, state, payload) of what goes by mail."""
    with office.database.read() as connection:
        columns = (message.c.recipient, message.c.state, message.c.payload)
        query = select(*columns).where(message.c.channel == "email").order_by(message.c.id)
        return [(row.recipient, row.state, row.payload.decode()) for row in connection.execute(query)]


def test_a_digest_keeps_its_picture_and_workbook_when_it_goes_to_somebody_else(
    build_office: BuildOffice,
) -> None:
    mail = EmailSmtp("127.0.0.1", sender="zhenggai@yunlan.example", security="none")
    office = build_office(channels={"email": mail, "sandbox": Sandbox()})
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李长,负责人,,,,li@yunlan.example", "市行政审批局,何科,审批局,,,,he@yunlan.example")
    send_digest(office, now=EVENING)  # waits overnight
    know(office, "市教育局,王长,负责人,,,,wang@yunlan.example", now=EVENING)
    contacts.remove_contact(office, "市教育局", "李长", now=EVENING)
    know(office, "市行政审批局,何科,审批局,,,,new@yunlan.example", now=EVENING)
    waiting = {recipient: payload for recipient, state, payload in _mails(office) if state == "pending"}
    assert set(waiting) == {"市教育局 王长（负责人）", "市行政审批局 何科（审批局）"}
    for payload in waiting.values():
        kinds = (
            "text/html",
            "image/png",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        assert [payload.count(f"Content-Type: {kind}") for kind in kinds] == [1, 1, 1]
    assert send_digest(office, now=at("2021-07-27 09:00")).sent_to == ()


@pytest.mark.parametrize("address", ["http://[fd00::1]:8000", "https://yunlan.example/a(b)/"])
def test_no_token_of_a_link_stands_where_people_read(build_office: BuildOffice, address: str) -> None:
    sms = ScriptedSms()
    office = replace(build_office(channels={"sms": sms, "sandbox": Sandbox()}), public_url=address)
    vault = Vault([new_key()])
    office.database.vault = vault
    hand_over(office.database.engine.dialect, vault)
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,张三,联络员,13800000001,,,", BUREAU)
    returned(office)
    deliver(office, Clock(at("2021-07-27 09:00")))
    [(_, payload)] = sms.sent
    token = payload.decode().rpartition("/t/")[2]
    assert len(token) == 27
    shown = notice(office, "张三").text
    assert token not in shown
    assert "/t/…" in shown
