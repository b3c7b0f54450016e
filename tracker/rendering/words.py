"""The Chinese of the codes that pages and the command line both show. Must never decide anything."""

from __future__ import annotations

from tracker.domain.calendar import WorkCalendar
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event
from tracker.domain.watching import Nearness

EVENTS = {event.value: event.chinese for event in Event} | {
    "import": "列入清单",
    "update": "数量变化",
    "reply": "回复整改情况",
    "ledger": "台账修改",
    "undo": "撤回读入",
    "undo_step": "撤回上一步",
    "watch": "指定核查网址",
    "nudge": "人工催办",
    "paper": "发出文书",
    "reschedule": "时限重新计算",
    "recur": "反弹",
}
OUTCOMES = {
    "new": "新增",
    "unchanged": "未变",
    "changed": "数量变化",
    "reappeared": "反弹",
    "absent": "本期未列",
    "unassigned": "未写明单位",
    "unread": "未能识别",
}
CLAIMS = {
    "rate": "比率",
    "share": "占比",
    "average": "平均",
    "sum": "合计",
    "remainder": "未完成数",
    "list_length": "单位个数",
    "list_count": "清单数量",
    "list_units": "清单单位",
    "difference": "差距",
    "full_mark": "满分",
    "rank": "名次",
    "table_sum": "表内合计",
    "duplicate_unit": "单位重复",
    "praise": "表扬与问题",
    "date": "日期",
}
KINDS = {
    "reminder": "提醒",
    "due_today": "当日到期",
    "overdue": "逾期",
    "escalation": "逾期升级",
    "digest": "周报",
    "webhook": "系统推送",
    "returned": "退回",
    "rescheduled": "时限变更",
    "nudge": "催办",
    "paper": "公文",
    "staff": "工作提醒",
    "granted": "同意延期",
    "refused": "未同意延期",
    "struck_off": "销号",
    "handout": "交办",
    "recurred": "反弹",
    "warning": "更新预警",
    "link": "新的链接",
    "alarm": "发送异常",
    "test": "测试",
}
NEARNESS = {
    Nearness.FINE: "正常",
    Nearness.NEAR: "快到期限",
    Nearness.OVER: "已超限",
    Nearness.UNKNOWN: "不明",
    Nearness.STALE: "久未检查",
}
RESULTS = {"fit": "符合", "unfit": "不符合"}
CHANNELS = {
    "wecom_robot": "企业微信群机器人",
    "wecom_app": "企业微信应用",
    "dingtalk": "钉钉群机器人",
    "feishu": "飞书群机器人",
    "sms": "短信",
    "email": "邮件",
    "sandbox": "模拟收件箱",
    "webhook": "系统对接",
}
# "Accepted" is the provider's word: 已受理, never 已送达.
DELIVERY = {
    "standby": "备用",
    "pending": "待发",
    "sending": "发送中",
    "accepted": "已受理",
    "failed": "失败",
    "unknown": "结果不明",
    "superseded": "已并入新消息",
}


def due(item: Item, calendar: WorkCalendar) -> str:
    """`2026-11-02（暂定）`, or 长期坚持; a day off is never moved, but said."""
    day = item.standing.due_on
    if day is None:
        return "长期坚持"
    marks = ["暂定"] * item.provisional + ["休息日"] * (not calendar.is_working_day(day))
    return f"{day}{'（' + '，'.join(marks) + '）' if marks else ''}"
