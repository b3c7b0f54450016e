"""The contacts file: read whole, checked whole, written in one transaction; and who leaves the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from tracker.domain.errors import IntakeError, NotFoundError
from tracker.domain.ladders import Audience
from tracker.intake.readers.sheets import read_rows
from tracker.services.handover import pass_on
from tracker.services.office import Office
from tracker.services.recipients import Recipient, recipient_of
from tracker.services.unit_names import UnitBook, add_unit, take_registry_turn
from tracker.store import Connection
from tracker.store import contacts as stored
from tracker.store.clockwork import take_planning_turn
from tracker.store.contacts import Contact

_COLUMNS = {
    "单位": "unit",
    "姓名": "name",
    "角色": "role",
    "手机": "phone",
    "企业微信账号": "wecom_userid",
    "群机器人": "robot",
    "邮箱": "email",
}
_NEEDED = ("unit", "name", "role")
WAYS = ("phone", "wecom_userid", "robot", "email")
_PHONE = re.compile(r"(?:\+?86)?(1\d{10})")
_WECOM_PATH, _DINGTALK_PATH, _FEISHU_PATH = "/cgi-bin/webhook/send", "/robot/send", "/open-apis/bot/v2/hook/"
_WITH_SECRET = re.compile(r"([^\s#]+)(?:[\s#]+([!-~]+))?")
# As `office.ADDRESSES` expects it: bare for WeCom, with the platform's name and perhaps a secret for others.
_ROBOT = re.compile(r"[A-Za-z0-9_-]{1,128}|(?:dingtalk|feishu):[A-Za-z0-9_-]{1,128}(?:#[!-~]{1,128})?")
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")  # as WeCom allows, and safe inside `<@…>`
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Row = dict[str, str]


def list_contacts(office: Office) -> list[Contact]:
    """Everybody, in the order they were entered."""
    with office.database.read() as connection:
        return stored.find(connection)


def import_contacts(office: Office, content: bytes, filename: str, *, now: datetime) -> list[Contact]:
    """Add or replace everybody the file names; raises IntakeError listing every faulty row, writing none.

    A unit that nobody knows is added, as an import of a bulletin would add it. What waits to be sent to
    somebody who is reached otherwise from now on, or to a unit that had no contact, goes to the new address.
    """
    return _put(office, _read(content, filename), now=now)


def _put(office: Office, rows: Sequence[Row], *, now: datetime) -> list[Contact]:
    with office.database.write() as connection:
        take_registry_turn(connection)
        take_planning_turn(connection)
        before = stored.find(connection)
        known = _Units(connection, office, now)
        for row in rows:
            unit_id = known.id_of(row["unit"])
            values = {name: row.get(name) or None for name in WAYS}
            stored.upsert(connection, unit_id=unit_id, role=row["role"], name=row["name"], **values)
        found = stored.find(connection)
        pass_on(connection, office, _reached_otherwise(before, found), now)
        return found


def read_contacts(content: bytes, filename: str) -> list[Row]:
    """The file's rows as they would be kept; raises IntakeError listing every faulty row."""
    return _read(content, filename)


def save_contact(office: Office, row: Row, *, now: datetime) -> None:
    """Add one person, or replace how they are reached; `row` as a line of the file.

    Raises IntakeError for what such a line may not say, and NotFoundError for a unit nobody knows.
    """
    with office.database.read() as connection:
        unit = UnitBook(connection, office.rules).find(row["unit"])
    row = row | {"unit": unit, "robot": _robot(row.get("robot", ""))}
    if faults := _faults(row):
        raise IntakeError("；".join(faults), details={"faults": list(faults)})
    _put(office, [row | {"phone": _PHONE.sub(r"\1", row.get("phone", ""))}], now=now)


def remove_contact(
    office: Office, unit: str, name: str, role: Audience | None = None, *, now: datetime
) -> list[Contact]:
    """Take somebody off the list and return who is left of the unit's contacts.

    What waits to be sent to them and was not tried is taken back: reminders are said again by the next
    planning, everything else at once, to those who stand in that role now, or in the sandbox.
    Raises NotFoundError for a unit or person nobody knows.
    """
    with office.database.write() as connection:
        take_planning_turn(connection)
        registered = UnitBook(connection, office.rules).find(unit)
        own = [each for each in stored.find(connection) if each.unit == registered]
        gone = [each for each in own if each.name == name and role in {None, each.role}]
        if not gone:
            known = "、".join(dict.fromkeys(each.name for each in own)) or "无"
            raise NotFoundError(f"“{registered}”没有名为“{name}”的联系人（现有：{known}）")
        stored.remove(connection, [each.id for each in gone])
        pass_on(connection, office, [recipient_of(each) for each in gone], now)
        return [each for each in own if each not in gone]


