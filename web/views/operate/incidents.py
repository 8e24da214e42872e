"""What failed, gathered by its cause, and how it is tried again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from engine.commands.incidents import IncidentQuery, IncidentRow
from web import context, names
from web.views.operate.base import argument, attempt, blueprint, number

#: As many are looked at, and tried again, at once.
MOST = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """Incidents of one process, element and code; ``message`` is that of the oldest."""

    process_id: str
    process_name: str
    element: str
    code: str
    message: str
    since: datetime
    rows: list[IncidentRow]


@blueprint.get("/incidents")
def incidents() -> Any:
    """Show the open incidents by their cause, the cause of the most first."""
    query = _query(argument("process"), argument("element"), argument("code"))
    rows = context.engine().incidents(context.actor(), query)
    known = dict(names.processes())
    gathered: dict[tuple[str, str, str], list[IncidentRow]] = defaultdict(list)
    for row in rows:
        gathered[row.process_id, row.element, row.code].append(row)
    causes = [
        Cause(
            process,
            known.get(process, process),
            element,
            code,
            found[0].message(context.language()),
            found[0].raised_at,
            found,
        )
        for (process, element, code), found in gathered.items()
    ]
    causes.sort(key=lambda cause: -len(cause.rows))
    return render_template(
        "operate/incidents.html", causes=causes, cut=len(rows) == MOST, most=MOST, now=context.now()
    )


@blueprint.post("/incidents/retry")
def retry_all() -> Any:
    """Let all incidents of one cause try again, each by itself."""
    form = request.form
    query = _query(form.get("process", ""), form.get("element", ""), form.get("code", ""))

    def act() -> str:
        done = context.engine().retry_all(query, context.actor())
        again = sum(one.state == "incident" for one in done)
        return gettext("已重试 %(all)s 项，其中 %(again)s 项又出错。", all=len(done), again=again)

    return attempt(act, url_for("operate.incidents"))


@blueprint.post("/incidents/<int:incident_id>/retry")
def retry(incident_id: int) -> Any:
    """Let one incident try again."""
    case = number(request.form.get("case"))

    def act() -> str:
        done = context.engine().retry(incident_id, context.actor())
        if done.state == "incident":
            return gettext("已重试，但又出错了，请先排除原因。")
        return gettext("已重试，恢复正常。")

    target = url_for("operate.case", instance_id=case) if case else url_for("operate.incidents")
    return attempt(act, target)


def _query(process: str, element: str, code: str) -> IncidentQuery:
    return IncidentQuery(process or None, element or None, code or None, limit=MOST)
