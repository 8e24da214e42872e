"""What describes a register: where its rows are from, its columns, its filters, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select

from budget.codes import Code
from web import context

#: A sentence that is looked up when a page is drawn, in its reader's language.
Said = Callable[[], str]

#: The kinds of columns: how a value is written on the page, in a workbook, and how it sorts. An amount (wan) is in 分.
TEXT, CODE, TAG, WAN, NUMBER, POINTS, PERCENT, DAY, MOMENT = (
    *("text", "code", "tag", "wan", "number", "points", "percent", "day", "moment"),
)
#: The sort of a register that nobody sorted.
BY_KEY = ""
#: The filter's name for rows that have no state yet.
NO_STATE = "NONE"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``value`` is what is selected, ``words`` the codes that it holds, ``tones`` the colours of tags.

    ``business`` marks a value in Chinese whatever the page's language is; ``open`` one that a secret row shows too.
    """

    id: str
    label: Said
    value: Any
    kind: str = TEXT
    words: type[Code] | Mapping[str, tuple[str, str]] | None = None
    tones: Mapping[str, str] = field(default_factory=dict)
    sorts: bool = True
    business: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows are from: ``joined`` puts the tables under a select, the others are what every register knows of a row.

    ``key`` is unique and orders the rows; ``year`` is None for what belongs to none, ``amount`` for what has none; ``unit``,
    ``section`` are codes; ``submitted`` says whether a register's
    ``readers`` see the row, ``draft`` whether only the unit itself is led into the case.
    """

    joined: Callable[[Select[Any]], Select[Any]]
    key: Any
    instance: Any
    year: Any
    project: Any
    unit: Any
    unit_name: Any
    unit_parent: Any
    section: Any
    section_name: Any
    name: Any
    code: Any
    amount: Any
    secret: ColumnElement[bool]
    state: Any
    submitted: ColumnElement[bool]
    draft: ColumnElement[bool] | None = None
    period: Any = None
    result: Any = None
    number_key: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """A register; see :mod:`web.registers` for how one is added."""

    name: str
    title: Said
    icon: str
    source: Source
    columns: Sequence[Column]
    #: The states to filter by: code → words; a state stands for a condition where ``conditions`` has one.
    states: Mapping[str, tuple[str, str]]
    conditions: Mapping[str, ColumnElement[bool]]
    #: Which rows the register has at all.
    only: ColumnElement[bool] | None
    results: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    #: Roles that see all that was submitted, besides :data:`web.registers.scope.SEE_ALL`.
    readers: frozenset[str] = frozenset()
    #: Roles that read a part only: which rows each, never a secret one (评审, 财监, 人大, 纪检, …; domain §6.3).
    reads: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    #: Whether units see the rows about themselves.
    units_see: bool = True
    #: Whether its rows are cases: who takes part in one sees its row.
    of_cases: bool = True
    #: What the first column names.
    about: Said = lambda: gettext("项目或单位")
    #: The sentence of the last row: how many there are.
    counted: Callable[[int], str] = str
    advice: Said = str
    #: The endpoint of its page, where it has one of its own, and further pages beside it: endpoint, icon, label.
    endpoint: str = "registers.show"
    beside: Sequence[tuple[str, str, Said]] = ()


def word(words: type[Code] | Mapping[str, tuple[str, str]] | None, code: Any, language: str) -> str:
    """Return what a code is called in a language; a code that nobody named is shown as it is."""
    if code is None or words is None:
        return "" if code is None else str(code)
    if isinstance(words, Mapping):
        zh_en = words.get(str(code))
        return context.own(zh_en[language == "en"]) if zh_en else str(code)
    found = words(code)
    return context.own(str(getattr(found, language)))


def words_of(codes: type[Code]) -> dict[str, tuple[str, str]]:
    """Return a code's words by value."""
    return {code.value: (code.zh, code.en) for code in codes}
