"""No number in full, no key, token or password: in no page, command, log, export, error or byte at rest.

A small city is carried out for real, with failures of every kind; then everything that anybody can get to see
is searched. New pages and commands without parameters take part by themselves.
"""

from __future__ import annotations

import io
import logging
import re
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import httpx
import pytest

from notifiers.base import Letter, Mentions, Notifier
from tests.fakes import smtp
from tests.fakes.certificates import self_signed
from tests.fakes.http_server import Fault
from tests.fakes.loopback import loopback_only
from tests.fakes.sms_gateway import PASSWORD as SMS_PASSWORD
from tests.fakes.sms_gateway import PATH, FakeSmsGateway
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import APP_SEND, App
from tests.support import BULLETIN, at
from tests.test_docs import COMMANDS
from tests.web.conftest import ORIGIN, Visitor
from tracker.bootstrap import build_office
from tracker.cli import run
from tracker.domain.errors import DeliveryError
from tracker.services import accounts
from tracker.services.office import Office
from tracker.settings import load_settings
from tracker.store.vault import new_key
from tracker.web.app import create_app
from tracker.web.guard import SESSION_COOKIE

PHONES = [f"138000000{n:02d}" for n in range(11, 17)]
ROBOTS = [f"invented-robot-key-{n:04d}" for n in range(21, 24)]
CORP, AGENT, APP_SECRET = "invented-corp-id", 1000002, "invented-app-secret-0001"
CALLBACK_TOKEN, AES_KEY = "inventedcallbacktoken", "inventedaeskeyinventedaeskeyinventedaeskey1"
SMS_TOKEN, STAFF_PASSWORD = "invented-gateway-header-token", "yunlan-2026-invented"
KEYS = [new_key(), new_key()]
CONTACTS = f"""单位,姓名,角色,手机,企业微信账号,群机器人,邮箱
市教育局,李联,联络员,{PHONES[0]},lilian,{ROBOTS[0]},lilian@yunlan.example
市教育局,高负,负责人,{PHONES[1]},gaofu,,
市民政局,孙联,联络员,{PHONES[2]},,{ROBOTS[1]},
澜东区,周联,联络员,{PHONES[3]},,,
市行政审批局,何办,审批局,{PHONES[4]},heban,{ROBOTS[2]},heban@yunlan.example
"""
TOKEN = re.compile(r"/t/([\w-]{27})(?![\w-])")
# They never end, or make an office of their own.
ENDLESS = {"demo", "serve", "web", "scheduler"}
WITH_PARAMETERS = (
    ("show", 6),
    ("audit", "export", "历史"),
    ("ledger", "export", "台账.xlsx"),
    ("digest", "--out", "周报"),
    ("endpoints", "disable", 1, "--by", "经办"),
    ("endpoints", "enable", 1, "--by", "经办"),
    ("endpoints", "resume", "wecom_app", "--by", "经办"),
    ("messages", "decide", 1, "--as", "resend", "--by", "经办"),
    ("contacts", "import", "联系人.csv"),
    ("contacts", "import", "错误.csv"),
    ("contacts", "remove", "市教育局", "高负"),
    ("links", "revoke", "--unit", "市民政局", "--by", "经办"),
)
pytestmark = pytest.mark.slow
GIVEN = {"联系人", "错误", "loopback"}  # files that this test has written itself
LETTER = Letter("一条消息", Mentions(("lilian",)), serial="R-20210727-0099", key="0" * 64, subject="消息")


