"""运行监控: each project's spending beside what it achieved, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.monitoring.codes import Light
from budget.monitoring.queries import Point, scatter
from budget.tables import Case
from web import context, navigation
from web.registers import registers, scope
from web.registers.monitoring import TONES
from web.registers.reading import Filters

blueprint = Blueprint("monitoring", __name__)

#: The picture: its size, the margins around the plane, and the largest rate that it shows.
WIDTH, HEIGHT, LEFT, TOP = 720, 420, 56, 16
_RIGHT, _BOTTOM = WIDTH - 16, HEIGHT - 48
MOST = Decimal(120)
_STEPS = (0, 20, 40, 60, 80, 100, 120)
#: Shapes say the light too, not the colour alone.
SHAPES = {Light.GREEN: "circle", Light.YELLOW: "square", Light.RED: "triangle", Light.BLUE: "diamond"}


@dataclass(frozen=True, slots=True)
class Dot:
    """A project in the picture: where, and in which shape and colour."""

    point: Point
    x: float
    y: float
    shape: str
    tone: str


def _x(rate: Decimal) -> float:
    return round(LEFT + float(min(rate, MOST) / MOST) * (_RIGHT - LEFT), 1)


def _y(rate: Decimal) -> float:
    return round(_BOTTOM - float(min(rate, MOST) / MOST) * (_BOTTOM - TOP), 1)


def _dot(point: Point) -> Dot:
    light = point.light
    shape = SHAPES[light] if light is not None else "circle"
    return Dot(point, _x(point.spent), _y(point.achieved), shape, TONES.get(str(light), "") if light else "")


@blueprint.get("/monitoring/scatter")
def scatter_page() -> Any:
    """Show the scatter of a checkpoint, for the projects that the person sees."""
    if not navigation.has_business():
        abort(403)
    filters, actor = Filters.read(request.args, context.year()), context.actor()
    register = registers()["monitoring"]
    conditions = [
        condition
        for condition in (scope.visible(register, actor), *_narrowing(filters))
        if condition is not None
    ]
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        points = scatter(session, filters.year, filters.period, and_(*conditions) if conditions else None)
        periods = _periods(session, filters.year)
    return render_template(
        "monitoring/scatter.html",
        filters=filters,
        kept=filters.kept(context.year()),
        dots=[_dot(point) for point in sorted(points, key=lambda one: one.deviation or 0, reverse=True)],
        periods=periods,
        counts=[(light, sum(point.light == light for point in points), TONES[str(light)]) for light in Light],
        years=[context.year() + offset for offset in (-1, 0, 1)],
        plane={
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "top": TOP,
            "right": _RIGHT,
            "bottom": _BOTTOM,
        },
        steps=[(step, _x(Decimal(step)), _y(Decimal(step))) for step in _STEPS],
        english=context.language() == "en",
    )


def _narrowing(filters: Filters) -> Sequence[Any]:
    source = registers()["monitoring"].source
    return [
        source.unit == filters.unit if filters.unit else None,
        source.section == filters.section if filters.section else None,
    ]


def _periods(session: Session, year: int) -> list[str]:
    query = select(func.distinct(Case.period)).where(
        Case.kind == CaseKind.MONITORING, Case.fiscal_year == year
    )
    return sorted(session.scalars(query))
