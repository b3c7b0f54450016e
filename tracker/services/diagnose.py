"""`rectify doctor`: what an administrator should know before somebody else notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.domain.ladders import Audience
from tracker.rendering.paper_templates import template_faults
from tracker.rendering.pdf import converter
from tracker.services.audit import last_seal_fits
from tracker.services.feed_databases import list_databases
from tracker.services.jobs import AUDIT, BACKUP, jobs
from tracker.services.office import SANDBOX, Office
from tracker.store import (
    Connection,
    clockwork,
    contacts,
    deadlines,
    endpoints,
    mailbox,
    media,
    pauses,
    units,
    watching,
)

_STALE = timedelta(minutes=15)
_NOTICE_EXPECTED = (11, 15)  # 国务院办公厅's notices have come between late October and early December


@dataclass(frozen=True)
class Finding:
    """One check; `detail` is a Chinese sentence."""

    name: str
    ok: bool
    detail: str


def diagnose(office: Office, *, now: datetime) -> list[Finding]:
    """Check calendar, channels, contacts, outbox, jobs and clock."""
    with office.database.read() as connection:
        waiting, undecided = mailbox.waiting(connection), mailbox.count_open(connection)
        reachable = _endpoints(connection, office)
        asked = {run.name: run for run in clockwork.last_runs(connection)}
        marks = clockwork.watermarks(connection)
        people = contacts.find(connection)
        named = {each.unit_id for each in people if each.role == Audience.CONTACT.value}
        has_bureau = any(each.role == Audience.BUREAU.value for each in people)
        known, bureaus = units.all_units(connection), contacts.bureaus(connection)
        lonely = [unit.name for unit in known if unit.id not in named]
        calendar = _calendar(connection, office, office.rules.calendar.today(now))
        counting = _deadlines(connection, office)
        unseen = _unseen(connection, now - timedelta(days=office.rules.watch.stale_days))
        unconfirmed = [unit.name for unit in known if not unit.confirmed]
    backend = "SQLite" if office.database.is_sqlite else "PostgreSQL"
    return [
        Finding("config", True, f"设置文件有效，问题类别 {len(office.rules.classes)} 个"),
        Finding("database", True, f"{backend}，结构为最新"),
        _trail(last_seal_fits(office), asked.get(AUDIT)),
        calendar,
        counting,
        _channels(office),
        _listing("contacts", lonely, "个单位没有登记联络员，提醒只进入收件箱", "各单位均有联络员"),
        _bureau(has_bureau or not known),
        _papers(office, bureaus),
        _listing("units", unconfirmed, "个单位待确认（rectify units confirm）", "各单位均已确认"),
        _outbox(waiting, undecided),
        reachable,
        _watch(office, *unseen),
        _feeds(office),
        _secrets(office, any(each.phone or each.robot or each.email for each in people)),
        _jobs([run for name, run in asked.items() if name in jobs(office, lambda: now)], now),
        _clock(marks, now),
        _backup(office, asked.get(BACKUP), has_work=bool(known), now=now),
    ]


def _calendar(connection: Connection, office: Office, today: date) -> Finding:
    through = office.rules.calendar.published_through
    expected = (today.month, today.day) >= _NOTICE_EXPECTED and through.year <= today.year
    detail = f"节假日安排已公布至 {through}"
    if through >= today and not expected:
        return Finding("calendar", True, detail)
    waiting = deadlines.count_provisional(connection)
    advice = (
        f"请在 config/calendar.toml 用 [[days]] 填写 {through.year + 1} 年的安排，"
        f"并把 published_through 改为 {through.year + 1}-12-31"
    )
    return Finding("calendar", False, f"{detail}，此后的时限为暂定，现有未办结事项 {waiting} 项；{advice}")


def _deadlines(connection: Connection, office: Office) -> Finding:
    digest = office.rules.calendar.digest
    if deadlines.calendar_in_force(connection) in {None, digest}:
        return Finding("deadlines", True, "时限均按现行日历计算")
    if deadlines.was_in_force(connection, digest):
        words = "日历改回了以前用过的安排，时限尚未按它重新计算：确要改回的，运行 rectify recompute"
    else:
        words = "日历已改动，时限尚未重新计算：请重启调度程序，或运行 rectify recompute"
    return Finding("deadlines", False, words)


def _trail(fits: bool, verified: clockwork.JobRun | None) -> Finding:
    """The last seal, and what the page's last verification found: walking the whole history takes long."""
    if verified and verified.error:
        return Finding("trail", False, f"最近一次查验经过：{verified.error}")
    if fits:
        return Finding("trail", True, "末条经过与封印相符（全部查验用 rectify audit verify）")
    return Finding("trail", False, "末条经过与封印不符，可能被改动，请运行 rectify audit verify")


def _channels(office: Office) -> Finding:
    real = [name for name in office.channels if name != SANDBOX]
    if not real:
        return Finding("channels", True, "只启用了模拟收件箱（sandbox），不会真正外发")
    return Finding("channels", True, f"已启用：{'、'.join(real)}")


def _bureau(is_named: bool) -> Finding:
    missing = "没有登记审批局联系人，无人核验的提醒只进入收件箱"
    return Finding("bureau", is_named, "已登记审批局联系人" if is_named else missing)


