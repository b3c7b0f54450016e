"""A press of a button on a card, carried out once as the contact who pressed it, and answered in words.

Must never call anybody: WeCom waits five seconds for the answer. Must never do for a contact what the
workflow does not let them do, or what is another unit's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.ladders import Audience
from tracker.domain.lifecycle import TRANSITIONS, Event, State
from tracker.domain.steps import Step
from tracker.services.advance import take_step
from tracker.services.office import Office
from tracker.services.recipients import Recipient
from tracker.store import Connection, contacts, items, presses
from tracker.store.clockwork import take_planning_turn
from tracker.store.contacts import Contact

GONE = "通知已失效，请打开页面查看"
NOT_YOURS = "您不是该通知的联系人"
NOT_NEEDED = "无需办理"
NOT_ALLOWED = "您无权办理"
ON_THE_PAGE = "请打开页面报送"
_NAMED = 3  # more numbers than these would not fit on a button


@dataclass(frozen=True)
class ButtonStep:
    """What a button does: the step and its reason, where an item stands after it, and what is said then."""

    event: Event
    target: State
    done: str
    reason: str


# By the key that the card bears; the far side gives it back as EventKey.
BUTTONS = {
    "sign": ButtonStep(Event.SIGN, State.SIGNED, "已签收", "通过企业微信卡片签收"),
    "submit": ButtonStep(Event.SUBMIT, State.SUBMITTED, "已报送整改", "通过企业微信卡片报送"),
}


@dataclass(frozen=True)
class Press:
    """One press: who, when by the far side's clock, which button, and on which card (`task`)."""

    user_id: str
    created: str
    button: str
    task: str

    @classmethod
    def of(cls, event: Mapping[str, str]) -> Press | None:
        """From the fields of an event (Tencent's document 90240); None for everything but our buttons."""
        if event.get("Event") != "template_card_event" or event.get("EventKey") not in BUTTONS:
            return None
        names = ("FromUserName", "CreateTime", "EventKey", "TaskId")
        return cls(*(event.get(name, "") for name in names))

    @property
    def key(self) -> str:
        """The same for every repetition; two buttons pressed within one second are two presses."""
        parts = (self.user_id.lower(), self.created, self.button, self.task)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    @property
    def letter(self) -> str:
        """The letter that the card shows, or a part of which it shows."""
        return self.task.partition("-")[0]


def carry_out(office: Office, press: Press, *, now: datetime) -> str:
    """Take the step with each item of the letter that allows it; what to write in the button's place.

    One transaction: a press that comes again finds what was answered, and nothing is done twice.
    """
    with office.database.write() as connection:
        take_planning_turn(connection)  # repetitions that arrive together wait here for one another
        said = presses.answer(connection, press.key)
        if said is None:
            said = _answer(connection, office, press, now)
            presses.record(connection, press.key, said, now)
        return said


def _answer(connection: Connection, office: Office, press: Press, now: datetime) -> str:
    letter = presses.letter(connection, press.letter)
    if letter is None:
        return GONE
    people = contacts.find(connection, wecom_userid=press.user_id)
    contact = next((each for each in people if _label(each) == letter.recipient), None)
    if contact is None:
        return NOT_YOURS
    button = BUTTONS[press.button]
    step = Step(button.event, contact.name, now, button.reason)
    fates = {}
    for item in items.by_numbers(connection, letter.numbers, lock=True):
        # A letter may name an item that has moved to another unit, where somebody bears the same name.
        own = item.unit_id == contact.unit_id
        fates[item.number] = _taken(connection, office, item, button, step) if own else NOT_ALLOWED
    return _in_words(fates)


def _label(contact: Contact) -> str:
    return Recipient(contact.unit_id, contact.unit, Audience(contact.role), contact).label


def _taken(connection: Connection, office: Office, item: Item, button: ButtonStep, step: Step) -> str:
    """Take the step with one item if that is allowed; what became of it, in words."""
    if item.standing.state is button.target:
        return button.done  # by an earlier press, or on the page
    if (item.standing.state, button.event) not in TRANSITIONS:
        return NOT_NEEDED
    if button.event is Event.SUBMIT and _asks_for_more(office, item):
        return ON_THE_PAGE
    try:
        take_step(connection, office, item, step, (), of_unit=item.unit_id)
    except TransitionError:
        return NOT_ALLOWED  # the state allows it, so it is the person whom the workflow refuses
    return button.done


def _asks_for_more(office: Office, item: Item) -> bool:
    """Whether the bureau would have to return what is handed in by a mere press.

    A class may want evidence, for which the reason of a press must not pass; and what was reported as left
    has to be reported as done first.
    """
    wants_proof = any(
        each.evidence is not None for each in office.rules.classes if each.code == item.problem_class
    )
    return wants_proof or bool(item.standing.remaining)


def _in_words(fates: Mapping[int, str]) -> str:
    """`已签收`, or where items differ `第1、2号已签收，第5号无需办理`."""
    named: dict[str, list[int]] = {}
    for number, fate in fates.items():
        named.setdefault(fate, []).append(number)
    if len(named) == 1:
        return next(iter(named))
    return "，".join(f"{_named(numbers)}{fate}" for fate, numbers in named.items())


def _named(numbers: Sequence[int]) -> str:
    few = f"第{'、'.join(map(str, numbers[:_NAMED]))}号"
    return f"{few}等{len(numbers)}项" if len(numbers) > _NAMED else few
