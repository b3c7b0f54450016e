"""Messages about the sending itself: to the bureau that somebody cannot be reached, and a test message.

An alarm goes out by another channel than the one it speaks of. Must never hold an address: its masked hint
only, and of its owners the unit and the role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.escalation import MessageKind
from tracker.rendering.environment import cn_date
from tracker.rendering.forms import Form, Rendered, of_several, rendered
from tracker.rendering.words import CHANNELS


@dataclass(frozen=True)
class Fault:
    """An address that cannot be written to, or a whole channel.

    channel: its public name. hint: the masked address, "" for the whole channel. recipients: who is affected,
    units with the role, `市教育局联络员`. why: the far side's refusal in Chinese. since: aware, in the zone
    to be shown.
    """

    channel: str
    hint: str
    recipients: tuple[str, ...]
    why: str
    since: datetime

    @property
    def channel_name(self) -> str:
        return CHANNELS.get(self.channel, self.channel)


@dataclass(frozen=True)
class AlarmView:
    """One alarm to the bureau, of at least one fault. link: the page that shows how sending goes, or None."""

    faults: tuple[Fault, ...]
    today: date
    serial: str
    link: str | None


@dataclass(frozen=True)
class TrialView:
    """A message by which staff see whether a channel works. at: aware, in the zone to be shown."""

    sent_by: str
    channel: str
    at: datetime
    serial: str

    @property
    def channel_name(self) -> str:
        return CHANNELS.get(self.channel, self.channel)


def render_alarm(view: AlarmView, form: Form) -> Rendered:
    """The alarm for channels that want `form`. facts: unit (who is affected), count, date (since when)."""
    recipients = list(dict.fromkeys(name for fault in view.faults for name in fault.recipients))
    since = min(fault.since for fault in view.faults)
    count = len(view.faults)
    facts = {
        "unit": of_several(recipients, noun="个接收方"),
        "count": count,
        "date": cn_date(since.date(), view.today),
    }
    return rendered(
        MessageKind.ALARM,
        form,
        {"view": view, "recipients": recipients, "since": since},
        topic=f"{count}处",
        facts=facts,
        serial=view.serial,
        link=view.link,
    )


def render_test(view: TrialView, form: Form) -> Rendered:
    """The test message for channels that want `form`; in its facts, who sent it stands as the unit."""
    facts = {"unit": view.sent_by, "count": 1, "date": cn_date(view.at.date(), view.at.date())}
    context = {"view": view, "today": view.at.date()}
    return rendered(MessageKind.TEST, form, context, topic="", facts=facts, serial=view.serial, link=None)
