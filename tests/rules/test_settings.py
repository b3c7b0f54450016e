"""Settings from the environment: a wrong one is named, and its value never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import default_settings
from tracker.domain.errors import ConfigError
from tracker.settings import Settings, load_settings

SECRET = "hunter2-密"


def refused() -> ConfigError:
    with pytest.raises(ConfigError) as error:
        load_settings()
    told = f"{error.value.message}{error.value.details}{error.value.__cause__}"
    assert SECRET not in told
    return error.value


def test_without_any_setting_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings == Settings() == default_settings()
    assert (settings.database_url, settings.time_zone) == ("sqlite:///rectify.db", "Asia/Shanghai")
    assert settings.channels == ()


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_CHANNELS", "sandbox, sms,")
    monkeypatch.setenv("TRACKER_PROBE_NETWORKS", "10.1.0.0/16,fd00::/8")
    settings = load_settings()
    assert settings.channels == ("sandbox", "sms")
    assert [str(network) for network in settings.probe_networks] == ["10.1.0.0/16", "fd00::/8"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRACKER_LOG_LEVEL", SECRET),
        ("TRACKER_PUBLIC_URL", SECRET),
        ("TRACKER_WECOM_BASE_URL", f"ftp://{SECRET}"),
        ("TRACKER_SMS_URL", SECRET),
        ("TRACKER_SMS_BODY", SECRET),
        ("TRACKER_SMS_FIELDS", SECRET),
        ("TRACKER_SMS_FIELDS", f'["{SECRET}"]'),
        ("TRACKER_SMS_HEADERS", f'{{"Authorization": {SECRET}}}'),
        ("TRACKER_SMS_HEADERS", f'{{"{SECRET}": 5}}'),
        ("TRACKER_SMS_PROVIDER", SECRET),
        ("TRACKER_SMS_TEMPLATES", SECRET),
        ("TRACKER_SMS_PARAM_LENGTH", "0"),
        ("TRACKER_SMS_EXTENSION", SECRET),
        ("TRACKER_WECOM_AGENT_ID", SECRET),
        ("TRACKER_WECOM_ROBOT_STYLE", SECRET),
        ("TRACKER_DINGTALK_BASE_URL", SECRET),
        ("TRACKER_FEISHU_BASE_URL", SECRET),
        ("TRACKER_SMTP_PORT", "65536"),
        ("TRACKER_SMTP_SECURITY", SECRET),
        ("TRACKER_PROBE_NETWORKS", f"10.0.0.0/8,{SECRET}"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    words = refused().message.replace("：", " ").split()
    assert [word for word in words if word.startswith("TRACKER_")] == [variable]


def test_several_wrong_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_LOG_LEVEL", SECRET)
    monkeypatch.setenv("TRACKER_SMS_URL", SECRET)
    assert refused().details["settings"] == ["log_level", "sms_url"]


@pytest.mark.parametrize(("line", "name"), [("TRACKER_SMS_ULR", "TRACKER_SMS_ULR"), ("colour", "COLOUR")])
def test_a_stranger_in_the_env_file_is_named(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / ".env").write_text(f"{line}={SECRET}\n", "utf-8")
    assert refused().message.endswith(f"：{name}")


def test_an_env_file_in_gbk_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(f"TRACKER_SMS_SIGN={SECRET}".encode("gbk"))
    assert "UTF-8" in refused().message


@pytest.mark.parametrize("name", ["TRACKER_SMS_ULR", "tracker_chanels"])
def test_a_stranger_in_the_environment_is_a_warning_that_names_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("tracker_sms_sign", "【整改通】")
    assert load_settings().sms_sign == "【整改通】"
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert f"环境变量 {name} 不是整改通的设置" in caplog.text
    assert SECRET not in caplog.text


def test_without_a_stranger_nobody_is_warned(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TRACKER_CHANNELS", "sandbox")
    monkeypatch.setenv("UNTRACKER_X", "1")
    load_settings()
    assert caplog.records == []


def test_secrets_are_masked_when_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = f'{{"Authorization": "{SECRET}"}}'
    monkeypatch.setenv("TRACKER_SMS_HEADERS", headers)
    monkeypatch.setenv("TRACKER_SMS_FIELDS", f'{{"phone": "{{phone}}", "password": "{SECRET}"}}')
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"postgresql://rectify:{SECRET}@127.0.0.1/rectify")
    plain = {
        "PROXY", "SECRET_KEY", "SMS_KEY_ID", "SMS_KEY_SECRET", "SMTP_PASSWORD", "WECOM_APP_SECRET",
        "WECOM_CALLBACK_TOKEN", "WECOM_CALLBACK_AES_KEY",
    }  # fmt: skip
    for name in plain:
        monkeypatch.setenv(f"TRACKER_{name}", SECRET)
    settings = load_settings()
    assert settings.sms_headers["Authorization"].get_secret_value() == SECRET
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)
