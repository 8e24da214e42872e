"""``bihuan serve`` as a process of its own, as a county runs it: started, stopped, killed and started again."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.services import ROOT


class Server:
    """A server on a home; ``with Server(home) as server`` runs it, ``server.url`` is where it listens."""

    def __init__(
        self, home: Path, *, environment: dict[str, str] | None = None, arguments: Sequence[str] = ()
    ) -> None:
        self.home = home
        self._arguments = arguments
        self.port = free_port()
        self.log = home.parent / f"{home.name}-server.log"
        self._environment = {**os.environ, "BIHUAN_LANG": "en", **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the server, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The number of the process; 0 where none runs."""
        return self._process.pid if self._process else 0

    @property
    def status(self) -> int | None:
        """The exit status of a process that has ended by itself; None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def children(self) -> set[int]:
        """The processes that it has started and that run; none where the system doesn't tell."""
        found: set[int] = set()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                state, parent = stat.read_text().rpartition(")")[2].split()[:2]
                if int(parent) == self.pid != 0 and state != "Z":
                    found.add(int(stat.parent.name))
        return found

    @property
    def cpu_seconds(self) -> float:
        """How much processor time the processes have used; 0 where the system doesn't tell."""
        ticks = 0
        for pid in {self.pid, *self.children}:
            with suppress(OSError):
                user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                ticks += int(user) + int(system)
        return ticks / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self.stop()

    def start(self, *, wait: bool = True) -> None:
        """Start the process, and wait until it accepts connections unless told not to."""
        command = [
            sys.executable,
            "-m",
            "web.cli",
            "serve",
            "--home",
            str(self.home),
            "--port",
            str(self.port),
            *self._arguments,
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        if wait:
            self.wait()

    def wait(self, seconds: float = 60) -> None:
        """Wait until the server accepts connections; raises :class:`RuntimeError` with its log where it doesn't."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"the server does not answer:\n{self.log.read_text(errors='replace')[-4000:]}")

    def kill(self) -> None:
        """Kill the process at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> int | None:
        """Ask the process to stop; return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int | None:
        if self._process is None:
            return None
        self._process.send_signal(how)
        try:
            status = self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._process = None
        return status


def free_port() -> int:
    """Return a port that nobody listens on, and that the system gives to no connection while the server is down.

    A client that asks a dead server again and again from the range of passing ports comes, sooner or later, from the very
    port that it asks: it is then connected with itself, and the server can't have its address back.
    """
    first_passing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, max(first_passing, 20_000))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
