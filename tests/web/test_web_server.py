"""Listening: a port that is taken is one clear sentence."""

from __future__ import annotations

import socket

import pytest

from tracker.domain.errors import RectifyError
from tracker.web.server import listen


def test_a_taken_port_is_refused_in_chinese():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RectifyError, match="端口已被其他程序占用"):
            listen("127.0.0.1", port)


def test_an_address_that_is_not_this_machine_is_refused():
    with pytest.raises(RectifyError, match="地址不可用"):
        listen("192.0.2.1", 8000)
