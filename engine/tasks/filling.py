"""Many work items at once as somebody fills them in: the form, what was typed last, what the form may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from engine import tables
from engine.bpmn.model import JOINT
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.loading import Item, load_items, token_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.identity import Actor
from engine.tasks import reading
from engine.tasks.access import refusal
from engine.values import load_json

#: As many documents are read with one statement.
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Filling:
    """An item that somebody fills in now; ``answers`` are their draft, or the newest document where they have none.

    ``variables`` are those that were asked for, ``revision`` is that of their own draft, 0 for none.
    """

    item_id: int
    subject: str
    unit: str | None
    reference: str | None
    amount: int | None
    due_at: datetime | None
    form_id: str
    form_source: bytes
    editable: str | None
    variables: Mapping[str, Any]
    answers: Mapping[str, Any]
    saved_at: datetime | None
    opinion: str
    revision: int


def fillings(
    ports: Ports, unit: Unit, item_ids: Sequence[int], actor: Actor, names: Sequence[str]
) -> list[Filling]:
    """Return those of the items that the actor fills in alone: the step has a form, and they may save a draft of it.

    The statements don't grow with the items. ``names`` are the variables that are wanted, where they are known.
    """
    open_to_them = [
        (item, act)
        for item, act in load_items(ports, unit, item_ids, actor)
        if _fills(item, act, actor.within(act.process.process_id))
    ]
    drafts, revisions = _drafts(unit, [item for item, _ in open_to_them], actor)
    bodies = _documents(unit, [one for one in open_to_them if not _typed(drafts.get(one[0].id))], actor)
    return [
        _filling(item, act, drafts.get(item.id), revisions.get(item.id, 0), bodies.get(item.id, {}), names)
        for item, act in open_to_them
    ]


def _fills(item: Item, act: Act, actor: Actor) -> bool:
    element = user_task(act, item)
    alone = element.signing in (None, JOINT) and element.form_id in act.process.forms
    return alone and refusal("save_draft", item, element, act.progress, actor) is None


def _drafts(unit: Unit, items: Sequence[Item], actor: Actor) -> tuple[dict[int, Any], dict[int, int]]:
    """Return by item the newest draft that the actor sees (their own, or the one that was handed in to them), and the
    revisions of their own.
    """
    handed = {item.id: item.drafter for item in items if item.handed_in_at is not None}
    table = tables.drafts.c
    found: dict[int, Any] = {}
    revisions: dict[int, int] = {}
    for first in range(0, len(items), _CHUNK):
        some = [item.id for item in items[first : first + _CHUNK]]
        query = select(tables.drafts).where(table.item_id.in_(some)).order_by(table.saved_at)
        for row in unit.execute(query):
            if row.person in (actor.principal, handed.get(row.item_id)):
                found[row.item_id] = row
            if row.person == actor.principal:
                revisions[row.item_id] = row.revision
    return found, revisions


def _typed(draft: Any) -> bool:
    return draft is not None and bool(load_json(draft.answers))


def _documents(unit: Unit, wanted: Sequence[tuple[Item, Act]], actor: Actor) -> dict[int, Mapping[str, Any]]:
    """Return the newest versions of the documents that the items save, as far as the actor may read them, by item."""
    places: dict[tuple[int, int, str, int], int] = {}
    for item, act in wanted:
        name = user_task(act, item).saved_as
        scope = act.scopes.document_scope(token_of(act, item.token).scope)
        head = act.progress.head(scope, name)
        if head is not None and reading.readable(act, scope, name, actor):
            places[act.instance.id, scope, name, head.version] = item.id
    table, keys = tables.documents.c, list(places)
    found: dict[int, Mapping[str, Any]] = {}
    columns = (table.instance_id, table.scope, table.name, table.version)
    for first in range(0, len(keys), _CHUNK):
        some = tuple_(*columns).in_(keys[first : first + _CHUNK])
        for row in unit.execute(select(*columns, table.body).where(some, table.item == 0)):
            place = (row.instance_id, row.scope, row.name, row.version)
            found[places[place]] = load_json(row.body or "{}")
    return found


def _filling(
    item: Item, act: Act, draft: Any, revision: int, document: Mapping[str, Any], names: Sequence[str]
) -> Filling:
    form = act.process.forms[user_task(act, item).form_id or ""]
    known, columns = act.names(token_of(act, item.token)), act.instance.columns
    return Filling(
        item.id,
        columns["subject"] or item.step,
        columns["unit"],
        columns["reference"],
        columns["amount"],
        item.due_at,
        form.id,
        form.source,
        user_task(act, item).editable,
        {name: known[name] for name in names if name in known},
        load_json(draft.answers) if _typed(draft) else document,
        draft.saved_at if draft is not None else None,
        draft.opinion if draft is not None else "",
        revision,
    )
