"""Every test here runs with the outside world shut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.loopback import loopback_only
from tests.fakes.sms_gateway import FakeSmsGateway
from tests.fakes.wecom import FakeWeCom


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture
def wecom() -> Iterator[FakeWeCom]:
    with FakeWeCom() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[FakeSmsGateway]:
    with FakeSmsGateway() as server:
        yield server
