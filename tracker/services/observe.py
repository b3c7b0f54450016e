"""Running the probes that are due; what they see lands beside the item as evidence.

Must never change where an item stands but through `verify_alone`, for the classes that say so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tracker.domain.items import Item
from tracker.probes.base import Observation, Probe, Target
from tracker.services.advance import load
from tracker.services.office import Office
from tracker.services.picturing import pictured
from tracker.services.verifying import verify_alone
from tracker.store import checks, items, observations, screenshots
from tracker.store.clockwork import take_planning_turn
from tracker.store.observations import StoredObservation

_BATCH = 50


def observe(
    office: Office, clock: Callable[[], datetime], *, probe_name: str | None = None
) -> list[StoredObservation]:
    """Look at every page that is due; each look is claimed first, so two processes do not both look."""
    probes = {
        code: probe
        for probe in office.probes
        if probe_name in {None, probe.name}
        for code in sorted(probe.classes)
    }
    seen: list[StoredObservation] = []
    ends_at = clock() + timedelta(minutes=office.rules.walk.run_minutes)
    while due := _due(office, clock(), sorted(probes)):
        for item in due:
            # Claimed first: the next check moves ahead, so the loop ends and nobody looks twice.
            if _claim(office, item.number, clock()):
                target = target_of(office, item, clock())
                probe = probes[item.problem_class]
                seen.append(_record(office, probe, target, probe.look(target), clock()))
            if clock() >= ends_at:
                return seen  # what is left stays due for the next run
    return seen


def target_of(office: Office, item: Item, now: datetime) -> Target:
    """What a probe is to look at for an item."""
    return Target(
        number=item.number,
        problem_class=item.problem_class,
        text=item.text,
        url=item.page_url or "",
        now=now.astimezone(office.rules.calendar.zone),
        issued_on=item.issued_on,
        bulletin=item.bulletin,
        read_since=_read_since(office, item.number),
    )


def _read_since(office: Office, number: int) -> datetime | None:
    """Pages kept from before the unit handed in, or from before somebody asked, would show the old state."""
    with office.database.read() as connection:
        beside = checks.of_items(connection, [number])[number]
    moments = [moment for moment in (beside.seen.counts_from, beside.asked_at) if moment is not None]
    return max(moments, default=None)


def _due(office: Office, now: datetime, classes: list[str]) -> list[Item]:
    with office.database.read() as connection:
        return items.due_checks(connection, now, classes, _BATCH)


def _claim(office: Office, number: int, now: datetime) -> bool:
    next_at = now + timedelta(hours=office.rules.check_every_hours)
    with office.database.write() as connection:
        return observations.claim_check(connection, number, now, next_at)


def _record(
    office: Office, probe: Probe, target: Target, saw: Observation, now: datetime
) -> StoredObservation:
    """Keep what was seen, and do what follows from it without a person; `checked_at`: it began then."""
    picture, told = pictured(office, target, saw, now)
    result = StoredObservation(
        target.number, probe.name, saw.verdict.value, {**saw.evidence, **told}, target.now.astimezone(UTC)
    )
    automatic = any(each.auto_verify and each.code == target.problem_class for each in office.rules.classes)
    with office.database.write() as connection:
        if automatic:  # the turns and the lock of a step, in the order in which all take them
            take_planning_turn(connection)
            load(connection, [target.number])
        look_id = observations.add(connection, result)
        if picture:
            screenshots.add(connection, look_id, picture)
        if automatic:
            verify_alone(connection, office, target.number, now=now)
    return result
