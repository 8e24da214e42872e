"""What an annual report starts with; the calendar or the performance section starts one a year."""

from __future__ import annotations

from typing import Any

from engine import StartRequest
from engine.identity import Actor
from workflows import profiles

PROCESS = "annual_report"
#: What the process reads of the profile.
GROUPS = ("statistics",)


def request(year: int, profile: profiles.Profile) -> StartRequest:
    """Return what the report on a year's work starts with."""
    return StartRequest(
        {
            "report": {"year": year, "title": f"{year}年度预算绩效管理工作报告"},
            "campaign": None,
            "profile": profile.variables(*GROUPS),
        }
    )


def start(engine: Any, year: int, actor: Actor | str, request_key: str | None = None) -> int:
    """Start the report on a year's work; return its instance. The same ``request_key`` again starts nothing."""
    asked = request(year, profiles.of(engine))
    started = engine.start(PROCESS, actor=actor, variables=asked.variables, request_key=request_key)
    return int(started.instance_id)
