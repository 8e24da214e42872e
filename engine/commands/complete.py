"""Completing a work item: check, save the document, let the tokens run, write; one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import Session

from engine import tables
from engine.bpmn.model import JOINT, UserTask, Value
from engine.commands import moving, notes, requests, signing, writer
from engine.commands.act import Act
from engine.commands.assignment import principals
from engine.commands.changes import Saved
from engine.commands.checking import Checked, Completion, outcome_of, stop
from engine.commands.conflicts import conflict, held
from engine.commands.handling import whereabouts
from engine.commands.loading import Item, load_item, token_of
from engine.commands.paper import may_register, register
from engine.commands.pinning import pin_all
from engine.commands.ports import Ports
from engine.commands.progress import key_of
from engine.database import Unit
from engine.errors import Conflict, ExecutionError, Forbidden, InvalidAnswers, NotFound, Refused
from engine.history import Entry
from engine.identity import names
from engine.plugins import Finding
from engine.prepared import Prepared
from engine.tasks.access import may_see, refusal, represent

_close_item = Prepared(
    update(tables.work_items)
    .where(tables.work_items.c.id == bindparam("key"))
    .values(
        state="completed",
        version=tables.work_items.c.version + 1,
        completed_at=bindparam("now"),
        completed_by=bindparam("by"),
        completed_for=bindparam("behalf"),
        completed_as=bindparam("post"),
        outcome=bindparam("result"),
    )
)
_drop_drafts = delete(tables.drafts).where(
    tables.drafts.c.item_id == bindparam("item"),
    tables.drafts.c.person.in_(bindparam("people", expanding=True)),
)
_answer_pin = (
    update(tables.pins)
    .where(tables.pins.c.id == bindparam("key"))
    .values(
        state="answered",
        reply=bindparam("kind"),
        reply_text=bindparam("answer"),
        replied_by=bindparam("by"),
        replied_at=bindparam("now"),
        reply_version=bindparam("version"),
    )
)
_close_pins = (
    update(tables.pins).where(tables.pins.c.id.in_(bindparam("ids", expanding=True))).values(state="closed")
)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A work item that a command opened."""

    item_id: int
    element: str
    step: str
    candidates: list[str]
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Completed:
    """Where a completion left the instance: its state, and the items that it opened."""

    instance_id: int
    state: str
    open_items: tuple[OpenItem, ...]


class Stopped(InvalidAnswers):
    """Content that may not be stored here at all; the drafts of the item are to be erased."""

    def __init__(self, finding: Finding) -> None:
        super().__init__((finding,))


def user_task(act: Act, item: Item) -> UserTask:
    """Return the element of a work item, and give expressions at it the signer's own variables if it is a signer's."""
    for process_id, definition_id in act.process.versions.items():
        if definition_id == item.definition_id:
            element = act.process.model(process_id).elements.get(item.element)
            if isinstance(element, UserTask):
                element = signed_as(act, item.token, element)
                if element.signing is not None and item.state in ("open", "pending"):
                    act.locals[item.token] = signing.own_variables(act.unit, item.id)
                return element
    # A step of an earlier version that the instance was migrated from, and that the new one doesn't have.
    earlier = act.ports.catalogue.get(act.unit, item.definition_id)
    element = earlier.model(earlier.process_id).elements.get(item.element)
    if isinstance(element, UserTask):
        return element
    raise Refused("item.no_element", element=item.element)


def signed_as(act: Act, token: int, element: UserTask) -> UserTask:
    """Return a user task as a token's signers sign it: signers may have been added to one person's step."""
    if element.signing is None and token in act.progress.joint:
        return replace(element, signing=JOINT)
    return element


@dataclass(frozen=True, slots=True)
class Examined:
    """What the check before the lock found: for which version of the instance it holds, its warnings, and the answers
    as they are kept.
    """

    instance_version: int
    warnings: tuple[Finding, ...]
    kept: Mapping[str, Any]


def check(ports: Ports, unit: Unit, asked: Completion) -> Examined | None:
    """Check a completion before any lock.

    None where the command itself must say what is wrong (the item is closed, or at another version). Raises
    :class:`Forbidden`, :class:`InvalidAnswers`, :class:`Refused` or :class:`Stopped`.
    """
    item, act = load_item(ports, unit, asked.item_id, asked.actor.principal, lock=False)
    if item.state != "open" or item.version != asked.version:
        return None
    found = check_loaded(unit, item, act, asked)
    return None if item.delegated_by is not None else found


