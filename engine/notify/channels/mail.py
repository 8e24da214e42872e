"""E-mail over SMTP: plain text with an HTML part beside it, under a message id that stays the same at each attempt."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Any, Literal

from engine.calendar import ZONE
from engine.notify.gate import local_name
from engine.notify.ports import Gate, Message, Option, Undelivered

_SECURITY = (
    ("starttls", {"zh": "STARTTLS（端口 587）", "en": "STARTTLS (port 587)"}),
    ("tls", {"zh": "TLS（端口 465）", "en": "TLS (port 465)"}),
    ("none", {"zh": "不加密（仅限内网，端口 25）", "en": "None (inside one's own network, port 25)"}),
)


class Mail:
    """Sends each message as a mail of its own."""

    type = "mail"
    name: Mapping[str, str] = {"zh": "电子邮件", "en": "E-mail"}
    address: Literal["email", "mobile"] | None = "email"
    discreet = False
    options: Sequence[Option] = (
        Option("host", {"zh": "邮件服务器", "en": "Mail server"}, required=True),
        Option("port", {"zh": "端口", "en": "Port"}, "number", 587, required=True),
        Option("security", {"zh": "加密", "en": "Encryption"}, "choice", "starttls", choices=_SECURITY),
        Option("user", {"zh": "登录账号", "en": "Account"}),
        Option("password", {"zh": "登录密码", "en": "Password"}, "secret"),
        Option(
            "sender",
            {"zh": "发件人", "en": "Sender"},
            required=True,
            help={
                "zh": "例如：某某县财政局 <czj@example.gov.cn>",
                "en": "For example: Finance Bureau <czj@example.gov.cn>",
            },
        ),
    )

    def repeatable(self, options: Mapping[str, Any]) -> bool:  # noqa: ARG002 (whatever the options say)
        """A mail may come again: mail servers and readers recognise it by its message id."""
        return True

    def send(self, options: Mapping[str, Any], message: Message, gate: Gate) -> None:
        """Hand the mail to the server; its answer 5xx is final, anything else is tried again."""
        host, port = str(options["host"]), int(options["port"])
        gate.check(host, port)
        mail = compose(str(options["sender"]), message)
        try:
            with _connected(host, port, str(options["security"]), gate.timeout) as server:
                if options["user"]:
                    server.login(str(options["user"]), str(options["password"]))
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise Undelivered(_said(code, answer), final=code >= 500) from None
        except smtplib.SMTPAuthenticationError as error:
            raise Undelivered(f"the server refuses the account ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            raise Undelivered(
                _said(error.smtp_code, error.smtp_error), final=error.smtp_code >= 500
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(f"{host}:{port}: {type(error).__name__}: {error}", unclear=True) from None


def compose(sender: str, message: Message) -> EmailMessage:
    """Return the mail of a message; headers with Chinese are encoded as RFC 2047 asks.

    Raises :class:`Undelivered` for an address that is none.
    """
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = _address(sender)
        mail["To"] = Address(message.name, addr_spec=message.address)
        mail["Subject"] = " ".join(message.title.split())
    except (ValueError, IndexError):
        raise Undelivered("the address of sender or receiver is none", final=True) from None
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Date"] = format_datetime(message.at.astimezone(ZONE))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, charset="utf-8")
    mail.add_alternative(_html(message), subtype="html", charset="utf-8")
    return mail


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    return Address(name, addr_spec=spec)


def _html(message: Message) -> str:
    parts = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in message.paragraphs)
    if message.link:
        link = escape(message.link, quote=True)
        parts += f'<p><a href="{link}">{link}</a></p>'
    return f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><body>{parts}</body></html>'


def _connected(host: str, port: int, security: str, timeout: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, local_name(), timeout=timeout, context=context)
    server = smtplib.SMTP(host, port, local_name(), timeout=timeout)
    if security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"
