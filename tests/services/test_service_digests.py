"""Digests by scope and pace: who reads what, since when, with which files, and each of them once."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from notifiers.base import Letter, Notifier
from notifiers.email import EmailSmtp
from notifiers.freezing import thawed
from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, know, messages, rows, strike_off
from tests.support import Clock, at, take_in
from tracker.domain.digests import Pace
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.ladders import Audience
from tracker.domain.lifecycle import Event
from tracker.domain.periods import IssuePeriod, Week
from tracker.rendering.digest import DigestView
from tracker.services import digest_scopes, summarise
from tracker.services.advance import perform
from tracker.services.digest_files import LARGEST_LEDGER, XLSX, attachments, draw_chart, ledger_of
from tracker.services.digest_scopes import DigestScope
from tracker.services.digest_status import round_of
from tracker.services.documents import write_files
from tracker.services.office import Office
from tracker.services.summarise import compile_digest, send_digest, send_due_digests
from tracker.store import digests
from tracker.store.schema import contact, unit

pytestmark = pytest.mark.slow

MONDAY, NEXT_MONDAY = at("2021-07-26 09:00"), at("2021-08-02 09:00")
JULY = IssuePeriod.month("2021-07")
PEOPLE = (
    "市行政审批局,郑组,领导小组,13800000005,,,",
    "市行政审批局,何科,审批局,13800000006,,,",
    "市行政审批局,钱局,负责人,13800000007,,,",
    "市教育局,李联,联络员,13800000001,,,",
    "市教育局,李长,负责人,13800000002,,,",
    "市教育局,赵组,领导小组,13800000003,,,",
    "市民政局,孙长,负责人,13800000004,,,",
    "市科技局,无事,负责人,13800000011,,,",
    "澜东区,周长,负责人,13800000008,,,",
    "澜东区,吴组,领导小组,13800000009,,,",
    "澜东区桥头街道,冯长,负责人,13800000010,,,",
)


def staffed(office: Office) -> None:
    """Items 1 to 5 are 市教育局's, 6 and 7 市民政局's, 8 and 9 澜东区's, to which a street belongs."""
    take_in(office, at("2021-07-23 17:00"))
    know(office, *PEOPLE)
    with office.database.write() as connection:
        street = unit.update().where(unit.c.name == "澜东区桥头街道")
        connection.execute(street.values(level="below", parent="澜东区"))


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(staffed)
    return office


def scopes_by_recipient(office: Office) -> dict[str, str]:
    with office.database.read() as connection:
        told = digest_scopes.audience(connection, office, Pace.WEEKLY)
    return {each.name: scope.name for scope, people in told for each in people}


def test_everybody_reads_of_what_is_theirs(office: Office) -> None:
    assert scopes_by_recipient(office) == {
        "郑组": "全市",
        "何科": "全市",
        "钱局": "全市",  # the bureau's own head
        "李长": "市教育局",
        "赵组": "市教育局",  # a department that is itself chased keeps its leaders
        "孙长": "市民政局",
        "无事": "市科技局",
        "周长": "澜东区",
        "吴组": "澜东区",
        "冯长": "澜东区桥头街道",
    }


def test_each_is_sent_the_digest_of_their_scope_and_nobody_one_of_nothing(office: Office) -> None:
    sent = send_digest(office, now=MONDAY)
    texts = {each.recipient: each.text for each in messages(office)}
    assert set(sent.sent_to) == set(texts)
    heads = {name.split()[1]: text.splitlines()[0] for name, text in texts.items()}
    assert heads == {
        "郑组（领导小组）": "## 整改周报（2021年第30周）",
        "何科（审批局）": "## 整改周报（2021年第30周）",
        "钱局（负责人）": "## 整改周报（2021年第30周）",
        "李长（负责人）": "## 整改周报（2021年第30周·市教育局）",
        "赵组（领导小组）": "## 整改周报（2021年第30周·市教育局）",
        "孙长（负责人）": "## 整改周报（2021年第30周·市民政局）",
        "周长（负责人）": "## 整改周报（2021年第30周·澜东区）",
        "吴组（领导小组）": "## 整改周报（2021年第30周·澜东区）",
    }  # 市科技局 and the street have no item
    assert "市教育局" not in texts["澜东区 周长（负责人）"]
    assert len({each.serial for each in messages(office)}) == 4


