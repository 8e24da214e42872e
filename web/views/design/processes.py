"""One process as its designer sees it: its versions, where time passes on its diagram, its event log, its test cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext

from engine.errors import BihuanError
from engine.monitoring.steps import Steps, bottlenecks
from web import context, step_figures
from web.errors import explained
from web.formatting import span
from web.security import allow_diagram
from web.views.design.base import blueprint, called

#: A larger event log is made in a file.
_IN_MEMORY = 5_000_000
_TYPES = {"xes": "application/xml", "csv": "text/csv"}


@blueprint.get("/processes/<process_id>")
def process(process_id: str) -> Any:
    """Show a process with its heat map and the steps in which most time passes."""
    design, actor = context.engine().design, context.actor()
    row, file = design.process(process_id, actor)
    found = _figures(process_id)
    cases = design.cases(process_id, actor)
    people = {one.deployed_by for one in row.versions} | {case.saved_by for case in cases}
    allow_diagram()
    asked = {"version": _version(), "days": _days(), "by": _measure()}
    return render_template(
        "design/process.html",
        process=row,
        file=file,
        **asked,
        periods=step_figures.PERIODS,
        measures=step_figures.measures(),
        slow=[(one, step_figures.line(one.row)) for one in bottlenecks(found)],
        cases_took=found.cases,
        span=span,
        heat_url=url_for("design.heat", process_id=process_id, **asked),
        cases=cases,
        names=called(people),
    )


@blueprint.get("/processes/<process_id>/heat")
def heat(process_id: str) -> Any:
    """Return the diagram and how hot each element is, for the viewer."""
    return jsonify(step_figures.heat(_figures(process_id), _measure()))


@blueprint.get("/processes/<process_id>/log.<any(xes,csv):kind>")
def event_log(process_id: str, kind: str) -> Any:
    """Return the event log of the cases that started in the period, for tools of process mining."""
    stream = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    context.engine().design.write_event_log(process_id, kind, stream, context.actor(), since=_since())
    stream.seek(0)
    return send_file(stream, _TYPES[kind], as_attachment=True, download_name=f"{process_id}.{kind}")


@blueprint.post("/processes/<process_id>/cases/<int:case_id>/remove")
def remove_case(process_id: str, case_id: int) -> Any:
    """Take a test case away."""
    try:
        context.engine().design.remove_case(case_id, context.actor())
        flash(gettext("测试用例已删除。"), "ok")
    except BihuanError as error:
        flash(explained(error), "error")
    return redirect(url_for("design.process", process_id=process_id), 303)


def _figures(process_id: str) -> Steps:
    return context.engine().design.figures(process_id, context.actor(), version=_version(), since=_since())


def _version() -> int | None:
    text = request.args.get("version", "")
    return int(text) if text.isdecimal() and len(text) <= 9 else None


def _days() -> int:
    text = request.args.get("days", "")
    return step_figures.period(int(text) if text.isdecimal() and len(text) <= 9 else None)


def _measure() -> str:
    return step_figures.measure(request.args.get("by", ""))


def _since() -> datetime | None:
    days = _days()
    return context.now() - timedelta(days=days) if days else None