@dataclass
class City:
    """Where it lies, its far sides, and what anybody has seen of it: source → words or bytes."""

    folder: Path
    wecom: FakeWeCom
    gateway: FakeSmsGateway
    mail: smtp.FakeSmtp
    app: App
    now: datetime = field(default_factory=lambda: at("2021-07-27 09:00"))
    secrets: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str | bytes] = field(default_factory=dict)
    office: Office = field(init=False)

    def clock(self) -> datetime:
        return self.now

    def call(self, *words: object) -> None:
        """One call of the command line, in words and as JSON."""
        for option in ([], ["--json"]):
            streams = io.StringIO(), io.StringIO()
            with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
                run(["--now", self.now.isoformat(), *option, *map(str, words)])
            name = " ".join(["rectify", *option, *map(str, words), f"@{self.now:%d-%H:%M}"])
            self.seen[name] = streams[0].getvalue() + streams[1].getvalue()

    def try_channel(self, channel: str, to: str) -> None:
        self.now += timedelta(minutes=1)
        self.call("test-message", "--channel", channel, "--to", to, "--by", "经办", "--deliver")

    def links(self) -> list[str]:
        """The tokens of all links that anybody got."""
        mails = [message_from_bytes(each.content, policy=default) for each in self.mail.mails]
        bodies = [part.get_content() for mail in mails for part in mail.walk() if not part.is_multipart()]
        texts = [
            *(each.content for each in self.gateway.captured),
            *(each.raw.decode() for each in self.app.sent),
        ]
        found = (token for text in (*bodies, *texts) for token in TOKEN.findall(text))
        return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.chdir(folder)
        stack.enter_context(loopback_only())
        tls = self_signed(folder)
        wecom, gateway = stack.enter_context(FakeWeCom()), stack.enter_context(FakeSmsGateway())
        mail = stack.enter_context(smtp.FakeSmtp(tls=tls, login=True))
        app = wecom.add_app(CORP, AGENT, APP_SECRET, frozenset({"lilian", "gaofu", "heban"}))
        for key in ROBOTS:
            wecom.add_robot(key)
        made = City(folder, wecom, gateway, mail, app)
        for name, value in _environment(made, tls[0]).items():
            patch.setenv(f"TRACKER_{name}", value)
        patch.setenv("LANGUAGE", "zh_CN")
        heard, root = _Heard(), logging.getLogger()
        root.addHandler(heard)
        level = root.level
        root.setLevel(logging.DEBUG)
        stack.callback(root.removeHandler, heard)
        stack.callback(root.setLevel, level)
        _live(made)
        _change_the_key(made, patch)
        made.seen["日志"] = "\n".join(heard.lines)
        yield made


def _environment(city: City, authority: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": KEYS[0],
        "LOG_LEVEL": "DEBUG",
        "PUBLIC_URL": ORIGIN,
        "CA_FILE": str(authority),
        "WECOM_BASE_URL": city.wecom.base_url,
        "WECOM_CORP_ID": CORP,
        "WECOM_AGENT_ID": str(AGENT),
        "WECOM_APP_SECRET": APP_SECRET,
        "WECOM_CALLBACK_TOKEN": CALLBACK_TOKEN,
        "WECOM_CALLBACK_AES_KEY": AES_KEY,
        "SMS_URL": city.gateway.url,
        "SMS_FIELDS": f'{{"mobile": "{{phone}}", "text": "{{content}}", "password": "{SMS_PASSWORD}"}}',
        "SMS_HEADERS": f'{{"X-Token": "{SMS_TOKEN}"}}',
        "SMS_SUCCESS_PATH": "data.0.rspcod",
        "SMS_SUCCESS_VALUE": "success",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(city.mail.port),
        "SMTP_SECURITY": "starttls",
        "SMTP_USER": smtp.USER,
        "SMTP_PASSWORD": smtp.PASSWORD,
        "SMTP_FROM": smtp.USER,
    }


