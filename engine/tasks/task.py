"""The view of one work item for one person: :func:`task`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from engine import feel, tables
from engine.bpmn.model import JOINT, UserTask
from engine.commands import asking, extending, moving, notes, returning, withdrawing
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.holding import drafters_of, people_of
from engine.commands.loading import Item, load_item, token_of
from engine.commands.ports import Ports
from engine.commands.progress import key_of
from engine.commands.secrecy import is_secret
from engine.commands.withdrawing import Prospect
from engine.database import Unit
from engine.errors import ExecutionError, Forbidden, NotFound
from engine.identity import Actor, name_of_principal, names
from engine.runtime import Token
from engine.tasks import offers, reading
from engine.tasks.access import OPERATIONS, drafts, holds, may_see, refusal
from engine.tasks.doers import acting, doer
from engine.tasks.signatures import signatures
from engine.tasks.views import (
    DocumentView,
    DraftView,
    EndedView,
    OutcomeView,
    PersonView,
    PinView,
    TargetView,
    TaskView,
)
from engine.values import load_json, load_plain

#: An item that is not completed can't be withdrawn.
NOT_DONE = Prospect(Forbidden("withdraw.not_yours"))


def task(ports: Ports, unit: Unit, item_id: int, actor: Actor) -> TaskView:
    """Return the view of a work item; raises :class:`NotFound` for one that the actor may not know of."""
    item, act = load_item(ports, unit, item_id, actor.principal, lock=False)
    return task_of(unit, item, act, actor)


def task_of(unit: Unit, item: Item, act: Act, actor: Actor) -> TaskView:
    """Return the view of a work item that was taken up already; raises as :func:`task` does."""
    actor = actor.within(act.process.process_id)
    if not may_see(item, act.progress.participants, actor):
        raise NotFound("item.unknown", item=item.id)
    return _Reading(unit, item, act, actor).view()


class _Reading:
    """One reading of a work item."""

    def __init__(self, unit: Unit, item: Item, act: Act, actor: Actor) -> None:
        self.unit = unit
        self.item = item
        self.act = act
        self.actor = actor
        self.element: UserTask = user_task(act, item)
        self.token: Token | None = token_of(act, item.token) if item.state == "open" else None
        self.scope = act.scopes.document_scope(self.token.scope) if self.token is not None else 0
        self.form = act.process.forms.get(self.element.form_id or "")
        #: Which of the signers' documents the answers become; 0 where all share one.
        self.part = item.item + 1 if self.element.signing not in (None, JOINT) else 0
        self.mine = item.state == "open" and (holds(item, actor) or drafts(item, actor))
        asked = extending.open_extensions(unit, instance_id=act.instance.id) if item.due_at else []
        self.extension = next((one for one in asked if one.item_id == item.id), None)
        self.prospect = (
            withdrawing.prospect(unit, act, item, actor) if item.state == "completed" else NOT_DONE
        )

    def view(self) -> TaskView:
        item, act, element = self.item, self.act, self.element
        columns = act.instance.columns
        pins = self.pins()
        shows = self.shows(pins)
        kept = self.kept()
        typists = self.typists()
        mine = [row for row in kept if row.person in typists]
        draft = mine[0] if mine else None
        own = self.own()
        answers = load_json(draft.answers) if draft is not None else {}
        if not answers and own is not None:
            answers = own.body
        can = {name: refusal(name, item, element, act.progress, self.actor) for name in OPERATIONS}
        if can["attach"] is None and is_secret(act):
            can["attach"] = "case.secret"
        targets = self.targets() if can["return"] is None else []
        if can["return"] is None and all(target.refusal for target in targets):
            can["return"] = targets[0].refusal if targets else "return.nowhere"
        more = self.more()
        can |= {name: None if error is None else error.code for name, error in more.items()}
        people = [
            one
            for one in (
                item.assignee,
                item.drafter,
                item.completed_by,
                item.completed_for,
                item.completed_as,
                *(row.person for row in kept),
            )
            if one
        ]
        known = names(self.unit, people)
        variables = self.variables()
        head = act.own_head(self.scope, element.saved_as, self.part)
        return TaskView(
            item_id=item.id,
            version=item.version,
            instance_id=act.instance.id,
            process_id=act.process.process_id,
            process_name=act.process.name,
            definition_version=act.process.version,
            element=element.id,
            step=item.step,
            state=item.state,
            round=item.round,
            priority=item.priority,
            subject=columns["subject"] or item.step,
            unit=columns["unit"],
            reference=columns["reference"],
            amount=columns["amount"],
            created_at=item.created_at,
            due_at=item.due_at,
            due_provisional=item.due_provisional,
            holder=known.get(item.assignee) if item.assignee else None,
            drafter=known.get(item.drafter) if item.drafter else None,
            form_id=self.form.id if self.form else None,
            form_source=self.form.source if self.form else None,
            editable=element.editable,
            answers=answers,
            draft_saved_at=draft.saved_at if draft else None,
            draft_by=known.get(draft.person, draft.person) if draft else None,
            draft_opinion=draft.opinion if draft else "",
            draft_revision=next((row.revision for row in mine if row.person == self.actor.principal), 0),
            document=element.saved_as if self.form else None,
            document_version=head.version if head else None,
            previous=own.body if own is not None and self.compares(pins) else None,
            shows=shows,
            variables=variables,
            outcomes=[_outcome(element, name) for name in element.outcomes],
            pins=pins,
            pins_document=element.pins,
            drafters=self.drafters() if can["assign_out"] is None else (),
            completed_at=item.completed_at,
            completed_by=known.get(item.completed_by) if item.completed_by else None,
            outcome=item.outcome,
            can=can,
            urgent=item.urgent_at is not None and item.urgent_at <= act.now,
            acknowledged_at=item.acknowledged_at,
            signing=element.signing.mode if element.signing is not None else None,
            signatures=signatures(self.unit, act, item, element, self.actor),
            targets=targets,
            asked=asking.waiting(act, item) if self.mine else (),
            documentation=element.documentation,
            figures=self.figures(variables),
            done_by=doer(known, item.completed_by, item.completed_as, item.completed_for)
            if item.completed_by
            else None,
            acting=acting(item, self.actor) if self.mine else None,
            because=self.because(can, more),
            following=notes.follows(self.unit, act.instance.id, self.actor),
            extension=self.extension,
            opened_by=self.called(self.prospect.opened_by),
            other_draft=_draft(mine[1], known) if len(mine) > 1 else None,
            also_drafting=[
                (known.get(row.person, row.person), row.saved_at) for row in kept if row.person not in typists
            ]
            if self.mine
            else (),
        )

    def more(self) -> offers.Offers:
        """Return what the person may do beside deciding the item: withdraw it, urge who has it, copy the case."""
        unit, act, item, actor = self.unit, self.act, self.item, self.actor
        found = offers.on_item(
            unit,
            act,
            item,
            self.element,
            actor,
            urged=notes.urged(unit, act, actor) if item.state == "open" else {},
            extension=self.extension,
            prospect=self.prospect,
        )
        found["extend"] = offers.cannot_extend(item, self.element, act, actor, self.extension)
        return found

    def because(self, can: Mapping[str, str | None], more: offers.Offers) -> dict[str, Mapping[str, Any]]:
        """Return what the reasons are filled in with."""
        item = self.item
        holder = item.assignee or item.completed_by or ""
        known = {"step": item.step, "by": "".join(self.called([holder])), "at": item.completed_at}
        if self.act.progress.suspended is not None:
            known |= self.act.suspension().params
        found: dict[str, Mapping[str, Any]] = {name: known for name, code in can.items() if code is not None}
        return found | {name: {**known, **error.params} for name, error in more.items() if error is not None}

    def called(self, principals: Sequence[str]) -> list[str]:
        """Return the names of people."""
        known = names(self.unit, principals) if principals else {}
        return [known.get(one, one) for one in principals]

    def targets(self) -> list[TargetView]:
        """Return the steps that the item could be returned to, each with whose open work would end."""
        found = returning.targets(self.unit, self.act, self.item, self.element)
        tokens = {token.id for target in found for token in target.move.cancelled}
        waiting = {row.token: row for row in moving.open_items(self.unit, self.act, sorted(tokens))}
        known = names(self.unit, [target.step.by for target in found])
        return [
            TargetView(
                target.step.element,
                target.step.step,
                known.get(target.step.by, target.step.by),
                [self.ended(token, waiting.get(token.id)) for token in target.move.cancelled],
                target.modes,
                target.refusal,
                target.params,
            )
            for target in found
        ]

    def ended(self, token: Token, row: Any) -> EndedView:
        """Return what would end at a token, and who has it."""
        if row is None:
            return EndedView(token.element.label, ())
        having = load_plain(row.candidates) if row.assignee is None else [row.assignee]
        known = names(self.unit, having)
        return EndedView(row.step, [name_of_principal(one, known) for one in having])

    def own(self) -> DocumentView | None:
        """Return the newest version of the document that this step saves, where the person may read it."""
        if not (self.mine or self.item.state != "open"):
            return None
        name = self.element.saved_as
        if self.part:
            found = reading.parts(self.act, self.actor, self.scope, name, self.part)
        else:
            found = reading.documents(self.act, self.actor, [(self.scope, name)])
        return found[0] if found else None

    def compares(self, pins: list[PinView]) -> bool:
        """Whether this is a later round, in which what changes is marked."""
        return self.item.round > 1 or any(pin.document == self.element.saved_as for pin in pins)

    def shows(self, pins: list[PinView]) -> list[DocumentView]:
        """Return the documents that the page shows, each with the version on which the person's step last spoke."""
        since = {name: self.since(name, pins) for name in self.element.shows}
        wanted = [(self.act.place(self.scope, name), name) for name in self.element.shows]
        return reading.documents(self.act, self.actor, wanted, since)

    def since(self, name: str, pins: list[PinView]) -> int:
        """Return the version of a document with which the newest one is to be compared; 0 for none."""
        here = [pin for pin in pins if pin.document == name]
        mine = [pin.document_version for pin in here if pin.element == self.element.id]
        if mine or here:
            return max(mine or [pin.document_version for pin in here])
        head = self.act.progress.head(self.act.place(self.scope, name), name)
        if head is None or self.item.round <= 1:
            return 0
        spoke = self.spoke(name)
        if spoke is None:
            return head.version - 1
        return spoke if spoke < head.version else 0

    def spoke(self, name: str) -> int | None:
        """Return the version of a document that this step had before it when it was last done, None where it never was:
        after a withdrawal that is the newest one, with which there is nothing to compare.
        """
        items, documents = tables.work_items.c, tables.documents.c
        earlier = (items.instance_id == self.act.instance.id) & (items.element == self.item.element)
        done = select(func.max(items.completed_at)).where(earlier, items.id < self.item.id).scalar_subquery()
        place = self.act.place(self.scope, name)
        own = (documents.instance_id == self.act.instance.id) & (documents.scope == place)
        query = select(func.max(documents.version)).where(
            own, documents.name == name, documents.saved_at <= done
        )
        found: int | None = self.unit.execute(query).scalar()
        return found

    def pins(self) -> list[PinView]:
        """Return the pins of the documents on this page that the person may read."""
        element = self.element
        concerned = {
            name
            for name in (element.saved_as, element.pins, *element.shows)
            if name and self.act.progress.pinned.get(key_of(self.scope, name)) is not None
        }
        allowed = [name for name in concerned if reading.readable(self.act, self.scope, name, self.actor)]
        return reading.pins(self.act, self.actor, self.scope, allowed) if allowed else []

    def typists(self) -> list[str]:
        """Return those whose drafts the person may see: their own, and the one that was handed in to them."""
        handed_in = self.mine and self.item.drafter and self.item.handed_in_at is not None
        return [self.actor.principal, *([self.item.drafter] if handed_in and self.item.drafter else [])]

    def kept(self) -> list[Any]:
        """Return the drafts of the item, the newest first: the page begins with the first that the person may see."""
        if not self.item.has_drafts:
            return []
        rows = self.unit.execute(_drafts, {"item": self.item.id})
        return [row for row in rows if self.item.state == "open" or row.person == self.actor.principal]

    def variables(self) -> Mapping[str, Any]:
        """Return what the form's expressions may name, without documents that the person may not read."""
        visible = self.act.names(self.token) if self.token is not None else self.act.top_names()
        return {name: visible[name] for name in visible if not self.hidden(name)}

    def figures(self, variables: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return the process's key figures, of what the person may read; those that can't be had are left out."""
        value = self.act.process.definition.model.figures
        if value is None or value.expression is None:
            return []
        try:
            found = feel.to_host(value.expression.evaluate(variables, self.act.env))
        except feel.FeelError:
            return []
        listed = found.items() if isinstance(found, Mapping) else ()
        return [(label, one) for label, one in listed if one is not None and one != ""]

    def hidden(self, name: str) -> bool:
        """Whether ``name`` is a document that the person may not read."""
        known = self.act.progress.head(self.scope, name) is not None
        return known and not reading.readable(self.act, self.scope, name, self.actor)

    def drafters(self) -> list[PersonView]:
        """Return the people to whom the person may give the item for drafting."""
        try:
            found = drafters_of(self.act, self.item, self.element)
        except ExecutionError:
            return []
        people = [one for one in people_of(self.unit, found, self.act.now) if one != self.actor.person]
        known = names(self.unit, [f"user:{one}" for one in people])
        return [PersonView(one, known[f"user:{one}"]) for one in people if f"user:{one}" in known]


_drafts = (
    select(tables.drafts)
    .where(tables.drafts.c.item_id == bindparam("item"))
    .order_by(tables.drafts.c.saved_at.desc())
)


def _draft(row: Any, known: Mapping[str, str]) -> DraftView:
    name = known.get(row.person, row.person)
    return DraftView(row.person, name, row.saved_at, load_json(row.answers), row.opinion)


def _outcome(element: UserTask, name: str) -> OutcomeView:
    return OutcomeView(
        name,
        name in element.rejects,
        name in element.needs_opinion,
        name in element.needs_pins,
        name in element.without_form,
    )
