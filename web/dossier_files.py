"""Dossiers (卷宗), made in the background as the person who asked: of a case, or of all cases of a project."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.plugin import bihuan_secret_cases
from budget.tables import Case, Project
from engine.commands.errands import Errand, Product
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine import Actor, Engine

#: The kind of errand.
KIND = "dossier"
#: Who keeps the county's files of this business; what only some may read is in a dossier too.
ARCHIVISTS = frozenset({"perf_chief", "budget_chief"})
_BAD = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST = 80
#: How often it is said how far one is: a line for each would be more work than the file.
_EVERY = 10


def makes(actor: Actor) -> bool:
    """Whether a person takes dossiers out."""
    return any(post.role in ARCHIVISTS for post in actor.posts)


def install(engine: Engine) -> None:
    """Let ``engine`` make dossiers."""
    engine.makes(KIND, lambda errand, actor: make(engine, errand, actor))


def make(engine: Engine, errand: Errand, actor: Actor) -> Product:
    """Return what was asked for; raises :class:`NotFound` where the person may not have it, or not any more."""
    project = errand.params.get("project")
    if not makes(actor):
        raise NotFound("instance.unknown", instance=errand.instance_id)
    if errand.instance_id is not None:
        view = engine.instance(errand.instance_id, actor)
        instances, title = [errand.instance_id], f"卷宗-{view.reference or view.id}-{view.subject or ''}"
    else:
        instances, title = of_project(engine, int(project or 0))
    kept = open_to(engine, instances)
    if not kept:
        raise NotFound("instance.unknown", instance=errand.instance_id)

    def progress(done: int, parts: int) -> None:
        if done % _EVERY == 0 or done == parts:
            engine.errand_progress(errand.id, done, parts)

    made = engine.dossier(kept, title=title, actor=actor, progress=progress)
    return Product(f"{_BAD.sub('_', title)[:_LONGEST]}.zip", made.content)


def of_project(engine: Engine, project_id: int) -> tuple[Sequence[int], str]:
    """Return the cases of a project in the order in which they began, and what its dossier is called."""
    with engine.database.read() as unit, Session(unit.connection) as session:
        project = session.get(Project, project_id)
        if project is None:
            raise NotFound("instance.unknown", instance=project_id)
        query = select(Case.instance_id).where(Case.project_id == project_id).order_by(Case.opened_at)
        return session.scalars(query).all(), f"卷宗-{project.code}-{project.name}"


def open_to(engine: Engine, instances: Sequence[int]) -> list[int]:
    """Return those of the cases that may leave the system: none that is secret (domain §6.4)."""
    with engine.database.read() as unit, Session(unit.connection) as session:
        secret = bihuan_secret_cases(session, instances)
    return [id for id in instances if id not in secret]
