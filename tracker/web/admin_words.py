"""The Chinese of the administration's pages for what the code calls by codes. Must never decide anything."""

from __future__ import annotations

from datetime import timedelta

from tracker.domain.calendar import DayKind
from tracker.domain.deadlines import DeadlineKind

JOBS = {
    "recompute": "按日历重算时限",
    "remind": "安排提醒",
    "digest": "周报",
    "deliver": "发送消息",
    "check": "自动核查",
    "feed": "读取业务系统",
    "look": "查看登记的栏目和账号",
    "warn": "更新预警",
    "webhooks": "推送",
    "revisit": "回头看",
}
CHECKS = {
    "config": "设置文件",
    "database": "数据库",
    "trail": "经过封印",
    "calendar": "节假日安排",
    "deadlines": "时限",
    "channels": "渠道",
    "contacts": "联络员",
    "bureau": "审批局联系人",
    "units": "责任单位",
    "outbox": "待处理消息",
    "endpoints": "接收地址",
    "secrets": "加密",
    "jobs": "调度程序",
    "clock": "系统时钟",
    "backup": "备份",
    "watch": "更新查看",
    "feeds": "业务系统数据库",
    "papers": "文书模板",
}
# Where something can be done about a check that is not well.
CURES = {
    "trail": ("/admin/audit", "查验经过"),
    "calendar": ("/admin/calendar", "看日历"),
    "channels": ("/channels", "看渠道"),
    "contacts": ("/admin/contacts?missing=true", "看缺联络员的单位"),
    "bureau": ("/admin/contacts", "登记联系人"),
    "units": ("/units?pending=true", "去确认"),
    "outbox": ("/messages?tab=open", "去处理"),
    "endpoints": ("/channels", "看渠道"),
    "jobs": ("/admin/jobs", "看任务"),
    "backup": ("/admin/backup", "去备份"),
    "watch": ("/watch", "看预警"),
}
WAYS = {"phone": "手机", "wecom_userid": "企业微信账号", "robot": "群机器人", "email": "邮箱"}
DAYS = {DayKind.OFF: "休", DayKind.HALF: "半天", DayKind.WORK: "班"}
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
DEADLINES = {
    DeadlineKind.WORKING_DAYS: "个工作日",
    DeadlineKind.DAYS: "日（自然日）",
    DeadlineKind.HOURS: "小时",
    DeadlineKind.DAY_OF_MONTH: "日（每月）",
}
FILES = {
    "app.toml": "总体设置",
    "calendar.toml": "日历",
    "classes.toml": "问题类别与时限",
    "columns.toml": "网站栏目",
    "feeds.toml": "数据导出",
    "ladders.toml": "催办阶梯",
    "short_forms.toml": "单位简称",
    "units.toml": "单位名册",
}


def lasted(span: timedelta) -> str:
    """`0.3 秒`, `2 分 5 秒`."""
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} 秒"
    return f"{int(seconds // 60)} 分 {int(seconds % 60)} 秒"


def size(count: int) -> str:
    """`1.4 MB`."""
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{count / 1024:.1f} KB"
