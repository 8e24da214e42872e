"""Examines a county's data: is every instance moved by somebody or something, and do the rows agree with each other?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.database import Unit
from engine.history import Broken
from engine.messages import sentence
from engine.search.examine import wrong
from engine.sentences import REMEDIES
from engine.tables import business_keys, messages, start_timers, subscriptions
from engine.values import digest, load_plain

#: So many failed attempts are more than a hiccup.
STUCK = 5
_ENDED = frozenset({"ended", "terminated"})


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """Something in the data that should not be; ``rule`` names what is broken, ``params`` where."""

    instance: int | None
    rule: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Return what is wrong, as a sentence."""
        return sentence(self.rule, self.params, language)

    def remedy(self, language: str = "zh") -> str:
        """Return what to do about it."""
        return REMEDIES.get(self.rule, {}).get(language, "")

    def as_json(self, language: str = "zh") -> dict[str, Any]:
        """Return it in the shape of ``bihuan doctor --json``."""
        return {
            "instance": self.instance,
            "rule": self.rule,
            "message": self.message(language),
            "remedy": self.remedy(language),
            **self.params,
        }


def broken_chain(broken: Broken) -> DoctorFinding:
    """Return a broken place of a history chain as a finding."""
    return DoctorFinding(broken.instance, broken.rule, {"chain": broken.chain, "seq": broken.seq})


def examine(ports: Ports, unit: Unit) -> list[DoctorFinding]:
    """Examine all instances of a county; an empty list means that all is well."""
    waiting = _Waiting(unit)
    found: list[DoctorFinding] = []
    ids = unit.execute(select(tables.instances.c.id).order_by(tables.instances.c.id)).scalars().all()
    for id in ids:
        act = load_instance(ports, unit, id, "system", lock=False)
        found.extend(_instance(act, waiting))
    found.extend(_inboxes(unit, waiting))
    found.extend(_documents(unit))
    found.extend(_messages(unit))
    found.extend(DoctorFinding(instance, "search.wrong") for instance in wrong(unit))
    return found


class _Waiting:
    """The open rows of all instances."""

    def __init__(self, unit: Unit) -> None:
        self.items: dict[int, list[Any]] = defaultdict(list)
        self.jobs: dict[int, set[int]] = defaultdict(set)
        #: The states that an instance's jobs are in.
        self.held: dict[int, set[str]] = defaultdict(set)
        self.subscriptions: dict[int, set[int]] = defaultdict(set)
        self.incidents: dict[int, set[int]] = defaultdict(set)
        items, jobs, incidents = tables.work_items.c, tables.jobs.c, tables.incidents.c
        for row in unit.execute(select(tables.work_items).where(items.state.in_(("open", "pending")))):
            self.items[row.instance_id].append(row)
        seats = tables.signatures.c
        signers = select(items.id, items.state, seats.token).join(
            tables.signatures, seats.item_id == items.id
        )
        self.seats = {
            row.id: row.token for row in unit.execute(signers.where(items.state.in_(("open", "pending"))))
        }
        for row in unit.execute(select(jobs.instance_id, jobs.token, jobs.state)):
            self.jobs[row.instance_id].add(row.token)
            self.held[row.instance_id].add(row.state)
        awaited = subscriptions.c
        for row in unit.execute(
            select(awaited.instance_id, awaited.token).where(awaited.instance_id.is_not(None))
        ):
            self.subscriptions[row.instance_id].add(row.token)
        for row in unit.execute(
            select(incidents.instance_id, incidents.token).where(incidents.state == "open")
        ):
            self.incidents[row.instance_id].add(row.token)


def _instance(act: Act, waiting: _Waiting) -> Iterator[DoctorFinding]:
    """Compare an instance's tokens and state with the rows that wait for somebody or something."""
    instance = act.instance
    rows = waiting.items.get(instance.id, ())
    items = [row.token for row in rows if row.state == "open"]
    alone = [row.token for row in rows if row.id not in waiting.seats]
    jobs = waiting.jobs.get(instance.id, set()) | waiting.subscriptions.get(instance.id, set())
    incidents = waiting.incidents.get(instance.id, set())
    anything = bool(items or jobs or incidents)
    if instance.state in _ENDED:
        if anything:
            yield DoctorFinding(instance.id, "instance.ended_open")
        if act.execution.tokens():
            yield DoctorFinding(instance.id, "instance.state")
        return
    if not anything:
        yield DoctorFinding(instance.id, "instance.idle")
        return
    parked = {token.id for token in act.execution.parked()} | set(act.progress.failed)
    expected = {token.id for token in act.execution.waiting()}
    stuck = {
        token.id
        for token in act.execution.waiting()
        if token.id in act.progress.failed and isinstance(token.element, UserTask)
    }
    if (
        len(alone) != len(set(alone))
        or set(items) | jobs | stuck != expected
        or set(items) & jobs
        or incidents != parked
    ):
        yield DoctorFinding(instance.id, "instance.tokens")
    if ("open" if act.progress.suspended else "suspended") in waiting.held.get(instance.id, ()):
        yield DoctorFinding(instance.id, "instance.suspended_jobs")
    yield from _signings(act, rows, waiting)
    if instance.state != act.state:
        yield DoctorFinding(instance.id, "instance.state")


