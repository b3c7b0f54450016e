"""The contacts file: any usual form of it, read whole or not at all."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from notifiers.dingtalk import DingTalkRobot
from notifiers.feishu import FeishuRobot
from notifiers.sandbox import Sandbox
from tests.conftest import BuildOffice
from tests.fakes import dingtalk, feishu
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.feishu import FakeFeishu
from tests.fakes.loopback import loopback_only
from tests.fakes.provider import NOW as THEIR_NOW
from tests.services.scenes import HEADER, counts, know, rows
from tests.support import Clock, at, take_in
from tracker.domain.errors import IntakeError
from tracker.services.contacts import import_contacts, list_contacts
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store.contacts import Contact

NOW = at("2021-07-23 17:00")
LINES = (
    "市教育局,李联,联络员,13800000001,lilian,invented-robot-key-0001,li@example.invalid",
    "市教育局,王负,负责人,13800000002,,,",
    "澜东区,周联,联络员,,,,",
)
TABLE = "\n".join((HEADER, *LINES))


def workbook(table: str) -> bytes:
    """The same table as xlsx, telephone numbers as numbers, as Excel makes them."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("联系人")
        for number, line in enumerate(table.split("\n")):
            for column, cell in enumerate(line.split(",")):
                sheet.write(number, column, int(cell) if cell.isdecimal() else cell)
    return file.getvalue()


def people(contacts: list[Contact]) -> list[tuple[str | None, ...]]:
    return [(each.unit, each.name, each.role, each.phone, each.wecom_userid, each.robot) for each in contacts]


EXPECTED = [
    ("市教育局", "李联", "联络员", "13800000001", "lilian", "invented-robot-key-0001"),
    ("市教育局", "王负", "负责人", "13800000002", None, None),
    ("澜东区", "周联", "联络员", None, None, None),
]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TABLE.encode(), "联系人.csv"),
        (TABLE.encode("utf-8-sig"), "联系人.csv"),
        (TABLE.encode("gbk"), "联系人.csv"),
        (TABLE.replace("\n", "\r\n\r\n").encode(), "联系人.CSV"),
        (workbook(TABLE), "联系人.xlsx"),
    ],
    ids=["utf-8", "utf-8 with a mark", "gbk", "blank lines", "xlsx"],
)
def test_every_usual_form_of_the_file_reads_the_same(office: Office, content: bytes, name: str) -> None:
    assert people(import_contacts(office, content, name, now=NOW)) == EXPECTED
    assert people(list_contacts(office)) == EXPECTED


def test_the_same_file_twice_is_once_and_a_new_one_replaces_how_people_are_reached(office: Office) -> None:
    import_contacts(office, TABLE.encode(), "联系人.csv", now=NOW)
    before = rows(office)
    import_contacts(office, TABLE.encode(), "联系人.csv", now=NOW)
    assert rows(office) == before
    changed = f"{HEADER}\n市教育局,李联,联络员,13800000009,,,"
    assert people(import_contacts(office, changed.encode(), "联系人.csv", now=NOW)) == [
        ("市教育局", "李联", "联络员", "13800000009", None, None),
        *EXPECTED[1:],
    ]


def test_columns_may_stand_in_any_order_and_the_needless_be_left_out(office: Office) -> None:
    table = "姓名,角色（四选一）,单 位\n李联,联络员,市教育局\n"
    assert people(import_contacts(office, table.encode(), "联系人.csv", now=NOW)) == [
        ("市教育局", "李联", "联络员", None, None, None)
    ]


def test_every_faulty_row_is_named_at_once_and_none_is_written(office: Office) -> None:
    faulty = [
        HEADER,
        LINES[0],
        ",李联,联络员,,,,",
        "市教育局,,科长,,,,",
        "市教育局,李联,联络员,1380000,,,",
        "市教育局,李联,联络员,,<@all>,,",
        "市教育局,李联,联络员,,,,邮箱",
    ]
    before = rows(office)
    with pytest.raises(IntakeError, match="联系人") as caught:
        import_contacts(office, "\n".join(faulty).encode(), "联系人.csv", now=NOW)
    assert caught.value.details["faults"] == [
        "第 3 行：“单位”未填写",
        "第 4 行：“姓名”未填写",
        "第 4 行：角色“科长”不在 联络员、负责人、领导小组、审批局 之列",
        "第 5 行：手机号格式不对（应为 11 位数字）",
        "第 6 行：企业微信账号只能含字母、数字和 _ . @ -",
        "第 7 行：邮箱格式不对",
    ]
    assert rows(office) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (b"\n\n", "空"),
        ("姓名,角色\n李联,联络员".encode(), "缺少“单位”列"),
        (b"PK\x03\x04 cut", "."),
    ],
)
def test_what_is_no_contacts_file_is_refused(office: Office, content: bytes, words: str) -> None:
    with pytest.raises(IntakeError, match=words):
        import_contacts(office, content, "联系人.csv", now=NOW)
    assert counts(office)["contact"] == 0


