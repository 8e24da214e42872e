"""登记簿: books that are kept by hand, a page a book with its form, versions and a workbook; and draws by lot."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import assessment, books, draws
from budget.agencies import agencies
from budget.books import BOOKS, Book
from budget.engagements import Standing, standings
from budget.money import wan_from_fen
from budget.quality.score import Rules
from budget.tables import BookEntry, Project, Unit
from web import context, navigation, once, xlsx
from web.formatting import local
from web.registers.reading import Filters
from web.registers.scope import OUTSIDE, SECTION_ROLES, UNIT_ROLES, organisations
from workflows import profiles, scoring

blueprint = Blueprint("books", __name__, url_prefix="/books")

#: Books whose lines hold for a time, whatever the year.
LASTING = frozenset({"leading_group", "basis", "expert", "agency", "account", "idle_asset"})
#: Who has nothing to look for in the bureau's books.
_STRANGERS = frozenset({"expert", "agency_lead", "agency_member"}) | OUTSIDE


class _Wrong(Exception):
    """What was typed can't be written; ``wrong`` says why, by the field."""

    def __init__(self, wrong: Iterable[tuple[str, tuple[str, str]]] = ()) -> None:
        super().__init__()
        self.wrong = dict(wrong)


class _Changed(Exception):
    """Somebody else has changed the line since it was put into the form."""


def may_read(book: Book) -> bool:
    """Whether the signed-in person reads a book: the bureau all of it, a unit what is about itself."""
    posts = [post for post in context.actor().posts if post.role not in navigation.NO_BUSINESS | _STRANGERS]
    return any(post.role not in UNIT_ROLES or book.units_read for post in posts)


def _sees_all() -> bool:
    readers = navigation.NO_BUSINESS | _STRANGERS | UNIT_ROLES
    return any(post.role not in readers for post in context.actor().posts)


def _may_keep(session: Session, book: Book, unit: str | None) -> bool:
    """Whether the person keeps lines about a unit (None: about none)."""
    return _keeps_about(book, session.get(Unit, unit) if unit else None)


def _keeps_about(book: Book, unit: Unit | None) -> bool:
    """Whether the person keeps lines about a unit, or about none: sections of their own, units of themselves."""
    posts = context.actor().posts
    if any(post.role in book.keepers and post.role not in SECTION_ROLES for post in posts):
        return True
    if unit is None:
        return False
    sections = organisations([post for post in posts if post.role in book.keepers], SECTION_ROLES)
    own = organisations(posts, UNIT_ROLES) if book.units_keep else []
    return unit.section in sections or unit.code in own or unit.department in own


def _keeps(book: Book) -> bool:
    return any(
        post.role in book.keepers or (book.units_keep and post.role in UNIT_ROLES)
        for post in context.actor().posts
    )


def _book(name: str) -> Book:
    book = BOOKS.get(name)
    if book is None:
        abort(404)
    if not may_read(book):
        abort(403)
    return _worded(book)


def _worded(book: Book) -> Book:
    """Return a book with the county's own words for its sections."""
    return replace(
        book,
        zh=context.own(book.zh),
        about=_pair(book.about),
        title=_pair(book.title),
        fields=tuple(
            replace(
                field,
                zh=context.own(field.zh),
                choices={code: _pair(words) for code, words in (field.choices or {}).items()},
            )
            for field in book.fields
        ),
    )


def _pair(words: tuple[str, str]) -> tuple[str, str]:
    return context.own(words[0]), words[1]


def _own_units() -> list[str] | None:
    return None if _sees_all() else organisations(context.actor().posts, UNIT_ROLES)


@blueprint.get("/")
def index() -> Any:
    """Lead to the books that the person reads."""
    found = [_worded(book) for book in BOOKS.values() if may_read(book)]
    if not found:
        abort(403)
    return render_template("books/index.html", books=found, english=context.language() == "en")


@blueprint.get("/<name>")
def show(name: str) -> Any:
    """Show a book; ``edit`` in the address puts one of its lines into the form."""
    return _shown(_book(name))


