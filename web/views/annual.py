"""年度报告: the county's reports, one a year, started by the performance section; as Word and as a workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.annual import ReportState
from budget.tables import AnnualReport
from engine.identity import names
from web import context, dashboard, navigation, xlsx
from web.annual import files
from workflows import profiles
from workflows.annual_report import starting

blueprint = Blueprint("annual", __name__)

#: Who starts a report.
STARTERS = frozenset({"perf_staff", "perf_chief"})
_TONES = {ReportState.SUBMITTED: "ok", ReportState.WRITTEN: "brand-tag", ReportState.DRAFTING: "warn"}


def may_read() -> bool:
    """Whether the person reads the county's reports."""
    return navigation.has_business() and any(post.role in dashboard.COUNTY for post in context.actor().posts)


@blueprint.get("/annual-reports")
def index() -> Any:
    """List the county's reports."""
    if not may_read():
        abort(403)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(
            select(AnnualReport).order_by(AnnualReport.year.desc(), AnnualReport.instance_id)
        ).all()
        people = names(session, [one.signed_by for one in found if one.signed_by])
        lines = [
            {
                "report": one,
                "state": wording_of(one.state),
                "tone": _TONES.get(ReportState[one.state], ""),
                "signer": people.get(one.signed_by or "", ""),
            }
            for one in found
        ]
    starts = any(post.role in STARTERS for post in context.actor().posts)
    year = context.year()
    return render_template("annual/index.html", lines=lines, starts=starts, years=[year, year - 1])


def wording_of(state: str) -> str:
    """Return a report's state in the page's language."""
    return str(getattr(ReportState[state], context.language()))


@blueprint.post("/annual-reports")
def start() -> Any:
    """Start the report on a year's work."""
    if not may_read() or not any(post.role in STARTERS for post in context.actor().posts):
        abort(403)
    text = request.form.get("year", "")
    if text not in (str(context.year()), str(context.year() - 1)):
        abort(400)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        going = session.scalars(
            select(AnnualReport).where(
                AnnualReport.year == int(text), AnnualReport.state != ReportState.WITHDRAWN
            )
        ).first()
    if going is not None:
        flash(gettext("%(year)s 年度的报告已经启动。", year=text), "warning")
        return redirect(url_for("annual.index"), code=303)
    instance = starting.start(
        context.engine(), int(text), context.actor(), request.form.get("_request_key") or None
    )
    return redirect(url_for("instances.show", instance_id=instance), code=303)


def _report(session: Session, instance_id: int) -> AnnualReport:
    """Return a report, or abort."""
    if not may_read():
        abort(403)
    found = session.get(AnnualReport, instance_id)
    if found is None:
        abort(404)
    return found


@blueprint.get("/annual-reports/<int:instance_id>.docx")
def as_word(instance_id: int) -> Any:
    """Give a report as Word."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        report = _report(session, instance_id)
        bureau = profiles.of(context.engine()).value("wording.bureau")
        title = f"{context.county_name()}{report.year}年度预算绩效管理工作报告"
        signer = names(session, [report.signed_by]).get(report.signed_by, "") if report.signed_by else ""
        body = files.word(report, title=title, office=f"{context.county_name()}{bureau}", signer=signer)
    context.engine().record_export("annual_report", str(instance_id), 1, actor=context.actor())
    response = Response(body, mimetype=files.TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title)}.docx"
    return response


@blueprint.get("/annual-reports/<int:instance_id>.xlsx")
def as_workbook(instance_id: int) -> Any:
    """Give a report as a workbook."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        report = _report(session, instance_id)
        answer = xlsx.download(f"{report.year}年度绩效统计", list(files.sheets(report)))
    context.engine().record_export("annual_report", str(instance_id), 1, actor=context.actor())
    return answer