def test_a_unit_reads_by_domain_and_a_district_by_unit(office: Office) -> None:
    cuts = {
        name: [group.name for group in compile_digest(office, now=MONDAY, scope=scope).view.groups]
        for name in ("市教育局", "澜东区")
        for scope in [digest_scopes.of_name(office, name)]
    }
    assert cuts == {"市教育局": ["一网通办", "互联网+监管", "政务公开"], "澜东区": ["澜东区"]}


def test_the_scopes_of_units_and_districts_add_up_to_the_city(office: Office) -> None:
    strike_off(office, [1, 6, 8], at("2021-07-26 08:00"))
    whole = compile_digest(office, now=MONDAY).view.total
    parts = [
        compile_digest(office, now=MONDAY, scope=digest_scopes.of_name(office, name)).view.total
        for name in ("市教育局", "市民政局", "澜东区")
    ]
    assert sum(part.rate.denominator for part in parts) == whole.rate.denominator == 9
    assert sum(part.rate.numerator for part in parts) == whole.rate.numerator == 3
    assert sum(part.open for part in parts) == whole.open


def test_a_name_that_is_no_district_is_none_and_an_unknown_one_is_said(office: Office) -> None:
    assert digest_scopes.of_unit(office, "澜东区").key.startswith("unit:")
    with pytest.raises(RectifyError, match="“市教育局”不是区"):
        digest_scopes.of_district(office, "市教育局")
    with pytest.raises(NotFoundError, match="没有名为“市无名局”的责任单位"):
        digest_scopes.of_unit(office, "市无名局")


def lists(view: DigestView) -> tuple[list[int], list[int]]:
    return [line.number for line in view.struck_off], [line.number for line in view.overdue]


def test_each_item_is_news_in_one_digest(office: Office) -> None:
    strike_off(office, [1], at("2021-07-26 08:00"))
    first = send_digest(office, now=MONDAY).view
    strike_off(office, [2], at("2021-07-26 08:59"))  # decided before the digest, written down after it
    strike_off(office, [3], at("2021-07-30 10:00"))
    second = send_digest(office, now=NEXT_MONDAY).view
    third = send_digest(office, now=at("2021-08-09 09:00")).view
    assert [sorted(lists(view)[0]) for view in (first, second, third)] == [[1], [2, 3], []]
    overdue = [number for view in (first, second, third) for number in lists(view)[1]]
    assert (
        len(overdue) == len(set(overdue)) == third.newly_overdue + second.newly_overdue + first.newly_overdue
    )
    assert third.total.overdue == len(overdue)


def test_the_change_is_against_what_was_printed(office: Office) -> None:
    strike_off(office, [1, 2], at("2021-07-26 08:00"))
    printed = send_digest(office, now=MONDAY).view.total.rate
    # Taken back as of Friday before: counted anew, last Monday's rate would be another.
    perform(office, Event.REOPEN, [1, 2], by="核验员", now=at("2021-07-26 08:30"), reason="录入有误")
    view = send_digest(office, now=NEXT_MONDAY).view
    assert view.total.previous == printed
    assert view.total.delta == "较上周下降22.2个百分点"


def test_what_was_published_stays_whatever_happens(office: Office) -> None:
    scope = digest_scopes.of_name(office, "澜东区")
    send_digest(office, now=MONDAY)
    before = compile_digest(office, now=MONDAY, scope=scope)
    ledger = ledger_of(office, before.view, scope, now=MONDAY)
    strike_off(office, [8, 9], at("2021-07-27 10:00"))
    week = Week.parse("2021-W30")
    again = compile_digest(office, now=NEXT_MONDAY, period=week, scope=scope)
    assert (again.view, again.text) == (before.view, before.text)
    assert draw_chart(again.view) == draw_chart(before.view)
    assert ledger_of(office, again.view, scope, now=NEXT_MONDAY) == ledger


