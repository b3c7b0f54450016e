"""Fetching a page: what is refused, what is limited, and how Chinese pages are decoded."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.fakes.website import Answer, FakeWebsite, endless, gzip_bomb, html, moved, slow_body, slow_head
from tracker.probes.addresses import FetchError, FetchReason, Policy
from tracker.probes.fetch import fetch

LOCAL = Policy(allowed_networks=(ip_network("127.0.0.1/32"),))
NAME = "www.yunlan.invalid"


class Names:
    """A resolver: gives each name its next list of answers, the last one for ever; counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def refusal(url: str, policy: Policy = LOCAL, resolve: Names | None = None) -> FetchReason:
    with pytest.raises(FetchError) as caught:
        fetch(url, policy, resolve=resolve or Names(["127.0.0.1"]))
    assert caught.value.message == caught.value.reason.message
    return caught.value.reason


def test_a_page_comes_with_status_type_text_and_digest(site: FakeWebsite) -> None:
    body = "<p>云澜市</p>".encode()
    site["/a?b=1"] = Answer(body, status=418)
    page = fetch(site.url("/a?b=1#part"), LOCAL)
    assert (page.url, page.status, page.text) == (site.url("/a?b=1"), 418, "<p>云澜市</p>")
    assert page.content_type == "text/html; charset=utf-8"
    assert page.sha256 == sha256(body).hexdigest()


def test_a_chinese_path_is_sent_percent_encoded(site: FakeWebsite) -> None:
    site["/%E5%85%AC%E5%BC%80"] = html("公开")
    assert "公开" in fetch(site.url("/公开"), LOCAL).text


def test_an_unpacked_body_is_what_is_returned(site: FakeWebsite) -> None:
    site["/"] = Answer(gzip.compress("公开".encode()), headers={"Content-Encoding": "gzip"})
    page = fetch(site.url("/"), LOCAL)
    assert (page.text, page.sha256) == ("公开", sha256("公开".encode()).hexdigest())


INTERNAL = [
    "http://127.0.0.1/",
    "http://127.8.9.10/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.0.0.8/",
    "http://192.0.0.170/",
    "http://192.88.99.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[2002:7f00:1::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
]
MALFORMED = [
    "",
    "http://",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://１２７.0.0.1/",
    "http://[::1/",
    "http://user@www.yunlan.invalid/",
    "http://www.yunlan.invalid@10.0.0.1/",
    "http://user:word@www.yunlan.invalid/",
    "http://10.0.0.1\\@www.yunlan.invalid/",
    "http:\\\\10.0.0.1/",
    "http://www.yunlan.invalid\r\nX: 1/",
    "http://www.yunlan.invalid:99999/",
    "http://www yunlan.invalid/",
]
OTHER_SCHEMES = [
    "file:///etc/hostname",
    "ftp://www.yunlan.invalid/",
    "gopher://www.yunlan.invalid/",
    "data:text/html,a",
    "javascript:alert(1)",
    "www.yunlan.invalid",
    "//www.yunlan.invalid/",
]


@pytest.mark.parametrize("url", [*INTERNAL, "http://127%2e0.0.1/"])
def test_an_internal_address_is_refused_by_default(url: str) -> None:
    assert refusal(url, Policy()) is FetchReason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("url", INTERNAL)
def test_a_name_that_leads_to_an_internal_address_is_refused(url: str) -> None:
    answer = url.removeprefix("http://").rpartition("/")[0].partition("/")[0].strip("[]")
    assert refusal(f"http://{NAME}/", Policy(), Names([answer])) is FetchReason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("url", MALFORMED)
def test_a_tricky_address_is_refused_before_any_lookup(url: str) -> None:
    names = Names(["127.0.0.1"])
    assert refusal(url, resolve=names) in {FetchReason.BAD_URL, FetchReason.FORBIDDEN_SCHEME}
    assert names.asked == []


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_only_http_and_https_are_fetched(url: str) -> None:
    assert refusal(url) is FetchReason.FORBIDDEN_SCHEME


