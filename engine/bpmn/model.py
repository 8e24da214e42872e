"""What a BPMN file says, as frozen values that the checks read, the runtime compiles and the engine asks.

The classes name things as the BPMN 2.0.2 specification does. An element's ``kind`` is the local name of its
XML tag (``userTask``, ``exclusiveGateway``, ``boundaryEvent``…). Everything that may be an expression is a
:class:`Value`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.bpmn.event_definitions import Awaited, EventDefinition, MessageEvent, TimerEvent

if TYPE_CHECKING:
    from engine.feel import Expression

#: What counts as a rejection where a user task doesn't say.
DEFAULT_REJECTS = ("不同意", "退回补正", "不予通过", "reject")

#: What counts as an abstention where a user task doesn't say.
DEFAULT_ABSTAINS = ("弃权", "abstain")

_EMPTY: Mapping[str, str] = MappingProxyType({})


def _nothing() -> Mapping[str, str]:
    return _EMPTY


@dataclass(frozen=True, slots=True)
class Value:
    """A literal text, or a FEEL expression when the file wrote ``=`` before it.

    ``expression`` is None for a literal, and also for an expression that didn't compile: the reader has then
    reported a finding that blocks, so such a value is never executed. ``is_expression`` tells the two apart.
    """

    text: str
    expression: Expression | None = None
    is_expression: bool = False

    @property
    def literal(self) -> str | None:
        """The text where it is a literal, else None."""
        return None if self.is_expression else self.text


@dataclass(frozen=True, slots=True)
class Binding:
    """One line of a ``zeebe:ioMapping``: ``target`` gets ``source``."""

    target: str
    source: Value


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """An activity that runs again and again (BPMN 2.0.2, 13.3.6): while ``condition`` holds, asked before each
    run where ``test_before``, else after it, and at most ``maximum`` times.
    """

    condition: Value | None
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """An activity that runs once an item (BPMN 2.0.2, 13.3.7), all at once or, when ``sequential``, in order.

    The items are those of ``collection``, each seen as the variable ``input_element``, or ``cardinality`` is
    their number. ``output_element`` is evaluated for each item, and ``output_collection`` gets the values in the
    order of the input. ``completion`` is asked after each item; where it holds, the others are cancelled.
    """

    sequential: bool = False
    collection: Value | None = None
    cardinality: Value | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: Value | None = None
    completion: Value | None = None


Loop = StandardLoop | MultiInstance


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``condition`` is None where it has none."""

    id: str
    name: str
    source: str
    target: str
    condition: Value | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A flow node, with what every kind of flow node has.

    ``parent`` is the id of the embedded sub-process that holds it, None at the top. ``incoming`` and
    ``outgoing`` are ids of flows in the order of the file. ``default`` is the id of the default flow.
    ``inputs`` and ``outputs`` are its ``zeebe:ioMapping``, ``properties`` its ``zeebe:properties``,
    ``headers`` its ``zeebe:taskHeaders``. ``loop`` tells how an activity repeats, None where it runs once.
    """

    id: str
    kind: str
    name: str = ""
    line: int | None = None
    column: int | None = None
    parent: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    lane: str | None = None
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=_nothing)
    headers: Mapping[str, str] = field(default_factory=_nothing)
    inputs: tuple[Binding, ...] = ()
    outputs: tuple[Binding, ...] = ()
    loop: Loop | None = None

    @property
    def label(self) -> str:
        """What a person calls it: its name on one line, or its id where it has none."""
        return " ".join(self.name.split()) or self.id

    @property
    def timer(self) -> TimerEvent | None:
        """Its timer where it is a timer event, else None."""
        return None

    @property
    def awaits(self) -> Awaited | None:
        """What it waits for where that comes from outside: a time, a message, a signal, a condition."""
        return None

    @property
    def attached_to(self) -> str | None:
        """The id of the activity that it is attached to where it is a boundary event, else None."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(Element):
    """An exclusive, parallel, inclusive or event-based gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Element):
    """A start, end, intermediate or boundary event; ``definition`` is None for a none event.

    ``interrupting`` says whether a boundary event cancels its activity, and whether the start event of an event
    sub-process cancels what else is open in the scope around.
    """

    definition: EventDefinition | None = None
    attached: str | None = None
    interrupting: bool = True

    @property
    def timer(self) -> TimerEvent | None:
        """Its timer where it is a timer event, else None."""
        return self.definition if isinstance(self.definition, TimerEvent) else None

    @property
    def awaits(self) -> Awaited | None:
        """What a catching event waits for; None for one that throws, or catches what is thrown."""
        throws = self.kind in ("endEvent", "intermediateThrowEvent")
        return self.definition if isinstance(self.definition, Awaited) and not throws else None

    @property
    def attached_to(self) -> str | None:
        """The id of the activity that it is attached to where it is a boundary event, else None."""
        return self.attached


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Element):
    """A task that does nothing by itself: an undefined task, or a manual task, which is done outside the
    system.
    """


@dataclass(frozen=True, slots=True)
class Signing:
    """How several people's signatures make one outcome of a user task.

    ``mode`` is ``all`` (会签), ``any`` (或签), ``ratio`` (票决: approvals over all required), ``in order`` (依次) or
    ``condition`` (FEEL). ``at_once`` says that one rejection ends it. ``lead`` names who concludes last (主办).
    """

    mode: str
    ratio: Fraction | None = None
    condition: Value | None = None
    at_once: bool = False
    lead: Value | None = None


@dataclass(frozen=True, slots=True)
class Returning:
    """Where a user task may be returned to, and how.

    ``targets`` are ids of steps, ``previous``, ``initiator`` or ``any``; ``mode`` is ``walk`` (every step again),
    ``direct`` (back to who returned it) or ``ask``. ``across`` names what a return may end: the open work of
    other ``branches``, a ``call``. ``again`` opens the other branches of a joined block once more, which
    otherwise count as arrived; ``bulk`` allows one common opinion for many tasks.
    """

    targets: tuple[str, ...]
    mode: str = "walk"
    across: frozenset[str] = frozenset()
    again: bool = False
    bulk: bool = False


#: How a step of one person is signed to which others were added: all approve, and one rejection ends it.
JOINT = Signing("all", at_once=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTask(Element):
    """A person's step: who may act, on which form, until when, and what the outcomes mean.

    ``rejects``, ``abstains``, ``without_form``, ``needs_opinion`` and ``needs_pins`` are subsets of outcomes.
    ``document`` is the name under which the answers are saved; without it they also become variables, and
    ``saved_as`` is the element's id. ``cc`` gets a copy when it is done,
    ``deadline_owner`` decides about a later deadline; ``bulk`` says whether it may be decided among many:
    ``yes``, ``opened`` (only after its page was opened) or ``no``. With ``signing`` everybody whom the
    assignment names signs for themself.
    """

    assignee: Value | None = None
    candidate_groups: Value | None = None
    candidate_users: Value | None = None
    form_id: str | None = None
    due: Value | None = None
    follow_up: Value | None = None
    priority: Value | None = None
    outcomes: tuple[str, ...] = ()
    rejects: tuple[str, ...] = DEFAULT_REJECTS
    document: str | None = None
    shows: tuple[str, ...] = ()
    #: The documents that whoever is given the step may read from then on, whatever their audience.
    entrusts: tuple[str, ...] = ()
    audience: Value | None = None
    opinion_audience: Value | None = None
    without_form: tuple[str, ...] = ()
    needs_opinion: tuple[str, ...] = DEFAULT_REJECTS
    needs_pins: tuple[str, ...] = ()
    pins: str | None = None
    editable: str | None = None
    drafters: Value | None = None
    separate_from: tuple[str, ...] = ()
    abstains: tuple[str, ...] = ()
    signing: Signing | None = None
    cc: Value | None = None
    deadline_owner: Value | None = None
    on_empty: Value | None = None
    on_initiator: Value | None = None
    on_repeat: Value | None = None
    on_separated: Value | None = None
    urgent_after: Value | None = None
    receipt_due: Value | None = None
    paper: Value | None = None
    bulk: str = "yes"
    returning: Returning | None = None

    @property
    def saved_as(self) -> str:
        """The name of the document that the answers become."""
        return self.document or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTask(Element):
    """Work of ``type``: a handler inside the transaction, or an external worker's job.

    Business rule, send and script tasks with a ``zeebe:taskDefinition`` are service tasks of their own
    ``kind``. ``retries`` says how often a job is tried, ``backoff`` (property ``retry-backoff``) how long it rests
    after its first failure. A type that is an expression is in ``type_expression`` too: what it gives is known only
    when the task begins, so such a task always waits for a worker.
    """

    type: str
    type_expression: Value | None = None
    retries: Value | None = None
    backoff: Value | None = None
    #: Whether no token may be moved back past it; what a handler says of itself comes on top.
    irreversible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTask(Element):
    """A send task without a type: it publishes its message."""

    message: MessageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTask(Element):
    """Waits for its message."""

    message: MessageEvent

    @property
    def awaits(self) -> Awaited | None:
        """The message."""
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTask(Element):
    """A FEEL expression whose value is stored in ``result_variable``."""

    expression: Value
    result_variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessRuleTask(Element):
    """A DMN decision whose result is stored in ``result_variable``."""

    decision_id: str
    result_variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubProcess(Element):
    """An embedded sub-process, a transaction or, when ``triggered``, an event sub-process.

    Its nodes name it as their ``parent``.
    """

    triggered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallActivity(Element):
    """Another process, run inside the caller.

    ``propagate_parent`` gives the called process all variables that are visible here, ``propagate_child``
    brings back all that it sets, unless there are output mappings (Camunda 8's ``propagateAllParentVariables``
    and ``propagateAllChildVariables``, both true by default).
    """

    process_id: str
    propagate_parent: bool = True
    propagate_child: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of the process and the flow nodes drawn in it.

    ``candidates`` is its property of that name; without one, its name is the role of those who do its tasks.
    """

    id: str
    name: str
    nodes: frozenset[str]
    candidates: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessModel:
    """One ``bpmn:process`` with all its elements and flows, those of embedded sub-processes included.

    ``subject``, ``unit``, ``section``, ``reference`` and ``amount`` fill the inbox's columns, ``figures`` are what to look
    at first. ``declared`` are the names of the variables that it starts with, None where the file doesn't declare them.
    """

    id: str
    name: str = ""
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    executable: bool = True
    properties: Mapping[str, str] = field(default_factory=_nothing)
    subject: Value | None = None
    unit: Value | None = None
    section: Value | None = None
    reference: Value | None = None
    amount: Value | None = None
    figures: Value | None = None
    declared: tuple[str, ...] | None = None
    lanes: tuple[Lane, ...] = ()
    #: The forms that the file itself carries, by id.
    forms: Mapping[str, bytes] = field(default_factory=dict)
    documentation: str = ""
    line: int | None = None
    column: int | None = None

    _inside: dict[str | None, tuple[Element, ...]] = field(init=False, repr=False, compare=False)
    _attached: dict[str, tuple[Event, ...]] = field(init=False, repr=False, compare=False)
    #: The names of the documents that its user tasks save.
    documents: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        inside: dict[str | None, list[Element]] = {}
        attached: dict[str, list[Event]] = {}
        for element in self.elements.values():
            inside.setdefault(element.parent, []).append(element)
            if isinstance(element, Event) and element.attached is not None:
                attached.setdefault(element.attached, []).append(element)
        saved = (element.saved_as for element in self.elements.values() if isinstance(element, UserTask))
        object.__setattr__(self, "documents", frozenset(saved))
        object.__setattr__(self, "_inside", {scope: tuple(found) for scope, found in inside.items()})
        object.__setattr__(self, "_attached", {host: tuple(found) for host, found in attached.items()})

    @property
    def retention(self) -> str | None:
        """How long the contents of archived instances are kept, an ISO 8601 duration; None: for ever."""
        return self.properties.get("retention", "").strip() or None

    def children(self, parent: str | None) -> Sequence[Element]:
        """Return the flow nodes directly inside the sub-process ``parent``, or at the top for None."""
        return self._inside.get(parent, ())

    def boundaries(self, activity: str) -> Sequence[Event]:
        """Return the boundary events attached to an activity."""
        return self._attached.get(activity, ())

    def start(self, parent: str | None) -> Event | None:
        """Return the start event of a scope: that of an event sub-process has a definition, any other none."""
        around = self.elements.get(parent or "")
        triggered = isinstance(around, SubProcess) and around.triggered
        starts = (element for element in self.children(parent) if element.kind == "startEvent")
        events = (element for element in starts if isinstance(element, Event))
        return next((event for event in events if (event.definition is not None) == triggered), None)

    def awaited_starts(self) -> Sequence[Event]:
        """Return the start events by which messages, signals and times begin an instance."""
        return tuple(
            event
            for event in self.children(None)
            if isinstance(event, Event) and event.kind == "startEvent" and event.awaits is not None
        )

    def outgoing(self, element: Element) -> Iterator[Flow]:
        """Yield an element's outgoing flows in the order of the file."""
        return (self.flows[flow] for flow in element.outgoing)

    def incoming(self, element: Element) -> Iterator[Flow]:
        """Yield an element's incoming flows in the order of the file."""
        return (self.flows[flow] for flow in element.incoming)

    def called(self) -> frozenset[str]:
        """Return the ids of the processes that its call activities call."""
        return frozenset(e.process_id for e in self.elements.values() if isinstance(e, CallActivity))
