"""What the steps of a process cost people: their figures in words, and how hot each element of the diagram is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from engine.monitoring.steps import StepRow, Steps
from web import context, wording
from web.formatting import short_moment, span

#: What the colours of the diagram can mean.
MEASURES = ("waiting", "late", "time")
#: The periods, in days, over which completions are looked at; 0 is ever since.
PERIODS = (30, 90, 365, 0)
_LEVELS = 5


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


def period(days: int | None) -> int:
    """Return a period that is offered: the one asked for, or the usual one."""
    return days if days in PERIODS else PERIODS[1]


def measure(by: str) -> str:
    """Return a measure that is offered: the one asked for, or the usual one."""
    return by if by in MEASURES else MEASURES[0]


def measures() -> Sequence[tuple[str, str]]:
    """Return the measures with what they are called."""
    return (
        ("waiting", gettext("正在等候")),
        ("late", gettext("已经超期")),
        ("time", gettext("办理用时")),
    )


def heat(found: Steps, by: str) -> dict[str, Any]:
    """Return the diagram and how hot each element is, for the viewer."""
    weights = {row.element: _weight(row, by) for row in found.rows}
    most = max(weights.values(), default=0)
    return {
        "xml": found.bpmn.decode("utf-8"),
        "finished": [],
        "flows_taken": [],
        "active": [],
        "heat": {
            row.element: {
                "level": max(1, -(-int(_LEVELS * weights[row.element]) // max(1, int(most)))),
                "text": _badge(row, by),
            }
            for row in found.rows
            if weights[row.element]
        },
        "nodes": {row.element: {"name": row.name, "lines": _told(row)} for row in found.rows if row.busy},
    }


def line(row: StepRow) -> Line:
    """Return a step's figures in words."""
    return Line(
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