@pytest.mark.parametrize("port", [1, 22, 25, 110, 445, 1023])
def test_ports_of_other_services_are_refused(port: int) -> None:
    assert refusal(f"http://{NAME}:{port}/") is FetchReason.FORBIDDEN_PORT


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/"])
def test_every_hop_of_a_redirect_is_checked(site: FakeWebsite, location: str) -> None:
    site["/"] = moved(location)
    assert refusal(site.url("/")) is FetchReason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/hostname", FetchReason.FORBIDDEN_SCHEME),
        ("http://2130706433/", FetchReason.BAD_URL),
        ("http://a@127.0.0.1/", FetchReason.BAD_URL),
        ("http://www.yunlan.invalid:22/", FetchReason.FORBIDDEN_PORT),
    ],
)
def test_a_redirect_is_held_to_the_same_rules(site: FakeWebsite, location: str, reason: FetchReason) -> None:
    site["/"] = moved(location)
    assert refusal(site.url("/")) is reason


def test_one_internal_answer_among_public_ones_spoils_the_name() -> None:
    names = Names(["8.8.8.8", "10.0.0.1"])
    assert refusal(f"http://{NAME}/", Policy(), names) is FetchReason.FORBIDDEN_ADDRESS


def test_the_connection_goes_to_the_address_that_was_checked(site: FakeWebsite) -> None:
    site["/"] = html("首页")
    names = Names(["127.0.0.1"], ["10.0.0.1"])  # rebinding: the second answer is the attack
    assert "首页" in fetch(site.url("/", NAME), LOCAL, resolve=names).text
    assert names.asked == [NAME]
    assert site.requests[0].host == f"{NAME}:{site.port}"


def test_a_name_that_turns_internal_between_two_hops_is_refused(site: FakeWebsite) -> None:
    site["/"] = moved("/next")
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    assert refusal(site.url("/", NAME), resolve=names) is FetchReason.FORBIDDEN_ADDRESS
    assert [request.path for request in site.requests] == ["/"]


def test_an_unknown_name_is_unresolved() -> None:
    assert refusal(f"http://{NAME}/", resolve=Names([])) is FetchReason.UNRESOLVED


def test_redirects_are_followed_to_the_final_address(site: FakeWebsite) -> None:
    site["/"] = moved("a/")
    site["/a/"] = moved("../公开".encode().decode("latin-1"), status=301)
    site["/%E5%85%AC%E5%BC%80"] = html("公开")
    assert fetch(site.url("/"), LOCAL).url == site.url("/%E5%85%AC%E5%BC%80")


def test_an_endless_redirect_ends(site: FakeWebsite) -> None:
    site["/"] = moved("/")
    assert refusal(site.url("/")) is FetchReason.TOO_MANY_REDIRECTS
    assert len(site.requests) == LOCAL.max_redirects + 1


