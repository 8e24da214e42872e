"""One of many tasks (批量办理): what a person may do with it, why it should be opened first, and doing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from engine import tables
from engine.bpmn.model import UserTask
from engine.catalogue import Process
from engine.commands import complete as completing
from engine.commands import extending, handing, holding, notes, openings, passing, returning
from engine.commands.act import Act
from engine.commands.checking import Checked, Completion, outcome_of
from engine.commands.complete import Examined, user_task
from engine.commands.conflicts import conflict
from engine.commands.loading import Item, load_item, load_items, token_of
from engine.commands.moving import reason_of
from engine.commands.ports import Ports
from engine.commands.progress import key_of
from engine.commands.returning import ReturnRequest
from engine.database import Unit
from engine.errors import BihuanError, NotFound, Refused
from engine.identity import Actor
from engine.plugins import AnswersRequest
from engine.tasks import reading
from engine.tasks.access import may_see, refusal
from engine.tasks.views import OutcomeView
from engine.values import load_json

COMPLETE, RETURN, ASSIGN_OUT, TRANSFER, URGE = "complete", "return", "assign_out", "transfer", "urge"
OPERATIONS = (COMPLETE, RETURN, ASSIGN_OUT, TRANSFER, URGE)
#: What needs a person to be named.
#: What is done to many tasks from a page of its own, which lists them first (调整截止日, 工作交接).
CHANGE_DUE, HAND_OVER = "change_due", "hand_over"
LISTED = (CHANGE_DUE, HAND_OVER)
TO_SOMEBODY = frozenset({ASSIGN_OUT, TRANSFER})
#: In a preview: whatever a form lets be confirmed once counts as confirmed.
EVERYTHING = ("*",)

_drafts, _items = tables.drafts.c, tables.work_items.c
_draft = (
    select(_drafts.answers)
    .join(tables.work_items, _items.id == _drafts.item_id)
    .where(
        _drafts.item_id == bindparam("item"),
        or_(
            _drafts.person == bindparam("me"),
            (_drafts.person == _items.drafter) & _items.handed_in_at.is_not(None),
        ),
    )
    .order_by(_drafts.saved_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done to each of many tasks.

    ``operation`` is one of :data:`OPERATIONS`; ``outcome`` that of a completion; ``opinion`` the common opinion, the
    reason of a return or a transfer, or the words of an urge; ``to`` the person who drafts or takes over. Of what is
    :data:`LISTED`, ``due`` is the new deadline as ISO text, ``leaving`` who hands over, ``shares`` who gets which task.
    ``confirmed`` are the boxes that the person ticks once for all tasks of a completion, as their forms allow; each task's
    answers then say so.
    """

    operation: str
    outcome: str | None = None
    opinion: str = ""
    to: str | None = None
    due: str | None = None
    leaving: str | None = None
    shares: Mapping[str, str] | None = None
    confirmed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task of a list as its person may see it, and why it would be left out (None: it would be done).

    ``can`` has the code of the reason for each operation that is not to be had at all. Of a task that the person may
    not know of there is nothing but the number.
    """

    item_id: int
    version: int
    refusal: BihuanError | None = None
    instance_id: int | None = None
    process_id: str = ""
    process_name: str = ""
    step: str = ""
    subject: str | None = None
    unit: str | None = None
    reference: str | None = None
    amount: int | None = None
    due_at: datetime | None = None
    outcomes: Sequence[OutcomeView] = ()
    #: Those of the outcomes that the file lets be chosen for many tasks at once.
    in_bulk: Sequence[str] = ()
    can: Mapping[str, str | None] = field(default_factory=dict)
    #: What its form lets be confirmed once for many tasks: the words of each box, by language.
    confirmations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What was found before the lock about a task that may be completed: with which answers, checked on which state."""

    answers: Mapping[str, Any] | None
    examined: Examined


def candidates(
    ports: Ports, unit: Unit, actor: Actor, entries: Iterable[tuple[int, int | None]], wish: Wish | None
) -> list[Candidate]:
    """Return the tasks (item, version) of a list; with a wish each says why it would be left out.

    They are read together, however many they are. Without a version a task is meant as it is now.
    """
    wanted = dict(entries)
    found = {
        item.id: _candidate(ports, unit, actor, item, act, wanted[item.id], wish)
        for item, act in load_items(ports, unit, list(wanted), actor.principal)
    }
    return [
        found.get(id) or Candidate(id, version or 0, NotFound("item.unknown", item=id))
        for id, version in wanted.items()
    ]


