"""``bihuan serve --processes``: what the processes owe each other when one of them dies."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable

import pytest

from engine.database import Home
from tests.services.server import Server

pytestmark = [
    pytest.mark.long,
    pytest.mark.parametrize("backend", ["sqlite"]),
    pytest.mark.skipif(sys.platform != "linux", reason="children are found in Linux's /proc"),
]
#: Two for the pages and one for the background work.
CHILDREN = 3


def until(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until something is so; return whether it is."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def answers(server: Server) -> bool:
    """Whether the server sends its sign-in page."""
    with urllib.request.urlopen(f"{server.url}/sign-in", timeout=20) as page:
        return bool(page.status == 200)


def is_free(port: int) -> bool:
    """Whether nobody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def gone(children: set[int]) -> bool:
    """Whether none of the processes is left."""
    return not any(os.path.exists(f"/proc/{child}/cmdline") and _runs(child) for child in children)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_that_dies_is_replaced_and_all_end_together(new_home: Callable[[], Home]) -> None:
    with Server(new_home().path, arguments=("--processes", "2")) as server:
        assert answers(server)
        assert until(lambda: len(server.children) == CHILDREN)
        time.sleep(2.5)  # one that lives shorter counts as one that could not begin
        victim = min(server.children)
        os.kill(victim, signal.SIGKILL)
        assert until(lambda: len(server.children - {victim}) == CHILDREN)
        assert answers(server)
        children = server.children
        assert server.stop() == 0
        assert gone(children)
        assert until(lambda: is_free(server.port))


def test_children_end_when_their_parent_is_killed(new_home: Callable[[], Home]) -> None:
    with Server(new_home().path, arguments=("--processes", "2")) as server:
        assert until(lambda: len(server.children) == CHILDREN)
        assert answers(server)
        children = server.children
        server.kill()
        assert until(lambda: gone(children))
        assert until(lambda: is_free(server.port))


@pytest.mark.parametrize("processes", ["1", "2"])
def test_of_two_servers_that_begin_at_once_one_serves_and_the_other_says_why_not(
    new_home: Callable[[], Home], processes: str
) -> None:
    first = Server(new_home().path, arguments=("--processes", processes))
    second = Server(new_home().path, arguments=("--processes", processes))
    second.port = first.port
    first.start(wait=False)
    second.start(wait=False)
    servers = (first, second)
    try:
        assert until(lambda: any(server.status is not None for server in servers), 60)
        refused, serving = sorted(servers, key=lambda server: server.status is None)
        assert refused.status == 2
        serving.wait()
        assert answers(serving)
        told = refused.log.read_text()
        assert f"127.0.0.1:{first.port} can't be used" in told
        assert "Traceback" not in told
    finally:
        for server in servers:
            server.stop()
