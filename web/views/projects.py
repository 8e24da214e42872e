"""项目一生一页: a project from its goal to next year's money as of any day, each figure with its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.life import Figure, Life, Matter, Stage, life
from budget.life.model import MONEY, RATE
from budget.money import round_half_up
from budget.tables import Case, Project, Section, Unit
from engine.identity import names
from web import context, given, navigation, record, wording
from web.formatting import SHANGHAI, local, number, wan
from web.registers import registers, scope
from web.registers.model import word
from web.views.registers import SECRET

blueprint = Blueprint("projects", __name__)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person sees of a project: all of it, or the cases that they may read; they are led into ``led``."""

    whole: bool
    instances: frozenset[int]
    led: frozenset[int]


@blueprint.get("/projects/<int:project_id>")
def show(project_id: int) -> Any:
    """Show a project as of the day in the address, today without one."""
    if not navigation.has_business():
        abort(403)
    day = _day(request.args.get("as_of", ""))
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        project = session.get(Project, project_id)
        if project is None:
            abort(404)
        sight = _sight(session, project)
        owner = session.get_one(Unit, project.unit)
        secret = project.secret_flag or owner.secret_flag
        section = session.get_one(Section, project.section)
        found = life(session, project_id, datetime.combine(day, time.max, SHANGHAI))
        people = names(session, [step.by for one in found.matters for step in one.steps if step.by])
        facts = {
            "project": project,
            "unit": owner,
            "section": section.name,
            "name": SECRET if secret else project.name,
        }
        matters = (
            []
            if secret
            else [one for one in found.matters if sight.whole or one.instance_id in sight.instances]
        )
        return render_template(
            "projects/life.html",
            **facts,
            secret=secret,
            life=found,
            day=day,
            today=local(context.now()).date(),
            stages=_stages(matters),
            glance=_glance(found) if sight.whole and not secret else (),
            led=sight.led,
            who=lambda principal: record.called(people.get(principal or "", principal or "")),
            figure=_figure,
            label=_label,
            result=_result,
        )


def _day(text: str) -> date:
    return given.usable(given.day, text) or local(context.now()).date()


def _sight(session: Session, project: Project) -> Sight:
    """Return what the person sees of a project; aborts with 404 for one of which they may know nothing."""
    actor, source = context.actor(), registers()["goal"].source
    own = scope.within(source, actor.posts)
    query = source.joined(select(Project.id)).where(Project.id == project.id)
    whole = own is None or session.scalar(query.where(own)) is not None
    cases = session.scalars(select(Case.instance_id).where(Case.project_id == project.id)).all()
    known = frozenset(scope.known(session, actor, cases))
    seen = known.union(_read(session, project))
    if not whole and not seen:
        abort(404)
    return Sight(whole, seen, known)


def _read(session: Session, project: Project) -> set[int]:
    """Return the cases of a project that the person's posts let them read in the registers."""
    found: set[int] = set()
    for register in registers().values():
        source = register.source
        for condition in scope.gives(register, context.actor().posts) if register.of_cases else ():
            query = source.joined(select(source.instance)).where(source.project == project.id, condition)
            if register.only is not None:
                query = query.where(register.only)
            found.update(one for one in session.scalars(query) if one is not None)
    return found


def _stages(matters: Sequence[Matter]) -> list[tuple[Stage, list[Matter]]]:
    grouped = [(stage, [one for one in matters if one.stage == stage]) for stage in Stage]
    return [(stage, found) for stage, found in grouped if found]


def _glance(found: Life) -> list[tuple[str, str, str]]:
    """Return the figures at a glance: label, value, and the part of the page where its record is."""
    return [
        (figure.label[context.language()], _figure(figure), stage.value.lower())
        for stage, figure in found.glance
    ]


def _label(figure: Figure) -> str:
    said = figure.label[context.language()]
    return gettext("%(label)s（万元）", label=said) if figure.kind == MONEY else said


def _figure(figure: Figure) -> str:
    """Return a figure as the page shows it, amounts in 万元."""
    if figure.kind == MONEY:
        return wan(int(figure.value))
    if figure.kind == RATE:
        return f"{round_half_up(figure.value * 100, 2)}%" if not isinstance(figure.value, (str, int)) else ""
    return figure.value if isinstance(figure.value, str) else number(figure.value)


def _result(matter: Matter) -> str:
    """Return how a matter ended, in the words of its register."""
    if matter.kind is None or not matter.result:
        return ""
    results: Mapping[str, tuple[str, str]] = registers()[matter.kind.value.lower()].results
    return wording.said(word(results, matter.result, context.language()))
