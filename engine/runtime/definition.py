"""Compiles process models into the specs that all instances of a version share; nothing changes them
afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.bpmn.blocks import Blocks
from engine.bpmn.event_definitions import (
    CancelEvent,
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    LinkEvent,
    MessageEvent,
    SignalEvent,
    TerminateEvent,
)
from engine.bpmn.graph import link_target, reaching
from engine.bpmn.model import (
    BusinessRuleTask,
    CallActivity,
    Element,
    Event,
    Gateway,
    MultiInstance,
    ProcessModel,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    StandardLoop,
    SubProcess,
    UserTask,
)
from engine.runtime import events, gateways, loops, nodes
from engine.runtime.events import Boundary, Trigger
from engine.runtime.loops import item_of, repeats, run_of
from engine.runtime.nodes import Container, EventSubProcess, Node, Way
from engine.runtime.spiff import ScopeSpec

_GATEWAYS: dict[str, type[Node]] = {
    "exclusiveGateway": gateways.Exclusive,
    "parallelGateway": gateways.Parallel,
    "inclusiveGateway": gateways.Inclusive,
    "eventBasedGateway": gateways.EventBased,
}


class Definition:
    """A process with all that it calls, ready to be executed.

    ``names`` is the table by which a state names nodes and flows. It must be stored with the deployment and
    given back when the same files are compiled again, so that a later reader, which may read more of a file,
    never shifts it.
    """

    def __init__(self, model: ProcessModel, processes: Mapping[str, CompiledProcess], names: tuple[str, ...]):
        self.model = model
        self.processes = processes
        self.names = names
        self.process = processes[model.id]
        #: Whether any event waits for a condition, so that it must be asked whenever something may have changed.
        self.asks_conditions = any(
            isinstance(node.element.awaits, ConditionalEvent)
            for compiled in processes.values()
            for node in compiled.nodes.values()
        )
        #: The node or the flow's index behind each entry of the table; None for what the files don't have any
        #: more.
        self.nodes: dict[int | str, Node] = {}
        self.node_keys: dict[Node, int | str] = {}
        for compiled in processes.values():
            for identifier, node in compiled.nodes.items():
                name = node_name(compiled.id, identifier)
                key = compiled.table.get(name, name)
                self.nodes[key] = node
                self.node_keys[node] = key

    @classmethod
    def compile(
        cls,
        process_model: ProcessModel,
        called: Mapping[str, ProcessModel] | None = None,
        names: Sequence[str] | None = None,
    ) -> Definition:
        """Compile a model that the checks have accepted.

        ``called`` has, by id, the models of all processes that are called, directly or by those called; a token
        stops before the call of one that is missing. ``names`` is the table of an earlier compilation of the same
        deployment.
        """
        models = {process_model.id: process_model}
        todo = [process_model]
        while todo:
            for name in sorted(todo.pop().called()):
                if name not in models and name in (called or {}):
                    models[name] = (called or {})[name]
                    todo.append(models[name])
        table = tuple(names) if names is not None else tuple(_names(models))
        places = {name: place for place, name in enumerate(table)}
        processes = {name: CompiledProcess(model, places) for name, model in models.items()}
        for compiled in processes.values():
            compiled.connect(processes)
        return cls(process_model, processes, table)


class CompiledProcess:
    """One process of a definition: its scopes, its nodes and its flows."""

    def __init__(self, model: ProcessModel, table: Mapping[str, int]) -> None:
        self.id = model.id
        self.model = model
        self.table = table
        # A flow that the stored table lacks gets a number of its own behind it; states name it by its text.
        self.flow_index = {
            flow: table.get(flow_name(model.id, flow), len(table) + place)
            for place, flow in enumerate(model.flows)
        }
        self.flow_ids = {place: flow for flow, place in self.flow_index.items()}
        self.scopes: dict[str | None, ScopeSpec] = {None: ScopeSpec(model.id)}
        for element in model.elements.values():
            if isinstance(element, SubProcess):
                self.scopes[element.id] = ScopeSpec(f"{model.id}/{element.id}")
        self._blocks: dict[str | None, Blocks] = {}
        #: Every node by its element's id; what is inside an activity that repeats by ids of its own.
        self.nodes: dict[str, Node] = {}
        for element in model.elements.values():
            if repeats(element):
                self._repeat(element)
            else:
                self.nodes[element.id] = _node_type(element)(self.scopes[element.parent], element, self)

    def _repeat(self, element: Element) -> None:
        """Make the nodes of an activity that repeats: the whole, the item of a multi-instance, the single run."""
        runs = ScopeSpec(f"{self.id}/{run_of(element.id)}")
        run = _node_type(element)(runs, element, self)
        run.part = "run"
        around = self.scopes[element.parent]
        if isinstance(element.loop, MultiInstance):
            items = ScopeSpec(f"{self.id}/{item_of(element.id)}")
            many, item = loops.Many(around, element, self), loops.Item(items, element, self)
            many.repeat, many.inner, many.first = element.loop, items, item
            item.around, item.inner, item.first = many, runs, run
            self.nodes |= {element.id: many, item_of(element.id): item}
        elif isinstance(element.loop, StandardLoop):
            again = loops.Again(around, element, self)
            again.repeat, again.inner, again.first = element.loop, runs, run
            self.nodes[element.id] = again
        self.nodes[run_of(element.id)] = run

    def first(self, parent: str | None) -> Node:
        """Return the node of a scope's none start event."""
        start = self.model.start(parent)
        if start is None:
            raise ValueError(f"process {self.id}: scope {parent} has no none start event")
        return self.nodes[start.id]

    def blocks(self, parent: str | None) -> Blocks:
        """Return the parallel blocks of a scope; worked out when a token is first moved in it."""
        found = self._blocks.get(parent)
        if found is None:
            found = self._blocks[parent] = Blocks(self.model, parent)
        return found

    def connect(self, processes: Mapping[str, CompiledProcess]) -> None:
        """Link the nodes, with those of the called processes where they are called."""
        for node in self.nodes.values():
            element = node.element
            if isinstance(node, events.LinkThrow):
                target = link_target(self.model, element)
                if target is not None:
                    node.target = self.nodes[target.id]
            elif isinstance(node, Container) and node.part in ("", "run"):
                if isinstance(node, EventSubProcess):
                    self._triggers(node, element)
                if not isinstance(element, CallActivity):
                    node.inner, node.first = self.scopes[element.id], self.first(element.id)
                elif element.process_id in processes:
                    called = processes[element.process_id]
                    node.inner, node.first = called.scopes[None], called.first(None)
                else:
                    node.missing = element.process_id
            elif isinstance(node, gateways.Parallel | gateways.Inclusive):
                node.arriving = frozenset(self.flow_index[flow] for flow in element.incoming)
            if node.part in ("item", "run"):  # flows and boundary events belong to the whole
                node.link((), ())
                continue
            ways = [
                Way(flow, self.flow_index[flow.id], self.nodes[flow.target])
                for flow in self.model.outgoing(element)
            ]
            boundaries = [self.nodes[event.id] for event in self.model.boundaries(element.id)]
            node.link(ways, [event for event in boundaries if isinstance(event, Boundary)])
        for node in self.nodes.values():
            if isinstance(node, gateways.Inclusive) and len(node.arriving) > 1:
                node.reach = {
                    self.flow_index[flow]: reaching(self.model, flow, node.element.id)
                    for flow in node.element.incoming
                }

    def _triggers(self, node: EventSubProcess, element: Element) -> None:
        """Let the scope around an event sub-process know what starts it."""
        trigger = self.first(element.id)
        around = self.scopes[element.parent]
        if isinstance(trigger, Trigger):
            trigger.starts = node
            around.triggers = (*around.triggers, trigger)


