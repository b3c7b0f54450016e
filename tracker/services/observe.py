"""Running the probes that are due; what they see lands beside the item as evidence.

Must never change where an item stands: a person strikes off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tracker.domain.items import Item
from tracker.probes.base import Observation, Probe, Target
from tracker.services.office import Office
from tracker.store import items, observations
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
    )


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
    result = StoredObservation(target.number, probe.name, saw.verdict.value, saw.evidence, now)
    with office.database.write() as connection:
        observations.add(connection, result)
    return result