def check_loaded(unit: Unit, item: Item, act: Act, asked: Completion) -> Examined:
    """Check the completion of an open item that is loaded already; raises what :func:`check` raises."""
    asked = _acting(asked, item, act)
    element = user_task(act, item)
    _allowed(unit, item, element, act, asked)
    checked = Checked(act, token_of(act, item.token), element, asked, item.item)
    if item.delegated_by is None:
        _examine_reading(unit, checked)
    return Examined(act.instance.version, tuple(checked.warnings), checked.kept)


class Outdated(Exception):
    """The instance has changed since a completion was checked that was to be done as it was checked, or not at all."""


def complete(
    ports: Ports,
    unit: Unit,
    asked: Completion,
    examined: Examined | None,
    *,
    again: bool = False,
    as_examined: bool = False,
) -> Completed:
    """Complete a work item inside a transaction; ``examined`` is what :func:`check` returned, ``again`` tells that the
    transaction is run once more.

    Raises what :func:`check` raises, :class:`Conflict` where somebody else was first, and with ``as_examined``
    :class:`Outdated` where the instance isn't any more as it was examined.
    """
    item, act = load_item(ports, unit, asked.item_id, asked.actor)
    asked = _acting(asked, item, act)
    fingerprint = _fingerprint(asked)
    late = item.state != "open" or item.version != asked.version
    if late or again:
        known = requests.answer(unit, asked.request_key, fingerprint)
        if known is not None:
            return completed_from(known)
    if late:
        raise conflict(unit, item)
    element = user_task(act, item)
    _allowed(unit, item, element, act, asked)
    if item.delegated_by is not None and asked.paper is None:
        return _advise(unit, act, item, element, asked, fingerprint)
    checked = Checked(act, token_of(act, item.token), element, asked, item.item)
    if examined is not None and examined.instance_version == act.instance.version:
        checked.warnings, checked.kept = list(examined.warnings), examined.kept
    elif as_examined:
        raise Outdated
    else:
        _examine_reading(unit, checked)
    _same_document(unit, act, checked, asked)
    registered = None if asked.paper is None else register(unit, act, item, asked.paper)
    saved = _take(act, item, checked, registered)
    copied = _copied(act, item, checked)
    if element.signing is None:
        act.execution.complete(item.token)
        act.execution.run()
    _write_item(unit, act, item, checked, saved)
    if element.signing is None or _sign(act, item, checked):
        _copy(unit, act, item, copied)
    moving.came_back(unit, act)
    writer.write(unit, [act], closed_items=[item.id])
    completed = result_of(act)
    if asked.request_key is not None:
        requests.remember(unit, asked.request_key, fingerprint, answer_of(completed), act.now)
    return completed


def _examine_reading(unit: Unit, checked: Checked) -> None:
    """Examine inside a transaction, where plug-ins that check answers may read their own tables."""
    if not checked.saves:
        _examine(checked, None)
        return
    with Session(bind=unit.connection) as session:
        _examine(checked, session)


def _advise(
    unit: Unit, act: Act, item: Item, element: UserTask, asked: Completion, fingerprint: str
) -> Completed:
    """Whoever was only asked for an opinion completes nothing: the item goes back with their advice."""
    from engine.commands.passing import answer  # it builds on this module

    advice = {"outcome": outcome_of(element, asked.outcome)}
    answer(unit, act, item, asked.actor, asked.answers, asked.opinion, advice)
    holder = item.delegated_by
    back = OpenItem(item.id, item.element, item.step, item.candidates, holder)
    completed = Completed(act.instance.id, act.instance.state, (back,))
    requests.remember(unit, asked.request_key, fingerprint, answer_of(completed), act.now)
    return completed


def _examine(checked: Checked, session: Session | None) -> None:
    asked = checked.asked
    content = checked.saves or asked.opinion or asked.pins or asked.replies
    reason = stop(checked.act.ports.plugins, checked.request(session)) if content else None
    if reason is not None:
        raise Stopped(reason)
    checked.run(session)


