"""What was published stays as it was said; a correction stands beside it; an alteration shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.conftest import BuildOffice
from tests.services.scenes import know, strike_off
from tests.support import Clock, at, take_in
from tracker.domain.errors import ForbiddenError, NotFoundError, RectifyError
from tracker.domain.lifecycle import Event
from tracker.domain.rates import Rate
from tracker.services import publishing
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.report import detailed_table
from tracker.store import snapshots
from tracker.store.rates import By
from tracker.store.schema import rate_snapshot

STAFF = "审批局经办"


@pytest.fixture
def office(office: Office, clock: Clock) -> Office:
    take_in(office, clock())
    strike_off(office, [1, 2], clock.set("2021-07-26 10:00"))
    return office


def test_published_figures_do_not_move_with_the_items(office: Office, clock: Clock) -> None:
    then = {by: detailed_table(office, by, now=clock()) for by in publishing.CUTS}
    publishing.publish(office, "第三季度", by=STAFF, now=clock())
    perform(office, Event.REOPEN, [1], by=STAFF, now=clock.advance(days=1), reason="核验有误")
    [kept] = publishing.publications(office)
    assert kept.is_sound
    for by, table in then.items():
        assert [line.row for line in kept.rows(by)] == list(table.rows)
        assert [line.median_days for line in kept.rows(by)] == [
            table.median_days.get(row.key) for row in table.rows
        ]
    assert (kept.total.row.rectified, kept.total.median_days) == (Rate(2, 9), 3)
    assert kept.stored.items == 9


def test_a_past_moment_is_published_as_it_was(office: Office, clock: Clock) -> None:
    now = clock.advance(days=3)
    at_once = publishing.publish(office, "当时", by=STAFF, now=at("2021-07-26 10:00"))
    strike_off(office, [3], now)
    later = publishing.publish(office, "补发", by=STAFF, now=now, as_of=at("2021-07-26 10:00"))
    assert later.stored.figures == at_once.stored.figures
    assert later.stored.list_digest == at_once.stored.list_digest
    today = publishing.publish(office, "今天", by=STAFF, now=now)
    assert today.stored.list_digest != later.stored.list_digest


def test_a_correction_names_the_one_it_corrects_and_both_stay(office: Office, clock: Clock) -> None:
    first = publishing.publish(office, "第三季度", by=STAFF, now=clock())
    other = publishing.publish(office, "另一期", by=STAFF, now=clock())
    strike_off(office, [3], clock.advance(hours=1))
    second = publishing.publish(
        office, "第三季度", by=STAFF, now=clock(), corrects=first.stored.id, reason="漏计一项"
    )
    found = publishing.publications(office)
    assert [each.total.row.rectified.numerator for each in found] == [2, 2, 3]
    assert found[0].corrected_by == (second.stored.id,)
    assert all(each.is_sound for each in found)
    for one in (first, second):
        ids = [each.stored.id for each in publishing.family(found, one.stored.id)]
        assert ids == [first.stored.id, second.stored.id]
    assert [each.stored.id for each in publishing.family(found, other.stored.id)] == [other.stored.id]


@pytest.mark.parametrize("column", ["figures", "items", "published_by", "reason", "title"])
def test_an_altered_publication_is_no_longer_sound(office: Office, clock: Clock, column: str) -> None:
    publishing.publish(office, "甲", by=STAFF, now=clock())
    made = publishing.publish(office, "乙", by=STAFF, now=clock(), corrects=1, reason="漏计")
    with office.database.write() as connection:
        figures = dict(connection.execute(select(rate_snapshot.c.figures)).scalars().all()[1])
        figures["total"] = figures["total"] | {"open": 0}
        altered = {"figures": figures, "items": 8}.get(column, "改")
        statement = update(rate_snapshot).where(rate_snapshot.c.id == made.stored.id)
        connection.execute(statement.values({column: altered}))
    assert [each.is_sound for each in publishing.publications(office)] == [True, False]


def test_the_store_has_no_way_to_change_or_remove_a_publication() -> None:
    """By name: whoever adds one has to come here."""
    public = {name for name, each in vars(snapshots).items() if callable(each) and not name.startswith("_")}
    own = {name for name in public if vars(snapshots)[name].__module__ == snapshots.__name__}
    assert own == {"StoredSnapshot", "next_id", "add", "all_snapshots", "counted_items"}


def test_places_are_published_with_the_units(office: Office, clock: Clock) -> None:
    made = publishing.publish(office, "第三季度", by=STAFF, now=clock())
    lines = {line.row.key: (line.place, line.unranked) for line in made.rows(By.UNIT)}
    assert lines == {
        "市教育局": (1, None),
        "市民政局": (None, "事项较少，不参与排名"),
        "澜东区": (None, "事项较少，不参与排名"),
    }


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"title": " "}, RectifyError),
        ({"title": "长" * 201}, RectifyError),
        ({"by": " "}, RectifyError),
        ({"as_of": at("2021-07-27 10:00")}, RectifyError),
        ({"corrects": 1}, RectifyError),
        ({"reason": "无所更正"}, RectifyError),
        ({"corrects": 7, "reason": "没有这一次"}, NotFoundError),
        ({"by": "李联"}, ForbiddenError),
    ],
    ids=["no title", "long title", "nobody", "to come", "no reason", "no number", "unknown", "a contact"],
)
def test_what_cannot_be_published_leaves_nothing(
    office: Office, clock: Clock, given: dict[str, object], error: type[RectifyError]
) -> None:
    know(office, "市教育局,李联,联络员,,,,")
    with pytest.raises(error):
        publishing.publish(office, **({"title": "第三季度", "by": STAFF, "now": clock()} | given))
    assert publishing.publications(office) == []


def test_a_unit_of_the_registry_that_is_exempt_has_no_place(
    office: Office, build_office: BuildOffice, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "units.toml").write_text(
        '[[unit]]\nname = "市教育局"\nlevel = "department"\nranked = false\n', "utf-8"
    )
    made = publishing.publish(build_office(config=tmp_path), "第三季度", by=STAFF, now=clock())
    [line] = [each for each in made.rows(By.UNIT) if each.row.key == "市教育局"]
    assert (line.place, line.unranked) == (None, "纳入考核，不进行排名通报")
