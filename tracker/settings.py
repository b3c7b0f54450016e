"""Settings of one installation, from the environment (`TRACKER_…`) and `.env`.

Must never hold what an office decides about rectification: that lies in `config/`.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from tracker.domain.errors import ConfigError

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Every setting with its default. Lists are written with commas."""

    model_config = SettingsConfigDict(
        env_prefix="TRACKER_", env_file=".env", env_ignore_empty=True, extra="forbid", frozen=True
    )

    log_level: str = Field("WARNING", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    database_url: str = "sqlite:///rectify.db"
    config_dir: Path | None = None
    time_zone: str = "Asia/Shanghai"
    public_url: AnyHttpUrl | None = None
    """Address of the pages as phones reach them; without it messages carry no link."""

    channels: Annotated[tuple[str, ...], NoDecode] = ()
    """Restricts the channels, e.g. `sandbox` for a rehearsal; empty: each that is set up."""

    wecom_base_url: AnyHttpUrl = AnyHttpUrl("https://qyapi.weixin.qq.com")
    ca_file: Path | None = None
    proxy: str | None = None

    sms_url: AnyHttpUrl | None = None
    sms_body: str = Field("json", pattern="^(json|form)$")
    sms_fields: dict[str, str] = {"phone": "{phone}", "content": "{content}"}
    sms_headers: dict[str, SecretStr] = {}
    sms_sign: str = ""
    sms_success_path: str = "code"
    sms_success_value: str = "0"
    sms_id_path: str = ""

    probe_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    """Internal networks that checks may look at (a site inside the government network)."""

    @field_validator("channels", "probe_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value


def load_settings() -> Settings:
    """Read the settings; raises ConfigError naming every wrong variable, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        names = list(dict.fromkeys(str(problem["loc"][0]) for problem in error.errors()))
        variables = "、".join(_variable(name) for name in names)
        raise ConfigError(f"环境变量或 .env 中的设置有误：{variables}", details={"settings": names}) from None
    except UnicodeDecodeError:
        raise ConfigError(".env 不是 UTF-8 编码，请用 UTF-8 另存") from None
    except SettingsError as error:
        [name] = re.findall(r'field "(\w+)"', str(error))
        raise ConfigError(
            f'环境变量 {_variable(name)} 须为 JSON，如 {{"键": "值"}}', details={"settings": [name]}
        ) from None


def _variable(name: str) -> str:
    """A setting's variable; a stranger in `.env` stands for itself."""
    return f"TRACKER_{name.upper()}" if name in Settings.model_fields else name.upper()
