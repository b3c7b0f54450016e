"""From a decision to frozen bytes: one serial, each channel's form, and a link for its owner's eyes only."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest

from notifiers.wecom_app import WeComApp
from tests.services.conftest import PHONE, PHONE_2, PUBLIC_URL, ROBOT, City
from tests.services.scenes import know, messages
from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.forms import Rendered
from tracker.services import contacts as address_list
from tracker.services import inspect, links
from tracker.services.recipients import Recipient, recipient_of
from tracker.services.wording import Outgoing, Writer, about_items, item_line, letter_of
from tracker.store import contacts, outbox
from tracker.store.contacts import Contact

CIVIL = "市民政局 孙联（联络员）"
MAIL = "sunlian@yunlan.example"
EVERYWHERE = ("wecom_app", "wecom_robot", "sms", "email")
ANSWERABLE = {"reminder", "due_today", "overdue", "nudge", "returned", "handout", "recurred"}
TOKEN = re.compile(r"/t/([\w-]{27})(?![\w-])")


@pytest.fixture
def city(city: City) -> City:
    """Whose office has the WeCom app as well, and a contact whom everything reaches."""
    know(city.office, f"市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},{MAIL}")
    city.wecom.add_app("invented-corp", 1000002, "invented-app-secret", frozenset({"sunlian"}))
    app = WeComApp(
        city.wecom.base_url, corp_id="invented-corp", agent_id=1000002, secret="invented-app-secret"
    )
    city.opened[0] = replace(city.office, channels={"wecom_app": app, **city.office.channels})
    return city


def outgoing(
    city: City, kind: MessageKind = MessageKind.NUDGE, channels: tuple[str, ...] = EVERYWHERE, **more: object
) -> Outgoing:
    """About item 6, to 市民政局's contact."""
    [contact] = people(city)
    recipient = recipient_of(contact)
    line = item_line(city.office, inspect.open_file(city.office, 6).item, city.clock())
    words = about_items(city.office, recipient, kind, [line], city.clock())
    message = Outgoing(recipient, kind, (6,), "催办", "一次催办", words, channels)
    return replace(message, **more)


def people(city: City) -> list[Contact]:
    with city.office.database.read() as connection:
        return contacts.find(connection)


def say(city: City, message: Outgoing) -> None:
    with city.office.database.write() as connection:
        outbox.enqueue(connection, Writer(connection, city.office, city.clock()).write(message), city.clock())


def arrived(city: City) -> dict[str, str]:
    """What its reader sees on each channel."""
    [app] = city.wecom._apps.apps
    [robot], [sms], [mail] = city.wecom.delivered, city.gateway.captured, city.mail.mails
    body: Message = message_from_bytes(mail.content, policy=default)
    parts = [part.get_content() for part in body.walk() if not part.is_multipart()]
    seen = {"wecom_robot": robot.content, "sms": sms.content, "email": "".join(parts)}
    return seen | {"wecom_app": app.sent[0].content}


def test_each_way_bears_the_same_serial_and_belongs_to_the_same_letter(city: City) -> None:
    say(city, outgoing(city, channels=("wecom_robot",), fail_over=("sms", "email")))
    say(city, outgoing(city, key="另一次催办"))
    first, second = messages(city.office)[:3], messages(city.office)[3:]
    assert [(each.channel, each.rank, each.serial) for each in first] == [
        ("wecom_robot", 0, "R-20210727-0001"),
        ("sms", 1, "R-20210727-0001"),
        ("email", 2, "R-20210727-0001"),
    ]
    assert len({each.serial for each in second}) == 1
    assert first[0].serial != second[0].serial
    assert [len({each.letter for each in some}) for some in (first, second)] == [1, 1]
    assert all(each.serial in each.text for each in [*first, *second])


def test_the_same_decision_is_put_in_once(city: City) -> None:
    for _ in range(2):
        say(city, outgoing(city))
    assert [each.channel for each in messages(city.office)] == list(EVERYWHERE)


