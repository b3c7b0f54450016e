"""A browser is named as its owner knows it."""

from __future__ import annotations

import pytest

from tracker.web.devices import device

KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/120.0 Safari/537.36",
            "Chrome（Windows）",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {KHTML} Chrome/120.0 Safari/537.36 Edg/120.0", "Edge（Windows）"),
        (f"Mozilla/5.0 (Linux; Android 12) {KHTML} wxwork/4.1 MicroMessenger/7.0", "企业微信（安卓）"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Safari/604.1", "Safari（iPhone）"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {KHTML} Chrome/86 Safari QIHU 360EE", "360 浏览器（Linux）"),
        ("Mozilla/5.0 Firefox/120.0", "Firefox"),
        ("python-httpx/0.28", "python-httpx/0.28"),
        ("", "未知设备"),
    ],
)
def test_a_browser_is_named_with_its_system(agent: str, words: str) -> None:
    assert device(agent) == words
