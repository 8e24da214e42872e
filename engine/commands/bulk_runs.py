"""Bulk runs: a list that somebody chose, what they ask for it, confirmed once, and its tasks slice by slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands import informing, requests
from engine.commands.bulk import CHANGE_DUE, LISTED, Wish, check_wish, confirmations
from engine.commands.bulk_records import (
    CHOSEN,
    CONFLICT,
    DONE,
    FAILED,
    LEFT_OUT,
    REFUSED,
    STOPPED,
    WAITING,
    head,
    wish_of,
)
from engine.commands.moving import reason_of
from engine.commands.ports import Ports
from engine.commands.progress import Progress
from engine.database import Unit
from engine.errors import BihuanError, Conflict, Forbidden, InvalidAnswers, Refused
from engine.identity import Actor
from engine.messages import LANGUAGES, sentence
from engine.plugins import Finding
from engine.prepared import Prepared
from engine.tables import bulk_items, bulks
from engine.tasks.access import may_see
from engine.values import dump_json, load_plain

#: How many tasks one run has at most.
MAX_ITEMS = 2000
#: How many tasks a page of its own hands to one run at most.
MAX_LISTED = 10_000
#: A list that nobody confirmed is forgotten when its person chooses another one later than this.
FORGOTTEN = timedelta(days=1)
#: How many findings a refusal tells.
_TOLD = 3
_CHUNK = 500

_rows, _items, _instances = bulk_items.c, tables.work_items.c, tables.instances.c
_definitions = tables.definitions.c
_note = Prepared(
    update(bulk_items)
    .where(_rows.bulk_id == bindparam("run"), _rows.item_id == bindparam("item"))
    .values(state=bindparam("result"), code=bindparam("why"), said=bindparam("words"), at=bindparam("now"))
)
_next = (
    select(_rows.item_id, _rows.version, _rows.instance_id)
    .where(_rows.bulk_id == bindparam("run"), _rows.state == WAITING)
    .order_by(_rows.place)
    .limit(bindparam("limit"))
)
_still = (
    select(_rows.item_id)
    .where(
        _rows.bulk_id == bindparam("run"),
        _rows.state == WAITING,
        _rows.item_id.in_(bindparam("items", expanding=True)),
    )
    .with_for_update(skip_locked=True)
)
_waits = exists().where(_rows.bulk_id == bulks.c.id, _rows.state == WAITING)
_finish = (
    update(bulks)
    .where(bulks.c.id == bindparam("run"), bulks.c.finished_at.is_(None), ~_waits)
    .values(finished_at=bindparam("now"))
)
_known = (
    select(
        _items.id,
        _items.instance_id,
        _items.candidates,
        _items.assignee,
        _items.drafter,
        _items.handed_in_at,
        _items.version,
        _instances.progress,
        _definitions.process_id,
    )
    .join(tables.instances, _instances.id == _items.instance_id)
    .join(tables.definitions, _definitions.id == _instances.definition_id)
)
_of_items = _known.where(_items.id.in_(bindparam("items", expanding=True)))
_of_instances = _known.where(
    _items.instance_id.in_(bindparam("instances", expanding=True)), _items.state == "open"
).order_by(_items.id)


def choose(
    ports: Ports,
    unit: Unit,
    actor: Actor,
    entries: Sequence[tuple[int, int]],
    request_key: str | None = None,
    retry_of: int | None = None,
) -> int:
    """Keep a list of tasks (item, version) that the actor has chosen; return the run's id. Nothing is done yet.

    Raises :class:`Refused` for none and for too many, :class:`Forbidden` for an administrator.
    """
    if actor.no_business:
        raise Forbidden("admin.no_business")
    wanted = dict(entries)
    if not wanted:
        raise Refused("bulk.nothing")
    if len(wanted) > MAX_ITEMS:
        raise Refused("bulk.too_many", count=len(wanted), limit=MAX_ITEMS)
    asked = requests.fingerprint("bulk", actor.principal, sorted(wanted.items()), retry_of)
    known = requests.answer(unit, request_key, asked)
    if known is not None:
        return int(known["bulk"])
    now = ports.clock.now()
    _forget(unit, actor, now)
    row = {"person": actor.principal, "asked": "{}", "retry_of": retry_of, "chosen_at": now}
    run = int(unit.execute(insert(bulks).returning(bulks.c.id), row).scalar_one())
    visible = _visible(unit, actor, list(wanted))
    unit.execute(
        insert(bulk_items),
        [
            {
                "bulk_id": run,
                "item_id": item,
                "place": place,
                "version": version,
                "instance_id": visible.get(item),
                "state": CHOSEN,
            }
            for place, (item, version) in enumerate(wanted.items())
        ],
    )
    requests.remember(unit, request_key, asked, {"bulk": run}, now)
    return run


def begin(
    ports: Ports,
    unit: Unit,
    actor: Actor,
    items: Sequence[tuple[int, int]],
    wish: Wish,
    request_key: str | None = None,
) -> int:
    """Let one of :data:`~engine.commands.bulk.LISTED` be done to tasks (item, version) that a page has listed to the
    actor; return the run's id. It is confirmed at once.

    Raises :class:`Refused` for none, for too many, and where a deadline is to move without a reason.
    """
    wanted = dict(items)
    if wish.operation not in LISTED:
        raise Refused("bulk.no_operation", operation=wish.operation)
    if not wanted:
        raise Refused("bulk.nothing")
    if len(wanted) > MAX_LISTED:
        raise Refused("bulk.too_many", count=len(wanted), limit=MAX_LISTED)
    if wish.operation == CHANGE_DUE:
        reason_of(wish.opinion)
    asked = requests.fingerprint("bulk", actor.principal, sorted(wanted.items()), asdict(wish))
    known = requests.answer(unit, request_key, asked)
    if known is not None:
        return int(known["bulk"])
    now = ports.clock.now()
    post = None if actor.post is None else actor.post.principal
    row = {
        "person": actor.principal,
        "operation": wish.operation,
        "asked": dump_json({**asdict(wish), "post": post}),
        "chosen_at": now,
        "confirmed_at": now,
    }
    run = int(unit.execute(insert(bulks).returning(bulks.c.id), row).scalar_one())
    ids = list(wanted)
    cases: dict[int, int] = {}
    for first in range(0, len(ids), _CHUNK):
        found = unit.execute(_of_items, {"items": ids[first : first + _CHUNK]})
        cases |= {one.id: one.instance_id for one in found}
    rows = [
        {
            "bulk_id": run,
            "item_id": item,
            "place": place,
            "version": version,
            "instance_id": cases.get(item),
            "state": WAITING,
        }
        for place, (item, version) in enumerate(wanted.items())
    ]
    unit.execute(insert(bulk_items), rows)
    requests.remember(unit, request_key, asked, {"bulk": run}, now)
    return run


def _forget(unit: Unit, actor: Actor, now: datetime) -> None:
    old = select(bulks.c.id).where(
        bulks.c.person == actor.principal,
        bulks.c.confirmed_at.is_(None),
        bulks.c.chosen_at < now - FORGOTTEN,
    )
    ids = list(unit.execute(old).scalars())
    if ids:
        unit.execute(delete(bulk_items).where(_rows.bulk_id.in_(ids)))
        unit.execute(delete(bulks).where(bulks.c.id.in_(ids)))


def _visible(unit: Unit, actor: Actor, items: Sequence[int]) -> dict[int, int]:
    """Return the instances of those tasks of which the actor may know."""
    found: dict[int, int] = {}
    for first in range(0, len(items), _CHUNK):
        for row in unit.execute(_of_items, {"items": items[first : first + _CHUNK]}):
            if _sees(actor, row):
                found[row.id] = row.instance_id
    return found


def open_items(unit: Unit, actor: Actor, instances: Sequence[int]) -> list[tuple[int, int]]:
    """Return the open tasks (item, version) of cases, as far as the actor may know of them."""
    found: list[tuple[int, int]] = []
    for first in range(0, len(instances), _CHUNK):
        rows = unit.execute(_of_instances, {"instances": instances[first : first + _CHUNK]})
        found += [(row.id, row.version) for row in rows if _sees(actor, row)]
    return found


def _sees(actor: Actor, row: Any) -> bool:
    one = _Seen(load_plain(row.candidates), row.assignee, row.drafter, row.handed_in_at)
    participants = Progress.load(row.progress).participants
    return may_see(one, participants, actor.within(row.process_id))


@dataclass(slots=True)
class _Seen:
    """What of a work item's row says who may know of it."""

    candidates: list[str]
    assignee: str | None
    drafter: str | None
    handed_in_at: datetime | None
    state: str = "open"
    delegated_by: str | None = None
    acknowledged_at: datetime | None = None
    due_at: datetime | None = None


