"""A fake WeCom server for the group robot: the limits, answers and failures of the real one.

Must never pass a message on. To try it by hand: `python -m tests.fakes.wecom --port 9000`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

import click

from tests.fakes.http_server import Fault, LoopbackServer, Reply, Request, Trouble, json_reply
from tests.fakes.wecom_media import Media, check_upload
from tests.fakes.wecom_messages import Context, Note, Reading, read_message
from tests.fakes.wecom_rules import Refusal, Rules

SEND, UPLOAD = "/cgi-bin/webhook/send", "/cgi-bin/webhook/upload_media"
PER_MINUTE, WINDOW = 20, 60.0
_INJECTED = {-1: "system busy", 45009: "api freq out of limit"}


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


@dataclass
class _Robot:
    known: bool = True
    members: frozenset[str] | None = None  # user ids and phones in its group; None: everybody
    disabled: bool = False
    calls: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0
    in_flight: int = 0


class FakeWeCom(LoopbackServer):
    """One server, so its limits hold across all client processes. Time stands still unless advanced."""

    def __init__(
        self,
        *,
        port: int = 0,
        rules: Rules | None = None,
        clock: Callable[[], float] = lambda: 1_760_000_000.0,
        slow_seconds: float = 30.0,
        on_capture: Callable[[Captured], None] = lambda _captured: None,
    ) -> None:
        super().__init__(port=port, slow_seconds=slow_seconds)
        self.rules = rules or Rules()
        self._clock = clock
        self._on_capture = on_capture
        self._arrived = threading.Condition(self._lock)
        self.reset()

    def reset(self) -> None:
        """Forget robots, messages, media, faults and advanced time."""
        with self._lock:
            self.captured: list[Captured] = []
            self._robots: dict[str, _Robot] = {}
            self._media: dict[str, Media] = {}
            self._faults.clear()
            self.strays.clear()
            self._advanced = 0.0

    def add_robot(self, key: str, members: frozenset[str] | None = None) -> None:
        self._robots[key] = _Robot(members=members)

    def remove_robot(self, key: str) -> None:
        del self._robots[key]

    def disable_robot(self, key: str) -> None:
        self._robots[key].disabled = True

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
        if request.path not in (SEND, UPLOAD):
            return self.stray(request)
        if request.method != "POST":
            return Reply(b"", status=405)
        return self._send(request) if request.path == SEND else self._upload(request)

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
            robot = self._robots.get(key) or _Robot(known=False)
            robot.in_flight += 1
        try:
            return self.spoil(fault, json_reply(self._judged(call, robot, fault)))
        finally:
            with self._lock:
                robot.in_flight -= 1

    def _judged(self, call: Captured, robot: _Robot, fault: Trouble | None) -> dict[str, object]:
        """Judge and capture one call; give the JSON answer."""
        try:
            with self._lock:
                reading = self._accept(call, robot, fault)
        except Refusal as refusal:
            self._capture(replace(call, errcode=refusal.errcode))
            return refusal.answer(hint=f"{int(self.now)}_{len(self.captured)}")
        lost = fault is Fault.WARNING
        self._capture(replace(call, errcode=0, delivered=not lost, **vars(reading)))
        return {"errcode": 0, "errmsg": "ok. Warning: wrong json format. " if lost else "ok"}

    def _accept(self, call: Captured, robot: _Robot, fault: Trouble | None) -> Reading:
        if isinstance(fault, int):
            raise Refusal(fault, _INJECTED.get(fault, "injected"))
        if not robot.known:
            raise Refusal(93000, "invalid webhook url")
        if robot.disabled:
            raise Refusal(93004, "robot is disabled")
        if self.rules.refuse_concurrent and robot.in_flight > 1:
            raise Refusal(45033, "concurrent calls out of limit")
        self._check_rate(robot)
        if self.rules.strict:  # the document leaves open whether a refused call counts
            robot.calls.append(self.now)
        context = Context(self.rules, robot.members, lambda media_id: self._owns(call.key, media_id))
        reading = read_message(call.parsed, context)
        if not self.rules.strict:
            robot.calls.append(self.now)
        return reading

    def _check_rate(self, robot: _Robot) -> None:
        while robot.calls and robot.calls[0] <= self.now - WINDOW:
            robot.calls.popleft()
        if self.now >= robot.blocked_until and len(robot.calls) >= PER_MINUTE:
            robot.blocked_until = self.now + WINDOW
        if self.now < robot.blocked_until:
            raise Refusal(45009, "api freq out of limit")

    def _owns(self, key: str, media_id: str) -> bool:
        media = self._media.get(media_id)
        return media is not None and media.usable(key, self.now)

    def _upload(self, request: Request) -> Reply:
        key, kind = request.query.get("key", ""), request.query.get("type", "")
        try:
            check_upload(kind, request.headers.get("Content-Type", ""), request.body())
            if key not in self._robots:
                raise Refusal(93000, "invalid webhook url")
        except Refusal as refusal:
            return json_reply(refusal.answer(hint=str(int(self.now))))
        media_id = uuid4().hex
        self._media[media_id] = Media(key, self.now)
        created_at = str(int(self.now))
        return json_reply(
            {"errcode": 0, "errmsg": "ok", "type": kind, "media_id": media_id, "created_at": created_at}
        )

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
