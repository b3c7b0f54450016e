"""Settings of one installation, from the environment (`TRACKER_…`) and `.env`.

Must never hold what an office decides about rectification: that lies in `config/`.
"""

from __future__ import annotations

import logging
import os
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from tracker.domain.errors import ConfigError
from tracker.domain.people import Role

Network = IPv4Network | IPv6Network

_PREFIX = "TRACKER_"
log = logging.getLogger(__name__)


class Settings(BaseSettings):
    """Every setting with its default. Lists are written with commas."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=".env", env_ignore_empty=True, extra="forbid", frozen=True
    )

    log_level: str = Field("WARNING", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    database_url: str = Field("sqlite:///rectify.db", repr=False)
    config_dir: Path | None = None
    time_zone: str = "Asia/Shanghai"
    public_url: AnyHttpUrl | None = None
    """Address of the pages as phones reach them; without it messages carry no link."""

    secret_key: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Seals addresses and frozen messages: the first key seals, those after it only open what they sealed."""

    require_totp: Annotated[tuple[Role, ...], NoDecode] = ()
    """The roles that must sign in with a second factor."""

    oidc_issuer: AnyHttpUrl | None = None
    """The city's unified sign-in (OpenID Connect); with `oidc_client_id` and `public_url`."""

    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_claim: str = Field("preferred_username", min_length=1)
    """Which claim is the login of an account here."""

    oidc_name: str = "统一身份认证"
    channels: Annotated[tuple[str, ...], NoDecode] = ()
    """Restricts the channels and orders them, e.g. `sandbox` for a rehearsal; empty: each that is set up."""

    wecom_base_url: AnyHttpUrl = AnyHttpUrl("https://qyapi.weixin.qq.com")
    wecom_corp_id: str = ""
    wecom_agent_id: int | None = Field(None, gt=0)
    wecom_app_secret: SecretStr | None = None
    wecom_callback_token: SecretStr | None = None
    wecom_callback_aes_key: SecretStr | None = None
    wecom_sign_in: bool = False
    """Whether people sign in by WeCom; needs the app's three settings and `public_url`."""

    wecom_open_url: AnyHttpUrl = AnyHttpUrl("https://open.weixin.qq.com")
    wecom_login_url: AnyHttpUrl = AnyHttpUrl("https://login.work.weixin.qq.com")
    """Where browsers are sent to: WeCom's own, and any other; a private deployment has hosts of its own."""

    wecom_robot_style: Literal["markdown", "markdown_v2", "card"] = "markdown"
    dingtalk_base_url: AnyHttpUrl = AnyHttpUrl("https://oapi.dingtalk.com")
    feishu_base_url: AnyHttpUrl = AnyHttpUrl("https://open.feishu.cn")
    ca_file: Path | None = None
    proxy: SecretStr | None = None

    sms_provider: Literal["webhook", "aliyun", "tencent", "cmcc"] | None = None
    """Who carries short messages; without it the webhook, if `sms_url` is set."""

    sms_url: AnyHttpUrl | None = Field(None, repr=False)
    """The webhook, or 云MAS's interface; for Alibaba and Tencent only in place of their public host.
    Not shown: some gateways want a token in its query.
    """

    sms_sign: str = ""
    """webhook: put in front as it is. Alibaba, Tencent: the approved signature. 云MAS: the signature's
    code.
    """

    sms_ca_file: Path | None = None
    """The provider's own authority or self-signed certificate, in place of `ca_file`."""

    sms_body: Literal["json", "form"] = "json"
    sms_fields: dict[str, str] = Field({"phone": "{phone}", "content": "{content}"}, repr=False)
    sms_headers: dict[str, SecretStr] = {}
    sms_success_path: str = "code"
    sms_success_value: str = "0"
    sms_id_path: str = ""
    sms_errors: dict[str, str] = {}
    """webhook: what other values than success mean: `temporary`, `message`, `address` or `channel`."""

    sms_key_id: str = Field("", repr=False)
    """Alibaba's AccessKey id, Tencent's SecretId, 云MAS's apId; the secret of each is `sms_key_secret`."""

    sms_key_secret: SecretStr | None = None
    sms_app_id: str = ""
    sms_region: str = "ap-guangzhou"
    sms_ec_name: str = ""
    sms_extension: str = Field("", pattern=r"^\d{0,20}$")
    sms_secret_in_body: bool = True
    sms_templates: dict[str, str] = {}
    """Kind of message → the provider's template; `default` for every other kind."""

    sms_template_params: dict[str, str] = {"count": "{count}", "date": "{date}", "serial": "{serial}"}
    """The templates' variables in order, each filled from the message's facts."""

    sms_param_length: int | None = Field(None, gt=0)

    smtp_host: str = ""
    smtp_port: int | None = Field(None, gt=0, lt=65536)
    smtp_security: Literal["tls", "starttls", "none"] = "tls"
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_from: str = ""

    probe_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    """Internal networks that checks may look at (a site inside the government network)."""

    webhook_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    """Internal networks in which other systems may be told what happens (webhooks)."""
    backup_dir: Path = Path("backups")
    """Where `rectify backup` and the page of backups put theirs."""

    backup_days: int = Field(7, ge=0, le=366)
    """Reminds of a backup when the last one is older; 0: the office keeps backups of its own."""

    feed_databases: dict[str, SecretStr] = {}
    """Other systems' databases that cases are read from, by the name that `feeds.toml` gives them."""

    probe_browser: Path | None = None
    """A Chromium for lists that only a script draws; needs Playwright. Without it such a list is unsure."""

    probe_screenshots: bool = False
    """Whether a picture of the page that decided a check is kept beside it; needs `probe_browser`."""

    @field_validator(
        "channels", "probe_networks", "require_totp", "secret_key", "webhook_networks", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value


def load_settings() -> Settings:
    """Read the settings; raises ConfigError naming every wrong variable, never its value.

    A variable that nothing reads is a warning: a slip of the pen must not leave a channel out in silence.
    """
    if strangers := _strangers():
        log.warning("环境变量 %s 不是整改通的设置，没有生效，请检查拼写", "、".join(strangers))
    try:
        return Settings()
    except ValidationError as error:
        names = list(dict.fromkeys(str(problem["loc"][0]) for problem in error.errors()))
        variables = "、".join(variable(name) for name in names)
        raise ConfigError(f"环境变量或 .env 中的设置有误：{variables}", details={"settings": names}) from None
    except UnicodeDecodeError:
        raise ConfigError(".env 不是 UTF-8 编码，请用 UTF-8 另存") from None
    except SettingsError as error:
        [name] = re.findall(r'field "(\w+)"', str(error))
        raise ConfigError(
            f'环境变量 {variable(name)} 须为 JSON，如 {{"键": "值"}}', details={"settings": [name]}
        ) from None


def variable(name: str) -> str:
    """A setting's variable; a stranger in `.env` stands for itself."""
    return f"{_PREFIX}{name.upper()}" if name in Settings.model_fields else name.upper()


def _strangers() -> list[str]:
    """Variables of the environment that look like ours and are not."""
    known = {variable(name) for name in Settings.model_fields}
    return sorted(
        name for name in os.environ if name.upper().startswith(_PREFIX) and name.upper() not in known
    )