def entries(unit: Unit, run: int, states: Sequence[str] = (CHOSEN,)) -> list[tuple[int, int]]:
    """Return the tasks (item, version) of a run that are in one of these states, in the order of the list."""
    query = select(_rows.item_id, _rows.version).where(_rows.bulk_id == run, _rows.state.in_(states))
    return [(row.item_id, row.version) for row in unit.execute(query.order_by(_rows.place))]


def _steps(ports: Ports, unit: Unit, run: int) -> list[tuple[UserTask, Mapping[str, Mapping[str, str]]]]:
    """Return the steps at which the tasks of a chosen list are, as far as its person may know of them, each with what its
    form lets be confirmed once."""
    steps = (
        select(_items.definition_id, _items.element)
        .join(bulk_items, (_rows.item_id == _items.id) & (_rows.instance_id == _items.instance_id))
        .where(_rows.bulk_id == run, _rows.state == CHOSEN)
        .distinct()
    )
    found: list[tuple[UserTask, Mapping[str, Mapping[str, str]]]] = []
    for row in unit.execute(steps).all():
        process = ports.catalogue.get(unit, row.definition_id)
        step = process.model(process.process_id).elements.get(row.element)
        if isinstance(step, UserTask):
            found.append((step, confirmations(ports, process, step)))
    return found