def _candidate(
    ports: Ports, unit: Unit, actor: Actor, item: Item, act: Act, version: int | None, wish: Wish | None
) -> Candidate:
    version = item.version if version is None else version
    me = actor.within(act.process.process_id)
    if not may_see(item, act.progress.participants, me):
        return Candidate(item.id, version, NotFound("item.unknown", item=item.id))
    columns = act.instance.columns
    found = Candidate(
        item.id,
        version,
        None,
        act.instance.id,
        act.process.process_id,
        act.process.name,
        item.step,
        columns["subject"],
        columns["unit"],
        columns["reference"],
        columns["amount"],
        item.due_at,
    )
    try:
        element = user_task(act, item)
        if item.state != "open" or item.version != version:
            raise conflict(unit, item)
        outcomes = tuple(_outcome(element, name) for name in element.outcomes)
        can = {name: refusal(name, item, element, act.progress, me) for name in OPERATIONS if name != URGE}
        in_bulk = [name for name in element.outcomes if _in_bulk(element, name) is None]
        boxes = confirmations(ports, act.process, element)
        found = replace(found, outcomes=outcomes, can=can, in_bulk=in_bulk, confirmations=boxes)
        if wish is not None:
            judge(unit, item, act, actor, version, wish)
    except BihuanError as error:
        return replace(found, refusal=error)
    return found


def confirmations(ports: Ports, process: Process, element: UserTask) -> Mapping[str, Mapping[str, str]]:
    """Return the boxes of a step's form that may be ticked once for many tasks, by key, with their words."""
    form = process.forms.get(element.form_id or "")
    if form is None:
        return {}
    offers = ports.plugins.hook.bihuan_form_confirmations(form_id=element.form_id, source=form.source)
    return {key: words for offer in offers for key, words in offer.items()}


def _outcome(element: UserTask, name: str) -> OutcomeView:
    return OutcomeView(
        name,
        name in element.rejects,
        name in element.needs_opinion,
        name in element.needs_pins,
        name in element.without_form,
    )


def look(ports: Ports, unit: Unit, actor: Actor, item_id: int, version: int, wish: Wish) -> Look | None:
    """Look at a task before the lock is taken; raises why it is left out, or can't be done at all."""
    item, act = load_item(ports, unit, item_id, actor.principal, lock=False)
    return judge(unit, item, act, actor, version, wish)


def judge(unit: Unit, item: Item, act: Act, actor: Actor, version: int, wish: Wish) -> Look | None:
    """Judge a task that is loaded without a lock; raises why a wish is not for it. None unless it is a completion."""
    match wish.operation:
        case "complete":
            element = holding.allowed(unit, item, act, COMPLETE, actor, version)
            return _completion(unit, item, act, element, actor, wish)
        case "return":
            asked = ReturnRequest(
                item.id, actor.within(act.process.process_id), version, wish.opinion, bulk=True
            )
            element = returning.choose(unit, item, act, asked).element
            _worth_opening(unit, item, act, element, actor, 0)
        case "assign_out":
            element = holding.allowed(unit, item, act, ASSIGN_OUT, actor, version)
            holding.drafter_for(unit, act, item, element, actor, wish.to or "")
        case "transfer":
            element = holding.allowed(unit, item, act, TRANSFER, actor, version)
            passing.may_decide(
                unit, act, item, element, passing.colleague(unit, act, item, wish.to or "", actor)
            )
        case "urge":
            notes.may_urge(unit, act, item, actor)
            if item.version != version:
                raise conflict(unit, item)
        case "change_due" | "hand_over":
            pass  # their commands say what is against it
        case _:
            raise Refused("bulk.no_operation", operation=wish.operation)
    return None


def do(
    ports: Ports, unit: Unit, actor: Actor, item_id: int, version: int, wish: Wish, found: Look | None
) -> None:
    """Do a wish to one task through the command that does it to a single one; ``found`` is what :func:`look` returned.

    Raises what that command raises, and :class:`~engine.commands.complete.Outdated` where a completion must be looked
    at again.
    """
    match wish.operation:
        case "complete":
            assert found is not None
            asked = Completion(item_id, actor, version, wish.outcome, found.answers, wish.opinion)
            completing.complete(ports, unit, asked, found.examined, as_examined=True)
        case "return":
            returning.give_back(ports, unit, ReturnRequest(item_id, actor, version, wish.opinion, bulk=True))
        case "assign_out":
            holding.assign_out(ports, unit, item_id, actor, wish.to or "", version)
        case "transfer":
            passing.transfer(ports, unit, item_id, actor, version, wish.to or "", wish.opinion)
        case "urge":
            notes.urge(ports, unit, item_id, actor, wish.opinion)
        case "change_due":
            extending.move(
                ports, unit, item_id, version, datetime.fromisoformat(wish.due or ""), actor, wish.opinion
            )
        case "hand_over":
            receiver = (wish.shares or {})[str(item_id)]
            handing.hand_over(ports, unit, item_id, wish.leaving or "", receiver, actor, wish.opinion)


def check_wish(wish: Wish, steps: Iterable[tuple[UserTask, Mapping[str, Mapping[str, str]]]]) -> None:
    """Raise what is wrong with a wish as such; ``steps`` are those of the tasks that it is for, with what their forms let be
    confirmed once."""
    if wish.operation not in OPERATIONS:
        raise Refused("bulk.no_operation", operation=wish.operation)
    if wish.operation in TO_SOMEBODY and not (wish.to or "").strip():
        raise Refused("bulk.to_nobody")
    if wish.operation == RETURN:
        reason_of(wish.opinion)
    if wish.operation != COMPLETE:
        passing.note_of(wish.opinion)
        return
    for element, boxes in steps:
        if element.outcomes and not wish.outcome:
            raise Refused("bulk.no_outcome")
        if wish.outcome in element.needs_opinion and not wish.opinion.strip():
            raise Refused("bulk.no_opinion", outcome=wish.outcome)
        if boxes.keys() - {*wish.confirmed} and wish.outcome not in element.without_form:
            raise Refused("bulk.confirm_first")


