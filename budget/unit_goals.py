"""What happens to a unit's overall goal (P02): submitted, taken back, frozen; plain functions on a session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.answers import number, rows, text
from budget.codes import VersionState
from budget.goals import next_number
from budget.money import fen_from_wan, wan_from_fen
from budget.tables import Project, Unit, UnitGoal, UnitTask
from engine.plugins import Document

#: The number of an approved overall goal: year and running number.
NUMBER = "{fiscal_year}-Z{number:03d}"
_encode = msgspec.json.Encoder(decimal_format="number").encode


class UnitGoalError(Exception):
    """An overall goal can't do what was asked; the text says which and why, in English."""


def projects_of(session: Session, unit: str, fiscal_year: int) -> tuple[Decimal, int]:
    """Return the sum of the year's money of a unit's projects in 万元 (of a first-level unit its second-level units' too),
    and how many they are; secret projects are left out (domain §6.4)."""
    query = (
        select(func.coalesce(func.sum(Project.annual_amount), 0), func.count())
        .join(Unit, Unit.code == Project.unit)
        .where((Unit.code == unit) | (Unit.parent == unit), Project.fiscal_year == fiscal_year)
        .where(Project.secret_flag.is_(False), Unit.secret_flag.is_(False))
    )
    amount, count = session.execute(query).one()
    return wan_from_fen(int(amount)), count


def _fen(body: Mapping[str, Any], field: str) -> int:
    return fen_from_wan(number(body.get(field)) or 0)


def submit(
    session: Session, instance_id: int, unit: str, fiscal_year: int, document: Document, now: datetime
) -> UnitGoal:
    """Write a submitted form as the next version with its tasks."""
    body = document.body
    latest = session.scalar(select(func.max(UnitGoal.version)).where(UnitGoal.instance_id == instance_id))
    version = UnitGoal(
        instance_id=instance_id,
        unit=unit,
        fiscal_year=fiscal_year,
        version=(latest or 0) + 1,
        state=VersionState.SUBMITTED,
        document_version=document.version,
        document_sha256=document.sha256,
        **{
            field: _fen(body, field)
            for field in ("basic_personnel", "basic_public", "project_amount", "total_amount")
        },
        goals=sum(bool(text(row.get("text"))) for row in rows(body.get("goals"))),
        indicators=sum(bool(text(row.get("level3_name"))) for row in rows(body.get("indicators"))),
        submitted_at=now,
        submitted_by=document.author,
        tasks=[
            UnitTask(
                position=position,
                name=text(row.get("name")),
                content=text(row.get("content")),
                amount=_fen(row, "total"),
                projects=text(row.get("linked_projects")),
            )
            for position, row in enumerate(rows(body.get("tasks")), 1)
            if text(row.get("name"))
        ],
    )
    session.add(version)
    session.flush()
    return version


def newest(session: Session, instance_id: int) -> UnitGoal:
    """Return the newest version that was not withdrawn; raises :class:`UnitGoalError` where there is none."""
    query = select(UnitGoal).where(
        UnitGoal.instance_id == instance_id, UnitGoal.state != VersionState.WITHDRAWN
    )
    found = session.scalar(query.order_by(UnitGoal.version.desc()).limit(1))
    if found is None:
        raise UnitGoalError(f"instance {instance_id} has submitted no overall goal")
    return found


def withdraw(session: Session, instance_id: int) -> None:
    """Undo :func:`submit`: the version stays as a record, and counts no more."""
    newest(session, instance_id).state = VersionState.WITHDRAWN
    session.flush()


def freeze(session: Session, instance_id: int, document: Document, *, by: str, now: datetime) -> UnitGoal:
    """Approve the newest version: it gets the year's next number and a snapshot. Raises :class:`UnitGoalError` where the
    document is not the one that was submitted."""
    version = newest(session, instance_id)
    if version.document_sha256 != document.sha256:
        raise UnitGoalError(
            f"the submitted version of instance {instance_id} is not the document to be approved"
        )
    year = version.fiscal_year
    version.number = NUMBER.format(fiscal_year=year, number=next_number(session, f"unit-goal-{year}"))
    version.state, version.frozen_at, version.frozen_by = VersionState.FROZEN, now, by
    version.snapshot = _encode(document.body).decode()
    session.flush()
    return version


def thaw(session: Session, instance_id: int) -> None:
    """Undo :func:`freeze`: the number is not given out again."""
    newest(session, instance_id).state = VersionState.REVOKED
    session.flush()


def erase(session: Session, instance_id: int) -> None:
    """Keep nothing of a secret unit's goal (domain §6.4)."""
    for version in session.scalars(select(UnitGoal).where(UnitGoal.instance_id == instance_id)):
        session.delete(version)
    session.flush()