def confirm(
    ports: Ports,
    unit: Unit,
    run: int,
    actor: Actor,
    wish: Wish,
    ticked: Sequence[int],
    left_out: Mapping[int, BihuanError],
) -> None:
    """Let a wish be done to the ``ticked`` tasks of a chosen list; ``left_out`` says why others aren't among them.

    The same again changes nothing. Raises :class:`Conflict` where something else was confirmed before, and what is wrong
    with the wish.
    """
    found = head(unit, run, actor, lock=True)
    mine = dict(entries(unit, run))
    chosen = [item for item in dict.fromkeys(ticked) if item in mine]
    asked = {**asdict(wish), "ticked": requests.fingerprint(sorted(set(ticked)))}
    if found.confirmed_at is not None:
        kept = load_plain(found.asked)
        if any(kept.get(name) != value for name, value in load_plain(dump_json(asked)).items()):
            raise Conflict("bulk.confirmed")
        return
    if not chosen:
        raise Refused("bulk.nothing")
    now = ports.clock.now()
    others = [item for item in mine if item not in set(chosen)]
    if others:
        skipped = Refused("bulk.not_ticked")
        _note.run(unit, *(_result(run, item, left_out.get(item, skipped), now, LEFT_OUT) for item in others))
    check_wish(wish, _steps(ports, unit, run))
    unit.execute(update(bulk_items).where(_rows.bulk_id == run, _rows.state == CHOSEN).values(state=WAITING))
    post = None if actor.post is None else actor.post.principal
    values = {
        "operation": wish.operation,
        "asked": dump_json({**asked, "post": post}),
        "confirmed_at": now,
    }
    unit.execute(update(bulks).where(bulks.c.id == run).values(values))


def stop(ports: Ports, unit: Unit, run: int, actor: Actor) -> None:
    """Stop a run: what waits for its turn stays undone. A run that is over stays as it is."""
    found = head(unit, run, actor, lock=True)
    if found.confirmed_at is None:
        raise Refused("bulk.not_confirmed")
    if found.finished_at is not None:
        return
    now = ports.clock.now()
    waiting = update(bulk_items).where(_rows.bulk_id == run, _rows.state == WAITING)
    unit.execute(waiting.values(state=STOPPED, at=now))
    unit.execute(update(bulks).where(bulks.c.id == run).values(stopped_at=now, finished_at=now))


