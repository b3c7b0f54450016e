"""Who else may say who somebody is, from the settings: WeCom, the city's unified sign-in.

Must never leave out in silence a way in that somebody began to set up: what is missing is named.
"""

from __future__ import annotations

from notifiers.oidc import Oidc
from notifiers.wecom_sign_in import WeComSignIn
from tracker.channels import APP, complete, network, secret
from tracker.domain.errors import ConfigError
from tracker.domain.people import Role
from tracker.settings import Settings

_OIDC = ("oidc_issuer", "oidc_client_id")


def build_wecom_sign_in(settings: Settings) -> WeComSignIn | None:
    """None where it is not wanted; raises ConfigError where something is missing."""
    if not settings.wecom_sign_in:
        return None
    complete(settings, (*APP, "public_url"), needed=True)
    return WeComSignIn(
        str(settings.wecom_base_url),
        open_url=str(settings.wecom_open_url),
        login_url=str(settings.wecom_login_url),
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id or 0,
        secret=secret(settings, "wecom_app_secret"),
        **network(settings),
    )


def build_oidc(settings: Settings) -> Oidc | None:
    """None where it is not set up; raises ConfigError where something is missing."""
    if not complete(settings, _OIDC):
        if settings.oidc_client_secret:
            complete(settings, _OIDC, needed=True)
        return None
    complete(settings, (*_OIDC, "public_url"), needed=True)
    return Oidc(
        str(settings.oidc_issuer),
        client_id=settings.oidc_client_id,
        client_secret=secret(settings, "oidc_client_secret"),
        claim=settings.oidc_claim,
        name=settings.oidc_name,
        **network(settings),
    )


def second_factor_for(settings: Settings) -> frozenset[Role]:
    """Raises ConfigError without the key that seals the secrets of the second factor."""
    if settings.require_totp and not settings.secret_key:
        raise ConfigError(
            "要求动态口令（TRACKER_REQUIRE_TOTP）须先设置 TRACKER_SECRET_KEY",
            details={"settings": ["secret_key"]},
        )
    return frozenset(settings.require_totp)