def test_what_an_older_program_froze_is_still_read(office: Office) -> None:
    group = {"name": "合计", "overdue": 1, "open": 5}
    group |= {"rate": [4, 9], "previous": None, "on_time": [4, 5]}
    frozen = {"total": group, "groups": [group | {"name": "市直"}], "unfinished": [["市教育局", 5]]}
    frozen |= {"newly_struck_off": 4, "newly_overdue": 1}
    frozen |= {"latest": [{"unit": "市教育局", "overdue": 1, "days": 2}]}
    with office.database.write() as connection:
        digests.publish(connection, "2021-W30", "all", as_of=MONDAY, at=MONDAY, snapshot=frozen, ledger=b"")
    made = compile_digest(office, now=NEXT_MONDAY, period=Week.parse("2021-W30"))
    assert "44.4%" in made.text
    assert made.unfinished == "未完成整改单位：市教育局5条。"
    assert compile_digest(office, now=NEXT_MONDAY).view.total.previous == made.view.total.rate


def cells(content: bytes) -> set[object]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return {cell for row in sheet.to_python() for cell in row}


def test_a_scope_s_ledger_shows_its_own_items_only(office: Office) -> None:
    send_digest(office, now=MONDAY)
    own, whole = (
        cells(
            ledger_of(office, compile_digest(office, now=MONDAY, scope=scope).view, scope, now=MONDAY).content
        )
        for scope in (digest_scopes.of_name(office, "澜东区"), digest_scopes.WHOLE_CITY)
    )
    assert {"澜东区"} == own & {"澜东区", "市教育局", "市民政局"}
    assert {"澜东区", "市教育局", "市民政局"} <= whole


ROBOT = "invented-robot-key-0001"


def channelled(build_office: BuildOffice, **channels: Notifier) -> Office:
    return build_office(channels={**channels, "sandbox": Sandbox()})


def test_a_group_reads_text_picture_and_workbook(build_office: BuildOffice, office: Office) -> None:
    know(office, f"市行政审批局,郑组,领导小组,,,{ROBOT},", f"市行政审批局,何科,审批局,,,{ROBOT},")
    group = channelled(build_office, wecom_robot=WeComRobot("http://127.0.0.1:9"))
    assert "市行政审批局 郑组（领导小组）" in send_digest(group, now=MONDAY).sent_to
    [letter] = {each.letter for each in messages(office) if each.channel == "wecom_robot"}
    with office.database.read() as connection:
        payloads = (
            connection.exec_driver_sql(f"SELECT payload FROM message WHERE letter = '{letter}' ORDER BY id")
            .scalars()
            .all()
        )
    parts = [thawed(bytes(payload)) for payload in payloads]
    assert [part.get("msgtype", "file") for part in parts][-2:] == ["image", "file"]
    assert parts[0]["markdown"]["content"].startswith("## 整改周报（2021年第30周）")
    assert parts[-1]["file"]["name"] == "整改台账-2021-W30.xlsx"


def test_a_mail_has_the_same_as_html_with_the_files(build_office: BuildOffice, office: Office) -> None:
    know(office, "澜东区,周长,负责人,,,,zhou@yunlan.example")
    mail = EmailSmtp("127.0.0.1", sender="zhenggai@yunlan.example", security="none")
    send_digest(channelled(build_office, email=mail), now=MONDAY)
    with office.database.read() as connection:
        payload = connection.exec_driver_sql(
            "SELECT m.payload FROM message m WHERE m.channel = 'email'"
        ).scalar_one()
    text = bytes(payload).decode()
    assert text.count("Content-Type: text/html") == 1
    assert text.count("Content-Type: image/png") == 1
    assert text.count("spreadsheetml.sheet") == 1


