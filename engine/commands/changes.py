"""What a command holds of an instance, and what it changes until all is written at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.commands import sending, subscriptions, waiting
from engine.commands.progress import Head
from engine.errors import ExecutionError

COLUMNS = ("subject", "unit", "section", "reference", "amount")


@dataclass(slots=True)
class Instance:
    """An instance's row, as the command found it and changes it."""

    id: int
    version: int
    state: str
    business_key: str | None
    initiator: str
    started_at: datetime
    ended_at: datetime | None
    history_seq: int
    history_head: str
    columns: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(COLUMNS))
    #: Whether the row is in the database already.
    stored: bool = True


@dataclass(slots=True)
class Saved:
    """A document version that the command saves."""

    scope: int
    name: str
    version: int
    element: str
    form_resource_id: int | None
    body: str
    sha256: str
    author: str
    audience: list[str] | None
    item: int = 0
    #: The author's post, and for whom they act as a substitute.
    post: str | None = None
    behalf: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """That people may read a version of a document though its audience didn't name them: who, and which of them knew nothing
    of the instance before.
    """

    scope: int
    name: str
    version: int
    principals: list[str]
    readers: list[str]


@dataclass(slots=True)
class Changes:
    """What a command changes in the rows beside the instance's own."""

    documents: list[Saved] = field(default_factory=list)
    #: Documents that more people may read than when they were saved, by scope and name.
    entrusted: dict[tuple[int, str], Head] = field(default_factory=dict)
    #: The items that are opened, by token; several where several sign.
    items: dict[int, list[waiting.NewItem]] = field(default_factory=dict)
    jobs: dict[int, waiting.NewJob] = field(default_factory=dict)
    subscriptions: dict[int, subscriptions.NewSubscription] = field(default_factory=dict)
    #: Tokens whose subscriptions are over.
    unsubscribed: set[int] = field(default_factory=set)
    #: What was sent, by the token that sent it.
    outbox: dict[int, sending.Outgoing] = field(default_factory=dict)
    incidents: dict[int, ExecutionError] = field(default_factory=dict)
    #: Tokens that were withdrawn: their items are cancelled, their jobs deleted, their incidents resolved.
    withdrawn: set[int] = field(default_factory=set)
    #: Jobs that are done, by token.
    done_jobs: set[int] = field(default_factory=set)
    resolved: set[int] = field(default_factory=set)
    columns_changed: bool = False
    #: Whether contents were deleted, so that the search must forget them.
    emptied: bool = False

    @property
    def opened(self) -> list[waiting.NewItem]:
        """All items that are opened."""
        return [item for items in self.items.values() for item in items]
