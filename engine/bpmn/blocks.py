"""The blocks of one scope: which node is earlier than which, and in which parallel branches a node stands.

A node that more than one token leaves is a split; what it dominates up to the node where all ways from it
meet again is its block. Both are the textbook's dominators and post-dominators of the graph, so they are right
for every graph, nested or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.bpmn.graph import link_target
from engine.bpmn.model import Element, Event, Gateway, ProcessModel, SubProcess

# The virtual nodes before all starts and behind all ends.
_ENTRY, _EXIT = "", "\0"


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A node where tokens part: parallel or inclusive gateway, or an element with several outgoing flows.

    ``join`` is where all ways from it have met again, None where they end apart. ``inside`` are the nodes of
    its block, each with the flows of the split that lead to it.
    """

    element: str
    join: str | None
    inside: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Entered:
    """A block that a token is put into by a move: ``flows`` lead to its new place.

    ``others`` are the flows of the split whose branches count as arrived, or are opened again; ``fed`` are the
    parallel joins on the way, with the flows on which nobody will come.
    """

    split: Split
    flows: frozenset[str]
    others: tuple[str, ...]
    fed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """How a place stands to another in its scope: ``refusal`` where no token may move there.

    ``left`` is the outermost block that the move leaves, with all that is open in it; ``entered`` are the
    blocks that it enters, outer ones first. ``side`` are the non-interrupting boundary events whose way it
    leaves.
    """

    refusal: str | None = None
    left: Split | None = None
    entered: tuple[Entered, ...] = ()
    side: frozenset[str] = frozenset()

    @property
    def straight(self) -> bool:
        """Whether both stand on one line: no other branch is touched."""
        return self.refusal is None and self.left is None and not self.entered and not self.side


