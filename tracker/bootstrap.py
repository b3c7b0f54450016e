"""Wires settings, rules, store, channels and probes into one `Office`. The only place that knows all."""

from __future__ import annotations

from notifiers.base import Notifier
from notifiers.sandbox import Sandbox
from notifiers.sms import SmsGateway, SmsWebhook
from notifiers.wecom_robot import WeComRobot
from tracker.domain.errors import ConfigError
from tracker.probes import Policy, build_probes
from tracker.rules import load_rules
from tracker.services.office import ADDRESSES, SANDBOX, Office
from tracker.settings import Settings
from tracker.store import Database


def build_office(settings: Settings) -> Office:
    """Open an installation; raises ConfigError or StoreError for anything that would fail later."""
    rules = load_rules(settings.config_dir, settings.time_zone)
    database = Database(settings.database_url)
    database.prepare()
    policy = Policy(
        allowed_networks=settings.probe_networks,
        authorities=str(settings.ca_file) if settings.ca_file else None,
    )
    return Office(
        database=database,
        rules=rules,
        channels=build_channels(settings),
        probes=build_probes(policy),
        public_url=str(settings.public_url) if settings.public_url else None,
    )


def build_channels(settings: Settings) -> dict[str, Notifier]:
    """The channels that are set up, most wanted first; the sandbox is always there.

    The robot needs no setting of its own, its key is the contact's; an SMS gateway needs its address.
    """
    unknown = sorted(set(settings.channels) - set(ADDRESSES))
    if unknown:
        known = "、".join(ADDRESSES)
        raise ConfigError(f"TRACKER_CHANNELS 中有不认识的渠道：{'、'.join(unknown)}，可用：{known}")
    ca_file = str(settings.ca_file) if settings.ca_file else None
    channels: dict[str, Notifier] = {
        "wecom_robot": WeComRobot(str(settings.wecom_base_url), ca_file=ca_file, proxy=settings.proxy)
    }
    if settings.sms_url is not None:
        channels["sms"] = SmsWebhook(_gateway(settings, ca_file))
    channels[SANDBOX] = Sandbox()
    wanted = {*settings.channels, SANDBOX} if settings.channels else set(channels)
    if missing := wanted - set(channels):
        raise ConfigError(f"渠道 {'、'.join(sorted(missing))} 已启用但没有配置地址（TRACKER_SMS_URL）")
    return {name: notifier for name, notifier in channels.items() if name in wanted}


def _gateway(settings: Settings, ca_file: str | None) -> SmsGateway:
    return SmsGateway(
        url=str(settings.sms_url),
        body="form" if settings.sms_body == "form" else "json",
        fields=settings.sms_fields,
        headers={name: value.get_secret_value() for name, value in settings.sms_headers.items()},
        sign_prefix=settings.sms_sign,
        success_path=settings.sms_success_path,
        success_value=settings.sms_success_value,
        id_path=settings.sms_id_path,
        ca_file=ca_file,
        proxy=settings.proxy,
    )
