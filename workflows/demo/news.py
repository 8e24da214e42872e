"""What people of the demo county told one another: copies for the head of the bureau, who follows one of the cases."""

from __future__ import annotations

from collections.abc import Iterable

from engine import InboxQuery
from engine.engine import Engine
from workflows.demo.register import Person

#: So many of the sections' chiefs let the head of the bureau know of a case.
_CHIEFS = 3
_TEXT = "该项目资金量较大，请局长知悉。"


def spread(engine: Engine, people: Iterable[Person]) -> None:
    """Copy a case of each of some sections to the head of the bureau; the first of them is followed."""
    everybody = list(people)
    leader = next(person.id for person in everybody if person.role == "bureau_leader")
    chiefs = [person.id for person in everybody if person.role == "section_chief"]
    copied: list[int] = []
    for chief in chiefs:
        actor = engine.actor(chief)
        done = engine.done(actor, InboxQuery(limit=1, sort="newest")).rows
        if done and len(copied) < _CHIEFS:
            engine.copy(done[0].instance_id, actor=actor, to=[leader], text=_TEXT)
            copied.append(done[0].instance_id)
    for instance in copied[:1]:
        engine.follow(instance, actor=engine.actor(leader))
