"""The pages of warnings, of looking back and of spot checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv
from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tests.services.scenes import know, strike_off
from tests.web.conftest import Visitor
from tracker.domain.people import Role
from tracker.services import accounts, feed_accounts, inspect, spot_checks
from tracker.services.spot_checks import Choice
from tracker.services.warn import warn
from tracker.store import media, revisits


def feed(town: Town, *some: tuple[str, str, str]) -> None:
    """(platform, name, last post), looked at on the day before; the clock stands on Tuesday 2026-11-17."""
    rows = [
        account("市水务局", platform, name, last_post=post, seen="2026-11-16")
        for platform, name, post in some
    ]
    feed_accounts.take_in(town.office, as_csv(rows, ACCOUNT_COLUMNS), "账号.csv", by=STAFF, now=town.now)


def next_day(town: Town, staff: Visitor) -> None:
    """Sessions last a working day."""
    town.wait(days=1)
    town.sign_in(STAFF)
    staff.resume(town, STAFF)


def proposed(town: Town) -> int:
    """A revisit of item 2 that waits for a person."""
    strike_off(town.office, [2], town.now)
    [item] = inspect.pick_items(town.office, [2])
    with town.office.database.write() as connection:
        row = {"item_number": 2, "struck_off_at": item.standing.closed_at, "weeks": 4}
        revisits.add(connection, [row | {"spot_check_id": None, "due_at": town.now}])
        [due] = revisits.due(connection, town.now, 1)
        seen = {"state": "proposed", "due_at": None, "tries": 2, "seen_at": town.now}
        revisits.set_columns(connection, due.id, **seen, finding="栏目<b>打不开</b>")
    return due.id


def test_what_presses_comes_first_with_its_lamp_and_why(town: Town, staff: Visitor) -> None:
    feed(town, ("微信公众号", "云澜水务", "2026-11-03"), ("微博", "水务发布", "2026-11-16"))
    page = staff.get("/watch").text
    assert "微信公众号“云澜水务”" in page
    assert "lamp-yellow" in page
    assert "下次预警：2026-11-18 09:00" in page
    assert "水务发布" not in page
    assert "水务发布" in staff.get("/watch?state=fine").text
    warn(town.office, now=town.now)
    assert "已预警：2026-11-17 10:00 告知市水务局（未登记联络员）" in staff.get("/watch").text


def test_the_source_and_time_of_what_is_known_stand_beside_it(town: Town, staff: Visitor) -> None:
    feed(town, ("微信公众号", "云澜水务", "2026-11-03"))
    assert "2026-11-17 10:00 读入 账号.csv" in staff.get("/watch").text
    with town.office.database.write() as connection:
        account = media.by_id(connection, 1)
        assert account is not None
        page = "https://wb.example.cn/?a=1&b=2"
        media.save(connection, replace(account, page_url=page, looked_at=town.now))
    text = staff.get("/watch").text
    assert '2026-11-17 10:00 查看<a href="https://wb.example.cn/?a=1&amp;b=2"' in text
    assert "读入 账号.csv" not in text


def test_what_is_over_its_limit_becomes_an_item_by_one_click(town: Town, staff: Visitor) -> None:
    feed(town, ("微信公众号", "云澜水务", "2026-11-02"))
    next_day(town, staff)
    assert "已超限，由审批局核实后立项；此前没有预警" in staff.get("/watch").text
    answer = staff.post("/watch/account/1/open", "/watch")
    item = staff.get(answer.headers["location"]).text
    assert "微信公众号“云澜水务”超过14天没有更新。" in item
    again = staff.post("/watch/account/1/open", "/watch")
    assert (again.status_code, "没有超限，或已经立项" in again.text) == (409, True)
    assert staff.post("/watch/column/9/open", "/watch").status_code == 404


def test_columns_are_registered_and_taken_off(town: Town, staff: Visitor) -> None:
    content = "单位,栏目,网址\n市水务局,通知公告,https://sw.example.cn/\n".encode()
    done = staff.post("/watch/columns", "/watch", files={"file": ("栏目.csv", content)})
    page = staff.get(done.headers["location"]).text
    assert "栏目表已读入" in page
    assert "“通知公告”栏目" in page
    assert "没有查到最近何时更新" in page
    staff.post("/watch/remove", "/watch", unit="市水务局", column="通知公告")
    assert "“通知公告”栏目" not in staff.get("/watch").text


@pytest.mark.parametrize(
    ("content", "words"), [("单位,栏目\n市水务局,机构职能\n", "没有规定栏目"), (None, "请选择栏目表")]
)
def test_a_faulty_table_says_why(town: Town, staff: Visitor, content: str | None, words: str) -> None:
    files = {"file": ("栏目.csv", content.encode())} if content else None
    assert words in staff.post("/watch/columns", "/watch", files=files).text


def test_a_relapse_is_confirmed_by_one_click(town: Town, staff: Visitor) -> None:
    town.take_in()
    revisit_id = proposed(town)
    next_day(town, staff)
    page = staff.get("/revisits").text
    assert "两次未见整改，待定" in page
    assert "栏目&lt;b&gt;打不开" in page
    answer = staff.post(f"/revisits/{revisit_id}/confirm", "/revisits")
    location = answer.headers["location"]
    assert location == "/items/8"
    assert "第 2 号" in staff.get(location).text
    assert "反弹" in staff.get("/items/2").text
    assert "已立为反弹" in staff.get("/revisits").text
    assert staff.post(f"/revisits/{revisit_id}/confirm", "/revisits").status_code == 409


def test_what_is_none_is_dismissed_with_a_reason(town: Town, staff: Visitor) -> None:
    town.take_in()
    revisit_id = proposed(town)
    assert "须写明" in staff.post(f"/revisits/{revisit_id}/dismiss", "/revisits", reason="").text
    staff.post(f"/revisits/{revisit_id}/dismiss", "/revisits", reason="网站临时检修")
    page = staff.get("/revisits?dismissed=true").text
    assert "已记为不算反弹" in page
    assert "网站临时检修" in page
    assert "没有待判定的事项" in page


def test_a_draw_is_made_shown_judged_and_verified(town: Town, staff: Visitor) -> None:
    town.take_in()
    strike_off(town.office, [1, 2, 4], town.now)
    next_day(town, staff)
    answer = staff.post("/spot-checks", "/spot-checks", count="2", seed="云澜2026", unit="", since="")
    page = staff.get(answer.headers["location"]).text
    assert "自 3 项中抽取 2 项" in page
    assert "复算一致" in page
    assert "云澜2026" in staff.get("/spot-checks").text
    first, second = (each.drawn.item_number for each in spot_checks.show(town.office, 1).items)
    staff.post(f"/spot-checks/1/{first}", "/spot-checks/1", result="fit", note="现场看过")
    assert "现场看过" in staff.get("/spot-checks/1").text
    refused = staff.post(f"/spot-checks/1/{second}", "/spot-checks/1", result="unfit")
    assert "不符合的须写明情况" in refused.text
    staff.post(f"/spot-checks/1/{second}", "/spot-checks/1", result="unfit", note="仍未评价")
    assert '已立为<a href="/items/8">第 8 号</a>' in staff.get("/spot-checks/1").text
    assert "请选择" in staff.post(f"/spot-checks/1/{first}", "/spot-checks/1", result="maybe").text


def test_a_draw_from_nothing_says_so_and_an_unknown_one_is_not_found(town: Town, staff: Visitor) -> None:
    assert "没有符合条件的事项" in staff.post("/spot-checks", "/spot-checks", count="2").text
    assert staff.get("/spot-checks/9").status_code == 404
    assert staff.post("/spot-checks/9/1", "/spot-checks", result="fit").status_code == 404


def test_a_units_contact_neither_sees_nor_decides(town: Town, contact: Visitor) -> None:
    town.take_in()
    revisit_id = proposed(town)
    spot_checks.draw(town.office, Choice(), count=1, by=STAFF, now=town.now + timedelta(hours=1))
    know(town.office, f"市水务局,{CONTACT},联络员,13800000001,,,")
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    town.sign_in(CONTACT)
    contact.resume(town, CONTACT)
    for path, page in (
        ("/watch/columns", "/watch"),
        ("/watch/account/1/open", "/watch"),
        (f"/revisits/{revisit_id}/confirm", "/revisits"),
        (f"/revisits/{revisit_id}/dismiss", "/revisits"),
        ("/spot-checks", "/spot-checks"),
        ("/spot-checks/1/2", "/spot-checks/1"),
    ):
        assert (page, contact.get(page).status_code) == (page, 403)
        assert (path, contact.post(path, "/items/2").status_code) == (path, 403)