@blueprint.get("/<name>.xlsx")
def export(name: str) -> Any:
    """Give a book as a workbook."""
    book, year = _book(name), _year()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = books.entries(session, book, year=_narrowed(book, year), units=_own_units())
        columns = _columns(book)
        performed = _performed(session, book)
        lines = [[cell for _, _, cell in _cells(book, row, performed)] for row in rows]
        answer = xlsx.download(
            f"{book.zh}_{year}", [xlsx.Sheet(book.zh, [zh for zh, _ in columns], lines, [20] * len(columns))]
        )
    context.engine().record_export(f"book:{book.name}", str(year), len(lines), actor=context.actor())
    return answer


@blueprint.post("/<name>")
def write(name: str) -> Any:
    """Write a line, or change the one that is named."""
    book = _book(name)
    typed, by = request.form.to_dict(), context.actor().principal

    def write_line(session: Session) -> Mapping[str, Any]:
        entry = _entry(session, book, typed.get("entry", ""))
        year = _year() if entry is None else entry.fiscal_year
        given = books.read(session, book, year, typed)
        wrong = [*given.wrong, *_unknown_agency(session, book, typed)]
        if wrong and _keeps(book):
            raise _Wrong(wrong)
        concerned = {given.columns["unit"], *(() if entry is None else (entry.unit,))}
        if not all(_may_keep(session, book, unit) for unit in concerned):
            abort(403)
        if entry is not None and typed.get("version", "") not in ("", str(entry.version)):
            raise _Changed
        kept = books.write(session, book, year, given.columns, by=by, now=context.now(), entry=entry)
        return {"entry": kept.id}

    try:
        once.written(write_line)
    except _Wrong as found:
        return _shown(book, typed, found.wrong), 422
    except _Changed:
        return _shown(book, typed, error=gettext("这一条刚被别人改过，请核对后重新填写。")), 409
    flash(gettext("已登记。"), "ok")
    return redirect(url_for("books.show", name=book.name, year=_year()), 303)


@blueprint.post("/<name>/<int:number>/strike")
def strike(name: str, number: int) -> Any:
    """Strike a line out, with a reason; it stays in the book's history."""
    book, reason = _book(name), request.form.get("reason", "").strip()

    def strike_out(session: Session) -> Mapping[str, Any]:
        entry = _entry(session, book, str(number))
        if entry is None:
            abort(404)
        if not _may_keep(session, book, entry.unit):
            abort(403)
        if not reason:
            raise _Wrong
        books.strike(session, entry, reason=reason, by=context.actor().principal, now=context.now())
        return {}

    try:
        once.written(strike_out)
    except _Wrong:
        return _shown(book, error=gettext("请写明划去的理由。")), 422
    flash(gettext("已划去，历史里可以查到。"), "ok")
    return redirect(url_for("books.show", name=book.name, year=_year()), 303)


@blueprint.post("/unit_score/propose")
def propose() -> Any:
    """Write what the records give for each unit that has no line in the year's assessment yet."""
    book, year = _book("unit_score"), _year()
    if not _keeps(book):
        abort(403)
    profile, written = profiles.of(context.engine()), 0
    weights = {
        name: Decimal(profile.value(f"assessment.{name}")) for name in ("quality", "punctual", "evaluated")
    }
    rules = Rules.read(profile.variables("quality_score")["quality_score"])
    grades = profile.group("grades")

    def graded(score: Decimal) -> str:
        return str(scoring.grade(score, grades))

    with context.engine().database.write() as unit, unit.savepoint() as session:
        there = {entry.unit for entry, _, _ in books.entries(session, book, year=year)}
        for one in assessment.proposed(session, year, rules, weights, graded):
            if one.unit in there:
                continue
            values = {
                "quality": _text(one.quality),
                "punctual": _text(one.punctual),
                "evaluated": _text(one.evaluated),
                "points": _text(one.points),
                "score": _text(one.score),
                "note": "由系统数据生成",
            }
            columns = {"title": one.grade, "unit": one.unit, "values": values}
            by, now = context.actor().principal, context.now()
            books.write(session, book, year, columns, by=by, now=now)
            written += 1
    flash(gettext("已生成 %(count)s 个单位的考核得分，请逐个核定。", count=written), "ok")
    return redirect(url_for("books.show", name=book.name, year=year), 303)


