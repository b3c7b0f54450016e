"""Administration: how the installation is, what to do about it, and the way to each of its pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.services.diagnose import diagnose
from tracker.web import admin_words
from tracker.web.context import CurrentDesk

router = APIRouter(prefix="/admin")
_PAGES = (
    ("/admin/people", "人员与权限", "账号、身份、重置密码、停用、登录中的设备"),
    ("/admin/contacts", "联系人", "谁、什么角色、怎样联系；读入联系人表"),
    ("/units", "责任单位", "确认、别名、合并"),
    ("/channels", "渠道", "各渠道和接收地址的状况，测试消息"),
    ("/messages", "发件箱", "需处理、待发和全部消息"),
    ("/admin/ladders", "催办阶梯与时限", "何时告知谁；各类问题的整改时限；检查设置文件"),
    ("/admin/templates", "消息预览", "用真实事项看各渠道会发出什么"),
    ("/admin/calendar", "工作日历", "全年放假与调休，时限推算"),
    ("/admin/jobs", "任务", "各项任务上次、下次运行，立即运行"),
    ("/admin/audit", "经过查询与查验", "谁在何时做了什么；查验是否被改动；导出"),
    ("/admin/backup", "备份", "立即备份、下载、恢复方法"),
)


@router.get("")
def show(request: Request, desk: CurrentDesk) -> Response:
    findings = sorted(diagnose(desk.office, now=desk.now()), key=lambda finding: finding.ok)
    return desk.render(request, "admin/index.html", findings=findings, pages=_PAGES, words=admin_words)
