"""A user task that several people sign: one token, a row for each signer, and a rule over the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from engine import feel, tables
from engine.bpmn.model import JOINT, MultiInstance, UserTask
from engine.commands import standing
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.commands.loading import token_of
from engine.commands.standing import Place
from engine.commands.waiting import Dates, dates_of, results_of, rule_of
from engine.database import Unit
from engine.errors import ExecutionError
from engine.prepared import Prepared
from engine.runtime import Token
from engine.signing import SIGNED, Rule, Vote
from engine.values import dump_json, load_json, load_plain, stamp

_items, _seats = tables.work_items.c, tables.signatures.c
_rows = select(
    _items.id,
    _items.item,
    _items.state,
    _items.version,
    _items.outcome,
    _items.completed_by,
    _items.completed_for,
    _items.completed_as,
    _items.completed_at,
    _items.assignee,
    _items.candidates,
    _items.created_at,
    _items.due_at,
    _items.due_provisional,
    _items.follow_up_at,
    _items.priority,
    _items.urgent_at,
    _seats.lead,
    _seats.follows,
    _seats.locals,
    _seats.result,
    _seats.opinion,
    _seats.opinion_audience,
    _seats.added_by,
).join(tables.work_items, _items.id == _seats.item_id)
_everybody = Prepared(
    _rows.where(_seats.instance_id == bindparam("instance"), _seats.token == bindparam("token")).order_by(
        _items.item
    )
)
_single = Prepared(_rows.where(_items.id == bindparam("item")))
#: Of two hundred signers a signature concerns one: what the rule counts is counted by the database.
_tally = Prepared(
    select(_items.state, _items.outcome, _seats.lead, func.count())
    .join(tables.work_items, _items.id == _seats.item_id)
    .where(
        _seats.instance_id == bindparam("instance"),
        _seats.token == bindparam("token"),
        _items.state != "cancelled",
    )
    .group_by(_items.state, _items.outcome, _seats.lead)
)
#: Who has not signed yet, and whom they follow.
_unsigned = Prepared(
    select(_items.id, _items.item, _items.state, _seats.follows)
    .join(tables.work_items, _items.id == _seats.item_id)
    .where(
        _seats.instance_id == bindparam("instance"),
        _seats.token == bindparam("token"),
        or_(_items.state == "open", _items.state == "pending"),
    )
    .order_by(_items.item)
)
_locals = select(_seats.locals).where(_seats.item_id == bindparam("item"))
_sign = Prepared(
    update(tables.signatures)
    .where(_seats.item_id == bindparam("key"))
    .values(opinion=bindparam("said"), opinion_audience=bindparam("audience"), result=bindparam("value"))
)
_begin = Prepared(
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(
        {
            "state": "open",
            "version": _items.version + 1,
            **{
                name: bindparam(f"new_{name}")
                for name in (
                    "created_at",
                    "due_at",
                    "due_provisional",
                    "follow_up_at",
                    "priority",
                    "urgent_at",
                )
            },
        }
    )
)
_enter = Prepared(insert(tables.inbox))


@dataclass(slots=True)
class Signer:
    """One signer of a signing: the work item's row and what belongs to the signature."""

    item_id: int
    index: int
    state: str
    version: int
    outcome: str
    completed_by: str | None
    completed_for: str | None
    completed_as: str | None
    completed_at: datetime | None
    assignee: str | None
    _candidates: str
    created_at: datetime
    dates: Dates
    lead: bool
    _follows: str
    _local: str
    #: The output element's value as JSON, None until it was evaluated.
    result: str | None
    opinion: str
    _opinion_audience: str | None
    added_by: str | None

    # Read when they are asked for: of two hundred signers a signature concerns one.

    @property
    def candidates(self) -> list[str]:
        """The principals of whom one may sign."""
        found: list[str] = load_plain(self._candidates)
        return found

    @property
    def follows(self) -> list[int]:
        """The indices of the signers who come before this one."""
        found: list[int] = load_plain(self._follows)
        return found

    @property
    def local(self) -> Mapping[str, Any]:
        """The signer's own variables."""
        found: Mapping[str, Any] = load_json(self._local)
        return found

    @property
    def opinion_audience(self) -> list[str] | None:
        """Who may read the opinion; None is everybody who takes part."""
        found: list[str] | None = load_plain(self._opinion_audience) if self._opinion_audience else None
        return found

    @property
    def removed(self) -> bool:
        """Whether the signer was taken out (减签), or the signing ended before they signed."""
        return self.state == "cancelled"

    @property
    def vote(self) -> Vote:
        """What the rule counts."""
        return Vote(self.state, self.outcome, self.lead)


