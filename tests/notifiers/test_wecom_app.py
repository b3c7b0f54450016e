"""The app against a server that keeps its rules: messages, buttons, tokens, repeats that show once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from notifiers.base import Button, Card, Letter, Mentions
from notifiers.transport import Transport
from notifiers.wecom_app import MARKDOWN_BYTES, WeComApp
from notifiers.wecom_token import AccessToken
from tests.fakes.http_server import Fault, Trouble, json_reply
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import APP_SEND, GET_TOKEN, App
from tracker.domain.errors import DeliveryError, Outcome, Scope

CORP, AGENT, SECRET = "ww0000invented", 1000002, "invented-app-secret-0001"
USER, COLLEAGUE = "Zhang.San", "li-si"
ME = Mentions(user_ids=(USER,))
LETTER = Letter("云台区有1项到期，编号 R-20210726-0007", ME)
BUTTONS = (Button("sign:R-7", "签收"), Button("submit:R-7", "已整改"))
CARD = Card(
    "1 项将到期", "云台区：专栏未更新", (("期限", "2021-07-30"),), "https://ledger.example.invalid/i", BUTTONS
)
ASKING = Letter("云台区有1项到期", ME, serial="R-20210726-0007", key="ab" * 32, card=CARD)


@pytest.fixture
def app(wecom: FakeWeCom) -> App:
    return wecom.add_app(CORP, AGENT, SECRET, frozenset({USER, COLLEAGUE}))


def channel(wecom: FakeWeCom, *, secret: str = SECRET, agent: int = AGENT, listens: bool = False) -> WeComApp:
    return WeComApp(
        wecom.base_url, corp_id=CORP, agent_id=agent, secret=secret, has_callback=listens, timeout=0.3
    )


def deliver(notifier: WeComApp, letter: Letter = LETTER, user: str = USER) -> list[str]:
    return [notifier.send(user, payload) for payload in notifier.compose(letter)]


def refused(notifier: WeComApp, letter: Letter = LETTER, user: str = USER) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver(notifier, letter, user)
    return caught.value


# --- accepted


def test_a_message_arrives_as_it_was_frozen_and_brings_its_id(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom)
    (payload,) = notifier.compose(LETTER)
    assert len(notifier.send(USER, payload)) == 32
    (seen,) = app.delivered
    assert (seen.kind, seen.content, seen.users, seen.raw) == ("markdown", LETTER.text, (USER,), payload)


def test_a_long_list_arrives_whole_in_numbered_parts(wecom: FakeWeCom, app: App) -> None:
    lines = [f"{number}. 青桥开发区第{number}项：专栏长期未更新" for number in range(1, 201)]
    deliver(channel(wecom), Letter("\n".join(lines), ME))
    assert all(len(one.content.encode()) <= MARKDOWN_BYTES and not one.cut for one in app.delivered)
    assert "".join(one.content.partition("\n")[2] for one in app.delivered).splitlines() == lines


def test_as_many_messages_as_the_channel_allows_itself_in_a_minute_are_all_seen(
    wecom: FakeWeCom, app: App
) -> None:
    notifier = channel(wecom)
    assert notifier.per_minute is not None
    for number in range(notifier.per_minute):
        deliver(notifier, Letter(f"第{number}项到期", ME))
    assert len(app.delivered) == notifier.per_minute


# --- repeats


def test_the_same_bytes_again_show_once_for_as_long_as_the_channel_says(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom)
    (payload,) = notifier.compose(LETTER)
    wecom.inject(APP_SEND, Fault.ACCEPT_THEN_DROP)
    assert refused(notifier).outcome is Outcome.UNKNOWN
    assert notifier.repeatable is not None
    wecom.advance(notifier.repeatable.total_seconds())
    notifier.send(USER, payload)
    assert [one.errcode for one in app.sent] == [0, 42001, 0]  # the token had ended meanwhile
    assert len(app.delivered) == 1


def test_another_serial_is_another_message(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom)
    deliver(notifier)
    deliver(notifier, replace(LETTER, text=LETTER.text.replace("0007", "0008")))
    assert len(app.delivered) == 2


# --- cards


def test_a_letter_that_asks_for_an_answer_is_a_card_with_buttons(wecom: FakeWeCom, app: App) -> None:
    deliver(channel(wecom, listens=True), ASKING)
    (seen,) = app.delivered
    card = json.loads(seen.raw)["template_card"]
    assert card.pop("task_id").partition("-")[0] == ASKING.key
    assert card == {
        "card_type": "button_interaction",
        "main_title": {"title": CARD.title},
        "sub_title_text": CARD.summary,
        "horizontal_content_list": [
            {"keyname": "期限", "value": "2021-07-30"},
            {"keyname": "编号", "value": "R-20210726-0007"},
        ],
        "card_action": {"type": 1, "url": CARD.link},
        "button_list": [
            {"text": "签收", "style": 1, "key": "sign:R-7"},
            {"text": "已整改", "style": 2, "key": "submit:R-7"},
        ],
    }


def test_a_card_that_had_arrived_counts_as_sent_when_it_is_sent_again(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom, listens=True)
    wecom.inject(APP_SEND, Fault.ACCEPT_THEN_DROP)
    assert refused(notifier, ASKING).outcome is Outcome.UNKNOWN
    assert deliver(notifier, ASKING) == [""]
    assert [one.errcode for one in app.sent] == [0, 42014]
    assert len(app.delivered) == 1


def test_a_trials_card_does_not_pass_for_that_of_a_ledger_begun_after_it(wecom: FakeWeCom, app: App) -> None:
    """Both have the same letters with the same keys; 42014 would make the second believe it had arrived."""
    trial, ledger = channel(wecom, listens=True), channel(wecom, listens=True)
    assert all(deliver(each, ASKING) != [""] for each in (trial, ledger))
    assert len(app.delivered) == 2


def test_a_card_that_arrived_before_the_program_was_started_anew_is_known_by_its_frozen_bytes(
    wecom: FakeWeCom, app: App
) -> None:
    (payload,) = channel(wecom, listens=True).compose(ASKING)
    wecom.inject(APP_SEND, Fault.ACCEPT_THEN_DROP)
    with pytest.raises(DeliveryError):
        channel(wecom, listens=True).send(USER, payload)
    assert channel(wecom, listens=True).send(USER, payload) == ""
    assert len(app.delivered) == 1


@pytest.mark.parametrize(
    ("listens", "letter"),
    [
        (False, ASKING),
        (True, replace(ASKING, card=None)),
        (True, replace(ASKING, card=replace(CARD, buttons=()))),
        (True, replace(ASKING, key="")),
    ],
)
def test_without_buttons_that_are_heard_a_letter_is_markdown(
    wecom: FakeWeCom, app: App, listens: bool, letter: Letter
) -> None:
    deliver(channel(wecom, listens=listens), letter)
    assert [one.kind for one in app.delivered] == ["markdown"]


def test_more_buttons_and_words_than_a_card_may_have_are_left_out(wecom: FakeWeCom, app: App) -> None:
    card = replace(CARD, link=None, buttons=(Button("k", "申请延期到下个月底之前"),) * 9)
    deliver(channel(wecom, listens=True), replace(ASKING, card=card))
    sent = json.loads(app.delivered[0].raw)["template_card"]
    assert [button["text"] for button in sent["button_list"]] == ["申请延期到下个月底…"] * 6
    assert "card_action" not in sent


def test_a_card_that_nobody_listens_to_is_the_administrators_matter(wecom: FakeWeCom, app: App) -> None:
    app.has_callback = False
    error = refused(channel(wecom, listens=True), ASKING)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    assert "回调地址" in error.message


# --- recipients


def test_a_person_whom_the_app_cannot_see_is_an_address_that_is_wrong(wecom: FakeWeCom, app: App) -> None:
    error = refused(channel(wecom), Letter("云台区有1项到期", Mentions(user_ids=("nobody",))), "nobody")
    assert (error.outcome, error.scope, error.details["errcode"]) == (
        Outcome.PERMANENT,
        Scope.ADDRESS,
        81013,
    )


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
@pytest.mark.parametrize(("named", "reached"), [("li-si|zhang.san", False), ("zhang.sanfeng|li-si", True)])
def test_an_accepted_call_that_names_the_recipient_as_left_out_is_a_refusal(
    wecom: FakeWeCom, app: App, field: str, named: str, reached: bool
) -> None:
    wecom.inject(APP_SEND, json_reply({"errcode": 0, "errmsg": "ok", field: named, "msgid": "m1"}))
    if reached:
        assert deliver(channel(wecom)) == ["m1"]
    else:
        error = refused(channel(wecom))
        assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.ADDRESS)


def test_a_message_is_not_sent_to_anybody_but_its_recipient(wecom: FakeWeCom, app: App) -> None:
    assert refused(channel(wecom), user=COLLEAGUE).outcome is Outcome.PERMANENT
    assert app.sent == []
    assert app.tokens_asked == 0


@pytest.mark.parametrize("users", [(), (USER, COLLEAGUE), ("@all",), (f"{USER}|{COLLEAGUE}",), ("",)])
def test_a_letter_without_exactly_one_recipient_is_refused(wecom: FakeWeCom, users: tuple[str, ...]) -> None:
    with pytest.raises(DeliveryError) as caught:
        channel(wecom).compose(Letter("云台区有1项到期", Mentions(user_ids=users)))
    assert (caught.value.outcome, caught.value.scope) == (Outcome.PERMANENT, Scope.ADDRESS)


def test_a_user_id_that_is_a_telephone_number_is_shown_as_one(wecom: FakeWeCom) -> None:
    notifier = channel(wecom)
    assert (notifier.hint(USER), notifier.hint("13800000042")) == (USER, "138****0042")


# --- settings that are wrong at the other end


def test_an_address_that_the_corporation_does_not_trust_is_explained(wecom: FakeWeCom, app: App) -> None:
    app.trusts_us = False
    error = refused(channel(wecom))
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    assert "企业可信IP" in error.message


def test_another_apps_id_stops_the_channel(wecom: FakeWeCom, app: App) -> None:
    error = refused(channel(wecom, agent=AGENT + 1))
    assert (error.scope, error.details["errcode"]) == (Scope.CHANNEL, 301002)


# --- the token


def test_eight_threads_fetch_one_token(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom)
    (payload,) = notifier.compose(LETTER)
    together = Barrier(8)

    def send(_number: int) -> str:
        together.wait(10)
        return notifier.send(USER, payload)

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(send, range(8)))) == 8
    assert (app.tokens_asked, len(app.sent)) == (1, 8)


def test_eight_threads_ask_once_with_a_wrong_secret(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom, secret="another-invented-secret")
    together = Barrier(8)

    def fail(_number: int) -> DeliveryError:
        together.wait(10)
        return refused(notifier)

    with ThreadPoolExecutor(8) as pool:
        errors = list(pool.map(fail, range(8)))
    assert {(error.outcome, error.scope) for error in errors} == {(Outcome.PERMANENT, Scope.CHANNEL)}
    assert len({id(error) for error in errors}) == 8
    assert app.tokens_asked == 1


def test_a_token_is_renewed_before_it_ends_and_a_refusal_forgotten_after_a_while(
    wecom: FakeWeCom, app: App
) -> None:
    now = 0.0
    token = AccessToken(Transport(wecom.base_url, "企业微信"), CORP, SECRET, clock=lambda: now)
    wecom.inject(GET_TOKEN, -1)
    for _ in range(2):
        with pytest.raises(DeliveryError, match="系统繁忙"):
            token.get()
    assert app.tokens_asked == 0
    now = 10.0
    first = token.get()
    now = 10.0 + 6899
    assert token.get() == first
    assert app.tokens_asked == 1
    now = 10.0 + 6900
    token.get()
    assert app.tokens_asked == 2


def test_dropping_a_token_that_was_replaced_already_costs_nothing(wecom: FakeWeCom, app: App) -> None:
    token = AccessToken(Transport(wecom.base_url, "企业微信"), CORP, SECRET)
    first = token.get()
    app.end_token()
    token.drop(first)
    second = token.get()
    token.drop(first)
    assert token.get() == second != first
    assert app.tokens_asked == 2


def test_a_token_that_ended_early_is_replaced_and_the_message_sent(wecom: FakeWeCom, app: App) -> None:
    notifier = channel(wecom)
    deliver(notifier)
    app.end_token()
    deliver(notifier, Letter("云台区有2项到期", ME))
    assert (app.tokens_asked, len(app.delivered)) == (2, 2)


@pytest.mark.parametrize("errcode", [40014, 41001, 42001])
def test_a_token_that_is_refused_again_is_a_failure_after_one_repeat(
    wecom: FakeWeCom, app: App, errcode: int
) -> None:
    wecom.inject(APP_SEND, errcode, times=9)
    error = refused(channel(wecom))
    assert (error.outcome, error.details["errcode"]) == (Outcome.TEMPORARY, errcode)
    assert app.tokens_asked == 2
    assert wecom.take_fault(APP_SEND) == errcode, "only two of the nine were used up"
    assert [wecom.take_fault(APP_SEND) for _ in range(7)] == [errcode] * 6 + [None]


@pytest.mark.parametrize(
    "trouble",
    [*(each for each in Fault if each not in {Fault.REDIRECT, Fault.WARNING}), json_reply({"errcode": 0})],
)
def test_a_token_that_does_not_come_leaves_the_message_for_later(
    wecom: FakeWeCom, app: App, trouble: Trouble
) -> None:
    wecom.inject(GET_TOKEN, trouble)
    assert refused(channel(wecom)).outcome is Outcome.TEMPORARY
    assert app.sent == []