@blueprint.post("/<any(expert,agency):name>/draw")
def draw(name: str) -> Any:
    """Draw by lot; a seed that isn't given is made here, and recorded either way."""
    book, form = _book(name), request.form
    if not _keeps(book):
        abort(403)
    number, purpose = form.get("number", ""), form.get("purpose", "").strip()[:200]
    if not number.isdecimal() or len(number) > 2 or not 1 <= int(number) <= 50 or not purpose:
        return _shown(book, error=gettext("请写明用途和要抽取的个数。")), 422
    units = {one for one in form.getlist("unit") if one}
    field = form.get("field", "").strip()[:60]

    def draw_lot(session: Session) -> Mapping[str, Any]:
        urn = draws.urn(
            session,
            book.name,
            units=units,
            field=field,
            today=_today(),
            local_only=form.get("local") == "1",
        )
        drawn = draws.draw(
            session,
            book.name,
            int(number),
            found=urn,
            purpose=purpose,
            units=units,
            field=field,
            seed=form.get("seed", "").strip()[:64] or secrets.token_hex(8),
            by=context.actor().principal,
            now=context.now(),
        )
        return {"draw": drawn.id}

    try:
        once.written(draw_lot)
    except draws.TooFew as few:
        return _shown(book, error=gettext("符合条件、不须回避的只有 %(count)s 个。", count=few.there)), 422
    flash(gettext("已抽取，种子和名单已登记，任何人可以重算。"), "ok")
    return redirect(url_for("books.show", name=book.name), 303)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _today() -> date:
    return local(context.now()).date()


def _year() -> int:
    return Filters.read(request.values, context.year()).year


def _narrowed(book: Book, year: int) -> int | None:
    return None if book.name in LASTING else year


def _entry(session: Session, book: Book, number: str) -> BookEntry | None:
    """Return a line of the book that is not struck out; an unknown one isn't there."""
    if not number:
        return None
    found = session.get(BookEntry, int(number)) if number.isdecimal() and len(number) < 19 else None
    if found is None or found.book != book.name or found.removed_at is not None:
        abort(404)
    own = _own_units()
    if own is not None and found.unit not in own:
        abort(404)
    return found


def _unknown_agency(
    session: Session, book: Book, typed: Mapping[str, str]
) -> list[tuple[str, tuple[str, str]]]:
    """Say that the code of an agency is no third party's of this system: with it nothing could be engaged."""
    code = typed.get("code", "").strip()
    if book.name != "agency" or not code or code in {one.value for one in agencies(session, _today())}:
        return []
    return [
        ("code", ("没有这个机构代码，或者它还没有主评人账号", "No third party with an account has this code"))
    ]


def _performed(session: Session, book: Book) -> Mapping[str, Standing]:
    """Return how agencies performed (P13), by their codes; nothing for other books."""
    return standings(session, _today()) if book.name == "agency" else {}


#: What the engagements say beside a line of the agencies' book.
_PERFORMED = (
    ("履约（次）", "Engagements"),
    ("履约均分", "Mean score"),
    ("最近信用", "Credit"),
    ("限制接单至", "No work until"),
)


def _columns(book: Book) -> list[tuple[str, str]]:
    common = [getattr(book, name) for name in ("unit", "project", "on", "until", "amount")]
    more = _PERFORMED if book.name == "agency" else ()
    fields = ((field.zh, field.en) for field in book.fields)
    return [book.title, *(one for one in common if one), *fields, *more]


