"""What a letter starts with: its kind, the case or meeting that it is about, the unit that gets it, and a first draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from budget import letter_facts
from budget.letters import SENT, LetterKind
from budget.projects import Register
from budget.tables import Case, Meeting, Project, Unit
from engine import StartRequest
from engine.calendar import ZONE
from workflows import profiles
from workflows.letter.wording import WORDINGS, filled

PROCESS = "letter"
#: What the process reads of the profile.
GROUPS = ("letters",)
#: Who drafts letters; the bureau's others read them.
DRAFTERS = frozenset(
    {"perf_staff", "perf_chief", "budget_staff", "budget_chief", "section_staff", "section_chief"}
)
#: Who reads the list of letters.
READERS = DRAFTERS | {"deputy_leader", "bureau_leader"}

#: What is usually written about a case of a process.
KIND_OF: Mapping[str, LetterKind] = {
    "goal_declaration": LetterKind.APPROVAL,
    "unit_goal": LetterKind.APPROVAL,
    "budget_adjustment": LetterKind.APPROVAL,
    "key_evaluation": LetterKind.EVALUATION,
    "rectification": LetterKind.RECTIFICATION,
    "treasury_notice": LetterKind.PAYMENT,
    "disbursement": LetterKind.PAYMENT,
    "campaign": LetterKind.BULLETIN,
    "monitoring": LetterKind.MONITORING,
}


def start(
    session: Session,
    kind: LetterKind,
    origin: int | None,
    unit: str | None,
    *,
    now: datetime,
    wording: str | None = None,
) -> StartRequest:
    """Return what a letter starts with; about a case, it goes to the case's unit, or to ``unit`` where it has none.

    ``wording`` is the county's own for this kind. Raises KeyError for a kind that is sent and has no unit, and for what
    is secret (domain §6.4).
    """
    case = session.get(Case, origin) if origin is not None else None
    code = (case.unit if case is not None else None) or unit
    project = session.get(Project, case.project_id) if case is not None and case.project_id else None
    owner = session.get(Unit, code) if code else None
    if kind in SENT and owner is None:
        raise KeyError("unit")
    if (owner is not None and owner.secret_flag) or (project is not None and project.secret_flag):
        raise KeyError("secret")
    facts = letter_facts.facts(session, case=case, unit=owner, year=now.astimezone(ZONE).year, now=now)
    title = f"关于{project.name if project is not None else facts['about']}的{kind.zh}"
    sent_to = owner if kind in SENT else None
    return _asked(session, kind, facts, title=title, unit=owner, to=sent_to, origin=origin, wording=wording)


def minutes(session: Session, meeting: Meeting, chair: str, *, wording: str | None = None) -> StartRequest:
    """Return what the minutes of a meeting start with: its agenda with what was decided; ``chair`` is a name."""
    facts = letter_facts.of_meeting(meeting, chair)
    title = f"{facts['meeting']}纪要"
    return _asked(session, LetterKind.MINUTES, facts, title=title, meeting=meeting.id, wording=wording)


def _asked(
    session: Session,
    kind: LetterKind,
    facts: dict[str, Any],
    *,
    title: str,
    unit: Unit | None = None,
    to: Unit | None = None,
    origin: int | None = None,
    meeting: int | None = None,
    wording: str | None,
) -> StartRequest:
    variables: dict[str, Any] = {
        "unit": Register(session).unit_variables(unit.code) if unit is not None else None,
        "letter": {
            "kind": kind.value,
            "kind_name": kind.zh,
            "origin": origin,
            "meeting": meeting,
            "sent": kind in SENT,
            "title": title,
            "addressee": "" if to is None else to.name,
            "text": filled(wording or WORDINGS[kind], facts),
            "facts": facts,
        },
        "profile": profiles.current(session).variables(*GROUPS),
    }
    return StartRequest(variables)