def test_contacts_and_bulletin_mean_the_same_unit_however_they_write_it(office: Office) -> None:
    short = f"{HEADER}\n市文旅局,李联,联络员,,,,\n"
    import_contacts(office, short.encode(), "联系人.csv", now=NOW)
    take_in(
        office,
        NOW,
        "云澜市情况通报\n2021年7月23日\n\n单位名称\t政务公开问题\n市文化和旅游局\t没有设置统计专栏。\n",
    )
    assert counts(office)["unit"] == 1
    assert list_contacts(office)[0].unit_id == 1


def test_a_webhook_address_is_reduced_to_its_key_and_a_number_to_its_digits(office: Office) -> None:
    address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=invented-robot-key-1"
    rows_ = (
        HEADER,
        f"市教育局,李联,联络员,+8613800000001,,{address},",
        "市教育局,吴负,负责人,,,invented-robot-key-1,",
    )
    found = import_contacts(office, "\n".join(rows_).encode(), "联系人.csv", now=NOW)
    assert [each.robot for each in found] == ["invented-robot-key-1"] * 2
    assert found[0].phone == "13800000001"


DINGTALK_HOOK = f"https://oapi.dingtalk.com/robot/send?access_token={dingtalk.TOKEN}"
FEISHU_HOOK = f"https://open.feishu.cn/open-apis/bot/v2/hook/{feishu.TOKEN}"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (DINGTALK_HOOK, f"dingtalk:{dingtalk.TOKEN}"),
        (f"{DINGTALK_HOOK} {dingtalk.SECRET}", f"dingtalk:{dingtalk.TOKEN}#{dingtalk.SECRET}"),
        (f"{DINGTALK_HOOK}#{dingtalk.SECRET}", f"dingtalk:{dingtalk.TOKEN}#{dingtalk.SECRET}"),
        (f"dingtalk:{dingtalk.TOKEN} # {dingtalk.SECRET}", f"dingtalk:{dingtalk.TOKEN}#{dingtalk.SECRET}"),
        (FEISHU_HOOK, f"feishu:{feishu.TOKEN}"),
        (f"{FEISHU_HOOK}  {feishu.SECRET}", f"feishu:{feishu.TOKEN}#{feishu.SECRET}"),
        (f"feishu:{feishu.TOKEN}#{feishu.SECRET}", f"feishu:{feishu.TOKEN}#{feishu.SECRET}"),
        (f"feishu:{feishu.TOKEN}", f"feishu:{feishu.TOKEN}"),
    ],
)
def test_a_robot_of_dingtalk_or_feishu_is_kept_with_its_platform_and_secret(
    office: Office, given: str, kept: str
) -> None:
    know(office, f"市教育局,李联,联络员,,,{given},")
    assert [each.robot for each in list_contacts(office)] == [kept]


def test_robots_of_dingtalk_and_feishu_get_what_is_due(build_office: BuildOffice) -> None:
    clock = Clock(at("2021-07-26 09:00"))
    with loopback_only(), FakeDingTalk() as ding, FakeFeishu() as flying:
        robots = (
            DingTalkRobot(ding.base_url, clock=lambda: THEIR_NOW),
            FeishuRobot(flying.base_url, clock=lambda: THEIR_NOW),
        )
        channels = {each.channel: each for each in robots}
        office = build_office(channels={**channels, "sandbox": Sandbox()})
        take_in(office, NOW)
        know(
            office,
            f"市教育局,李联,联络员,,,{DINGTALK_HOOK} {dingtalk.SECRET},",
            f"澜东区,周联,联络员,,,{FEISHU_HOOK} {feishu.SECRET},",
        )
        for _ in range(14):
            remind(office, now=clock())
            deliver(office, clock)
            clock.advance(days=1)
        assert "市教育局" in ding.accepted[0]["markdown"]["text"]
        assert "澜东区" in flying.accepted[0]["content"]["text"]


@pytest.mark.parametrize(
    "robot",
    [
        "https://example.com/hook?key=abc",
        "带汉字的密钥",
        "a b",
        "slack:abc",
        "dingtalk:",
        "dingtalk:a b c",
        "https://oapi.dingtalk.com/robot/send?token=abc",
        "https://open.feishu.cn/open-apis/bot/v2/hook/a/b",
        "http://[",
    ],
)
def test_what_is_no_robot_is_refused(office: Office, robot: str) -> None:
    text = f"{HEADER}\n市教育局,李联,联络员,,,{robot},\n"
    with pytest.raises(IntakeError, match="群机器人应为"):
        import_contacts(office, text.encode(), "联系人.csv", now=NOW)
