"""Which steps lie ahead of an instance: its definition is walked from where its tokens are, with the data of now.

It is expected that each step ends with its first approval. What depends on anything that is known only later (an opinion,
a form, what a handler will find) is an alternative: its steps are told as possible ones. Ways that lead back are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine import dmn, feel
from engine.bpmn.event_definitions import LinkEvent
from engine.bpmn.model import (
    BusinessRuleTask,
    CallActivity,
    Element,
    Event,
    Flow,
    ProcessModel,
    ScriptTask,
    ServiceTask,
    SubProcess,
    UserTask,
    Value,
)
from engine.commands.act import Act
from engine.commands.assignment import principals
from engine.commands.scopes import Names
from engine.errors import ExecutionError
from engine.runtime import Token

#: As many elements are looked at; a longer way is told as far as it was seen.
LIMIT = 600


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that lies ahead: whom it will ask, where that is known; ``perhaps`` it is passed by, ``beside`` others it
    runs at the same time.
    """

    element: str
    step: str
    process_id: str
    principals: Sequence[str]
    perhaps: bool = False
    beside: bool = False


class _Later(Exception):
    """A value that is known only later."""


class _Cut(Exception):
    """The way is longer than it is looked at."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is expected of variables: new values, those that are known only later, and whether any may be."""

    values: Mapping[str, Any] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    any_later: bool = False
    #: Which of several approvals of the step before was taken for granted: a way is another one after each.
    branch: str = ""

    def given(self, values: Mapping[str, Any]) -> _Known:
        return replace(self, values={**self.values, **values}, later=self.later - values.keys())

    def open(self, names: Iterator[str]) -> _Known:
        later = {name.split(".")[0] for name in names}
        values = {name: value for name, value in self.values.items() if name not in later}
        return replace(self, values=values, later=self.later | later)


class _Guarded(Mapping[str, Any]):
    """The names that expressions see, which tell of a value that is known only later."""

    def __init__(self, names: Names, known: _Known) -> None:
        self._names = names
        self._known = known

    def get(self, key: str, default: Any = None) -> Any:
        if key in self._known.later:
            raise _Later(key)
        if key in self._known.values:
            return self._known.values[key]
        if self._known.any_later and key not in ("initiator",):
            raise _Later(key)
        return self._names.get(key, default)

    def __getitem__(self, key: str) -> Any:
        found = self.get(key, _MISSING)
        if found is _MISSING:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


_MISSING = object()
#: The steps of a way in their order; None where it only leads back.
_Way = list[Ahead] | None


def ahead(act: Act) -> tuple[list[Ahead], bool]:
    """Return the steps ahead of all tokens, each once, and whether they were followed to the end."""
    tokens = {token.id: token for token in act.execution.tokens()}
    found: list[Ahead] = []
    whole = True
    parked = {token.id for token in act.execution.parked()}
    waiting = [token for token in act.execution.waiting() if token.element.attached_to is None]
    for token in [*waiting, *act.execution.parked()]:
        if token.element.kind == "startEvent":  # armed for an event sub-process
            continue
        walk = _Walk(act, token)
        try:
            found = _merged(found, walk.beyond(token, tokens, here=token.id in parked), either=True)
        except (_Cut, RecursionError):
            found, whole = _merged(found, walk.seen, either=True), False
    return found, whole