def signers_of(unit: Unit, instance_id: int, token: int) -> list[Signer]:
    """Return all signers of a signing, removed ones too, in their order; in one statement."""
    rows = _everybody.all(unit, {"instance": instance_id, "token": token})
    return [_signer(row) for row in rows]


def _signer(row: tuple[Any, ...]) -> Signer:
    item, index, state, version, outcome, by, behalf, post, at, assignee, candidates, created, *rest = row
    due, provisional, follow_up, priority, urgent, *seat = rest
    dates = Dates(due, provisional, follow_up, priority, urgent)
    return Signer(
        item,
        index,
        state,
        version,
        outcome or "",
        by,
        behalf,
        post,
        at,
        assignee,
        candidates,
        created,
        dates,
        *seat,
    )


def own_variables(unit: Unit, item_id: int) -> Mapping[str, Any]:
    """Return a signer's own variables."""
    found: Mapping[str, Any] = load_json(unit.execute(_locals, {"item": item_id}).scalar_one())
    return found


def sign(
    act: Act,
    token: Token,
    element: UserTask,
    item_id: int,
    local: Mapping[str, Any],
    answers: Mapping[str, Any],
    audience: list[str] | None,
) -> str | None:
    """Take a signature: the item's row is closed already; decide, or let the next ones begin.

    ``local`` has the ``outcome``, ``opinion`` and ``actor``. Returns the outcome of the whole once it is decided; the
    token then goes on.
    """
    row = {
        "key": item_id,
        "said": local["opinion"],
        "audience": None if audience is None else dump_json(audience),
        "value": _output(act, token, element, {**answers, **local}),
    }
    _sign.run(act.unit, row)
    return settle(act, token, element, local, answers)


def settle(
    act: Act,
    token: Token,
    element: UserTask,
    local: Mapping[str, Any],
    answers: Mapping[str, Any] = MappingProxyType({}),
) -> str | None:
    """Decide a signing by its rows, and let the token go on, or let those begin whose turn has come."""
    rule = rule_of(element)
    votes = votes_of(act.unit, act.instance.id, token.id)
    signers: Sequence[Signer] | None = _standing(act, token) if _asks(element) else None
    try:
        verdict = rule.decide(votes, _said(act, token, element, rule, signers or ()))
        if verdict is None and _complete(act, token, element, signers or (), {**answers, **local}):
            verdict = rule.conclude(votes)
        if verdict is None:
            if any(vote.state == "pending" for vote in votes):
                _take_turns(act, token, element)
            outputs = []
        else:
            signers = _standing(act, token) if signers is None else signers
            outputs = _outputs(act, token, element, signers)
    except ExecutionError as error:
        act.stuck(token, error)
        return None
    if token.id in act.progress.failed:
        act.recovered(token.id)
        act.changes.resolved.add(token.id)
    if verdict is None:
        return None
    act.changes.withdrawn.add(token.id)
    act.part_with(token.id)
    act.locals.pop(token.id, None)
    act.results(token, {**local, **results_of(element, verdict, signatures(signers or ()), outputs)})
    act.execution.complete(token.id)
    act.execution.run()
    return verdict


def votes_of(unit: Unit, instance_id: int, token: int) -> list[Vote]:
    """Return the votes of a signing, those of signers who were taken out left out; in one statement."""
    found = _tally.all(unit, {"instance": instance_id, "token": token})
    return [
        vote for state, outcome, lead, count in found for vote in [Vote(state, outcome or "", lead)] * count
    ]


def _asks(element: UserTask) -> bool:
    """Whether the file has an expression that looks at each signature."""
    condition = element.signing.condition if element.signing is not None else None
    loop = element.loop
    return condition is not None or (isinstance(loop, MultiInstance) and loop.completion is not None)


def _standing(act: Act, token: Token) -> list[Signer]:
    return [one for one in signers_of(act.unit, act.instance.id, token.id) if not one.removed]


def _output(act: Act, token: Token, element: UserTask, local: Mapping[str, Any]) -> str | None:
    """Return the output element's value for a signer as JSON; None where there is none, or it fails and is tried anew."""
    loop = element.loop
    if not isinstance(loop, MultiInstance) or loop.output_element is None:
        return None
    try:
        return dump_json(act.data(loop.output_element, act.names(token, local), element.id))
    except ExecutionError:
        return None


