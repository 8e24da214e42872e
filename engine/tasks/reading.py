"""Reads documents and pinned opinions for a person: what their audience keeps from the person is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_

from engine import tables
from engine.bpmn.model import Element, UserTask
from engine.commands.act import Act
from engine.commands.progress import key_of
from engine.database import Unit
from engine.identity import Actor, names
from engine.tasks.doers import doer
from engine.tasks.views import DocumentView, Doer, PinView
from engine.values import load_json, load_plain


def element_of(act: Act, element: str) -> Element | None:
    """Return an element of the instance's process or of one that it calls."""
    for compiled in act.process.definition.processes.values():
        found = compiled.model.elements.get(element)
        if found is not None:
            return found
    return None


def readable(act: Act, scope: int, name: str, actor: Actor) -> bool:
    """Whether the person may read a document's newest version."""
    head = act.progress.head(scope, name)
    return head is not None and (
        actor.may_read(head.audience, act.progress.participants) or head.author == actor.principal
    )


def documents(
    act: Act, actor: Actor, wanted: Iterable[tuple[int, str]], since: Mapping[str, int] | None = None
) -> list[DocumentView]:
    """Return the newest versions of documents that the person may read, in the order of ``wanted`` (scope, name).

    ``since`` gives the version with which a document's new one is to be compared.
    """
    heads = {(scope, name): act.progress.head(scope, name) for scope, name in wanted}
    compared = {name: version for name, version in (since or {}).items() if version > 0}
    keys = [
        (*place, version)
        for place, head in heads.items()
        if head is not None and readable(act, *place, actor)
        for version in {head.version, min(compared.get(place[1], head.version), head.version)}
    ]
    these = {"instance": act.instance.id, "keys": keys}
    rows = (
        {(row.scope, row.name, row.version): row for row in act.unit.execute(_these, these)} if keys else {}
    )
    found: list[tuple[Any, Any]] = []
    for place, head in heads.items():
        if head is None:
            found.extend((row, None) for row in _parts(act, actor, *place))
        elif (*place, head.version) in rows:
            before = compared.get(place[1], head.version)
            found.append(
                (rows[*place, head.version], rows[*place, before] if before < head.version else None)
            )
    known = authors(act.unit, [row for row, _ in found])
    return [document(act, row, known, before) for row, before in found]


def parts(act: Act, actor: Actor, scope: int, name: str, item: int) -> list[DocumentView]:
    """Return the newest version of a signer's own document (the index counted from 1), of an earlier round too; none
    where the person may not read it.
    """
    rows = _parts(act, actor, scope, name, item)
    known = authors(act.unit, rows)
    return [document(act, row, known) for row in rows]


def _parts(act: Act, actor: Actor, scope: int, name: str, item: int | None = None) -> list[Any]:
    """Return the newest versions of a document of which each signer has their own; without ``item`` the last round's."""
    if key_of(scope, name) not in act.progress.parts:
        return []
    table = tables.documents.c
    query = saved(act).where(table.scope == scope, table.name == name)
    query = query.where(table.item > 0 if item is None else table.item == item)
    newest = {row.item: row for row in act.unit.execute(query.order_by(table.item, table.version))}
    if item is None:
        this_round = act.progress.parts[key_of(scope, name)]
        newest = {one: newest[one] for one in sorted(this_round) if one in newest}
    return [row for row in newest.values() if may_read(act, row, actor)]


def saved(act: Act) -> Select[Any]:
    """Return the query of an instance's document versions with the forms that they were saved with."""
    return _saved.where(tables.documents.c.instance_id == act.instance.id)


_saved = select(
    tables.documents,
    tables.resources.c.key.label("form_id"),
    tables.resources.c.content.label("form_source"),
).join(tables.resources, tables.resources.c.id == tables.documents.c.form_resource_id, isouter=True)
_these = _saved.where(
    tables.documents.c.instance_id == bindparam("instance"),
    tables.documents.c.item == 0,
    tuple_(tables.documents.c.scope, tables.documents.c.name, tables.documents.c.version).in_(
        bindparam("keys", expanding=True)
    ),
)


def authors(unit: Unit, rows: Iterable[Any]) -> Mapping[str, str]:
    """Return the names of those who saved versions, of their posts' organisations, and of whom they acted for."""
    return names(
        unit, {one for row in rows for one in (row.author, row.author_as, row.author_for) if one is not None}
    )


def author(known: Mapping[str, str], row: Any) -> Doer:
    """Return who saved a version; ``known`` is what :func:`authors` gave."""
    return doer(known, row.author, row.author_as, row.author_for)


def document(act: Act, row: Any, known: Mapping[str, str], before: Any = None) -> DocumentView:
    """Return a row of :func:`saved` as a view, to be compared with the row ``before``."""
    form_id, form_source = row.form_id, row.form_source
    if form_source is None:
        form_id, form_source = _form_of(act, row.element) or ("", None)
    return DocumentView(
        row.name,
        title_of(act, row),
        row.version,
        form_id,
        form_source,
        load_json(row.body or "{}"),
        row.author,
        known.get(row.author, row.author),
        row.saved_at,
        load_json(before.body or "{}") if before is not None else None,
        author(known, row),
    )


def title_of(act: Act, row: Any) -> str:
    """Return the name of the step that saved a version."""
    saver = element_of(act, row.element)
    return saver.label if saver is not None else str(row.name)


def _form_of(act: Act, element: str) -> tuple[str, bytes] | None:
    saver = element_of(act, element)
    form = act.process.forms.get(saver.form_id or "") if isinstance(saver, UserTask) else None
    return None if form is None else (form.id, form.source)


def pins(
    act: Act, actor: Actor, scope: int | None = None, only: Iterable[str] | None = None
) -> list[PinView]:
    """Return the pinned opinions that the person may read, oldest first; of ``only`` these documents where given."""
    wanted = None if only is None else set(only)
    rows = [
        row
        for row in act.unit.execute(_pins, {"instance": act.instance.id})
        if (scope is None or row.scope == scope)
        and (wanted is None or row.document in wanted)
        and may_read(act, row, actor)
    ]
    known = names(act.unit, {one for row in rows for one in (row.author, row.replied_by) if one})
    return [
        PinView(
            row.id,
            row.element,
            row.document,
            row.document_version,
            row.field,
            row.row,
            row.text,
            row.author,
            known.get(row.author, row.author),
            row.created_at,
            row.state,
            row.reply,
            row.reply_text,
            known.get(row.replied_by, row.replied_by),
            row.replied_at,
            row.reply_version,
        )
        for row in rows
    ]


_pins = (
    select(tables.pins).where(tables.pins.c.instance_id == bindparam("instance")).order_by(tables.pins.c.id)
)


def may_read(act: Act, row: Any, actor: Actor) -> bool:
    """Whether the person wrote a document's version or an opinion, or is in its audience."""
    audience: Sequence[str] | None = load_plain(row.audience) if row.audience else None
    return row.author == actor.principal or actor.may_read(audience, act.progress.participants)
