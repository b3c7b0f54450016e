"""Signing in by WeCom (Tencent's documents 91022, 98151, 91023): where browsers go, and whom a code names.

Must never take a code twice, ask for more than the user id (scope `snsapi_base`), or let the secret, a token
or a code reach an exception or a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from notifiers.transport import Transport
from notifiers.wecom_api import accepted
from notifiers.wecom_token import AccessToken
from tracker.domain.errors import DeliveryError, IdentityError

_WHO = "/cgi-bin/auth/getuserinfo"
_SPENT = frozenset({40029, 42003, 42022})  # a code that is wrong, expired, used


class WeComSignIn:
    """One app of one corporation; one object serves all threads."""

    def __init__(
        self,
        base_url: str,
        *,
        open_url: str,
        login_url: str,
        corp_id: str,
        agent_id: int,
        secret: str,
        timeout: float = 10.0,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """`open_url` and `login_url`: the hosts that browsers are sent to. `timeout`: seconds."""
        self._open_url, self._login_url = open_url.rstrip("/"), login_url.rstrip("/")
        self._corp_id, self._agent_id = corp_id, agent_id
        self._transport = Transport(
            base_url.rstrip("/"), "企业微信", read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )
        self._token = AccessToken(self._transport, corp_id, secret)

    def address(self, back: str, state: str, *, inside: bool) -> str:
        """Where to send the browser; it comes to `back` with a code and the state.

        inside: it is WeCom's own browser, which knows who holds it; any other shows a QR code.
        """
        common = {"appid": self._corp_id, "redirect_uri": back}
        if inside:
            query = common | {"response_type": "code", "scope": "snsapi_base", "state": state}
            query |= {"agentid": str(self._agent_id)}
            return f"{self._open_url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"
        query = {"login_type": "CorpApp", **common, "agentid": str(self._agent_id), "state": state}
        return f"{self._login_url}/wwlogin/sso/login?{urlencode(query)}"

    def user_id(self, code: str) -> str:
        """The member whom this code names; raises IdentityError for anybody else, and for a spent code."""
        try:
            said = self._token.used_by(lambda token: self._ask(token, code))
        except DeliveryError as error:
            if error.details.get("errcode") in _SPENT:
                raise IdentityError("企业微信的登录凭证已失效，请重新登录") from None
            raise IdentityError(f"企业微信没有确认身份：{error.message}") from None
        user_id = said.get("userid")
        if not isinstance(user_id, str) or not user_id:
            raise IdentityError("您不是本企业微信的成员，不能登录")
        return user_id

    def _ask(self, token: str, code: str) -> Mapping[str, object]:
        query = {"access_token": token, "code": code}
        return accepted(
            self._transport.send(_WHO, method="GET", query=query, harmless=True), {}, harmless=True
        )
