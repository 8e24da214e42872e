"""Who a user task is for: whom the file names, and what it says where that fits nobody, or somebody it should not.

The rules are the properties ``on-empty`` (nobody who is there today), ``on-initiator`` (it names who started the case),
``on-repeat`` (it names who did the step just before) and ``on-separated`` (whomever it names did a step of
``separate-from``): ``skip`` passes the step over, ``incident`` stops before it, anything else names who does it instead.
Without a rule, nobody is an incident and the other three are no matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import UserTask, Value
from engine.calendar import ZONE
from engine.commands.assignment import principals
from engine.errors import ExecutionError
from engine.holders import others, staffed, unheld
from engine.identity import SYSTEM
from engine.runtime import Token

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.scopes import Names

SKIP, INCIDENT = "skip", "incident"

Named = tuple[list[str], list[str]]


class Skipped(Exception):
    """The step, or one signer's part of it, is passed over; ``reason`` is the rule that says so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def assigned(act: Act, token: Token, element: UserTask, local: Mapping[str, Any] | None = None) -> Named:
    """Return the assignees and the candidates; who started the case where the file names nobody.

    A step that names nobody in a case that no person started is for nobody, unless nobody has posts at all, as in a play.
    Raises :class:`ExecutionError` where nobody fits, and :class:`Skipped`.
    """
    names = act.names(token, local)
    assignees = _principals(act, element.assignee, names, element, "user:")
    candidates = [
        *_principals(act, element.candidate_users, names, element, "user:"),
        *_principals(act, element.candidate_groups, names, element, "role:"),
    ]
    says = element.assignee or element.candidate_users or element.candidate_groups
    if not says and (act.instance.initiator.startswith("user:") or not staffed(act.unit)):
        return [], [act.instance.initiator]
    if _nobody(act, element, (assignees, candidates)):
        if element.on_empty is None:
            raise ExecutionError("task.nobody", element.id)
        assignees, candidates = [], _instead(act, element, "on-empty", element.on_empty, names)
    if element.on_initiator is not None:
        who = act.instance.initiator
        assignees, candidates = _without(
            act, element, "on-initiator", element.on_initiator, names, who, (assignees, candidates)
        )
    if element.on_repeat is not None and act.finished_by is not None:
        assignees, candidates = _without(
            act, element, "on-repeat", element.on_repeat, names, act.finished_by, (assignees, candidates)
        )
    if element.on_separated is not None:
        each = element.signing is not None and local is None
        assignees, candidates = _apart(
            act, element, element.on_separated, names, (assignees, candidates), each=each
        )
    return assignees, candidates


def _nobody(act: Act, element: UserTask, named: Named) -> bool:
    """Whether a step is for nobody: the file names nobody, or with ``on-empty`` only roles that nobody holds today.

    Without ``on-empty`` such a step waits for whoever gets the post.
    """
    found = [*named[0], *named[1]]
    if not found:
        return True
    return element.on_empty is not None and not _present(act, found)


def _present(act: Act, principals: list[str]) -> bool:
    today = act.now.astimezone(ZONE).date()
    return len(unheld(act.unit, principals, today)) < len(set(principals))


def pool(assignees: list[str], candidates: list[str]) -> tuple[list[str], str | None]:
    """Return the candidates and the assignee: one person who is named as assignee holds the item at once."""
    if len(assignees) == 1 and assignees[0].startswith("user:"):
        return candidates, assignees[0]
    return list(dict.fromkeys([*assignees, *candidates])), None


def _without(
    act: Act, element: UserTask, rule: str, value: Value, names: Names, person: str, named: Named
) -> Named:
    """Return who is left when a person is not to do it; where the step was theirs alone the rule says who does."""
    assignees, candidates = named
    if person not in assignees and person not in candidates:
        return named
    rest = [one for one in assignees if one != person], [one for one in candidates if one != person]
    theirs_alone = assignees == [person] or not any(rest)
    return ([], _instead(act, element, rule, value, names)) if theirs_alone else rest


def _apart(act: Act, element: UserTask, value: Value, names: Names, named: Named, *, each: bool) -> Named:
    """Return who does a step instead of those who did one that it is kept apart from: the first of those whom the rule
    names, in their order, who is somebody else.

    ``each`` replaces every single signer of whom that is true; else somebody who is left does it. What nobody holds today
    waits for whoever gets the post.
    """
    doers = {one for other in element.separate_from for one in act.progress.doers.get(other, ())}
    if not doers:
        return named
    today = act.now.astimezone(ZONE).date()
    assignees, candidates = named
    free = others(act.unit, [*assignees, *candidates], doers, today)
    if all(free.values()) or (any(free.values()) and not each):
        return named
    if value.literal == SKIP:
        raise Skipped("on-separated")
    found = [] if value.literal == INCIDENT else _principals(act, value, names, element, "user:")
    present = others(act.unit, found, doers, today)
    instead = next((one for one in found if present.get(one)), None)
    if instead is None:
        raise ExecutionError("task.on_separated", element.id)
    if not each:
        return [], [instead]

    def signers(those: list[str]) -> list[str]:
        return list(dict.fromkeys(one if free.get(one, True) else instead for one in those))

    return signers(assignees), signers(candidates)


def _instead(act: Act, element: UserTask, rule: str, value: Value, names: Names) -> list[str]:
    if value.literal == SKIP:
        raise Skipped(rule)
    found = [] if value.literal == INCIDENT else _principals(act, value, names, element, "user:")
    if not found or not _present(act, found):
        raise ExecutionError(f"task.{rule.replace('-', '_')}", element.id)
    return found


def _principals(act: Act, value: Value | None, names: Names, element: UserTask, prefix: str) -> list[str]:
    if value is None:
        return []
    try:
        found = principals(act.value(value, names, element.id), prefix)
        return [
            one for one in found if one != SYSTEM.principal
        ]  # nobody can do what is for the engine itself
    except TypeError as error:
        raise ExecutionError("task.bad_assignment", element.id, type=str(error)) from None
