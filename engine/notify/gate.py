"""The only way from a channel to the network: to hosts that the server's operator has allowed, and no further."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

#: How long a connection may take, and then each answer, in seconds.
TIMEOUT = 10.0
#: How much of an answer is read.
MAX_ANSWER = 64 * 1024
#: The robots of the three large messengers; anything else the operator names.
KNOWN_HOSTS = frozenset({"qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn"})


class Undelivered(Exception):
    """A message that did not go out: ``reason`` for administrators, never with a secret in it.

    ``final`` where trying again can't help. ``unclear`` where it may have gone out all the same.
    """

    def __init__(self, reason: str, *, final: bool = False, unclear: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason[:500]
        self.final = final
        self.unclear = unclear


class Gate:
    """Opens connections to allowed hosts, given as ``host`` or ``host:port``; redirects are not followed."""

    def __init__(self, hosts: Collection[str], *, timeout: float = TIMEOUT) -> None:
        self._hosts = {host.strip().lower() for host in hosts} | KNOWN_HOSTS
        self.timeout = timeout

    def allows(self, host: str, port: int) -> bool:
        """Whether a host may be spoken to at a port; a host of the well-known robots only at 443."""
        name = host.strip("[]").lower()
        if name in KNOWN_HOSTS:
            return port == 443
        return name in self._hosts or f"{name}:{port}" in self._hosts

    def check(self, host: str, port: int) -> None:
        """Raise :class:`Undelivered` for a host that isn't allowed."""
        if not self.allows(host, port):
            raise Undelivered(f"{host}:{port} is not among the allowed hosts", final=True)

    def http(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send a request and return the answer's status and the beginning of its body.

        Raises :class:`Undelivered`: ``unclear`` where the request was sent and no answer came.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise Undelivered("the address is not a URL", final=True) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Undelivered("the address must begin with http:// or https://", final=True)
        self.check(parts.hostname, port)
        connection = self._connection(parts.scheme, parts.hostname, port)
        sent = False
        try:
            connection.connect()
            sent = True
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_ANSWER)
        except (OSError, HTTPException, ValueError) as error:
            raise Undelivered(
                f"{parts.hostname}:{port}: {type(error).__name__}: {error}",
                unclear=sent and not isinstance(error, ValueError),
            ) from None
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int) -> HTTPConnection:
        if scheme == "https":
            context = ssl.create_default_context()
            return HTTPSConnection(host, port, timeout=self.timeout, context=context)
        return HTTPConnection(host, port, timeout=self.timeout)


def local_name() -> str:
    """Return what this server calls itself in a greeting; ASCII, whatever the machine is called."""
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"