def test_one_scope_is_sent_to_its_own_people(office: Office) -> None:
    district = digest_scopes.of_name(office, "澜东区")
    assert send_digest(office, now=MONDAY, scope=district).sent_to == (
        "澜东区 周长（负责人）",
        "澜东区 吴组（领导小组）",
    )
    rest = send_digest(office, now=MONDAY).sent_to
    assert len(rest) == 6
    assert not any(name.startswith("澜东区 ") for name in rest)
    with pytest.raises(RectifyError, match="没有应收“澜东区”月报的人"):
        send_digest(office, now=NEXT_MONDAY, period=JULY, scope=replace(district, key="unit:0"))


def test_a_month_is_told_as_it_ended_and_only_when_it_has(office: Office) -> None:
    strike_off(office, [1], at("2021-07-28 10:00"))
    strike_off(office, [2], at("2021-08-01 10:00"))
    before = rows(office)
    with pytest.raises(RectifyError, match="2021-08 尚未结束"):
        send_digest(office, now=NEXT_MONDAY, period=JULY.next())
    assert rows(office) == before
    view = send_digest(office, now=NEXT_MONDAY, period=JULY).view
    assert (view.total.rate.numerator, lists(view)[0], view.unreported) == (1, [1], None)
    assert view.as_of == at("2021-07-31 23:59").replace(second=59)


def with_roles(office: Office, **roles: tuple[Audience, ...]) -> Office:
    by_pace = {pace: roles.get(pace.value, ()) for pace in Pace}
    return replace(office, rules=replace(office.rules, digest_roles=by_pace))


def test_a_pace_that_nobody_is_to_get_is_not_sent(office: Office) -> None:
    weekly = with_roles(office, weekly=(Audience.HEAD,))
    with pytest.raises(RectifyError, match="没有写明月报发给谁"):
        send_digest(weekly, now=NEXT_MONDAY, period=JULY)
    assert [made.view.period for made in send_due_digests(weekly, now=NEXT_MONDAY)] == ["2021-W31"]
    silent = with_roles(office)
    assert send_due_digests(silent, now=at("2021-08-09 09:00")) == []


def sent(office: Office, clock: Clock, until: str) -> list[str]:
    days = []
    while clock() < at(until):
        for made in send_due_digests(office, now=clock()):
            late = " 补发" if made.view.late_from else ""
            days.append(f"{clock():%m-%d %H} {made.view.period}{late}")
        clock.advance(hours=6)
    return days


def test_weeks_months_and_quarters_come_on_their_working_days(office: Office, clock: Clock) -> None:
    clock.set("2021-09-20 09:00")
    assert sent(office, clock, "2021-10-12 00:00") == [
        "09-20 09 2021-W37 补发",
        "09-20 09 2021-08 补发",
        "09-22 09 2021-W38",
        "09-27 09 2021-W39",
        "10-08 09 2021-W40",
        "10-08 09 2021-09",
        "10-08 09 2021Q3",
        "10-11 09 2021-W41",
    ]


def test_of_missed_periods_the_latest_of_each_kind_is_sent_and_says_that_it_is_late(
    office: Office, clock: Clock
) -> None:
    clock.set("2021-07-26 09:00")
    assert sent(office, clock, "2021-07-27 00:00") == ["07-26 09 2021-W30"]
    clock.set("2021-11-24 15:00")
    assert sent(office, clock, "2021-11-25 00:00") == [
        "11-24 15 2021-W47 补发",
        "11-24 15 2021-10 补发",
        "11-24 15 2021Q3 补发",
    ]
    assert all(
        "本期应于" in each.text and "现在补发" in each.text
        for each in messages(office)
        if each.created_at > at("2021-11-01 00:00")
    )


def test_a_missed_week_gives_way_to_the_one_that_comes_today(office: Office, clock: Clock) -> None:
    clock.set("2021-08-02 08:30")
    assert sent(office, clock, "2021-08-02 09:00") == []
    clock.set("2021-08-02 09:00")
    assert sent(office, clock, "2021-08-02 10:00") == ["08-02 09 2021-W31", "08-02 09 2021-07"]


