"""A test message: does this channel reach this person? Staff ask for it; it goes as any other message does.

Must never pretend: outside working hours, and while its channel rests, it waits like everything else, and
says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.escalation import MessageKind
from tracker.domain.people import DECIDING
from tracker.rendering.alarms import TrialView, render_test
from tracker.rendering.environment import cn_moment
from tracker.rendering.forms import Rendered
from tracker.rendering.words import CHANNELS
from tracker.services import judging
from tracker.services.office import Office
from tracker.services.reached import Reach, occasions
from tracker.services.recipients import Recipient, recipient_of
from tracker.services.unit_names import UnitBook
from tracker.services.wording import Outgoing, Setting, Words, Writer
from tracker.store import Connection, contacts, mailbox, outbox, pauses
from tracker.store.clockwork import take_planning_turn
from tracker.store.contacts import Contact
from tracker.store.outbox import MessageState, StoredMessage


@dataclass(frozen=True)
class Trial:
    """A test message in the outbox, which may have several parts.

    waits: why it does not leave at once, in Chinese; "" if it does, or has left.
    """

    parts: tuple[StoredMessage, ...]
    waits: str

    @property
    def first(self) -> StoredMessage:
        return self.parts[0]

    @property
    def serial(self) -> str:
        return self.first.serial.partition("/")[0]

    @property
    def reach(self) -> Reach | None:
        """Accepted when all parts are; None when it was taken back."""
        return next((occasion.recipients[0] for occasion in occasions(self.parts)), None)

    @property
    def state(self) -> str:
        return self.reach.state if self.reach else MessageState.SUPERSEDED.value

    @property
    def error(self) -> str | None:
        return self.reach.why if self.reach else self.first.error


def send_test(office: Office, *, channel: str, to: str, by: str, now: datetime) -> Trial:
    """Put a test message for `to`, unit and name like `市教育局 李联`, into the outbox, once in a minute.

    Raises ForbiddenError unless `by` decides for the city, NotFoundError for a channel, unit or person nobody
    knows, TransitionError for somebody who has no address there, or one that is disabled.
    """
    with office.database.write() as connection:
        take_planning_turn(connection)
        judging.require(connection, by, DECIDING, "发送测试消息")
        if channel not in office.channels:
            known = "、".join(office.channels)
            raise NotFoundError(f"渠道 {channel} 没有启用，可用：{known}", details={"channel": channel})
        writer = Writer(connection, office, now)
        recipient = _reached(writer, _people(connection, office, to), channel)
        local = office.rules.calendar.local(now)
        asked = Outgoing(
            recipient=recipient,
            kind=MessageKind.TEST,
            numbers=(),
            reason=f"{by}发送的测试",
            key=f"test\x1f{channel}\x1f{local:%Y-%m-%d %H:%M}",
            words=_words(by, channel, local),
            channels=(channel,),
        )
        added = outbox.enqueue(connection, writer.write(asked), now)
        if not added:
            raise TransitionError(f"一分钟之内已向{recipient.label}发过测试消息，请稍候再试")
        parts = mailbox.by_ids(connection, sorted(added.values()))
        return Trial(tuple(parts), _waits(connection, office, channel, now))


def find_test(office: Office, identifier: int, *, now: datetime) -> Trial | None:
    """A test message as it stands now, by the id of any part of it; None for any other message."""
    with office.database.read() as connection:
        parts = tuple(mailbox.parts_of(connection, identifier))
        if not parts or parts[0].kind != MessageKind.TEST.value:
            return None
        waits = _waits(connection, office, parts[0].channel, now)
    trial = Trial(parts, waits)
    return trial if trial.state == MessageState.PENDING.value else Trial(parts, "")


def _people(connection: Connection, office: Office, to: str) -> list[Contact]:
    unit, _, name = " ".join(to.split()).rpartition(" ")
    if not unit:
        raise NotFoundError(f"“{to}”须写明单位和姓名，中间空一格，如 市教育局 李联")
    registered = UnitBook(connection, office.rules).find(unit)
    own = [each for each in contacts.find(connection) if each.unit == registered]
    found = [each for each in own if each.name == name]
    if not found:
        known = "、".join(dict.fromkeys(each.name for each in own)) or "无"
        raise NotFoundError(f"“{registered}”没有名为“{name}”的联系人（现有：{known}）")
    return found


def _reached(writer: Writer, people: Sequence[Contact], channel: str) -> Recipient:
    """The person in the first role in which that channel reaches them."""
    recipients = [recipient_of(each) for each in people]
    for recipient in recipients:
        if writer.routes.reaches(recipient, channel):
            return recipient
    name = CHANNELS.get(channel, channel)
    raise TransitionError(f"{recipients[0].label}没有可用的{name}地址：联系人表中未填，或该地址已停用")


def _words(by: str, channel: str, local: datetime) -> Words:
    def words(setting: Setting) -> Rendered:
        return render_test(TrialView(by, channel, local, setting.serial), setting.form)

    return words


def _waits(connection: Connection, office: Office, channel: str, now: datetime) -> str:
    calendar, quiet = office.rules.calendar, office.rules.quiet
    today, opens = calendar.today(now), quiet.release(now, calendar)
    if opens > now:
        return f"现在不是外发时间，{cn_moment(calendar.local(opens), today)}起才会发出"
    for pause in pauses.pauses(connection):
        if pause.channel == channel and pause.until > now:
            until = cn_moment(calendar.local(pause.until), today)
            return f"渠道暂停中（{pause.reason}），{until}或恢复后才会发出"
    return ""
