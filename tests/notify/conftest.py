"""Fixtures of the tests of messages: an office whose county has channels to a real mail server and a real gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from engine.notify.kinds import KINDS, NOW
from tests.engine.office import Office
from tests.services.mail import HttpReceiver, MailServer

if TYPE_CHECKING:
    from engine import Engine

PASSWORD = "a password of the mail server"
KEY = "the gateway's key"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=(pytest.mark.postgres, pytest.mark.long))])
def backend(request: pytest.FixtureRequest) -> str:
    """The database of a test; a quick run takes SQLite, a long one PostgreSQL too."""
    return str(request.param)


@dataclass
class Post:
    """An office, its mail server and the receiver of its gateway and robots."""

    office: Office
    mail: MailServer
    http: HttpReceiver

    @property
    def engine(self) -> Engine:
        return self.office.engine

    def open_mail(self, **more: Any) -> None:
        """Open the channel for mail."""
        options = {
            "host": "127.0.0.1",
            "port": self.mail.port,
            "security": "none",
            "user": "bureau",
            "sender": "测试县财政局 <czj@example.gov.cn>",
        }
        said = {"type": "mail", "on": True, "options": options, **more}
        self.engine.save_channel("mail", said, actor="system", secrets={"password": PASSWORD})
        self.engine.allow_hosts([*self.engine.allowed_hosts(), f"127.0.0.1:{self.mail.port}"])

    def open_sms(self, options: dict[str, Any] | None = None, **more: Any) -> None:
        """Open the channel for SMS."""
        said = {
            "type": "sms",
            "on": True,
            "options": {"url": f"{self.http.url}/send", **(options or {})},
            **more,
        }
        self.engine.save_channel("sms", said, actor="system", secrets={"key": KEY})
        self.engine.allow_hosts([*self.engine.allowed_hosts(), self.http.host])

    def reach(self, person: str, channel: str = "mail", how: str = NOW, kinds: Any = KINDS) -> None:
        """Give a person an address, and let them choose."""
        self.engine.set_contact(person, "email", f"{person}@example.gov.cn", actor="system")
        self.engine.set_contact(person, "mobile", "13800000001", actor="system")
        actor = self.office.who(person)
        chosen = {**self.engine.wishes(actor), **{(channel, kind): how for kind in kinds}}
        self.engine.choose(actor, chosen)

    def work(self) -> None:
        """Do what the runners do, until nothing is left to do now."""
        while self.engine.run_telling() or self.engine.run_deliveries():
            pass

    def states(self) -> list[str]:
        """Return the states of all messages, the oldest first."""
        found = self.engine.deliveries("system", states=("open", "sending", "sent", "failed", "dropped"))
        return [one.state for one in reversed(found)]


@pytest.fixture
def post(engine: Engine) -> Iterator[Post]:
    """An office with its servers; nothing is configured yet, and nothing that a test did may leave it unsound."""
    office = Office.open(engine)
    with MailServer(account=("bureau", PASSWORD)) as mail, HttpReceiver() as http:
        yield Post(office, mail, http)
    office.sound()
