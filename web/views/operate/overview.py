"""The processes at a glance, and one of them on its diagram: where cases wait, how late, how long steps take."""

from __future__ import annotations

from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import jsonify, render_template, request, send_file, url_for
from flask_babel import gettext

from engine.commands.incidents import IncidentQuery
from engine.monitoring.steps import Steps, bottlenecks
from web import context, step_figures
from web.formatting import span
from web.security import allow_diagram
from web.views.operate.base import argument, attempt, blueprint, number, outcome

#: A larger event log is made in a file.
_IN_MEMORY = 5_000_000


@blueprint.get("/")
def overview() -> Any:
    """Show all processes with the numbers of their cases."""
    engine, actor = context.engine(), context.actor()
    return render_template(
        "operate/overview.html",
        processes=engine.process_rows(actor),
        incidents=len(engine.incidents(actor, IncidentQuery(limit=100))),
        proposals=len(engine.proposals(actor)),
        now=context.now(),
    )


@blueprint.get("/processes/<process_id>")
def process(process_id: str) -> Any:
    """Show one process: its diagram as a heat map, its steps as a table, its versions."""
    engine, actor = context.engine(), context.actor()
    (row,) = engine.process_rows(actor, process_id)
    version, days, by = number(argument("version")), _days(), _measure()
    found = _steps(process_id, version, days)
    allow_diagram()
    return render_template(
        "operate/process.html",
        process=row,
        version=version,
        days=days,
        by=by,
        periods=step_figures.PERIODS,
        measures=step_figures.measures(),
        lines=[step_figures.line(row) for row in found.rows if row.busy],
        slow=next((one.row for one in bottlenecks(found)), None),
        cases_took=found.cases,
        span=span,
        heat_url=url_for("operate.heat", process_id=process_id, version=version, days=days, by=by),
        names=context.engine().people.names([one.deployed_by for one in row.versions]),
        now=context.now(),
    )


@blueprint.get("/processes/<process_id>/heat")
def heat(process_id: str) -> Any:
    """Return the diagram and how hot each element is, for the viewer."""
    found = _steps(process_id, number(argument("version")), _days())
    return jsonify(step_figures.heat(found, _measure()))


@blueprint.get("/processes/<process_id>/log.<any(xes,csv):kind>")
def event_log(process_id: str, kind: str) -> Any:
    """Return the event log of the cases that started in the period, for tools of process mining."""
    days = _days()
    since = context.now() - timedelta(days=days) if days else None
    stream = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    context.engine().write_event_log(process_id, kind, stream, actor=context.actor(), since=since)
    stream.seek(0)
    types = {"xes": "application/xml", "csv": "text/csv"}
    return send_file(stream, types[kind], as_attachment=True, download_name=f"{process_id}.{kind}")


@blueprint.post("/processes/<process_id>/<any(suspend,resume):operation>")
def hold(process_id: str, operation: str) -> Any:
    """Let no new case of a process start, or let them start again; with its running cases where asked."""
    engine, actor = context.engine(), context.actor()
    params = {"version": number(request.form.get("version")), "cases": "cases" in request.form}
    said = {
        "suspend": gettext("已停用：新的事项不能再发起。"),
        "resume": gettext("已恢复：可以发起新的事项。"),
    }

    def act() -> str:
        answer = engine.intervene(
            f"{operation}_process",
            actor=actor,
            reason=request.form.get("reason", ""),
            process_id=process_id,
            params=params,
            request_key=request.form.get("_key") or None,
        )
        return outcome(answer, said[operation])

    return attempt(act, url_for("operate.process", process_id=process_id))


def _days() -> int:
    return step_figures.period(number(argument("days")))


def _measure() -> str:
    return step_figures.measure(argument("by"))


def _steps(process_id: str, version: int | None, days: int) -> Steps:
    since = context.now() - timedelta(days=days) if days else None
    return context.engine().steps(process_id, context.actor(), version=version, since=since)
