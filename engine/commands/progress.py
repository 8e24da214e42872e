"""What every step of an instance needs to know and what stays small however long it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.values import dump_json, load_plain


@dataclass(slots=True)
class Head:
    """The newest version of a document: what a step must know of it without reading it."""

    version: int
    author: str
    saved_at: str
    sha256: str
    audience: list[str] | None


@dataclass(slots=True)
class Progress:
    """Rounds and doers by element, newest documents by scope and name, and the principals who take part.

    ``starts`` counts how often an element was reached; ``doers`` are who completed it; ``readers`` are named by the
    audience of a record and may see the instance, though they don't take part; ``pinned`` counts the open and answered
    pins by document, so that a step without pins reads none; ``failed`` are tokens whose job has failed for good;
    ``parts`` are the documents of which each signer has their own, and who has saved theirs in this round;
    ``joint`` are the tokens of one person's steps to which signers were added;
    ``direct`` says for a token which element it goes straight back to when it is completed, and who gets it there;
    ``kept`` are the items by element, each with its index, that were cancelled while somebody had a draft of them;
    ``asked`` are the completed items that somebody asks to have back: who, why, when, the step, the items of the holders;
    ``suspended`` says by whom, when and why the instance is held.
    """

    starts: dict[str, int] = field(default_factory=dict)
    doers: dict[str, list[str]] = field(default_factory=dict)
    documents: dict[str, Head] = field(default_factory=dict)
    participants: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    pinned: dict[str, int] = field(default_factory=dict)
    failed: list[int] = field(default_factory=list)
    parts: dict[str, list[int]] = field(default_factory=dict)
    joint: list[int] = field(default_factory=list)
    direct: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, list[list[int]]] = field(default_factory=dict)
    asked: dict[str, list[Any]] = field(default_factory=dict)
    suspended: dict[str, Any] | None = None
    #: Whether more may know of the instance than when it was read.
    widened: bool = False

    @classmethod
    def load(cls, text: str) -> Progress:
        """Read what :meth:`dump` wrote."""
        found = load_plain(text)
        found["documents"] = {name: Head(*head) for name, head in found["documents"].items()}
        return cls(**found)

    def dump(self) -> str:
        """Return it as JSON."""
        seldom = {
            "parts": self.parts,
            "joint": self.joint,
            "direct": self.direct,
            "kept": self.kept,
            "asked": self.asked,
            "suspended": self.suspended,
        }
        found: dict[str, Any] = {name: value for name, value in seldom.items() if value}
        return dump_json(
            found
            | {
                "starts": self.starts,
                "doers": self.doers,
                "documents": {
                    name: [head.version, head.author, head.saved_at, head.sha256, head.audience]
                    for name, head in self.documents.items()
                },
                "participants": self.participants,
                "readers": self.readers,
                "pinned": self.pinned,
                "failed": self.failed,
            }
        )

    def began(self, element: str, item: int | None = None) -> int:
        """Count another start of an element and return which it is, from 1; in one of several items, by its scope."""
        key = element if item is None else key_of(item, element)
        self.starts[key] = self.starts.get(key, 0) + 1
        return self.starts[key]

    def rename(self, elements: Mapping[str, str]) -> None:
        """Let everything that is counted by element have the elements' new ids: old → new."""

        def new(key: str) -> str:
            scope, slash, element = key.rpartition("/")
            return f"{scope}{slash}{elements.get(element, element)}"

        self.starts = {new(key): count for key, count in self.starts.items()}
        self.doers = {new(key): people for key, people in self.doers.items()}
        self.kept = {new(key): items for key, items in self.kept.items()}
        self.direct = {token: [new(element), who] for token, (element, who) in self.direct.items()}

    def forget(self, item: int) -> None:
        """Drop what was counted in an item that is over."""
        prefix = key_of(item, "")
        self.starts = {key: count for key, count in self.starts.items() if not key.startswith(prefix)}

    def did(self, element: str, principal: str) -> None:
        """Note who completed an element."""
        doers = self.doers.setdefault(element, [])
        if principal not in doers:
            doers.append(principal)

    def renew(self, scope: int, name: str) -> None:
        """Begin another round of a document of which each signer has their own: nobody has saved theirs yet."""
        key = key_of(scope, name)
        if key in self.parts:
            self.parts[key] = []

    def saved_part(self, scope: int, name: str, item: int) -> None:
        """Note that a signer has saved their own document in this round."""
        items = self.parts.setdefault(key_of(scope, name), [])
        if item not in items:
            items.append(item)

    def join(self, principals: Iterable[str | None]) -> None:
        """Note who takes part."""
        for principal in principals:
            if principal and principal not in self.participants:
                self.participants.append(principal)
                self.widened = True

    def open_to(self, audience: Iterable[str] | None) -> None:
        """Note who may read a record."""
        for principal in audience or ():
            if principal not in self.readers:
                self.readers.append(principal)
                self.widened = True

    def head(self, scope: int, name: str) -> Head | None:
        """Return the newest version of a document of the process in ``scope``."""
        return self.documents.get(key_of(scope, name))

    def names(self, scope: int) -> frozenset[str]:
        """Return the names of the documents that the process in ``scope`` has."""
        prefix = f"{scope}/"
        keys = (*self.documents, *self.parts)
        return frozenset(key[len(prefix) :] for key in keys if key.startswith(prefix))

    def heads(self) -> list[tuple[int, str, Head]]:
        """Return all documents: scope, name, head."""
        return [(*scope_and_name(key), head) for key, head in self.documents.items()]


def key_of(scope: int, name: str) -> str:
    """Return the key of a document: the scope of its process, and its name."""
    return f"{scope}/{name}"


def scope_and_name(key: str) -> tuple[int, str]:
    """Return what :func:`key_of` made a key of."""
    scope, _, name = key.partition("/")
    return int(scope), name
