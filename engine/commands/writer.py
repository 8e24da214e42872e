"""Writes what commands changed: a fixed small number of statements, multi-row where there are many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, insert, select, text, update

from engine import history, tables
from engine.commands import keys, standing, subscriptions
from engine.database import Unit
from engine.errors import Conflict
from engine.history import Entry, chain_of
from engine.prepared import Prepared
from engine.search.levels import KNOWN, READERS, WORDS
from engine.values import dump_json, iso

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.waiting import NewItem, Seat

_instance = Prepared(insert(tables.instances))
_item = Prepared(insert(tables.work_items).returning(tables.work_items.c.id))
_items = insert(tables.work_items).returning(tables.work_items.c.id, sort_by_parameter_order=True)
_reserved_item = Prepared(insert(tables.work_items))
_inbox = Prepared(insert(tables.inbox))
_document = Prepared(insert(tables.documents))
_entrust = (
    update(tables.documents)
    .where(
        tables.documents.c.instance_id == bindparam("instance"),
        tables.documents.c.scope == bindparam("place"),
        tables.documents.c.item == 0,
        tables.documents.c.name == bindparam("called"),
        tables.documents.c.version == bindparam("number"),
    )
    .values(audience=bindparam("readers"))
)
_seat = insert(tables.signatures)
_job = insert(tables.jobs)
_incident = insert(tables.incidents)

_state = Prepared(
    update(tables.instances)
    .where(tables.instances.c.id == bindparam("key"), tables.instances.c.version == bindparam("was"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "version",
                "subject",
                "unit",
                "section",
                "reference",
                "amount",
                "ended_at",
                "tokens",
                "variables",
                "progress",
                "history_seq",
                "history_head",
            )
        }
    )
    .values(
        unsearched=case(
            (tables.instances.c.unsearched > bindparam("unsearched"), tables.instances.c.unsearched),
            else_=bindparam("unsearched"),
        )
    )
)
_cancel_items = (
    update(tables.work_items)
    .where(
        tables.work_items.c.instance_id == bindparam("instance"),
        tables.work_items.c.state.in_(("open", "pending")),
        tables.work_items.c.token.in_(bindparam("tokens", expanding=True)),
    )
    .values(state="cancelled", version=tables.work_items.c.version + 1, completed_at=bindparam("now"))
    .returning(tables.work_items.c.id)
)
_leave_inbox = Prepared(delete(tables.inbox).where(tables.inbox.c.item_id == bindparam("item")))
_drop_jobs = delete(tables.jobs).where(
    tables.jobs.c.instance_id == bindparam("instance"),
    tables.jobs.c.token.in_(bindparam("tokens", expanding=True)),
)
_resolve = (
    update(tables.incidents)
    .where(
        tables.incidents.c.instance_id == bindparam("instance"),
        tables.incidents.c.state == "open",
        tables.incidents.c.token.in_(bindparam("tokens", expanding=True)),
    )
    .values(state="resolved", resolved_at=bindparam("now"), resolved_by=bindparam("actor"))
)
_offered = tables.drafts.alias()
_offer_drafts = (
    update(tables.drafts)
    .where(
        tables.drafts.c.item_id == bindparam("old"),
        tables.drafts.c.person.not_in(
            select(_offered.c.person).where(_offered.c.item_id == bindparam("new"))
        ),
    )
    .values(item_id=bindparam("new"))
)


def reserve(unit: Unit, table: str, count: int) -> list[int]:
    """Return ``count`` fresh ids of a table; on SQLite the write lock that is held keeps them ours."""
    if unit.dialect == "sqlite":
        column = tables.metadata.tables[table].c.id
        last = unit.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
        return list(range(last + 1, last + 1 + count))
    rows = unit.execute(
        text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
        {"table": table, "count": count},
    )
    return [row[0] for row in rows]


def insert_instances(unit: Unit, acts: Sequence[Act]) -> None:
    """Insert the rows of new instances as they are now; :func:`write` completes them."""
    _instance.run(unit, *({"id": act.instance.id, **_base(act), **_row(act, running=True)} for act in acts))
    for act in acts:
        act.instance.stored = True


def write(unit: Unit, acts: Sequence[Act], *, closed_items: Iterable[int] = ()) -> None:
    """Write everything that ``acts`` changed; ``closed_items`` were closed by the command itself and leave the inbox.

    The first event of each act gets the way of the tokens, the variables written and the items opened.
    """
    for act in acts:
        act.refresh_columns()
    fresh = [act for act in acts if not act.instance.stored]
    events = _insert_whole(unit, fresh) if fresh else []
    _write_documents(unit, acts)
    leaving = [*closed_items, *_withdraw(unit, acts)]
    if leaving:
        _leave_inbox.run(unit, *({"item": item} for item in leaving))
    _open_items(unit, acts)
    _open_jobs(unit, acts)
    subscriptions.write(unit, acts)
    for act in acts:
        if act.execution.ended:
            keys.free(unit, act)
    for act in acts:
        if act.changes.columns_changed and act.instance.version > 0:
            standing.relabel(unit, act)
        if act not in fresh:
            events.extend(_events(act))
            state = {"key": act.instance.id, "was": act.instance.version, **_row(act, running=False)}
            _state.run(unit, state, missing=Conflict("instance.changed", instance=act.instance.id))
    history.write(unit, events)


def _insert_whole(unit: Unit, acts: Sequence[Act]) -> list[dict[str, Any]]:
    """Insert new instances as they are at the end of their first command; return their events.

    Their items get reserved ids, because the events, whose hash stands in the instance's row, name them.
    """
    items = [item for act in acts for item in act.changes.opened]
    if items:
        for item, id in zip(items, reserve(unit, "work_items", len(items)), strict=True):
            item.id = id
    events = [row for act in acts for row in _events(act)]
    _instance.run(unit, *({"id": act.instance.id, **_base(act), **_row(act, running=False)} for act in acts))
    return events


def _base(act: Act) -> dict[str, Any]:
    instance = act.instance
    return {
        "definition_id": act.process.id,
        "business_key": instance.business_key,
        "initiator": instance.initiator,
        "started_as": act.post,
        "started_at": instance.started_at,
    }


def _row(act: Act, *, running: bool) -> dict[str, Any]:
    instance = act.instance
    if not running:
        instance.state = act.state
        if act.execution.ended and instance.ended_at is None:
            instance.ended_at = act.now
    return {
        "state": instance.state,
        "version": instance.version if running else instance.version + 1,
        **instance.columns,
        "ended_at": instance.ended_at,
        "tokens": b"" if running else act.execution.dump(),
        "variables": "{}" if running else act.scopes.dump(),
        "progress": "{}" if running else act.progress.dump(),
        "history_seq": instance.history_seq,
        "history_head": instance.history_head,
        "unsearched": _unsearched(act),
    }


def _unsearched(act: Act) -> int:
    """Return what the search doesn't know of an instance after a command; it is told soon (see :mod:`engine.search`)."""
    changes = act.changes
    if (
        act.instance.version == 0
        or changes.documents
        or changes.entrusted
        or changes.columns_changed
        or changes.emptied
    ):
        return WORDS
    return READERS if act.progress.widened else KNOWN


