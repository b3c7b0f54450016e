"""抽查: a random draw over items, recomputable by anybody. What people found of each: `spot_results`.

Must never draw by anything but seed and number, nor change a draw afterwards.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time

from tracker.domain.drawing import draw as draw_numbers
from tracker.domain.drawing import parse_population, population_digest, population_text
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, State
from tracker.domain.people import DECIDING
from tracker.domain.periods import plausible
from tracker.domain.text import printable
from tracker.services.judging import require
from tracker.services.office import Office
from tracker.services.revisit_dates import can_be_seen, schedule_looks
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, items, revisits, spot_checks
from tracker.store.revisits import StoredRevisit
from tracker.store.spot_checks import Drawn, StoredDraw, Wanted

MOST = 10_000
_SHOWN = 100
_LONGEST_SEED = 100


@dataclass(frozen=True)
class DrawnItem:
    """A drawn item as it stands now, what was found of it, and what a probe saw (None: none looks)."""

    drawn: Drawn
    item: Item | None
    look: StoredRevisit | None


@dataclass(frozen=True)
class DrawFile:
    """One draw with all that was drawn, in its order."""

    draw: StoredDraw
    items: list[DrawnItem]

    @property
    def undecided(self) -> int:
        return sum(each.drawn.result is None for each in self.items)


@dataclass(frozen=True)
class Verified:
    """Whether the population that is kept has its digest, and seed and population give what was drawn."""

    digest_holds: bool
    draw_holds: bool

    @property
    def holds(self) -> bool:
        return self.digest_holds and self.draw_holds


@dataclass(frozen=True)
class Choice:
    """Which items are drawn from: as the command line and the form say it."""

    unit: str | None = None
    domain: str | None = None
    problem_class: str | None = None
    struck_off_since: date | None = None
    everything: bool = False


def draw(
    office: Office,
    choice: Choice,
    *,
    count: int,
    by: str,
    now: datetime,
    seed: str | None = None,
    per_unit: bool = False,
) -> DrawFile:
    """Draw `count` items and keep all that it takes to draw them again; those that a probe can see are looked
    at by its next run. Without a seed one is made up.

    Raises RectifyError for a choice that nothing fits, a seed that is no single line, or more units than are
    to be drawn where each shall have one; NotFoundError for an unknown unit or class; ForbiddenError.
    """
    if not 1 <= count <= MOST:
        raise RectifyError(f"抽取的数目须在 1 至 {MOST} 之间")
    seed = secrets.token_hex(8) if seed is None else _checked_seed(seed)
    with office.database.write() as connection:
        require(connection, by, DECIDING, "抽查")
        population = spot_checks.population(connection, _wanted(connection, office, choice))
        if not population:
            raise RectifyError("没有符合条件的事项可供抽取")
        try:
            numbers = draw_numbers(population, count, seed, per_unit=per_unit)
        except ValueError:
            units = len(set(population.values()))
            raise RectifyError(f"涉及 {units} 个单位，每个单位至少一项，抽取的数目须不少于 {units}") from None
        text = population_text(population)
        draw_id = spot_checks.add(
            connection,
            text=text,
            numbers=numbers,
            seed=seed,
            wanted=count,
            per_unit=per_unit,
            filters=_filters(choice),
            size=len(population),
            digest=population_digest(text),
            drawn_at=now,
            drawn_by=by,
        )
        _have_looked_at(connection, office, numbers, draw_id, now)
        return open_draw(connection, draw_id)


def show(office: Office, draw_id: int) -> DrawFile:
    """Raises NotFoundError for a number that no draw has."""
    with office.database.read() as connection:
        return open_draw(connection, draw_id)


def list_draws(office: Office) -> list[StoredDraw]:
    """Newest first."""
    with office.database.read() as connection:
        return spot_checks.latest(connection, _SHOWN)


def verify(office: Office, draw_id: int) -> Verified:
    """Draw again from the population that was kept. Raises NotFoundError."""
    with office.database.read() as connection:
        found = find_draw(connection, draw_id)
        text = spot_checks.population_of(connection, draw_id)
        drawn = [each.item_number for each in spot_checks.drawn(connection, draw_id)]
    again = draw_numbers(parse_population(text), found.wanted, found.seed, per_unit=found.per_unit)
    return Verified(population_digest(text) == found.digest, again == drawn)


def population_of(office: Office, draw_id: int) -> str:
    """The text whose digest was kept. Raises NotFoundError."""
    with office.database.read() as connection:
        find_draw(connection, draw_id)
        return spot_checks.population_of(connection, draw_id)


def _checked_seed(seed: str) -> str:
    if not seed.strip() or printable(seed) != seed or len(seed) > _LONGEST_SEED:
        raise RectifyError(f"种子须为一行文字，首尾没有空格，不超过 {_LONGEST_SEED} 个字")
    return seed


def _wanted(connection: Connection, office: Office, choice: Choice) -> Wanted:
    code = choice.problem_class
    if code is not None and code not in {each.code for each in office.rules.classes}:
        raise NotFoundError(f"没有代码为“{code}”的问题类别", details={"class": code})
    since = plausible(choice.struck_off_since) if choice.struck_off_since else None
    return Wanted(
        UnitBook(connection, office.rules).find(choice.unit) if choice.unit else None,
        choice.domain,
        code,
        office.rules.calendar.at(since, time(0)) if since else None,
        choice.everything,
    )


def _filters(choice: Choice) -> dict[str, object]:
    since = choice.struck_off_since
    given = vars(choice) | {"struck_off_since": since.isoformat() if since else None}
    return {name: value for name, value in given.items() if value}


def _have_looked_at(
    connection: Connection, office: Office, numbers: list[int], draw_id: int, now: datetime
) -> None:
    found = items.by_numbers(connection, numbers)
    struck_off = [each for each in found if each.standing.state is State.STRUCK_OFF]
    schedule_looks(connection, office, struck_off, draw_id, now)
    for item in found:
        if item.standing.state not in FINAL and can_be_seen(office, item):
            items.set_columns(connection, item.number, next_check_at=now)


def find_draw(connection: Connection, draw_id: int) -> StoredDraw:
    """Raises NotFoundError for a number that no draw has."""
    found = spot_checks.get(connection, draw_id)
    if found is None:
        raise NotFoundError(f"没有序号为 {draw_id} 的抽查", details={"spot_check": draw_id})
    return found


def open_draw(connection: Connection, draw_id: int) -> DrawFile:
    """A draw with all that was drawn. Raises NotFoundError."""
    drawn = spot_checks.drawn(connection, draw_id)
    numbers = [each.item_number for each in drawn]
    known = {item.number: item for item in items.by_numbers(connection, numbers)}
    looks = revisits.of_items(connection, numbers, draw_id)
    listed = [DrawnItem(each, known.get(each.item_number), looks.get(each.item_number)) for each in drawn]
    return DrawFile(find_draw(connection, draw_id), listed)
