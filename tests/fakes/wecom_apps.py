"""The app side of the fake WeCom: tokens, private messages, cards with buttons, who a code names.

Must never be laxer than Tencent's documents (90236, 91039, 90312, 94888) where they are clear; what it
accepts but nobody sees, as the real server does, is captured with `delivered` false.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from tests.fakes.http_server import Fault, Trouble
from tests.fakes.wecom_cards import button_card
from tests.fakes.wecom_rules import INJECTED, Refusal, need

GET_TOKEN, GET_USER, APP_SEND, UPDATE_CARD = (
    "/cgi-bin/gettoken",
    "/cgi-bin/auth/getuserinfo",
    "/cgi-bin/message/send",
    "/cgi-bin/message/update_template_card",
)
TOKEN_SECONDS, CARD_SECONDS, CODE_SECONDS = 7200, 72 * 3600, 300
TEXT_BYTES = 2048
_RATES = ((30, 60), (1000, 3600))  # messages to one member, seconds
_LONGEST_CHECK = 4 * 3600
WARNING = "ok. Warning: wrong json format. "


@dataclass(frozen=True)
class AppMessage:
    """One call of message/send. `content`: what people would read; `cut`: too long, it lost its end."""

    raw: bytes
    parsed: Mapping[str, object]
    errcode: int
    users: tuple[str, ...] = ()
    kind: str = ""
    content: str = ""
    delivered: bool = False
    cut: bool = False
    response_code: str = ""


@dataclass
class App:
    """One app. `users` see it, all others are invalid. Switches: `has_callback`, `trusts_us` (IP list)."""

    corp_id: str
    agent_id: int
    secret: str
    users: frozenset[str]
    has_callback: bool = True
    trusts_us: bool = True
    token: str = ""
    token_ends: float = 0.0
    tokens_asked: int = 0
    sent: list[AppMessage] = field(default_factory=list)
    updates: list[Mapping[str, object]] = field(default_factory=list)
    _seen: dict[bytes, float] = field(default_factory=dict)
    _times: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _tasks: set[str] = field(default_factory=set)
    _codes: dict[str, float] = field(default_factory=dict)
    _visitors: dict[str, tuple[Mapping[str, str], float]] = field(default_factory=dict)
    _spent: set[str] = field(default_factory=set)

    @property
    def delivered(self) -> list[AppMessage]:
        return [one for one in self.sent if one.delivered]

    def end_token(self) -> None:
        """End the token before its time, as the platform may."""
        self.token = ""

    def repeats(self, parsed: Mapping[str, object], raw: bytes, now: float) -> bool:
        """Whether the duplicate check holds this message back; otherwise it is remembered."""
        if parsed.get("enable_duplicate_check") != 1:
            return False
        interval = parsed.get("duplicate_check_interval", 1800)
        if not isinstance(interval, int) or not 0 < interval <= _LONGEST_CHECK:
            raise Refusal(40058, "invalid duplicate_check_interval")
        repeated = self._seen.get(raw, 0.0) > now
        if not repeated:
            self._seen[raw] = now + interval
        return repeated

    def too_often(self, user: str, now: float) -> bool:
        """Whether this member has had so many messages that the next is dropped in silence."""
        times = self._times[user.lower()]
        late = any(sum(at > now - seconds for at in times) >= most for most, seconds in _RATES)
        if not late:
            times.append(now)
        return late

    def take_task(self, task_id: str) -> None:
        if task_id in self._tasks:
            raise Refusal(42014, "taskid has existed")
        self._tasks.add(task_id)

    def give_code(self, now: float) -> str:
        """A new response code, as a sent card or a press of its button brings it."""
        code = uuid4().hex
        self._codes[code] = now + CARD_SECONDS
        return code

    def approve(self, now: float, **who: str) -> str:
        """Somebody agrees to sign in; the code names them: `userid=`, or `openid=` for nobody of ours."""
        code = uuid4().hex
        self._visitors[code] = (who, now + CODE_SECONDS)
        return code

    def visitor(self, code: str, now: float) -> Mapping[str, str]:
        """Whom the code names; it is good once, for five minutes."""
        if code in self._spent:
            raise Refusal(42022, "code has been used")
        if code not in self._visitors:
            raise Refusal(40029, "invalid code")
        self._spent.add(code)
        who, ends = self._visitors.pop(code)
        if ends <= now:
            raise Refusal(42003, "code expired")
        return who

    def use_code(self, code: object, now: float) -> None:
        if self._codes.pop(str(code), 0.0) <= now:
            raise Refusal(60140, "invalid response_code")


class FakeApps:
    """The apps of a fake server; `now` is its clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.apps: list[App] = []

    def answer(
        self, path: str, query: Mapping[str, str], raw: bytes, fault: Trouble | None
    ) -> dict[str, object]:
        """The JSON answer to one call."""
        parsed = _parsed(raw)
        app = None if path == GET_TOKEN else self._holder(query.get("access_token", ""))
        try:
            if isinstance(fault, int):
                raise Refusal(fault, INJECTED.get(fault, "injected"))
            if path == GET_TOKEN:
                return {"errcode": 0, "errmsg": "ok", **self._give_token(query)}
            holder = self._checked(app, query.get("access_token", ""))
            if path == GET_USER:
                who = holder.visitor(query.get("code", ""), self._now())
                return {"errcode": 0, "errmsg": "ok", **who}
            if path == APP_SEND:
                return self._send(holder, parsed, raw, lost=fault is Fault.WARNING)
            return self._update(holder, parsed)
        except Refusal as refusal:
            if app and path == APP_SEND:
                app.sent.append(AppMessage(raw, parsed, refusal.errcode))
            return refusal.answer(hint=f"{int(self._now())}_1")

    def _holder(self, token: str) -> App | None:
        return next((app for app in self.apps if token and app.token == token), None)

    def _give_token(self, query: Mapping[str, str]) -> dict[str, object]:
        ours = [app for app in self.apps if app.corp_id == query.get("corpid")]
        if not ours:
            raise Refusal(40013, "invalid corpid")
        app = next((app for app in ours if app.secret == query.get("corpsecret")), None)
        if app is None:
            for one in ours:
                one.tokens_asked += 1
            raise Refusal(40001, "invalid credential")
        app.tokens_asked += 1
        _check_address(app)
        if not app.token or app.token_ends <= self._now():
            app.token, app.token_ends = f"token-{uuid4().hex}", self._now() + TOKEN_SECONDS
        return {"access_token": app.token, "expires_in": int(app.token_ends - self._now())}

    def _checked(self, app: App | None, token: str) -> App:
        if not token:
            raise Refusal(41001, "access_token missing")
        if app is None:
            raise Refusal(40014, "invalid access_token")
        if app.token_ends <= self._now():
            raise Refusal(42001, "access_token expired")
        _check_address(app)
        return app

    def _send(self, app: App, parsed: Mapping[str, object], raw: bytes, *, lost: bool) -> dict[str, object]:
        _check_agent(app, parsed)
        users, invalid = _recipients(app, parsed.get("touser"))
        kind = parsed.get("msgtype")
        content = parsed.get(kind) if isinstance(kind, str) else None
        if kind not in ("text", "markdown", "template_card") or not isinstance(content, dict):
            raise Refusal(40008, "invalid message type")
        code, cut = "", False
        if kind == "template_card":
            shown, task_id = button_card(content, has_callback=app.has_callback)
            if task_id:
                app.take_task(task_id)
                code = app.give_code(self._now())
        else:
            whole = need(content, "content", 44004)
            shown = whole.encode()[:TEXT_BYTES].decode(errors="ignore")
            cut = shown != whole
        repeated = app.repeats(parsed, raw, self._now())
        reached = [] if repeated or lost else [one for one in users if not app.too_often(one, self._now())]
        app.sent.append(AppMessage(raw, parsed, 0, tuple(users), kind, shown, bool(reached), cut, code))
        return {
            "errcode": 0,
            "errmsg": WARNING if lost else "ok",
            **({"invaliduser": "|".join(invalid)} if invalid else {}),
            "msgid": uuid4().hex,
            **({"response_code": code} if code else {}),
        }

    def _update(self, app: App, parsed: Mapping[str, object]) -> dict[str, object]:
        _check_agent(app, parsed)
        users = parsed.get("userids", [])
        if not isinstance(users, list):  # message/send wants a string, this call an array
            raise Refusal(40058, "invalid field userids")
        if "template_card" not in parsed:
            need(parsed.get("button"), "replace_name", 40058)
        app.use_code(parsed.get("response_code"), self._now())
        app.updates.append(parsed)
        return {"errcode": 0, "errmsg": "ok", "invaliduser": [one for one in users if not _sees(app, one)]}


def _check_address(app: App) -> None:
    if not app.trusts_us:
        raise Refusal(60020, "not allow to access from your ip")


def _check_agent(app: App, parsed: Mapping[str, object]) -> None:
    agent = parsed.get("agentid")
    if type(agent) is not int:
        raise Refusal(40056, "invalid agentid")
    if agent != app.agent_id:
        raise Refusal(301002, "not allow operate another agent with this accesstoken")


def _recipients(app: App, touser: object) -> tuple[list[str], list[str]]:
    """Who gets the message, and who cannot (in lower case, as the real server names them)."""
    if touser is not None and not isinstance(touser, str):
        raise Refusal(40058, "invalid field touser")
    names = [name for name in (touser or "").split("|") if name]
    if not names:
        raise Refusal(82001, "recipients are all empty")
    if len(names) > 1000:
        raise Refusal(82002, "touser count out of limit")
    valid = [name for name in names if _sees(app, name)]
    if not valid:
        raise Refusal(81013, "user & party & tag all invalid")
    return valid, [name.lower() for name in names if name not in valid]


def _sees(app: App, user: str) -> bool:
    return user.lower() in {one.lower() for one in app.users}


def _parsed(raw: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
