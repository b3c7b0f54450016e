"""Wires settings, rules, store, channels and probes into one `Office`. The only place that knows all."""

from __future__ import annotations

from tracker.channels import build_callback, build_channels, build_systems
from tracker.domain.errors import ConfigError
from tracker.identity import build_oidc, build_wecom_sign_in, second_factor_for
from tracker.probes import Capture, Policy, build_capture, build_probes
from tracker.rules import load_rules
from tracker.services.office import Office
from tracker.settings import Settings
from tracker.store import Database
from tracker.store.foreign import ForeignDatabase
from tracker.store.vault import Vault

__all__ = ["build_channels", "build_office", "open_database"]


def build_office(settings: Settings, *, prepared: bool = True) -> Office:
    """Open an installation; raises ConfigError or StoreError for anything that would fail later.

    Not `prepared`: the database is taken as it stands, which only a restore can work with.
    """
    rules = load_rules(settings.config_dir, settings.time_zone)
    database = open_database(settings)
    if prepared:
        database.prepare()
    browser = str(settings.probe_browser) if settings.probe_browser else None
    policy = Policy(
        allowed_networks=settings.probe_networks,
        authorities=str(settings.ca_file) if settings.ca_file else None,
    )
    return Office(
        database=database,
        rules=rules,
        channels=build_channels(settings),
        systems=build_systems(settings),
        probes=build_probes(policy, rules.columns, rules.walk, browser),
        capture=_capture(policy, browser) if settings.probe_screenshots else None,
        public_url=str(settings.public_url) if settings.public_url else None,
        callback=build_callback(settings),
        wecom_sign_in=build_wecom_sign_in(settings),
        oidc=build_oidc(settings),
        second_factor_for=second_factor_for(settings),
        feed_databases={
            name: ForeignDatabase.at(url.get_secret_value(), name)
            for name, url in settings.feed_databases.items()
        },
        backup_dir=settings.backup_dir,
        backup_days=settings.backup_days,
        paper_templates=settings.config_dir / "documents" if settings.config_dir else None,
    )


def _capture(policy: Policy, browser: str | None) -> Capture:
    capture = build_capture(policy, browser) if browser else None
    if capture is None:
        raise ConfigError(
            "TRACKER_PROBE_SCREENSHOTS 须与 TRACKER_PROBE_BROWSER 同时设置，并安装 Playwright"
            "（pip install playwright）"
        )
    return capture


def open_database(settings: Settings) -> Database:
    """The database with the keys that open it; not prepared."""
    vault = Vault([key.get_secret_value() for key in settings.secret_key])
    return Database(settings.database_url, vault=vault)
