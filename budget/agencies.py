"""Third parties and experts: who can be chosen for a project, and who must stay out of it (domain §3.4, §6.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.engagements import barred, engaged, restricted
from budget.key_evaluations import conflicts
from budget.reviews import relations
from engine import tables
from engine.identity import held_on, members, names

#: The roles of a third party's people and of the pool of experts.
LEAD, EXPERT, POOL = "agency_lead", "expert", "EXPERTS"


@dataclass(frozen=True, slots=True)
class Agency:
    """A third party: its organisation's code and name."""

    value: str
    label: str


def agencies(session: Session, today: date) -> list[Agency]:
    """Return the third parties: organisations at which somebody leads evaluations today."""
    posts, orgs = tables.posts.c, tables.organisations.c
    query = (
        select(orgs.code, orgs.name)
        .join(tables.posts, posts.org == orgs.code)
        .where(posts.role == LEAD, *held_on(today))
        .distinct()
        .order_by(orgs.code)
    )
    return [Agency(row.code, row.name) for row in session.execute(query)]


def agency_options(session: Session, project_id: int, today: date, years: int) -> list[dict[str, str | None]]:
    """Return the third parties as choices: ``value``, ``label``, and what decides on them, None where nothing does.

    ``advised`` is the day of their last advice on the project in the last ``years``: they may not evaluate it;
    ``restricted`` is the last day on which poor credit keeps them out (P13), ``barred`` why the book of agencies does.
    Labels say so, and who is under contract for the project stands first.
    """
    stays_out, contracts = conflicts(session, project_id, today, years), engaged(session, project_id)
    out_of_credit, violators = restricted(session, today), barred(session, today)
    found: list[dict[str, str | None]] = []
    for one in sorted(agencies(session, today), key=lambda one: (one.value not in contracts, one.value)):
        served, until = stays_out.get(one.value), out_of_credit.get(one.value)
        day = served[0].served_on.isoformat() if served else None
        note = f"（须回避：{day}为本项目咨询）" if day else ""
        note += f"（{until:%Y-%m-%d}以前限制接单）" if until else ""
        note += "（三年内有重大违法）" if one.value in violators else ""
        note += f"（已签约：{contracts[one.value]}）" if one.value in contracts else ""
        found.append(
            {
                "value": one.value,
                "label": one.label + note,
                "advised": day,
                "restricted": until.isoformat() if until else None,
                "barred": "三年内有重大违法" if one.value in violators else None,
            }
        )
    return found


def expert_options(session: Session, units: set[str], today: date) -> list[dict[str, str]]:
    """Return the experts as choices, without those who hold a post at one of ``units`` or are related to one (§6.5)."""
    posts, orgs = tables.posts.c, tables.organisations.c
    at_the_units = (
        select(posts.person)
        .join(tables.organisations, orgs.code == posts.org)
        .where(posts.org.in_(units), *held_on(today))
    )
    concerned = {*session.scalars(at_the_units), *relations(session, units, today)}
    found = [
        one for one in members(session, EXPERT, POOL, today) if one.removeprefix("user:") not in concerned
    ]
    called = names(session, found)
    return [{"value": one, "label": called.get(one, one)} for one in found]


def pool(session: Session, today: date) -> list[tuple[str, str]]:
    """Return the experts of the pool: account and name."""
    found = members(session, EXPERT, POOL, today)
    called = names(session, found)
    return [(one.removeprefix("user:"), called.get(one, one)) for one in found]


def agency_name(session: Session, agency: str) -> str:
    """Return what a third party is called."""
    return names(session, [f"org:{agency}"]).get(f"org:{agency}", agency)
