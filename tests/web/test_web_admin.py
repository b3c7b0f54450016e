"""Administration as an administrator uses it in a browser, and what it never shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tests.fakes.pages_office import PASSWORD, Town
from tests.fakes.seated_town import seated
from tests.services.scenes import know, rows
from tests.web.conftest import Visitor
from tracker.domain.people import Role
from tracker.services import accounts, contact_list, jobs, users
from tracker.services.diagnose import diagnose
from tracker.store import trail_search
from tracker.web.access import Seat
from tracker.web.admin_words import CHECKS, JOBS
from tracker.web.routes import admin_audit, admin_contacts

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def office(town: Town) -> Town:
    """A town with somebody in every seat, a robot beside the sandbox, and backups of its own."""
    town.begin(seated)
    channels = {"wecom_robot": WeComRobot(), "sandbox": Sandbox()}
    town.office = replace(town.office, channels=channels, backup_dir=town.folder / "backups")
    return town


@pytest.fixture
def admin(office: Town) -> Visitor:
    visitor = Visitor(office)
    visitor.resume(office, Seat.ADMIN)
    return visitor


def _follow(visitor: Visitor, answer) -> str:
    assert answer.status_code == 303
    return visitor.get(answer.headers["location"]).text


# people


def test_a_new_account_gets_a_password_that_is_shown_once_and_works(office, admin):
    page = admin.post("/admin/people", "/admin/people", login="新人", role="staff").text
    password = re.search(r'class="secret">([^<]+)<', page)[1]
    assert password not in admin.get("/admin/people").text
    assert Visitor(office).sign_in("新人", password).status_code == 303
    again = admin.post("/admin/people", "/admin/people", login="新人", role="admin")
    assert again.status_code == 409
    assert accounts.list_accounts(office.office)["新人"] is Role.STAFF


def test_a_reset_password_ends_the_sessions_and_makes_nobody(office, admin):
    page = admin.post("/admin/people/password", "/admin/people", login=Seat.STAFF).text
    password = re.search(r'class="secret">([^<]+)<', page)[1]
    assert Visitor(office).sign_in(Seat.STAFF, PASSWORD).status_code == 401
    assert Visitor(office).sign_in(Seat.STAFF, password).status_code == 303
    assert admin.post("/admin/people/password", "/admin/people", login="无此人").status_code == 404


def test_who_is_disabled_stays_out_until_enabled(office, admin):
    assert "已停用" in _follow(admin, admin.post("/admin/people/disable", "/admin/people", login=Seat.STAFF))
    assert Visitor(office).sign_in(Seat.STAFF, PASSWORD).status_code == 401
    _follow(admin, admin.post("/admin/people/enable", "/admin/people", login=Seat.STAFF))
    assert Visitor(office).sign_in(Seat.STAFF, PASSWORD).status_code == 303


def test_a_role_is_changed_and_bound_to_a_unit(office, admin):
    fields = {"login": Seat.STAFF, "role": "staff", "unit": "澜东区"}
    _follow(admin, admin.post("/admin/people/role", "/admin/people", **fields))
    found = {each.login: each for each in users.list_users(office.office, now=office.now)}
    assert found[Seat.STAFF].unit == "澜东区"
    wrong = admin.post("/admin/people/role", "/admin/people", **(fields | {"unit": "市无此局"}))
    assert wrong.status_code == 404


@pytest.mark.parametrize("act", ["disable", "role"])
def test_nobody_locks_themselves_out(office, admin, act):
    answer = admin.post(f"/admin/people/{act}", "/admin/people", login=Seat.ADMIN, role="contact")
    assert answer.status_code == 409
    assert "另一位管理员" in answer.text
    assert accounts.list_accounts(office.office)[Seat.ADMIN] is Role.ADMIN


# contacts


def test_contacts_are_found_and_never_shown_whole(office, admin):
    know(office.office, f"市水务局,{HOSTILE},负责人,13800000009,,invented-robot-key-0009,wang@example.cn")
    page = admin.get("/admin/contacts?q=水务").text
    assert "138****0009" in page
    assert "李体" not in page
    for secret in ("13800000009", "invented-robot-key-0009", "wang@example.cn", HOSTILE):
        assert secret not in page
    assert "没有找到" in admin.get("/admin/contacts?q=%25").text


def _ways(office: Town, name: str) -> tuple[str | None, ...]:
    people, _ = contact_list.look_through(office.office, words=name, size=10)
    [found] = people
    person = contact_list.one(office.office, found.id)
    return person.phone, person.wecom_userid, person.robot, person.email


def test_a_field_left_empty_stays_and_a_ticked_one_is_cleared(office, admin):
    know(office.office, "市水务局,孙水,联络员,13800000005,sunshui,,sun@example.cn")
    people, _ = contact_list.look_through(office.office, words="孙水", size=10)
    place = f"/admin/contacts/{people[0].id}"
    answer = admin.post(place, place, phone="13800000006", clear=["email"])
    assert "已保存" in _follow(admin, answer)
    assert _ways(office, "孙水") == ("13800000006", "sunshui", None, None)
    refused = admin.post(place, place, phone="123")
    assert refused.status_code == 400
    assert "手机号格式不对" in refused.text
    _follow(admin, admin.post(f"{place}/remove", place))
    assert admin.get(place).status_code == 404


def test_a_contact_is_added_only_to_a_unit_that_is_known(office, admin):
    fields = {"name": "周新", "role": "联络员", "phone": "13800000007"}
    answer = admin.post("/admin/contacts", "/admin/contacts", unit="市体育局", **fields)
    assert "已保存" in _follow(admin, answer)
    refused = admin.post("/admin/contacts", "/admin/contacts", unit="市无此局", **fields)
    assert refused.status_code == 404
    assert 'value="周新"' in refused.text


def test_a_file_is_previewed_first_and_taken_in_as_it_was_shown(office, admin):
    header = "单位,姓名,角色,手机,企业微信账号,群机器人,邮箱\n"
    content = f"{header}市水务局,王水,联络员,13800000011,,,\n市气象局,{HOSTILE},联络员,13800000012,,,\n"
    before = rows(office.office)
    files = {"file": ("联系人.csv", content.encode())}
    page = admin.post("/admin/contacts/import/preview", "/admin/contacts", files=files).text
    assert rows(office.office) == before
    assert "新增 1 人，改动 1 人，不变 0 人" in page
    assert "新单位" in page
    assert HOSTILE not in page
    [part] = re.findall(r'name="parts" value="([^"]+)"', page)
    answer = admin.post("/admin/contacts/import", "/admin/contacts", filename="联系人.csv", parts=[part])
    assert "联系人表已读入" in _follow(admin, answer)
    assert _ways(office, "王水")[0] == "13800000011"


def test_all_faults_of_a_contacts_file_are_told_and_none_of_it_is_kept(office, admin):
    content = "单位,姓名,角色,手机\n市水务局,甲,队长,13800000011\n市水务局,乙,联络员,1\n"
    files = {"file": ("联系人.csv", content.encode())}
    answer = admin.post("/admin/contacts/import/preview", "/admin/contacts", files=files)
    assert answer.status_code == 400
    assert "第 2 行" in answer.text
    assert "第 3 行" in answer.text


def test_units_that_nobody_is_told_for_are_listed(office, admin, monkeypatch):
    page = admin.get("/admin/contacts?missing=true").text
    assert "澜东区" in page
    assert "市水务局" not in re.search(r"<tbody>.*?</tbody>", page, re.S)[0]


def test_contacts_are_paged_by_key(office, admin, monkeypatch):
    monkeypatch.setattr(admin_contacts, "PAGE", 1)
    page = admin.get("/admin/contacts").text
    following = re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    assert "王水" in page
    assert "李体" in admin.get(following).text


def test_the_template_is_read_as_a_contacts_file(office, admin):
    content = admin.get("/admin/contacts/template.csv").content
    [row] = contact_list.preview(office.office, content, "contacts.csv")
    assert (row.shown.name, row.shown.ways["phone"]) == ("张某某", "138****0000")


# rules


def test_every_ladder_and_class_is_told_in_words(office, admin):
    page = admin.get("/admin/ladders").text
    for words in ("到期前7个工作日", "到期当日", "加告负责人", "加告领导小组", "督办函待批"):
        assert words in page
    for each in office.office.rules.classes:
        assert each.name in page
        assert each.source in page.replace("&#34;", '"')


def test_a_settings_file_is_judged_whole_and_not_kept(office, admin):
    fields = {"name": "ladders.toml", "text": "[default]\nbefore = [7]\nsent_at = 1\n"}
    page = admin.post("/admin/ladders/check", "/admin/ladders", **fields).text
    assert "default.sent_at：不认识该项" in page
    assert "default.send_at：缺少该项" in page
    assert "rectify-check" not in page
    good = office.office.rules.files["ladders.toml"].read_text("utf-8")
    answer = admin.post("/admin/ladders/check", "/admin/ladders", name="ladders.toml", text=good)
    assert "ladders.toml 有效" in answer.text
    outside = admin.post("/admin/ladders/check", "/admin/ladders", name="../x.toml", text="a = 1")
    assert "没有名为 ../x.toml 的设置文件" in outside.text


def test_the_calendar_marks_what_no_notice_covers(office, admin):
    through = office.office.rules.calendar.published_through
    assert "（暂定）" not in admin.get(f"/admin/calendar?year={through.year}").text
    assert admin.get(f"/admin/calendar?year={through.year + 1}").text.count("（暂定）") >= 365
    counted = admin.get("/admin/calendar?start=2026-09-25&amount=8&kind=working_days").text
    assert "<strong>2026-10-13</strong>" in counted
    assert (
        "时限“days = 2000”不合规定"
        in admin.get("/admin/calendar?start=2026-09-25&amount=2000&kind=days").text
    )


# messages


def test_a_message_is_shown_as_it_would_leave_and_nothing_leaves(office, admin):
    before = rows(office.office)
    page = admin.get("/admin/templates?number=1&kind=overdue&channel=wecom_robot").text
    assert "逾期1个工作日" in page
    assert "&#34;msgtype&#34;: &#34;markdown&#34;" in page
    assert "王水" not in page
    assert "13800000001" not in page
    assert rows(office.office) == before


def test_a_message_that_the_item_does_not_bear_out_is_explained(office, admin):
    answer = admin.get("/admin/templates?number=1&kind=overdue&on=2026-11-17")
    assert answer.status_code == 400
    assert "不会有这种消息" in answer.text
    assert admin.get("/admin/templates?number=999").status_code == 404


# jobs, audit, backup


def test_a_job_is_run_now_and_its_run_is_noted(office, admin):
    assert "从未" in admin.get("/admin/jobs").text
    page = _follow(admin, admin.post("/admin/jobs/remind/run", "/admin/jobs"))
    assert "已开始运行" in page
    run = jobs.last_runs(office.office)["remind"]
    assert run.finished_at is not None
    assert run.error is None
    assert admin.post("/admin/jobs/nothing/run", "/admin/jobs").status_code == 404


def test_what_is_running_is_not_started_again_until_it_is_given_up(office, admin):
    assert jobs.claim(office.office, "backup", now=office.now)
    assert "正在备份" in _follow(admin, admin.post("/admin/backup", "/admin/backup"))
    office.wait(hours=1)
    assert not jobs.claim(office.office, "backup", now=office.now)
    office.wait(hours=6)
    assert jobs.claim(office.office, "backup", now=office.now)


def test_a_scheduler_that_stands_still_is_said_to(office, admin):
    admin.post("/admin/jobs/remind/run", "/admin/jobs")
    assert "调度程序没有运行" not in admin.get("/admin/jobs").text
    office.wait(hours=1)
    assert "调度程序没有运行" in admin.get("/admin/jobs").text


def test_the_history_is_searched_and_paged_by_key(office, admin, monkeypatch):
    found = admin.get("/admin/audit?actor=李体").text
    assert found.count("<tr>") == 2
    assert "报送整改" in found
    assert "没有符合条件的经过" in admin.get("/admin/audit?first=2026-11-18").text
    assert admin.get("/admin/audit?first=2026-11-18&last=2026-11-17").status_code == 400
    monkeypatch.setattr(admin_audit, "PAGE", 3)
    page, seen = admin.get("/admin/audit").text, 0
    while following := re.search(r'href="([^"]+)" rel="next"', page):
        seen += page.count('scope="row"')
        page = admin.get(following[1].replace("&amp;", "&")).text
    assert seen + page.count('scope="row"') == len(rows(office.office)["history"])


def test_what_was_altered_behind_the_programs_back_is_found(office, admin):
    page = _follow(admin, admin.post("/admin/audit/verify", "/admin/audit"))
    assert "未发现改动" in page
    with office.office.database.write() as connection:
        connection.exec_driver_sql("UPDATE history SET actor = '<b>他人</b>' WHERE id = 2")
    page = _follow(admin, admin.post("/admin/audit/verify", "/admin/audit"))
    assert "第 2 条经过与封印不符" in page
    assert "<b>他人</b>" not in page
    assert "最近一次查验经过" in admin.get("/admin").text


def test_the_history_is_taken_away_as_the_command_writes_it(office, admin):
    answer = admin.get("/admin/audit/export")
    assert answer.text.count("\n") == 1 + len(rows(office.office)["history"])
    assert '"format": "rectify-history/1"' in answer.text
    assert admin.get("/admin/audit/export?first=2030-01-01").status_code == 404


def test_a_backup_is_made_listed_and_downloaded(office, admin):
    assert "没有加密" in admin.get("/admin/backup").text
    page = _follow(admin, admin.post("/admin/backup", "/admin/backup"))
    [place] = re.findall(r'href="(/admin/backup/[^"]+)"', page)
    assert admin.get(place).content.startswith(b"PK")
    for name in ("..%2Frectify.db", "rectify-x.zip", "other.txt"):
        assert admin.get(f"/admin/backup/{name}").status_code == 404


def test_a_failed_backup_says_why(office, admin):
    (office.folder / "backups").write_text("a file where the folder should be", "utf-8")
    page = _follow(admin, admin.post("/admin/backup", "/admin/backup"))
    assert "备份没有写成" in page


def test_staff_see_what_is_harmless_and_no_door_that_is_closed(office):
    staff = Visitor(office)
    staff.resume(office, Seat.STAFF)
    page = staff.get("/admin").text
    assert "/admin/calendar" in page
    for closed in ("/admin/people", "/admin/backup", "/admin/audit", "/admin/contacts"):
        assert closed not in page
    assert "检查设置文件</h2>" not in staff.get("/admin/ladders").text


def test_a_search_of_the_history_walks_an_index(office):
    """Each by its own, from the end: no sorting, however long the history."""
    wanted = [
        trail_search.Wanted(actor="a"),
        trail_search.Wanted(event="sign"),
        trail_search.Wanted(number=1),
    ]
    seen = []
    with office.office.database.read() as connection:
        for each in wanted:
            plan = trail_search.statement(connection, each, 50).compile(connection)
            rows_ = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plan}", tuple(plan.params.values()))
            seen += [row[3] for row in rows_]
    assert len(seen) == 3
    for line in seen:
        assert "USING INDEX" in line
        assert "SORT" not in line


def test_each_thing_that_is_checked_has_a_chinese_name(office: Town) -> None:
    assert {found.name for found in diagnose(office.office, now=office.now)} <= CHECKS.keys()
    assert JOBS.keys() >= jobs.jobs(office.office, lambda: office.now).keys()
