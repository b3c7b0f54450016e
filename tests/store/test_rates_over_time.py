"""The rates at many moments in one walk are those that each moment gives by itself."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from tests.services.scenes import NEXT_BULLETIN
from tests.store.test_counted_rates import random_step
from tests.support import Clock, take_in
from tracker.domain.rates import WHOLE, Rate
from tracker.services.office import Office
from tracker.services.report import rate_table
from tracker.store.rates import ALL, By, Scope
from tracker.store.rates_over_time import rectified_at


def one_by_one(office: Office, moment: datetime, end: datetime, scope: Scope) -> dict[str, Rate]:
    table = rate_table(office, By.GROUP, now=end, as_of=moment, scope=scope)
    groups = {row.key: row.rectified for row in table.rows if row.rectified.denominator}
    return groups | {WHOLE: table.total.rectified}


@pytest.mark.slow
def test_many_moments_at_once_are_each_moment_by_itself(office: Office, clock: Clock) -> None:
    choice, moments = random.Random(11), [clock() - timedelta(days=1)]
    take_in(office, clock())
    for step in range(30):
        # Once the machine's clock is set back by a day: what was written later holds from then on.
        clock.advance(hours=choice.randint(1, 40) if step != 12 else -24)
        if step == 20:
            take_in(office, clock(), NEXT_BULLETIN, "三季度.txt")
        random_step(office, choice, clock())
        moments.append(clock())
    end = clock.advance(days=1)
    for scope in (ALL, Scope(bulletin_id=1)):
        with office.database.read() as connection:
            together = rectified_at(connection, scope, moments)
        assert together == [one_by_one(office, moment, end, scope) for moment in moments]
    assert any(rates[WHOLE].numerator for rates in together)
