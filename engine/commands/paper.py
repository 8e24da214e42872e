"""Signatures made on paper (线下签批): a clerk registers them with the stamped scan, never as the leader's own act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from engine import tables
from engine.bpmn.model import UserTask
from engine.calendar import ZONE
from engine.commands.act import Act
from engine.commands.assignment import principals
from engine.commands.filing import file
from engine.commands.loading import Item, token_of
from engine.database import Unit
from engine.errors import BihuanError, ExecutionError, Forbidden, Refused
from engine.identity import Actor
from engine.store import Stored
from engine.tasks.access import refused
from engine.values import load_plain

#: The county's setting that allows it (its profile fills it).
SETTING = "paper_signing"
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Paper:
    """Who signed on paper and when, and the scan: its file name and its stored content."""

    signer: str
    signed_on: date
    name: str
    scan: Stored


def cannot_register(unit: Unit, act: Act, item: Item, element: UserTask, actor: Actor) -> BihuanError | None:
    """Return why a person can't register a signature on paper for an item.

    The county must allow it, and the step's ``paper`` must name the clerk.
    """
    if actor.no_business:
        return Forbidden("admin.no_business")
    if item.state != "open":
        return Refused(f"item.{item.state}", step=item.step, at=item.completed_at)
    if element.paper is None:
        return refused("paper.not_clerk", item, act, actor)
    setting = select(tables.settings.c.value).where(tables.settings.c.key == SETTING)
    allowed = unit.execute(setting).scalar()
    if allowed is None or load_plain(allowed) is not True:
        return Refused("paper.not_here")
    if act.progress.suspended is not None:
        return act.suspension()
    try:
        names = act.names(token_of(act, item.token))
        clerks = principals(act.value(element.paper, names, element.id), "user:")
    except (ExecutionError, TypeError):
        clerks = []
    return refused("paper.not_clerk", item, act, actor) if actor.principals.isdisjoint(clerks) else None


def may_register(unit: Unit, act: Act, item: Item, element: UserTask, actor: Actor, paper: Paper) -> None:
    """Raise :class:`Forbidden` or :class:`Refused` where a signature on paper can't be registered for an item.

    The day of the signature must lie between the case's beginning and today.
    """
    error = cannot_register(unit, act, item, element, actor)
    if error is not None:
        raise error
    if not paper.signer.strip() or len(paper.signer) > MAX_NAME:
        raise Refused("paper.no_signer", limit=MAX_NAME)
    began = act.instance.started_at.astimezone(ZONE).date()
    if not began <= paper.signed_on <= act.now.astimezone(ZONE).date():
        raise Refused("paper.bad_date", day=str(paper.signed_on))


def register(unit: Unit, act: Act, item: Item, paper: Paper) -> dict[str, Any]:
    """File the scan with the item, and return what history keeps of the signature."""
    row = file(unit, act, item, paper.name, None, paper.scan)
    return {
        "signer": paper.signer.strip(),
        "signed_on": str(paper.signed_on),
        "attachment": row["id"],
        "sha256": paper.scan.sha256,
    }
