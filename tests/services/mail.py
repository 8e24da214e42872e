"""A real mail server and a real HTTP receiver, on loopback, for tests of what goes out."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """Keeps what it is given; ``answer`` may refuse a mail with another reply than ``250``."""

    def __init__(self, *, account: tuple[str, str] | None = None, tls: Any = None) -> None:
        self.mails: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        self.answer = "250 OK"
        self.delay = 0.0
        more: dict[str, Any] = {}
        if account is not None:
            more = {
                "authenticator": _authenticator(account),
                "auth_required": True,
                "auth_require_tls": False,
            }
        if tls is not None:
            more |= {"tls_context": tls, "require_starttls": True}
        with socket.socket() as probe:  # aiosmtpd can't choose a port by itself
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10, **more)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.answer.startswith("250"):
            content = cast(bytes, envelope.content)
            self.mails.append(cast(EmailMessage, message_from_bytes(content, policy=policy.default)))
            self.receivers.append([str(one) for one in envelope.rcpt_tos])
        return self.answer

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._controller.stop()


def _authenticator(account: tuple[str, str]) -> Callable[..., AuthResult]:
    def check(_server: Any, _session: Any, _envelope: Any, mechanism: str, given: Any) -> AuthResult:
        if mechanism not in ("LOGIN", "PLAIN") or not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        right = (given.login.decode(), given.password.decode()) == account
        return AuthResult(success=right, handled=False)

    return check


@dataclass
class Received:
    """A request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpReceiver:
    """Answers every request with ``status`` and ``answer`` after ``delay`` seconds, and keeps what came in."""

    status: int = 200
    answer: bytes = b'{"errcode": 0, "errmsg": "ok"}'
    delay: float = 0.0
    requests: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def host(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> HttpReceiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.requests.append(Received(self.command, self.path, dict(self.headers), body))
                time.sleep(receiver.delay)
                try:
                    self.send_response(receiver.status)
                    if receiver.status in (301, 302, 307):
                        self.send_header("Location", receiver.url + "/elsewhere")
                    self.send_header("Content-Length", str(len(receiver.answer)))
                    self.end_headers()
                    self.wfile.write(receiver.answer)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client has given up waiting

            do_GET = do_POST = _take

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
