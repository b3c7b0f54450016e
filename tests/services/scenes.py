"""What tests of services, scheduler and command line share: whole-database comparison, crowds, messages."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from notifiers.base import Letter
from tests.support import at
from tracker.domain.lifecycle import Event
from tracker.services import advance, contacts, inspect
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.store import mailbox, outbox
from tracker.store.outbox import NewMessage, StoredMessage
from tracker.store.schema import metadata

T = TypeVar("T")
_KNOWN = at("2021-07-23 17:00")
HEADER = "单位,姓名,角色,手机,企业微信账号,群机器人,邮箱"

# Another quarter of the same invented city: 15 cases unchanged, 982 down to 300, one fault solved, one new.
NEXT_BULLETIN = """云澜市政务服务通报

2021年10月22日

全市政务服务三季度考核情况通报

附件1

市直部门政务服务考核问题清单

序号\t单位名称\t“一网通办”问题\t“互联网+监管”问题\t政务公开问题\t备注
1\t市教育局\t1.有未评办件15件。\t用户活跃度未达到50%。\t没有设置统计信息专栏。\t
2\t市审计局\t\t\t没有设置行政复议专栏。\t

附件2

各区政务服务考核问题清单

序号\t区划\t“一网通办”问题\t“互联网+监管”问题\t政务公开问题\t备注
1\t澜东区\t有未评办件300件。\t\t没有设置公益性事业栏目。\t
"""


def rows(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Everything the database holds, table by table."""
    with office.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def counts(office: Office) -> dict[str, int]:
    return {name: len(found) for name, found in rows(office).items()}


def at_once(*jobs: Callable[[], T]) -> list[T | Exception]:
    """Start all jobs at the same moment in threads; what each returned or raised, in the order given."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        gate.wait()
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def know(office: Office, *lines: str, now: datetime = _KNOWN) -> None:
    """Register contacts, each line as in the contacts file."""
    content = "\n".join((HEADER, *lines)).encode()
    contacts.import_contacts(office, content, "联系人.csv", now=now)


def put(
    office: Office, now: datetime, address: str, texts: Sequence[str], *, channel: str = "wecom_robot"
) -> None:
    """Put texts for one address into the outbox, one payload each."""
    notifier = office.channels[channel]
    new = [
        NewMessage(
            dedup=hashlib.sha256(f"{channel}{address}{text}".encode()).hexdigest(),
            letter=hashlib.sha256(f"{address}{text}".encode()).hexdigest(),
            serial=text,
            kind="reminder",
            recipient=f"市教育局 {address}（联络员）",
            channel=channel,
            address=address,
            hint=notifier.hint(address),
            text=text,
            payload=payload,
            reason="到期当日1项",
            send_after=now,
        )
        for text in texts
        for payload in notifier.compose(Letter(text))
    ]
    with office.database.write() as connection:
        outbox.enqueue(connection, new, now)


def carried(office: Office, clock: Callable[[], datetime]) -> list[StoredMessage]:
    """Deliver what is due; the messages for which a call was made, as they stand then."""
    touched: list[int] = []
    deliver(office, clock, touched.append)
    return inspect.messages_by_id(office, touched)


def messages(office: Office) -> list[StoredMessage]:
    """The outbox, oldest first."""
    with office.database.read() as connection:
        return mailbox.latest(connection, limit=100_000)[::-1]


def strike_off(office: Office, numbers: Sequence[int], now: datetime) -> None:
    """Handed in by the unit, struck off by the bureau."""
    advance.perform(office, Event.SUBMIT, numbers, by="单位联络员", now=now)
    advance.perform(office, Event.STRIKE_OFF, numbers, by="审批局核验员", now=now)
