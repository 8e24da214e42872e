"""Migrating one instance to another version of its process: its tokens, its rows, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update

from engine import tables
from engine.bpmn.model import ServiceTask, UserTask
from engine.catalogue import Process
from engine.commands import snapshots, standing, writer
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.commands.loading import load_instance, token_of
from engine.commands.ports import Ports
from engine.commands.standing import Place
from engine.commands.waiting import new_items
from engine.database import Unit
from engine.errors import ExecutionError, Refused
from engine.history import Entry
from engine.runtime.definition import node_name
from engine.runtime.migrating import carry_over, propose
from engine.tables import subscriptions
from engine.values import dump_json, load_plain

_items, _jobs = tables.work_items.c, tables.jobs.c
_all_items = select(tables.work_items).where(_items.instance_id == bindparam("instance"))
_place = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(definition_id=bindparam("definition"), element=bindparam("named"), step=bindparam("label"))
)
_assign = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(candidates=bindparam("who"), assignee=bindparam("holder"), version=_items.version + 1)
)
_version = (
    update(tables.instances)
    .where(tables.instances.c.id == bindparam("key"))
    .values(definition_id=bindparam("definition"))
)
#: The tables whose rows name the element that a token waits at.
_NAMING = (tables.inbox, tables.jobs, tables.incidents, subscriptions)


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """How instances of one version become instances of another.

    ``mapping`` gives for each element of the old version (``process#element``) the one that stands for it, None for
    none. ``derive`` are elements of the new version whose open work items get the candidates that the new version
    names; all others keep theirs. Everybody may change a plan before it is carried out.
    """

    process_id: str
    source: int
    target: int
    mapping: Mapping[str, str | None]
    derive: frozenset[str] = frozenset()

    def dump(self) -> str:
        """Return it as JSON."""
        return dump_json(
            {
                "process_id": self.process_id,
                "source": self.source,
                "target": self.target,
                "mapping": dict(self.mapping),
                "derive": sorted(self.derive),
            }
        )

    @classmethod
    def load(cls, text: str) -> MigrationPlan:
        """Read what :meth:`dump` wrote."""
        found = load_plain(text)
        return cls(**{**found, "derive": frozenset(found["derive"])})


@dataclass(frozen=True, slots=True)
class Choice:
    """An element of the old version by its name in a plan, and the elements of the new one that may stand for it.

    ``alike`` are (name, label) of those of its kind; ``has_items`` tells whether work items wait at it.
    """

    name: str
    label: str
    kind: str
    alike: tuple[tuple[str, str], ...]
    has_items: bool


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one instance: where its tokens go, or the ``refusal`` code with ``params``."""

    instance_id: int
    moves: Mapping[str, str] = field(default_factory=dict)
    refusal: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


def plan(ports: Ports, unit: Unit, process_id: str, source: int, target: int) -> MigrationPlan:
    """Propose a plan from version ``source`` to ``target``; raises :class:`NotFound` and :class:`Refused`.

    Elements are matched by their id, then by kind and name; work items are derived anew where the new version assigns
    the step to others or gives it another form.
    """
    if source == target:
        raise Refused("migrate.same")
    old, new = (ports.catalogue.find(unit, process_id, version) for version in (source, target))
    mapping = propose(old.definition, new.definition)
    derive = {
        name for before, name in mapping.items() if name is not None and _reassigned(old, new, before, name)
    }
    return MigrationPlan(process_id, source, target, mapping, frozenset(derive))


def choices(ports: Ports, unit: Unit, plan: MigrationPlan) -> list[Choice]:
    """Return for each element of a plan what it may be mapped to, in the order of the file."""
    old, new = (
        ports.catalogue.find(unit, plan.process_id, version) for version in (plan.source, plan.target)
    )
    after = [
        (node_name(process, element.id), element)
        for process in new.definition.processes
        for element in new.model(process).elements.values()
    ]
    return [
        Choice(
            node_name(process, element.id),
            element.label,
            element.kind,
            tuple((name, other.label) for name, other in after if other.kind == element.kind),
            isinstance(element, UserTask),
        )
        for process in old.definition.processes
        for element in old.model(process).elements.values()
        if node_name(process, element.id) in plan.mapping
    ]


def migrate(
    ports: Ports, unit: Unit, wanted: MigrationPlan, instance_id: int, actor: str
) -> tuple[Fate, int, str]:
    """Migrate an instance inside a transaction; return its fate, its version now, and its rows before.

    Raises :class:`Refused` ``migrate.*`` where it can't be; the transaction must then be undone.
    """
    before = load_instance(ports, unit, instance_id, actor)
    old, new = (ports.catalogue.find(unit, wanted.process_id, one) for one in (wanted.source, wanted.target))
    if before.process.id != old.id:
        raise Refused("migrate.other_version", version=before.process.version)
    if before.execution.ended:
        raise Refused("migrate.ended")
    _sensible(wanted, old, new)
    rows = snapshots.take(unit, instance_id)
    act = Act(ports, unit, new, before.instance, before.scopes, before.progress, actor)
    try:
        act.execution, gone = carry_over(before.execution, new.definition, wanted.mapping, act)
        _merge(before, act, gone)
        renamed = _rename(unit, act, wanted, old)
        _derive(unit, act, wanted)
        act.execution.run()
    except ExecutionError as error:
        raise Refused(error.code, **error.params) from error
    if act.changes.incidents:
        failed = next(iter(act.changes.incidents.values()))
        raise Refused(failed.code, **failed.params)
    unit.execute(_version, {"key": instance_id, "definition": new.id})
    body: dict[str, Any] = {"from_version": wanted.source, "to_version": wanted.target}
    if renamed:
        body["renamed"] = renamed
    act.entries.insert(0, Entry("instance.migrated", actor, act.now, None, body))
    writer.write(unit, [act])
    if act.progress.suspended is not None:
        begun = (_jobs.instance_id == instance_id) & (_jobs.state == "open")
        unit.execute(update(tables.jobs).where(begun).values(state="suspended"))
    return Fate(instance_id, _moves(before, act)), act.instance.version + 1, rows


def undo(
    ports: Ports, unit: Unit, wanted: MigrationPlan, instance_id: int, version: int, rows: str, actor: str
) -> None:
    """Put an instance back into the state before its migration; raises :class:`Refused` where it went on since."""
    act = load_instance(ports, unit, instance_id, actor)
    if act.instance.version != version:
        raise Refused("migrate.touched")
    inverse = {new: old for old, new in wanted.mapping.items() if new is not None and new != old}
    snapshots.restore(unit, instance_id, rows)
    back = load_instance(ports, unit, instance_id, actor)
    body: dict[str, Any] = {"from_version": wanted.target, "to_version": wanted.source}
    if inverse:
        body["renamed"] = inverse
    back.entries.append(Entry("migration.undone", actor, back.now, None, body))
    writer.write(unit, [back])


def _reassigned(old: Process, new: Process, before: str, name: str) -> bool:
    """Whether the new version assigns a step to others, or gives it another form."""
    one, other = _element(old, before), _element(new, name)
    if not isinstance(one, UserTask) or not isinstance(other, UserTask):
        return False
    mine, theirs = (
        [
            getattr(value, "text", None)
            for value in (step.assignee, step.candidate_groups, step.candidate_users)
        ]
        for step in (one, other)
    )
    return mine != theirs or _form(old, one) != _form(new, other)


def _form(process: Process, step: UserTask) -> bytes | None:
    form = process.forms.get(step.form_id or "")
    return None if form is None else form.source


def _element(process: Process, name: str) -> Any:
    process_id, _, element = name.partition("#")
    compiled = process.definition.processes.get(process_id)
    return None if compiled is None else compiled.model.elements.get(element)


def _sensible(wanted: MigrationPlan, old: Process, new: Process) -> None:
    """Raise :class:`Refused` for a plan that names what isn't there."""
    for before, name in wanted.mapping.items():
        if _element(old, before) is None or (name is not None and _element(new, name) is None):
            raise Refused("migrate.bad_plan", element=before if _element(old, before) is None else name)
    for name in wanted.derive:
        if not isinstance(_element(new, name), UserTask):
            raise Refused("migrate.bad_plan", element=name)


def _merge(before: Act, act: Act, gone: Mapping[int, int]) -> None:
    """Give the variables of sub-processes that are gone to the scopes in which their contents are now, and let what is
    in a new one see through it to what is around.
    """
    for scope, around in gone.items():
        while around in gone:
            around = gone[around]
        left = act.scopes.find(scope)
        act.scopes.close(scope)
        for name, value in (left.values if left is not None else {}).items():
            act.scopes.scopes[around].values.setdefault(name, value)
    was = {token.id: token.scope for token in before.execution.tokens()}
    for token in act.execution.tokens():
        if token.id in act.scopes.scopes and was.get(token.id, token.scope) != token.scope:
            act.scopes.scopes[token.id].parent = token.scope
    act.scopes.changed = True


def _rename(unit: Unit, act: Act, wanted: MigrationPlan, old: Process) -> dict[str, str]:
    """Let all rows and counts name the elements of the new version; return what has another id now."""
    processes = {definition: name for name, definition in old.versions.items()}
    for row in unit.execute(_all_items, {"instance": act.instance.id}).all():
        process_id = processes.get(row.definition_id)
        name = wanted.mapping.get(node_name(process_id, row.element)) if process_id is not None else None
        element = _element(act.process, name) if name is not None else None
        if name is None or element is None:
            continue
        label = element.label[:300] if row.state in ("open", "pending") else row.step
        definition = act.process.versions[name.partition("#")[0]]
        unit.execute(_place, {"key": row.id, "definition": definition, "named": element.id, "label": label})
    renamed = {old: new for old, new in wanted.mapping.items() if new is not None and new != old}
    ids = {one.partition("#")[2]: other.partition("#")[2] for one, other in renamed.items()}
    for table in _NAMING:
        for one, other in ids.items():
            mine = (table.c.instance_id == act.instance.id) & (table.c.element == one)
            unit.execute(update(table).where(mine).values(element=other))
    act.progress.rename(ids)
    types = {
        token.id: token.element.type
        for token in act.execution.waiting()
        if isinstance(token.element, ServiceTask) and token.id not in act.changes.withdrawn
    }
    for token, type in types.items():
        mine = (_jobs.instance_id == act.instance.id) & (_jobs.token == token) & (_jobs.kind != "timer")
        unit.execute(update(tables.jobs).where(mine & (_jobs.type != type)).values(type=type))
    return renamed


def _derive(unit: Unit, act: Act, wanted: MigrationPlan) -> None:
    """Work out anew who the open items of the plan's ``derive`` are for; who holds one and still may keeps it."""
    for row in unit.execute(_all_items.where(_items.state == "open"), {"instance": act.instance.id}).all():
        process_id = next((name for name, id in act.process.versions.items() if id == row.definition_id), "")
        token = token_of(act, row.token) if node_name(process_id, row.element) in wanted.derive else None
        if token is None or not isinstance(token.element, UserTask) or token.element.signing is not None:
            continue
        counted = dict(act.progress.starts)
        (item,) = new_items(act, token, token.element)
        act.progress.starts = counted
        holder = row.assignee if row.assignee and row.assignee in item.candidates else item.assignee
        who = {"key": row.id, "who": dump_json(item.candidates), "holder": holder}
        unit.execute(_assign, who)
        unit.execute(tables.inbox.delete().where(tables.inbox.c.item_id == row.id))
        drafting = row.drafter, row.handed_in_at is not None
        seen = seen_by(item.candidates, holder, *drafting)
        place = Place(token.element.id, row.due_at, row.created_at, row.priority, row.urgent_at)
        unit.execute(tables.inbox.insert(), standing.rows(row.id, seen, act, place))


def _moves(before: Act, act: Act) -> dict[str, str]:
    """Return where the open places of an instance are now: old element → new one."""
    after = {token.id: token.element.id for token in act.execution.tokens()}
    return {token.element.id: after[token.id] for token in before.execution.tokens() if token.id in after}
