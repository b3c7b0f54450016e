"""Whoever alters what was done is found, on both databases; what was done properly never is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import NEXT_BULLETIN, at_once, strike_off
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import Event, Standing, State
from tracker.domain.trail import SEALED, seal
from tracker.services import advance, audit
from tracker.services.audit import Anchor, FaultKind, Verdict, last_seal_fits, verify
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.services.report import RateTable, rate_table
from tracker.services.step_back import undo_step
from tracker.services.undo import undo
from tracker.store import Connection, history, trail
from tracker.store.rates import By
from tracker.store.schema import evidence, item, sighting
from tracker.store.schema import history as rows

NOW, LATER, LAST = at("2021-07-23 17:00"), at("2021-10-22 17:00"), at("2021-10-25 09:00")
Found = list[tuple[FaultKind, int | None, int | None]]


def work(office: Office) -> None:
    """Nine items (rows 1 to 9), three signed (10, 12, 13), one handed in with a file and a link (11)."""
    take_in(office, NOW)
    proofs = [Evidence.file("截图.png", b"png"), Evidence.link("https://example.org/")]
    advance.perform(office, Event.SIGN, [1], by="李联", now=NOW, reason="收到")
    advance.perform(office, Event.SUBMIT, [8], by="李联", now=NOW, evidence=proofs)
    advance.perform(office, Event.SIGN, [2], by="李联", now=LATER)
    advance.perform(office, Event.SIGN, [3], by="李联", now=LATER)


@pytest.fixture
def worked(office: Office, begin: Begin) -> Office:
    begin(work)
    return office


def named(verdict: Verdict) -> Found:
    return [(fault.kind, fault.history_id, fault.number) for fault in verdict.faults]


def tamper(office: Office, act: Callable[[Connection], object]) -> None:
    with office.database.write() as connection:
        act(connection)


def values_of(connection: Connection, history_id: int) -> dict[str, object]:
    return dict(connection.execute(select(rows).where(rows.c.id == history_id)).mappings().one())


def row(history_id: int, **values: object) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(update(rows).where(rows.c.id == history_id).values(values))


def without(*history_ids: int) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(delete(rows).where(rows.c.id.in_(history_ids)))


def without_item(number: int, *, with_rows: bool) -> Callable[[Connection], object]:
    def act(connection: Connection) -> None:
        connection.execute(delete(sighting).where(sighting.c.item_number == number))
        if with_rows:
            connection.execute(delete(rows).where(rows.c.item_number == number))
        connection.execute(delete(item).where(item.c.number == number))

    return act


def added(**values: object) -> Callable[[Connection], object]:
    """One more row at the end, made after the last; sealed properly unless a digest is given."""

    def act(connection: Connection) -> None:
        last = values_of(connection, 13)
        new = values_of(connection, 4) | {"id": 14} | values
        sealed = seal([new[name] for name in SEALED], str(last["digest"]))
        connection.execute(insert(rows).values({**new, "digest": values.get("digest", sealed)}))

    return act


def swapped(one: int, other: int) -> Callable[[Connection], object]:
    def act(connection: Connection) -> None:
        for before, after in ((one, 0), (other, one), (0, other)):
            connection.execute(update(rows).where(rows.c.id == before).values(id=after))

    return act


def state_of_item(connection: Connection) -> None:
    connection.execute(update(item).where(item.c.number == 5).values(state="struck_off"))


def bytes_of_file(connection: Connection) -> None:
    connection.execute(update(evidence).where(evidence.c.kind == "file").values(content=b"other"))


def evidence_elsewhere(connection: Connection) -> None:
    connection.execute(update(evidence).where(evidence.c.kind == "link").values(item_number=7))


ALTERED, MISSING, MISCOUNTED = (
    FaultKind.ROW_ALTERED,
    FaultKind.ROWS_MISSING,
    (FaultKind.ITEMS_MISCOUNTED, None, None),
)
TAMPERING: Mapping[str, tuple[Callable[[Connection], object], Found]] = {
    "reason": (row(10, reason="另有原因"), [(ALTERED, 10, 1)]),
    "detail": (row(10, detail={"due_on": [None, "2022-01-01"]}), [(ALTERED, 10, 1)]),
    "moment": (row(5, at=LATER), [(ALTERED, 5, 5)]),
    "actor": (row(13, actor="王核"), [(ALTERED, 13, 3)]),
    "row in the middle": (without(10), [(MISSING, 11, 8), (FaultKind.ITEM_DIFFERS, 1, 1)]),
    "first row": (without(1), [(MISSING, 2, 2)]),
    "last row": (without(13), [(FaultKind.ITEM_DIFFERS, 3, 3)]),
    "only row of an item": (without(5), [(MISSING, 6, 6), (FaultKind.ITEM_UNTOLD, None, 5)]),
    "row added": (added(reason="补记", digest="f" * 64), [(ALTERED, 14, 4)]),
    "row added and sealed": (added(state="struck_off"), [(FaultKind.ITEM_DIFFERS, 14, 4)]),
    "two rows swapped": (
        swapped(10, 12), [(ALTERED, 10, 2), (ALTERED, 11, 8), (ALTERED, 12, 1), (ALTERED, 13, 3)],
    ),
    "state of an item": (state_of_item, [(FaultKind.ITEM_DIFFERS, 5, 5)]),
    "bytes of a file": (bytes_of_file, [(FaultKind.FILE_ALTERED, 11, 8)]),
    "evidence of another item": (evidence_elsewhere, [(FaultKind.EVIDENCE_DIFFERS, 11, 7)]),
    "item with its rows": (without_item(5, with_rows=True), [(MISSING, 6, 6), MISCOUNTED]),
    "item alone": (without_item(5, with_rows=False), [(FaultKind.ITEM_MISSING, 5, 5), MISCOUNTED]),
}  # fmt: skip


def test_an_office_without_history_is_clean(office: Office) -> None:
    assert verify(office) == Verdict(rows=0, items=0, faults=(), faults_in_all=0, last=None)
    assert last_seal_fits(office)


def test_what_was_done_properly_is_clean(worked: Office) -> None:
    verdict = verify(worked)
    assert (verdict.rows, verdict.items, verdict.faults) == (13, 9, ())
    assert verdict.last is not None
    assert (verdict.last.id, verdict.last.at) == (13, LATER)
    assert last_seal_fits(worked)


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found_and_named(worked: Office, what: str) -> None:
    act, expected = TAMPERING[what]
    tamper(worked, act)
    assert named(verify(worked)) == expected


def test_the_last_item_of_an_import_cannot_go_with_its_rows(office: Office) -> None:
    take_in(office, NOW)
    tamper(office, without_item(9, with_rows=True))
    assert named(verify(office)) == [MISCOUNTED]


@pytest.mark.parametrize(("history_id", "fits"), [(13, False), (12, False), (11, True)])
def test_the_last_seal_covers_the_last_row_and_the_seal_before(
    worked: Office, history_id: int, fits: bool
) -> None:
    tamper(worked, row(history_id, digest="0" * 64))
    assert last_seal_fits(worked) is fits


def test_a_value_of_the_wrong_kind_is_found_and_read_around(worked: Office) -> None:
    """SQLite alone keeps anything in any column."""
    if not worked.database.is_sqlite:
        pytest.skip("PostgreSQL refuses such values itself")
    garbage = {3: "detail = '{'", 5: "at = 'gestern'", 7: "actor = x'00ff'", 13: "due_on = 7"}
    for history_id, change in garbage.items():
        statement = text(f"UPDATE history SET {change} WHERE id = {history_id}")
        tamper(worked, partial(Connection.execute, statement=statement))
    verdict = verify(worked)
    assert [each.history_id for each in verdict.faults if each.kind is ALTERED] == list(garbage)
    assert verdict.last is not None
    assert verdict.last.at is None


def test_a_thousand_faults_are_named_and_the_rest_counted(
    worked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MAX_NAMED", 5)
    tamper(worked, lambda connection: connection.execute(update(rows).values(actor="王核")))
    verdict = verify(worked)
    assert (len(verdict.faults), verdict.faults_in_all) == (5, 13)


def test_progress_ends_with_all_rows(worked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_BATCH", 5)
    seen: list[tuple[int, int]] = []
    assert verify(worked, progress=lambda done, total: seen.append((done, total))).faults == ()
    assert seen == [(5, 13), (10, 13), (13, 13)]


def test_who_seals_everything_anew_is_found_by_a_seal_kept_elsewhere(worked: Office) -> None:
    last = verify(worked).last
    assert last is not None
    anchor = Anchor(last.id, last.digest)
    tamper(worked, row(10, reason="另有原因"))
    tamper(worked, seal_anew)
    assert verify(worked).faults == ()
    assert named(verify(worked, against=anchor)) == [(FaultKind.ANCHOR_DIFFERS, 13, None)]


def seal_anew(connection: Connection) -> None:
    digest = ""
    for found in connection.execute(select(rows).order_by(rows.c.id)).mappings().all():
        digest = seal([found[name] for name in SEALED], digest)
        row(found["id"], digest=digest)(connection)


def test_a_seal_kept_elsewhere_holds_while_the_history_goes_on_and_shows_a_cut_end(worked: Office) -> None:
    advance.watch(worked, [4], url="https://example.org/", by="李联", now=LATER)
    last = verify(worked).last
    assert last is not None
    anchor = Anchor(last.id, last.digest)
    advance.perform(worked, Event.SIGN, [5], by="李联", now=LATER)
    assert verify(worked, against=anchor).faults == ()
    tamper(worked, without(15))
    tamper(worked, lambda connection: connection.execute(
        update(item).where(item.c.number == 5).values(state="open")
    ))  # fmt: skip
    assert verify(worked, against=anchor).faults == ()
    tamper(worked, without(14))
    assert verify(worked).faults == ()
    assert named(verify(worked, against=anchor)) == [(FaultKind.ANCHOR_DIFFERS, 14, None)]


@pytest.mark.parametrize(
    "act",
    [
        lambda connection: connection.execute(delete(evidence).where(evidence.c.kind == "link")),
        lambda connection: connection.execute(delete(evidence)),
        lambda connection: connection.execute(
            update(evidence).where(evidence.c.kind == "link").values(value="https://example.com/")
        ),
        lambda connection: connection.execute(
            update(evidence)
            .where(evidence.c.kind == "file")
            .values(content=b"other", sha256=hashlib.sha256(b"other").hexdigest())
        ),
        partial(history.add_evidence, number=8, history_id=11, kind="note", value="已整改"),
    ],
    ids=["one gone", "all gone", "altered", "file and its digest exchanged", "added"],
)
def test_evidence_is_compared_with_what_its_row_notes(
    worked: Office, act: Callable[[Connection], object]
) -> None:
    tamper(worked, act)
    assert named(verify(worked)) == [(FaultKind.EVIDENCE_DIFFERS, 11, 8)]


def test_a_step_that_came_without_evidence_cannot_get_some_later(worked: Office) -> None:
    tamper(worked, partial(history.add_evidence, number=2, history_id=12, kind="note", value="已整改"))
    assert named(verify(worked)) == [(FaultKind.EVIDENCE_DIFFERS, 12, 2)]


def test_a_step_of_a_version_that_noted_no_evidence_is_taken_as_it_is(worked: Office) -> None:
    tamper(worked, row(11, detail={}))
    tamper(worked, seal_anew)
    assert verify(worked).faults == ()


def test_evidence_of_a_step_that_its_maker_took_back_is_still_compared(worked: Office) -> None:
    undo_step(worked, [8], by="李联", now=NOW + timedelta(minutes=5))
    assert verify(worked).faults == ()
    tamper(worked, lambda connection: connection.execute(delete(evidence)))
    assert named(verify(worked)) == [(FaultKind.EVIDENCE_DIFFERS, 11, 8)]


REPLY = """市教育局关于政务服务问题整改情况的报告

