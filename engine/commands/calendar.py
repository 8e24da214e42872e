"""Takes over a county's official working days, and sets anew the due times that had been guessed for want of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine import history, tables
from engine.bpmn.model import UserTask
from engine.commands import beginnings, signing, waiting, writer
from engine.commands.act import Act
from engine.commands.loading import load_instance, token_of
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import BihuanError, ExecutionError
from engine.history import Entry
from engine.tables import NEVER
from engine.values import iso


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed: how many items and timers have another due time now."""

    items: int
    timers: int


def import_days(ports: Ports, database: Database, days: Mapping[date, bool], actor: str) -> Imported:
    """Replace the calendar of the years in ``days`` (day → worked or not, those that differ from the week), and
    recompute every provisional due time, an instance a transaction. Raises :class:`BihuanError` for no days.
    """
    if not days:
        raise BihuanError("calendar.empty")
    database.retry(lambda unit: _replace(unit, days, actor, ports.clock.now()))
    ports.forget_working_days()
    return recompute(ports, database, actor)


def recompute(ports: Ports, database: Database, actor: str) -> Imported:
    """Work out provisional due times again, from when their item or timer began."""
    with database.read() as unit:
        items, jobs = tables.work_items.c, tables.jobs.c
        found = set(
            unit.execute(
                select(items.instance_id).where(items.state == "open", items.due_provisional)
            ).scalars()
        )
        found |= set(unit.execute(select(jobs.instance_id).where(jobs.due_provisional)).scalars())
    changed = [
        database.retry(lambda unit, id=id: _instance(ports, unit, id, actor))  # type: ignore[misc]
        for id in sorted(found)
    ]
    starts = database.retry(lambda unit: beginnings.recompute(ports, unit, actor))
    return Imported(sum(one.items for one in changed), sum(one.timers for one in changed) + starts)


def _replace(unit: Unit, days: Mapping[date, bool], actor: str, now: datetime) -> None:
    table = tables.working_days
    years = sorted({day.year for day in days})
    for year in years:
        inside = table.c.day.between(date(year, 1, 1), date(year, 12, 31))
        unit.execute(delete(table).where(inside))
    rows = [{"day": day, "working": working, "name": None} for day, working in sorted(days.items())]
    unit.execute(insert(table), rows)
    body = {"years": years, "days": {str(day): working for day, working in sorted(days.items())}}
    history.record(unit, "settings", Entry("calendar.imported", actor, now, body=body))


def _instance(ports: Ports, unit: Unit, instance_id: int, actor: str) -> Imported:
    act = load_instance(ports, unit, instance_id, actor)
    items = sum(_items(act))
    timers = sum(_timers(act))
    if act.entries:
        writer.write(unit, [act])
    return Imported(items, timers)


def _items(act: Act) -> Iterator[bool]:
    """Set the due times of an instance's open items anew; yield for each whether it changed."""
    table = tables.work_items
    mine = (table.c.instance_id == act.instance.id) & (table.c.state == "open") & table.c.due_provisional
    for row in act.unit.execute(select(table).where(mine)).all():
        token = token_of(act, row.token)
        if not isinstance(token.element, UserTask):
            continue
        signs = token.element.signing is not None
        local = signing.own_variables(act.unit, row.id) if signs else None
        try:
            with act.as_of(row.created_at):
                due = waiting.due_of(act, token, token.element, local)
        except ExecutionError:
            continue  # what it names is gone: the date that was worked out once stays
        provisional = due is not None and act.ports.working_days(act.unit).provisional(due)
        if due == row.due_at and provisional:
            continue
        values: dict[str, Any] = {"due_at": due, "due_provisional": provisional}
        act.unit.execute(update(table).where(table.c.id == row.id).values(values))
        inbox = update(tables.inbox).where(tables.inbox.c.item_id == row.id)
        act.unit.execute(inbox.values(due_at=due or NEVER))
        _note(act, row, due, {"item": row.id, "step": row.step})
        yield due != row.due_at


def _timers(act: Act) -> Iterator[bool]:
    """Set an instance's timers anew; a cycle goes on counting from its last time."""
    table = tables.jobs
    mine = (table.c.instance_id == act.instance.id) & (table.c.kind == "timer") & table.c.due_provisional
    for row in act.unit.execute(select(table).where(mine)).all():
        token = token_of(act, row.token)
        timer = token.element.timer
        due: datetime = row.due_at
        try:
            if timer is not None and row.cycle is None:
                with act.as_of(row.created_at):
                    due = waiting.new_timer(act, token, timer).due_at
        except ExecutionError:
            continue
        provisional = act.ports.working_days(act.unit).provisional(due)
        if due == row.due_at and provisional:
            continue
        values = {"due_at": due, "due_provisional": provisional}
        act.unit.execute(update(table).where(table.c.id == row.id).values(values))
        _note(act, row, due, {"step": token.element.label})
        yield due != row.due_at


def _note(act: Act, row: Any, due: datetime | None, body: Mapping[str, Any]) -> None:
    act.note("due.recomputed", row.element, {**body, "due": iso(due), "before": iso(row.due_at)})