def _write_documents(unit: Unit, acts: Sequence[Act]) -> None:
    rows = [
        {
            "instance_id": act.instance.id,
            "scope": saved.scope,
            "item": saved.item,
            "name": saved.name,
            "version": saved.version,
            "element": saved.element,
            "form_resource_id": saved.form_resource_id,
            "body": saved.body,
            "sha256": saved.sha256,
            "author": saved.author,
            "saved_at": act.now,
            "audience": None if saved.audience is None else dump_json(saved.audience),
            "author_as": saved.post,
            "author_for": saved.behalf,
        }
        for act in acts
        for saved in act.changes.documents
    ]
    if rows:
        _document.run(unit, *rows)
    entrusted = [
        {
            "instance": act.instance.id,
            "place": scope,
            "called": name,
            "number": head.version,
            "readers": dump_json(head.audience),
        }
        for act in acts
        for (scope, name), head in act.changes.entrusted.items()
    ]
    if entrusted:
        unit.execute(_entrust, entrusted)


def _withdraw(unit: Unit, acts: Sequence[Act]) -> list[int]:
    """Cancel the items, delete the jobs and resolve the incidents of tokens that are gone; return the items' ids."""
    cancelled: list[int] = []
    for act in acts:
        changes, instance = act.changes, act.instance.id
        if changes.withdrawn:
            tokens = sorted(changes.withdrawn)
            found = unit.execute(_cancel_items, {"instance": instance, "tokens": tokens, "now": act.now})
            cancelled.extend(row.id for row in found)
        gone = changes.withdrawn | changes.done_jobs
        if gone:
            unit.execute(_drop_jobs, {"instance": instance, "tokens": sorted(gone)})
        resolved = changes.withdrawn | changes.resolved
        if resolved and act.instance.state in ("incident", "suspended"):
            unit.execute(
                _resolve,
                {"instance": instance, "tokens": sorted(resolved), "now": act.now, "actor": act.actor},
            )
        if changes.incidents:
            unit.execute(
                _incident,
                [
                    {
                        "instance_id": instance,
                        "token": token,
                        "element": error.element,
                        "code": error.code[:100],
                        "params": dump_json({name: _shown(value) for name, value in error.params.items()}),
                        "state": "open",
                        "raised_at": act.now,
                    }
                    for token, error in changes.incidents.items()
                ],
            )
    return cancelled


def _open_items(unit: Unit, acts: Sequence[Act]) -> None:
    opened = [(act, item) for act in acts for item in act.changes.opened]
    if not opened:
        return
    reserved = [(act, item) for act, item in opened if item.id]
    others = [(act, item) for act, item in opened if not item.id]
    if reserved:
        _reserved_item.run(unit, *({"id": item.id, **_item_row(act, item)} for act, item in reserved))
    if others:
        ids = _insert_items(unit, [_item_row(act, item) for act, item in others])
        for (_, item), id in zip(others, ids, strict=True):
            item.id = id
    inbox: list[dict[str, Any]] = []
    seats: list[dict[str, Any]] = []
    for act, item in opened:
        inbox.extend(standing.rows(item.id, item.seen_by, act, standing.place_of(item, act)))
        if item.seat is not None:
            seats.append(_seat_row(act, item, item.seat))
    if inbox:
        _inbox.run(unit, *inbox)
    if seats:
        unit.execute(_seat, seats)
    for act in acts:
        if act.progress.kept:
            _offer_kept(unit, act)