class _Heard(logging.Handler):
    """Everything that is logged anywhere, with the traces of exceptions."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "httpx":  # the visitors' own
            self.lines.append(self.format(record))


def _live(city: City) -> None:
    """A week of this city: reminders, links, and what goes wrong on each channel."""
    Path("通报.txt").write_text(BULLETIN, "utf-8")
    Path("联系人.csv").write_text(CONTACTS, "utf-8")
    Path("错误.csv").write_text(CONTACTS.replace("lilian@", f"{PHONES[5]}无效@ @"), "utf-8")
    city.call("import", "通报.txt")
    city.call("contacts", "import", "联系人.csv")
    city.office = build_office(load_settings())
    city.call("remind")
    city.call("deliver")
    city.call("nudge", 1, 8, "--by", "经办")
    for channel in ("wecom_app", "wecom_robot", "sms", "email"):
        city.try_channel(channel, "市教育局 李联")
    _suffer(city)
    city.secrets |= _secrets(city)
    accounts.save_account(city.office, "shenpiju", STAFF_PASSWORD, now=city.now)
    _look_at_pages(city)
    for path, command in COMMANDS.items():
        if path not in ENDLESS and not any(each.required for each in command.params):
            city.call(*path.split())
    for words in WITH_PARAMETERS:
        city.call(*words)
    _complain(city)


def _suffer(city: City) -> None:
    """Each channel's failures: refused, unknown, cut off, and the far side quoting what it was sent."""
    for fault in (45009, 40058, Fault.ACCEPT_THEN_DROP, Fault.HTTP_502, Fault.HTML, 93000):
        city.wecom.inject(ROBOTS[2], fault)
        city.try_channel("wecom_robot", "市行政审批局 何办")
    for fault in (60020, 81013, Fault.ACCEPT_THEN_DROP):
        city.now += timedelta(minutes=31)
        city.wecom.inject(APP_SEND, fault)
        city.try_channel("wecom_app", "市教育局 高负")
    for fault in (Fault.ACCEPT_THEN_DROP, Fault.HTTP_500, Fault.CUT_ANSWER):
        city.gateway.inject(PATH, fault)
        city.try_channel("sms", "市行政审批局 何办")
    city.gateway.refuse_with = f"BadNumber {PHONES[4]} {SMS_PASSWORD}"
    city.try_channel("sms", "市行政审批局 何办")
    city.gateway.refuse_with = None
    for answer in (f"550 5.1.1 no such user {smtp.PASSWORD}", f"451 try again {PHONES[4]}"):
        city.mail.replies["rcpt"] = answer
        city.try_channel("email", "市行政审批局 何办")
    city.mail.replies.clear()
    city.mail.endings["."] = "drop"
    city.try_channel("email", "市教育局 李联")
    city.mail.endings.clear()


def _complain(city: City) -> None:
    """Each channel's errors as an exception: what it says, what it is, and its trace."""
    troubles: dict[str, list[tuple[str, object]]] = {
        "wecom_robot": [(ROBOTS[0], each) for each in (93000, Fault.HTTP_500, Fault.ACCEPT_THEN_DROP)],
        "sms": [(PATH, each) for each in (Fault.HTTP_500, Fault.HTML, Fault.ACCEPT_THEN_DROP)],
        "wecom_app": [(APP_SEND, each) for each in (81013, Fault.HTTP_500, Fault.ACCEPT_THEN_DROP)],
    }
    address = {"wecom_robot": ROBOTS[0], "sms": PHONES[0], "wecom_app": "lilian"}
    for channel, injected in troubles.items():
        notifier = city.office.channels[channel]
        [payload] = notifier.compose(LETTER)
        server = city.gateway if channel == "sms" else city.wecom
        for name, trouble in injected:
            server.inject(name, trouble)
            city.seen[f"{channel} {trouble}"] = _error_of(notifier, address[channel], payload)
        city.seen[f"{channel} {notifier!r}"] = _error_of(notifier, f"{address[channel]} 错误", payload)


def _error_of(notifier: Notifier, address: str, payload: bytes) -> str:
    with pytest.raises(DeliveryError) as raised:
        notifier.send(address, payload)
    error = raised.value
    trace = "".join(traceback.format_exception(error))
    return f"{error} {error!r} {error.message} {error.details} {trace}"


def _look_at_pages(city: City) -> None:
    """Every page, as staff and as a contact who came by a link; each with every parameter that is there."""
    staff = Visitor(city)
    session = accounts.sign_in(city.office, "shenpiju", STAFF_PASSWORD, now=city.now).token
    staff.cookies.set(SESSION_COOKIE, session, httpx.URL(ORIGIN).host)
    phone = Visitor(city)
    link = next(f"/t/{token}" for token in reversed(city.links()) if phone.get(f"/t/{token}").is_success)
    *_, csrf = re.findall(r'name="csrf" value="([^"]+)"', phone.get(link).text)
    assert phone.request("POST", link, data={"csrf": csrf}).headers["location"] == "/my"
    city.secrets["会话"] = session
    city.secrets["手机会话"] = str(phone.cookies.get(SESSION_COOKIE))
    for who, visitor in (("工作人员", staff), ("联络员", phone), ("陌生人", Visitor(city))):
        for path in (*_pages(city.office), link):
            answer = visitor.get(path)
            city.seen[f"{who} {path} {answer.status_code}"] = _unpacked(answer.content)


