"""Correcting or taking down what was published: the next version of the same unit's (公开更正, domain §8.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from budget.projects import Register
from budget.publishing.codes import PublicationKind
from budget.publishing.records import OUT, PublicationError
from budget.tables import Publication
from workflows import profiles
from workflows.publication.campaign import GROUPS, about

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.identity import Actor

PROCESS = "publication"
#: Who begins a correction.
CORRECTORS = frozenset({"perf_staff", "perf_chief"})
#: By when a correction should be out, in days.
_DAYS = 10


def correct(
    engine: Engine, instance_id: int, why: str, *, actor: Actor, now: datetime, request_key: str | None = None
) -> int:
    """Begin the version that corrects a publication, and return its instance; the old one is taken down at once.

    The same ``request_key`` again begins nothing. Raises :class:`PublicationError` for one that isn't out.
    """
    with engine.database.read() as unit, Session(unit.connection) as session:
        found = session.get(Publication, instance_id)
        if found is None or found.state not in OUT:
            raise PublicationError(f"the publication {instance_id} is not out")
        profile = profiles.current(session)
        variables = {
            "unit": Register(session).unit_variables(found.unit_code),
            "publication": about(PublicationKind(found.kind), found.fiscal_year, instance_id, why),
            "campaign": None,
            "deadline": (now + timedelta(days=_DAYS)).astimezone(profile.zone).isoformat(),
            "profile": profile.variables(*GROUPS),
        }
    key = f"publication-correction-{instance_id}"
    started = engine.start(
        PROCESS, actor=actor, variables=variables, business_key=key, request_key=request_key
    )
    return int(started.instance_id)