def _reached_otherwise(before: Sequence[Contact], after: Sequence[Contact]) -> list[Recipient]:
    """Whose address changed, as they were; and the units that have a contact now and had none."""
    now = {each.id: each for each in after}
    had = {each.unit_id for each in before if each.role == Audience.CONTACT.value}
    nobody = {
        each.unit_id: Recipient(each.unit_id, each.unit, Audience.CONTACT, None)
        for each in after
        if each.role == Audience.CONTACT.value and each.unit_id not in had
    }
    return [*(recipient_of(each) for each in before if now[each.id] != each), *nobody.values()]


def _read(content: bytes, filename: str) -> list[Row]:
    table = [row for row in read_rows(content, filename) if any(cell.strip() for cell in row)]
    if not table:
        raise IntakeError(f"{filename}：联系人表是空的")
    header = [_COLUMNS.get(re.sub(r"[（(].*|\s", "", cell)) for cell in table[0]]
    missing = [title for title, name in _COLUMNS.items() if name in _NEEDED and name not in header]
    if missing:
        raise IntakeError(f"{filename}：第 1 行表头缺少“{'”、“'.join(missing)}”列")
    rows: list[Row] = []
    faults: list[str] = []
    for number, cells in enumerate(table[1:], start=2):
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        row["robot"] = _robot(row.get("robot", ""))
        faults += [f"第 {number} 行：{fault}" for fault in _faults(row)]
        rows.append(row | {"phone": _PHONE.sub(r"\1", row.get("phone", ""))})
    if faults:
        raise IntakeError(f"{filename}：" + "；".join(faults), details={"faults": faults})
    return rows


def _robot(given: str) -> str:
    """The key of a webhook address as the group shows it, a signing secret perhaps behind it; anything else
    as given.

    Only the key is kept: where it is posted to is the installation's setting, not a contact's.
    """
    parts = _WITH_SECRET.fullmatch(given)
    if parts is None:
        return given
    robot, secret = _key_of(parts[1]), parts[2]
    return f"{robot}#{secret}" if secret else robot


def _key_of(given: str) -> str:
    """The key that an address ends with, behind the platform's name where it is not WeCom's."""
    try:
        address = urlsplit(given)
    except ValueError:  # brackets that hold no address
        return given
    if address.scheme not in {"http", "https"}:
        return given
    query = dict(parse_qsl(address.query))
    if address.path == _WECOM_PATH:
        return query.get("key", given)
    if address.path == _DINGTALK_PATH and "access_token" in query:
        return f"dingtalk:{query['access_token']}"
    if address.path.startswith(_FEISHU_PATH):
        return f"feishu:{address.path.removeprefix(_FEISHU_PATH)}"
    return given


def _faults(row: Row) -> Sequence[str]:
    titles = {name: title for title, name in _COLUMNS.items()}
    found = [f"“{titles[name]}”未填写" for name in _NEEDED if not row.get(name)]
    roles = [audience.value for audience in Audience]
    if row.get("role") and row["role"] not in roles:
        found.append(f"角色“{row['role']}”不在 {'、'.join(roles)} 之列")
    if row.get("phone") and not _PHONE.fullmatch(row["phone"]):
        found.append("手机号格式不对（应为 11 位数字）")
    if row.get("wecom_userid") and not _USER_ID.fullmatch(row["wecom_userid"]):
        found.append("企业微信账号只能含字母、数字和 _ . @ -")
    if row.get("robot") and not _ROBOT.fullmatch(row["robot"]):
        found.append("群机器人应为企业微信、钉钉或飞书机器人的 webhook 地址，有加签密钥的空一格写在后面")
    if row.get("email") and not _EMAIL.fullmatch(row["email"]):
        found.append("邮箱格式不对")
    return found


class _Units:
    """The units that a file's rows name; one that nobody knows is added once."""

    def __init__(self, connection: Connection, office: Office, now: datetime) -> None:
        self._connection, self._now = connection, now
        self._today = office.rules.calendar.today(now)
        self._book = UnitBook(connection, office.rules)
        self._added: dict[str, int] = {}

    def id_of(self, name: str) -> int:
        """The id of the unit that answers for a name today."""
        found = self._book.resolve(name).name
        unit = self._book.responsible(found, self._today) if found else self._book.new_unit([name], None)
        if unit.id is not None:
            return unit.id
        if unit.key not in self._added:
            self._added[unit.key] = add_unit(self._connection, unit, now=self._now)
        return self._added[unit.key]
