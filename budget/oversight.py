"""Oversight by the people's congress (P19): inspections and questions, opinions, and what units answer.

Plain functions on a session, called by the process ``npc_oversight`` inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from budget.answers import day, number, rows, text
from budget.codes import Code
from budget.tables import Oversight, OversightOpinion


class OversightKind(Code):
    """方式."""

    INSPECTION = ("INSPECTION", "视察", "inspection")
    QUESTIONS = ("QUESTIONS", "质询", "questions")
    HEARING = ("HEARING", "专题听取汇报", "hearing of a report")


class Link(Code):
    """监督环节: the four that S5-21 names, and what came of the money."""

    DECLARATION = ("DECLARATION", "目标编制", "declaration")
    REVIEW = ("REVIEW", "目标审核", "review")
    APPROVAL = ("APPROVAL", "目标批复", "approval")
    PUBLICATION = ("PUBLICATION", "目标公开", "publication")
    EXECUTION = ("EXECUTION", "执行和效果", "execution and effect")


class OversightState(Code):
    """Where it is."""

    PLANNED = ("PLANNED", "已安排", "planned")
    HELD = ("HELD", "已进行", "held")
    RECORDED = ("RECORDED", "已记录", "recorded")
    CANCELLED = ("CANCELLED", "已取消", "cancelled")
    OFFLINE = ("OFFLINE", "线下办理", "handled offline")


class OversightError(Exception):
    """It can't be done; the text says what and why, in English."""


def of_instance(session: Session, instance_id: int) -> Oversight:
    """Return the record of an instance; raises :class:`OversightError` where it has none."""
    found = session.get(Oversight, instance_id)
    if found is None:
        raise OversightError(f"instance {instance_id} is no oversight")
    return found


def begin(session: Session, instance_id: int, project_id: int, kind: OversightKind) -> Oversight:
    """Begin an inspection of a project or questions about it."""
    found = session.get(Oversight, instance_id)
    if found is None:
        found = Oversight(instance_id=instance_id, project_id=project_id, opinions=[])
        session.add(found)
    found.kind, found.state = kind, OversightState.PLANNED
    session.flush()
    return found


def change_state(session: Session, instance_id: int, state: OversightState) -> Oversight:
    """Note where it is now."""
    found = of_instance(session, instance_id)
    found.state = state
    session.flush()
    return found


def record(
    session: Session, instance_id: int, arranged: Mapping[str, Any], held: Mapping[str, Any]
) -> Sequence[OversightOpinion]:
    """Write what was arranged and what came of it, with each opinion under its number."""
    found = of_instance(session, instance_id)
    found.planned_on, found.held_on = day(arranged.get("planned_on")), day(held.get("held_on"))
    found.led_by, found.members = text(arranged.get("led_by"))[:100], text(arranged.get("members"))
    found.links = ",".join(str(one) for one in arranged.get("links") or ())
    found.opinions.clear()
    session.flush()
    given = [row for row in rows(held.get("opinions")) if text(row.get("opinion"))]
    found.opinions.extend(
        OversightOpinion(
            no=no,
            link=Link[str(row.get("link") or Link.EXECUTION.value)],
            opinion=text(row.get("opinion")),
            rectify=row.get("rectify") is True,
        )
        for no, row in enumerate(given, 1)
    )
    change_state(session, instance_id, OversightState.HELD)
    return found.opinions


def unrecord(session: Session, instance_id: int) -> None:
    """Undo :func:`record`."""
    found = change_state(session, instance_id, OversightState.PLANNED)
    found.held_on = None
    found.opinions.clear()
    session.flush()


def answered(session: Session, instance_id: int, answers: Mapping[str, Any], now: datetime) -> None:
    """Write what the unit answered to each opinion."""
    found = of_instance(session, instance_id)
    given = {number(row.get("no")): text(row.get("answer")) for row in rows(answers.get("answers"))}
    for opinion in found.opinions:
        opinion.answer = given.get(number(opinion.no))
    found.answered_at = now if given else None
    session.flush()


def issues(opinions: Sequence[OversightOpinion]) -> list[dict[str, Any]]:
    """Return the opinions that must be put right as rows of a notice of rectification."""
    return [
        {
            "desc": one.opinion,
            "category": "OTHER" if one.link == Link.EXECUTION else "GOAL",
            "severity": "SERIOUS",
            "evidence": f"人大意见第{one.no}条（{Link[one.link].zh}）",
        }
        for one in opinions
        if one.rectify
    ]
