"""Signing in by a city's unified sign-in: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636).

Must never believe an ID token whose signature, issuer, audience, times or nonce are not as they have to be,
or let a code, a secret or a token reach an exception or a log.
"""

from __future__ import annotations

import hashlib
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, NoReturn
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from notifiers.transport import Transport
from tracker.domain.errors import ConfigError, DeliveryError, IdentityError

_DISCOVERY = "/.well-known/openid-configuration"
_FORM = "application/x-www-form-urlencoded"
# Signatures by a private key only: never `none`, never one that whoever knows the client's secret can make.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_LEEWAY = 60  # seconds by which clocks may differ
_KEPT = 3600.0  # seconds for which what the provider says of itself stands
_ASKED_AGAIN_AFTER = 30.0  # seconds before an unknown key may make us ask once more


@dataclass(frozen=True)
class _Provider:
    """What the provider says of itself, and when (`clock` seconds) it said so."""

    authorize: str
    token: str
    takes_basic: bool
    keys: KeySet
    at: float


class Oidc:
    """One client of one provider; one object serves all threads."""

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        client_secret: str = "",
        claim: str = "preferred_username",
        name: str = "统一身份认证",
        timeout: float = 10.0,
        ca_file: str | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`claim`: which one is the login of an account; `name`: what people call the provider."""
        self.name = name
        self._issuer = issuer.rstrip("/")
        self._client_id, self._secret, self._claim = client_id, client_secret, claim
        self._timeout, self._ca_file, self._proxy = timeout, ca_file, proxy
        self._clock = clock
        self._lock = threading.Lock()
        self._known: _Provider | None = None

    def address(self, back: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser; it comes to `back` with a code and the state. Raises IdentityError."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": back,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        authorize = self._provider().authorize
        return f"{authorize}{'&' if urlsplit(authorize).query else '?'}{urlencode(query)}"

    def login(self, code: str, back: str, *, nonce: str, verifier: str, now: datetime) -> str:
        """Exchange the code, which is good once; raises IdentityError unless the ID token proves a login."""
        provider = self._provider()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        form |= {"code_verifier": verifier}
        headers = {}
        if self._secret and provider.takes_basic:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id} | ({"client_secret": self._secret} if self._secret else {})
        said = self._call(provider.token, body=urlencode(form).encode(), headers=headers)
        claims = self._claims(str(said.get("id_token") or ""), provider, nonce, now)
        login = claims.get(self._claim)
        if not isinstance(login, str) or not login.strip():
            self._refuse(f"没有给出账号（{self._claim}）")
        return login.strip()

    def _claims(self, token: str, provider: _Provider, nonce: str, now: datetime) -> Mapping[str, Any]:
        try:
            decoded = self._decoded(token, provider)
            wanted: dict[str, Any] = {
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            }
            registry = jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=_LEEWAY, **wanted)
            claims = decoded.claims | {"iss": str(decoded.claims.get("iss", "")).rstrip("/")}
            registry.validate(claims)
        except (JoseError, ValueError):
            self._refuse("答复不可信（签名、有效期或用途不对），请核对服务器时间和设置")
        if claims.get("azp", self._client_id) != self._client_id:
            self._refuse("答复是给别的系统的")
        return claims

    def _decoded(self, token: str, provider: _Provider) -> jwt.Token:
        """Providers change their keys: one that is not known makes us ask for them once more."""
        try:
            return jwt.decode(token, provider.keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            if self._clock() - provider.at < _ASKED_AGAIN_AFTER:
                raise
        return jwt.decode(token, self._provider(anew=True).keys, algorithms=_ALGORITHMS)

    def _provider(self, *, anew: bool = False) -> _Provider:
        with self._lock:
            if anew or self._known is None or self._clock() - self._known.at > _KEPT:
                self._known = self._discover()
            return self._known

    def _discover(self) -> _Provider:
        said = self._call(self._issuer + _DISCOVERY)
        if str(said.get("issuer", "")).rstrip("/") != self._issuer:
            self._refuse("自述的地址与设置的不同（TRACKER_OIDC_ISSUER）")
        places = [self._place(said, f"{name}_endpoint") for name in ("authorization", "token")]
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        try:
            keys = KeySet.import_key_set(dict(self._call(self._place(said, "jwks_uri"))))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            self._refuse("公布的密钥无法识别")
        basic = isinstance(methods, list) and "client_secret_basic" in methods
        return _Provider(places[0], places[1], basic, keys, self._clock())

    def _place(self, said: Mapping[str, object], name: str) -> str:
        """An address that the provider names: over TLS, if the provider itself is reached so."""
        place = str(said.get(name) or "")
        if urlsplit(place).scheme not in {"https", urlsplit(self._issuer).scheme}:
            self._refuse(f"没有可用的地址（{name}）")
        return place

    def _call(
        self, place: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Mapping[str, object]:
        try:
            transport = Transport(
                place, self.name, read_timeout=self._timeout, ca_file=self._ca_file, proxy=self._proxy
            )
            method = "POST" if body else "GET"
            said = transport.send(
                "", body, content_type=_FORM, method=method, headers=headers, harmless=True
            ).json()
        except (DeliveryError, ConfigError) as error:
            raise IdentityError(f"{self.name}没有确认身份：{error.message}") from None
        if not isinstance(said, dict):
            self._refuse("答复无法识别")
        return said

    def _refuse(self, why: str) -> NoReturn:
        raise IdentityError(f"{self.name}没有确认身份：{why}")


def challenge(verifier: str) -> str:
    """RFC 7636, 4.2."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
