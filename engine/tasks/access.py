"""Who may do what with a work item: pure decisions over its row and the actor's principals."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from engine.bpmn.model import UserTask
from engine.commands.assignment import seen_by
from engine.commands.progress import Progress
from engine.errors import BihuanError, Forbidden, NotFound
from engine.identity import SYSTEM, Actor
from engine.posts import acting_as

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.loading import Item

OPERATIONS = (
    "complete",
    "save_draft",
    "claim",
    "unclaim",
    "assign_out",
    "hand_in",
    "attach",
    "return",
    "transfer",
    "delegate",
    "hand_back",
    "add_signer",
    "remove_signer",
    "acknowledge",
    "extend",
)
#: What somebody who was only asked for their opinion may do with an item.
_ASKED = frozenset({"complete", "save_draft", "attach", "hand_back", "acknowledge"})


class Held(Protocol):
    """In whose hands something is."""

    @property
    def candidates(self) -> list[str]:
        """The principals who may take it."""

    @property
    def assignee(self) -> str | None:
        """Whose it is by name."""


class ItemRow(Protocol):
    """What of a work item's row decides."""

    state: str
    candidates: list[str]
    assignee: str | None
    drafter: str | None
    handed_in_at: datetime | None
    delegated_by: str | None
    acknowledged_at: datetime | None
    due_at: datetime | None


def holds(item: ItemRow, actor: Actor) -> bool:
    """Whether the item is the actor's to decide: theirs by name, or open to one of their principals."""
    return _holds(item, actor.principals)


def _holds(item: Held, principals: Collection[str]) -> bool:
    if item.assignee:
        return item.assignee in principals
    return any(one in principals for one in item.candidates)


def acting_for(item: Held, actor: Actor) -> str | None:
    """Return for whom the actor does an item as a substitute; None where they do it for themself."""
    if not actor.own or _holds(item, actor.own):
        return None
    return next((one.principal for one in actor.stands_in if _holds(item, one.principals)), None)


def represent(act: Act, item: Item, actor: Actor) -> None:
    """Let an act on an item know for whom the actor does it, and in which post."""
    act.behalf = acting_for(item, actor)
    act.post = acting_as(actor, item.candidates, act.behalf)


def drafts(item: ItemRow, actor: Actor) -> bool:
    """Whether the actor is to draft the item for its holder."""
    return item.drafter == actor.principal and item.handed_in_at is None


def separated(element: UserTask, progress: Progress, *people: str | None) -> str | None:
    """Return the element that one of the people completed and that ``separate-from`` keeps apart from this one."""
    for other in element.separate_from:
        if not set(people).isdisjoint(progress.doers.get(other, ())):
            return other
    return None


def refusal(operation: str, item: ItemRow, element: UserTask, progress: Progress, actor: Actor) -> str | None:
    """Return None where the actor may do ``operation``, else the code of the reason."""
    if actor.no_business:
        return "admin.no_business"
    if item.state != "open":
        return f"item.{item.state}"
    if progress.suspended is not None and operation != "save_draft":
        return "instance.suspended"
    mine, drafting = holds(item, actor), drafts(item, actor)
    if operation in ("save_draft", "attach") and drafting:
        return None
    if operation == "hand_in":
        return None if drafting else "item.not_drafter"
    if operation == "hand_back" and item.delegated_by is not None and item.delegated_by in actor.principals:
        return None
    if not mine:
        if drafting:
            return "item.drafter_only"
        return "item.held" if item.assignee else "item.not_candidate"
    if item.delegated_by is not None:
        return None if operation in _ASKED else "item.only_asked"
    if separated(element, progress, actor.principal, acting_for(item, actor)) is not None:
        return "item.separated"
    return _unfit(operation, item, element)


def _unfit(operation: str, item: ItemRow, element: UserTask) -> str | None:
    """Return why an operation doesn't fit an item that is the actor's, or None."""
    match operation:
        case "return" if element.returning is None:
            return "return.none"
        case "claim" if item.assignee:
            return "item.already_claimed"
        case "unclaim" if not (item.assignee and item.candidates):
            return "item.not_claimed"
        case "assign_out" if element.drafters is None:
            return "item.no_drafters"
        case "hand_back":
            return "item.not_asked"
        case "remove_signer" if element.signing is None:
            return "signing.single"
        case "acknowledge" if item.acknowledged_at is not None:
            return "item.acknowledged_already"
        case "extend" if item.due_at is None:
            return "extend.no_due"
    return None


def refused(code: str, item: Item, act: Act, actor: Actor) -> BihuanError:
    """Return the error for a :func:`refusal`: who may not know of the item doesn't learn that there is one."""
    if not may_see(item, act.progress.participants, actor):
        return NotFound("item.unknown", item=item.id)
    if code == "instance.suspended":
        return act.suspension()
    return Forbidden(code, step=item.step)


def may_see(item: ItemRow, participants: Collection[str], actor: Actor) -> bool:
    """Whether the actor may know of this item of an instance with these participants; who may do no business may not."""
    if actor is SYSTEM:
        return True
    if actor.no_business:
        return False
    return not actor.principals.isdisjoint(participants) or not actor.principals.isdisjoint(
        seen_by(item.candidates, item.assignee, item.drafter, item.handed_in_at is not None)
    )