2021年10月10日

市审批局：
一、关于没有设置统计信息专栏的问题。该专栏已增设，已完成整改。

市教育局
2021年10月10日
"""


def test_undone_imports_leave_a_clean_history(office: Office) -> None:
    take_in(office, NOW)
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    take_in(office, LATER, REPLY, "回复.txt")
    for bulletin_id in (3, 2, 1):
        undo(office, bulletin_id, by=" 经办 ", reason="选错了文件", now=LAST)
        assert verify(office).faults == ()
    take_in(office, LAST)
    verdict = verify(office)
    assert (verdict.items, verdict.faults) == (9, ())
    assert verdict.rows > 9


def test_an_item_is_not_gone_by_undoing_because_a_row_says_so(office: Office) -> None:
    take_in(office, NOW)
    undo(office, 1, by="经办", reason="选错了文件", now=LATER)
    with office.database.write() as connection:
        connection.execute(text("UPDATE bulletin SET undone_by = '另一人'"))
    assert [each[0] for each in named(verify(office))] == [FaultKind.ITEM_MISSING] * 9


def test_past_rates_of_the_others_are_the_same_after_an_undo(office: Office) -> None:
    take_in(office, NOW)
    moments = [NOW]
    for number, day in ((1, "2021-07-26 10:00"), (2, "2021-07-29 10:00")):
        strike_off(office, [number], at(day))
        moments.append(at(day))
    other = BULLETIN.replace("季度考核", "专项检查").replace("专栏", "栏目").replace("7月23日", "7月30日")
    before = {(by, moment): table(office, by, moment) for by in By for moment in [*moments, LATER]}
    take_in(office, at("2021-07-30 09:00"), other, "专项.txt")
    assert table(office, By.GROUP, LATER) != before[By.GROUP, LATER]
    undo(office, 2, by="经办", reason="选错了文件", now=LATER - timedelta(hours=1))
    assert {key: table(office, *key) for key in before} == before


def table(office: Office, by: By, moment: datetime) -> RateTable:
    return rate_table(office, by, now=LAST, as_of=moment)


WORDS = st.text("甲乙丙abc ", max_size=6)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2026, 12, 31))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
COLUMNS: Mapping[str, st.SearchStrategy[object]] = {
    "id": st.integers(1, 60),
    "item_number": st.integers(1, 9),
    "at": MOMENTS,
    "actor": WORDS,
    "event": st.sampled_from(["sign", "submit", "update", "undo"]),
    "reason": st.none() | WORDS,
    "detail": st.dictionaries(WORDS, st.none() | st.integers(0, 9) | st.lists(WORDS, max_size=2), max_size=2),
    "state": st.sampled_from([state.value for state in State]),
    "due_on": DAYS,
    "due_at": st.none() | MOMENTS,
    "submitted_at": st.none() | MOMENTS,
    "finished_at": st.none() | MOMENTS,
    "deferred_until": DAYS,
    "digest": st.text("0123456789abcdef", min_size=64, max_size=64),
}
ROWS = st.fixed_dictionaries(dict(COLUMNS))


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=8), st.sampled_from(list(COLUMNS)), st.data())
def test_any_change_of_one_column_of_any_row_is_found(
    office: Office, drawn: list[dict[str, object]], column: str, data: st.DataObject
) -> None:
    with office.database.write() as connection:
        connection.execute(delete(rows))
        for values in drawn:
            write(connection, values)
        ids = connection.execute(select(rows.c.id).order_by(rows.c.id)).scalars().all()
    chosen = data.draw(st.sampled_from(ids))
    value: object = data.draw(COLUMNS[column])
    if column == "id":
        value = ids[-1] + 1
    with office.database.write() as connection:
        assume(values_of(connection, chosen)[column] != value)
        assert broken_rows(office) == []
        row(chosen, **{column: value})(connection)
    assert broken_rows(office)[:1] == [
        # A row that went to the end is missed where it stood, and broken where it stands.
        next((each for each in ids if each > chosen), value) if column == "id" else chosen
    ]


def write(connection: Connection, values: Mapping[str, object]) -> None:
    dates = {name: values[name] for name in SEALED if name.endswith(("_at", "_on", "until")) and name != "at"}
    standing = Standing(State(str(values["state"])), **dates)  # type: ignore[arg-type]
    history.append(
        connection,
        at=values["at"],  # type: ignore[arg-type]
        actor=str(values["actor"]),
        event=str(values["event"]),
        reason=values["reason"],  # type: ignore[arg-type]
        rows=[(values["item_number"], standing, values["detail"])],  # type: ignore[list-item]
    )


def broken_rows(office: Office) -> list[int | None]:
    return [each.history_id for each in verify(office).faults if each.kind in {ALTERED, MISSING}]


@pytest.mark.slow
def test_many_at_once_leave_one_chain(build_office: BuildOffice, office: Office) -> None:
    take_in(office, NOW)

    def step(each: Office, first: int) -> None:
        for number in range(first, first + 6):
            for event in (Event.SIGN, Event.SUBMIT):
                try:
                    advance.perform(each, event, [number % 9 + 1, 9 - number % 9], by="李联", now=NOW)
                except TransitionError:
                    continue

    def take(each: Office, name: str) -> None:
        for turn in range(2):
            words = BULLETIN.replace("季度考核", f"{name}{turn}").replace("专栏", f"{name}{turn}栏目")
            undone = take_in(each, LATER, words, f"{name}{turn}.txt").bulletin_id
            assert undone is not None
            try:
                undo(each, undone, by="经办", reason="选错了文件", now=LATER)
            except TransitionError:  # another import lists some of them too
                continue

    offices = [build_office() for _ in range(3)]
    results = at_once(
        *(partial(step, each, 3 * place) for place, each in enumerate(offices)),
        *(partial(take, each, name) for each, name in zip(offices, "甲乙丙", strict=True)),
    )
    assert results == [None] * 6
    assert verify(office).faults == ()
    with office.database.read() as connection:
        assert (connection.execute(select(func.count()).select_from(rows)).scalar() or 0) > 40
