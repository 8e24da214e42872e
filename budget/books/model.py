"""What a book that is kept by hand is: its fields, who keeps it and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TEXT, LONG, NUMBER, FLAG, CHOICE, LIST = "text", "long", "number", "flag", "choice", "list"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a book: its key in the entry's values, its label, and how it is filled in.

    ``choices`` are codes with their words; a ``list`` holds words separated by 、 or commas. What is ``summed`` is added up
    under the book's lines.
    """

    key: str
    zh: str
    en: str
    kind: str = TEXT
    needed: bool = False
    choices: Mapping[str, tuple[str, str]] | None = None
    shown: bool = True
    summed: bool = False

    def options(self, english: bool) -> list[tuple[str, str]]:
        """Return the choices with their words in one language."""
        return [(code, words[english]) for code, words in (self.choices or {}).items()]


@dataclass(frozen=True, slots=True)
class Book:
    """A book: which of the common columns it has (``unit``, ``project``, ``on``, ``until``, ``amount``), and fields.

    A column is named by its labels; one that isn't given isn't there. ``units_keep`` says that a unit's people keep the
    lines about their own unit.
    """

    name: str
    zh: str
    en: str
    about: tuple[str, str]
    title: tuple[str, str]
    fields: tuple[Field, ...]
    unit: tuple[str, str] | None = None
    project: tuple[str, str] | None = None
    on: tuple[str, str] | None = None
    until: tuple[str, str] | None = None
    amount: tuple[str, str] | None = None
    keepers: frozenset[str] = frozenset({"perf_staff", "perf_chief"})
    units_keep: bool = False
    units_read: bool = True
    needs_unit: bool = False
