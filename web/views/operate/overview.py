"""The processes at a glance, and one of them on its diagram: where cases wait, how late, how long steps take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import jsonify, render_template, request, send_file, url_for
from flask_babel import gettext, ngettext

from engine.commands.incidents import IncidentQuery
from engine.monitoring.steps import StepRow, Steps
from web import context, wording
from web.formatting import short_moment, span
from web.security import allow_diagram
from web.views.operate.base import argument, attempt, blueprint, number, outcome

#: What the colours of the diagram can mean.
MEASURES = ("waiting", "late", "time")
#: The periods, in days, over which completions are looked at; 0 is ever since.
PERIODS = (30, 90, 365, 0)
_LEVELS = 5
#: A larger event log is made in a file.
_IN_MEMORY = 5_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A step's figures in words."""

    element: str
    name: str
    waiting: int
    late: int
    oldest: str
    incidents: int
    median: str
    p90: str
    count: int
    done_late: str


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
        periods=PERIODS,
        measures=_measures(),
        lines=_lines(found),
        slow=_slowest(found),
        cases_took=found.cases,
        span=span,
        heat_url=url_for("operate.heat", process_id=process_id, version=version, days=days, by=by),
        names=context.engine().people.names([one.deployed_by for one in row.versions]),
        now=context.now(),
    )


@blueprint.get("/processes/<process_id>/heat")
def heat(process_id: str) -> Any:
    """Return the diagram and how hot each element is, for the viewer."""
    found, by = _steps(process_id, number(argument("version")), _days()), _measure()
    weights = {row.element: _weight(row, by) for row in found.rows}
    most = max(weights.values(), default=0)
    return jsonify(
        xml=found.bpmn.decode("utf-8"),
        finished=[],
        flows_taken=[],
        active=[],
        heat={
            row.element: {
                "level": max(1, -(-int(_LEVELS * weights[row.element]) // max(1, int(most)))),
                "text": _badge(row, by),
            }
            for row in found.rows
            if weights[row.element]
        },
        nodes={row.element: {"name": row.name, "lines": _told(row)} for row in found.rows if row.busy},
    )


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
    asked = number(argument("days"))
    return asked if asked in PERIODS else PERIODS[1]


def _measure() -> str:
    by = argument("by")
    return by if by in MEASURES else MEASURES[0]


def _measures() -> Sequence[tuple[str, str]]:
    return (
        ("waiting", gettext("正在等候")),
        ("late", gettext("已经超期")),
        ("time", gettext("办理用时")),
    )


def _steps(process_id: str, version: int | None, days: int) -> Steps:
    since = context.now() - timedelta(days=days) if days else None
    return context.engine().steps(process_id, context.actor(), version=version, since=since)


def _weight(row: StepRow, by: str) -> int:
    if by == "time":
        return row.took.median if row.took else 0
    return row.late if by == "late" else row.waiting


def _badge(row: StepRow, by: str) -> str:
    if by == "time":
        return span(row.took.median) if row.took else ""
    return str(row.late if by == "late" else row.waiting)


def _told(row: StepRow) -> list[str]:
    told = [ngettext("%(num)d 项等候", "%(num)d 项等候", row.waiting)]
    if row.late:
        told.append(ngettext("%(num)d 项超期", "%(num)d 项超期", row.late))
    if row.oldest:
        told.append(gettext("最早的自 %(time)s", time=short_moment(row.oldest, context.now())))
    if row.incidents:
        told.append(ngettext("%(num)d 个异常", "%(num)d 个异常", row.incidents))
    if row.took:
        told.append(
            gettext(
                "通常 %(median)s，十次有九次在 %(p90)s 内（%(count)s 次）",
                median=span(row.took.median),
                p90=span(row.took.p90),
                count=row.took.count,
            )
        )
    return told


def _lines(found: Steps) -> list[Line]:
    return [
        Line(
            row.element,
            wording.said(row.name),
            row.waiting,
            row.late,
            short_moment(row.oldest, context.now()),
            row.incidents,
            span(row.took.median) if row.took else "",
            span(row.took.p90) if row.took else "",
            row.took.count if row.took else 0,
            f"{100 * row.done_late // row.took.count}%" if row.took and row.done_late else "",
        )
        for row in found.rows
        if row.busy
    ]


def _slowest(found: Steps) -> StepRow | None:
    """Return the step in which the most time of people passes: its median times how often it was done."""
    timed = [row for row in found.rows if row.took]
    return max(timed, key=lambda row: row.took.median * row.took.count if row.took else 0, default=None)
