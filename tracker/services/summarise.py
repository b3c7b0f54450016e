"""The digest of a week, a month or a quarter: frozen for each scope, and sent once per period and recipient.

Must never send a figure it has not frozen: a scope's snapshot, files and messages are one transaction.
A process that dies between two scopes leaves whole digests behind, and the next one goes on with the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain import digests as paces
from tracker.domain.digests import Due, Pace, Period
from tracker.domain.errors import RectifyError
from tracker.domain.periods import Week
from tracker.rendering.digest import DigestView, rates_only, render_digest, unfinished_sentence
from tracker.services.digest_figures import count_digest
from tracker.services.digest_files import attachments, make_ledger
from tracker.services.digest_letters import Edition, enqueue, told
from tracker.services.digest_scopes import WHOLE_CITY, DigestScope, audience
from tracker.services.digest_snapshot import freeze, published_view
from tracker.services.office import Office
from tracker.services.recipients import recipient_of
from tracker.services.report import count_rates
from tracker.store import Connection, bulletins, clockwork, digests, history
from tracker.store.contacts import Contact

log = logging.getLogger(__name__)
WATERMARKS = {Pace.WEEKLY: "digest", Pace.MONTHLY: "digest_monthly", Pace.QUARTERLY: "digest_quarterly"}


@dataclass(frozen=True)
class Digest:
    """One period of one scope in figures. `sent_to` names the recipients who get theirs by this call, of
    whatever scope.
    """

    view: DigestView
    scope: DigestScope
    text: str
    headline: str
    unfinished: str
    sent_to: tuple[str, ...] = ()


def compile_digest(
    office: Office, *, now: datetime, period: Period | None = None, scope: DigestScope = WHOLE_CITY
) -> Digest:
    """The digest of a period: as it was published, else as it stands now; of one that is over, at its end."""
    chosen = period or Week.of(office.rules.calendar.today(now))
    with office.database.read() as connection:
        view = published_view(connection, office, chosen, scope)
        return _in_words(view or count_digest(connection, office, chosen, scope, now), scope)


def send_digest(
    office: Office,
    *,
    now: datetime,
    period: Period | None = None,
    scope: DigestScope | None = None,
    late_from: datetime | None = None,
) -> Digest:
    """Freeze a period's figures and put one letter per recipient into the outbox; twice changes nothing.

    scope: None for all; what is returned is that scope's digest, else the city's. late_from: when it should
    have been sent, if that was on an earlier day. Raises RectifyError for a period that has not come or not
    ended, for a pace that nobody is to get, and for a scope of which nobody is to be told; at last also for
    scopes that failed, naming them: they stop no other, and the next call sends only what is missing.
    """
    calendar = office.rules.calendar
    chosen = period or Week.of(calendar.today(now))
    pace = paces.pace_of(chosen)
    if not paces.is_ready(chosen, now, calendar):
        state = "尚未到来" if isinstance(chosen, Week) else "尚未结束"
        raise RectifyError(f"{chosen.name} {state}，不能提前冻结和发送该期{pace.words.title}")
    if pace not in office.rules.digest_paces:
        raise RectifyError(f"app.toml 的 [digest] 没有写明{pace.words.title}发给谁，没有发送")
    with office.database.read() as connection:
        readers = audience(connection, office, pace)
    if scope is not None:
        readers = [(each, people) for each, people in readers if each.key == scope.key]
        if not readers:
            raise RectifyError(f"联系人表中没有应收“{scope.name}”{pace.words.title}的人，没有发送")
    issue = _Issue(office, chosen, now, late_from)
    sent = issue.to_all(readers)
    names = tuple(name for each in sent for name in each.sent_to)
    return replace(sent[0], sent_to=names)


def send_due_digests(office: Office, *, now: datetime) -> list[Digest]:
    """What the scheduler calls: of each pace the latest period that is due, unless it was handled.

    What fails at one pace keeps no other from its turn; RectifyError tells of it at last.
    """
    sent, failed = [], []
    for pace in office.rules.digest_paces:
        try:
            digest = _send_due(office, pace, now)
        except Exception as error:
            log.exception("%s", pace.words.title)
            failed.append(error.message if isinstance(error, RectifyError) else f"{pace.words.title}没有发出")
        else:
            sent += [digest] if digest else []
    if failed:
        raise RectifyError("；".join(failed))
    return sent


def without_items(made: Digest) -> Digest:
    """What everybody may read of a digest: its rates."""
    return _in_words(rates_only(made.view), made.scope)


def _send_due(office: Office, pace: Pace, now: datetime) -> Digest | None:
    calendar, watermark = office.rules.calendar, WATERMARKS[pace]
    due = paces.latest_due(pace, now, office.rules.digest_at, calendar)
    if not _is_waiting(office, due, watermark):
        return None
    today, meant_for = calendar.today(now), calendar.today(due.slot)
    if calendar.today(due.next_slot) == today:
        return None  # missed, and the next one comes today: that tells more
    late_from = due.slot if meant_for < today else None
    digest = send_digest(office, now=now, period=due.period, late_from=late_from)
    with office.database.write() as connection:
        clockwork.take_turn(connection, watermark)
        clockwork.move_watermark(connection, watermark, due.slot)
    return digest


def _is_waiting(office: Office, due: Due, watermark: str) -> bool:
    with office.database.read() as connection:
        handled = clockwork.watermarks(connection).get(watermark, clockwork.BEGINNING)
        # What came in after the slot has its first digest a period later, not on the spot.
        return handled < due.slot and any(
            each.imported_at <= due.slot for each in bulletins.all_bulletins(connection)
        )


@dataclass(frozen=True)
class _Issue:
    """One period on its way out, scope by scope."""

    office: Office
    period: Period
    now: datetime
    late_from: datetime | None

    def to_all(self, readers: Sequence[tuple[DigestScope, Sequence[Contact]]]) -> list[Digest]:
        """One scope after the other; raises RectifyError at last, naming those that failed."""
        sent, failed = [], []
        for scope, people in readers:
            try:
                sent.append(self.to(scope, people))
            except Exception:
                log.exception("%s %s", self.period.name, scope.name)
                failed.append(scope.name)
        if failed:
            title = paces.pace_of(self.period).words.title
            raise RectifyError(
                f"{self.period.name} {title}有{len(failed)}个范围没有发出：{'、'.join(failed)}"
            )
        return sent

    def to(self, scope: DigestScope, people: Sequence[Contact]) -> Digest:
        """Freeze and send one scope's, in one transaction. Its ledger, which may be long, is made before.

        A unit of which nothing is tracked is not written to.
        """
        fresh = self._fresh_ledger(scope)
        with self.office.database.write() as connection:
            clockwork.take_turn(connection, WATERMARKS[Pace.WEEKLY])
            view = published_view(connection, self.office, self.period, scope)
            if view is not None:
                if {recipient_of(each).label for each in people} <= told(
                    connection, self.office, view
                ) and people:
                    return _in_words(view, scope)  # before a picture is drawn for nobody
                ledger = digests.ledger(connection, self.period.name, scope.key)
            else:
                view, ledger = self._count(connection, scope), fresh
                if not scope.is_city and not view.total.rate.denominator:
                    return _in_words(view, scope)
                self._publish(connection, scope, view, fresh)
            edition = Edition(view, attachments(self.office, view, ledger))
            sent_to = enqueue(connection, self.office, edition, people, self.now)
        return replace(_in_words(view, scope), sent_to=sent_to)

    def _fresh_ledger(self, scope: DigestScope) -> bytes | None:
        """None where something went out already, where nothing is tracked, and of a period that is over,
        whose figures are of another day than the workbook would be.
        """
        if paces.counted_at(self.period, self.now, self.office.rules.calendar) < self.now:
            return None
        with self.office.database.read() as connection:
            if digests.published(connection, self.period.name, scope.key) is not None:
                return None
            table = count_rates(connection, self.office, scope.by, self.now, past=False, scope=scope.counted)
        return make_ledger(self.office, scope, now=self.now) if table.total.rectified.denominator else None

    def _count(self, connection: Connection, scope: DigestScope) -> DigestView:
        history.take_history_turn(connection)  # rates, lists and sentence are of one moment
        return count_digest(connection, self.office, self.period, scope, self.now, late_from=self.late_from)

    def _publish(
        self, connection: Connection, scope: DigestScope, view: DigestView, ledger: bytes | None
    ) -> None:
        last = history.last_id(connection) if view.as_of == self.now else None
        digests.publish(
            connection,
            self.period.name,
            scope.key,
            as_of=view.as_of,
            at=self.now,
            snapshot=freeze(view, last),
            ledger=ledger,
        )


def _in_words(view: DigestView, scope: DigestScope) -> Digest:
    said = render_digest(view, "markdown")
    return Digest(view, scope, said.text, f"{view.scope}{said.summary}", unfinished_sentence(view.unfinished))
