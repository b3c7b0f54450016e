"""Senders and schedulers that may die at any moment: each a process of its own, with its own connections.

They are forked from a server that has read everything beforehand, so that hundreds of them start in seconds
and none inherits a thread. Must never be given anything but a database of a test and a fake provider.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from matplotlib.backends.backend_agg import FigureCanvasAgg

from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tracker.domain.delivery import OnUnknown
from tracker.rules import Rules, load_rules
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.summarise import send_due_digests
from tracker.store import Database

_RULES = load_rules(None)  # before the fork: a tenth of a second each time else
_DRAWS = FigureCanvasAgg  # likewise what charts are drawn with, which the program loads when it is needed
_PATIENCE = 30.0  # seconds for a sender to get ready, however busy the machine


def rules_with(unknown: OnUnknown) -> Rules:
    """The shipped rules, but two calls at a time, and the given way with the unknown."""
    delivery = replace(_RULES.delivery, senders=2, unknown=unknown, unknown_after=timedelta(minutes=5))
    return replace(_RULES, delivery=delivery)


@dataclass(frozen=True)
class Task:
    """Which queue a sender carries out, to which server, and at what moment of the office's clock."""

    database_url: str
    base_url: str
    moment: datetime
    unknown: OnUnknown


def senders(tasks: Sequence[Task]) -> AbstractContextManager[None]:
    """Senders at work, all let go at once; on leaving they are killed wherever they are."""
    return _mortal(_send, tasks)


def digesters(tasks: Sequence[Task]) -> AbstractContextManager[None]:
    """The same with schedulers' digest jobs."""
    return _mortal(_digest, tasks)


@contextmanager
def _mortal(work: Callable[[Task, Connection], None], tasks: Sequence[Task]) -> Iterator[None]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", __name__])
    started: list[tuple[ForkServerProcess, Connection]] = []
    for task in tasks:
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(task, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, ours))
    try:
        for _, gate in started:
            assert gate.poll(_PATIENCE)
            gate.recv()
        for _, gate in started:
            gate.send(None)
        yield
    finally:
        for process, _ in started:
            process.kill()
        for process, gate in started:
            process.join()
            process.close()
            gate.close()


def _send(task: Task, gate: Connection) -> None:
    office = _ready(task, gate)
    began = time.monotonic()
    while True:
        deliver(office, lambda: task.moment + timedelta(seconds=time.monotonic() - began))


def _digest(task: Task, gate: Connection) -> None:
    office = _ready(task, gate)
    while True:
        send_due_digests(office, now=task.moment)


def _ready(task: Task, gate: Connection) -> Office:
    """An office of the process's own, once it is let go."""
    channels = {"wecom_robot": WeComRobot(task.base_url), "sandbox": Sandbox()}
    office = Office(Database(task.database_url), rules_with(task.unknown), channels, ())
    with office.database.read():
        pass  # a connection is at hand
    gate.send(None)
    gate.recv()
    return office
