"""Which channels an installation has: what is set up, in which order, and what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from notifiers.base import Letter
from notifiers.sms import AliyunSms, CmccSms, SmsWebhook, TencentSms
from tests.fakes.cmcc import AP_ID, EC_NAME, FREE_TEXT, SECRET_KEY, SIGN, FakeCmcc
from tests.fakes.loopback import loopback_only
from tests.fakes.sms_gateway import FakeSmsGateway
from tracker.channels import build_channels
from tracker.domain.errors import ConfigError
from tracker.services.office import ADDRESSES
from tracker.settings import Settings
from tracker.store.contacts import Contact

APP = {"wecom_corp_id": "ww0000000000000001", "wecom_agent_id": 1000002, "wecom_app_secret": "invented"}
MAIL = {"smtp_host": "mail.example.cn", "smtp_from": "rectify@example.cn"}
KEY = {"sms_key_id": "invented-id", "sms_key_secret": "invented-secret", "sms_sign": "【整改通】"}
TEMPLATES = {"sms_templates": {"default": "1000001"}}
PROVIDERS: dict[str, dict[str, Any]] = {
    "webhook": {"sms_url": "http://127.0.0.1:9/send"},
    "aliyun": {**KEY, **TEMPLATES},
    "tencent": {**KEY, **TEMPLATES, "sms_app_id": "1400000001"},
    "cmcc": {**KEY, "sms_url": "http://127.0.0.1:9/sms/norsubmit", "sms_ec_name": "云澜市审批局"},
}


def channels(**values: Any) -> list[str]:
    return list(build_channels(Settings(**values)))


def refusal(**values: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        build_channels(Settings(**values))
    assert "invented" not in f"{caught.value!r}{caught.value.details}"
    return caught.value.message


def test_without_settings_robots_and_the_sandbox_are_there() -> None:
    assert channels() == ["wecom_robot", "dingtalk", "feishu", "sandbox"]


def test_all_channels_stand_in_the_usual_order() -> None:
    every = [*ADDRESSES]
    assert channels(**APP, **MAIL, **PROVIDERS["webhook"]) == every
    assert every == ["wecom_app", "wecom_robot", "dingtalk", "feishu", "sms", "email", "sandbox"]


def test_the_setting_restricts_and_orders_and_the_sandbox_stays_last() -> None:
    settings = {**APP, **MAIL, **PROVIDERS["webhook"]}
    assert channels(**settings, channels=("email", "sandbox", "sms")) == ["email", "sms", "sandbox"]
    assert channels(**settings, channels=("sandbox",)) == ["sandbox"]


def test_an_unknown_channel_is_named() -> None:
    assert "pigeon" in refusal(channels=("sms", "pigeon"))


@pytest.mark.parametrize(
    ("channel", "variable"),
    [("wecom_app", "WECOM_CORP_ID"), ("sms", "SMS_PROVIDER"), ("email", "SMTP_HOST")],
)
def test_a_wanted_channel_that_is_not_set_up_is_refused(channel: str, variable: str) -> None:
    message = refusal(channels=(channel,))
    assert channel in message
    assert f"TRACKER_{variable}" in message


@pytest.mark.parametrize("whole", [APP, MAIL], ids=["wecom_app", "email"])
def test_each_half_of_a_channel_calls_for_the_other(whole: dict[str, Any]) -> None:
    for left_out in whole:
        half = {name: value for name, value in whole.items() if name != left_out}
        message = refusal(**half)
        assert message.endswith(f"缺少 TRACKER_{left_out.upper()}")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_names_what_it_lacks(provider: str) -> None:
    whole = PROVIDERS[provider]
    for left_out in whole:
        half = {name: value for name, value in whole.items() if name != left_out}
        assert refusal(sms_provider=provider, **half).endswith(f"缺少 TRACKER_{left_out.upper()}")


@pytest.mark.parametrize("one", ["sms_key_id", "sms_key_secret", "sms_app_id", "sms_ec_name"])
def test_a_key_without_a_provider_is_not_ignored(one: str) -> None:
    assert "TRACKER_SMS_PROVIDER" in refusal(**{one: "invented"})


def test_halves_of_a_login_and_of_a_callback_are_refused() -> None:
    assert "TRACKER_SMTP_PASSWORD" in refusal(**MAIL, smtp_user="rectify")
    assert "TRACKER_SMTP_HOST" in refusal(smtp_user="rectify", smtp_password="invented")
    assert "TRACKER_WECOM_CALLBACK_AES_KEY" in refusal(**APP, wecom_callback_token="invented")


@pytest.mark.parametrize(
    ("provider", "kind"),
    [("webhook", SmsWebhook), ("aliyun", AliyunSms), ("tencent", TencentSms), ("cmcc", CmccSms)],
)
def test_the_provider_decides_who_carries_short_messages(provider: str, kind: type) -> None:
    built = build_channels(Settings(sms_provider=provider, **PROVIDERS[provider]))
    assert type(built["sms"]) is kind


def test_an_address_alone_means_the_webhook() -> None:
    with loopback_only(), FakeSmsGateway() as gateway:
        fields = {"mobile": "{phone}", "text": "{content}", "password": "invented"}
        sms = build_channels(
            Settings(
                sms_url=gateway.url,
                sms_fields=fields,
                sms_errors={"InvalidUsrOrPwd": "channel"},
                sms_success_path="data.0.rspcod",
                sms_success_value="success",
            )
        )["sms"]
        with pytest.raises(Exception, match="整个接口被拒"):
            sms.send("13800000000", sms.compose(Letter("x"))[0])


def test_the_settings_of_yunmas_reach_it() -> None:
    with loopback_only(), FakeCmcc() as mas:
        settings = Settings(
            sms_provider="cmcc",
            sms_url=mas.base_url + FREE_TEXT,
            sms_ec_name=EC_NAME,
            sms_key_id=AP_ID,
            sms_key_secret=SECRET_KEY,
            sms_sign=SIGN,
            sms_extension="07",
            sms_secret_in_body=False,
        )
        sms = build_channels(settings)["sms"]
        assert sms.send("13800000000", sms.compose(Letter("x"))[0]) == "group-1"
    assert mas.accepted[0]["addSerial"] == "07"
    assert "secretKey" not in mas.accepted[0]


# --- how a contact is reached


def contact(robot: str | None) -> Contact:
    return Contact(
        1, 1, "澜东区", "district", "张三", "联络员", "13800000000", "zhangsan", robot, "z@example.cn"
    )


@pytest.mark.parametrize(
    ("robot", "channel", "address"),
    [
        ("1234-cdef", "wecom_robot", "1234-cdef"),
        ("https://qyapi.weixin.qq.com/x?key=1", "wecom_robot", "https://qyapi.weixin.qq.com/x?key=1"),
        ("dingtalk:token#SECx", "dingtalk", "token#SECx"),
        ("feishu:token", "feishu", "token"),
    ],
)
def test_a_robot_belongs_to_one_platform(robot: str, channel: str, address: str) -> None:
    robots = {"wecom_robot", "dingtalk", "feishu"}
    reached = {name: ADDRESSES[name](contact(robot)) for name in robots}
    assert reached == {name: address if name == channel else None for name in robots}


def test_every_other_channel_has_its_own_column() -> None:
    person = contact(None)
    assert {name: address(person) for name, address in ADDRESSES.items()} == {
        "wecom_app": "zhangsan",
        "wecom_robot": None,
        "dingtalk": None,
        "feishu": None,
        "sms": "13800000000",
        "email": "z@example.cn",
        "sandbox": "澜东区 张三",
    }


def test_a_representation_of_the_settings_shows_no_token_of_an_address() -> None:
    url = "https://sms.example.invalid/send?token=hunter2"
    assert "hunter2" not in repr(Settings(sms_provider="webhook", sms_url=url))
