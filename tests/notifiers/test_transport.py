"""The one place that talks HTTP: what leaves, what is believed, what is never said."""

from __future__ import annotations

import base64
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from notifiers.connections import Connection
from notifiers.transport import Transport
from tests.fakes.certificates import self_signed
from tests.fakes.http_server import Fault, Reply, Trouble
from tests.fakes.wecom import SEND, FakeWeCom
from tests.fakes.wecom_apps import APP_SEND, GET_TOKEN
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

KEY = "1234aaaa-0000-4000-8000-00000000cdef"


def send(transport: Transport) -> object:
    return transport.send(SEND, b"{}", content_type="application/json", query={"key": KEY}).json()


def failure(transport: Transport) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(transport)
    return caught.value


STATUSES = [
    (301, Outcome.PERMANENT, Scope.CHANNEL),
    (400, Outcome.PERMANENT, Scope.MESSAGE),
    (401, Outcome.PERMANENT, Scope.CHANNEL),
    (403, Outcome.PERMANENT, Scope.CHANNEL),
    (404, Outcome.PERMANENT, Scope.CHANNEL),
    (407, Outcome.PERMANENT, Scope.CHANNEL),
    (413, Outcome.PERMANENT, Scope.MESSAGE),
    (408, Outcome.TEMPORARY, Scope.MESSAGE),
    (429, Outcome.TEMPORARY, Scope.MESSAGE),
    (500, Outcome.TEMPORARY, Scope.MESSAGE),
    (503, Outcome.TEMPORARY, Scope.MESSAGE),
    (502, Outcome.TEMPORARY, Scope.MESSAGE),
    (504, Outcome.UNKNOWN, Scope.MESSAGE),
    (520, Outcome.UNKNOWN, Scope.MESSAGE),
    (524, Outcome.UNKNOWN, Scope.MESSAGE),
    (525, Outcome.TEMPORARY, Scope.MESSAGE),
]


@pytest.mark.parametrize(("status", "outcome", "scope"), STATUSES)
def test_a_status_outside_2xx_is_an_outcome(
    wecom: FakeWeCom, status: int, outcome: Outcome, scope: Scope
) -> None:
    wecom.inject(KEY, Reply(b"", status=status))
    error = failure(Transport(wecom.base_url, "企业微信"))
    assert (error.outcome, error.scope) == (outcome, scope)
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


@pytest.mark.parametrize("headers", [{}, {"Connection": "close"}])
@pytest.mark.parametrize("tls", [False, True])
def test_an_answer_that_drips_ends_in_time_and_is_unknown(
    certificate: tuple[Path, Path], tls: bool, headers: dict[str, str]
) -> None:
    """Each byte comes in time, so that no read ever times out."""
    with FakeWeCom(tls=certificate if tls else None) as wecom:
        wecom.inject(KEY, Reply(b" " * 1000, headers=headers, drip=0.05))
        transport = Transport(
            wecom.base_url, "企业微信", read_timeout=1.0, longest=0.4, ca_file=str(certificate[0])
        )
        started = monotonic()
        assert failure(transport).outcome is Outcome.UNKNOWN
        assert monotonic() - started < 1.0
        assert isinstance(send(transport), dict), "the next call has its own time"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_headers_that_drip_and_a_proxy_that_does_end_in_time(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as place, ThreadPoolExecutor(1) as pool:
        dripping = pool.submit(drip, place)
        base_url = f"http://127.0.0.1:{place.getsockname()[1]}"
        proxy = base_url if scheme == "https" else None
        transport = Transport(
            base_url.replace("http", scheme), "企业微信", read_timeout=1.0, longest=0.4, proxy=proxy
        )
        started = monotonic()
        # Through a proxy that never opens the way, nothing has left.
        assert failure(transport).outcome is (Outcome.UNKNOWN if proxy is None else Outcome.TEMPORARY)
        assert monotonic() - started < 1.0
        dripping.result(5)


def drip(place: socket.socket) -> None:
    """Answer one request with a header that does not end, until the client hangs up."""
    connection, _ = place.accept()
    with connection, suppress(OSError):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(100):
            connection.sendall(b"x")
            sleep(0.05)


@pytest.mark.slow
def test_calls_that_end_in_time_are_let_be_whatever_becomes_of_others(wecom: FakeWeCom) -> None:
    """One watchman minds all: he must neither cut a connection that serves another by now, nor miss one."""
    wecom.add_robot(KEY)
    hasty = Transport(wecom.base_url, "企业微信", longest=0.2)
    lasting = Transport(wecom.base_url, "企业微信", longest=30.0)
    for _ in range(3):
        wecom.inject(KEY, Reply(b" " * 1000, drip=0.05))
        assert failure(hasty).outcome is Outcome.UNKNOWN
        for transport in (lasting, hasty):
            send(transport)
            sleep(0.25)
    assert wecom.connections <= 8


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


@pytest.mark.parametrize("logger", ["", "urllib3", "urllib3.connectionpool", "urllib3.connection"])
def test_no_log_ever_shows_the_key(wecom: FakeWeCom, caplog: pytest.LogCaptureFixture, logger: str) -> None:
    caplog.set_level(logging.DEBUG, logger)
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


# --- connections


def test_messages_share_one_connection(wecom: FakeWeCom) -> None:
    wecom.add_robot(KEY)
    transport = Transport(wecom.base_url, "企业微信")
    for _ in range(5):
        send(transport)
    assert (len(wecom.captured), wecom.connections) == (5, 1)


def test_eight_threads_share_a_transport_and_need_no_more_than_eight_connections(wecom: FakeWeCom) -> None:
    transport = Transport(wecom.base_url, "企业微信")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(transport), range(80)))
    assert len(wecom.captured) == len(answers) == 80
    assert wecom.connections <= 8


