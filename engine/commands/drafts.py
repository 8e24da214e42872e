"""Drafts: what somebody typed and did not submit yet; one for each person and work item, and no history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands.act import Act
from engine.commands.checking import Checked, Completion, stop
from engine.commands.complete import Stopped, user_task
from engine.commands.loading import Item, load_item, token_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import BihuanError, Conflict
from engine.identity import Actor
from engine.tasks.access import refusal, refused
from engine.values import dump_json

MAX_BYTES = 5_000_000

_drafts = tables.drafts.c
_kept = select(_drafts.revision, _drafts.answers, _drafts.opinion, _drafts.saved_at)


@dataclass(frozen=True, slots=True)
class DraftSaved:
    """When a draft was saved, by whom, and how often it has been."""

    at: datetime
    by: str
    revision: int


def save(
    ports: Ports,
    unit: Unit,
    item_id: int,
    actor: Actor,
    answers: Mapping[str, Any],
    based_on: int | None,
    opinion: str,
    revision: int | None = None,
) -> DraftSaved:
    """Keep what was typed. What was typed for an item that somebody else has closed meanwhile is kept too.

    ``based_on`` is the version of the document that the typing began with; a newer one is no reason to lose what was
    typed, the completion will ask. ``revision`` is the draft's revision that the typing went on from (0: none, None:
    whatever there is). Raises :class:`Forbidden`, :class:`Stopped` for what may not be stored at all, and
    :class:`Conflict` ``draft.changed`` where the same person saved something else in another window meanwhile.
    """
    item, act = load_item(ports, unit, item_id, actor.principal, lock=False)
    actor = actor.within(act.process.process_id)
    element = user_task(act, item)
    if item.state == "open":
        code = refusal("save_draft", item, element, act.progress, actor)
        if code is not None:
            raise refused(code, item, act, actor)
        _may_store(act, item, element, actor, answers)
    elif actor.no_business or actor.principals.isdisjoint({*item.candidates, item.assignee, item.drafter}):
        raise refused(f"item.{item.state}", item, act, actor)
    return keep(
        unit, item_id, actor, act.now, answers=answers, opinion=opinion, based_on=based_on, seen=revision
    )


def _may_store(act: Act, item: Item, element: UserTask, actor: Actor, answers: Mapping[str, Any]) -> None:
    outcome = next((one for one in element.outcomes if one not in element.without_form), None)
    asked = Completion(item.id, actor, item.version, outcome, answers)
    checked = Checked(act, token_of(act, item.token), element, asked, item.item)
    reason = stop(act.ports.plugins, checked.request(None))
    if reason is not None:
        raise Stopped(reason)


def keep(
    unit: Unit,
    item_id: int,
    actor: Actor,
    now: datetime,
    *,
    answers: Mapping[str, Any] | None = None,
    opinion: str | None = None,
    based_on: int | None = None,
    seen: int | None = None,
) -> DraftSaved:
    """Write a draft's row; what is None stays as it was. Raises :class:`Conflict` where a draft that says something else
    has another revision than the one that was ``seen``."""
    drafts = tables.drafts
    mine = (drafts.c.item_id == item_id) & (drafts.c.person == actor.principal)
    text = None if answers is None else dump_json(answers)
    if text is not None and len(text) > MAX_BYTES:
        raise BihuanError("draft.too_large", size=f"{len(text) / 1e6:.1f}", limit=MAX_BYTES / 1e6)
    old = unit.execute(_kept.where(mine).with_for_update()).first()
    if old is not None and seen is not None and seen != old.revision and not _same(old, text, opinion):
        raise Conflict("draft.changed", at=old.saved_at)
    values: dict[str, Any] = {"revision": 1 if old is None else old.revision + 1, "saved_at": now}
    if text is not None:
        values |= {"answers": text, "based_on": based_on}
    if opinion is not None:
        values["opinion"] = opinion
    if old is None:
        row = {"item_id": item_id, "person": actor.principal, "answers": "{}", "opinion": "", **values}
        unit.execute(insert(drafts), row)
    else:
        unit.execute(update(drafts).where(mine), values)
    return DraftSaved(now, actor.name, values["revision"])


def _same(old: Any, answers: str | None, opinion: str | None) -> bool:
    return answers in (None, old.answers) and opinion in (None, old.opinion)


def discard(unit: Unit, item_id: int, actor: Actor) -> None:
    """Forget the actor's draft of an item."""
    drafts = tables.drafts.c
    unit.execute(delete(tables.drafts).where(drafts.item_id == item_id, drafts.person == actor.principal))


def erase(unit: Unit, item_id: int) -> None:
    """Erase everybody's drafts of an item: they hold what may not be stored here."""
    unit.execute(delete(tables.drafts).where(tables.drafts.c.item_id == item_id))