def test_the_link_stands_only_where_its_owner_alone_reads_it(city: City) -> None:
    say(city, outgoing(city))
    city.deliver()
    seen = arrived(city)
    tokens = {channel: set(TOKEN.findall(text)) for channel, text in seen.items()}
    assert tokens["wecom_robot"] == set()
    assert PUBLIC_URL in seen["wecom_robot"]
    for channel in ("wecom_app", "sms", "email"):
        [token] = tokens[channel]
        link = links.examine(city.office, token)
        assert link is not None
        assert (link.unit, link.name) == ("市民政局", "孙联")


def test_nobody_reads_a_link_in_the_outbox(city: City) -> None:
    city.opened[0] = replace(city.office, public_url=f"{PUBLIC_URL}/")  # as settings write an address
    say(city, outgoing(city))
    shown = {each.channel: each.text for each in messages(city.office)}
    assert all(f"{PUBLIC_URL}/t/…" in shown[channel] for channel in ("wecom_app", "sms", "email"))
    assert "/t/" not in shown["wecom_robot"]
    assert not any(TOKEN.search(text) for text in shown.values())


def test_without_an_address_of_the_pages_there_is_no_link_at_all(city: City) -> None:
    city.opened[0] = replace(city.office, public_url=None)
    say(city, outgoing(city))
    city.deliver()
    assert not any("/t/" in text or PUBLIC_URL in text for text in arrived(city).values())


def test_what_passes_to_somebody_else_bears_nobodys_link(city: City) -> None:
    say(city, outgoing(city, channels=("sms",)))
    know(city.office, f"市民政局,赵联,联络员,{PHONE_2},,,")
    address_list.remove_contact(city.office, "市民政局", "孙联", now=city.clock())
    city.deliver()
    old, new = messages(city.office)
    assert (old.recipient, old.state) == (CIVIL, "superseded")
    assert (new.recipient, new.state, new.serial) == ("市民政局 赵联（联络员）", "accepted", old.serial)
    [sms] = city.gateway.captured
    assert (sms.phone, PUBLIC_URL in sms.content) == (PHONE_2, True)
    assert "/t/" not in sms.content + new.text


def test_a_group_reads_no_name(city: City) -> None:
    say(city, outgoing(city))
    city.deliver()
    seen = arrived(city)
    assert "孙联" not in seen["wecom_robot"]
    assert "孙联" in seen["email"]


def test_only_short_messages_are_counted(city: City) -> None:
    say(city, outgoing(city))
    assert {each.channel: each.segments is not None for each in messages(city.office)} == {
        channel: channel == "sms" for channel in EVERYWHERE
    }


def test_a_letter_in_parts_numbers_them_under_its_serial(city: City) -> None:
    line = item_line(city.office, inspect.open_file(city.office, 6).item, city.clock())
    lines = [replace(line, number=number, class_name="缺少专栏" * 20) for number in range(6, 60)]
    message = outgoing(city, channels=("wecom_robot",))
    words = about_items(city.office, message.recipient, message.kind, lines, city.clock())
    say(city, replace(message, words=words))
    serials = [each.serial for each in messages(city.office)]
    assert serials == [f"R-20210727-0001/{part}" for part in range(1, len(serials) + 1)]
    assert len(serials) > 1
    city.deliver()
    assert [each.content for each in city.wecom.delivered] != []
    assert {each.state for each in messages(city.office)} == {"accepted"}


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize("audience", Audience)
def test_buttons_are_for_contacts_and_for_what_they_can_answer(kind: MessageKind, audience: Audience) -> None:
    said = Rendered("正文", "主题", "", {"unit": "市民政局", "count": "1", "overdue": "1"}, "催办", "1项逾期")
    recipient = Recipient(1, "市民政局", audience, None)
    message = Outgoing(recipient, kind, (6,), "催办", "一次", lambda _: said)
    card = letter_of(message, said, "R-20210727-0001", None).card
    assert card is not None
    is_asked = audience is Audience.CONTACT and kind.value in ANSWERABLE
    assert [button.key for button in card.buttons] == (["sign", "submit"] if is_asked else [])
    assert card.fields == (("单位", "市民政局"), ("项数", "1"), ("逾期", "1"))
