"""Signatures against vectors that other people's code computed from the same invented input."""

from __future__ import annotations

import pytest

from notifiers.signing import acs3, dingtalk_sign, feishu_sign, mas_mac, rfc3986, tc3


def test_acs3_as_alibabas_own_library_signs() -> None:
    signed = acs3(
        "LTAIfake",
        "fakesecret",
        host="dysmsapi.aliyuncs.com",
        query={
            "PhoneNumbers": "13800000000",
            "SignName": "测试",
            "TemplateCode": "SMS_000000001",
            "TemplateParam": '{"n":"3"}',
        },
        headers={
            "x-acs-action": "SendSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": "2026-01-02T03:04:05Z",
            "x-acs-signature-nonce": "nonce-0001",
        },
    )
    assert signed["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=LTAIfake,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=e8c2f28274f24dcad9b50894e6eb4f4f46f76e5a8e3d1d9361f21d2797d27d5d"
    )


def test_a_query_is_spelled_as_rfc_3986_wants_it() -> None:
    assert rfc3986({"b": "a b+*~/", "a": "项"}) == "a=%E9%A1%B9&b=a%20b%2B%2A~%2F"


def test_tc3_as_tencents_own_library_signs() -> None:
    body = (
        '{"PhoneNumberSet":["+8613800000000"],"SmsSdkAppId":"1400000000","SignName":"测试",'
        '"TemplateId":"1000","TemplateParamSet":["3"]}'
    )
    authorization = tc3(
        "AKIDfake",
        "fakesecret",
        service="sms",
        host="sms.tencentcloudapi.com",
        content_type="application/json",
        body=body.encode(),
        timestamp=1760000000,
    )
    assert authorization == (
        "TC3-HMAC-SHA256 Credential=AKIDfake/2025-10-09/sms/tc3_request, SignedHeaders=content-type;host, "
        "Signature=c9598dcbc0e54ab9720e12ada0d76959a4b61abc64db81474788daa0c4f9274d"
    )


@pytest.mark.parametrize(
    ("middle", "mac"),
    [
        (["13800000000,13800000001", "整改提醒:剩余3天"], "7910baa48f7512db92807b1697bd53bc"),
        (["tmpl0001", "13800000000,13800000001", '["A-17","3"]'], "e759f8715c427d6b0b75955f9e81bf18"),
    ],
)
def test_the_mac_of_yunmas_for_free_text_and_for_a_template(middle: list[str], mac: str) -> None:
    assert mas_mac(["测试单位", "fakeap", "fakesecret", *middle, "fakeSign01", ""]) == mac


def test_dingtalk_signs_moment_and_secret_under_the_secret() -> None:
    assert dingtalk_sign("SECfake0001", 1760000000000) == "PPCb5yEoB9kR6Cl0tnCq9cJCKXVbxqqgvhKM5TqSRTg="


def test_feishu_signs_nothing_under_moment_and_secret() -> None:
    assert feishu_sign("fakefeishu0001", 1760000000) == "oMekJ4ci0iumHzmCruzMMErsPha2qwuqOnhMvH/HPf0="