def _acting(asked: Completion, item: Item, act: Act) -> Completion:
    """Return what is asked with the principals of those for whom the actor acts, and note for whom they do this."""
    if asked.actor.stands_in:
        asked = replace(asked, actor=asked.actor.within(act.process.process_id))
        represent(act, item, asked.actor)
    return asked


def _allowed(unit: Unit, item: Item, element: UserTask, act: Act, asked: Completion) -> None:
    if asked.paper is not None:
        may_register(unit, act, item, element, asked.actor, asked.paper)
        return
    code = refusal("complete", item, element, act.progress, asked.actor)
    if code is None:
        return
    if not asked.actor.no_business and not may_see(item, act.progress.participants, asked.actor):
        raise NotFound("item.unknown", item=item.id)
    if code == "item.held" and not asked.actor.principals.isdisjoint(item.candidates):
        raise held(unit, item)
    if code == "instance.suspended":
        raise act.suspension()
    raise Forbidden(code, step=item.step)


def _same_document(unit: Unit, act: Act, checked: Checked, asked: Completion) -> None:
    if asked.document_version is None or not checked.saves:
        return
    head = act.own_head(checked.scope, checked.element.saved_as, checked.part)
    if (head.version if head else 0) != asked.document_version:
        by = head.author if head else ""
        raise Conflict(
            "document.changed",
            document=checked.element.saved_as,
            version=head.version if head else 0,
            by=names(unit, [by]).get(by, by),
            at=head.saved_at if head else None,
        )


def _take(
    act: Act, item: Item, checked: Checked, registered: Mapping[str, Any] | None = None
) -> Saved | None:
    """Take the completion over into the act: document, variables, doer, event."""
    asked, element, token = checked.asked, checked.element, checked.token
    local = checked.local
    saved = None
    if checked.saves:
        saved = act.save_document(
            checked.scope,
            element.saved_as,
            checked.kept,
            element=element.id,
            form_resource_id=checked.form.resource_id if checked.form else None,
            audience=_audience(act, element.audience, checked, local),
            item=checked.part,
        )
    act.progress.did(element.id, act.actor)
    act.finished_by = None if checked.outcome in element.rejects else act.actor
    act.findings = tuple(checked.warnings)
    if act.behalf is not None:
        act.progress.did(element.id, act.behalf)
        act.progress.join([act.actor])
    opinion_audience = _audience(act, element.opinion_audience, checked, local)
    act.progress.open_to(opinion_audience)
    body: dict[str, Any] = {
        "item": item.id,
        "step": item.step,
        "round": item.round,
        "outcome": checked.outcome,
        "opinion": asked.opinion,
        "opinion_audience": opinion_audience,
        **whereabouts(act, token),
    }
    if saved is not None:
        body["document"] = {"name": saved.name, "version": saved.version, "sha256": saved.sha256}
    if registered is not None:
        body["paper"] = registered
    if element.signing is not None:
        body["signer"] = item.item
    if item.drafter:
        body["drafter"] = item.drafter
    if asked.pins:
        body["pins"] = [asdict(pin) for pin in asked.pins]
    if checked.to_answer:
        body["replies"] = {str(pin.id): asdict(asked.replies[pin.id]) for pin in checked.to_answer}
    if checked.to_close:
        body["closed_pins"] = [pin.id for pin in checked.to_close]
    if checked.warnings:
        body["warnings"] = [{"code": one.code, "field": one.field} for one in checked.warnings]
    act.entries.insert(0, Entry("item.completed", act.actor, act.now, element.id, body))
    if element.signing not in (None, JOINT):
        return saved
    values: dict[str, Any] = dict(local)
    if checked.saves and element.document is None:
        values = {**checked.kept, **local}
    act.results(token, values)
    return saved


def _copied(act: Act, item: Item, checked: Checked) -> list[str]:
    """Return to whom the file sends a copy of what was done; where that fails, history says so."""
    if checked.element.cc is None:
        return []
    try:
        names = act.names(checked.token, checked.local)
        return principals(act.value(checked.element.cc, names, item.element), "user:")
    except (ExecutionError, TypeError) as error:
        code = error.code if isinstance(error, ExecutionError) else "task.bad_assignment"
        act.note("copy.failed", item.element, {"code": code, "step": item.step})
        return []