def test_neither_proxies_nor_credentials_of_the_environment_are_used(
    site: FakeWebsite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login nobody password nothing\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    site["/"] = html("首页")
    assert fetch(site.url("/"), LOCAL).status == 200
    assert not {"authorization", "cookie"} & {name.lower() for name in site.requests[0].headers}


SMALL = Policy(allowed_networks=LOCAL.allowed_networks, max_bytes=100_000)
BRIEF = Policy(allowed_networks=LOCAL.allowed_networks, total_seconds=0.3)


@pytest.mark.parametrize("answer", [gzip_bomb(50_000_000), endless(), Answer(b"x" * 100_001)])
def test_a_page_over_the_limit_is_refused(site: FakeWebsite, answer: Answer) -> None:
    site["/"] = answer
    assert refusal(site.url("/"), SMALL) is FetchReason.TOO_LARGE


def test_a_page_at_the_limit_is_read(site: FakeWebsite) -> None:
    site["/"] = Answer(b"x" * 100_000)
    assert len(fetch(site.url("/"), SMALL).text) == 100_000


@pytest.mark.parametrize("answer", [slow_body(), slow_head()])
def test_a_server_that_trickles_is_cut_off_at_the_total_time(site: FakeWebsite, answer: Answer) -> None:
    site["/"] = answer
    assert refusal(site.url("/"), BRIEF) is FetchReason.TIMEOUT


def test_a_silent_server_times_out(site: FakeWebsite) -> None:
    site["/"] = slow_head()
    policy = Policy(allowed_networks=LOCAL.allowed_networks, read_seconds=0.001)
    assert refusal(site.url("/"), policy) is FetchReason.TIMEOUT


def test_a_closed_port_is_unreachable() -> None:
    with FakeWebsite() as website:
        url = website.url("/")
    assert refusal(url) is FetchReason.UNREACHABLE


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "9999"}, {"Content-Encoding": "gzip"}, {"Transfer-Encoding": "chunked"}]
)
def test_a_broken_body_is_no_page(site: FakeWebsite, headers: dict[str, str]) -> None:
    site["/"] = Answer(b"not what the header says", headers=headers)
    assert refusal(site.url("/")) is FetchReason.UNREACHABLE


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "application/octet-stream"])
def test_what_is_no_text_is_not_read(site: FakeWebsite, content_type: str) -> None:
    site["/"] = Answer(b"%PDF", headers={"Content-Type": content_type})
    assert refusal(site.url("/")) is FetchReason.NOT_A_PAGE


CHINESE = "<p>云澜市政务公开，統計信息专栏</p>"
META_GBK = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'


@pytest.mark.parametrize(
    ("text", "sent_as", "content_type"),
    [
        (CHINESE, "gbk", "text/html; charset=GBK"),
        (META_GBK + CHINESE, "gbk", "text/html"),
        ("<meta charset='gb18030'>" + CHINESE + "㐀", "gb18030", ""),
        (CHINESE, "gbk", "text/html"),
        (CHINESE, "utf-8", "text/html"),
        (CHINESE, "gbk", "text/html; charset=utf-8"),
        (META_GBK + CHINESE, "utf-8", "text/html"),
        (META_GBK + CHINESE, "gbk", "text/html; charset=ISO-8859-1"),
        (CHINESE, "utf-8", "text/html; charset=no-such-charset"),
        ("<p>統計資訊</p>", "big5", "text/html; charset=big5"),
    ],
)
def test_chinese_pages_are_decoded(site: FakeWebsite, text: str, sent_as: str, content_type: str) -> None:
    site["/"] = Answer(text.encode(sent_as), headers={"Content-Type": content_type})
    assert fetch(site.url("/"), LOCAL).text == text


def test_one_damaged_byte_does_not_change_the_charset(site: FakeWebsite) -> None:
    site["/"] = Answer(CHINESE.encode() + b"\xff")
    assert fetch(site.url("/"), LOCAL).text == CHINESE + "\ufffd"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "site.pem", folder / "site.key"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}", "-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run(command, check=True, capture_output=True)
    return paths


def over_tls(site: FakeWebsite, host: str) -> str:
    return site.url("/", host).replace("http:", "https:")


def test_the_certificate_is_checked_for_the_name_although_the_address_is_pinned(
    certificate: tuple[Path, Path],
) -> None:
    policy = Policy(allowed_networks=LOCAL.allowed_networks, authorities=str(certificate[0]))
    with FakeWebsite(tls=certificate) as site:
        site["/"] = html("首页")
        names = Names(["127.0.0.1"])
        assert fetch(over_tls(site, NAME), policy, resolve=names).status == 200
        assert site.names_asked_by_tls == [NAME]
        assert refusal(over_tls(site, "other.invalid"), policy, names) is FetchReason.BAD_CERTIFICATE
        assert refusal(over_tls(site, "127.0.0.1"), policy, names) is FetchReason.BAD_CERTIFICATE


def test_a_certificate_of_no_known_authority_is_refused(certificate: tuple[Path, Path]) -> None:
    with FakeWebsite(tls=certificate) as site:
        assert refusal(over_tls(site, NAME)) is FetchReason.BAD_CERTIFICATE
        assert site.requests == []
