"""Signing in by the word of somebody else: WeCom names a member, the city's unified sign-in a login.

Must never make an account, nor call the far side from inside a transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tracker.domain.people import CONTACT_ROLES, OF_UNIT
from tracker.services import accounts as sign_ins
from tracker.services.accounts import SignIn, SignInError
from tracker.services.office import Office
from tracker.store import accounts, contacts
from tracker.store.sessions import Owner, Whence

CONTACT_HOURS = 24


def by_wecom(
    office: Office, user_id: str, *, now: datetime, whence: Whence, old_token: str | None = None
) -> SignIn:
    """As the account that bears this WeCom user id, else as the unit's contact who does.

    Who is contact of several units comes in as that of the first on file. Raises SignInError for anybody
    else, and for a disabled account, whatever the contacts file says.
    """
    with office.database.write() as connection:
        account = accounts.of_wecom(connection, user_id)
        if account is not None and account.disabled_at is None:
            return sign_ins.admit(connection, account, now=now, whence=whence, old_token=old_token)
        found = contacts.find(connection, wecom_userid=user_id) if account is None else []
        ours = [each for each in found if CONTACT_ROLES[each.role] in OF_UNIT]
        if not ours:
            raise SignInError(
                f"企业微信账号“{user_id}”没有登记，不能登录。单位联络员请联系审批局更新联系人表，"
                "工作人员请管理员为您的账号填写企业微信账号"
            )
        end_at = now + timedelta(hours=CONTACT_HOURS)
        owner = Owner(contact_id=ours[0].id)
        return sign_ins.begin(connection, owner, end_at, now=now, whence=whence, old_token=old_token)


def by_login(
    office: Office, login: str, *, now: datetime, whence: Whence, old_token: str | None = None
) -> SignIn:
    """As the account of this login; raises SignInError where there is none."""
    with office.database.write() as connection:
        account = accounts.find(connection, login)
        if account is None or account.disabled_at is not None:
            raise SignInError(f"“{login}”在整改通没有账号，请管理员开通后再登录")
        return sign_ins.admit(connection, account, now=now, whence=whence, old_token=old_token)
