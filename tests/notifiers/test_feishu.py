"""The Feishu robot, against a fake that checks token, signature, keyword and size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifiers.base import Letter, Mentions
from notifiers.feishu import FeishuRobot
from tests.fakes.feishu import SECRET, TOKEN, FakeFeishu
from tests.fakes.http_server import Fault, Reply
from tests.fakes.provider import NOW
from tracker.domain.errors import DeliveryError, Outcome, Scope

ADDRESS = f"{TOKEN}#{SECRET}"


@pytest.fixture
def platform() -> Iterator[FakeFeishu]:
    with FakeFeishu() as server:
        yield server


def robot(platform: FakeFeishu, now: float = NOW) -> FeishuRobot:
    return FeishuRobot(platform.base_url, timeout=0.3, clock=lambda: now)


def refused(channel: FeishuRobot, address: str = ADDRESS) -> DeliveryError:
    (payload,) = channel.compose(Letter("澜东区有1项到期"))
    with pytest.raises(DeliveryError) as caught:
        channel.send(address, payload)
    shown = f"{caught.value!r}{caught.value.details}"
    assert TOKEN not in shown
    assert SECRET not in shown
    return caught.value


@pytest.mark.parametrize("old", [True, False])
def test_a_signed_message_arrives_whichever_answer_the_platform_gives(
    platform: FakeFeishu, old: bool
) -> None:
    platform.old = old
    channel = robot(platform)
    (payload,) = channel.compose(Letter("澜东区有1项到期", Mentions(("zhangsan",), ("13800000000",))))
    assert channel.send(ADDRESS, payload) == ""
    (seen,) = platform.accepted
    assert seen["content"] == {"text": "澜东区有1项到期"}


def test_the_signature_is_made_when_sending_and_not_before(platform: FakeFeishu) -> None:
    (payload,) = robot(platform).compose(Letter("澜东区有1项到期"))
    assert b"sign" not in payload
    assert b"timestamp" not in payload
    robot(platform, NOW + 3000).send(ADDRESS, payload)
    assert platform.accepted[0]["timestamp"] == str(int(NOW) + 3000)


def test_a_robot_without_a_secret_gets_the_frozen_bytes(platform: FakeFeishu) -> None:
    platform.secret = ""
    channel = robot(platform)
    (payload,) = channel.compose(Letter("澜东区有1项到期"))
    channel.send(TOKEN, payload)
    assert platform.raw == [payload]


@pytest.mark.parametrize("tag", ['<at user_id="all">所有人</at>', "<AT user_id='all'>", "</at>"])
def test_a_problems_text_pages_nobody(platform: FakeFeishu, tag: str) -> None:
    channel = robot(platform)
    channel.send(ADDRESS, channel.compose(Letter(f"专栏{tag}未更新 <attention> a<b"))[0])
    text = platform.accepted[0]["content"]["text"]
    assert "<at " not in text.lower()
    assert "</at" not in text.lower()
    assert text.endswith("未更新 <attention> a<b")


def test_a_long_text_goes_out_in_signed_parts_of_at_most_20_kilobytes(platform: FakeFeishu) -> None:
    channel = robot(platform)
    text = "\n".join(f'{number}. "青桥开发区"专栏未更新' for number in range(2000))
    for payload in channel.compose(Letter(text)):
        channel.send(ADDRESS, payload)
    assert len(platform.accepted) > 2
    assert "".join(one["content"]["text"] for one in platform.accepted).count("专栏未更新") == 2000
    assert max(map(len, platform.raw)) <= 20 * 1024


CODES = [
    (9499, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (11232, Outcome.TEMPORARY, Scope.MESSAGE, 65),
    (19001, Outcome.PERMANENT, Scope.ADDRESS, 0),
    (19021, Outcome.TEMPORARY, Scope.ADDRESS, 600),
    (19022, Outcome.TEMPORARY, Scope.ADDRESS, 600),
    (19024, Outcome.PERMANENT, Scope.MESSAGE, 0),
    (99999, Outcome.PERMANENT, Scope.MESSAGE, 0),
]


@pytest.mark.parametrize(("code", "outcome", "scope", "pause"), CODES)
def test_every_code_says_whether_to_try_again_and_how_far_it_reaches(
    platform: FakeFeishu, code: int, outcome: Outcome, scope: Scope, pause: int
) -> None:
    platform.refuse_with = code
    error = refused(robot(platform))
    assert (error.outcome, error.scope, error.retry_after_seconds) == (outcome, scope, pause)
    assert error.details == {"robot": "key=inve…cdef", "code": str(code)}


def test_only_a_wrong_token_costs_a_robot_its_life(platform: FakeFeishu) -> None:
    """A wrong clock is every robot's: with a disabled address each, nobody would be told any more."""
    gone = refused(robot(platform), "another-invented-token")
    assert (gone.outcome, gone.scope) == (Outcome.PERMANENT, Scope.ADDRESS)
    for locked in (refused(robot(platform), f"{TOKEN}#another"), refused(robot(platform, NOW + 3700))):
        assert locked.outcome is Outcome.TEMPORARY
    platform.keyword = "整改"
    keyword = refused(robot(platform))
    assert (keyword.outcome, keyword.scope) == (Outcome.PERMANENT, Scope.MESSAGE)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"code":"0"}', b'{"code":true}'])
def test_an_answer_without_a_code_is_unknown(platform: FakeFeishu, body: bytes) -> None:
    platform.inject(platform.PATH, Reply(body))
    assert refused(robot(platform)).outcome is Outcome.UNKNOWN


def test_an_answer_that_never_comes_is_unknown(platform: FakeFeishu) -> None:
    platform.inject(platform.PATH, Fault.SLOW)
    assert refused(robot(platform)).outcome is Outcome.UNKNOWN
    assert len(platform.accepted) == 1, "it was taken although nobody said so"


@pytest.mark.parametrize("address", ["", "#secret", "../../x", f"{TOKEN}?a=1", f"{TOKEN}#a b"])
def test_an_address_that_is_none_is_refused_without_a_request(platform: FakeFeishu, address: str) -> None:
    error = refused(robot(platform), address)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.ADDRESS)
    assert platform.raw == []
    assert platform.strays == []


def test_a_hint_shows_neither_token_nor_secret(platform: FakeFeishu) -> None:
    assert robot(platform).hint(ADDRESS) == "key=inve…cdef"