def test_a_server_that_closes_resting_connections_makes_no_message_unknown(wecom: FakeWeCom) -> None:
    transport = Transport(wecom.base_url, "企业微信")
    for _ in range(20):
        send(transport)
        wecom.hang_up()
    assert (len(wecom.captured), wecom.connections) == (20, 20)


def test_a_connection_that_has_rested_for_long_is_not_used_again(
    wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "longest_rest", 0.0)
    transport = Transport(wecom.base_url, "企业微信")
    for _ in range(3):
        send(transport)
    assert (len(wecom.captured), wecom.connections) == (3, 3)


def test_a_refused_message_leaves_the_next_a_clean_connection(wecom: FakeWeCom) -> None:
    transport = Transport(wecom.base_url, "企业微信")
    wecom.inject(KEY, Reply(b"x" * 100_000, status=503))
    assert failure(transport).outcome is Outcome.TEMPORARY
    assert isinstance(send(transport), dict)


# --- what left this machine


def test_a_body_that_was_not_taken_whole_is_surely_not_accepted(wecom: FakeWeCom) -> None:
    wecom.inject(KEY, Fault.DROP)
    transport = Transport(wecom.base_url, "企业微信")
    with pytest.raises(DeliveryError) as caught:
        transport.send(SEND, b" " * 30_000_000, content_type="application/json", query={"key": KEY})
    assert caught.value.outcome is Outcome.TEMPORARY


@pytest.mark.parametrize(
    ("method", "harmless", "outcome"),
    [
        ("POST", False, Outcome.UNKNOWN),
        ("POST", True, Outcome.TEMPORARY),
        ("GET", False, Outcome.TEMPORARY),
    ],
)
@pytest.mark.parametrize("trouble", [Fault.DROP, Reply(b"", status=504)])
def test_a_request_without_a_body_may_be_taken_too_unless_it_changes_nothing(
    wecom: FakeWeCom, trouble: Trouble, method: str, harmless: bool, outcome: Outcome
) -> None:
    path = GET_TOKEN if method == "GET" else APP_SEND
    wecom.inject(path, trouble)
    with pytest.raises(DeliveryError) as caught:
        Transport(wecom.base_url, "企业微信").send(path, method=method, harmless=harmless)
    assert caught.value.outcome is outcome


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_certificate_of_a_configured_authority_is_trusted(certificate: tuple[Path, Path]) -> None:
    with FakeWeCom(tls=certificate) as wecom:
        transport = Transport(wecom.base_url, "企业微信", ca_file=str(certificate[0]))
        send(transport)
        send(transport)
        assert (len(wecom.captured), wecom.connections) == (2, 1)


def test_a_certificate_of_no_known_authority_is_a_temporary_failure(certificate: tuple[Path, Path]) -> None:
    with FakeWeCom(tls=certificate) as wecom:
        error = failure(Transport(wecom.base_url, "企业微信"))
        assert error.outcome is Outcome.TEMPORARY
        assert "TLS" in error.message
        assert wecom.captured == []


def test_a_certificate_of_another_name_is_a_temporary_failure(certificate: tuple[Path, Path]) -> None:
    with FakeWeCom(tls=certificate) as wecom:
        elsewhere = wecom.base_url.replace("127.0.0.1", "127.1")  # the same address by another name
        assert "TLS" in failure(Transport(elsewhere, "企业微信", ca_file=str(certificate[0]))).message
        assert wecom.captured == []


@pytest.mark.parametrize(("scheme", "outcome"), [("https", Outcome.TEMPORARY), ("http", Outcome.UNKNOWN)])
def test_a_server_that_never_accepts_took_nothing_only_if_it_had_to_speak_first(
    scheme: str, outcome: Outcome
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        base_url = f"{scheme}://127.0.0.1:{mute.getsockname()[1]}"
        transport = Transport(base_url, "企业微信", connect_timeout=0.2, read_timeout=0.2)
        assert failure(transport).outcome is outcome


# --- the proxy


def test_the_account_of_a_proxy_reaches_the_proxy(wecom: FakeWeCom) -> None:
    with FakeWeCom() as proxy:
        address = proxy.base_url.replace("//", "//office:p%40ss@")
        send(Transport(wecom.base_url, "企业微信", proxy=address))
        headers = {name.lower(): value for name, value in proxy.captured[0].headers.items()}
    assert headers["proxy-authorization"] == "Basic " + base64.b64encode(b"office:p@ss").decode()


@pytest.mark.parametrize("proxy", ["", "127.0.0.1:8080", "socks5://127.0.0.1", "http://a:hunter2@"])
def test_an_impossible_proxy_is_refused_at_once(proxy: str) -> None:
    with pytest.raises(ConfigError, match="代理地址无效") as caught:
        Transport("http://127.0.0.1", "企业微信", proxy=proxy)
    assert "hunter2" not in caught.value.message


def test_a_representation_hides_the_proxys_password() -> None:
    assert "hunter2" not in repr(
        Transport("http://127.0.0.1", "企业微信", proxy="http://me:hunter2@127.0.0.1:1")
    )
