"""The one place that talks HTTP: what leaves, what is believed, what is never said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from notifiers.transport import Transport
from tests.fakes.http_server import Reply
from tests.fakes.wecom import SEND, FakeWeCom
from tracker.domain.errors import ConfigError, DeliveryError, Outcome

KEY = "1234aaaa-0000-4000-8000-00000000cdef"


def send(transport: Transport) -> object:
    return transport.send(SEND, b"{}", content_type="application/json", query={"key": KEY}).json()


def failure(transport: Transport) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(transport)
    return caught.value


STATUSES = [
    (301, Outcome.PERMANENT),
    (400, Outcome.PERMANENT),
    (404, Outcome.PERMANENT),
    (407, Outcome.PERMANENT),
    (408, Outcome.TEMPORARY),
    (429, Outcome.TEMPORARY),
    (500, Outcome.TEMPORARY),
    (503, Outcome.TEMPORARY),
    (504, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("status", "outcome"), STATUSES)
def test_a_status_outside_2xx_is_an_outcome(wecom: FakeWeCom, status: int, outcome: Outcome) -> None:
    wecom.inject(KEY, Reply(b"", status=status))
    error = failure(Transport(wecom.base_url, "企业微信"))
    assert error.outcome is outcome
    assert error.details["http_status"] == status


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30), ("999999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", 0)]
)
def test_retry_after_is_respected_within_reason(wecom: FakeWeCom, header: str, seconds: int) -> None:
    wecom.inject(KEY, Reply(b"", status=503, headers={"Retry-After": header}))
    assert failure(Transport(wecom.base_url, "企业微信")).retry_after_seconds == seconds


def test_an_answer_without_end_is_unknown(wecom: FakeWeCom) -> None:
    wecom.inject(KEY, Reply(b" " * (64 * 1024 + 1) + b'{"errcode":0}'))
    assert failure(Transport(wecom.base_url, "企业微信")).outcome is Outcome.UNKNOWN


def test_a_proxy_that_is_not_there_is_a_temporary_failure(wecom: FakeWeCom) -> None:
    with FakeWeCom() as gone:
        proxy = gone.base_url
    error = failure(Transport(wecom.base_url, "企业微信", proxy=proxy))
    assert error.outcome is Outcome.TEMPORARY
    assert "代理" in error.message


def test_requests_go_through_the_configured_proxy(wecom: FakeWeCom) -> None:
    wecom.add_robot(KEY)
    with FakeWeCom() as proxy:
        send(Transport(wecom.base_url, "企业微信", proxy=proxy.base_url))
    assert (len(proxy.captured), len(wecom.captured)) == (1, 0)


def test_the_environment_decides_nothing(
    wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "")
    with FakeWeCom() as gone:
        monkeypatch.setenv("HTTP_PROXY", gone.base_url)
    wecom.add_robot(KEY)
    send(Transport(wecom.base_url, "企业微信"))
    assert len(wecom.captured) == 1
    assert "Authorization" not in wecom.captured[0].headers


def test_no_log_ever_shows_the_key(wecom: FakeWeCom, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wecom.inject(KEY, Reply(b"{}", headers={"X Broken": "a header name with a space"}))
    send(Transport(wecom.base_url, "企业微信"))
    assert KEY not in caplog.text


def test_a_missing_ca_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CA 证书文件不存在"):
        Transport("https://127.0.0.1", "企业微信", ca_file=str(tmp_path / "absent.pem"))


def test_a_ca_file_that_holds_no_certificate_is_a_temporary_failure(wecom: FakeWeCom, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    transport = Transport(wecom.base_url.replace("http:", "https:"), "企业微信", ca_file=str(empty))
    assert failure(transport).outcome is Outcome.TEMPORARY


def test_a_representation_hides_the_proxys_password() -> None:
    assert "hunter2" not in repr(
        Transport("http://127.0.0.1", "企业微信", proxy="http://me:hunter2@127.0.0.1:1")
    )