def test_two_schedulers_at_once_send_each_of_them_once(build_office: BuildOffice, office: Office) -> None:
    other = build_office()
    results = at_once(*(partial(send_due_digests, each, now=NEXT_MONDAY) for each in (office, other) * 3))
    assert not [each for each in results if isinstance(each, Exception)]
    told = Counter((each.reason, each.recipient) for each in messages(office))
    assert set(told.values()) == {1}
    # Eight read of the week; of the month the city's three, and those of leading groups, are told.
    assert Counter(reason for reason, _ in told) == {"2021年第31周周报": 8, "2021年7月月报": 4}


class _Once(Sandbox):
    """A channel that breaks down at one of its letters."""

    def __init__(self, letter: int, error: type[BaseException]) -> None:
        self.left, self.error = letter, error

    def compose(self, letter: Letter) -> list[bytes]:
        self.left -= 1
        if not self.left:
            raise self.error
        return list(super().compose(letter))


def test_what_a_dead_process_left_undone_is_gone_on_with(build_office: BuildOffice, office: Office) -> None:
    dying = build_office(channels={"sandbox": _Once(3, SystemExit)})
    with pytest.raises(SystemExit):
        send_digest(dying, now=MONDAY)
    # The city's letters were under way: of them and of the figures nothing is left, they are one transaction.
    assert messages(office) == []
    with office.database.read() as connection:
        assert digests.published(connection, "2021-W30") is None
    assert len(send_digest(office, now=MONDAY).sent_to) == 8


def test_a_scope_that_fails_stops_no_other_nor_another_pace(
    build_office: BuildOffice, office: Office
) -> None:
    # The city's are three.
    failing = build_office(channels={"sandbox": _Once(4, ZeroDivisionError)})
    with pytest.raises(RectifyError, match=r"^2021-W31 周报有1个范围没有发出：市教育局$"):
        send_due_digests(failing, now=NEXT_MONDAY)
    told = Counter(each.reason for each in messages(office))
    assert told == {"2021年第31周周报": 6, "2021年7月月报": 4}
    [week] = send_due_digests(office, now=NEXT_MONDAY + timedelta(minutes=1))
    assert week.sent_to == ("市教育局 李长（负责人）", "市教育局 赵组（领导小组）")
    assert send_due_digests(office, now=NEXT_MONDAY + timedelta(minutes=2)) == []


def test_who_moves_to_another_scope_is_not_told_again(build_office: BuildOffice, office: Office) -> None:
    """赵组's unit names a contact only on Tuesday: from then on its leaders are no more the city's."""
    bureau = "市行政审批局,何科,审批局,,,,he@yunlan.example"
    mail = EmailSmtp("127.0.0.1", sender="zhenggai@yunlan.example", security="none")
    robot = WeComRobot("http://127.0.0.1:9")
    reached = channelled(build_office, wecom_robot=robot, email=mail)
    with office.database.write() as connection:
        connection.execute(contact.delete())
    know(reached, bureau, "市教育局,赵组,领导小组,,,,zhao@yunlan.example")
    assert len(send_digest(reached, now=MONDAY).sent_to) == 2
    later = MONDAY + timedelta(minutes=1)
    know(
        reached,
        f"市教育局,赵组,领导小组,,,{ROBOT},zhao@yunlan.example",
        "市教育局,李联,联络员,,,,",
        now=later,
    )
    know(reached, "市教育局,李长,负责人,,,,li@yunlan.example", now=later)
    assert send_digest(reached, now=MONDAY + timedelta(days=1)).sent_to == ("市教育局 李长（负责人）",)
    assert send_digest(reached, now=MONDAY + timedelta(days=2)).sent_to == ()


def test_a_letter_brings_no_ledger_of_another_day(office: Office, tmp_path: Path) -> None:
    month = send_digest(office, now=NEXT_MONDAY, period=JULY)
    week = send_digest(office, now=NEXT_MONDAY)
    with office.database.read() as connection:
        kept = [digests.has_ledger(connection, each.view.period, "all") for each in (month, week)]
    assert kept == [False, True]
    assert "见台账" not in month.text
    names = [
        write_files(office, each, tmp_path, now=at("2021-08-05 09:00"))[2].name for each in (month, week)
    ]
    assert names == ["整改台账-2021-08-05.xlsx", "整改台账-2021-W31.xlsx"]


