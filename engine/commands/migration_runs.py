"""A migration of many instances: the list of them, each its own transaction, what became of each, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, select, update

from engine import tables
from engine.catalogue import Process
from engine.commands import informing, migrating
from engine.commands.migrating import Fate, MigrationPlan
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import BihuanError, NotFound, Refused
from engine.tables import migrated, migrations
from engine.values import dump_json, load_plain

WAITING, DONE, REFUSED, UNDONE = "waiting", "done", "refused", "undone"
#: It is to be put back; ``params`` say on whose word.
UNDOING = "undoing"

_one = (migrated.c.migration_id == bindparam("run")) & (migrated.c.instance_id == bindparam("instance"))
_result = select(migrated).where(_one)
_write = update(migrated).where(_one)
_next = (
    select(migrated.c.instance_id)
    .where(migrated.c.migration_id == bindparam("run"), migrated.c.state.in_((WAITING, UNDOING)))
    .order_by(migrated.c.instance_id)
    .limit(1)
)
_counts = (
    select(migrated.c.state, func.count().label("number"))
    .where(migrated.c.migration_id == bindparam("run"))
    .group_by(migrated.c.state)
)
_waits = exists().where(migrated.c.migration_id == migrations.c.id, migrated.c.state.in_((WAITING, UNDOING)))
_finish = (
    update(migrations)
    .where(migrations.c.id == bindparam("run"), migrations.c.finished_at.is_(None), ~_waits)
    .values(finished_at=bindparam("now"))
)
_unfinished = (
    select(migrations.c.id).where(migrations.c.finished_at.is_(None)).order_by(migrations.c.id).limit(1)
)


@dataclass(frozen=True, slots=True)
class MigrationRun:
    """How far a migration is: how many instances wait, are done, were refused, were put back, are to be put back."""

    id: int
    plan: MigrationPlan
    actor: str
    asked_at: datetime
    finished_at: datetime | None
    waiting: int
    done: int
    refused: int
    undone: int
    undoing: int = 0

    @property
    def left(self) -> int:
        """How many instances wait for their turn, to be migrated or to be put back."""
        return self.waiting + self.undoing

    @property
    def total(self) -> int:
        """How many instances were asked for."""
        return self.left + self.done + self.refused + self.undone


def instances_of(ports: Ports, unit: Unit, plan: MigrationPlan) -> list[int]:
    """Return the running instances of a plan's old version."""
    process = ports.catalogue.find(unit, plan.process_id, plan.source)
    table = tables.instances.c
    query = (
        select(table.id).where(table.definition_id == process.id, table.ended_at.is_(None)).order_by(table.id)
    )
    return list(unit.execute(query).scalars())


def begin(ports: Ports, unit: Unit, plan: MigrationPlan, instances: Sequence[int] | None, actor: str) -> int:
    """Note what is to be migrated: these instances, or all running ones of the old version; return the run's id."""
    source, target = _versions(ports, unit, plan)
    wanted = instances_of(ports, unit, plan) if instances is None else sorted(set(instances))
    known = set(
        unit.execute(select(tables.instances.c.id).where(tables.instances.c.id.in_(wanted))).scalars()
    )
    for instance in wanted:
        if instance not in known:
            raise NotFound("instance.unknown", instance=instance)
    now = ports.clock.now()
    row = {
        "process_id": plan.process_id,
        "source_id": source.id,
        "target_id": target.id,
        "plan": plan.dump(),
        "actor": actor,
        "asked_at": now,
        "finished_at": None if wanted else now,
    }
    run = int(unit.execute(insert(migrations).returning(migrations.c.id), row).scalar_one())
    if wanted:
        rows = [{"migration_id": run, "instance_id": instance, "state": WAITING} for instance in wanted]
        unit.execute(insert(migrated), rows)
    return run


def next_of(unit: Unit, run: int) -> int | None:
    """Return the next instance of a run that waits for its turn."""
    found: int | None = unit.execute(_next, {"run": run}).scalar()
    return found


def unfinished(unit: Unit) -> int | None:
    """Return the oldest run that isn't finished."""
    found: int | None = unit.execute(_unfinished).scalar()
    return found


def ask_undo(unit: Unit, run: int, actor: str) -> int:
    """Note that all instances of a run that were migrated are to be put back; return how many. Raises :class:`NotFound`."""
    _head(unit, run)
    rows = update(migrated).where(migrated.c.migration_id == run, migrated.c.state == DONE)
    count: int = unit.execute(rows.values(state=UNDOING, code=None, params=dump_json({"by": actor}))).rowcount
    if count:
        unit.execute(update(migrations).where(migrations.c.id == run).values(finished_at=None))
    return count


