"""Books that are kept by hand (登记簿): lines are written, changed and struck out, and what they were is kept.

Plain functions on a session; none commits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.answers import day, number
from budget.books.catalogue import BOOKS
from budget.books.model import CHOICE, FLAG, LIST, NUMBER, Book, Field
from budget.money import MoneyError, fen_from_wan
from budget.tables import BookEntry, BookVersion, Project, Unit

__all__ = [
    "BOOKS",
    "Book",
    "Field",
    "Given",
    "bases",
    "entries",
    "read",
    "strike",
    "sums",
    "versions",
    "write",
]

_LONGEST, _LONGEST_TITLE = 2000, 200
_COLUMNS = ("title", "unit", "project_id", "on", "until", "amount", "values")


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody typed for a line, and what is wrong with it: the field's key and a sentence in both languages."""

    columns: Mapping[str, Any]
    wrong: Sequence[tuple[str, tuple[str, str]]]


def read(session: Session, book: Book, year: int, typed: Mapping[str, str]) -> Given:
    """Read what was typed; nothing is written."""
    wrong: list[tuple[str, tuple[str, str]]] = []
    columns: dict[str, Any] = {"title": typed.get("title", "").strip()}
    if not columns["title"]:
        wrong.append(("title", (f"请填写{book.title[0]}", f"{book.title[1]} is missing")))
    elif len(columns["title"]) > _LONGEST_TITLE:
        wrong.append(("title", _too_long(_LONGEST_TITLE)))
    columns |= {"unit": None, "project_id": None, "amount": None}
    for name in ("on", "until"):
        text = typed.get(name, "").strip()
        columns[name] = day(text) if text and getattr(book, name) else None
        if text and columns[name] is None:
            wrong.append((name, ("日期写成 2026-01-31", "A date is written 2026-01-31")))
    if columns["on"] and columns["until"] and columns["until"] < columns["on"]:
        wrong.append(("until", ("结束日期早于开始日期", "It ends before it begins")))
    if book.unit and typed.get("unit"):
        unit = session.get(Unit, typed["unit"])
        if unit is None or unit.secret_flag:
            wrong.append(("unit", ("没有这个单位", "There is no such unit")))
        else:
            columns["unit"] = unit.code
    if book.needs_unit and not typed.get("unit"):
        wrong.append(("unit", ("请选择单位", "Choose a unit")))
    if book.project and typed.get("project", "").strip():
        wrong += _project(session, year, typed["project"].strip(), columns)
    if book.amount and typed.get("amount", "").strip():
        try:
            columns["amount"] = fen_from_wan(number(typed["amount"]) or Decimal("NaN"))
        except (MoneyError, ArithmeticError, ValueError):
            wrong.append(("amount", ("不是金额", "This is no amount")))
    columns["values"] = {}
    for field in book.fields:
        text = typed.get(field.key, "").strip()
        value, sentence = _value(field, text) if len(text) <= _LONGEST else (text, _too_long(_LONGEST))
        columns["values"][field.key] = value
        if sentence is not None:
            wrong.append((field.key, sentence))
    return Given(columns, wrong)


def _too_long(most: int) -> tuple[str, str]:
    return f"超过{most}字，请缩短", f"Longer than {most} characters"


def _project(
    session: Session, year: int, code: str, columns: dict[str, Any]
) -> list[tuple[str, tuple[str, str]]]:
    query = select(Project).where(Project.fiscal_year == year, Project.code == code, ~Project.secret_flag)
    project = session.scalars(query).first()
    if project is None:
        return [("project", (f"{year} 年度没有这个项目编码", f"There is no such project in {year}"))]
    if columns["unit"] not in (None, project.unit):
        return [("project", ("项目不是这个单位的", "The project is another unit's"))]
    columns["project_id"] = project.id
    return []


