"""Taking bulletins in: the real one, the same again, the next quarter's, and everything unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import BuildOffice
from tests.services.scenes import NEXT_BULLETIN, at_once, counts, rows, strike_off
from tests.support import BULLETIN, Clock, at, take_in
from tracker.domain.errors import IntakeError, UnknownUnitError
from tracker.domain.lifecycle import Event, State
from tracker.services import advance, inspect, register
from tracker.services.office import Office
from tracker.services.register import Source

NOW = at("2021-07-23 17:00")
LATER = at("2021-10-22 17:00")


def outcomes(preview: register.Preview) -> dict[str, str]:
    return {f"{each.item.unit}：{each.item.text}": each.outcome.value for each in preview.drafts}


def test_the_real_bulletin_becomes_its_454_items_of_50_units(office: Office, shared: Path) -> None:
    content = (shared / "seeds" / "bulletin-2021-q2.txt").read_bytes()
    preview = register.commit(office, Source(content, "通报.txt"), by="经办", now=NOW)
    assert preview.counts["new"] == 454
    assert Counter(draft.item.group for draft in preview.drafts) == {"市直": 368, "各区": 86}
    domains = Counter(draft.item.domain for draft in preview.drafts)
    assert domains == {"一网通办": 72, "互联网+监管": 148, "政务公开": 234}
    units = {unit.name for unit in inspect.list_units(office)}
    assert len(units) == len(preview.new_units) == 50
    # Each of these is written in two ways; the full one is kept.
    assert {"市自然资源和规划局", "市国家安全局"} <= units
    assert not {"市自规局", "市国安局"} & units
    assert counts(office)["history"] == 454


def test_the_real_bulletin_again_changes_nothing(office: Office, shared: Path) -> None:
    content = (shared / "seeds" / "bulletin-2021-q2.txt").read_bytes()
    register.commit(office, Source(content, "通报.txt"), by="经办", now=NOW)
    before = rows(office)
    again = register.commit(office, Source(content, "改了名.txt"), by="别人", now=LATER)
    assert again.already
    assert again.counts["unchanged"] == 454
    assert rows(office) == before


def test_the_same_file_under_another_name_changes_nothing(office: Office) -> None:
    take_in(office, NOW)
    before = rows(office)
    again = take_in(office, LATER, name="改了名.txt")
    assert again.already
    assert [draft.item.number for draft in again.drafts] == list(range(1, 10))
    assert rows(office) == before


@pytest.mark.parametrize("resave", [lambda s: s.replace("\n", "\r\n").encode(), lambda s: s.encode("gbk")])
def test_the_same_content_saved_anew_adds_a_bulletin_and_nothing_else(
    office: Office, resave: Callable[[str], bytes]
) -> None:
    take_in(office, NOW)
    before = rows(office)
    again = register.commit(office, Source(resave(BULLETIN), "另存.txt"), by="经办", now=LATER)
    after = rows(office)
    assert not again.already
    assert again.counts["unchanged"] == len(again.drafts) == 9
    assert len(after.pop("bulletin")) == len(before.pop("bulletin")) + 1
    assert len(after.pop("sighting")) == 2 * len(before.pop("sighting"))
    assert after == before


def test_a_preview_writes_nothing_and_foretells_the_import(office: Office) -> None:
    before = rows(office)
    foretold = register.preview(office, Source(BULLETIN.encode(), "通报.txt"))
    assert rows(office) == before
    assert {draft.item.number for draft in foretold.drafts} == {0}
    done = take_in(office, NOW)
    assert done.counts == foretold.counts
    assert done.new_units == foretold.new_units == ("市教育局", "市民政局", "澜东区")
    assert [draft.item.number for draft in done.drafts] == list(range(1, 10))


def test_the_next_bulletin_is_told_from_what_is_tracked(office: Office) -> None:
    take_in(office, NOW)
    inspect.confirm_units(office, [])
    strike_off(office, [4], at("2021-08-02 10:00"))  # 没有设置统计信息专栏
    preview = take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    assert outcomes(preview) == {
        "市教育局：有未评办件15件。": "unchanged",
        "市教育局：用户活跃度未达到50%。": "unchanged",
        "市教育局：没有设置统计信息专栏。": "reappeared",
        "市审计局：没有设置行政复议专栏。": "new",
        "澜东区：有未评办件982件。": "changed",
        "澜东区：没有设置公益性事业栏目。": "unchanged",
    }
    assert preview.new_units == ("市审计局",)
    # Left out, but not closed by that: two of 市教育局, both of 市民政局.
    assert preview.absent == (2, 5, 6, 7)
    assert {inspect.open_file(office, number).item.standing.state for number in preview.absent} == {
        State.OPEN
    }


def test_a_changed_count_is_kept_with_its_history_and_its_deadline(office: Office) -> None:
    take_in(office, NOW)
    due_on = inspect.open_file(office, 8).item.standing.due_on
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    file = inspect.open_file(office, 8)
    assert (file.item.quantity, file.item.measure, file.item.standing.due_on) == (300, "件", due_on)
    assert file.item.text == "有未评办件982件。"  # the words of its source stay
    assert [row.event for row in file.history] == ["import", "update"]
    assert file.history[1].detail["quantity"] == [982, 300]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_people_do_while_a_list_is_judged_is_not_turned_back_by_its_import(
    build_office: BuildOffice,
) -> None:
    office, colleague = build_office(), build_office()
    take_in(office, NOW)
    waiting = [partial(strike_off, colleague, [8], LATER)]

    def step_in(_done: int, _total: int) -> None:
        """Called when items are met already, and nothing is written yet."""
        while waiting:
            waiting.pop()()

    source = Source(NEXT_BULLETIN.encode(), "三季度.txt")
    done = register.commit(office, source, by="经办", now=LATER, progress=step_in)
    file = inspect.open_file(office, 8)
    assert [row.event for row in file.history] == ["import", "submit", "strike_off"]
    assert (file.item.standing.state, file.item.quantity) == (State.STRUCK_OFF, 982)
    assert [each.item.recurs for each in done.drafts if each.outcome.value == "reappeared"] == [8]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_item_taken_up_again_while_a_list_is_judged_is_not_made_anew(build_office: BuildOffice) -> None:
    office, colleague = build_office(), build_office()
    take_in(office, NOW)
    strike_off(office, [8], at("2021-08-02 10:00"))
    waiting = [
        partial(
            advance.perform, colleague, Event.REOPEN, [8], by="审批局核验员", now=LATER, reason="抽查未整改"
        )
    ]

    def step_in(_done: int, _total: int) -> None:
        while waiting:
            waiting.pop()()

    source = Source(NEXT_BULLETIN.encode(), "三季度.txt")
    done = register.commit(office, source, by="经办", now=LATER, progress=step_in)
    assert done.counts["reappeared"] == 0
    assert inspect.open_file(office, 8).item.quantity == 300


def test_a_problem_seen_again_is_a_new_item_linked_to_the_old_one(office: Office) -> None:
    take_in(office, NOW)
    strike_off(office, [4], at("2021-08-02 10:00"))
    preview = take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    [again] = [draft.item for draft in preview.drafts if draft.outcome.value == "reappeared"]
    assert (again.number, again.recurs) == (10, 4)
    assert inspect.open_file(office, 4).item.standing.state is State.STRUCK_OFF


def test_an_older_bulletin_taken_in_late_neither_doubles_nor_turns_back(office: Office) -> None:
    take_in(office, LATER, NEXT_BULLETIN, "三季度.txt")
    older = take_in(office, LATER)
    assert outcomes(older)["澜东区：有未评办件300件。"] == "unchanged"
    assert inspect.open_file(office, 5).item.quantity == 300
    assert older.counts["new"] == 4


def test_twins_in_one_list_stay_twins(office: Office) -> None:
    doubled = BULLETIN.replace("没有设置行政复议专栏。", "1.没有设置行政复议专栏。 2.没有设置行政复议专栏。")
    assert take_in(office, NOW, doubled).counts["new"] == 10
    resaved = take_in(office, NOW, doubled + "\n\n")
    assert resaved.counts["unchanged"] == 10
    assert counts(office)["item"] == 10


def test_an_import_that_fails_in_its_middle_leaves_nothing_behind(office: Office) -> None:
    long = BULLETIN.replace("澜东区", "澜" * 210 + "区")
    refuse_long_units(office)
    before = rows(office)
    with pytest.raises(Exception, match=r"(?i)unit name|value too long"):
        take_in(office, NOW, long)
    assert rows(office) == before
    assert take_in(office, NOW).counts["new"] == 9


def refuse_long_units(office: Office) -> None:
    """PostgreSQL refuses a name over 200 characters by itself; SQLite needs to be told."""
    if office.database.is_sqlite:
        with office.database.write() as connection:
            connection.execute(
                text(
                    "CREATE TRIGGER too_long BEFORE INSERT ON unit WHEN length(NEW.name) > 200 "
                    "BEGIN SELECT RAISE(ABORT, 'unit name too long'); END"
                )
            )


def test_strict_units_refuses_and_names_the_unknown(office: Office, tmp_path: Path) -> None:
    with pytest.raises(UnknownUnitError, match="市教育局、市民政局、澜东区") as caught:
        register.commit(office, Source(BULLETIN.encode(), "通报.txt", strict_units=True), by="经办", now=NOW)
    assert caught.value.details == {"units": ["市教育局", "市民政局", "澜东区"]}
    assert counts(office)["bulletin"] == counts(office)["unit"] == 0


def test_strict_units_accepts_units_a_person_has_confirmed(office: Office) -> None:
    take_in(office, NOW)
    inspect.confirm_units(office, [])
    again = Source((BULLETIN + "\n").encode(), "通报.txt", strict_units=True)
    assert register.commit(office, again, by="经办", now=NOW).counts["unchanged"] == 9


def test_a_problem_that_names_no_unit_waits_in_the_tray(office: Office) -> None:
    preview = take_in(office, NOW, BULLETIN.replace("2\t市民政局", "2\t"))
    assert [leftover.text for leftover in preview.unassigned] == [
        "有1个办件超时未受理。",
        "没有设置行政复议专栏。",
    ]
    assert {leftover.line for leftover in preview.unassigned} == {
        next(n for n, line in enumerate(BULLETIN.split("\n"), 1) if line.startswith("2\t市民政局"))
    }
    assert preview.counts["new"] == counts(office)["item"] == 7


def test_a_gbk_file_reads_like_the_utf8_one(office: Office) -> None:
    preview = register.commit(office, Source(BULLETIN.encode("gb18030"), "通报.txt"), by="经办", now=NOW)
    assert preview.counts["new"] == 9
    assert inspect.open_file(office, 1).item.text == "有未评办件15件。"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "为空"),
        (b"   \n\n", "没有文字"),
        (b"PK\x03\x04 cut", "."),
        (b"\x00\x01\x02\x03" * 99, "不是文本文件"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_and_writes_nothing(
    office: Office, content: bytes, words: str
) -> None:
    before = rows(office)
    with pytest.raises(IntakeError, match=words) as caught:
        register.commit(office, Source(content, "坏文件.txt"), by="经办", now=NOW)
    assert "坏文件.txt" in caught.value.message
    assert rows(office) == before


def test_a_truncated_file_keeps_what_is_whole_and_shows_what_is_not(office: Office) -> None:
    cut = BULLETIN.encode()[: BULLETIN.encode().index("没有设置公益性".encode()) + 7]
    preview = register.commit(office, Source(cut, "截断.txt"), by="经办", now=NOW)
    assert preview.counts["new"] == 8
    assert preview.counts["unread"] == 1
    assert "中断" in preview.unread[0].why


def test_a_document_without_a_date_asks_for_one(office: Office) -> None:
    undated = BULLETIN.replace("2021年7月23日", "").encode()
    with pytest.raises(IntakeError, match="--issued-on"):
        register.preview(office, Source(undated, "通报.txt"))
    told = register.preview(office, Source(undated, "通报.txt", issued_on=NOW.date()))
    assert told.reading.issued_on == NOW.date()


def test_the_office_teaches_its_own_names(build_office: BuildOffice, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "units.toml").write_text(
        '[[unit]]\nname = "市教育和体育局"\naliases = ["市教育局"]\nlevel = "department"\n'
        'site = "https://jyj.example.invalid"\n',
        "utf-8",
    )
    office = build_office(config=tmp_path / "config")
    preview = take_in(office, NOW)
    assert preview.new_units == ("市民政局", "澜东区")
    item = inspect.open_file(office, 4).item
    assert (item.unit, item.unit_as_written) == ("市教育和体育局", "市教育局")
    assert item.page_url == "https://jyj.example.invalid"


def test_a_district_office_is_never_taken_for_the_city_s(office: Office) -> None:
    below = BULLETIN.replace("1\t澜东区\t", "1\t澜东区教育局\t")
    take_in(office, NOW, below)
    levels = {unit.name: unit.level for unit in inspect.list_units(office)}
    assert levels == {"市教育局": "department", "市民政局": "department", "澜东区教育局": "below"}


def test_two_offices_importing_one_list_at_once_do_not_double_it(
    build_office: BuildOffice, clock: Clock
) -> None:
    one, two = build_office(), build_office()
    for number in range(5):
        content = BULLETIN.replace("云澜市", f"云澜市{number}")
        results = at_once(
            partial(take_in, one, clock(), content), partial(take_in, two, clock(), content + "\n")
        )
        assert not [result for result in results if isinstance(result, Exception)]
    assert counts(one)["item"] == 9
    assert counts(one)["bulletin"] == 10
