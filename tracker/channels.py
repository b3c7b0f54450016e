"""Which channels an installation has, from its settings.

Must never leave out in silence a channel that somebody began to set up: what is missing is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from notifiers.base import Notifier
from notifiers.dingtalk import DingTalkRobot
from notifiers.email import EmailSmtp
from notifiers.feishu import FeishuRobot
from notifiers.sandbox import Sandbox
from notifiers.sms import AliyunSms, CmccSms, SmsGateway, SmsWebhook, Templates, TencentSms, aliyun, tencent
from notifiers.webhook import Webhook
from notifiers.wecom_app import WeComApp
from notifiers.wecom_crypto import Callback
from notifiers.wecom_robot import WeComRobot
from tracker.domain.errors import ConfigError
from tracker.probes.addresses import Policy, checked_address, checked_url, system_addresses
from tracker.services.office import SANDBOX
from tracker.settings import Settings, variable

APP = ("wecom_corp_id", "wecom_agent_id", "wecom_app_secret")
_CALLBACK = ("wecom_callback_token", "wecom_callback_aes_key")
_MAIL = ("smtp_host", "smtp_from")
_LOGIN = ("smtp_user", "smtp_password")
_KEY = ("sms_key_id", "sms_key_secret", "sms_sign")
_PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "webhook": ("sms_url",),
    "aliyun": (*_KEY, "sms_templates"),
    "tencent": (*_KEY, "sms_app_id", "sms_templates"),
    "cmcc": ("sms_url", *_KEY, "sms_ec_name"),
}


class Network(TypedDict):
    """By which way the machine reaches others."""

    ca_file: str | None
    proxy: str | None


def build_channels(settings: Settings) -> dict[str, Notifier]:
    """The channels that are set up, most wanted first; the sandbox is always there, and last.

    The order is that of `TRACKER_CHANNELS`, else: `wecom_app`, `wecom_robot`, `dingtalk`, `feishu`, `sms`,
    `email`. Robots need no setting of their own, their keys are the contacts'. Raises ConfigError naming
    what is missing.
    """
    ready = {name: notifier for name, build in _BUILDERS.items() if (notifier := build(settings))}
    known = (*_BUILDERS, SANDBOX)
    if unknown := [name for name in settings.channels if name not in known]:
        raise ConfigError(
            f"TRACKER_CHANNELS 中有不认识的渠道：{'、'.join(unknown)}，可用：{'、'.join(known)}"
        )
    real = [name for name in settings.channels if name != SANDBOX] if settings.channels else list(ready)
    for name in real:
        if name not in ready:
            raise _missing(settings, f"渠道 {name} 已启用但没有配置", _FIRST[name])
    return {**{name: ready[name] for name in real}, SANDBOX: Sandbox()}


def build_systems(settings: Settings) -> dict[str, Notifier]:
    """What carries messages to other systems. Internal addresses only where the settings allow them."""
    policy = Policy(allowed_networks=settings.webhook_networks)

    def examine(url: str) -> str:
        return checked_address(checked_url(url), policy, system_addresses)

    return {Webhook.channel: Webhook(examine, ca_file=network(settings)["ca_file"])}


def variables_of_channels() -> dict[str, tuple[str, ...]]:
    """Each real channel with the variables by which it is set up; () where it needs none."""
    return {name: tuple(map(variable, _FIRST.get(name, ()))) for name in _BUILDERS}


def build_callback(settings: Settings) -> Callback | None:
    """What answers the calls of the WeCom app, where they are set up; raises ConfigError."""
    if not complete(settings, _CALLBACK):
        return None
    complete(settings, APP, needed=True)
    token, aes_key = (secret(settings, name) for name in _CALLBACK)
    return Callback(token, aes_key, settings.wecom_corp_id)


def _wecom_app(settings: Settings) -> Notifier | None:
    has_callback = complete(settings, _CALLBACK)
    if not complete(settings, APP):
        return None
    return WeComApp(
        str(settings.wecom_base_url),
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id or 0,
        secret=secret(settings, "wecom_app_secret"),
        has_callback=has_callback,
        **network(settings),
    )


def _wecom_robot(settings: Settings) -> Notifier:
    style = settings.wecom_robot_style
    return WeComRobot(str(settings.wecom_base_url), style=style, **network(settings))


def _dingtalk(settings: Settings) -> Notifier:
    return DingTalkRobot(str(settings.dingtalk_base_url), **network(settings))


def _feishu(settings: Settings) -> Notifier:
    return FeishuRobot(str(settings.feishu_base_url), **network(settings))


def _email(settings: Settings) -> Notifier | None:
    login = complete(settings, _LOGIN)
    if not complete(settings, _MAIL, needed=login):
        return None
    return EmailSmtp(
        settings.smtp_host,
        sender=settings.smtp_from,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=secret(settings, "smtp_password"),
        ca_file=network(settings)["ca_file"],
    )


def _sms(settings: Settings) -> Notifier | None:
    provider = settings.sms_provider or ("webhook" if settings.sms_url else None)
    if provider is None:
        if any(getattr(settings, name) for name in (*_KEY, "sms_app_id", "sms_ec_name", "sms_templates")):
            raise _missing(settings, "短信设置不完整", ("sms_provider",))
        return None
    complete(settings, _PROVIDERS[provider], needed=True)
    return _SMS[provider](settings)


def _webhook(settings: Settings) -> Notifier:
    return SmsWebhook(
        SmsGateway(
            url=str(settings.sms_url),
            body=settings.sms_body,
            fields=settings.sms_fields,
            headers={name: value.get_secret_value() for name, value in settings.sms_headers.items()},
            sign_prefix=settings.sms_sign,
            success_path=settings.sms_success_path,
            success_value=settings.sms_success_value,
            id_path=settings.sms_id_path,
            errors=settings.sms_errors,
            **_sms_network(settings),
        )
    )


def _aliyun(settings: Settings) -> Notifier:
    return AliyunSms(
        str(settings.sms_url or aliyun.ENDPOINT),
        key_id=settings.sms_key_id,
        key_secret=secret(settings, "sms_key_secret"),
        sign=_bare_sign(settings),
        templates=_templates(settings, aliyun.LONGEST_PARAM),
        **_sms_network(settings),
    )


def _tencent(settings: Settings) -> Notifier:
    return TencentSms(
        str(settings.sms_url or tencent.ENDPOINT),
        key_id=settings.sms_key_id,
        key_secret=secret(settings, "sms_key_secret"),
        app_id=settings.sms_app_id,
        sign=_bare_sign(settings),
        region=settings.sms_region,
        templates=_templates(settings, tencent.LONGEST_PARAM),
        **_sms_network(settings),
    )


def _cmcc(settings: Settings) -> Notifier:
    return CmccSms(
        str(settings.sms_url),
        ec_name=settings.sms_ec_name,
        ap_id=settings.sms_key_id,
        secret_key=secret(settings, "sms_key_secret"),
        sign=settings.sms_sign,
        extension=settings.sms_extension,
        secret_in_body=settings.sms_secret_in_body,
        templates=_templates(settings, None) if settings.sms_templates else None,
        **_sms_network(settings),
    )


_BUILDERS: Mapping[str, Callable[[Settings], Notifier | None]] = {
    "wecom_app": _wecom_app,
    "wecom_robot": _wecom_robot,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "sms": _sms,
    "email": _email,
}
_SMS: Mapping[str, Callable[[Settings], Notifier]] = {
    "webhook": _webhook,
    "aliyun": _aliyun,
    "tencent": _tencent,
    "cmcc": _cmcc,
}
_FIRST = {"wecom_app": APP, "sms": ("sms_provider", "sms_url"), "email": _MAIL}


def complete(settings: Settings, names: tuple[str, ...], *, needed: bool = False) -> bool:
    """Whether all of these are set; ConfigError when only some are, or, if `needed`, none."""
    given = [name for name in names if getattr(settings, name)]
    if (given or needed) and len(given) < len(names):
        raise _missing(settings, "渠道设置不完整", names)
    return bool(given)


def _missing(settings: Settings, what: str, names: tuple[str, ...]) -> ConfigError:
    absent = [name for name in names if not getattr(settings, name)]
    variables = "、".join(map(variable, absent))
    return ConfigError(f"{what}：缺少 {variables}", details={"settings": absent})


def secret(settings: Settings, name: str) -> str:
    """A secret setting in the open; empty where it is not set."""
    value = getattr(settings, name)
    return str(value.get_secret_value()) if value else ""


def network(settings: Settings) -> Network:
    """For whatever talks HTTP."""
    ca_file = str(settings.ca_file) if settings.ca_file else None
    return {"ca_file": ca_file, "proxy": secret(settings, "proxy") or None}


def _sms_network(settings: Settings) -> Network:
    general, own = network(settings), settings.sms_ca_file
    return {**general, "ca_file": str(own) if own else general["ca_file"]}


def _templates(settings: Settings, longest: int | None) -> Templates:
    limit = settings.sms_param_length or longest
    return Templates(settings.sms_templates, settings.sms_template_params, limit)


def _bare_sign(settings: Settings) -> str:
    """Alibaba and Tencent want the signature without the brackets that they put around it."""
    return settings.sms_sign.strip("【】")
