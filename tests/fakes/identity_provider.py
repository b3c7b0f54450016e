"""A fake OpenID Connect provider: discovery, keys, and a token endpoint that checks what the real ones check.

Must never be laxer than OpenID Connect Core 1.0 and RFC 7636; `claims` and `spoil` make it lie on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fakes.http_server import LoopbackServer, Reply, Request, json_reply

CLIENT, SECRET = "rectify-pages", "invented-client-secret:%"
DISCOVERY, KEYS, TOKEN, AUTHORIZE = "/.well-known/openid-configuration", "/keys", "/token", "/authorize"
_SECONDS = 300


@dataclass
class _Grant:
    """What the provider remembers of one approval."""

    redirect: str
    nonce: str
    challenge: str
    login: str


@dataclass(frozen=True)
class Back:
    """With what the browser comes back."""

    code: str
    state: str


@dataclass
class _Lies:
    """What is said otherwise than it is."""

    claims: Mapping[str, object] = field(default_factory=dict)
    spoil: Callable[[str], str] = lambda token: token
    issuer: str = ""


class FakeProvider(LoopbackServer):
    """One provider with one client; `now` is its clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._grants: dict[str, _Grant] = {}
        self.lies = _Lies()
        self.keys_asked = 0
        self.change_key()

    def change_key(self) -> None:
        """A new signing key, as providers have now and then."""
        self._key = RSAKey.generate_key(2048, {"kid": uuid4().hex, "use": "sig", "alg": "RS256"})

    @property
    def key(self) -> RSAKey:
        return self._key

    def approve(self, location: str, login: str) -> Back:
        """Somebody signs in at the address to which the pages sent their browser."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.base_url}{AUTHORIZE}?")
        assert (query["client_id"], query["response_type"]) == (CLIENT, "code")
        assert (query["code_challenge_method"], "openid" in query["scope"].split()) == ("S256", True)
        code = uuid4().hex
        self._grants[code] = _Grant(query["redirect_uri"], query["nonce"], query["code_challenge"], login)
        return Back(code, query["state"])

    def respond(self, request: Request) -> Reply | None:
        if request.path == DISCOVERY:
            return json_reply(self._description())
        if request.path == KEYS:
            self.keys_asked += 1
            return json_reply({"keys": [self._key.as_dict(private=False)]})
        if request.path == TOKEN and request.method == "POST":
            return self._token(request)
        return self.stray(request)

    def _description(self) -> dict[str, object]:
        return {
            "issuer": self.lies.issuer or self.base_url,
            "authorization_endpoint": self.base_url + AUTHORIZE,
            "token_endpoint": self.base_url + TOKEN,
            "jwks_uri": self.base_url + KEYS,
        }

    def _token(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body().decode()).items()}
        if not _is_client(request.headers.get("Authorization", "")):
            return _refusal("invalid_client")
        grant = self._grants.pop(form.get("code", ""), None)
        if grant is None or form.get("redirect_uri") != grant.redirect:
            return _refusal("invalid_grant")
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(proof).decode().rstrip("=") != grant.challenge:
            return _refusal("invalid_grant")
        claims: dict[str, object] = {
            "iss": self.base_url,
            "aud": CLIENT,
            "sub": f"subject-of-{grant.login}",
            "iat": int(self._now()),
            "exp": int(self._now()) + _SECONDS,
            "nonce": grant.nonce,
            "preferred_username": grant.login,
        }
        kept = {name: value for name, value in (claims | self.lies.claims).items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": self._key.kid}, kept, self._key)
        return json_reply(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self.lies.spoil(token)}
        )


def _is_client(header: str) -> bool:
    kind, _, pair = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(pair).decode().partition(":")
    except ValueError:
        return False
    return (kind, unquote(name), unquote(secret)) == ("Basic", CLIENT, SECRET)


def _refusal(error: str) -> Reply:
    return Reply(json.dumps({"error": error}).encode(), status=400)
