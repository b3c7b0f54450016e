"""The guard that keeps the tests of the channels on this machine."""

from __future__ import annotations

import socket

import pytest

from tests.fakes.loopback import LeftTheMachineError


def test_a_connection_to_another_machine_fails_the_test() -> None:
    with socket.socket() as client, pytest.raises(LeftTheMachineError):
        client.connect(("192.0.2.1", 80))


def test_this_machine_may_be_reached() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()
