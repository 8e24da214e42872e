"""The port through which messages leave: what a channel is, what it needs, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from engine.notify.gate import Gate, Undelivered

__all__ = ["Channel", "Gate", "Message", "Option", "Undelivered"]


@dataclass(frozen=True, slots=True)
class Option:
    """One setting of a channel; ``kind`` says how it is asked for, ``label`` and ``help`` are sentences by language.

    A ``secret`` is written and never shown. ``lines`` are several, one a line.
    """

    name: str
    label: Mapping[str, str]
    kind: Literal["text", "number", "flag", "choice", "lines", "secret"] = "text"
    default: Any = ""
    required: bool = False
    choices: Sequence[tuple[str, Mapping[str, str]]] = ()
    help: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to go.

    ``id`` is the same at each attempt, ``at`` is now. ``address`` is what the channel's ``address`` asks for, empty where
    it asks for nothing; ``mobile`` is the person's number where it is known, so that a robot can point to them. ``text``
    is the whole as plain text, ``paragraphs`` its parts, ``link`` leads to the page.
    """

    id: str
    name: str
    address: str
    mobile: str
    title: str
    paragraphs: Sequence[str]
    at: datetime
    link: str | None = None

    @property
    def text(self) -> str:
        """The whole message but its title."""
        return "\n".join((*self.paragraphs, *([self.link] if self.link else [])))


class Channel(Protocol):
    """A way to reach people; a plug-in offers its own through the hook ``bihuan_channels``.

    ``type`` names it in the settings, ``name`` for people. ``address`` says what of a person it needs. ``discreet`` is
    whether it says only that something waits, unless the administrator chooses otherwise: for channels that strangers run.
    """

    type: str
    name: Mapping[str, str]
    address: Literal["email", "mobile"] | None
    discreet: bool
    options: Sequence[Option]

    def repeatable(self, options: Mapping[str, Any]) -> bool:
        """Whether sending a message twice under the same id does no harm: the receiver tells them apart by it."""

    def send(self, options: Mapping[str, Any], message: Message, gate: Gate) -> None:
        """Send one message through the network, which is reached by ``gate`` alone; raises :class:`Undelivered`.

        ``options`` hold a value for each of the channel's, secrets included.
        """
