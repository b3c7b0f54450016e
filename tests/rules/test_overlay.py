"""The office's own files: laid over the shipped ones file by file, and every mistake told at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from tracker.domain.deadlines import DeadlineKind, DeadlineRule, deadline_from
from tracker.domain.errors import ConfigError
from tracker.domain.issuing import PaperKind, PaperRules
from tracker.domain.ladders import Audience
from tracker.rules import Rules, load_rules

OTHER = '[other]\nname = "其他"\nsource = "由本单位确定"\ndeadline = { working_days = 5 }\n'
LADDER = """[default]
before = [2]
on_the_day = true
daily_after = 1
then_every = 3
send_at = 10:00:00
"""
APP = """[quiet]
opens = 08:00:00
closes = 20:00:00
[digest]
send_at = 09:00:00
roles = ["审批局"]
[probes]
every_hours = 12
"""
UNIT = '[[unit]]\nname = "市教育局"\nlevel = "department"\n'

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")

Load = Callable[..., Rules]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load rules with these files in the office's folder: `load(units="…")`."""

    def write(**files: str | bytes) -> Rules:
        folder = tmp_path / "config"
        folder.mkdir()
        for name, content in files.items():
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / f"{name}.toml").write_bytes(raw)
        return load_rules(folder)

    return write


def faults(load: Load, **files: str | bytes) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(**files)
    errors = refused.value.details["errors"]
    assert isinstance(errors, list)
    assert all(error in refused.value.message for error in errors)
    return [error.rpartition("/config/")[2] for error in errors]


def test_an_empty_folder_changes_nothing(load: Load) -> None:
    assert load() == load_rules(None)


def test_one_file_replaces_the_shipped_one_whole_and_no_other(load: Load) -> None:
    shipped, rules = load_rules(None), load(classes=OTHER)
    assert [each.code for each in rules.classes] == ["other"]
    assert rules.deadlines == {"other": DeadlineRule(DeadlineKind.WORKING_DAYS, 5)}
    assert (rules.ladder, rules.quiet, rules.short_forms) == (
        shipped.ladder,
        shipped.quiet,
        shipped.short_forms,
    )


def test_a_ladder_and_working_hours_can_be_the_offices(load: Load) -> None:
    rules = load(ladders=LADDER, app=APP)
    assert (rules.ladder.before, rules.ladder.then_every, rules.ladder.escalate) == ((2,), 3, ())
    assert (rules.quiet.closes.hour, rules.check_every_hours) == (20, 12)


def test_a_file_saved_by_a_windows_editor_is_read(load: Load) -> None:
    assert load(units=b"\xef\xbb\xbf" + UNIT.replace("\n", "\r\n").encode()).units[0].name == "市教育局"