def _signings(act: Act, rows: Sequence[Any], waiting: _Waiting) -> Iterator[DoctorFinding]:
    """Compare the signers' rows with the tokens of the signings, of which each must have somebody who can sign.

    An item that was given to somebody for their opinion must be with them.
    """
    signed = {
        token.id: isinstance(token.element, UserTask)
        and (token.element.signing is not None or token.id in act.progress.joint)
        for token in act.execution.waiting()
    }
    for row in rows:
        if row.delegated_by is not None and row.assignee in (None, row.delegated_by):
            yield DoctorFinding(act.instance.id, "item.delegated", {"item": row.id})
        seat = waiting.seats.get(row.id)
        if (seat is not None) != signed.get(row.token, False) or seat not in (None, row.token):
            yield DoctorFinding(act.instance.id, "signing.rows", {"item": row.id})
    can_sign = {row.token for row in rows if row.state == "open"}
    for row in rows:
        if row.state == "pending" and row.token not in can_sign and row.token not in act.progress.failed:
            yield DoctorFinding(act.instance.id, "signing.rows", {"item": row.id})


def _messages(unit: Unit) -> Iterator[DoctorFinding]:
    """Find deliveries that keep failing, start events of old versions, and keys that no running instance holds."""
    stuck = select(messages.c.id, messages.c.name, messages.c.error).where(messages.c.attempts >= STUCK)
    for row in unit.execute(stuck.order_by(messages.c.id)):
        yield DoctorFinding(None, "message.stuck", {"name": row.name, "reason": row.error})
    late = select(start_timers.c.element, start_timers.c.error).where(start_timers.c.attempts >= STUCK)
    for row in unit.execute(late):
        yield DoctorFinding(None, "message.stuck", {"name": row.element, "reason": row.error})
    definitions = tables.definitions.c
    last = select(definitions.process_id, func.max(definitions.id).label("id")).group_by(
        definitions.process_id
    )
    newest = {row.process_id: row.id for row in unit.execute(last)}
    for table in (subscriptions, start_timers):
        starts = select(table.c.process_id, table.c.definition_id, table.c.element)
        for row in unit.execute(starts.where(table.c.definition_id.is_not(None))):
            if newest.get(row.process_id) != row.definition_id:
                yield DoctorFinding(
                    None, "start.outdated", {"process": row.process_id, "element": row.element}
                )
    instances = tables.instances.c
    held = select(business_keys, instances.state).outerjoin(
        tables.instances, instances.id == business_keys.c.instance_id
    )
    for row in unit.execute(held):
        if row.state is None or row.state in _ENDED:
            yield DoctorFinding(row.instance_id, "key.orphan", {"key": row.key, "process": row.process_id})


def _inboxes(unit: Unit, waiting: _Waiting) -> Iterator[DoctorFinding]:
    """Compare the inbox with who may do the open items."""
    seen: dict[int, set[str]] = defaultdict(set)
    for row in unit.execute(select(tables.inbox.c.item_id, tables.inbox.c.principal)):
        seen[row.item_id].add(row.principal)
    for instance, items in waiting.items.items():
        for item in items:
            expected = seen_by(
                load_plain(item.candidates), item.assignee, item.drafter, item.handed_in_at is not None
            )
            if item.state == "pending":
                expected = []
            if seen.pop(item.id, set()) != set(expected):
                yield DoctorFinding(instance, "inbox.wrong", {"item": item.id})
    if seen:
        table = tables.work_items.c
        owners = select(table.id, table.instance_id).where(table.id.in_(sorted(seen)))
        known = {row.id: row.instance_id for row in unit.execute(owners)}
        for item in sorted(seen):
            yield DoctorFinding(known.get(item), "inbox.orphan", {"item": item})


def _documents(unit: Unit) -> Iterator[DoctorFinding]:
    """Compare each instance's recorded newest documents with the saved ones, and every body with its hash."""
    table, instances = tables.documents.c, tables.instances.c
    newest: dict[int, dict[str, int]] = defaultdict(dict)
    parts: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    keys = select(table.instance_id, table.scope, table.name, func.max(table.version).label("version"))
    whole = keys.where(table.item == 0)
    for row in unit.execute(whole.group_by(table.instance_id, table.scope, table.name)):
        newest[row.instance_id][f"{row.scope}/{row.name}"] = row.version
    signed = select(table.instance_id, table.scope, table.name, table.item).where(table.item > 0).distinct()
    for row in unit.execute(signed):
        parts[row.instance_id][f"{row.scope}/{row.name}"].add(row.item)
    for row in unit.execute(select(instances.id, instances.progress)):
        progress = load_plain(row.progress)
        heads = {key: head[0] for key, head in progress["documents"].items()}
        here, there = progress.get("parts", {}), parts.get(row.id, {})
        known = here.keys() == there.keys() and all(set(here[key]) <= there[key] for key in here)
        if heads != newest.get(row.id, {}) or not known:
            yield DoctorFinding(row.id, "document.head")
    bodies = select(table.instance_id, table.name, table.version, table.body, table.sha256)
    for row in unit.execute(bodies.execution_options(yield_per=500)):
        if row.body is not None and digest(row.body) != row.sha256:
            yield DoctorFinding(
                row.instance_id, "document.hash", {"document": row.name, "version": row.version}
            )