def _pages(office: Office) -> list[str]:
    paths = create_app(office, lambda: at("2021-07-27 09:00")).openapi()["paths"]
    return [re.sub(r"\{[^}]+\}", "1", path) for path, methods in paths.items() if "get" in methods]


def _change_the_key(city: City, patch: pytest.MonkeyPatch) -> None:
    city.office.database.close()
    patch.setenv("TRACKER_SECRET_KEY", ",".join(reversed(KEYS)))
    city.call("secrets", "rotate")
    city.call("contacts", "list")
    for path in sorted(each for each in city.folder.rglob("*") if each.is_file() and each.stem not in GIVEN):
        city.seen[f"文件 {path.relative_to(city.folder)}"] = _unpacked(path.read_bytes())


def _unpacked(content: bytes) -> bytes:
    """With what lies compressed inside, where it is a workbook."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return content + b"".join(package.read(name) for name in package.namelist())


def _secrets(city: City) -> dict[str, str]:
    """What nobody may see, by a name that is none: a failure must not print it either."""
    listed = {"电话": PHONES, "机器人": ROBOTS, "密钥": KEYS, "链接": city.links()}
    found = {f"{name}{n}": value for name, values in listed.items() for n, value in enumerate(values)}
    single = {
        "应用密钥": APP_SECRET,
        "回调令牌": CALLBACK_TOKEN,
        "回调密钥": AES_KEY,
        "访问凭证": city.app.token,
        "短信口令": SMS_PASSWORD,
        "短信令牌": SMS_TOKEN,
        "邮箱口令": smtp.PASSWORD,
        "账号口令": STAFF_PASSWORD,
    }
    return found | single


def leaks(city: City, *prefixes: str) -> list[str]:
    """Where which secret can be read, among what was seen of these sources; some must have been."""
    chosen = {source: seen for source, seen in city.seen.items() if source.startswith(prefixes)}
    assert chosen
    return [
        f"{name}：{_masked(city, source)}"
        for source, seen in chosen.items()
        for name, value in city.secrets.items()
        if value.encode() in (seen if isinstance(seen, bytes) else seen.encode())
    ]


def _masked(city: City, source: str) -> str:
    for value in city.secrets.values():
        source = source.replace(value, "…")
    return source


def test_the_city_has_seen_each_failure(city: City) -> None:
    """Else nothing would follow from what the other tests do not find."""
    shown = str(city.seen)
    for words in ("93000", "60020", "81013", "45009", '"unknown"', "138****"):
        assert words in shown, words
    assert len(city.links()) > 2
    assert all(city.secrets.values())
    assert {each.delivered for each in city.wecom.captured} == {True, False}


def test_no_command_shows_a_secret(city: City) -> None:
    assert leaks(city, "rectify") == []


def test_no_page_shows_a_secret(city: City) -> None:
    assert leaks(city, "工作人员", "联络员", "陌生人") == []
    assert any(source.startswith("工作人员 /messages 200") for source in city.seen)
    assert any(source.startswith("联络员 /my 200") for source in city.seen)


def test_no_log_holds_a_secret(city: City) -> None:
    assert leaks(city, "日志") == []


def test_no_error_holds_a_secret(city: City) -> None:
    assert leaks(city, "wecom_robot", "wecom_app", "sms") == []


def test_no_file_holds_a_secret(city: City) -> None:
    """The database with its log, exports, the digest: as raw bytes, workbooks unpacked."""
    assert leaks(city, "文件 rectify.db", "文件 ") == []
    assert {"文件 rectify.db", "文件 台账.xlsx"} <= city.seen.keys()
