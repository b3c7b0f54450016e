"""Other systems hear all that happens, each thing once, and nothing is lost while they are away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from notifiers.webhook import Webhook
from tests.conftest import Begin, BuildOffice
from tests.fakes.webhook_receiver import FakeReceiver
from tests.support import Clock, at, take_in
from tracker.domain.delivery import GAPS
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.lifecycle import Event
from tracker.services import endpoints as endpoint_service
from tracker.services import inspect, webhooks
from tracker.services.advance import perform
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.publish import GIVEN_UP_AFTER, publish
from tracker.services.rehearsal import understudy
from tracker.services.summarise import send_digest
from tracker.services.webhooks import Topic
from tracker.store.schema import endpoint, message
from tracker.store.vault import Vault, new_key

NOW = "2021-07-26 10:00"


def _imported(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))


@pytest.fixture
def clock() -> Clock:
    return Clock(at(NOW))


@pytest.fixture
def receiver(clock: Clock) -> Iterator[FakeReceiver]:
    with FakeReceiver(lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
def office(begin: Begin, build_office: BuildOffice, clock: Clock) -> Office:
    """With its bulletin of eight items; it may tell systems on this machine."""
    begin(_imported)
    channel = Webhook(lambda _url: "127.0.0.1", timeout=0.3, clock=lambda: clock().timestamp())
    return replace(build_office(), systems={"webhook": channel})


def subscribe(
    office: Office, receiver: FakeReceiver, clock: Clock, *topics: Topic, name: str = "大屏"
) -> None:
    made = webhooks.subscribe(office, name, receiver.url(), topics, by="管理", now=clock())
    receiver.secret = made.secret


def run(office: Office, clock: Clock) -> None:
    publish(office, now=clock())
    deliver(office, clock)


def heard(receiver: FakeReceiver) -> list[tuple[str, object]]:
    return [
        (each["type"], each["data"].get("numbers") or each["data"].get("period"))
        for each in receiver.accepted
    ]


def test_a_step_is_told_once_with_its_items_however_often_the_clock_ticks(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    perform(office, Event.SIGN, [1, 2], by="经办", now=clock())
    for _ in range(3):
        run(office, clock)
        clock.advance(minutes=1)
    [told] = receiver.accepted
    assert (told["type"], told["data"]["event"], told["data"]["by"]) == ("item.step", "sign", "经办")
    assert [(item["number"], item["state"]) for item in told["data"]["items"]] == [
        (1, "signed"),
        (2, "signed"),
    ]
    assert told["timestamp"] == "2021-07-26T10:00:00+08:00"


def test_what_was_before_the_subscription_is_not_told(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    perform(office, Event.SIGN, [1], by="经办", now=clock())
    subscribe(office, receiver, clock)
    run(office, clock)
    assert receiver.accepted == []


def test_an_import_and_the_items_it_opens_are_told(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    text = "关于整改的通报\n\n2021年7月26日\n\n市教育局没有设置热线专栏。\n"
    plan = take_in(office, clock(), text, "二.txt")
    run(office, clock)
    opened = [draft.item.number for draft in plan.drafts]
    assert opened
    assert ("item.opened", opened) in heard(receiver)
    [imported] = [each["data"] for each in receiver.accepted if each["type"] == "bulletin.imported"]
    assert imported["id"] == plan.bulletin_id
    assert imported["counts"]["new"] == len(opened)


def test_each_hears_only_what_it_asked_for(office: Office, receiver: FakeReceiver, clock: Clock) -> None:
    subscribe(office, receiver, clock, Topic.DIGEST_SENT)
    perform(office, Event.SIGN, [1], by="经办", now=clock())
    send_digest(office, now=clock())
    run(office, clock)
    assert heard(receiver) == [("digest.sent", "2021-W30")]


def test_a_failed_message_to_a_person_is_told_and_never_one_to_a_system(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    send_digest(office, now=clock())
    failed = {"state": "failed", "settled_at": clock(), "error": "号码无效"}
    with office.database.write() as connection:
        first = connection.execute(
            select(message.c.id).where(message.c.kind == "digest").limit(1)
        ).scalar_one()
        connection.execute(message.update().where(message.c.id == first).values(failed))
    run(office, clock)
    [told] = [each["data"] for each in receiver.accepted if each["type"] == "message.failed"]
    assert (told["id"], told["error"]) == (first, "号码无效")
    clock.advance(minutes=1)
    run(office, clock)
    assert len([each for each in receiver.accepted if each["type"] == "message.failed"]) == 1
    assert len(receiver.ids) == len(set(receiver.ids)), "nothing was so much as sent twice"


def test_a_system_that_was_away_hears_everything_in_the_end(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    receiver.refuse_with = 500
    perform(office, Event.SIGN, [1], by="经办", now=clock())
    clock.set("2021-07-26 09:00")
    for _ in range(16):  # through all the gaps, beyond which a message is given up
        run(office, clock)
        clock.advance(hours=2) if clock().hour < 16 else clock.advance(hours=17)
    assert len(receiver.raw) > len(GAPS) + 1, "more often than any message is tried"
    receiver.refuse_with = None
    clock.advance(hours=3)
    clock.set(f"{clock():%Y-%m-%d} 10:00")
    run(office, clock)
    assert heard(receiver) == [("item.step", [1])]


def test_a_system_that_fails_for_days_is_put_out_of_use_and_hears_what_it_missed_when_it_is_back(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    receiver.refuse_with = 500
    perform(office, Event.SIGN, [1], by="经办", now=clock())
    run(office, clock)
    clock.moment += GIVEN_UP_AFTER
    clock.set("2021-08-02 10:00")
    run(office, clock)
    [away] = webhooks.list_webhooks(office)
    assert away.disabled_at == clock()
    with office.database.read() as connection:
        reason, told = connection.execute(
            select(endpoint.c.reason, endpoint.c.alarmed_at).where(endpoint.c.id == away.endpoint_id)
        ).one()
    assert "推送失败" in reason
    assert told == clock(), "the bureau was told"
    perform(office, Event.SIGN, [2], by="经办", now=clock())
    run(office, clock)
    receiver.refuse_with = None
    endpoint_service.enable(office, away.endpoint_id, by="经办", now=clock())
    run(office, clock)
    assert ("item.step", [2]) in heard(receiver)


def test_the_address_and_its_secret_are_sealed_and_shown_to_nobody(
    office: Office, database_url: str, clock: Clock
) -> None:
    database = type(office.database)(database_url, vault=Vault([new_key()]))
    sealed = replace(office, database=database)
    url = "https://hooks.example.cn/secret-path?key=secret-query"
    made = webhooks.subscribe(sealed, "大屏", url, (), by="管理", now=clock())
    with database.engine.connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM endpoint").all())
        stored += str(connection.exec_driver_sql("SELECT * FROM webhook").all())
    database.close()
    for secret in ("secret-path", "secret-query", made.secret):
        assert secret not in stored
        assert secret not in repr(made.webhook)
    assert made.webhook.hint == "https://hooks.example.cn/…"


def test_after_its_end_nothing_is_told_not_even_what_waits(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    perform(office, Event.SIGN, [1], by="经办", now=clock())
    publish(office, now=clock())
    webhooks.unsubscribe(office, "大屏", by="管理", now=clock())
    run(office, clock)
    assert receiver.raw == []
    assert [each.state for each in inspect.list_messages(office, channel="webhook")] == ["superseded"]
    with pytest.raises(NotFoundError):
        webhooks.unsubscribe(office, "大屏", by="管理", now=clock())


@pytest.mark.parametrize("url", ["ftp://example.cn/", "http://a b/", "https://user:word@example.cn/", ""])
def test_what_is_no_address_is_refused(office: Office, clock: Clock, url: str) -> None:
    with pytest.raises(RectifyError):
        webhooks.subscribe(office, "大屏", url, (), by="管理", now=clock())
    assert webhooks.list_webhooks(office) == []


def test_a_drill_tells_nobody(office: Office, receiver: FakeReceiver, clock: Clock) -> None:
    subscribe(office, receiver, clock)
    with understudy(office) as played:
        perform(played, Event.SIGN, [1], by="经办", now=clock())
        run(played, clock)
        assert inspect.list_messages(played, channel="webhook") == []
    assert receiver.raw == []
    assert len(webhooks.list_webhooks(office)) == 1


def test_a_system_hears_at_night_what_people_hear_in_the_morning(
    office: Office, receiver: FakeReceiver, clock: Clock
) -> None:
    subscribe(office, receiver, clock)
    send_digest(office, now=clock())
    perform(office, Event.SIGN, [1], by="经办", now=clock.set("2021-07-26 23:00"))
    run(office, clock)
    assert sorted(heard(receiver), key=str) == [("digest.sent", "2021-W30"), ("item.step", [1])]
    [digest] = [each for each in inspect.list_messages(office) if each.kind == "digest"]
    assert digest.state == "pending"
    run(office, Clock(clock.set("2021-07-27 09:00")))
    [digest] = [each for each in inspect.list_messages(office) if each.kind == "digest"]
    assert digest.state == "accepted"
