"""The next bulletin: its figures are those of the items, and its lists come back as the items they were."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Begin
from tests.services.scenes import NEXT_BULLETIN, rows, strike_off
from tests.support import BULLETIN, at, shipped_rules, take_in
from tracker.bootstrap import build_channels
from tracker.domain.errors import RectifyError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event
from tracker.domain.periods import IssuePeriod
from tracker.intake import document as documents
from tracker.intake.model import Finding, Reading
from tracker.intake.model import Source as Place
from tracker.intake.quantities import quantity_of
from tracker.intake.writing import cell_of, storable
from tracker.services import inspect, register
from tracker.services.advance import perform
from tracker.services.corrections import Corrections, SetClass, SetUnit
from tracker.services.next_bulletin import BulletinDraft, DraftRefusedError, draft_bulletin
from tracker.services.office import Office
from tracker.services.register import Preview, Source
from tracker.settings import Settings
from tracker.store import Database
from tracker.store.items import ItemFilter

pytestmark = pytest.mark.slow

ISSUED, LATER = at("2021-07-23 17:00"), at("2021-10-09 09:00")
Q2, Q3, Q4 = (IssuePeriod.quarter(f"2021Q{number}") for number in (2, 3, 4))
NAMES = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")


def quarter_of_the_city(office: Office) -> None:
    """176 problems of departments and 117 of districts, of which 148 and 110 are struck off in time."""
    lines = ["全市政务服务季度考核情况通报", "", "2021年7月23日", ""]
    for annex, head, title, unit, count in (
        (1, "单位名称", "市直部门", "市{}局", 176),
        (2, "区划", "各区", "{}云区", 117),
    ):
        lines += [f"附件{annex}", "", f"{title}考核问题清单", "", f"序号\t{head}\t政务公开问题"]
        lines += [
            f"{n}\t{unit.format(NAMES[n % 10])}\t没有设置第{n}类公开栏目。" for n in range(1, count + 1)
        ]
        lines.append("")
    take_in(office, ISSUED, "\n".join(lines))
    strike_off(office, [*range(1, 149), *range(177, 287)], at("2021-08-20 10:00"))


def paragraphs(draft: BulletinDraft) -> list[str]:
    return [each.text for each in Document(io.BytesIO(draft.content)).paragraphs]


def tables(draft: BulletinDraft) -> list[list[list[str]]]:
    found = Document(io.BytesIO(draft.content)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in found]


def preview(office: Office, draft: BulletinDraft) -> Preview:
    return register.preview(office, Source(draft.content, "下期.docx"))


def drafted(office: Office, quarter: IssuePeriod = Q3, moment: str = "2021-10-09 09:00") -> BulletinDraft:
    return draft_bulletin(office, quarter, now=at(moment))


def known(items: Sequence[Item]) -> Counter[tuple[object, ...]]:
    """What must survive: unit, group, domain, class, words and count."""
    return Counter(
        (each.unit, each.group, each.domain, each.problem_class, each.text, each.quantity, each.measure)
        for each in items
    )


def all_items(office: Office) -> list[Item]:
    return inspect.list_items(office, ItemFilter(), now=LATER)


def test_the_rates_and_the_unfinished_are_told_as_a_bulletin_tells_them(office: Office, begin: Begin) -> None:
    begin(quarter_of_the_city)
    draft = drafted(office)
    text = "\n".join(paragraphs(draft))
    assert "2021年第三季度，交办市直部门问题176条、各区问题117条。截至2021年9月30日，" in text
    assert "市直部门已整改148条，整改率为84.1%；各区已整改110条，整改率为94%。未完成整改单位：" in text
    assert "市庚局、市癸局、市甲局各3条、市辛局、市壬局各2条、" in text
    assert "继续整改的问题共35条，其中市直部门28条、各区7条，详见附件。" in text
    assert {(claim.kind.value, claim.holds) for claim in draft.claims} >= {
        ("rate", True),
        ("remainder", True),
    }
    assert [claim.quote for claim in draft.claims if claim.holds is False] == []
    assert len(draft.numbers) == 35


def test_the_lists_read_back_are_the_items_in_the_same_office_and_in_another(
    office: Office, begin: Begin, tmp_path: Path
) -> None:
    begin(quarter_of_the_city)
    draft = drafted(office)
    again = preview(office, draft)
    assert {name: count for name, count in again.counts.items() if count} == {"unchanged": 35}
    assert (again.reading.issued_on, again.reading.title) == (date(2021, 10, 9), draft.view.title)
    with another(tmp_path) as other:
        register.commit(other, Source(draft.content, "下期.docx"), by="经办", now=LATER)
        listed = [each for each in all_items(office) if each.number in draft.numbers]
        assert known(all_items(other)) == known(listed)


def test_drafting_writes_nothing(office: Office) -> None:
    take_in(office, ISSUED)
    before = rows(office)
    drafted(office)
    assert rows(office) == before


def test_only_what_is_unfinished_at_the_moment_is_listed(office: Office) -> None:
    take_in(office, ISSUED)
    strike_off(office, [1], at("2021-08-02 10:00"))
    perform(office, Event.WITHDRAW, [2], by="核验员", now=at("2021-08-03 10:00"), reason="重复列入")
    strike_off(office, [3], at("2021-10-08 10:00"))  # after the quarter's end
    assert drafted(office).numbers == (3, 4, 5, 6, 7, 8, 9)[: len(all_items(office)) - 2]
    then = draft_bulletin(office, Q3, now=LATER, as_of=at("2021-10-08 11:00"))
    assert 3 not in then.numbers
    row = drafted(office).issued.total.rectified
    assert (row.numerator, row.denominator) == (1, len(all_items(office)) - 1)


def test_what_was_issued_after_the_quarter_is_left_to_the_next_bulletin(office: Office) -> None:
    take_in(office, ISSUED)
    before = len(all_items(office))
    take_in(office, at("2021-10-22 17:00"), NEXT_BULLETIN, "三季度.txt")
    draft = draft_bulletin(office, Q3, now=at("2021-10-25 09:00"), as_of=at("2021-10-25 09:00"))
    assert draft.numbers == tuple(range(1, before + 1))
    assert draft.issued.total.rectified.denominator == before


def test_when_all_is_done_the_draft_says_so_and_reads_as_no_problem(office: Office) -> None:
    take_in(office, ISSUED)
    strike_off(office, [each.number for each in all_items(office)], at("2021-08-02 10:00"))
    draft = drafted(office)
    assert any(line.endswith("整改率为100%。所有单位均已完成整改。") for line in paragraphs(draft))
    assert {claim.holds for claim in draft.claims} == {True}
    assert not any(preview(office, draft).counts.values())


def test_deferred_recurring_and_earlier_items_are_marked(office: Office) -> None:
    take_in(office, ISSUED)
    strike_off(office, [8], at("2021-09-01 10:00"))
    perform(
        office,
        Event.DEFER,
        [6],
        by="核验员",
        now=at("2021-09-02 10:00"),
        reason="待建平台",
        to=date(2022, 1, 31),
    )
    take_in(office, at("2021-10-22 17:00"), NEXT_BULLETIN, "三季度.txt")
    draft = drafted(office, Q4, "2021-12-31 23:00")
    marks = {row[1]: row[-1] for table in tables(draft) for row in table}
    assert "暂缓整改至2022年1月31日" in marks["市民政局"]
    assert "以前季度交办" in marks["市教育局"]
    assert "整改后反弹" in marks["澜东区"]
    assert (draft.view.recurring, draft.view.deferred) == (1, 1)
    told = "\n".join(paragraphs(draft))
    assert "整改后反弹的1条，在备注栏注明。暂缓整改的1条，在备注栏注明。" in told
    assert preview(office, draft).counts["unchanged"] == len(draft.numbers)


def test_a_remark_says_which_problems_of_its_row_it_is_about(office: Office) -> None:
    take_in(office, ISSUED)
    until = date(2022, 1, 31)
    perform(office, Event.DEFER, [2, 5], by="核验员", now=at("2021-09-02 10:00"), reason="待建", to=until)
    [departments, _] = tables(drafted(office))
    assert departments[0][2:5] == ["“一网通办”问题", "“互联网+监管”问题", "“政务公开”问题"]
    assert departments[1][-1].splitlines() == [
        "“一网通办”问题第2条：暂缓整改至2022年1月31日",
        "“政务公开”问题第2条：暂缓整改至2022年1月31日",
    ]
    perform(office, Event.DEFER, [6, 7], by="核验员", now=at("2021-09-02 10:00"), reason="待建", to=until)
    assert tables(drafted(office))[0][2][-1] == "暂缓整改至2022年1月31日"


def test_what_was_open_from_before_has_its_own_rate(office: Office) -> None:
    take_in(office, ISSUED)
    strike_off(office, [1, 2], at("2021-08-02 10:00"))  # not open when the fourth quarter began
    strike_off(office, [3], at("2021-11-02 10:00"))
    draft = drafted(office, Q4, "2021-12-31 23:00")
    carried = draft.carried.total.rectified
    assert (carried.numerator, carried.denominator) == (1, len(all_items(office)) - 2)
    assert draft.issued.total.rectified.denominator == 0
    assert any(
        line.startswith("以前季度交办、进入2021年第四季度时仍在整改的，有市直部门问题")
        for line in paragraphs(draft)
    )


def test_a_count_that_has_fallen_is_told_as_it_is_now(office: Office) -> None:
    take_in(office, ISSUED)
    take_in(office, at("2021-10-22 17:00"), NEXT_BULLETIN, "三季度.txt")
    draft = drafted(office, Q4, "2021-12-31 23:00")
    assert any("有未评办件300件。" in cell for table in tables(draft) for row in table for cell in row)
    assert preview(office, draft).counts["changed"] == 0


def test_a_quarter_without_items_has_no_lists_and_reads_as_none(office: Office) -> None:
    draft = drafted(office)
    assert (draft.numbers, tables(draft)) == ((), [])
    again = preview(office, draft)
    assert not any(again.counts.values())
    assert "新交办问题0条" in "\n".join(paragraphs(draft))


def test_items_without_a_domain_and_of_odd_ones_keep_it(office: Office, tmp_path: Path) -> None:
    lists = (
        "序号\t责任单位\t领域\t问题\n1\t市甲局\t\t材料报送不齐。\n2\t市甲局\t网站建设工作\t首页链接失效。\n"
    )
    take_in(office, ISSUED, f"情况通报\n\n2021年7月23日\n\n附件1\n\n市直部门问题清单\n\n{lists}")
    draft = drafted(office)
    assert [row[3] for row in tables(draft)[0]] == ["领域", "", "网站建设工作"]
    with another(tmp_path) as other:
        register.commit(other, Source(draft.content, "下期.docx"), by="经办", now=LATER)
        assert known(all_items(other)) == known(all_items(office))
        assert {each.domain for each in all_items(other)} == {None, "网站建设工作"}


def test_a_problem_of_an_account_is_listed_with_the_account(office: Office, tmp_path: Path) -> None:
    take_in(
        office,
        ISSUED,
        "关于政务新媒体检查情况的通报\n\n2021年7月23日\n\n“澜东发布”微博、“云台之声”微信公众号半年没有更新。\n",
    )
    draft = drafted(office)
    assert {row[2] for row in tables(draft)[0][1:]} == {"澜东发布", "云台之声"}
    assert preview(office, draft).counts["unchanged"] == len(draft.numbers) == 2
    with another(tmp_path) as other:
        register.commit(other, Source(draft.content, "下期.docx"), by="经办", now=LATER)
        assert {each.problem_class for each in all_items(other)} == {"dormant_account"}


def test_what_people_corrected_is_met_again_and_named_where_words_cannot_tell_it(office: Office) -> None:
    corrections = (
        SetClass(kind="class", key="f3", code="other"),
        SetUnit(kind="unit", key="f4", unit="市司法局"),
    )
    source = Source(BULLETIN.encode(), "通报.txt")
    register.commit(office, source, by="经办", now=ISSUED, corrections=Corrections(None, corrections))
    draft = drafted(office)
    assert len(draft.untold) == 1
    assert preview(office, draft).counts["unchanged"] == len(draft.numbers)


@pytest.mark.parametrize("moment", ["2021-06-30 23:59", "2021-10-09 09:01"])
def test_a_moment_outside_is_refused(office: Office, moment: str) -> None:
    with pytest.raises(RectifyError, match="截止时刻"):
        draft_bulletin(office, Q3, now=LATER, as_of=at(moment))


def test_a_quarter_that_is_still_running_is_told_as_of_now(office: Office) -> None:
    take_in(office, ISSUED)
    assert drafted(office, Q3, "2021-08-01 10:00").as_of == at("2021-08-01 10:00")
    with pytest.raises(RectifyError, match="截止时刻"):
        drafted(office, Q4, "2021-08-01 10:00")


def test_a_draft_that_would_not_be_read_back_is_refused_and_names_the_item(office: Office) -> None:
    store(office, [("市甲局", "政务公开", "404")])
    with pytest.raises(DraftRefusedError, match="第 1 号") as refused:
        drafted(office)
    assert refused.value.details["numbers"] == [1]


@contextmanager
def another(folder: Path) -> Iterator[Office]:
    """An empty office with the same registry, of its own."""
    database = Database(f"sqlite:///{folder / 'another.db'}")
    database.upgrade()
    yield Office(database=database, rules=shipped_rules(), channels=build_channels(Settings()), probes=())
    database.close()


def store(office: Office, problems: Sequence[tuple[str, str | None, str]]) -> None:
    """Import (unit, domain, text) as they are, whatever a reader would have made of them."""
    findings = tuple(
        Finding(
            unit,
            "各区" if unit.endswith("区") else "市直",
            domain,
            text,
            quantity_of(text),
            Place("一.txt", None, n, None, n),
        )
        for n, (unit, domain, text) in enumerate(problems, start=1)
    )
    reading = Reading(
        "情况通报", date(2021, 7, 23), "0" * 64, "一.txt", documents.Document(()), findings, (), (), (), ()
    )
    with office.database.write() as connection:
        source = Source(b"", "一.txt")
        register.commit_reading(connection, office, source, reading, Corrections(), by="经办", now=ISSUED)


UNITS = st.sampled_from(
    ["市甲局", "市乙委", "澜东区", "青桥开发区", "市残联", "市委办（档案局）", "中国云通云澜分公司"]
)
DOMAINS = st.sampled_from(["政务公开", "一网通办", "互联网+监管", "网站建设工作", "热线", "信用", None])
PIECES = st.sampled_from(
    (
        *("没有设置专栏", "栏目为空", "未完成整改3项", "12件", "1,361件", "45.8%", "2.16个", "很长的话" * 20),
        *("1.", "2.", "3.", "（1）", "（2）", "①", "②", "一、", "二、", "一是", "二是"),
        *("；", "。", "，", "、", "：", "<b>", "&amp;"),
    )
)
TEXTS = (
    st.lists(PIECES, min_size=1, max_size=6)
    .map(lambda pieces: storable("市" + "".join(pieces)))
    .filter(lambda text: cell_of([text]) is not None)
)


@settings(max_examples=25)
@given(st.lists(st.tuples(UNITS, DOMAINS, TEXTS), min_size=1, max_size=12))
def test_whatever_is_tracked_comes_back_from_the_draft(problems: list[tuple[str, str | None, str]]) -> None:
    with TemporaryDirectory() as folder, another(Path(folder)) as office:
        store(office, problems)
        draft = drafted(office)
        assert {name: count for name, count in preview(office, draft).counts.items() if count} == {
            "unchanged": len(problems)
        }
        (Path(folder) / "second").mkdir()
        with another(Path(folder) / "second") as other:
            register.commit(other, Source(draft.content, "下期.docx"), by="经办", now=LATER)
            assert known(all_items(other)) == known(all_items(office))
