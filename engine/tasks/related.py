"""Other cases about the same matter: of the same reference or business key, or of the same unit under the same name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from engine import tables
from engine.commands import notes
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import NotFound
from engine.identity import Actor
from engine.tasks.instance import load_seen

#: So many are told, the newest first, of as many times that number that are looked at.
MOST, _LOOKED_AT = 20, 3

_instances, _definitions = tables.instances.c, tables.definitions.c


@dataclass(frozen=True, slots=True)
class Related:
    """A case that has to do with another, and that the person may see."""

    instance_id: int
    process_id: str
    process_name: str
    subject: str | None
    reference: str | None
    unit: str | None
    amount: int | None
    state: str
    started_at: datetime
    ended_at: datetime | None


def related(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> list[Related]:
    """Return the other cases about the same matter that the actor may see, the newest first.

    Of those that they may not see they don't learn that there are any. Raises :class:`NotFound` for a case that they
    may not see itself.
    """
    act, _ = load_seen(ports, unit, instance_id, actor)
    columns, key = act.instance.columns, act.instance.business_key
    same = []
    if columns["reference"]:
        same.append(_instances.reference == columns["reference"])
    if key:
        same.append(_instances.business_key == key)
    if columns["unit"] and columns["subject"]:
        same.append(and_(_instances.unit == columns["unit"], _instances.subject == columns["subject"]))
    if not same:
        return []
    query = (
        select(
            _instances.id,
            _definitions.process_id,
            _definitions.name,
            _instances.subject,
            _instances.reference,
            _instances.unit,
            _instances.amount,
            _instances.state,
            _instances.started_at,
            _instances.ended_at,
        )
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .where(or_(*same), _instances.id != instance_id)
        .order_by(_instances.started_at.desc(), _instances.id.desc())
        .limit(MOST * _LOOKED_AT)
    )
    found: list[Related] = []
    for row in unit.execute(query).all():
        if len(found) < MOST and _sees(ports, unit, row.id, actor):
            found.append(Related(*tuple(row)))
    return found


def _sees(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> bool:
    try:
        act = load_instance(ports, unit, instance_id, actor.principal, lock=False)
    except NotFound:
        return False
    return notes.sees(unit, act, actor.within(act.process.process_id))
