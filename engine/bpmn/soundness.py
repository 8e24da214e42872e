"""Plays the token game of a process in all ways, and finds where it would wait for ever.

Conditions are unknown here: every way out may be taken. Each scope is played by itself, with its sub-processes as
single steps. Independent tokens move one after the other, which leaves out no deadlock, since one token's choice
takes nothing from another. What may be met only with some data is a warning; it is an error where a way, once
taken, always ends in the deadlock. Only a token that goes round for ever would hide what the others do: where that
seems to be all, every order is tried.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from engine.bpmn.event_definitions import CancelEvent, ErrorEvent, TerminateEvent
from engine.bpmn.findings import finding
from engine.bpmn.graph import link_target, reaching
from engine.bpmn.model import Element, Event, ProcessModel, SubProcess
from engine.plugins import Finding

#: States that are looked at in one scope.
MAX_STATES = 3000

#: Conditional ways out of which all combinations are tried; of more, each one alone and all together.
MAX_COMBINED = 4

#: A token: the node that it is at, and at a join the flow by which it came.
Place = tuple[str, str]
State = tuple[Place, ...]
#: What was decided: the node, and what it chose.
Choice = tuple[str, ...]

_JOINS = ("parallelGateway", "inclusiveGateway")


def check_soundness(model: ProcessModel) -> Iterator[Finding]:
    """Yield the joins at which a token would wait for ever, and the scopes that never end, with a way there.

    Only for a process whose other checks found nothing that blocks.
    """
    scopes: list[SubProcess | None] = [
        None,
        *(e for e in model.elements.values() if isinstance(e, SubProcess)),
    ]
    for scope in scopes:
        for start in _starts(model, scope):
            found = list(_Scope(model, scope).judge(start))
            if any(one.code == "sound.no_end" for one in found):
                found = list(_Scope(model, scope, every=True).judge(start))
            cut_off = _is_cut_off(model, scope)
            yield from (one for one in found if one.code != "sound.no_end" or not cut_off)


def _is_cut_off(model: ProcessModel, scope: SubProcess | None) -> bool:
    """Tell whether something else may end a scope that doesn't end by itself: an event at its border or in it, or around."""
    around: Element | None = scope
    while True:
        parent = around.id if around is not None else None
        handlers = (one for one in model.children(parent) if isinstance(one, SubProcess) and one.triggered)
        starts = [model.start(one.id) for one in handlers]
        borders = model.boundaries(parent) if parent is not None else []
        if any(event is not None and event.interrupting for event in (*starts, *borders)):
            return True
        if around is None:
            return False
        around = model.elements.get(around.parent or "")


def _starts(model: ProcessModel, scope: SubProcess | None) -> Iterator[Event]:
    """Yield the start events of a scope; each begins an instance of its own, so that two never meet at a join."""
    plain = model.start(scope.id if scope else None)
    if plain is not None:
        yield plain
    if scope is None:
        yield from model.awaited_starts()


@dataclass(slots=True)
class _Seen:
    """A state with the way by which it was first reached, and what can follow."""

    before: State | None
    fired: str
    following: list[tuple[Choice, State]] = field(default_factory=list)