def _offer_kept(unit: Unit, act: Act) -> None:
    """Give what was typed for items that a move cancelled to the items of the same steps that open again."""
    for item in act.changes.opened:
        for old, index in reversed(act.progress.kept.get(item.element, ())):
            if index == item.index:
                unit.execute(_offer_drafts, {"new": item.id, "old": old})
    for item in act.changes.opened:
        act.progress.kept.pop(item.element, None)


def _insert_items(unit: Unit, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    if len(rows) == 1:
        found = _item.first(unit, rows[0])
        assert found is not None
        return [found[0]]
    return unit.execute(_items, rows).scalars().all()


def _item_row(act: Act, item: NewItem) -> dict[str, Any]:
    return {
        "instance_id": act.instance.id,
        "definition_id": act.process.versions[item.process_id],
        "token": item.token,
        "element": item.element,
        "step": item.step,
        "item": item.index,
        "state": item.state,
        "version": 1,
        "round": item.round,
        "candidates": dump_json(item.candidates),
        "assignee": item.assignee,
        "created_at": act.now,
        "due_at": item.dates.due_at,
        "due_provisional": item.dates.due_provisional,
        "follow_up_at": item.dates.follow_up_at,
        "priority": item.dates.priority,
        "urgent_at": item.dates.urgent_at,
    }


def _seat_row(act: Act, item: NewItem, seat: Seat) -> dict[str, Any]:
    return {
        "item_id": item.id,
        "instance_id": act.instance.id,
        "token": item.token,
        "lead": seat.lead,
        "follows": dump_json(seat.follows),
        "locals": dump_json(seat.local),
        "opinion": "",
        "added_by": seat.added_by,
    }


def _open_jobs(unit: Unit, acts: Sequence[Act]) -> None:
    rows = [
        {
            "kind": job.kind,
            "type": job.type[:200],
            "instance_id": act.instance.id,
            "token": job.token,
            "element": job.element,
            "state": "open" if act.progress.suspended is None else "suspended",
            "due_at": job.due_at,
            "due_provisional": job.due_provisional,
            "cycle": job.cycle,
            "repeats": job.repeats,
            "attempts": 0,
            "retries": job.retries,
            "backoff": job.backoff,
            "created_at": act.now,
        }
        for act in acts
        for job in act.changes.jobs.values()
    ]
    if rows:
        unit.execute(_job, rows)


def _events(act: Act) -> list[dict[str, Any]]:
    """Return the linked rows of an act's events; what moved goes into the first, or into one of its own."""
    moved: dict[str, Any] = {}
    if act.path:
        moved["path"] = act.path
    if act.flows:
        moved["flows"] = list(act.flows)
    if act.changes.items:
        moved["opened"] = [
            {
                "item": item.id,
                "element": item.element,
                "step": item.step,
                "candidates": item.candidates,
                "assignee": item.assignee,
                "due": iso(item.dates.due_at),
                **({"index": item.index, "state": item.state} if item.seat is not None else {}),
            }
            for item in act.changes.opened
        ]
    if act.scopes.written:
        moved["variables"] = act.scopes.written
    entries = [_in_person(act, entry) for entry in act.entries]
    if act.unit.bulk is not None and entries:
        moved["bulk"] = act.unit.bulk
    if moved:
        if entries:
            first = entries[0]
            entries[0] = Entry(first.kind, first.actor, first.at, first.element, {**first.body, **moved})
        else:
            entries.insert(0, Entry("moved", act.actor, act.now, None, moved))
    for error in act.changes.incidents.values():
        params = {name: _shown(value) for name, value in error.params.items()}
        body = {"code": error.code, "params": params}
        entries.append(Entry("incident.raised", act.actor, act.now, error.element, body))
    if act.execution.ended and act.instance.ended_at is None:
        over = f"instance.{act.state}"
        if all(entry.kind != over for entry in entries):
            entries.append(Entry(over, act.actor, act.now))
    rows, seq, head = history.link(
        chain_of(act.instance.id), act.instance.history_seq, act.instance.history_head, entries
    )
    act.instance.history_seq, act.instance.history_head = seq, head
    return rows


def _in_person(act: Act, entry: Entry) -> Entry:
    """Return an event with the post in which its actor did it, and for whom as a substitute."""
    if entry.actor != act.actor or act.post is act.behalf is None:
        return entry
    body = dict(entry.body)
    if act.post is not None:
        body["post"] = act.post
    if act.behalf is not None:
        body["for"] = act.behalf
    return Entry(entry.kind, entry.actor, entry.at, entry.element, body)


def _shown(value: Any) -> Any:
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)[:500]
