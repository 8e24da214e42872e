"""The registers' pages and workbooks; see :mod:`web.registers`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.marks import MARKS
from budget.money import round_half_up, wan_from_fen
from budget.tables import Case
from web import context, navigation, xlsx
from web.formatting import day, local, moment, number, wan
from web.registers import reading, registers
from web.registers.model import CODE, DAY, MOMENT, NUMBER, PERCENT, POINTS, WAN, Column, Register, word
from web.registers.reading import Filters

blueprint = Blueprint("registers", __name__)

_WIDTHS = {WAN: 16, DAY: 14, MOMENT: 18}
#: What stands for the name of a secret project or unit; Chinese on every page, as the names beside it are.
SECRET = "涉密项目"
#: Columns whose cells are numbers, aligned to the right.
_NUMBERS = (WAN, NUMBER, POINTS, PERCENT)
_YEARS_AROUND = (-3, 2)
#: Kinds whose cells don't break.
_UNBROKEN = frozenset({CODE, DAY, MOMENT})
#: Kinds that say nothing without their heading, where a phone has none.
_LABELLED = frozenset({WAN, NUMBER, POINTS, PERCENT, DAY, MOMENT})


@blueprint.get("/registers")
def index() -> Any:
    """Lead to every register, with the number of the year's cases in it that the person sees."""
    if not navigation.has_business():
        abort(403)
    filters, actor = Filters.read(request.args, context.year()), context.actor()
    year = filters.year
    lines = []
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        there = set(session.scalars(select(Case.kind).where(Case.fiscal_year == year).distinct()))
        for register in registers().values():
            if (
                register.name.upper() in there
                or not register.of_cases
                or register.endpoint != "registers.show"
            ):
                found = reading.totals(session, register, actor, filters)
                asked_in = navigation.only_asked_in()
                if found.count or (register.of_cases and not filters.kept(year) and not asked_in):
                    lines.append((register, found))
    kept = filters.kept(context.year())
    return render_template("registers/index.html", lines=lines, year=year, kept=kept, address=address)


@blueprint.get("/registers/<register>")
def show(register: str) -> Any:
    """Show a register, filtered as the address says."""
    found = _register(register)
    if found.endpoint != "registers.show":
        return redirect(url_for(found.endpoint, **request.args))
    return page(found)


@blueprint.get("/registers/<register>.xlsx")
def export(register: str) -> Any:
    """Give a register with its filters as a workbook: all its pages, up to :data:`reading.MOST_ROWS` rows."""
    found = _register(register)
    filters, actor = Filters.read(request.args, context.year()), context.actor()
    counted = [0]
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        sheet = xlsx.Sheet(
            found.title(),
            [
                found.about(),
                gettext("编码"),
                gettext("预算单位"),
                *(one.label() for one in found.columns),
            ],
            _lines(reading.every(session, found, actor, filters), found, counted),
            [40, 18, 28, *(_WIDTHS.get(one.kind, 16) for one in found.columns)],
        )
        answer = xlsx.download(
            f"{found.title()}_{filters.year}_{local(context.now()).date().isoformat()}", [sheet]
        )
    query = "&".join(f"{name}={value}" for name, value in filters.kept(0).items())
    context.engine().record_export(f"register:{found.name}", query, counted[0], actor=actor)
    return answer


def _lines(rows: Iterator[reading.Row], register: Register, counted: list[int]) -> Iterator[Sequence[Any]]:
    for row in rows:
        counted[0] += 1
        cells = [_plain(one, row.values[one.id]) for one in register.columns]
        yield [name(row), row.code, row.unit_name, *cells]


def _plain(column: Column, value: Any) -> Any:
    """Return a value as a workbook holds it: amounts in 万元, words for codes, times as times."""
    if value is None:
        return None
    if column.kind == WAN:
        return wan_from_fen(value)
    if column.kind == POINTS:
        return round_half_up(value, 2)
    return word(column.words, value, context.language()) if column.words is not None else value


def _register(register: str) -> Register:
    if not navigation.has_business():
        abort(403)
    if register not in registers():
        abort(404)
    return registers()[register]


def page(register: Register) -> Any:
    """Draw a register's page."""
    filters = Filters.read(request.args, context.year())
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = reading.read(
            session, register, context.actor(), filters, after=request.args.get("cursor", "").strip()[:60]
        )
        periods = _periods(session, register, filters.year)
    language = context.language()
    kept = filters.kept(context.year())
    return render_template(
        "registers/page.html",
        register=register,
        filters=filters,
        kept=kept,
        page=found,
        years=[context.year() + offset for offset in range(*_YEARS_AROUND)],
        periods=periods,
        states=[(code, word(register.states, code, language)) for code in register.states],
        marks=[(code, said[language == "en"]) for code, (said, _) in MARKS.items()],
        results=[(code, word(register.results, code, language)) for code in register.results],
        headings=[_heading(register, one, filters, kept) for one in register.columns],
        cell=_cell,
        name=name,
        tone=lambda column, value: column.tones.get(str(value), ""),
        address=address,
        unbroken=_UNBROKEN,
        labelled=_LABELLED,
        folded=any((filters.amount_from, filters.amount_to)),
    )


def address(register: Register, **arguments: Any) -> str:
    """Return the address of a register."""
    if register.endpoint == "registers.show":
        return url_for("registers.show", register=register.name, **arguments)
    return url_for(register.endpoint, **arguments)


def name(row: reading.Row) -> str:
    """Return whom a row is about: its project, else its unit, else the county as a whole."""
    if row.secret:
        return SECRET
    return row.name or row.unit_name or context.county_name()


def _periods(session: Session, register: Register, year: int) -> list[str]:
    """Return the periods of a year's cases, where there are several to choose from."""
    if register.source.period is None:
        return []
    query = select(func.distinct(Case.period)).where(
        Case.kind == register.name.upper(), Case.fiscal_year == year
    )
    return sorted(period for period in session.scalars(query) if period)


def _heading(register: Register, column: Column, filters: Filters, kept: dict[str, str]) -> dict[str, Any]:
    by, down = reading.sorted_by(register, filters.sort)
    current = by is not None and by.id == column.id
    link = ""
    if column.sorts:
        wanted = {**kept, "sort": column.id if current and down else f"-{column.id}"}
        link = address(register, **wanted)
    state = ("descending" if down else "ascending") if current else ""
    return {"column": column, "link": link, "state": state, "number": column.kind in _NUMBERS}


def _cell(column: Column, value: Any) -> str:
    """Return a value as the page shows it."""
    if column.words is not None:
        return word(column.words, value, context.language()) if value is not None else ""
    match column.kind:
        case "wan":
            return wan(value) if value is not None else "—"
        case "points":
            return f"{round_half_up(value, 2):f}" if value is not None else "—"
        case "day":
            return day(value)
        case "moment":
            return moment(value)
        case "number":
            return number(value)
        case "percent":
            return "" if value is None else f"{number(value)}%"
    return "" if value is None else str(value)
