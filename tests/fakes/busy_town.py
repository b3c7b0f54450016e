"""A town in the middle of its quarter: every page has something to show, every seat has somebody in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv, case
from tests.fakes.pages_office import STAFF, START, Town
from tests.fakes.pictures import picture
from tests.fakes.scripted_probe import ScriptedProbe
from tests.fakes.seated_town import take_seats
from tests.services.scenes import strike_off
from tracker.domain.checks import Verdict
from tracker.domain.issuing import PaperKind
from tracker.domain.lifecycle import Event, State
from tracker.resources import shipped
from tracker.services import (
    column_register,
    contacts,
    feed_accounts,
    feed_cases,
    handout,
    inspect,
    issued,
    links,
    publishing,
    register,
    second_factor,
    spot_checks,
    staging,
    views,
)
from tracker.services.advance import perform, watch
from tracker.services.deliver import deliver
from tracker.services.evidence import Evidence
from tracker.services.issue import issue_for_unit
from tracker.services.observe import observe
from tracker.services.register import Source
from tracker.services.remind import remind
from tracker.services.spot_checks import Choice
from tracker.services.warn import warn
from tracker.store import Database, media, revisits
from tracker.store.items import ItemFilter
from tracker.store.vault import Vault, new_key
from tracker.web.access import Seat

UNIT, HOLDER, DISTRICT = "市教育局", "联络员丁", "澜东区"
PUBLIC = "http://zhenggai.yunlan.example/"  # not https: a cookie can then be planted
FIX = "https://jy.yunlan.example/tongji/"
_ISSUED = datetime(2026, 10, 16, 2, tzinfo=UTC)
_EXAMPLES = shipped("templates") / "examples"
_DAYS = ("2026-11-02", "2026-11-03", "2026-11-04")


def with_key(town: Town, public_url: str) -> None:
    """The office of this town can seal secrets and make links."""
    url = town.office.database.url.render_as_string(hide_password=False)
    town.office.database.close()
    database = Database(url, busy_seconds=1, vault=Vault([new_key()]))
    town.office = replace(town.office, database=database, public_url=public_url)


def busy(town: Town) -> None:
    """A month after the example bulletin: most is done, some is late, some waits for the bureau.

    `town.session_tokens` holds a session for each seat, by its name.
    """
    with_key(town, PUBLIC)
    probe = ScriptedProbe()
    shot = picture(size=(1280, 2000))
    town.office = replace(town.office, probes=(probe,), capture=lambda _url: shot)
    _first_days(town)
    _weeks(town)
    town.now = START
    _bureau(town)
    _looked_at(town, probe)
    _feeds(town)
    _papers(town)
    take_seats(town, unit=UNIT, holder=HOLDER, district=DISTRICT)
    second_factor.begin(town.office, Seat.STAFF)  # waits for its first code


def own(town: Town) -> list[int]:
    """The numbers of the unit whose contact is signed in."""
    return [number for number, unit in _numbers(town) if unit == UNIT]


def link_of(town: Town) -> str:
    """The path of a fresh one-tap link of the unit's contact."""
    [found] = [each for each in contacts.list_contacts(town.office) if each.name == HOLDER]
    with town.office.database.write() as connection:
        address = links.issue(connection, town.office, found, town.now)
    assert address is not None
    return "/" + address.removeprefix(PUBLIC)


def _numbers(town: Town) -> list[tuple[int, str]]:
    found = inspect.list_items(town.office, ItemFilter(), now=town.now)
    return sorted((item.number, item.unit) for item in found)


def _example() -> str:
    return (_EXAMPLES / "bulletin.txt").read_text("utf-8")


def _first_days(town: Town) -> None:
    town.now = _ISSUED
    people = _EXAMPLES / "contacts.csv"
    contacts.import_contacts(town.office, people.read_bytes(), people.name, now=town.now)
    source = Source(_example().encode(), "第三季度通报.txt", _ISSUED.date())
    register.commit(town.office, source, by=STAFF, now=town.now)
    handout.hand_out(town.office, None, by=STAFF, now=town.now)
    deliver(town.office, town.clock)


def _weeks(town: Town) -> None:
    """Each Monday a part is struck off, and the ladder says its words."""
    done = [number for number, unit in _numbers(town) if unit != UNIT and number % 4]
    for week in range(4):
        town.now = _ISSUED + timedelta(weeks=week, days=3)
        strike_off(town.office, done[week::5], town.now)
        remind(town.office, now=town.now)
        deliver(town.office, town.clock)