def test_every_mistake_of_every_file_is_told_in_one_error(load: Load) -> None:
    found = faults(
        load,
        app=APP.replace("every_hours = 12", "every_hours = 0\nsometimes = true"),
        classes='[late]\nname = "迟"\nsource = ""\ndeadline = { weeks = 1 }\npatterns = ["(", "["]\n',
        ladders=LADDER.replace("send_at = 10:00:00", ""),
        units="[[unit]]\n",
        calendar="published_through = 2027\n",
        short_forms='"市监局" = 3\n',
        clases=OTHER,
    )
    told = ["clases.toml", "app.toml", "classes.toml", "ladders.toml", "units.toml", "calendar.toml"]
    assert all(any(name in fault for fault in found) for name in [*told, "short_forms.toml"])
    assert len(found) == 12


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        (
            "app",
            APP + '[home]\nname = "云澜"\n',
            "app.toml：home：从“云澜”看不出层级，请用 level 写明",
        ),
        ("app", APP + "extra = 1\n", "app.toml：probes.extra：不认识该项"),
        (
            "app",
            APP + '[papers.codes]\n"罚单" = "云罚"\n',
            "app.toml：papers：codes：不认识的文书“罚单”，可用：督办函、催办通知书、提醒函、销号单、延期审批表",
        ),
        (
            "app",
            APP + '[papers.codes]\n"提醒函" = " "\n',
            "app.toml：papers：codes：提醒函的代字须为 1 至 30 个字",
        ),
        ("app", APP.replace("12", '"12"'), "app.toml：probes.every_hours：应为整数"),
        ("app", APP.replace("12", "0"), "app.toml：probes.every_hours：不得小于 1"),
        ("app", APP.replace("12", "1000"), "app.toml：probes.every_hours：不得大于 720"),
        ("app", APP.replace("08:00:00", '"8点"'), "app.toml：quiet.opens：应为时刻，如 09:00:00"),
        ("app", APP.replace("08:00:00", "21:00:00"), "app.toml：quiet：opens 须早于 closes"),
        ("app", APP.replace('["审批局"]', '"审批局"'), "app.toml：digest.roles：应为列表"),
        ("app", "", "app.toml：quiet：缺少该项"),
        (
            "app",
            APP.replace("审批局", "局长"),
            "app.toml：digest.roles：不认识的角色“局长”，可用：联络员、负责人、领导小组、审批局",
        ),
        ("classes", OTHER + "colour = 1\n", "classes.toml：other.colour：不认识该项"),
        ("classes", "other = 5\n", "classes.toml：other：应为表"),
        ("classes", OTHER.replace("{ working_days = 5 }", "5"), "classes.toml：other.deadline：应为表"),
        ("classes", OTHER + 'patterns = "列"\n', "classes.toml：other.patterns：应为列表"),
        ("classes", OTHER.replace("other", "another"), "classes.toml：缺少兜底类别 other"),
        ("ladders", LADDER.replace("default", "mild"), "ladders.toml：缺少 [default]"),
        (
            "ladders",
            LADDER + '[mild]\nclasses = ["late_retrun"]\n',
            "ladders.toml：mild.classes：不认识的问题类别“late_retrun”，见 classes.toml",
        ),
        (
            "ladders",
            LADDER + '[mild]\nlists = ["网站"]\n[hard]\nlists = ["网站"]\n',
            "ladders.toml：hard.lists：“网站”已属于阶梯 mild",
        ),
        (
            "ladders",
            LADDER + 'classes = ["other"]\n',
            "ladders.toml：default：默认阶梯适用于其余所有事项，不写 classes、lists",
        ),
        (
            "ladders",
            LADDER + '[[default.stages]]\nfrom = 1\npaper = "罚单"\ncolour = "红"\n',
            "ladders.toml：default.stages 第1段.paper：不认识的文书“罚单”，可用：提醒、催办、督办函、通报",
        ),
        (
            "ladders",
            LADDER + '[[default.stages]]\nfrom = 1\npaper = "催办"\ncolour = "红"\nchannels = ["fax"]\n',
            "ladders.toml：default.stages 第1段.channels：不认识的渠道“fax”，"
            "可用：wecom_app、wecom_robot、dingtalk、feishu、sms、email、sandbox",
        ),
        (
            "ladders",
            LADDER + '[mild]\nlists = ["网站"]\nsend_at = 22:00:00\n',
            "ladders.toml：mild.send_at：须早于 app.toml 的 quiet.closes，否则提醒永远发不出去",
        ),
        ("ladders", LADDER.replace("[2]", "[2, 0]"), "ladders.toml：default.before.1：不得小于 1"),
        ("ladders", LADDER.replace("[2]", "[1000000]"), "ladders.toml：default.before.0：不得大于 250"),
        (
            "ladders",
            LADDER + '[default.escalate]\n"负责人" = 0\n',
            "ladders.toml：default.escalate.负责人：不得小于 1",
        ),
        (
            "ladders",
            LADDER + '[default.escalate]\n"负责人" = 251\n',
            "ladders.toml：default.escalate.负责人：不得大于 250",
        ),
        (
            "ladders",
            LADDER + '[[default.stages]]\nfrom = 0\npaper = "督办函"\ncolour = "红"\n',
            "ladders.toml：default.stages 第1段.from：督办函只用于逾期之后，须不小于 1",
        ),
        (
            "ladders",
            LADDER + "[mild]\nbefore = [1]\n",
            "ladders.toml：mild：须写明适用的 classes 或 lists，否则没有事项用到它",
        ),
        (
            "ladders",
            LADDER + f'[{"m" * 51}]\nlists = ["网站"]\n',
            f"ladders.toml：{'m' * 51}：阶梯名称不得超过 50 个字",
        ),
        ("ladders", LADDER.replace("= 3", "= 0"), "ladders.toml：default.then_every：不得小于 1"),
        ("ladders", LADDER.replace("true", '"是"'), "ladders.toml：default.on_the_day：应为 true 或 false"),
        (
            "ladders",
            LADDER + '[default.escalate]\n"市长" = 1\n',
            "ladders.toml：default.escalate：不认识的角色“市长”，可用：联络员、负责人、领导小组、审批局",
        ),
        (
            "ladders",
            LADDER + '[default.escalate]\n"联络员" = 1\n',
            "ladders.toml：default.escalate：联络员始终告知，不必写在这里",
        ),
        ("units", UNIT + UNIT, "units.toml：unit.1.name：“市教育局”与 unit.0.name 的“市教育局”重复"),
        (
            "units",
            UNIT + 'aliases = ["市教育局"]\n',
            "units.toml：unit.0.name：“市教育局”与 unit.0.aliases 的“市教育局”重复",
        ),
        (
            "units",
            UNIT + '[[unit]]\nname = "市教体局"\nlevel = "department"\naliases = ["市教育局"]\n',
            "units.toml：unit.1.aliases：“市教育局”与 unit.0.name 的“市教育局”重复",
        ),
        (
            "units",
            UNIT.replace("department", "town"),
            "units.toml：unit.0.level：只能是 'department', 'district' or 'below'",
        ),
        ("units", UNIT.replace("市教育局", "市"), "units.toml：unit.0.name：至少 2 个字"),
        (
            "units",
            UNIT + 'site = "edu.example.cn"\n',
            "units.toml：unit.0.site：格式不符，须匹配 ^https?://",
        ),
        ("short_forms", '"教育局" = ["教育局"]\n', "short_forms.toml：教育局：应为文字"),
        (
            "calendar",
            '[[days]]\ndate = "2027-01-01"\nkind = "off"\n',
            "calendar.toml：days.0.date：应为日期，如 2026-10-01",
        ),
        (
            "calendar",
            '[[days]]\nfrom = 2027-01-01\nto = 2027-01-01T08:00:00\nkind = "off"\n',
            "calendar.toml：days.0.to：应为日期，如 2026-10-01",
        ),
        (
            "calendar",
            '[[days]]\ndate = 2027-01-01\nkind = "holiday"\n',
            "calendar.toml：days.0.kind：只能是 'off', 'half' or 'work'",
        ),
        (
            "calendar",
            '[[days]]\ndate = 2027-01-01\nto = 2027-01-03\nkind = "off"\n',
            "calendar.toml：days.0：须写 date，或同时写 from 和 to",
        ),
        (
            "calendar",
            '[[days]]\nfrom = 2027-01-03\nto = 2027-01-01\nkind = "off"\n',
            "calendar.toml：days.0：to 须不早于 from，且不超过 60 天",
        ),
        (
            "calendar",
            '[[days]]\nfrom = 2027-01-01\nto = 2027-01-03\nkind = "off"\n'
            '[[days]]\ndate = 2027-01-02\nkind = "work"\n',
            "calendar.toml：days：2027-01-02 既写了放假又写了上班",
        ),
        (
            "calendar",
            "published_through = 2027-12-31\n",
            "calendar.toml：published_through：2027 年没有填写任何放假、上班安排",
        ),
        (
            "calendar",
            'published_through = 2028-12-31\n[[days]]\ndate = 2027-01-01\nkind = "off"\n',
            "calendar.toml：published_through：2028 年没有填写任何放假、上班安排",
        ),
        (
            "calendar",
            '[week]\nsaturday = "some"\n',
            "calendar.toml：week.saturday：只能是 'off', 'half' or 'work'",
        ),
        ("calendar", '[week]\nsamstag = "half"\n', "calendar.toml：week.samstag：不认识该项"),
        ("calendar", 'half_day_ends = "noon"\n', "calendar.toml：half_day_ends：应为时刻，如 09:00:00"),
        (
            "calendar",
            'half_day_ends = 08:00:00\n[week]\nsaturday = "half"\n',
            "calendar.toml：half_day_ends：须晚于 app.toml 的 quiet.opens，否则半天班当日发不出消息",
        ),
        (
            "calendar",
            '[[days]]\ndate = 2027-01-02\nkind = "off"\n[[days]]\ndate = 2027-01-02\nkind = "half"\n',
            "calendar.toml：days：2027-01-02 既写了放假又写了上半天班",
        ),
        (
            "calendar",
            "[week]\n" + "".join(f'{name} = "off"\n' for name in WEEKDAYS),
            "calendar.toml：week：一周至少须有一天上班",
        ),
        ("units", UNIT.encode("gbk"), "units.toml：不是 UTF-8 编码，请用 UTF-8 另存"),
    ],
)
def test_a_mistake_is_told_by_file_key_and_reason(
    load: Load, name: str, content: str | bytes, expected: str
) -> None:
    assert expected in faults(load, **{name: content})


