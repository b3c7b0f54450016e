"""A fake WeCom server for group robots and apps: the limits, answers and failures of the real one.

Must never pass a message on. To try it by hand: `python -m tests.fakes.wecom --port 9000`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import click

from tests.fakes.http_server import Fault, LoopbackServer, Reply, Request, Trouble, json_reply
from tests.fakes.wecom_apps import APP_SEND, GET_TOKEN, GET_USER, UPDATE_CARD, WARNING, App, FakeApps
from tests.fakes.wecom_media import Media, check_upload
from tests.fakes.wecom_messages import Context, Note, Reading, read_message
from tests.fakes.wecom_rules import INJECTED, Refusal, Robot, Rules

SEND, UPLOAD = "/cgi-bin/webhook/send", "/cgi-bin/webhook/upload_media"
_APP_METHODS = {GET_TOKEN: "GET", GET_USER: "GET", APP_SEND: "POST", UPDATE_CARD: "POST"}


@dataclass(frozen=True)
class Captured:
    """One request to a robot. `errcode` is None when a fault stood in front of the robot.

    `at` is in seconds of the fake's clock; `delivered`: the group sees it; `escaped`: the body used
    JSON's backslash-u escapes, not raw UTF-8.
    """

    key: str
    at: float
    raw: bytes
    parsed: object
    headers: Mapping[str, str]
    escaped: bool
    errcode: int | None = None
    delivered: bool = False
    kind: str = ""  # from here on: the fields of a Reading, empty when the message was refused
    content: str = ""
    notes: tuple[Note, ...] = ()
    user_ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class FakeWeCom(LoopbackServer):
    """One server, so its limits hold across all client processes. Time stands still unless advanced."""

    def __init__(
        self,
        *,
        port: int = 0,
        rules: Rules | None = None,
        clock: Callable[[], float] = lambda: 1_760_000_000.0,
        slow_seconds: float = 30.0,
        tls: tuple[Path, Path] | None = None,
        on_capture: Callable[[Captured], None] = lambda _captured: None,
    ) -> None:
        super().__init__(port=port, slow_seconds=slow_seconds, tls=tls)
        self.rules = rules or Rules()
        self._clock = clock
        self._on_capture = on_capture
        self._arrived = threading.Condition(self._lock)
        self.reset()

    def reset(self) -> None:
        """Forget robots, apps, messages, media, faults and advanced time."""
        with self._lock:
            self.captured: list[Captured] = []
            self._robots: dict[str, Robot] = {}
            self._media: dict[str, Media] = {}
            self._apps = FakeApps(lambda: self.now)
            self._faults.clear()
            self.strays.clear()
            self._advanced = 0.0

    def add_robot(self, key: str, members: frozenset[str] | None = None) -> None:
        self._robots[key] = Robot(members=members)

    def remove_robot(self, key: str) -> None:
        del self._robots[key]

    def disable_robot(self, key: str) -> None:
        self._robots[key].disabled = True

    def add_app(self, corp_id: str, agent_id: int, secret: str, users: frozenset[str]) -> App:
        """The app as the fake keeps it: its switches may be set, its messages read."""
        app = App(corp_id, agent_id, secret, users)
        self._apps.apps.append(app)
        return app

    def advance(self, seconds: float) -> None:
        self._advanced += seconds

    @property
    def now(self) -> float:
        return self._clock() + self._advanced

    @property
    def delivered(self) -> list[Captured]:
        """What the groups see, in order."""
        return [one for one in self.captured if one.delivered]

    def wait_for(self, count: int, timeout: float = 10.0) -> bool:
        """Until `count` requests were captured; False when they do not come."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.captured) >= count, timeout)

    def respond(self, request: Request) -> Reply | None:
        if request.path not in (SEND, UPLOAD, *_APP_METHODS):
            return self.stray(request)
        if request.method != _APP_METHODS.get(request.path, "POST"):
            return Reply(b"", status=405)
        if request.path in (SEND, UPLOAD):
            return self._send(request) if request.path == SEND else self._upload(request)
        fault = self.take_fault(request.path)
        if fault is Fault.DROP:
            return None
        raw = request.body()
        if between := self.instead(fault):
            return between
        with self._lock:
            answer = self._apps.answer(request.path, request.query, raw, fault)
        return self.spoil(fault, json_reply(answer))

    def _send(self, request: Request) -> Reply | None:
        key = request.query.get("key", "")
        fault = self.take_fault(key)
        if fault is Fault.DROP:
            return None
        raw = request.body()
        escaped = re.search(rb"\\u[0-9a-f]{4}", raw) is not None
        call = Captured(key, self.now, raw, _parsed(raw), request.headers, escaped)
        if between := self.instead(fault):
            self._capture(call)
            return between
        with self._lock:
            robot = self._robots.get(key) or Robot(known=False)
            robot.in_flight += 1
        try:
            return self.spoil(fault, json_reply(self._judged(call, robot, fault)))
        finally:
            with self._lock:
                robot.in_flight -= 1

    def _judged(self, call: Captured, robot: Robot, fault: Trouble | None) -> dict[str, object]:
        """Judge and capture one call; give the JSON answer."""
        try:
            with self._lock:
                reading = self._accept(call, robot, fault)
        except Refusal as refusal:
            self._capture(replace(call, errcode=refusal.errcode))
            return refusal.answer(hint=f"{int(self.now)}_{len(self.captured)}")
        lost = fault is Fault.WARNING
        self._capture(replace(call, errcode=0, delivered=not lost, **vars(reading)))
        return {"errcode": 0, "errmsg": WARNING if lost else "ok"}

    def _accept(self, call: Captured, robot: Robot, fault: Trouble | None) -> Reading:
        if isinstance(fault, int):
            raise Refusal(fault, INJECTED.get(fault, "injected"))
        if not robot.known:
            raise Refusal(93000, "invalid webhook url")
        if robot.disabled:
            raise Refusal(93004, "robot is disabled")
        if self.rules.refuse_concurrent and robot.in_flight > 1:
            raise Refusal(45033, "concurrent calls out of limit")
        robot.check_rate(self.now)
        if self.rules.strict:  # the document leaves open whether a refused call counts
            robot.calls.append(self.now)
        context = Context(self.rules, robot.members, lambda media_id: self._file_name(call.key, media_id))
        reading = read_message(call.parsed, context)
        if not self.rules.strict:
            robot.calls.append(self.now)
        return reading

    def _file_name(self, key: str, media_id: str) -> str | None:
        media = self._media.get(media_id)
        return media.name if media is not None and media.usable(key, self.now) else None

    def _upload(self, request: Request) -> Reply | None:
        fault = self.take_fault(UPLOAD)
        if fault is Fault.DROP:
            return None
        raw = request.body()
        if between := self.instead(fault):
            return between
        return self.spoil(fault, json_reply(self._uploaded(request, raw, fault)))

    def _uploaded(self, request: Request, raw: bytes, fault: Trouble | None) -> dict[str, object]:
        key, kind = request.query.get("key", ""), request.query.get("type", "")
        try:
            if isinstance(fault, int):
                raise Refusal(fault, INJECTED.get(fault, "injected"))
            name = check_upload(kind, request.headers.get("Content-Type", ""), raw)
            if key not in self._robots:
                raise Refusal(93000, "invalid webhook url")
        except Refusal as refusal:
            return refusal.answer(hint=str(int(self.now)))
        media_id = uuid4().hex
        self._media[media_id] = Media(key, self.now, name)
        created_at = str(int(self.now))
        return {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id, "created_at": created_at}

    def _capture(self, captured: Captured) -> None:
        with self._arrived:
            self.captured.append(captured)
            self._arrived.notify_all()
        self._on_capture(captured)


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _show(captured: Captured) -> None:
    fate = "已送达群聊" if captured.delivered else f"未送达（错误码 {captured.errcode}）"
    paged = "、".join((*captured.user_ids, *captured.phones)) or "无"
    click.echo(f"—— 收到 {captured.kind or '无法识别的'} 消息，{fate}；提醒：{paged}")
    click.echo(captured.content)
    for note in captured.notes:
        click.echo(f"  注意：{note}")


@click.command()
@click.option("--port", default=9000, show_default=True)
@click.option("--key", default=lambda: str(uuid4()), help="机器人密钥（缺省随机生成）")
def main(port: int, key: str) -> None:
    """在本机启动模拟企业微信，显示收到的每条消息。"""
    with FakeWeCom(port=port, clock=time.time, on_capture=_show) as server:
        server.add_robot(key)
        click.echo(f"接口地址：{server.base_url}\n机器人密钥：{key}\n按 Ctrl+C 结束")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("已结束")


if __name__ == "__main__":
    main()