def _cells(
    book: Book, row: tuple[BookEntry, str | None, str | None], performed: Mapping[str, Standing]
) -> list[tuple[str, bool, Any]]:
    """Return a line's cells: the column's label, whether the page shows it, and the value."""
    entry, unit, project = row
    language = context.language() == "en"
    common = {
        "unit": unit,
        "project": project,
        "on": entry.on,
        "until": entry.until,
        "amount": wan_from_fen(entry.amount) if entry.amount is not None else None,
    }
    cells: list[tuple[str, bool, Any]] = [(book.title[language], True, entry.title)]
    cells += [
        (getattr(book, name)[language], True, value) for name, value in common.items() if getattr(book, name)
    ]
    for field in book.fields:
        value = entry.values.get(field.key)
        if field.kind == "choice" and value in (field.choices or {}):
            value = (field.choices or {})[value][language]
        elif field.kind == "flag":
            value = gettext("是") if value else gettext("否")
        elif field.kind == "list":
            value = "、".join(value or ())
        cells.append((field.en if language else field.zh, field.shown, value))
    if book.name == "agency":
        one = performed.get(str(entry.values.get("code") or ""))
        said = (None,) * 4 if one is None else (one.engagements, one.score, one.credit, one.restricted_until)
        cells += [(labels[language], True, value) for labels, value in zip(_PERFORMED, said, strict=True)]
    return cells


def _shown_columns(book: Book) -> list[bool]:
    """Return of each column whether the page shows it."""
    fields = [field.shown for field in book.fields]
    before = sum(1 for name in ("unit", "project", "on", "until", "amount") if getattr(book, name)) + 1
    return [True] * before + fields + [True] * (len(_columns(book)) - before - len(fields))


def _typed(entry: BookEntry, session: Session) -> dict[str, str]:
    """Return a line as the form holds it."""
    project = session.get(Project, entry.project_id) if entry.project_id else None
    found: dict[str, Any] = {
        "entry": entry.id,
        "version": entry.version,
        "title": entry.title,
        "unit": entry.unit,
        "project": project.code if project else "",
        "on": entry.on.isoformat() if entry.on else "",
        "until": entry.until.isoformat() if entry.until else "",
        "amount": wan_from_fen(entry.amount) if entry.amount is not None else "",
        **{
            key: "、".join(value)
            if isinstance(value, list)
            else int(value)
            if isinstance(value, bool)
            else value
            for key, value in entry.values.items()
        },
    }
    return {key: "" if value is None else str(value) for key, value in found.items()}


def _shown(
    book: Book,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, tuple[str, str]] | None = None,
    error: str = "",
) -> str:
    year, english, own = _year(), context.language() == "en", _own_units()
    words = request.args.get("text", "").strip()[:100]
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = books.entries(session, book, year=_narrowed(book, year), units=own, words=words)
        named = {entry.unit for entry, _, _ in rows if entry.unit}
        about = {one.code: one for one in session.scalars(select(Unit).where(Unit.code.in_(named)))}
        edited = _entry(session, book, request.args.get("edit", ""))
        if typed is None and edited is not None:
            typed = _typed(edited, session)
        offered = select(Unit.code, Unit.name).where(~Unit.secret_flag).order_by(Unit.code)
        if own is not None:
            offered = offered.where(Unit.code.in_(own))
        drawn = draws.draws(session, book.name) if book.name in draws.DRAWN_FROM else []
        performed = _performed(session, book)
        return render_template(
            "books/page.html",
            book=book,
            rows=[
                (
                    entry,
                    _cells(book, (entry, unit_name, project), performed),
                    _keeps_about(book, about.get(entry.unit or "")),
                )
                for entry, unit_name, project in rows
            ],
            labels=[column[english] for column in _columns(book)],
            shown=_shown_columns(book),
            sums=[
                ((field.en if english else field.zh), f"{total:f}")
                for field in book.fields
                for key, total in books.sums(book, [row[0] for row in rows]).items()
                if key == field.key
            ],
            typed=typed or {},
            wrong=wrong or {},
            keeps=_keeps(book),
            units=session.execute(offered).all(),
            years=[context.year() + offset for offset in range(-3, 2)],
            year=year,
            lasting=book.name in LASTING,
            text=words,
            english=english,
            draws=drawn,
            may_draw=book.name in draws.DRAWN_FROM and _keeps(book),
            versions=books.versions(session, edited.id) if edited is not None else [],
            error=error,
        )
