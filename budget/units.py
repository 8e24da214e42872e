"""Budget units and sections as administration keeps them: beside the engine's organisations, under the same codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import Section, Unit
from engine.errors import BihuanError, NotFound
from engine.identity import Organisation

#: The kinds of organisations of which the budget keeps a record.
UNIT, SECTION = "unit", "section"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the budget knows of a unit besides its name: the section in charge (归口), and whether it is secret."""

    section: str
    secret: bool = False


def facts(session: Session) -> dict[str, UnitFacts]:
    """Return what the budget knows of all units, by code."""
    rows = session.execute(select(Unit.code, Unit.section, Unit.secret_flag))
    return {row.code: UnitFacts(row.section, row.secret_flag) for row in rows}


def sections(session: Session) -> dict[str, str]:
    """Return the sections that units can be in the charge of: code → name."""
    return {
        row.code: row.name
        for row in session.execute(select(Section.code, Section.name).order_by(Section.code))
    }


def keep(session: Session, org: Organisation, section: str | None) -> dict[str, list[Any]]:
    """Let the budget's record of an organisation follow it; return what changed that the organisation doesn't show itself.

    A unit needs a section in charge. Raises :class:`BihuanError` ``unit.no_section`` without one, and
    :class:`NotFound` for one that isn't there.
    """
    if org.kind == SECTION:
        _keep_section(session, org)
        return {}
    if org.kind != UNIT:
        return {}
    if not section:
        raise BihuanError("unit.no_section", unit=org.name)
    if session.get(Section, section) is None:
        raise NotFound("unit.unknown_section", section=section)
    above = session.get(Unit, org.parent) if org.parent else None
    row = session.get(Unit, org.code)
    if row is None:
        row = Unit(code=org.code, section="", established_at=org.valid_from)
        session.add(row)
    before: Mapping[str, Any] = {"section": row.section or None}
    row.name, row.section = org.name, section
    row.parent, row.level = (above.code, 2) if above is not None else (None, 1)
    session.flush()
    return {} if before["section"] == section else {"section": [before["section"], section]}


def _keep_section(session: Session, org: Organisation) -> None:
    row = session.get(Section, org.code)
    if row is None:
        session.add(Section(code=org.code, name=org.name, duties=""))
    else:
        row.name = org.name
    session.flush()


def mark_secret(session: Session, code: str, on: bool) -> bool:
    """Say whether a unit is secret (domain §6.4); return whether that is a change. Raises :class:`NotFound`."""
    row = session.get(Unit, code)
    if row is None:
        raise NotFound("org.unknown", org=code)
    if row.secret_flag == on:
        return False
    row.secret_flag = on
    session.flush()
    return True