class _Walk:
    """One walk from one token."""

    def __init__(self, act: Act, token: Token) -> None:
        self.act = act
        self.token = token
        self.names = act.names(token)
        self.left = LIMIT
        #: What was come by so far, for a walk that is cut.
        self.seen: list[Ahead] = []
        self._ways: dict[tuple[str, str, str], _Way] = {}
        self._under_way: set[tuple[str, str]] = set()

    def beyond(self, token: Token, tokens: Mapping[int, Token], *, here: bool) -> list[Ahead]:
        """Return the steps after a token, and after all that it is inside of; with ``here`` its own step too."""
        model = self.act.process.model(token.process_id)
        start = (
            self.way(model, token.element, _Known()) if here else self.after(model, token.element, _Known())
        )
        found = start or []
        around = tokens.get(token.scope)
        while around is not None:
            if around.part in ("", "loop"):
                outer = self.act.process.model(around.process_id)
                rest = self.after(outer, around.element, _Known(any_later=True)) or []
                found = [
                    *found,
                    *(one for one in rest if one.element not in {each.element for each in found}),
                ]
            around = tokens.get(around.scope)
        return found

    def way(self, model: ProcessModel, element: Element, known: _Known) -> _Way:
        """Return the steps from an element on."""
        place = (model.id, element.id)
        if place in self._under_way:
            return None
        key = (*place, known.branch)
        if key not in self._ways:
            self.left -= 1
            if self.left < 0:
                raise _Cut
            self._under_way.add(place)
            try:
                self._ways[key] = self._own(model, element, known)
            finally:
                self._under_way.discard(place)
        return self._ways[key]

    def _own(self, model: ProcessModel, element: Element, known: _Known) -> _Way:
        if isinstance(element, UserTask):
            mine = Ahead(element.id, element.label, model.id, self._asked(element, known))
            self.seen.append(mine)
            rest = self.after(model, element, known)
            return None if rest is None else [mine, *(one for one in rest if one.element != element.id)]
        inner: _Way = []
        if isinstance(element, SubProcess) and not element.triggered:
            start = model.start(element.id)
            inner = self.way(model, start, known) if start is not None else []
        elif isinstance(element, CallActivity) and element.process_id in self.act.process.versions:
            called = self.act.process.model(element.process_id)
            start = called.start(None)
            given = _Known(self._mapped(element.inputs, known), any_later=not element.propagate_parent)
            inner = self.way(called, start, given) if start is not None else []
        rest = self.after(model, element, known)
        return None if rest is None or inner is None else [*inner, *rest]

    def after(self, model: ProcessModel, element: Element, known: _Known) -> _Way:
        """Return the steps after an element that is done."""
        if isinstance(element, Event) and isinstance(element.definition, LinkEvent) and not element.outgoing:
            name = element.definition.name
            caught = (
                one
                for one in model.elements.values()
                if isinstance(one, Event)
                and isinstance(one.definition, LinkEvent)
                and one.definition.name == name
                and one.outgoing
            )
            there = next(caught, None)
            return [] if there is None else self.way(model, there, known)
        if isinstance(element, UserTask):
            return self._by_outcome(model, element, known)
        return self._onward(model, element, self._did(element, known))

    def _by_outcome(self, model: ProcessModel, task: UserTask, known: _Known) -> _Way:
        """Expect a step's first approval; what its other approvals lead to are possible steps."""
        approvals = [one for one in task.outcomes if one not in task.rejects] or list(task.outcomes)
        expected: list[str | None] = [*approvals] or [None]
        ways = []
        for outcome in expected:
            branch = f"{task.id} {outcome}" if len(expected) > 1 else known.branch
            ways.append(
                self._onward(model, task, replace(self._completed(task, known, outcome), branch=branch))
            )
        if ways[0] is None:
            return next((way for way in ways if way is not None), None)
        found = ways[0]
        for way in ways[1:]:
            extra = {one.element for one in way or ()} - {one.element for one in found}
            possible = [replace(one, perhaps=one.perhaps or one.element in extra) for one in way or ()]
            found = _merged(found, possible, either=True)
        return found

    def _onward(self, model: ProcessModel, element: Element, known: _Known) -> _Way:
        flows = list(model.outgoing(element))
        if not flows:
            return []
        if element.kind == "eventBasedGateway":
            return self._alternatives(model, flows, known)
        if element.kind == "parallelGateway" or not any(
            flow.condition or flow.id == element.default for flow in flows
        ):
            return (
                self._together(model, flows, known)
                if len(flows) > 1
                else self._follow(model, flows[0], known)
            )
        taken, open_ones = self._chosen(element, flows, known)
        if element.kind == "exclusiveGateway":
            if not open_ones:
                return self._follow(model, taken[0], known) if taken else []
            return self._alternatives(model, [*open_ones, *taken[:1]], known)
        sure = self._together(model, taken, known) if taken else []
        perhaps = [way for flow in open_ones if (way := self._follow(model, flow, known)) is not None]
        for way in perhaps:
            sure = _merged(sure or [], [replace(one, perhaps=True) for one in way], either=True)
        return sure

    def _chosen(
        self, element: Element, flows: Sequence[Flow], known: _Known
    ) -> tuple[list[Flow], list[Flow]]:
        """Return the flows that are taken, and those of which only later is known whether they are."""
        taken: list[Flow] = []
        open_ones: list[Flow] = []
        for flow in flows:
            if flow.id == element.default:
                continue
            try:
                holds = flow.condition is None or self.value(flow.condition, known) is True
            except _Later:
                open_ones.append(flow)
                continue
            if holds:
                taken.append(flow)
                if element.kind == "exclusiveGateway":
                    return taken, open_ones
        if not taken:
            taken = [flow for flow in flows if flow.id == element.default]
        return taken, open_ones

    def _follow(self, model: ProcessModel, flow: Flow, known: _Known) -> _Way:
        return self.way(model, model.elements[flow.target], known)

    def _alternatives(self, model: ProcessModel, flows: Sequence[Flow], known: _Known) -> _Way:
        """Of several ways one is taken: what is on all of them is sure."""
        ways = [way for flow in flows if (way := self._follow(model, flow, known)) is not None]
        if not ways:
            return None
        found = ways[0]
        for way in ways[1:]:
            found = _merged(found, way, either=False)
        return found

    def _together(self, model: ProcessModel, flows: Sequence[Flow], known: _Known) -> _Way:
        """All of several ways are taken: what is not on all of them runs beside the others."""
        ways = [way for flow in flows if (way := self._follow(model, flow, known)) is not None]
        if not ways:
            return None
        common = set.intersection(*({one.element for one in way} for way in ways))
        found: list[Ahead] = []
        for way in ways:
            marked = [
                replace(one, beside=one.beside or (one.element not in common and len(ways) > 1))
                for one in way
            ]
            found = _merged(found, marked, either=True)
        return found

    # -- data ----------------------------------------------------------------------------------------------------------

    def value(self, value: Value, known: _Known) -> Any:
        """Return a value; raises :class:`_Later` for one that is known only later, or can't be worked out now."""
        if value.expression is None:
            return value.text
        try:
            return feel.to_host(
                value.expression.evaluate(_Guarded(self.names, known), self.act.env, strict=True)
            )
        except feel.FeelError as error:
            raise _Later from error

    def _asked(self, task: UserTask, known: _Known) -> Sequence[str]:
        """Return whom a step will ask; nobody where that is known only later."""
        named = ((task.assignee, "user:"), (task.candidate_users, "user:"), (task.candidate_groups, "role:"))
        found: dict[str, None] = {}
        try:
            for value, prefix in named:
                if value is not None:
                    found.update(dict.fromkeys(principals(self.value(value, known), prefix)))
        except (_Later, TypeError):
            return ()
        if not any(value for value, _ in named):
            return (self.act.instance.initiator,)
        return tuple(found)

    def _did(self, element: Element, known: _Known) -> _Known:
        """Return what is known after an element that is no user task."""
        match element:
            case ScriptTask():
                result = self._guess(lambda: self.value(element.expression, known), element.result_variable)
            case BusinessRuleTask():
                result = self._guess(lambda: self._decide(element, known), element.result_variable)
            case ServiceTask() | CallActivity() | SubProcess():
                if not element.outputs:
                    inside = isinstance(element, SubProcess)
                    return (
                        known
                        if inside and element.loop is None
                        else replace(known, any_later=True, values={})
                    )
                return known.open(binding.target for binding in element.outputs)
            case _ if element.awaits is not None and element.timer is None:
                return replace(known, any_later=True, values={})
            case _:
                return known
        local = known.given(result) if result is not None else known.open(iter([element.result_variable]))
        return self._outputs(element, known, local)

    def _completed(self, task: UserTask, known: _Known, outcome: str | None) -> _Known:
        fields: list[str] = []
        if (
            task.form_id is not None
            and task.document is None
            and (form := self.act.process.forms.get(task.form_id))
        ):
            hook = self.act.ports.plugins.hook.bihuan_form_fields
            fields = [name for offer in hook(form_id=form.id, source=form.source) for name in offer]
        local = known.open(iter([task.saved_as, "opinion", "actor", "signatures", *fields]))
        local = local.open(iter(["outcome"])) if outcome is None else local.given({"outcome": outcome})
        return self._outputs(task, known.open(iter([task.saved_as])), local)

    def _outputs(self, element: Element, outside: _Known, inside: _Known) -> _Known:
        """With output mappings only these leave an element."""
        if not element.outputs:
            return inside
        for binding in element.outputs:
            try:
                outside = outside.given({binding.target.split(".")[0]: self.value(binding.source, inside)})
            except _Later:
                outside = outside.open(iter([binding.target]))
        return outside

    def _mapped(self, bindings: Sequence[Any], known: _Known) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for binding in bindings:
            try:
                found[binding.target] = self.value(binding.source, known.given(found))
            except _Later:
                continue
        return found

    def _guess(self, work: Any, name: str) -> dict[str, Any] | None:
        try:
            return {name: work()}
        except _Later:
            return None

    def _decide(self, task: BusinessRuleTask, known: _Known) -> Any:
        model = self.act.process.decisions.get(task.decision_id)
        if model is None:
            raise _Later
        try:
            evaluation = model.evaluate(
                task.decision_id, _Guarded(self.names, known), self.act.env, strict=True
            )
        except (dmn.DmnError, feel.FeelError, ExecutionError) as error:
            raise _Later from error
        return feel.to_python(evaluation.value)


def _merged(one: Sequence[Ahead], other: Sequence[Ahead], *, either: bool) -> list[Ahead]:
    """Return two ways as one, in an order that fits both.

    ``either`` tells that the steps of each are as sure as they say; else only what both have is sure.
    """
    theirs = {step.element: step for step in other}
    mine = {step.element for step in one}
    found: list[Ahead] = []
    for step in one:
        again = theirs.get(step.element)
        if again is None:
            found.append(step if either else replace(step, perhaps=True))
        else:
            perhaps = (step.perhaps and again.perhaps) if either else (step.perhaps or again.perhaps)
            found.append(replace(step, perhaps=perhaps, principals=step.principals or again.principals))
    new: list[Ahead] = []
    for step in other:
        if step.element not in mine:
            new.append(step if either else replace(step, perhaps=True))
        elif new:
            at = next(i for i, each in enumerate(found) if each.element == step.element)
            found[at:at], new = new, []
    return [*found, *new]