def step(ports: Ports, unit: Unit, run: int, instance: int) -> None:
    """Migrate an instance of a run, or put it back, as is noted for it; raises where that can't be."""
    row = unit.execute(_result, {"run": run, "instance": instance}).first()
    if row is not None and row.state == UNDOING:
        undo(ports, unit, run, instance, load_plain(row.params)["by"])
    else:
        migrate(ports, unit, run, instance)


def migrate(ports: Ports, unit: Unit, run: int, instance: int) -> bool:
    """Migrate one instance of a run in this transaction; tell whether it still waited for that.

    Raises :class:`BihuanError` where it can't be; :func:`refuse` notes that in a transaction of its own.
    """
    row = unit.execute(_result.with_for_update(), {"run": run, "instance": instance}).first()
    if row is None or row.state != WAITING:
        return False
    head = _head(unit, run)
    _, version, before = migrating.migrate(ports, unit, MigrationPlan.load(head.plan), instance, head.actor)
    unit.execute(
        _write.values(state=DONE, version=version, before=before), {"run": run, "instance": instance}
    )
    finish(ports, unit, run)
    return True


def refuse(ports: Ports, unit: Unit, run: int, instance: int, error: BihuanError) -> None:
    """Note that an instance of a run can't be migrated, or stays migrated, and why."""
    why = {"code": error.code[:100], "params": dump_json(_plain(error.params))}
    for now, then in ((WAITING, REFUSED), (UNDOING, DONE)):
        noted = _write.where(migrated.c.state == now).values(state=then, **why)
        unit.execute(noted, {"run": run, "instance": instance})
    finish(ports, unit, run)


def undo(ports: Ports, unit: Unit, run: int, instance: int, actor: str) -> None:
    """Put an instance of a run back; raises :class:`Refused` where it was touched since, or wasn't migrated."""
    row = unit.execute(_result.with_for_update(), {"run": run, "instance": instance}).first()
    if row is None or row.state not in (DONE, UNDOING) or row.before is None:
        raise Refused("migrate.not_done", instance=instance)
    plan = MigrationPlan.load(_head(unit, run).plan)
    migrating.undo(ports, unit, plan, instance, row.version, row.before, actor)
    undone = {"state": UNDONE, "before": None, "code": None, "params": None}
    unit.execute(_write.values(undone), {"run": run, "instance": instance})
    if row.state == UNDOING:
        finish(ports, unit, run)


def done(unit: Unit, run: int) -> list[int]:
    """Return the instances of a run that were migrated."""
    query = select(migrated.c.instance_id).where(migrated.c.migration_id == run, migrated.c.state == DONE)
    return list(unit.execute(query.order_by(migrated.c.instance_id)).scalars())


def refusals(unit: Unit, run: int) -> list[Fate]:
    """Return the instances of a run that could not be migrated, or not be put back, each with the reason."""
    query = select(migrated).where(migrated.c.migration_id == run, migrated.c.code.is_not(None))
    return [
        Fate(row.instance_id, {}, row.code, load_plain(row.params or "{}"))
        for row in unit.execute(query.order_by(migrated.c.instance_id))
    ]


def view(unit: Unit, run: int) -> MigrationRun:
    """Return how far a run is; raises :class:`NotFound`."""
    head = _head(unit, run)
    counts: dict[str, int] = {row.state: row.number for row in unit.execute(_counts, {"run": run})}
    numbers = (counts.get(state, 0) for state in (WAITING, DONE, REFUSED, UNDONE, UNDOING))
    return MigrationRun(
        run, MigrationPlan.load(head.plan), head.actor, head.asked_at, head.finished_at, *numbers
    )


def recent(unit: Unit, limit: int) -> list[MigrationRun]:
    """Return the last runs, the newest first."""
    query = select(migrations.c.id).order_by(migrations.c.id.desc()).limit(limit)
    return [view(unit, run) for run in unit.execute(query).scalars().all()]


def _head(unit: Unit, run: int) -> Any:
    row = unit.execute(select(migrations).where(migrations.c.id == run)).first()
    if row is None:
        raise NotFound("migrate.unknown", migration=run)
    return row


def finish(ports: Ports, unit: Unit, run: int) -> None:
    """Finish a run of which no instance waits any more, and tell whoever asked for it how it went.

    Two workers that do the last two instances at once don't see each other's: whoever looks at the run next finishes it.
    """
    now = ports.clock.now()
    if unit.execute(_finish, {"run": run, "now": now}).rowcount != 1:
        return
    found = view(unit, run)
    if found.actor.startswith("user:"):
        params = {"done": found.done, "refused": found.refused}
        informing.finished(unit, found.actor, "tell.migration", params, f"/operate/migrations/{run}", now)


def _versions(ports: Ports, unit: Unit, plan: MigrationPlan) -> tuple[Process, Process]:
    return (
        ports.catalogue.find(unit, plan.process_id, plan.source),
        ports.catalogue.find(unit, plan.process_id, plan.target),
    )


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (str, int)) else str(value) for name, value in params.items()}