class _Scope:
    def __init__(self, model: ProcessModel, scope: SubProcess | None, *, every: bool = False) -> None:
        self.model = model
        self.scope = scope
        self.every = every
        self.states: dict[State, _Seen] = {}
        self.unseen: set[State] = set()
        self.leaks = False
        self.reach: dict[tuple[str, str], frozenset[str]] = {}

    def judge(self, start: Event) -> Iterator[Finding]:
        first: State = ((start.id, ""),)
        self._explore(first)
        if self.unseen or self.leaks:
            yield finding("sound.bound", self.scope or self.model, severity="info", limit=MAX_STATES)
        good = self._can_end()
        worst: dict[str, Finding] = {}
        for begin, severity in self._falls(first, good):
            for found in self._behind(begin, severity):
                key = found.element or ""
                if key not in worst or (found.blocks and not worst[key].blocks):
                    worst[key] = found
        yield from worst.values()

    # -- the game

    def _explore(self, first: State) -> None:
        self.states[first] = _Seen(None, "")
        todo = deque([first])
        while todo:
            state = todo.popleft()
            for choice, fired, following in self._moves(state):
                self.states[state].following.append((choice, following))
                if following in self.states:
                    continue
                if len(self.states) >= MAX_STATES:
                    self.unseen.add(following)
                    continue
                self.states[following] = _Seen(state, fired)
                todo.append(following)

    def _moves(self, state: State) -> Iterator[tuple[Choice, str, State]]:
        """Yield what can follow a state: the moves of the first token that can, else those of a join; with ``every`` all."""
        for place in state:
            element = self.model.elements[place[0]]
            if place[1]:
                continue
            rest = _without(state, [place])
            for choice, tokens in self._ways_on(element):
                yield choice, element.id, () if tokens is None else self._state((*rest, *tokens))
            if not self.every:
                return
        for identifier in dict.fromkeys(place[0] for place in state if place[1]):
            element = self.model.elements[identifier]
            used = self._merge(element, state)
            if used is not None:
                rest = _without(state, used)
                for choice, tokens in self._ways_out(element):
                    yield choice, element.id, self._state((*rest, *tokens))
                if not self.every:
                    return

    def _state(self, tokens: Iterable[Place]) -> State:
        """Order tokens; more than two at one place are as many as two, so that a leak of tokens stays finite."""
        kept: list[Place] = []
        for token in sorted(tokens):
            if kept.count(token) < 2:
                kept.append(token)
            else:
                self.leaks = True
        return tuple(kept)

    def _merge(self, element: Element, state: State) -> list[Place] | None:
        """Return the tokens that a join consumes, None when it waits."""
        arrived = {flow for node, flow in state if node == element.id}
        empty = set(element.incoming) - arrived
        if empty and element.kind == "parallelGateway":
            return None
        if empty:
            others = {node for node, _ in state if node != element.id}
            may_fill = set().union(*(self._reach(flow, element.id) for flow in empty))
            already = set().union(*(self._reach(flow, element.id) for flow in arrived))
            if others & may_fill - already:
                return None
        return [(element.id, flow) for flow in arrived]

    def _reach(self, flow: str, gateway: str) -> frozenset[str]:
        key = (flow, gateway)
        if key not in self.reach:
            self.reach[key] = reaching(self.model, flow, gateway)
        return self.reach[key]

    def _ways_on(self, element: Element) -> Iterator[tuple[Choice, list[Place] | None]]:
        """Yield what a token at an element can become; None when it ends the scope."""
        definition = element.definition if isinstance(element, Event) else None
        if element.kind == "endEvent" and isinstance(definition, TerminateEvent | ErrorEvent | CancelEvent):
            yield (element.id,), None
            return
        target = link_target(self.model, element) if element.kind == "intermediateThrowEvent" else None
        ways = [((element.id,), [(target.id, "")])] if target else list(self._ways_out(element))
        yield from ways
        for event in self.model.boundaries(element.id):
            if event.interrupting:
                yield (event.id,), [(event.id, "")]
            else:
                for choice, tokens in ways:
                    yield (*choice, event.id), [*tokens, (event.id, "")]

    def _ways_out(self, element: Element) -> Iterator[tuple[Choice, list[Place]]]:
        """Yield each set of outgoing flows that may be taken together."""
        flows = list(element.outgoing)
        if element.kind in ("exclusiveGateway", "eventBasedGateway") and flows:
            for flow in flows:
                yield (element.id, flow), [self._arrival(flow)]
            return
        conditional = [flow for flow in flows if self.model.flows[flow].condition is not None]
        if element.kind == "parallelGateway" or not conditional:
            yield (element.id,), [self._arrival(flow) for flow in flows]
            return
        always = [flow for flow in flows if flow not in conditional and flow != element.default]
        for chosen in _combinations(conditional):
            yield (element.id, *chosen), [self._arrival(flow) for flow in (*always, *chosen)]
        fallback = [*always, element.default] if element.default else always
        if fallback:
            yield (element.id, *fallback), [self._arrival(flow) for flow in fallback]

    def _arrival(self, flow: str) -> Place:
        target = self.model.elements[self.model.flows[flow].target]
        joins = target.kind in _JOINS and len(target.incoming) > 1
        return target.id, flow if joins else ""

    # -- the verdict

    def _can_end(self) -> set[State]:
        """Return the states from which the scope can end; what wasn't looked at is taken to be able to."""
        before: dict[State, list[State]] = {}
        for state, seen in self.states.items():
            for _, following in seen.following:
                before.setdefault(following, []).append(state)
        good: set[State] = set()
        todo = [(), *self.unseen]
        while todo:
            state = todo.pop()
            if state not in good:
                good.add(state)
                todo.extend(before.get(state, ()))
        return good

    def _falls(self, first: State, good: set[State]) -> Iterator[tuple[State, str]]:
        """Yield each state from which there is no end any more, just after the choice that led there."""
        if first not in good:
            yield first, "warning" if self.leaks else "error"
            return
        taken: dict[Choice, set[bool]] = {}
        falls: dict[State, Choice] = {}
        for state, seen in self.states.items():
            if state not in good:
                continue
            for choice, following in seen.following:
                taken.setdefault(choice, set()).add(following in good)
                if following not in good:
                    falls.setdefault(following, choice)
        for following, choice in falls.items():
            yield following, "warning" if self.leaks or True in taken[choice] else "error"

    def _behind(self, begin: State, severity: str) -> Iterator[Finding]:
        """Yield each way in which it ends badly after ``begin``: the deadlocks, or that it goes on for ever."""
        seen, todo, joins = {begin}, deque([begin]), set[str]()
        while todo:
            state = todo.popleft()
            following = self.states[state].following
            if not following and state[0][0] not in joins:
                joins.add(state[0][0])
                yield self._deadlock(state, severity)
            for _, after in following:
                if after not in seen and after in self.states:
                    seen.add(after)
                    todo.append(after)
        if not joins:
            at = self.scope or self.model
            yield finding("sound.no_end", at, severity="warning", path=self._path(begin))

    def _deadlock(self, dead: State, severity: str) -> Finding:
        identifier = dead[0][0]
        element = self.model.elements[identifier]
        arrived = {flow for node, flow in dead if node == identifier}
        missing = [self.model.flows[flow] for flow in element.incoming if flow not in arrived]
        names = " / ".join(self.model.elements[flow.source].label for flow in missing)
        path = (*self._path(dead), identifier)
        return finding("sound.deadlock", element, severity=severity, names=names, path=path)

    def _path(self, state: State) -> tuple[str, ...]:
        path: list[str] = []
        at: State | None = state
        while at is not None and at in self.states:
            seen = self.states[at]
            if seen.fired:
                path.append(seen.fired)
            at = seen.before
        return tuple(reversed(path))


def _without(state: State, used: Iterable[Place]) -> list[Place]:
    rest = list(state)
    for place in used:
        rest.remove(place)
    return rest


def _combinations(flows: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield every set of at least one flow; of many, each one alone and all of them."""
    sizes = range(1, len(flows) + 1) if len(flows) <= MAX_COMBINED else (1, len(flows))
    for size in sizes:
        yield from combinations(flows, size)