@pytest.mark.parametrize(
    ("name", "content", "start"),
    [
        ("units", "[[unit]\n", "units.toml：TOML 语法错误"),
        ("calendar", "[[days]]\ndate = 2027-02-30\n", "calendar.toml：TOML 语法错误"),
        ("classes", OTHER + OTHER, "classes.toml：TOML 语法错误"),
        ("classes", OTHER + 'patterns = ["(未"]\n', "classes.toml：other.patterns：正则表达式“(未”有误"),
        ("classes", OTHER.replace("5", "0"), "classes.toml：other.deadline：时限“working_days = 0”不合规定"),
        ("class", OTHER, ""),
    ],
)
def test_a_broken_file_is_one_fault_that_names_it(load: Load, name: str, content: str, start: str) -> None:
    [found] = faults(load, **{name: content})
    assert found.startswith(start)
    assert f"{name}.toml" in found


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TRACKER_CONFIG_DIR"):
        load_rules(tmp_path / "nowhere")


@pytest.mark.parametrize("zone", ["Mars/Base", "", "Asia", "../zone"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ConfigError, match="TRACKER_TIME_ZONE"):
        load_rules(None, zone)


NOTICE_2027 = """published_through = 2027-12-31
[[days]]
from = 2027-02-05
to = 2027-02-12
kind = "off"
note = "演练用的安排"
[[days]]
date = 2027-02-13
kind = "work"
"""


def test_the_notice_of_2027_ends_the_guessing_and_moves_deadlines(load: Load) -> None:
    guessed, published = load_rules(None).calendar, load(calendar=NOTICE_2027).calendar
    rule, issued_on = DeadlineRule(DeadlineKind.WORKING_DAYS, 5), date(2027, 2, 4)
    before, after = (deadline_from(rule, issued_on, each) for each in (guessed, published))
    assert before.provisional
    assert not after.provisional
    assert after.due_on == date(2027, 2, 18)  # the worked Saturday, then Monday to Thursday
    assert before.due_on is not None
    assert before.due_on < after.due_on
    assert published.is_provisional(date(2028, 1, 1))


def test_a_published_year_is_the_notice_alone(load: Load) -> None:
    """What the package guesses for 2027 must not mix with what the office has written."""
    published = load(calendar=NOTICE_2027).calendar
    year = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    unlike_the_week = {day for day in year if published.is_working_day(day) != (day.weekday() < 5)}
    notice = {date(2027, 2, day) for day in (5, 8, 9, 10, 11, 12, 13)}  # the 6th and 7th are a weekend anyway
    assert unlike_the_week == notice


def test_a_day_in_a_published_year_can_be_corrected(load: Load) -> None:
    local = '[[days]]\ndate = 2021-07-26\nkind = "off"\n'
    calendar = load(calendar=local).calendar
    assert not calendar.is_working_day(date(2021, 7, 26))
    assert not calendar.is_working_day(date(2021, 10, 7))
    assert calendar.published_through == date(2026, 12, 31)


def test_a_week_and_single_days_can_have_half_days(load: Load) -> None:
    half = '[week]\nsaturday = "half"\n[[days]]\ndate = 2021-07-30\nkind = "half"\n'
    calendar = load(calendar="half_day_ends = 11:30:00\n" + half).calendar
    assert calendar.working_days_between(date(2021, 7, 25), date(2021, 8, 1)) == 6
    for day in (date(2021, 7, 30), date(2021, 7, 31)):
        assert calendar.closes_at(day, time(18)) == time(11, 30)
    assert calendar.closes_at(date(2021, 7, 29), time(18)) == time(18)


def test_an_earlier_published_through_never_makes_a_known_year_provisional(load: Load) -> None:
    assert load(calendar="published_through = 2020-12-31\n").calendar == load_rules(None).calendar


def test_a_further_ladder_keeps_what_it_does_not_write_of_the_escalation_too(load: Load) -> None:
    escalate = '[default.escalate]\n"负责人" = 1\n"领导小组" = 5\n'
    rules = load(ladders=LADDER + escalate + '[mild]\nlists = ["网站"]\n[mild.escalate]\n"领导小组" = 3\n')
    assert rules.ladders.by_code["mild"].escalate == ((Audience.HEAD, 1), (Audience.LEADING_GROUP, 3))


def test_of_the_words_in_a_title_the_longest_choose_the_ladder(load: Load) -> None:
    ladders = load(ladders=LADDER + '[mild]\nlists = ["网站"]\n[hard]\nlists = ["网站检查"]\n').ladders
    titles = ("政务网站检查通报", "网站通报", "检查通报")
    assert [ladders.for_item("other", title).code for title in titles] == ["hard", "mild", "default"]


def test_reminders_may_leave_from_the_earliest_rung_of_any_ladder(load: Load) -> None:
    early = '[early]\nlists = ["网站"]\nsend_at = 09:00:00\n'
    assert load(ladders=LADDER + early, app=APP).reminding.opens == time(9)


def test_a_ladder_that_speaks_before_the_office_opens_waits_for_it(load: Load) -> None:
    assert load(ladders=LADDER.replace("10:", "06:"), app=APP).reminding.opens == time(8)


@pytest.mark.parametrize(
    "half", ['[week]\nfriday = "half"\n', '[[days]]\ndate = 2021-07-30\nkind = "half"\n']
)
def test_a_ladder_that_could_not_speak_on_half_days_is_refused(load: Load, half: str) -> None:
    ends = "half_day_ends = 10:00:00\n"
    [fault] = faults(load, ladders=LADDER, app=APP, calendar=ends + half)
    assert fault.startswith("ladders.toml：default.send_at：须早于 calendar.toml 的 half_day_ends")


def test_without_half_days_their_end_binds_no_ladder(load: Load) -> None:
    assert load(ladders=LADDER, app=APP, calendar="half_day_ends = 10:00:00\n").ladder.send_at == time(10)


def test_a_ladder_that_speaks_after_closing_time_is_refused(load: Load) -> None:
    late = LADDER.replace("10:00:00", "20:00:00")
    [fault] = faults(load, ladders=late, app=APP)
    assert fault.startswith("ladders.toml：default.send_at：")


def test_an_office_names_who_signs_its_papers_and_its_own_codes(load: Load) -> None:
    written = '[papers]\nissuer = "云澜市整改办"\nreply_working_days = 3\ncodes = {"提醒函" = "云整提"}\n'
    assert load(app=APP + written).papers == PaperRules("云澜市整改办", 3, {PaperKind.REMINDER: "云整提"})