def _completion(unit: Unit, item: Item, act: Act, element: UserTask, actor: Actor, wish: Wish) -> Look:
    """Check a completion as its page would begin: with the draft, else the document as it is, else the form's defaults."""
    if item.delegated_by is not None:
        raise Refused("bulk.only_asked", step=item.step)
    never = _in_bulk(element, outcome_of(element, wish.outcome))
    if never is not None:
        raise Refused(never, step=item.step)
    answers = _answers(unit, item, act, element, actor)
    boxes = confirmations(act.ports, act.process, element)
    ticked = dict.fromkeys(
        (key for key in boxes if key in wish.confirmed or wish.confirmed == EVERYTHING), True
    )
    if ticked and wish.outcome not in element.without_form:
        answers = {**(answers or {}), **ticked}
    asked = Completion(item.id, actor, item.version, wish.outcome, answers, wish.opinion)
    examined = completing.check_loaded(unit, item, act, asked)
    _worth_opening(
        unit, item, act, element, actor, sum(one.severity == "warning" for one in examined.warnings)
    )
    return Look(answers, examined)


def _in_bulk(element: UserTask, outcome: str) -> str | None:
    """Return why an outcome of a step is never chosen for many tasks at once; None where it may be."""
    if element.bulk == "no":
        return "bulk.never"
    common = element.returning is not None and element.returning.bulk
    if outcome in element.rejects and not common:
        return "bulk.own_opinion"
    return "bulk.own_pins" if outcome in element.needs_pins else None


def _answers(unit: Unit, item: Item, act: Act, element: UserTask, actor: Actor) -> Mapping[str, Any] | None:
    """Return what the form of a task's page begins with; None where it is empty."""
    text = (
        unit.execute(_draft, {"item": item.id, "me": actor.principal}).scalar() if item.has_drafts else None
    )
    found: Mapping[str, Any] | None = None if text is None else load_json(text)
    if found or element.form_id is None:
        return found or None
    token = token_of(act, item.token)
    checked = Checked(act, token, element, Completion(item.id, actor, item.version, None), item.item)
    if checked.part:
        return act.part_body(checked.scope, element.saved_as, checked.part) or None
    head = act.progress.head(checked.scope, element.saved_as)
    return None if head is None else act.read(checked.scope, element.saved_as, head) or None


def _worth_opening(unit: Unit, item: Item, act: Act, element: UserTask, actor: Actor, warnings: int) -> None:
    """Raise :class:`Refused` where a task should not be decided among many before the actor has opened it.

    That is where its file says so, where it came back, where something on its page has changed since, where opinions
    pinned to its documents are open, and where the checks have found something.
    """
    scope = act.scopes.document_scope(token_of(act, item.token).scope)
    named = {element.saved_as, element.pins, *element.shows}
    points = sum(act.progress.pinned.get(key_of(scope, name), 0) for name in named if name)
    changed = openings.changed_at(act, item, element)
    late = changed is not None and changed > item.created_at
    demanded = element.bulk == "opened"
    if not (late or demanded or points or warnings or element.shows or item.round > 1):
        return
    opened = openings.opened_at(unit, item.id, actor)
    if late if opened is None else changed is not None and changed > opened:
        raise Refused("bulk.changed", step=item.step, at=changed)
    if opened is not None:
        return
    if demanded:
        raise Refused("bulk.must_open", step=item.step)
    if item.round > 1:
        raise Refused("bulk.came_back", step=item.step, round=item.round)
    if points:
        raise Refused("bulk.points", step=item.step, count=points)
    lights = warnings + _lights(item, act, element, scope, actor)
    if lights:
        raise Refused("bulk.lights", step=item.step, count=lights)


def _lights(item: Item, act: Act, element: UserTask, scope: int, actor: Actor) -> int:
    """Return how many errors and warnings the checks find in the documents that the task's page shows the actor."""
    if not element.shows:
        return 0
    me, hook = actor.within(act.process.process_id), act.ports.plugins.hook
    names = act.names(token_of(act, item.token))
    found = 0
    for shown in reading.documents(act, me, [(act.place(scope, name), name) for name in element.shows]):
        if shown.form_source is None:
            continue
        request = AnswersRequest(
            shown.form_id,
            shown.form_source,
            shown.body,
            names,
            "",
            element.id,
            act.process.process_id,
            act.now,
            functions=act.ports.functions,
        )
        offers = hook.bihuan_check_answers(request=request)
        found += sum(one.severity in ("error", "warning") for offer in offers for one in offer)
    return found
