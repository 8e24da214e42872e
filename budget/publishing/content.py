"""What the public reads of one goal or evaluation: facts with their names, and a table."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from budget.publishing.redaction import redacted
from engine.values import canonical_json, digest


@dataclass(frozen=True, slots=True)
class Content:
    """Facts (name, text) and a table; both in Chinese, as the office writes them."""

    facts: Sequence[tuple[str, str]]
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()

    def without(self, kinds: Collection[str], words: Iterable[str] = ()) -> Content:
        """Return it redacted; see :func:`budget.publishing.redaction.redacted`."""
        gone = list(words)
        return Content(
            [(name, redacted(text, kinds, gone)) for name, text in self.facts],
            self.headings,
            [[redacted(cell, kinds, gone) for cell in row] for row in self.rows],
        )

    def summary(self) -> Content:
        """Return the facts alone."""
        return Content(self.facts)

    @property
    def text(self) -> str:
        """What is read, as lines: for the form in which the unit confirms it."""
        lines = [f"{name}：{text}" for name, text in self.facts]
        return "\n".join([*lines, *("；".join(filter(None, row)) for row in self.rows)])

    def written(self) -> str:
        """Return it as the records keep it."""
        body = {"facts": [list(one) for one in self.facts], "headings": list(self.headings)}
        return json.dumps(body | {"rows": [list(row) for row in self.rows]}, ensure_ascii=False)

    @classmethod
    def read(cls, written: str) -> Content:
        """Return what :meth:`written` wrote."""
        body = json.loads(written)
        return cls([(name, text) for name, text in body["facts"]], body["headings"], body["rows"])


def hash_of(items: Iterable[tuple[str, str, str]]) -> str:
    """Return the hash of what is released: code, name and written content of each item."""
    body: list[Any] = [list(one) for one in items]
    return digest(canonical_json(body))