def _bureau(town: Town) -> None:
    """Today: handed in, sent back, asked for longer, published, drawn, staged."""
    office, now = town.office, town.now
    waiting = [number for number, unit in _numbers(town) if unit != UNIT and number % 4 == 0]
    photo = Evidence.file("首页照片.jpg", picture(size=(400, 300)))
    perform(
        office, Event.SUBMIT, waiting[:4], by="某联络员", now=now, reason="已整改，附照片", evidence=[photo]
    )
    first, second, third, *_ = own(town)
    perform(office, Event.SUBMIT, [first], by=HOLDER, now=now - timedelta(days=1))
    perform(office, Event.RETURN, [first], by=STAFF, now=now, reason="栏目打不开，请核实后再报")
    perform(office, Event.SIGN, [second], by=HOLDER, now=now)
    perform(office, Event.SUBMIT, [third], by=HOLDER, now=now, reason="已补发", evidence=[photo])
    views.save_view(office, "澜东区未办结", "unit=澜东区", by=STAFF, now=now, shared=True)
    publishing.publish(office, "2026年第三季度整改率", by=STAFF, now=now)
    spot_checks.draw(office, Choice(), count=3, by=STAFF, now=now, seed="云澜2026")
    remind(office, now=now)
    deliver(office, town.clock)
    inspect.confirm_units(office, sorted({unit for _, unit in _numbers(town)}))
    later = _example().replace("10 月 16 日", "11 月 16 日").replace("第三季度", "第四季度")
    later = later.replace("1,036件", "640件").replace("未设置重大项目专栏", "未设置以案释法专栏")
    staging.stage(office, Source(later.encode(), "第四季度通报.txt"), by=STAFF, now=now)


def _papers(town: Town) -> None:
    """One that an office files, and one that it has voided."""
    done = ItemFilter(states=(State.STRUCK_OFF,))
    found = inspect.list_items(town.office, done, now=town.now)
    for unit in sorted({item.unit for item in found})[:2]:
        [paper] = issue_for_unit(town.office, PaperKind.STRIKE_OFF, unit, by=STAFF, now=town.now)
    issued.void(town.office, paper.id, by=STAFF, reason="漏列一项，另行出具", now=town.now)


def _looked_at(town: Town, probe: ScriptedProbe) -> None:
    """Checks of two items, and an item that looks as if it had come back."""
    checkable = [
        item
        for item in inspect.list_items(town.office, ItemFilter(), now=town.now)
        if item.problem_class in probe.classes
    ]
    open_ones = [item.number for item in checkable if item.standing.state in {State.OPEN, State.SUBMITTED}][
        :2
    ]
    for number, verdict in zip(open_ones, (Verdict.FIXED, Verdict.NOT_FIXED), strict=True):
        watch(town.office, [number], url=FIX, by=STAFF, now=town.now)
        if inspect.open_file(town.office, number).item.standing.state is State.OPEN:
            perform(town.office, Event.SUBMIT, [number], by="某联络员", now=town.now)
        probe.sees[number] = verdict
    observe(town.office, lambda: town.now + timedelta(minutes=1))
    [done, *_] = [item for item in checkable if item.standing.state is State.STRUCK_OFF]
    row = {"item_number": done.number, "struck_off_at": done.standing.closed_at, "weeks": 4}
    with town.office.database.write() as connection:
        revisits.add(connection, [row | {"spot_check_id": None, "due_at": town.now}])
        due = revisits.due(connection, town.now, 10)[-1]
        seen = {"state": "proposed", "due_at": None, "tries": 2, "seen_at": town.now}
        revisits.set_columns(connection, due.id, **seen, finding="网页上没有找到栏目：统计信息")


def _feeds(town: Town) -> None:
    """An export of cases with faults, accounts near their limit, columns to be watched."""
    bad = [case(f"L{n:04}", "市卫健委", *_DAYS, rating="") for n in range(8)]
    good = [case(f"G{n:04}", "市卫健委", *_DAYS) for n in range(30)]
    feed_cases.take_in(town.office, as_csv([*bad, *good, case("B", "")]), "办件.csv", by=STAFF, now=town.now)
    page = "https://mz.yunlan.example/wb/"
    rows = [
        (*account("市教育局", "微信公众号", "云澜教育", last_post="2026-11-03", seen="2026-11-16"), ""),
        (*account("市民政局", "微博", "云澜民政", last_post="2026-10-02", seen="2026-11-16"), page),
        (*account("澜东区", "抖音", "澜东发布", last_post="2026-11-15", seen="2026-11-16"), ""),
    ]
    content = as_csv(rows, (*ACCOUNT_COLUMNS, "公开页面"))
    feed_accounts.take_in(town.office, content, "账号.csv", by=STAFF, now=town.now)
    with town.office.database.write() as connection:
        [known] = media.due_looks(connection, town.now, 9)  # the one that has a page
        seen = {"summary": "页面所见最近一次更新为 2026-10-02", "final_url": page}
        media.save_look(connection, replace(known, looked_at=town.now, page_look=seen))
    table = "单位,栏目,网址\n市教育局,通知公告,https://jy.yunlan.example/\n".encode()
    column_register.import_columns(town.office, table, "栏目.csv", by=STAFF, now=town.now)
    warn(town.office, now=town.now)
