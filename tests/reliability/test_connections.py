"""A browser keeps its connections open: those of three hundred people keep nobody from being served."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from urllib.request import urlopen

import pytest

from engine import Home
from tests.services.server import Server

PEOPLE = 300


@pytest.mark.parametrize("backend", ["sqlite"])
def test_three_hundred_open_connections_keep_nobody_waiting(
    new_home: Callable[[], Home],
) -> None:
    with Server(new_home().path) as server, ExitStack() as open_ones:
        for _ in range(PEOPLE):
            line = open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: county\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"
        with urlopen(f"{server.url}/healthz", timeout=20) as answer:
            assert answer.status == 200