def _papers(office: Office, bureaus: list[str]) -> Finding:
    faults = template_faults(office.paper_templates)
    if len(bureaus) > 1 and not office.rules.papers.issuer:
        named = "、".join(bureaus)
        faults.append(f"有几个单位登记了审批局联系人（{named}），请在 app.toml 的 [papers] 中写明由谁落款")
    fine = "文书模板可用，可转 PDF" if converter() else "文书模板可用；没有安装 LibreOffice，不能转 PDF"
    return Finding("papers", not faults, "；".join(faults) or fine)


def _listing(name: str, found: list[str], words: str, fine: str) -> Finding:
    if not found:
        return Finding(name, True, fine)
    shown = "、".join(found[:5]) + ("等" if len(found) > 5 else "")
    return Finding(name, False, f"有 {len(found)} {words}：{shown}")


def _endpoints(connection: Connection, office: Office) -> Finding:
    cut_off = [each.hint for each in endpoints.listing(connection) if each.disabled_at]
    resting = [f"{each.channel}（{each.reason}）" for each in pauses.pauses(connection)]
    words = [f"{len(cut_off)} 个接收地址已停用：{'、'.join(cut_off[:5])}"] if cut_off else []
    words += [f"渠道暂停：{'；'.join(resting)}"] if resting else []
    stranded = sorted(endpoints.waiting_channels(connection) - set(office.carriers))
    words += [f"本程序没有启用渠道 {'、'.join(stranded)}，等待由它们发出的消息不会发出"] if stranded else []
    return Finding("endpoints", not words, "；".join(words) or "接收地址与渠道均正常")


def _secrets(office: Office, has_any: bool) -> Finding:
    if office.database.vault:
        return Finding("secrets", True, "手机号、机器人密钥与消息内容加密存放")
    if not has_any:
        return Finding(
            "secrets", True, "尚未登记手机号与机器人；登记之前请设置 TRACKER_SECRET_KEY，使其加密存放"
        )
    words = (
        "未设置 TRACKER_SECRET_KEY：手机号与机器人密钥以明文存放，消息中没有免登录链接；"
        "用 rectify secrets new-key 生成"
    )
    return Finding("secrets", False, words)


def _unseen(connection: Connection, since: datetime) -> tuple[int, list[str]]:
    """How many columns and accounts' pages no look has told anything of since then, and the first by name."""
    count, first = watching.failing(connection, since)
    accounts = media.failing(connection, since)
    return count + len(accounts), [*first, *accounts][:5]


def _watch(office: Office, count: int, first: list[str]) -> Finding:
    if not count:
        return Finding("watch", True, "登记监测的栏目、账号页面近期都检查到了")
    days, more = office.rules.watch.stale_days, "等" if count > len(first) else ""
    words = f"有 {count} 个栏目、账号页面连续 {days} 天以上没有检查到：{'、'.join(first)}{more}"
    return Finding("watch", False, words)


def _feeds(office: Office) -> Finding:
    states = list_databases(office)
    homeless = [each.rules.name for each in states if not each.has_address]
    unused = sorted(office.feed_databases.keys() - {each.rules.name for each in states})
    failed = [each.run.error for each in states if each.run and each.run.error]
    words = [f"没有写明地址（TRACKER_FEED_DATABASES）：{'、'.join(homeless)}"] if homeless else []
    words += [f"feeds.toml 中没有写明读什么：{'、'.join(unused)}"] if unused else []
    words += [f"最近一次读取失败：{'；'.join(failed)}"] if failed else []
    fine = f"直接读取 {len(states)} 个业务系统的数据库" if states else "没有直接读取的业务系统数据库"
    return Finding("feeds", not words, "；".join(words) or fine)


def _outbox(waiting: int, undecided: dict[str, int]) -> Finding:
    failed, unknown = undecided.get("failed", 0), undecided.get("unknown", 0)
    detail = f"待发 {waiting}，失败 {failed}，结果不明 {unknown}"
    return Finding("outbox", not (failed or unknown), detail)


def _jobs(runs: list[clockwork.JobRun], now: datetime) -> Finding:
    if not runs:
        return Finding("jobs", True, "调度程序尚未运行过")
    failed = [f"{run.name}（{run.error}）" for run in runs if run.error]
    if failed:
        return Finding("jobs", False, f"最近一次运行失败：{'；'.join(failed)}")
    last = max(run.started_at for run in runs)
    if now - last > _STALE:
        return Finding("jobs", False, f"调度程序已停 {int((now - last).total_seconds() // 60)} 分钟")
    return Finding("jobs", True, "调度程序运行正常")


def _backup(office: Office, last: clockwork.JobRun | None, *, has_work: bool, now: datetime) -> Finding:
    if not office.backup_days or not has_work:
        return Finding("backup", True, "无须提醒备份")
    if last is None or last.finished_at is None:
        return Finding("backup", False, "还没有备份过，请运行 rectify backup，或在网页“管理”的“备份”中办理")
    if last.error:
        return Finding("backup", False, f"最近一次备份没有完成：{last.error}")
    days = (now - last.finished_at).days
    if days >= office.backup_days:
        return Finding("backup", False, f"最近一次备份已过 {days} 天，请运行 rectify backup")
    return Finding("backup", True, "近期已备份")


def _clock(marks: dict[str, datetime], now: datetime) -> Finding:
    ahead = [name for name, at in marks.items() if at > now + timedelta(minutes=5)]
    if ahead:
        return Finding("clock", False, "系统时钟比已处理的时刻还早，可能被调慢，请校时")
    return Finding("clock", True, "系统时钟正常")
