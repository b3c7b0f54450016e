"""The register of watched columns, and what the daily look at their sites brings."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest

from tests.conftest import BuildOffice
from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv, as_xlsx
from tests.fakes.government_site import COLUMN, LAYOUTS, TODAY, State, build
from tests.fakes.website import Answer, FakeWebsite
from tests.probes.looks import LOCAL
from tests.services.scenes import at_once, know, messages, rows
from tests.support import Clock, at, shipped_rules
from tests.support import take_in as bulletin_in
from tracker.domain.columns import WalkLimits
from tracker.domain.errors import ForbiddenError, IntakeError, NotFoundError, TransitionError
from tracker.domain.lifecycle import Event
from tracker.domain.watching import Nearness
from tracker.probes import build_probes
from tracker.services import audit, inspect, unit_aliases
from tracker.services.advance import perform
from tracker.services.column_looks import Looked, look_at_columns
from tracker.services.column_register import import_columns, remove_column
from tracker.services.feed_accounts import take_in
from tracker.services.office import Office
from tracker.services.warn import warn
from tracker.services.watch_items import open_from_watch
from tracker.services.watched import Watched
from tracker.services.watching import survey, why
from tracker.store import items

MORNING = at("2021-09-10 08:00")
UNIT = "市教育局"


@pytest.fixture
def clock() -> Clock:
    assert MORNING.date() == TODAY
    return Clock(MORNING)


@pytest.fixture
def open_office(build_office: BuildOffice) -> BuildOffice:
    probes = build_probes(LOCAL, shipped_rules().columns, WalkLimits(pause_seconds=0))
    return partial(build_office, probes=probes)


@pytest.fixture
def office(open_office: BuildOffice) -> Office:
    office = open_office()
    know(office, f"{UNIT},李联,联络员,,,,")
    return office


def register(office: Office, *lines: str) -> None:
    content = "\n".join(("单位,栏目,网址", *lines)).encode()
    import_columns(office, content, "栏目.csv", by="王芳", now=MORNING)


def only(office: Office, clock: Clock) -> Watched:
    [found] = survey(office, now=clock())
    return found


def look(office: Office, site: FakeWebsite, clock: Clock, state: State, layout: int = 0) -> Looked:
    register(office, f"{UNIT},{COLUMN},{build(site, LAYOUTS[layout], state)}")
    [looked] = look_at_columns(office, clock)
    return looked


@pytest.mark.parametrize("layout", range(len(LAYOUTS)), ids=[layout.name for layout in LAYOUTS])
def test_the_newest_day_is_the_sites_own_or_nothing_is_known(
    office: Office, site: FakeWebsite, clock: Clock, layout: int
) -> None:
    """The fake site's newest document is two days old; a layout that only a script shows tells nothing."""
    looked = look(office, site, clock, State.GOOD, layout)
    is_known = not LAYOUTS[layout].blind
    assert looked.newest_on == (TODAY - timedelta(days=2) if is_known else None)
    found = only(office, clock)
    assert found.nearness is (Nearness.FINE if is_known else Nearness.UNKNOWN)
    assert (found.failing_since is None) is is_known
    assert found.finding == looked.finding


