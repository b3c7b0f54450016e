"""What an account is bound to: a unit, a WeCom user id. Must never write: who asks does that."""

from __future__ import annotations

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.people import Role
from tracker.services.office import Office
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, accounts

_LONGEST_USER_ID = 64


def unit_id(connection: Connection, office: Office, given: str, role: Role) -> int:
    """The unit that somebody means; raises NotFoundError, or RectifyError for who looks after all."""
    if role is Role.ADMIN:
        raise RectifyError("管理员管理全市，不能限定单位")
    book = UnitBook(connection, office.rules)
    row = book.row(book.find(given))
    if row is None:
        raise NotFoundError(
            f"单位“{given}”还没有登记事项或联系人，不能作为账号的范围", details={"unit": given}
        )
    return row.id


def wecom_userid(connection: Connection, login: str, given: str | None) -> str | None:
    """The id as it is stored; None for none. Raises RectifyError where it is another account's."""
    user_id = (given or "").strip().lower() or None
    if user_id is None:
        return None
    if len(user_id) > _LONGEST_USER_ID:
        raise RectifyError(f"企业微信账号不能超过 {_LONGEST_USER_ID} 个字符")
    other = accounts.of_wecom(connection, user_id)
    if other is not None and other.login != login:
        raise RectifyError(f"企业微信账号 {user_id} 已用于账号“{other.login}”")
    return user_id