def _copy(unit: Unit, act: Act, item: Item, to: list[str]) -> None:
    sent = notes.send(unit, act, notes.COPY, to[: notes.MAX_PEOPLE], "", item.id) if to else []
    if sent:
        act.note("copy.sent", item.element, {"to_all": sent, "step": item.step})


def _sign(act: Act, item: Item, checked: Checked) -> bool:
    """Let the signing's rule decide, and tell whether it did; history has in the signer's event what it decided."""
    entry = act.entries[0]
    audience = entry.body["opinion_audience"]
    token, element, answers = checked.token, checked.element, checked.kept
    verdict = signing.sign(act, token, element, item.id, checked.local, answers, audience)
    if verdict is not None:
        act.entries[0] = replace(entry, body={**entry.body, "decided": verdict})
    return verdict is not None


def _audience(act: Act, value: Value | None, checked: Checked, local: dict[str, Any]) -> list[str] | None:
    """Return who may read; where the expression fails only the author may, and history says that it failed."""
    if value is None:
        return None
    try:
        found = act.value(value, act.names(checked.token, local), checked.element.id)
        return principals(found, "org:")
    except (ExecutionError, TypeError) as error:
        code = error.code if isinstance(error, ExecutionError) else "task.bad_audience"
        act.note("audience.failed", checked.element.id, {"code": code, "step": checked.element.label})
        return [act.actor]


def _write_item(unit: Unit, act: Act, item: Item, checked: Checked, saved: Saved | None) -> None:
    closed = {"key": item.id, "now": act.now, "by": act.actor, "result": checked.outcome[:100]}
    _close_item.run(unit, {**closed, "behalf": act.behalf, "post": act.post})
    if item.has_drafts:
        people = sorted({checked.asked.actor.principal, item.drafter or checked.asked.actor.principal})
        unit.execute(_drop_drafts, {"item": item.id, "people": people})
    _write_pins(unit, act, item, checked, saved)


def _write_pins(unit: Unit, act: Act, item: Item, checked: Checked, saved: Saved | None) -> None:
    pinned, asked = act.progress.pinned, checked.asked
    if checked.to_answer and saved is not None:
        unit.execute(
            _answer_pin,
            [
                {
                    "key": pin.id,
                    "kind": asked.replies[pin.id].kind,
                    "answer": asked.replies[pin.id].text,
                    "by": act.actor,
                    "now": act.now,
                    "version": saved.version,
                }
                for pin in checked.to_answer
            ],
        )
    if checked.to_close:
        unit.execute(_close_pins, {"ids": [pin.id for pin in checked.to_close]})
        for pin in checked.to_close:
            pinned[key_of(checked.scope, pin.document)] -= 1
    pin_all(unit, act, item, checked.scope, asked.pins)


def _fingerprint(asked: Completion) -> str:
    if asked.request_key is None:
        return ""
    return requests.fingerprint(
        "complete",
        asked.item_id,
        asked.actor.principal,
        asked.outcome,
        asked.answers if asked.sent is None else asked.sent,
        asked.opinion,
        [asdict(pin) for pin in asked.pins],
        {str(id): asdict(reply) for id, reply in asked.replies.items()},
        None if asked.paper is None else [asked.paper.signer, str(asked.paper.signed_on)],
    )


def result_of(act: Act) -> Completed:
    """Return where a command left an instance, once it is written."""
    opened = (
        OpenItem(new.id, new.element, new.step, new.candidates, new.assignee) for new in act.changes.opened
    )
    return Completed(act.instance.id, act.instance.state, tuple(opened))


def answer_of(completed: Completed) -> dict[str, Any]:
    """Return the answer as it is kept under a request key."""
    return {
        "instance_id": completed.instance_id,
        "state": completed.state,
        "open_items": [asdict(item) for item in completed.open_items],
    }


def completed_from(answer: dict[str, Any]) -> Completed:
    """Return what :func:`answer_of` kept."""
    items = tuple(OpenItem(**item) for item in answer["open_items"])
    return Completed(answer["instance_id"], answer["state"], items)
