"""Units in use: one resolver for every door, what people taught it, and two units that turn out to be one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.conftest import BuildOffice
from tests.services.scenes import HEADER, counts, know, rows
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.units import Match
from tracker.intake.model import Finding, Source
from tracker.services import inspect
from tracker.services.contacts import import_contacts, list_contacts
from tracker.services.office import Office
from tracker.services.unit_aliases import Taught, merge_units, remember_alias, teach_alias
from tracker.services.unit_names import LikelyUnit, UnitNames, add_unit
from tracker.store import units
from tracker.store.items import ItemFilter

NOW = at("2021-07-23 17:00")
LATER = at("2021-10-22 17:00")
UNITS = """
[[unit]]
name = "市教育局"
aliases = ["市教委"]
level = "department"
[[unit]]
name = "市水利和湖泊局"
level = "department"
[[unit]]
name = "市工商行政管理局"
level = "department"
until = 2019-01-31
successor = "市市场监督管理局"
[[unit]]
name = "市市场监督管理局"
level = "department"
since = 2019-02-01
"""


@pytest.fixture
def office_with_units(build_office: BuildOffice, tmp_path: Path) -> Office:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "units.toml").write_text(UNITS, "utf-8")
    return build_office(config=tmp_path / "config")


def finding(unit: str, *, owner: str | None = None) -> Finding:
    return Finding(
        unit, None, None, "没有设置统计专栏", None, Source("通报.txt", None, 1, None, 1), None, owner
    )


def resolve(office: Office, *names: str, issued_on: date | None = None) -> UnitNames:
    with office.database.read() as connection:
        return UnitNames(connection, office.rules, [finding(name) for name in names], issued_on=issued_on)


def bulletin(unit: str, day: str = "2021年7月23日") -> str:
    return BULLETIN.replace("市民政局", unit).replace("2021年7月23日", day)


def unit_id(office: Office, name: str) -> int:
    return next(unit.id for unit in inspect.list_units(office) if unit.name == name)


def teach(office: Office, alias: str, unit: str, *, across_levels: bool = False) -> Taught:
    return teach_alias(office, alias, unit, by="王丽", now=LATER, across_levels=across_levels)


def test_of_every_written_name_it_is_told_how_it_met_the_registry(office_with_units: Office) -> None:
    names = resolve(office_with_units, "市教育局", "市教委", "市水利局", "市民政局", "市教育 局")
    assert names.matches == {
        "市教育局": Match.EXACT,
        "市教委": Match.ALIAS,
        "市水利局": Match.LIKELY,
        "市民政局": Match.NEW,
        "市教育 局": Match.EXACT,
    }
    assert names.likely == (LikelyUnit("市水利局", ("市水利和湖泊局",)),)
    assert names.unknown == ("市水利局", "市民政局")
    assert names.of(finding("市教委")).name == "市教育局"


def test_an_account_s_problem_is_its_owner_s(office_with_units: Office) -> None:
    account = finding("云澜教育发布", owner="市教委")
    with office_with_units.database.read() as connection:
        names = UnitNames(connection, office_with_units.rules, [account])
    assert names.of(account).name == "市教育局"
    assert set(names.matches) == {"市教委"}


def test_an_old_name_finds_the_unit_as_it_was_and_its_successor_gets_the_items(
    office_with_units: Office,
) -> None:
    names = resolve(office_with_units, "市工商局", issued_on=date(2018, 5, 1))
    assert names.matches == {"市工商局": Match.ALIAS}
    assert names.of(finding("市工商局")).name == "市市场监督管理局"
    assert names.notes == {"市工商局": "“市工商行政管理局”存续至 2019-01-31，由“市市场监督管理局”接手"}
    know(office_with_units, "市工商局,李联,联络员,,,,")
    assert [each.unit for each in list_contacts(office_with_units)] == ["市市场监督管理局"]


def test_a_unit_added_on_nobody_s_word_stays_a_question_until_it_is_confirmed(
    office_with_units: Office,
) -> None:
    take_in(office_with_units, NOW, bulletin("市水利局"))
    again = resolve(office_with_units, "市水利局")
    assert (again.unknown, again.likely) == (("市水利局",), (LikelyUnit("市水利局", ("市水利和湖泊局",)),))
    inspect.confirm_units(office_with_units, ["市水利局"])
    confirmed = resolve(office_with_units, "市水利局")
    assert (confirmed.unknown, confirmed.likely) == ((), ())


def test_units_that_were_only_tracked_are_offered_too(office: Office) -> None:
    take_in(office, NOW, bulletin("市水利和湖泊局"))
    assert resolve(office, "市水利局").likely == (LikelyUnit("市水利局", ("市水利和湖泊局",)),)


def test_every_door_understands_a_name_alike(office: Office) -> None:
    take_in(office, NOW, bulletin("市文化和旅游局"))
    name = "市文旅局"
    import_contacts(office, f"{HEADER}\n{name},李联,联络员,,,,\n".encode(), "联系人.csv", now=NOW)
    found = inspect.list_items(office, ItemFilter(unit=name), now=NOW)
    assert {item.unit for item in found} == {list_contacts(office)[0].unit} == {"市文化和旅游局"}
    take_in(office, LATER, bulletin(name, "2021年10月22日"))
    assert counts(office)["unit"] == 3


def test_a_name_that_a_person_explained_is_known_next_time(office_with_units: Office) -> None:
    assert teach(office_with_units, "市水利 局", "市水利和湖泊局") == Taught("市水利局", "市水利和湖泊局", ())
    names = resolve(office_with_units, "市水利局")
    assert (names.matches["市水利局"], names.likely) == (Match.ALIAS, ())
    before = rows(office_with_units)
    teach(office_with_units, "市水利局", "市水利和湖泊局")
    assert rows(office_with_units) == before


def test_a_name_never_means_two_units(office_with_units: Office) -> None:
    teach(office_with_units, "市水利局", "市水利和湖泊局")
    other = "“市水利局”已经指“市水利和湖泊局”，不能再指“市市场监督管理局”"
    teach(office_with_units, "市监管办", "市市场监督管理局")
    with office_with_units.database.write() as connection, pytest.raises(RectifyError, match=other):
        remember_alias(
            connection, office_with_units.rules, "市水利局", unit_id(office_with_units, "市市场监督管理局")
        )


@pytest.mark.parametrize(
    ("alias", "unit"),
    [
        ("澜东区水利局", "市水利和湖泊局"),
        ("澜东区", "市教育局"),
        ("县教育局", "市教育局"),
        ("市教育局澜东分局", "市教育局"),
    ],
)
def test_a_name_of_another_level_or_place_is_refused_unless_outright(
    office_with_units: Office, alias: str, unit: str
) -> None:
    before = rows(office_with_units)
    with pytest.raises(RectifyError, match="层级或地方不同"):
        teach(office_with_units, alias, unit)
    assert rows(office_with_units) == before
    teach(office_with_units, alias, unit, across_levels=True)
    assert resolve(office_with_units, alias).of(finding(alias)).name == unit


def test_two_tracked_units_become_one_with_all_they_have(office: Office) -> None:
    take_in(office, NOW, bulletin("市水利局"))
    take_in(office, LATER, bulletin("市水利和湖泊局", "2021年10月22日"))
    know(
        office,
        "市水利局,李联,联络员,13800000001,lilian,,",
        "市水利局,王负,负责人,13800000002,,,",
        "市水利和湖泊局,李联,联络员,,,invented-robot-key-0001,",
    )
    teach(office, "市水务局", "市水利局")
    had = {item.number for item in inspect.list_items(office, ItemFilter(unit="市水利局"), now=LATER)}
    taught = teach(office, "市水利局", "市水利和湖泊局")
    assert set(taught.moved) == had != set()
    assert unit_id(office, "市水利和湖泊局")
    assert "市水利局" not in {unit.name for unit in inspect.list_units(office)}
    people = [
        (each.unit, each.name, each.phone, each.wecom_userid, each.robot) for each in list_contacts(office)
    ]
    assert sorted(people, key=lambda row: row[1]) == [
        ("市水利和湖泊局", "李联", "13800000001", "lilian", "invented-robot-key-0001"),
        ("市水利和湖泊局", "王负", "13800000002", None, None),
    ]
    holding = inspect.unit_holdings(office)[unit_id(office, "市水利和湖泊局")]
    assert holding.aliases == ("市水利局", "市水务局")
    last = inspect.open_file(office, min(had)).history[-1]
    assert (last.event, last.actor, last.detail) == (
        "update",
        "王丽",
        {"unit": ["市水利局", "市水利和湖泊局"]},
    )


def test_the_next_bulletin_matches_the_items_that_moved(office: Office) -> None:
    take_in(office, NOW)
    assert teach(office, "市民政局", "市教育局").moved == (6, 7)
    again = take_in(office, LATER, BULLETIN.replace("2021年7月23日", "2021年10月22日"))
    assert again.counts["new"] == 0
    assert again.counts["unchanged"] == 9


def test_units_of_two_levels_are_not_merged_unless_outright(office: Office) -> None:
    take_in(office, NOW, bulletin("市卫健委"))
    take_in(office, LATER, bulletin("澜东区卫健局", "2021年10月22日"))
    before = rows(office)
    with pytest.raises(RectifyError, match="“澜东区卫健局”与“市卫健委”的层级或地方不同"):
        teach(office, "澜东区卫健局", "市卫健委")
    assert rows(office) == before
    assert teach(office, "澜东区卫健局", "市卫健委", across_levels=True).moved


def test_a_unit_made_when_the_registry_could_not_tell_is_not_made_twice(
    build_office: BuildOffice, tmp_path: Path
) -> None:
    (tmp_path / "config").mkdir()
    alias = 'level = "department"\naliases = ["市监管办"]\n'
    (tmp_path / "config" / "units.toml").write_text(
        f'[[unit]]\nname = "市工商局"\nuntil = 2016-01-31\nsuccessor = "市市监局"\n{alias}'
        f'[[unit]]\nname = "市市监局"\nsince = 2019-02-01\n{alias}',
        "utf-8",
    )
    office = build_office(config=tmp_path / "config")
    unclear = resolve(office, "市监管办", issued_on=date(2017, 5, 1))
    assert unclear.matches == {"市监管办": Match.AMBIGUOUS}
    assert unclear.likely == (LikelyUnit("市监管办", ("市工商局", "市市监局")),)
    with office.database.write() as connection:
        made = add_unit(connection, unclear.of(finding("市监管办")), now=NOW)
    assert resolve(office, "市监管办", issued_on=date(2017, 5, 1)).of(finding("市监管办")).id == made


def test_a_unit_of_the_file_is_merged_in_the_file(office_with_units: Office) -> None:
    take_in(office_with_units, NOW)
    with pytest.raises(RectifyError, match=r"units\.toml"):
        teach(office_with_units, "市教育局", "市民政局")


def test_a_unit_that_nobody_knows_teaches_nothing(office: Office) -> None:
    with pytest.raises(NotFoundError, match="没有名为“市丙局”的责任单位"):
        teach(office, "市甲局", "市丙局")


def test_a_merge_that_fails_leaves_both_units_as_they_were(office: Office) -> None:
    take_in(office, NOW, bulletin("市水利局"))
    before = rows(office)
    source, target = unit_id(office, "市水利局"), unit_id(office, "市教育局")

    def fail_in_the_middle() -> None:
        with office.database.write() as connection:
            merge_units(connection, office.rules, source, target, by="王丽", now=LATER)
            assert len(units.all_units(connection)) == 2
            raise OSError("断电")

    with pytest.raises(OSError, match="断电"):
        fail_in_the_middle()
    assert rows(office) == before