def failures(unit: Unit, run: int, actor: Actor) -> list[tuple[int, int]]:
    """Return what of a run may be tried again: the tasks that are still open, at their present versions."""
    found = head(unit, run, actor)
    if found.confirmed_at is None:
        raise Refused("bulk.not_confirmed")
    query = (
        select(_items.id, _items.version)
        .join(bulk_items, _rows.item_id == _items.id)
        .where(
            _rows.bulk_id == run,
            _rows.state.in_(FAILED),
            _rows.instance_id.is_not(None),
            _items.state == "open",
        )
        .order_by(_rows.place)
    )
    return [(row.id, row.version) for row in unit.execute(query)]


# -- doing it, slice by slice -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """Of a run that isn't finished: whose it is, what they want, and in which of their posts they said so."""

    person: str
    wish: Wish
    post: str | None


def unfinished(unit: Unit) -> list[int]:
    """Return the runs that aren't finished, the oldest first."""
    query = select(bulks.c.id).where(bulks.c.finished_at.is_(None), bulks.c.confirmed_at.is_not(None))
    return list(unit.execute(query.order_by(bulks.c.confirmed_at, bulks.c.id).limit(20)).scalars())


def head_of(unit: Unit, run: int) -> Head | None:
    """Return whose run it is and what it is for; None where there is nothing left to do."""
    row = unit.execute(select(bulks).where(bulks.c.id == run, bulks.c.finished_at.is_(None))).first()
    if row is None or row.confirmed_at is None:
        return None
    wish = wish_of(row)
    assert wish is not None
    return Head(row.person.removeprefix("user:"), wish, load_plain(row.asked).get("post"))


def next_of(unit: Unit, run: int, limit: int) -> list[tuple[int, int]]:
    """Return the next tasks (item, version) of a run, those of one instance together, in an order that all runs keep."""
    rows = unit.execute(_next, {"run": run, "limit": limit}).all()
    return [
        (row.item_id, row.version)
        for row in sorted(rows, key=lambda row: (row.instance_id or 0, row.item_id))
    ]


def still_waiting(unit: Unit, run: int, items: Sequence[int]) -> set[int]:
    """Lock and return those tasks of a run that still wait; those that another worker has just now are passed over."""
    return set(unit.execute(_still, {"run": run, "items": items}).scalars())


def note(unit: Unit, run: int, results: Mapping[int, BihuanError | None], now: datetime) -> None:
    """Write what became of tasks of a run: None for what is done, else why it isn't; finish the run with its last."""
    if results:
        _note.run(unit, *(_result(run, item, error, now) for item, error in results.items()))
    if unit.execute(_finish, {"run": run, "now": now}).rowcount == 1:
        _tell(unit, run, now)


def _tell(unit: Unit, run: int, now: datetime) -> None:
    """Tell whoever asked for a run that it is done, and how it went: they may have left the page."""
    person = unit.execute(select(bulks.c.person).where(bulks.c.id == run)).scalar_one()
    number = func.count().label("number")
    query = select(_rows.state, number).where(_rows.bulk_id == run).group_by(_rows.state)
    counts = {row.state: row.number for row in unit.execute(query)}
    done, refused = counts.get(DONE, 0), counts.get(REFUSED, 0) + counts.get(CONFLICT, 0)
    params = {"done": done, "refused": refused}
    informing.finished(unit, person, "tell.bulk", params, f"/bulk/{run}", now)


def _result(
    run: int, item: int, error: BihuanError | None, now: datetime, state: str | None = None
) -> dict[str, Any]:
    code, words = None, None
    if error is not None:
        code, words = error.code[:100], dump_json(said(error))
        state = state or (CONFLICT if isinstance(error, Conflict) else REFUSED)
    return {"result": state or DONE, "why": code, "words": words, "now": now, "run": run, "item": item}


def said(error: BihuanError) -> dict[str, str]:
    """Return why a task is left out or refused, by language: of answers that don't pass, what the first findings say."""
    if isinstance(error, InvalidAnswers):
        blocking = [one for one in error.findings if one.blocks][:_TOLD]
        if blocking:
            return {
                language: sentence("bulk.form", {"what": _joined(blocking, language)}, language)
                for language in LANGUAGES
            }
    return {language: sentence(error.code, error.params, language) for language in LANGUAGES}


def _joined(findings: Sequence[Finding], language: str) -> str:
    return ("；" if language == "zh" else "; ").join(str(one.message.get(language, "")) for one in findings)
