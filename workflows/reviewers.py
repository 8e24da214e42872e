"""Who may review what a unit hands in: experts, and others of the bureau, without those who must stay out (domain §6.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.agencies import EXPERT, POOL, agency_name
from budget.reviews import RelationKind, relations
from budget.tables import Unit
from engine import tables
from engine.identity import held_on, members, names


def refusals(
    session: Session, unit: Mapping[str, Any], agency: str | None, day: date
) -> Mapping[str, Mapping[str, str]]:
    """Return who may not review and why, by account: related to the unit or its department, or of the report's agency."""
    units = {unit["code"], unit["department"]}
    called = {row.code: row.name for row in session.scalars(select(Unit).where(Unit.code.in_(units)))}
    found: dict[str, dict[str, str]] = {}
    for person, related in relations(session, units, day).items():
        kinds = [(called[one.unit], RelationKind(one.kind)) for one in related]
        found[person] = {
            "zh": "；".join(f"与{name}有{kind.zh}关系" for name, kind in kinds),
            "en": "; ".join(f"{name}: {kind.en}" for name, kind in kinds),
        }
    posts, orgs = tables.posts.c, tables.organisations.c
    at = dict(called)
    if agency is not None:
        at[agency] = agency_name(session, agency)
    query = (
        select(posts.person, posts.org)
        .join(tables.organisations, orgs.code == posts.org)
        .where(posts.org.in_(at), *held_on(day))
    )
    for row in session.execute(query):
        found.setdefault(row.person, {"zh": f"在{at[row.org]}任职", "en": f"holds a post at {at[row.org]}"})
    return found


def offered(
    session: Session,
    unit: Mapping[str, Any],
    day: date,
    *,
    agency: str | None = None,
    taken: Collection[str] = (),
    more: Sequence[tuple[str, str]] = (),
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return who may be chosen, as a form's choices, and who is refused, as sentences by language.

    Those of the pool of experts, and those who hold the roles at the offices of ``more``; who is ``taken`` is left out.
    """
    known = [one for role, office in ((EXPERT, POOL), *more) for one in members(session, role, office, day)]
    people = [one for one in dict.fromkeys(known) if one not in taken]
    called = names(session, people)
    why = refusals(session, unit, agency, day)
    fit = [one for one in people if one.removeprefix("user:") not in why]
    refused = [
        {
            language: f"{called[one]}{colon}{why[one.removeprefix('user:')][language]}"
            for language, colon in (("zh", "："), ("en", ": "))
        }
        for one in people
        if one not in fit
    ]
    return [{"value": one, "label": called[one]} for one in fit], refused