def _outputs(act: Act, token: Token, element: UserTask, signers: Sequence[Signer]) -> list[Any]:
    """Return the values of the output element in the order of the input, null for who was not waited for."""
    loop = element.loop
    if not isinstance(loop, MultiInstance) or loop.output_element is None:
        return []
    found: list[Any] = []
    for one in signers:
        if one.state != SIGNED or one.result is not None:
            found.append(None if one.result is None else load_json(one.result))
            continue
        scope = act.scopes.document_scope(token.scope)
        saved = act.part_body(scope, element.saved_as, one.index + 1)
        act.locals[token.id] = one.local
        local = {**saved, "outcome": one.outcome, "opinion": one.opinion, "actor": one.completed_by}
        found.append(act.data(loop.output_element, act.names(token, local), element.id))
    return found


def _complete(
    act: Act, token: Token, element: UserTask, signers: Sequence[Signer], local: Mapping[str, Any]
) -> bool:
    """Tell whether the completion condition of a multi-instance holds, which is asked after each item."""
    loop = element.loop
    if not isinstance(loop, MultiInstance) or loop.completion is None or loop.completion.expression is None:
        return False
    states = [one.state for one in signers]
    named: dict[str, Any] = {
        **local,
        "numberOfInstances": len(states),
        "numberOfActiveInstances": states.count("open"),
        "numberOfCompletedInstances": states.count(SIGNED),
        "numberOfTerminatedInstances": 0,
    }
    if loop.output_collection is not None:
        named[loop.output_collection] = [load_json(one.result) if one.result else None for one in signers]
    value = act.feel(loop.completion.expression, act.names(token, named), element.id)
    if not isinstance(value, bool):
        raise ExecutionError("signing.bad_completion", element.id, value=str(value))
    return value


def retry(act: Act, token_id: int) -> None:
    """Decide a signing anew whose rule could not be worked out."""
    token = token_of(act, token_id)
    element = token.element
    if isinstance(element, UserTask):
        act.recovered(token_id)
        joint = token_id in act.progress.joint
        element = replace(element, signing=JOINT) if joint else element
        settle(act, token, element, {"outcome": "", "opinion": "", "actor": act.actor})


def signatures(signers: Sequence[Signer]) -> list[dict[str, Any]]:
    """Return the signatures as the process's variable ``signatures``; opinions stay where their audience is kept."""
    return [
        {
            "item": one.index,
            "by": one.completed_by,
            "for": one.completed_for,
            "as": one.completed_as,
            "outcome": one.outcome,
            "at": stamp(one.completed_at) if one.completed_at else None,
            "lead": one.lead,
        }
        for one in signers
        if one.state == SIGNED
    ]


def _said(
    act: Act, token: Token, element: UserTask, rule: Rule, signers: Sequence[Signer]
) -> bool | str | None:
    """Return the value of the signing's FEEL condition, if it has one."""
    condition = element.signing.condition if element.signing is not None else None
    if condition is None or condition.expression is None:
        return None
    named = {**rule.counts([one.vote for one in signers]), "signatures": signatures(signers)}
    value = feel.to_python(act.feel(condition.expression, act.names(token, named), element.id))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and (not element.outcomes or value in element.outcomes):
        return value
    raise ExecutionError("signing.bad_condition", element.id, value=str(value))


def _take_turns(act: Act, token: Token, element: UserTask) -> None:
    """Open the items of the signers whose turn has come: all whom they follow have signed or are gone."""
    unsigned = _unsigned.all(act.unit, {"instance": act.instance.id, "token": token.id})
    waiting = {index for _, index, _, _ in unsigned}
    turn = [
        item
        for item, _, state, follows in unsigned
        if state == "pending" and waiting.isdisjoint(load_plain(follows))
    ]
    rows, inbox = [], []
    for one in (_signer(row) for item in turn for row in _single.all(act.unit, {"item": item})):
        asked_before = one.dates.due_at is not None  # they let somebody sign before them
        dates = one.dates if asked_before else dates_of(act, token, element, one.local)
        rows.append(
            {
                "key": one.item_id,
                "new_created_at": act.now,
                "new_due_at": dates.due_at,
                "new_due_provisional": dates.due_provisional,
                "new_follow_up_at": dates.follow_up_at,
                "new_priority": dates.priority,
                "new_urgent_at": dates.urgent_at,
            }
        )
        seen = seen_by(one.candidates, one.assignee, None, False)
        place = Place(token.element.id, dates.due_at, act.now, dates.priority, dates.urgent_at)
        inbox += standing.rows(one.item_id, seen, act, place)
    if rows:
        _begin.run(act.unit, *rows)
        if inbox:
            _enter.run(act.unit, *inbox)
        act.note("signing.turn", element.id, {"step": element.label, "items": [row["key"] for row in rows]})
