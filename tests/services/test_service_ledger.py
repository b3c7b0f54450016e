"""The ledger out, edited in an office program, and back in: nothing lost, nobody's work overwritten."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conftest import Begin, BuildOffice
from tests.fakes.ledger_editor import Sheet
from tests.services.scenes import NEXT_BULLETIN, rows, strike_off
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import IntakeError, NotFoundError, RectifyError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.rules import load_rules
from tracker.services import advance, inspect, register, take_back
from tracker.services.ledger import write_office_ledger
from tracker.services.office import Office
from tracker.services.register import Source
from tracker.services.take_back import LedgerRefusedError, TakenBack
from tracker.services.unit_aliases import teach_alias
from tracker.store import items
from tracker.store.items import ItemFilter

ISSUED, NOW = at("2021-07-23 17:00"), at("2021-07-26 10:00")
RULES = load_rules(None)


def exported(office: Office, wanted: ItemFilter | None = None) -> Sheet:
    with TemporaryDirectory() as folder:
        target = Path(folder) / "台账.xlsx"
        write_office_ledger(office, target, now=NOW, wanted=wanted)
        return Sheet(target)


def take(
    office: Office, content: bytes | Sheet, *, by: str = "李强", skip_refused: bool = False
) -> TakenBack:
    content = content.as_xlsx() if isinstance(content, Sheet) else content
    return take_back.commit(office, content, "台账.xlsx", by=by, now=NOW, skip_refused=skip_refused)


def refusal(office: Office, sheet: Sheet, *, by: str = "李强") -> str:
    """Why the only refused row is refused; nothing may have been written."""
    before = rows(office)
    with pytest.raises(LedgerRefusedError) as caught:
        take(office, sheet, by=by)
    assert rows(office) == before
    [row] = caught.value.details["rows"]
    [reason] = row["reasons"]
    return str(reason)


def item(office: Office, number: int) -> Item:
    return inspect.open_file(office, number).item


def told(office: Office, number: int) -> list[tuple[str, str, dict[str, object]]]:
    """The history after the import: who, what, the detail."""
    return [(row.actor, row.event, dict(row.detail)) for row in inspect.open_file(office, number).history[1:]]


def import_bulletin(office: Office) -> None:
    take_in(office, ISSUED)


@pytest.fixture
def tracked(office: Office, begin: Begin) -> Office:
    """Nine items of three units: 1–5 市教育局, 6–7 市民政局, 8–9 澜东区."""
    begin(import_bulletin)
    return office


def test_an_untouched_ledger_changes_nothing(tracked: Office) -> None:
    before, sheet = rows(tracked), exported(tracked)
    for content in (sheet.as_xlsx(), sheet.as_csv(), sheet.as_csv("gb18030")):
        name = "台账.csv" if content[:2] != b"PK" else "台账.xlsx"
        found = take_back.commit(tracked, content, name, by="李强", now=NOW)
        assert found.counts == {"changed": 0, "unchanged": 9, "conflict": 0, "refused": 0}
    assert rows(tracked) == before


def test_each_edited_cell_is_written_and_told_with_old_and_new(tracked: Office) -> None:
    sheet = exported(tracked).edit(1, 数量="300", 备注="已约谈\n下周复查", 问题类别="专栏缺失")
    found = take(tracked, sheet)
    assert found.counts == {"changed": 1, "unchanged": 8, "conflict": 0, "refused": 0}
    after = item(tracked, 1)
    assert (after.quantity, after.measure, after.problem_class) == (300, "件", "missing_column")
    assert told(tracked, 1) == [
        ("李强", "ledger", {"class": ["办件未评价", "专栏缺失"], "file": "台账.xlsx"}),
        ("李强", "ledger", {"quantity": [15, 300], "file": "台账.xlsx"}),
        ("李强", "ledger", {"note": [None, "已约谈\n下周复查"], "file": "台账.xlsx"}),
    ]
    assert exported(tracked).cell(1, "备注") == "已约谈\n下周复查"


def test_the_same_file_twice_changes_nothing(tracked: Office) -> None:
    sheet = (
        exported(tracked)
        .edit(1, 状态="整改中", 备注="a")
        .edit(8, 责任单位="市民政局", 整改时限="2021年9月1日")
    )
    assert take(tracked, sheet).counts["changed"] == 2
    before = rows(tracked)
    assert take(tracked, sheet).counts == {"changed": 0, "unchanged": 9, "conflict": 0, "refused": 0}
    assert rows(tracked) == before


def test_a_preview_writes_nothing_and_says_what_the_commit_does(tracked: Office) -> None:
    sheet = exported(tracked).edit(2, 备注="看过")
    before = rows(tracked)
    found = take_back.preview(tracked, sheet.as_xlsx(), "台账.xlsx", by="李强", now=NOW)
    assert rows(tracked) == before
    done = take(tracked, sheet)
    assert (found.rows, found.is_written) == (done.rows, False)
    assert done.is_written


def test_a_unit_may_be_written_in_its_usual_short_form(office: Office) -> None:
    take_in(office, ISSUED, BULLETIN.replace("市民政局", "市文化和旅游局"))
    take(office, exported(office).edit(1, 责任单位="市文旅局"))
    assert item(office, 1).unit == "市文化和旅游局"


def test_the_next_bulletin_finds_an_item_under_its_old_unit_and_its_new_one(tracked: Office) -> None:
    take(tracked, exported(tracked).edit(7, 责任单位="市教育局"))
    for unit in ("市民政局", "市教育局"):
        text = NEXT_BULLETIN.replace("市审计局", unit)
        plan = register.preview(tracked, Source(text.encode(), "三季度.txt"))
        assert [draft.item.number for draft in plan.drafts if "行政复议" in draft.item.text] == [7]


def test_a_unit_of_the_registry_without_items_is_added_once(
    build_office: BuildOffice, tmp_path: Path
) -> None:
    (tmp_path / "config").mkdir()
    listed = '[[unit]]\nname = "市园林局"\nlevel = "department"\n'
    (tmp_path / "config" / "units.toml").write_text(listed, "utf-8")
    office = build_office(config=tmp_path / "config")
    take_in(office, ISSUED)
    take(office, exported(office).edit(1, 责任单位="市园林局").edit(2, 责任单位="市园林局"))
    assert [item(office, number).unit for number in (1, 2)] == ["市园林局", "市园林局"]
    assert [unit.confirmed for unit in inspect.list_units(office) if unit.name == "市园林局"] == [True]


SITES = {"市教育局": "https://jyj.example.invalid/", "市园林局": "https://ylj.example.invalid/"}


@pytest.fixture
def with_sites(build_office: BuildOffice, tmp_path: Path) -> Office:
    """Two units have a site; of the items, the columns that are missing (4, 7, 9) can be checked."""
    (tmp_path / "config").mkdir()
    listed = "".join(
        f'[[unit]]\nname = "{name}"\nlevel = "department"\nsite = "{site}"\n' for name, site in SITES.items()
    )
    (tmp_path / "config" / "units.toml").write_text(listed, "utf-8")
    office = build_office(config=tmp_path / "config")
    take_in(office, ISSUED)
    return office


def checked_by(office: Office, now: datetime) -> dict[int, str | None]:
    """What the checks of that moment look at: item number → page."""
    classes = sorted(code for probe in office.probes for code in probe.classes)
    with office.database.read() as connection:
        return {each.number: each.page_url for each in items.due_checks(connection, now, classes, 100)}


def test_the_check_of_an_item_follows_it_to_another_unit_or_class(with_sites: Office) -> None:
    at_first, stale = (with_sites, NOW + timedelta(days=1)), {5: SITES["市教育局"]}
    assert checked_by(*at_first) == {4: SITES["市教育局"], **stale}
    take(with_sites, exported(with_sites).edit(4, 责任单位="市园林局").edit(7, 责任单位="市教育局"))
    assert checked_by(*at_first) == {4: SITES["市园林局"], 7: SITES["市教育局"], **stale}
    take(with_sites, exported(with_sites).edit(4, 责任单位="澜东区").edit(7, 问题类别="other"))
    assert checked_by(*at_first) == stale
    assert [item(with_sites, number).page_url for number in (4, 7)] == [None, None]
    take(with_sites, exported(with_sites).edit(1, 问题类别="专栏缺失"))
    assert checked_by(*at_first) == {1: SITES["市教育局"], **stale}


def test_a_page_that_a_person_named_goes_along_with_the_item(with_sites: Office) -> None:
    page = "https://www.example.invalid/tongji"
    advance.watch(with_sites, [4], url=page, by="李强", now=NOW)
    take(with_sites, exported(with_sites).edit(4, 责任单位="市园林局"))
    assert checked_by(with_sites, NOW)[4] == page


def test_a_finished_item_is_not_checked_again_because_it_moves(with_sites: Office) -> None:
    strike_off(with_sites, [4], NOW)
    take(with_sites, exported(with_sites).edit(4, 责任单位="市园林局"))
    assert item(with_sites, 4).page_url == SITES["市园林局"]
    assert 4 not in checked_by(with_sites, NOW + timedelta(days=1))


def test_the_checks_of_a_merged_unit_look_at_the_site_of_the_one_that_stays(with_sites: Office) -> None:
    teach_alias(with_sites, "市民政局", "市园林局", by="李强", now=NOW)
    assert checked_by(with_sites, NOW + timedelta(days=1))[7] == SITES["市园林局"]


def test_a_unit_that_nobody_knows_is_refused(tracked: Office) -> None:
    assert "没有名为“市太空局”的责任单位" in refusal(tracked, exported(tracked).edit(1, 责任单位="市太空局"))


def test_a_new_deadline_is_fixed_and_has_a_ladder_of_its_own(tracked: Office) -> None:
    take(tracked, exported(tracked).edit(1, 整改时限=date(2021, 9, 15)))
    after = item(tracked, 1)
    assert after.standing.due_on == date(2021, 9, 15)
    assert after.standing.due_at == at("2021-09-15 23:59").replace(second=59)
    assert (after.provisional, dict(after.rule)) == (False, {"fixed": "2021-09-15"})
    assert after.next_reminder_at is not None
    assert date(2021, 9, 1) < after.next_reminder_at.date() < date(2021, 9, 15)
    assert told(tracked, 1) == [
        ("李强", "ledger", {"due_on": ["2021-07-30", "2021-09-15"], "file": "台账.xlsx"})
    ]


def test_a_deadline_may_become_a_standing_duty_and_back(tracked: Office) -> None:
    take(tracked, exported(tracked).edit(1, 整改时限="长期坚持"))
    standing = item(tracked, 1)
    assert (standing.standing.due_on, standing.standing.due_at, standing.next_reminder_at) == (
        None,
        None,
        None,
    )
    take(tracked, exported(tracked).edit(1, 整改时限="2021.9.15"))
    assert item(tracked, 1).standing.due_on == date(2021, 9, 15)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"整改时限": "2021-07-25"}, "整改时限 2021-07-25 已过"),
        ({"整改时限": "月底"}, "整改时限“月底”不是日期"),
        ({"整改时限": ""}, "整改时限“”不是日期"),
        ({"整改时限": "2021-02-30"}, "不是日期"),
        ({"整改时限": "2199-01-01"}, "不在 2000 年至"),
        ({"数量": "若干"}, "数量“若干”看不懂"),
        ({"数量": "1.5件"}, "看不懂"),
        ({"问题类别": "别的"}, "没有名称或代码为“别的”的问题类别"),
        ({"责任单位": ""}, "责任单位不能为空"),
        ({"状态": "办结"}, "没有名为“办结”的状态"),
        ({"状态": "已销号"}, "状态不能在台账中由“待签收”直接改为“已销号”"),
        ({"状态": "已撤销"}, "状态不能在台账中由“待签收”直接改为“已撤销”"),
        ({"备注": "长" * 16_001}, "备注超过 16000 字"),
        ({"问题描述": "有未评办件5件。"}, "“问题描述”是通报原文"),
        ({"编号": 99}, "没有编号为 99 的整改事项"),
        ({"编号": 2**31}, "不是整改事项的编号"),
        ({"编号": "甲"}, "“甲”不是整改事项的编号"),
        ({"编号": ""}, "没有编号：台账中不能新增事项"),
        ({"校验码": ""}, "校验码"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(
    tracked: Office, cells: dict[str, object], reason: str
) -> None:
    assert reason in refusal(tracked, exported(tracked).edit(1, **cells))


def test_an_empty_quantity_counts_nothing_any_more(tracked: Office) -> None:
    take(tracked, exported(tracked).edit(1, 数量=""))
    assert (item(tracked, 1).quantity, item(tracked, 1).measure) == (None, None)


def test_a_number_twice_is_refused_in_all_its_rows(tracked: Office) -> None:
    sheet = exported(tracked).edit(1, 备注="一").edit(2, 备注="二")
    sheet.rows.append(list(sheet.row(1)))
    found = take(tracked, sheet, skip_refused=True)
    assert found.counts == {"changed": 1, "unchanged": 7, "conflict": 0, "refused": 2}
    assert {reason for row in found.refused for reason in row.reasons} == {"编号 1 在表中出现了 2 次"}
    assert told(tracked, 1) == []


def test_one_refused_row_keeps_all_others_from_being_written_unless_it_may_be_skipped(
    tracked: Office,
) -> None:
    sheet = exported(tracked).edit(1, 备注="好", 整改时限="没有").edit(2, 备注="好")
    assert "不是日期" in refusal(tracked, sheet)
    assert take(tracked, sheet, skip_refused=True).counts["changed"] == 1
    assert (exported(tracked).cell(1, "备注"), exported(tracked).cell(2, "备注")) == ("", "好")


def test_the_workflow_goes_by_single_steps_from_signing_to_striking_off(tracked: Office) -> None:
    for by, words in (("联络员", "整改中"), ("联络员", "待核验"), ("李强", "已销号")):
        take(tracked, exported(tracked).edit(1, 状态=words), by=by)
    assert item(tracked, 1).standing.state is State.STRUCK_OFF
    assert [(actor, event) for actor, event, _ in told(tracked, 1)] == [
        ("联络员", "sign"),
        ("联络员", "submit"),
        ("李强", "strike_off"),
    ]
    assert item(tracked, 1).next_reminder_at is None


def test_who_submitted_may_not_strike_off_by_way_of_the_ledger(tracked: Office) -> None:
    advance.perform(tracked, Event.SUBMIT, [1], by="李强", now=NOW)
    assert "不能是同一人" in refusal(tracked, exported(tracked).edit(1, 状态="已销号"))


def test_a_return_needs_a_reason_written_into_the_note(tracked: Office) -> None:
    advance.perform(tracked, Event.SUBMIT, [1], by="联络员", now=NOW)
    sheet = exported(tracked).edit(1, 状态="整改中")
    assert "退回须同时在“备注”中写明理由" in refusal(tracked, sheet)
    take(tracked, sheet.edit(1, 备注="栏目仍为空"))
    last = inspect.open_file(tracked, 1).history[-1]
    assert (last.event, last.reason, last.state) == ("return", "栏目仍为空", "signed")
    assert [message.kind for message in inspect.open_file(tracked, 1).messages] == ["returned"]
    assert item(tracked, 1).next_reminder_at is not None


def test_the_deadline_of_a_finished_item_and_of_one_with_an_open_application_stays(tracked: Office) -> None:
    advance.perform(tracked, Event.WITHDRAW, [1], by="李强", now=NOW, reason="误列")
    advance.perform(tracked, Event.EXTEND, [2], by="联络员", now=NOW, reason="改版", to=date(2021, 8, 20))
    for number, reason in ((1, "已撤销的事项不能改时限"), (2, "已申请延期至2021-08-20，请先审批")):
        assert reason in refusal(tracked, exported(tracked).edit(number, 整改时限="2021-09-01"))


def test_what_somebody_else_changed_meanwhile_is_a_conflict_with_both_values(tracked: Office) -> None:
    mine, theirs = exported(tracked), exported(tracked)
    take(tracked, theirs.edit(1, 备注="甲").edit(2, 备注="乙"), by="王丽")
    reason = refusal(tracked, mine.edit(1, 备注="丙"))
    assert reason == "备注导出后已被他人改为“甲”，表中为“丙”"
    assert exported(tracked).cell(1, "备注") == "甲"


def test_an_older_export_does_not_undo_what_it_did_not_touch(tracked: Office) -> None:
    mine = exported(tracked)
    advance.perform(tracked, Event.SIGN, [1], by="联络员", now=NOW)
    take(tracked, exported(tracked).edit(1, 整改时限="2021-09-01"), by="王丽")
    # Excel's csv writes every date in its own way: that is no edit.
    found = take_back.commit(tracked, mine.edit(1, 备注="丙").as_csv(), "台账.csv", by="李强", now=NOW)
    assert found.counts["changed"] == 1
    after = item(tracked, 1)
    assert (after.standing.state, after.standing.due_on) == (State.SIGNED, date(2021, 9, 1))


def test_columns_are_found_by_their_headings_wherever_they_stand(tracked: Office) -> None:
    sheet = exported(tracked).edit(3, 备注="改")
    sheet = sheet.reordered([16, 15, *range(14, -1, -1)]).without("数量")
    sheet.rows = [[*row, "自用" if place == 0 else "记号"] for place, row in enumerate(sheet.rows)]
    sheet.rows.insert(0, ["云澜市整改台账", *[""] * 16])
    found = take(tracked, sheet)
    assert found.counts == {"changed": 1, "unchanged": 8, "conflict": 0, "refused": 0}
    assert found.rows[0].line == 5
    assert found.notices == ("表中没有“数量”列，按没有改动处理", "“自用”列不是台账的列，没有读取")


@pytest.mark.parametrize("heading", ["编号", "问题描述", "校验码"])
def test_a_ledger_without_what_tells_its_rows_apart_is_refused_whole(tracked: Office, heading: str) -> None:
    with pytest.raises(IntakeError, match=f"缺少“{heading}”列"):
        take(tracked, exported(tracked).without(heading))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "台账.xlsx", "文件为空"),
        ("编号,备注\n1,好\n".encode(), "台账.csv", "缺少“问题描述”、“校验码”列"),
        ("只有文字".encode(), "台账.txt", "不是表格文件"),
        (b"PK\x03\x04broken", "台账.xlsx", "台账.xlsx"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_in_chinese(
    tracked: Office, content: bytes, name: str, words: str
) -> None:
    with pytest.raises(IntakeError, match=words):
        take_back.preview(tracked, content, name, by="李强", now=NOW)


def test_a_heading_twice_is_refused(tracked: Office) -> None:
    sheet = exported(tracked)
    sheet.rows = [[*row, row[15]] for row in sheet.rows]
    with pytest.raises(IntakeError, match="“备注”列出现不止一次"):
        take(tracked, sheet)


def test_columns_sorted_apart_from_their_numbers_are_not_taken_for_edits(tracked: Office) -> None:
    sheet = exported(tracked)
    number = sheet.headings.index("编号")
    numbers = [row[number] for row in sheet.rows[1:]]
    for row, moved in zip(sheet.rows[1:], [*numbers[1:], numbers[0]], strict=True):
        row[number] = moved
    assert take(tracked, sheet, skip_refused=True).counts["refused"] == 9


def test_deleted_rows_and_a_filtered_export_leave_the_others_alone(tracked: Office) -> None:
    sheet = exported(tracked, ItemFilter(unit="市民政局"))
    assert [row[0] for row in sheet.rows[1:]] == [6, 7]
    sheet.rows.remove(sheet.row(7))
    assert take(tracked, sheet.edit(6, 备注="办")).counts["changed"] == 1
    assert told(tracked, 7) == []


def test_an_export_for_a_unit_that_nobody_knows_is_refused(tracked: Office) -> None:
    with pytest.raises(NotFoundError, match="没有名为“市太空局”"):
        exported(tracked, ItemFilter(unit="市太空局"))


def test_nobody_edits_without_a_name(tracked: Office) -> None:
    with pytest.raises(RectifyError, match="须写明经办人"):
        take(tracked, exported(tracked), by=" ")


def test_the_sheet_of_instructions_is_left_alone(tracked: Office, tmp_path: Path) -> None:
    write_office_ledger(tracked, tmp_path / "台账.xlsx", now=NOW)
    found = take(tracked, (tmp_path / "台账.xlsx").read_bytes())
    assert found.counts == {"changed": 0, "unchanged": 9, "conflict": 0, "refused": 0}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="没有安装 LibreOffice")
@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_ledger_that_libreoffice_saved_again_has_no_edits(
    tracked: Office, tmp_path: Path, kind: str
) -> None:
    take(tracked, exported(tracked).edit(1, 备注="第一行\n第二行").edit(2, 整改时限="长期坚持"))
    write_office_ledger(tracked, tmp_path / "台账.xlsx", now=NOW)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", tmp_path / "saved"]
    subprocess.run([*command, tmp_path / "台账.xlsx"], check=True, capture_output=True)
    saved = (tmp_path / f"saved/台账.{kind}").read_bytes()
    found = take_back.preview(tracked, saved, f"台账.{kind}", by="李强", now=NOW)
    assert found.counts == {"changed": 0, "unchanged": 9, "conflict": 0, "refused": 0}