def test_no_ledger_is_made_for_whom_nothing_is_tracked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def noted(office: Office, scope: DigestScope, *, now: datetime) -> bytes:
        made.append(scope.name)
        return b"PK"

    monkeypatch.setattr(summarise, "make_ledger", noted)
    send_digest(office, now=MONDAY)
    assert made == ["全市", "市教育局", "市民政局", "澜东区"]  # 市科技局 and the street have no item
    send_digest(office, now=MONDAY)
    assert len(made) == 4


def test_the_page_s_table_tells_who_is_told_and_how_it_stands(office: Office) -> None:
    week = Week.parse("2021-W30")
    made = compile_digest(office, now=MONDAY, period=week)
    before = round_of(office, week, made.view, most=5)
    assert {each.message for each in before.told} == {None}
    assert len(before.told) == 10
    assert (before.due_at, before.earlier) == (MONDAY, ())
    send_digest(office, now=MONDAY, period=week)
    made = compile_digest(office, now=MONDAY, period=week)
    after = round_of(office, week, made.view, most=5)
    states = {each.recipient: each.message and each.message.state for each in after.told}
    assert states["澜东区 周长（负责人）"] == "pending"
    assert states["市科技局 无事（负责人）"] is None
    assert after.earlier == ("2021-W30",)
    bound = replace(office, database=office.database.within(frozenset({1})))
    assert round_of(bound, week, made.view, most=5).told == ()


def test_a_chart_of_many_units_stays_within_what_a_group_takes(office: Office) -> None:
    view = compile_digest(office, now=MONDAY).view
    many = replace(
        view, groups=tuple(replace(view.groups[0], name=f"云台区第{n}街道办事处") for n in range(400))
    )
    assert len(draw_chart(many)) < 2 * 1024 * 1024 / 4


def test_a_ledger_that_is_too_large_for_a_letter_stays_on_the_page(office: Office) -> None:
    view = compile_digest(office, now=MONDAY).view
    for size, kinds in ((LARGEST_LEDGER, ["image/png", XLSX]), (LARGEST_LEDGER + 1, ["image/png"])):
        assert [each.media_type for each in attachments(office, view, b"x" * size)] == kinds


def test_a_district_and_its_own_unit_are_told_apart(office: Office, tmp_path: Path) -> None:
    scopes = digest_scopes.of_name(office, "澜东区"), digest_scopes.of_unit(office, "澜东区")
    made = [compile_digest(office, now=MONDAY, scope=scope) for scope in scopes]
    assert len({each.view.serial for each in made}) == 2
    assert [each.view.full_name for each in made] == ["2021年第30周·澜东区", "2021年第30周·澜东区本级"]
    assert len({path for each in made for path in write_files(office, each, tmp_path, now=MONDAY)}) == 6


def test_a_very_long_name_is_cut_for_its_files(office: Office, tmp_path: Path) -> None:
    long = "澜东区" + "综合行政执法" * 25
    with office.database.write() as connection:
        connection.execute(unit.update().where(unit.c.name == "市教育局").values(name=long))
    made = compile_digest(office, now=MONDAY, scope=digest_scopes.of_unit(office, long))
    assert made.view.scope == long
    for path in write_files(office, made, tmp_path, now=MONDAY):
        assert path.stem.endswith(f"-2021-W30-{long[:66]}")


def test_files_of_a_scope_bear_its_name(office: Office, tmp_path: Path) -> None:
    made = compile_digest(office, now=MONDAY, period=JULY, scope=digest_scopes.of_name(office, "澜东区"))
    assert [path.name for path in write_files(office, made, tmp_path, now=MONDAY)] == [
        "整改月报-2021-07-澜东区.md",
        "整改月报-2021-07-澜东区.png",
        "整改台账-2021-07-澜东区.xlsx",
    ]