def _value(field: Field, text: str) -> tuple[Any, tuple[str, str] | None]:
    if field.kind == FLAG:
        return text == "1", None
    if not text:
        return None, (f"请填写{field.zh}", f"{field.en} is missing") if field.needed else None
    if field.kind == NUMBER:
        found = number(text)
        if found is None or found < 0 or found > 10_000_000:
            return text, (f"{field.zh}不是数", f"{field.en} is no number")
        return format(found, "f"), None
    if field.kind == CHOICE and text not in (field.choices or {}):
        return None, (f"请选择{field.zh}", f"Choose {field.en}")
    if field.kind == LIST:
        return [one for one in re.split(r"[、,，;；\s]+", text) if one][:50], None
    return text, None


def write(
    session: Session,
    book: Book,
    year: int,
    columns: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    entry: BookEntry | None = None,
) -> BookEntry:
    """Write a new line, or change ``entry``, whose old version is kept."""
    if entry is None:
        entry = BookEntry(book=book.name, fiscal_year=year, version=1)
        session.add(entry)
    else:
        _keep(session, entry)
    for name, value in columns.items():
        setattr(entry, name, value)
    entry.changed_by, entry.changed_at = by, now
    session.flush()
    return entry


def strike(session: Session, entry: BookEntry, *, reason: str, by: str, now: datetime) -> None:
    """Strike a line out; it stays in the book with the reason."""
    _keep(session, entry)
    entry.removed_at, entry.removed_for = now, reason[:300]
    entry.changed_by, entry.changed_at = by, now
    session.flush()


def _keep(session: Session, entry: BookEntry) -> None:
    was = {name: getattr(entry, name) for name in _COLUMNS}
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in was.items()}
    session.add(
        BookVersion(
            entry_id=entry.id, version=entry.version, was=plain, by=entry.changed_by, at=entry.changed_at
        )
    )
    entry.version += 1


def entries(
    session: Session,
    book: Book,
    *,
    year: int | None = None,
    units: Collection[str] | None = None,
    words: str = "",
    on: date | None = None,
    struck: bool = False,
) -> list[tuple[BookEntry, str | None, str | None]]:
    """Return the lines of a book with the names of unit and project, the newest first.

    ``units`` narrows them to these units' and to those of none, ``on`` to those that hold on a day.
    """
    query = (
        select(BookEntry, Unit.name, Project.name)
        .outerjoin(Unit, Unit.code == BookEntry.unit)
        .outerjoin(Project, Project.id == BookEntry.project_id)
        .where(BookEntry.book == book.name)
        .order_by(BookEntry.on.desc().nulls_last(), BookEntry.id.desc())
    )
    if not struck:
        query = query.where(BookEntry.removed_at.is_(None))
    if year is not None:
        query = query.where(BookEntry.fiscal_year == year)
    if units is not None:
        query = query.where(BookEntry.unit.in_(units) | BookEntry.unit.is_(None))
    if words:
        columns = (BookEntry.title, Unit.name, Project.name)
        matches = [column.contains(words, autoescape=True) for column in columns]
        query = query.where(matches[0] | matches[1] | matches[2])
    if on is not None:
        query = query.where(BookEntry.on.is_(None) | (BookEntry.on <= on))
        query = query.where(BookEntry.until.is_(None) | (BookEntry.until >= on))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def sums(book: Book, lines: Sequence[BookEntry]) -> Mapping[str, Decimal]:
    """Return what the numbers of a book's lines come to, by field: batches and people trained, copies received."""
    return {
        field.key: sum((number(one.values.get(field.key)) or Decimal(0) for one in lines), Decimal(0))
        for field in book.fields
        if field.summed
    }


def bases(session: Session, on: date) -> Mapping[str, Sequence[str]]:
    """Return the documents in force on a day by the setting of the profile that rests on them (制度库)."""
    found: dict[str, list[str]] = {}
    for entry, _, _ in entries(session, BOOKS["basis"], on=on):
        if entry.values.get("state") != "IN_FORCE":
            continue
        number = entry.values.get("doc_no")
        for name in entry.values.get("settings") or ():
            found.setdefault(name, []).append(f"《{entry.title}》{number or ''}")
    return found


def versions(session: Session, entry_id: int) -> list[BookVersion]:
    """Return what a line was, the newest first."""
    query = select(BookVersion).where(BookVersion.entry_id == entry_id)
    return list(session.scalars(query.order_by(BookVersion.version.desc())))
