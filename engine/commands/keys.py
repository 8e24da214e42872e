"""Business keys that only one running instance of a process may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from engine.catalogue import Process
from engine.database import Unit
from engine.errors import Conflict
from engine.tables import business_keys

if TYPE_CHECKING:
    from engine.commands.act import Act

_holder = select(business_keys.c.instance_id).where(
    business_keys.c.process_id == bindparam("process"), business_keys.c.key == bindparam("key")
)
_free = delete(business_keys).where(business_keys.c.instance_id == bindparam("instance"))


def is_unique(process: Process) -> bool:
    """Tell whether the file asks that each instance has a business key of its own (property ``unique-key``)."""
    return process.definition.model.properties.get("unique-key", "").strip() == "true"


def take(unit: Unit, process: Process, key: str, instance: int) -> None:
    """Reserve a key for a new instance; raises :class:`Conflict` where a running one has it.

    Two that start at once collide in the database; the second is run again and finds the first.
    """
    holder = unit.execute(_holder, {"process": process.process_id, "key": key}).scalar()
    if holder is not None:
        raise Conflict("start.key_taken", process=process.name, key=key, instance=holder)
    row = {"process_id": process.process_id, "key": key, "instance_id": instance}
    unit.execute(insert(business_keys), row)


def free(unit: Unit, act: Act) -> None:
    """Give back the key of an instance that has ended."""
    if act.instance.business_key is None:
        return
    model = act.process.definition.model
    if is_unique(act.process) or model.awaited_starts():
        unit.execute(_free, {"instance": act.instance.id})