def test_what_may_have_newer_documents_is_fine_for_a_while_and_then_a_persons_to_look_at(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    """Flat addresses and a side bar with yesterday's news: nobody can tell whose those are."""
    flat = next(
        n for n, layout in enumerate(LAYOUTS) if layout.side_bar and layout.place.startswith("/list/")
    )
    assert not look(office, site, clock, State.GOOD, flat).is_sure
    assert only(office, clock).nearness is Nearness.FINE
    clock.set("2021-09-22 08:00")
    found = only(office, clock)
    assert found.nearness is Nearness.UNKNOWN
    assert "请人工查看" in why(office, found, clock())
    assert warn(office, now=at("2021-09-22 09:00")) == []


def test_a_stale_column_is_over_its_limit_and_waits_for_a_person(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    assert look(office, site, clock, State.STALE).newest_on == date(2019, 9, 11)
    found = only(office, clock)
    assert found.is_to_open
    assert warn(office, now=at("2021-09-10 09:00")) == []
    item = open_from_watch(office, found.kind, found.id, by="王芳", now=clock())
    assert (item.unit, item.problem_class) == (UNIT, "stale_column")
    assert item.text == f"“{COLUMN}”栏目超过14天没有更新。"
    assert item.standing.due_on is not None
    assert only(office, clock).item_number == item.number
    with pytest.raises(TransitionError, match="没有超限，或已经立项"):
        open_from_watch(office, found.kind, found.id, by="王芳", now=clock())
    assert audit.verify(office).faults == ()


@pytest.mark.parametrize("problem", ["“{}”栏目长期不更新。", "政务公开方面：{}栏目内容为空。"])
def test_an_item_that_speaks_of_the_column_already_is_the_one_and_no_other_is_opened(
    office: Office, site: FakeWebsite, clock: Clock, problem: str
) -> None:
    rows = [f"1\t{UNIT}\t{problem.format(COLUMN)}", f"2\t{UNIT}\t“通知公告”栏目长期不更新。"]
    head = ["云澜市政务服务通报", "", "2021年9月9日", "", "附件1", "", "市直部门政务服务考核问题清单", ""]
    bulletin_in(office, clock(), "\n".join([*head, "序号\t单位名称\t政务公开问题", *rows, ""]))
    look(office, site, clock, State.STALE)
    found = only(office, clock)
    item = open_from_watch(office, found.kind, found.id, by="王芳", now=clock())
    assert (item.number, only(office, clock).item_number) == (1, 1)
    with office.database.read() as connection:
        assert len(items.find(connection, items.ItemFilter(), clock(), TODAY)) == 2


@pytest.mark.parametrize("state", [State.EMPTY, State.HOLLOW, State.ABSENT, State.ONLY_TALKED_OF])
def test_a_column_without_documents_or_gone_is_a_look_that_told_nothing(
    office: Office, site: FakeWebsite, clock: Clock, state: State
) -> None:
    looked = look(office, site, clock, state)
    assert looked.newest_on is None
    assert looked.finding
    found = only(office, clock)
    assert (found.nearness, found.failing_since) == (Nearness.UNKNOWN, clock())
    assert why(office, found, clock()) == "没有查到最近何时更新，不预警，请人工查看"


def test_a_failed_look_warns_nobody_keeps_what_was_known_and_is_shown(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    look(office, site, clock, State.GOOD)
    site["/"] = Answer(status=503)
    clock.set("2021-09-11 08:00")
    [looked] = look_at_columns(office, clock)
    assert looked.newest_on is None
    found = only(office, clock)
    assert found.resting.newest_on == TODAY - timedelta(days=2)
    assert found.failing_since == clock()
    for day in range(12, 23):
        clock.set(f"2021-09-{day} 08:00")
        look_at_columns(office, clock)
        assert warn(office, now=at(f"2021-09-{day} 09:00")) == []
    assert found.failing_since == only(office, clock).failing_since
    assert "情况不明" in why(office, only(office, clock), clock())


def test_the_unit_is_warned_three_days_before_and_not_after_a_new_document(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    """Of 8 September: the fortnight is full on the 22nd, warned of from the 19th; 20 and 21 are days off."""
    look(office, site, clock, State.GOOD)
    clock.set("2021-09-17 06:00")
    look_at_columns(office, clock)
    assert warn(office, now=at("2021-09-17 09:00")) == []
    clock.set("2021-09-18 06:00")  # a make-up Saturday
    look_at_columns(office, clock)
    [warned] = warn(office, now=at("2021-09-18 09:00"))
    assert [each.name for each in warned.about] == [f"“{COLUMN}”栏目"]
    assert "已10天未更新" in messages(office)[-1].text


def test_each_column_is_looked_at_once_a_day_before_the_warnings(
    office: Office, site: FakeWebsite, clock: Clock
) -> None:
    look(office, site, clock, State.GOOD)
    assert look_at_columns(office, clock) == []
    clock.set("2021-09-11 05:59")
    assert look_at_columns(office, clock) == []
    clock.set("2021-09-11 06:00")
    assert len(look_at_columns(office, clock)) == 1


def test_two_offices_at_once_look_once(
    office: Office, open_office: BuildOffice, site: FakeWebsite, clock: Clock
) -> None:
    other = open_office()
    register(office, f"{UNIT},{COLUMN},{build(site, LAYOUTS[0], State.GOOD)}")
    done = at_once(partial(look_at_columns, office, clock), partial(look_at_columns, other, clock))
    assert not [each for each in done if isinstance(each, Exception)]
    assert sorted(len(each) for each in done if not isinstance(each, Exception)) == [0, 1]


def test_a_column_of_a_unit_without_a_site_says_so(office: Office, clock: Clock) -> None:
    register(office, f"{UNIT},{COLUMN},")
    [looked] = look_at_columns(office, clock)
    assert (looked.newest_on, "没有写明网站" in looked.finding) == (None, True)


def test_the_same_table_twice_adds_nothing_and_an_address_is_written_anew(
    office: Office, clock: Clock
) -> None:
    table = [(UNIT, "通知公告栏目", ""), ("市观鸟局", "工作动态", "https://niao.example.cn/")]
    content = as_xlsx(table, ("单位", "栏目", "网址")).getvalue()
    done = import_columns(office, content, "栏目.xlsx", by="王芳", now=clock())
    assert (done.added, done.named, done.new_units) == (2, 2, ("市观鸟局",))
    before = rows(office)
    assert import_columns(office, content, "栏目.xlsx", by="王芳", now=clock()).added == 0
    assert rows(office) == before
    register(office, f"{UNIT},通知公告,https://jy.example.cn/tzgg/")
    found = {each.name: each.page_url for each in survey(office, now=clock())}
    assert found == {
        "“通知公告”栏目": "https://jy.example.cn/tzgg/",
        "“工作动态”栏目": "https://niao.example.cn/",
    }


def test_every_faulty_row_is_named_and_none_is_written(office: Office) -> None:
    before = rows(office)
    lines = (
        f"{UNIT},机构职能,",
        f",{COLUMN},",
        f"{UNIT},动,",
        f"{UNIT},{COLUMN},ftp://x",
        f"{UNIT},通知公告,",
    )
    with pytest.raises(IntakeError) as refused:
        register(office, *lines)
    assert refused.value.details["rows"] == [
        "第2行：没有规定栏目“机构职能”的更新期限（config/columns.toml）",
        "第3行：没有写单位",
        "第4行：栏目“动”须为 2 至 100 个字",
        "第5行：网址须以 http:// 或 https:// 开头：ftp://x",
    ]
    assert rows(office) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [("单位,网址\n", "表头缺少 栏目"), ("单位,栏目\n", "栏目表是空的"), ("\n", "表头缺少 单位、栏目")],
)
def test_what_is_no_table_of_columns_is_refused(office: Office, content: str, words: str) -> None:
    with pytest.raises(IntakeError, match=words):
        import_columns(office, content.encode(), "栏目.csv", by="王芳", now=MORNING)


def test_a_column_can_be_taken_off_and_only_by_the_bureau(office: Office, clock: Clock) -> None:
    register(office, f"{UNIT},{COLUMN},")
    with pytest.raises(ForbiddenError):
        remove_column(office, UNIT, COLUMN, by="李联")
    with pytest.raises(NotFoundError, match="没有登记栏目“通知公告”"):
        remove_column(office, UNIT, "通知公告", by="王芳")
    remove_column(office, UNIT, f"{COLUMN}栏目", by="王芳")
    assert survey(office, now=clock()) == []


def test_units_that_become_one_watch_a_common_column_once(office: Office, clock: Clock) -> None:
    register(office, f"{UNIT},{COLUMN},", f"市观鸟局,{COLUMN},", "市观鸟局,通知公告,")
    unit_aliases.teach_alias(office, "市观鸟局", UNIT, now=clock(), by="王芳")
    assert sorted((each.unit, each.name) for each in survey(office, now=clock())) == [
        (UNIT, "“工作动态”栏目"),
        (UNIT, "“通知公告”栏目"),
    ]


def test_an_account_that_passed_its_limit_is_opened_by_a_person(office: Office, clock: Clock) -> None:
    row = account(UNIT, "微博", "云澜教育", last_post="2021-08-25", seen="2021-09-08")
    take_in(office, as_csv([row], ACCOUNT_COLUMNS), "账号.csv", by="李强", now=at("2021-09-08 10:00"))
    found = only(office, clock)
    assert (found.nearness, found.is_to_open) == (Nearness.OVER, True)
    with pytest.raises(ForbiddenError):
        open_from_watch(office, found.kind, found.id, by="李联", now=clock())
    item = open_from_watch(office, found.kind, found.id, by="王芳", now=clock())
    assert item.text == "微博“云澜教育”超过14天没有更新。"
    perform(office, Event.SUBMIT, [item.number], by="李联", now=clock())
    assert only(office, clock).item_number == item.number
    with pytest.raises(NotFoundError):
        open_from_watch(office, found.kind, 99, by="王芳", now=clock())
    assert inspect.open_file(office, item.number).item.bulletin.startswith("更新监测")