def node_name(process_id: str, element_id: str) -> str:
    """Return the name of a node in the table."""
    return f"{process_id}#{element_id}"


def flow_name(process_id: str, flow_id: str) -> str:
    """Return the name of a flow in the table."""
    return f"{process_id}>{flow_id}"


def _names(models: Mapping[str, ProcessModel]) -> Iterator[str]:
    for model in models.values():
        for element in model.elements.values():
            yield node_name(model.id, element.id)
            if repeats(element):
                yield node_name(model.id, run_of(element.id))
            if repeats(element) and isinstance(element.loop, MultiInstance):
                yield node_name(model.id, item_of(element.id))
        yield from (flow_name(model.id, flow) for flow in model.flows)


def _node_type(element: Element) -> type[Node]:
    match element:
        case UserTask():
            return nodes.Step
        case ReceiveTask():
            return nodes.Waiting
        case SendTask():
            return nodes.Send
        case ServiceTask():
            return nodes.Service
        case ScriptTask() | BusinessRuleTask():
            return nodes.Automatic
        case SubProcess(triggered=True):
            return EventSubProcess
        case SubProcess() | CallActivity():
            return Container
        case Gateway():
            return _GATEWAYS[element.kind]
        case Event(kind="boundaryEvent"):
            return Boundary
        case Event(kind="startEvent", definition=definition) if definition is not None:
            return Node if element.parent is None else Trigger
        case Event(kind="intermediateCatchEvent") if element.awaits is not None:
            return nodes.Waiting
        case Event(definition=MessageEvent() | SignalEvent()):
            return nodes.Send
        case Event(definition=TerminateEvent()):
            return events.Terminate
        case Event(definition=ErrorEvent() | EscalationEvent() | CancelEvent()):
            return events.Throw
        case Event(kind="intermediateThrowEvent", definition=LinkEvent()):
            return events.LinkThrow
        case _:
            return Node