class Blocks:
    """The blocks of the scope of ``parent`` (None: the top of the process)."""

    def __init__(self, model: ProcessModel, parent: str | None) -> None:
        self.model = model
        inside = [element for element in model.children(parent) if not _triggered(element)]
        after: dict[str, list[str]] = {element.id: _after(model, element) for element in inside}
        targets = {target for found in after.values() for target in found}
        after[_ENTRY] = [node for node in after if node not in targets]
        before: dict[str, list[str]] = {node: [] for node in after}
        before[_EXIT] = [node for node, found in after.items() if not found]
        for node, found in after.items():
            for target in found:
                before[target].append(node)
        for node in before[_EXIT]:
            after[node] = [_EXIT]
        after[_EXIT] = []
        self._after = after
        self._dominator = _dominators(_ENTRY, after, before)
        self._exits = _dominators(_EXIT, before, after)
        self._forward = {
            node: [target for target in found if target != _EXIT and not self.dominates(target, node)]
            for node, found in after.items()
        }
        splits = [split for element in inside if (split := self._split(element)) is not None]
        order = {split.element: self._depth(split.element) for split in splits}
        splits.sort(key=lambda split: order[split.element])
        self._splits = splits
        self._joins = [e for e in inside if e.kind == "parallelGateway" and len(e.incoming) > 1]
        self._around = {
            element.id: tuple(split for split in splits if element.id in split.inside) for element in inside
        }
        asides = [
            e.id for e in inside if isinstance(e, Event) and e.attached is not None and not e.interrupting
        ]
        self._sides = {
            element.id: frozenset(aside for aside in asides if self.dominates(aside, element.id))
            for element in inside
        }

    def dominates(self, node: str, other: str) -> bool:
        """Whether every way from the start to ``other`` visits ``node``; every node dominates itself."""
        at: str | None = other
        while at is not None and at != node:
            at = self._dominator.get(at)
        return at == node

    def earlier(self, node: str, other: str) -> bool:
        """Whether a way that never goes back leads from ``node`` to ``other``."""
        return other in self.following(node)

    def following(self, node: str) -> frozenset[str]:
        """Return what can be reached from ``node`` without going back, ``node`` itself not included."""
        return _reached(node, self._forward)

    def ahead(self, node: str) -> frozenset[str]:
        """Return what a token that has left ``node`` may come to, by loops too, but never in another branch."""
        return frozenset(
            place
            for place in _reached(node, self._after) - {_EXIT}
            if self.relation(place, node).refusal is None and not self.aside(place, node)
        )

    def aside(self, node: str, other: str) -> bool:
        """Whether ``node`` stands on the way of a non-interrupting boundary event on which ``other`` doesn't."""
        return bool(self._sides[node] - self._sides[other])

    def relation(self, source: str, target: str) -> Relation:
        """Return what moving a token from ``source`` to ``target`` means for the branches around them."""
        if self._sides[target] - self._sides[source]:
            return Relation("move.other_branch")
        here, there = self._around[source], self._around[target]
        shared = 0
        while shared < min(len(here), len(there)) and self._same(here, there, shared, source, target):
            shared += 1
        left = here[shared] if shared < len(here) else None
        entered: list[Entered] = []
        if left is not None and shared < len(there) and left is there[shared]:
            mine, theirs = left.inside[source], left.inside[target]
            if not theirs < mine:
                return Relation("move.other_branch")
            entered.append(self._entered(left, target, mine, left.inside))
            shared += 1
            left = here[shared] if shared < len(here) else None
        entered += [self._enter(split, target) for split in there[shared:]]
        return Relation(None, left, tuple(entered), self._sides[source] - self._sides[target])

    def from_outside(self, target: str) -> Relation:
        """Return what a token that comes from outside the graph, out of an event sub-process, means for branches."""
        if self._sides[target]:
            return Relation("move.other_branch")
        return Relation(None, None, tuple(self._enter(split, target) for split in self._around[target]))

    def flows_to(self, split: Split, flow: str) -> frozenset[str]:
        """Return the flows of a split that lead over ``flow``; none where it comes from elsewhere."""
        source = self.model.flows[flow].source
        return frozenset({flow}) if source == split.element else split.inside.get(source, frozenset())

    def starving(self, places: Sequence[tuple[str, str | None]]) -> str | None:
        """Return a parallel join at which some of these tokens would wait for ever, None where there is none.

        A place is a node, with the flow at whose end the token waits there where it does.
        """
        for join in self._joins:
            coming = {flow for node, flow in places if node == join.id and flow is not None}
            for node, flow in places:
                if node == join.id and flow is not None:
                    continue
                ahead = {node, *self.following(node)}
                coming |= {one for one in join.incoming if self.model.flows[one].source in ahead}
            if coming and coming != set(join.incoming):
                return join.id
        return None

    def parted(self, one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
        """Whether two places are in different branches, or on the way of different boundary events."""
        mine, theirs = (self._branches(*place) for place in (one, other))
        if any(mine[split].isdisjoint(theirs[split]) for split in mine.keys() & theirs.keys()):
            return True
        return self._sides[one[0]] != self._sides[other[0]]

    def _branches(self, node: str, flow: str | None) -> dict[str, frozenset[str]]:
        """Return for each split around a place the flows that lead there."""
        found = {split.element: split.inside[node] for split in self._around[node]}
        for split in self._splits if flow is not None else ():
            led = self.flows_to(split, str(flow))
            if led:
                found[split.element] = led
        return found

    def _same(
        self, here: Sequence[Split], there: Sequence[Split], place: int, source: str, target: str
    ) -> bool:
        split = here[place]
        return split is there[place] and split.inside[source] == split.inside[target]

    def _enter(self, split: Split, target: str) -> Entered:
        """Enter a whole block: all its branches had met, or none had begun."""
        flows = frozenset(self.model.elements[split.element].outgoing)
        return self._entered(split, target, flows, (*split.inside, split.join or ""))

    def _entered(
        self, split: Split, target: str, covered: frozenset[str], candidates: Iterable[str]
    ) -> Entered:
        """``covered`` are the flows whose branches had met where the token comes from, ``candidates`` the nodes
        among which the joins are that it had passed.
        """
        flows = split.inside[target]
        outgoing = self.model.elements[split.element].outgoing
        others = tuple(flow for flow in outgoing if flow in covered - flows)
        following = self.following(target)
        fed = []
        for name in candidates:
            joins = self.model.elements.get(name)
            if joins is None or joins.kind != "parallelGateway" or joins.id not in following:
                continue
            for flow in joins.incoming if len(joins.incoming) > 1 else ():
                led = self.flows_to(split, flow)
                if led and led <= covered and led.isdisjoint(flows):
                    fed.append((joins.id, flow))
        return Entered(split, flows, others, tuple(fed))

    def _split(self, element: Element) -> Split | None:
        if len(element.outgoing) < 2 or element.kind in ("exclusiveGateway", "eventBasedGateway"):
            return None
        if isinstance(element, Gateway) and element.kind not in ("parallelGateway", "inclusiveGateway"):
            return None
        meeting = self._exits.get(element.id)
        join = None if meeting in (None, _EXIT) else meeting
        found: dict[str, set[str]] = {}
        for flow in self.model.outgoing(element):
            seen = {element.id, join}
            todo = [flow.target]
            while todo:
                at = todo.pop()
                if at in seen:
                    continue
                seen.add(at)
                todo.extend(_after(self.model, self.model.elements[at]))
                if self.dominates(element.id, at):
                    found.setdefault(at, set()).add(flow.id)
        return Split(element.id, join, {node: frozenset(flows) for node, flows in found.items()})

    def _depth(self, node: str) -> int:
        depth, at = 0, self._dominator.get(node)
        while at is not None:
            depth, at = depth + 1, self._dominator.get(at)
        return depth


def _reached(node: str, edges: Mapping[str, Sequence[str]]) -> frozenset[str]:
    found: set[str] = set()
    todo = list(edges.get(node, ()))
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            todo.extend(edges[at])
    return frozenset(found)


def _after(model: ProcessModel, element: Element) -> list[str]:
    """Return where a token may come to next: over flows, links and boundary events."""
    found = [flow.target for flow in model.outgoing(element)]
    found += [event.id for event in model.boundaries(element.id)]
    linked = link_target(model, element) if element.kind == "intermediateThrowEvent" else None
    if linked is not None:
        found.append(linked.id)
    return found


def _triggered(element: Element) -> bool:
    return isinstance(element, SubProcess) and element.triggered


def _dominators(
    root: str, after: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]]
) -> dict[str, str | None]:
    """Return the immediate dominator of each node that ``root`` reaches (Cooper, Harvey and Kennedy, 2001)."""
    order = list(_postorder(root, after))
    number = {node: place for place, node in enumerate(order)}
    found: dict[str, str | None] = {root: root}
    changed = True
    while changed:
        changed = False
        for node in reversed(order):
            if node == root:
                continue
            best: str | None = None
            for source in before.get(node, ()):
                if source in found:
                    best = source if best is None else _common(found, number, source, best)
            if best is not None and found.get(node) != best:
                found[node] = best
                changed = True
    found[root] = None
    return found


def _common(found: Mapping[str, str | None], number: Mapping[str, int], one: str, other: str) -> str:
    while one != other:
        while number[one] < number[other]:
            one = str(found[one])
        while number[other] < number[one]:
            other = str(found[other])
    return one


def _postorder(root: str, after: Mapping[str, Sequence[str]]) -> Iterator[str]:
    seen = {root}
    stack = [(root, iter(after[root]))]
    while stack:
        node, rest = stack[-1]
        for target in rest:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(after.get(target, ()))))
                break
        else:
            stack.pop()
            yield node
