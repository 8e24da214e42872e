"""One command on one instance: it hosts the token game, and gathers every change until :mod:`.writer` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine import dmn, feel, tables
from engine.bpmn.model import (
    BusinessRuleTask,
    CallActivity,
    MultiInstance,
    ReceiveTask,
    ScriptTask,
    ServiceTask,
    SubProcess,
    UserTask,
    Value,
)
from engine.catalogue import Process
from engine.commands import repeating, sending, subscriptions, waiting, writer
from engine.commands.handling import run_handler
from engine.commands.ports import Ports
from engine.commands.progress import Head, Progress, key_of
from engine.commands.scopes import Names, Scopes, plain
from engine.database import Unit
from engine.errors import Conflict, ExecutionError
from engine.history import Entry
from engine.plugins import InstanceInfo
from engine.runtime import Execution, Token
from engine.values import digest, dump_json, load_json, stamp

COLUMNS = ("subject", "unit", "reference", "amount")
_LENGTHS = {"subject": 500, "unit": 200, "reference": 200}
_MAX_AMOUNT = 2**63 - 1


@dataclass(slots=True)
class Instance:
    """An instance's row, as the command found it and changes it."""

    id: int
    version: int
    state: str
    business_key: str | None
    initiator: str
    started_at: datetime
    ended_at: datetime | None
    history_seq: int
    history_head: str
    columns: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(COLUMNS))
    #: Whether the row is in the database already.
    stored: bool = True


@dataclass(slots=True)
class Saved:
    """A document version that the command saves."""

    scope: int
    name: str
    version: int
    element: str
    form_resource_id: int | None
    body: str
    sha256: str
    author: str
    audience: list[str] | None
    item: int = 0


@dataclass(slots=True)
class Changes:
    """What a command changes in the rows beside the instance's own."""

    documents: list[Saved] = field(default_factory=list)
    #: The items that are opened, by token; several where several sign.
    items: dict[int, list[waiting.NewItem]] = field(default_factory=dict)
    jobs: dict[int, waiting.NewJob] = field(default_factory=dict)
    subscriptions: dict[int, subscriptions.NewSubscription] = field(default_factory=dict)
    #: Tokens whose subscriptions are over.
    unsubscribed: set[int] = field(default_factory=set)
    #: What was sent, by the token that sent it.
    outbox: dict[int, sending.Outgoing] = field(default_factory=dict)
    incidents: dict[int, ExecutionError] = field(default_factory=dict)
    #: Tokens that were withdrawn: their items are cancelled, their jobs deleted, their incidents resolved.
    withdrawn: set[int] = field(default_factory=set)
    #: Jobs that are done, by token.
    done_jobs: set[int] = field(default_factory=set)
    resolved: set[int] = field(default_factory=set)
    columns_changed: bool = False

    @property
    def opened(self) -> list[waiting.NewItem]:
        """All items that are opened."""
        return [item for items in self.items.values() for item in items]


class Act:
    """A command on an instance whose row it holds locked; the host of its :class:`~engine.runtime.Execution`."""

    def __init__(
        self,
        ports: Ports,
        unit: Unit,
        process: Process,
        instance: Instance,
        scopes: Scopes,
        progress: Progress,
        actor: str,
    ) -> None:
        self.ports = ports
        self.unit = unit
        self.process = process
        self.instance = instance
        self.scopes = scopes
        self.progress = progress
        self.actor = actor
        self.now = ports.clock.now()
        self._env: feel.Environment | None = None
        self.execution: Execution
        self.changes = Changes()
        self.entries: list[Entry] = []
        self.path: list[str] = []
        self.flows: dict[str, None] = {}
        self._flown: set[int] = set()
        self._bodies: dict[str, Any] = {}
        #: Who has just done a step by this command, without a rejection.
        self.finished_by: str | None = None
        #: For whom the actor acts as a substitute.
        self.behalf: str | None = None
        #: A signer's own variables, by the token of the signing.
        self.locals: dict[int, Mapping[str, Any]] = {}
        #: Tokens whose element an operator counts as done.
        self._skipped: set[int] = set()
        self._special = {"initiator": instance.initiator}
        #: The documents that expressions have read, as (scope, name).
        self.reads: set[tuple[int, str]] = set()

    # -- expressions -------------------------------------------------------------------------------------------------

    @property
    def env(self) -> feel.Environment:
        """What FEEL is given beside the names, made when the first expression is evaluated."""
        if self._env is None:
            self._env = self.ports.environment(self.unit, self.now)
        return self._env

    def names(
        self,
        token: Token,
        local: Mapping[str, Any] | None = None,
        *,
        outside: bool = False,
        through: bool = False,
    ) -> Names:
        """Return what an expression at a token may name; ``outside`` leaves out the token's own scope."""
        place = token.scope if outside else self.scopes.nearest(token.id, token.scope)
        scope = self.scopes.document_scope(place)
        if token.id in self.locals:
            local = {**self.locals[token.id], **(local or {})}
        return Names(
            self.scopes,
            place,
            lambda name: self.body(scope, name),
            lambda: self.document_names(scope),
            self._special,
            self.process.declared[token.process_id],
            local,
            through=through,
        )

    def evaluate(self, token: Token, expression: feel.Expression, *, what: str) -> Any:  # noqa: ARG002
        """Evaluate FEEL at a token; any fault is an :class:`ExecutionError` at its element."""
        return self.feel(expression, self.names(token), token.element.id)

    def feel(self, expression: feel.Expression, names: Names, element: str) -> Any:
        """Evaluate FEEL over ``names``; an unknown name is an error, not null."""
        try:
            return expression.evaluate(names, self.env, strict=True)
        except feel.FeelError as error:
            raise ExecutionError(error.code, element, **_params(error.params)) from error

    def value(self, value: Value | None, names: Names, element: str) -> Any:
        """Return what an attribute of the file says: its text, or its expression's value as Python data."""
        if value is None:
            return None
        if value.expression is None:
            return value.text
        return feel.to_host(self.feel(value.expression, names, element))

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """Let expressions see ``moment`` as the present."""
        now, env = self.now, self._env
        self.now, self._env = moment, None
        try:
            yield
        finally:
            self.now, self._env = now, env

    def reserved(self, name: str) -> bool:
        """Tell whether a name is the engine's own, so that no variable may hide it."""
        return name in self._special

    def document_names(self, scope: int) -> frozenset[str]:
        """Return the documents that can be named in the process of ``scope``: its own, and its callers'."""
        found = self.progress.names(scope)
        for around in self.scopes.chain(scope, through=True):
            if self.scopes.has_documents(around):
                found |= self.progress.names(around.id)
        return found

    def body(self, scope: int, name: str) -> Any:
        """Return the newest body of a document that the process of ``scope`` or a caller of it has; else KeyError."""
        for around in self.scopes.chain(scope, through=True):
            head = self.progress.head(around.id, name) if self.scopes.has_documents(around) else None
            if head is not None:
                self.reads.add((around.id, name))
                return self.read(around.id, name, head)
            if key_of(around.id, name) in self.progress.parts:
                return self.read_parts(around.id, name)
        raise KeyError(name)

    def read_parts(self, scope: int, name: str) -> list[Any]:
        """Return the newest bodies of a document that each signer has their own of, in the order of the signers."""
        key = key_of(scope, name)
        if key not in self._bodies:
            rows = self.unit.execute(_parts, {"instance": self.instance.id, "scope": scope, "name": name})
            newest = {row.item: row.body for row in rows}
            unsaved = (one for one in self.changes.documents if one.item)
            newest |= {one.item: one.body for one in unsaved if (one.scope, one.name) == (scope, name)}
            saved = sorted(self.progress.parts[key])
            self._bodies[key] = [load_json(newest[item]) if newest.get(item) else {} for item in saved]
        return list(self._bodies[key])

    def part_body(self, scope: int, name: str, item: int) -> dict[str, Any]:
        """Return the newest body of a signer's own document; empty where they saved none."""
        wanted = {"instance": self.instance.id, "scope": scope, "name": name, "item": item}
        row = self.unit.execute(_part, wanted).first()
        found: dict[str, Any] = load_json(row.body) if row is not None and row.body else {}
        return found

    def own_head(self, scope: int, name: str, item: int) -> Head | None:
        """Return the newest version of a document; of a signer's own where ``item`` isn't 0."""
        if not item:
            return self.progress.head(scope, name)
        if key_of(scope, name) not in self.progress.parts:
            return None
        wanted = {"instance": self.instance.id, "scope": scope, "name": name, "item": item}
        row = self.unit.execute(_part, wanted).first()
        if row is None:
            return None
        audience = None if row.audience is None else load_json(row.audience)
        return Head(row.version, row.author, stamp(row.saved_at), row.sha256, audience)

    def read(self, scope: int, name: str, head: Head) -> Any:
        """Return the body of a document's newest version, read once a command."""
        key = key_of(scope, name)
        if key not in self._bodies:
            saved = (scope, name, 0, head.version)
            text = (
                next(
                    (
                        one.body
                        for one in self.changes.documents
                        if (one.scope, one.name, one.item, one.version) == saved
                    ),
                    None,
                )
                or self.unit.execute(
                    _body,
                    {"instance": self.instance.id, "scope": scope, "name": name, "version": head.version},
                ).scalar()
            )
            self._bodies[key] = {} if text is None else load_json(text)
        return self._bodies[key]

    # -- documents and variables -------------------------------------------------------------------------------------

    def save_document(
        self,
        scope: int,
        name: str,
        body: Mapping[str, Any],
        *,
        element: str,
        form_resource_id: int | None = None,
        audience: list[str] | None = None,
        item: int = 0,
    ) -> Saved:
        """Save the next version of a document; of a signer's own where ``item`` isn't 0."""
        text = dump_json(body)
        before = self.own_head(scope, name, item)
        saved = Saved(
            scope,
            name,
            before.version + 1 if before else 1,
            element,
            form_resource_id,
            text,
            digest(text),
            self.actor,
            audience,
            item,
        )
        self.changes.documents.append(saved)
        if item:
            self.progress.open_to(audience)
            key = key_of(scope, name)
            self.progress.saved_part(scope, name, item)
            self._bodies.pop(key, None)
            return saved
        head = Head(saved.version, self.actor, stamp(self.now), saved.sha256, audience)
        self.progress.documents[key_of(scope, name)] = head
        self.progress.open_to(audience)
        self._bodies.pop(key_of(scope, name), None)
        return saved

    def inputs(self, token: Token, local: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Evaluate an element's input mappings; each may name those before it, and ``local`` variables."""
        found: dict[str, Any] = {}
        holder = Scopes.new({})
        for binding in token.element.inputs:
            names = self.names(token, {**local, **found} if local else found, outside=True)
            value = plain(self.data(binding.source, names, token.element.id))
            holder.assign(0, binding.target, value)
            found = holder.scopes[0].values
        return found

    def data(self, value: Value, names: Names, element: str) -> Any:
        """Return an attribute's value as JSON data."""
        if value.expression is None:
            return value.text
        return feel.to_python(self.feel(value.expression, names, element))

    def results(
        self, token: Token, values: Mapping[str, Any], inputs: Mapping[str, Any] | None = None
    ) -> None:
        """Take over what an element gave: with output mappings they decide what leaves it, else everything does."""
        element = token.element
        if element.outputs:
            if token.id not in self.scopes.scopes:
                self.scopes.open(token.id, token.scope, values=inputs)
            for name, value in values.items():
                self.scopes.scopes[token.id].values[name] = plain(value)
            self.scopes.changed = True
            return
        for name, value in values.items():
            if name not in (inputs or {}):
                self.scopes.propagate(self.scopes.nearest(token.id, token.scope), name, plain(value))

    def keep(self, token: Token, values: Mapping[str, Any]) -> None:
        """Set variables in the scope of a waiting element itself; they are gone when it is."""
        if not values:
            return
        if token.id not in self.scopes.scopes:
            self.scopes.open(token.id, token.scope)
        for name, value in values.items():
            self.scopes.assign(token.id, name, plain(value))

    def catches(self, token: Token, values: Mapping[str, Any]) -> None:
        """Give what an error, a message or a signal carries to the event that catches it: its outputs decide what goes on
        from there; inside an event sub-process they are that one's own variables.
        """
        if isinstance(token.element, SubProcess):
            given = {name: plain(value) for name, value in values.items()}
            self.scopes.open(token.id, token.scope, values=given)
        else:
            self.results(token, values)

    def skips(self, token: Token, values: Mapping[str, Any]) -> None:
        """Let ``values`` stand for what an element would have given, once the token goes on."""
        self._skipped.add(token.id)
        for name, value in values.items():
            self.scopes.propagate(token.scope, name, plain(value))

    # -- the token game asks -----------------------------------------------------------------------------------------

    def has_handler(self, type: str) -> bool:
        """Tell whether a service task is done here at once: its handler is here, and is no job."""
        handlers = self.ports.catalogue.handlers
        return type in handlers and not handlers[type].job

    def entered(self, token: Token) -> bool:
        """Open the row that the token waits for; False where nobody is to be waited for."""
        element = token.element
        several = isinstance(element, UserTask) and element.signing is not None
        if isinstance(element, (UserTask, ServiceTask, ReceiveTask)) and element.inputs and not several:
            self.scopes.open(token.id, token.scope, values=self.inputs(token))
        try:
            if isinstance(element, UserTask):
                items = waiting.new_items(self, token, element)
                if not items:
                    self._flow(token)
                    return False
                self.changes.items[token.id] = items
            elif element.timer is not None:
                self.changes.jobs[token.id] = waiting.new_timer(self, token, element.timer)
            elif element.awaits is not None:
                self.changes.subscriptions[token.id] = subscriptions.new_subscription(self, token)
            else:
                self.changes.jobs[token.id] = waiting.new_job(self, token)
        except ExecutionError:
            self.scopes.close(token.id)
            raise
        self._flow(token)
        return True

    def perform(self, token: Token) -> None:
        """Do a script, a decision, a service task that has a handler, or what sends a message or a signal."""
        element = token.element
        self.reads.clear()
        inputs = self.inputs(token) if element.inputs else {}
        names = self.names(token, inputs)
        match element:
            case ScriptTask():
                self.results(
                    token, {element.result_variable: self.data(element.expression, names, element.id)}, inputs
                )
            case BusinessRuleTask():
                self.results(token, {element.result_variable: self._decide(token, element, names)}, inputs)
            case ServiceTask():
                self.results(token, run_handler(self, token, element, names, inputs), inputs)
            case _:
                sending.send(self, token, inputs)

    def sent(self, token: Token) -> None:
        """A signal was thrown: what awaits it in this instance goes on now."""
        subscriptions.reach(self, token)

    def condition(self, token: Token) -> bool:
        """Tell whether the condition that a token waits for holds."""
        return subscriptions.holds(self, token)

    def happened(self, token: Token) -> None:
        """The condition that a token waits for has become true."""
        subscriptions.met(self, token)

    def _decide(self, token: Token, element: BusinessRuleTask, names: Names) -> Any:
        model = self.process.decisions.get(element.decision_id)
        if model is None:
            raise ExecutionError("decision.unknown", element.id, decision=element.decision_id)
        try:
            evaluation = model.evaluate(element.decision_id, names, self.env, strict=True)
        except (dmn.DmnError, feel.FeelError) as error:
            raise ExecutionError(error.code, element.id, **_params(error.params)) from error
        value = feel.to_python(evaluation.value)
        body = {
            "decision": element.decision_id,
            "result": value,
            "trace": evaluation.trace,
            "definition": self.process.id,
            "documents": sorted(self.reads),
        }
        self.note("decision.evaluated", element.id, {"step": token.element.label, **body})
        return value

    def completed(self, token: Token) -> None:
        """A flow node is done: map its outputs, note the way."""
        element = token.element
        if token.id in self._skipped:
            self._skipped.remove(token.id)
        elif token.part == "loop":
            repeating.hand_out(self.scopes, token)
        elif element.outputs and not subscriptions.starts_sub_process(self, token):
            found: dict[str, Any] = {}
            for binding in element.outputs:
                names = self.names(token, found, through=True)
                found[binding.target] = plain(self.data(binding.source, names, element.id))
            for target, value in found.items():
                self.scopes.propagate(token.scope, target, value)
        elif isinstance(element, CallActivity) and element.propagate_child:
            inner = self.scopes.scopes[token.id]
            kept = inner.given | {binding.target.split(".")[0] for binding in element.inputs}
            for name, value in inner.values.items():
                if name not in kept:
                    self.scopes.propagate(token.scope, name, value)
        if token.part != "loop" and not isinstance(element, (SubProcess, CallActivity)):
            self.scopes.close(token.id)
        self.changes.resolved.add(token.id)
        if token.part != "run":
            self.path.append(element.id)
        self._flow(token)

    def detour(self, token: Token) -> str | None:
        """Return where a step that was returned with the wish to have it back goes straight back to."""
        back = self.progress.direct.get(str(token.id))
        return None if back is None else back[0]

    def opened(self, token: Token) -> None:
        """The scope of a sub-process or a called process begins."""
        element = token.element
        values = {**subscriptions.brought(self, token), **self.inputs(token)}
        called = isinstance(element, CallActivity)
        given: set[str] = set()
        if isinstance(element, CallActivity) and element.propagate_parent:
            outside = self.scopes.visible(token.scope, counts=False)
            given = outside.keys() - values.keys()
            values = {**outside, **values}
        self.scopes.open(token.id, token.scope, isolated=called, values=values, given=given)
        self._flow(token)

    def repeats(self, token: Token, count: int, items: Sequence[Any] | None = None) -> None:
        """The scope of an activity that repeats begins."""
        repeating.open_whole(self.scopes, token, count, items)
        self._flow(token)

    def counted(self, token: Token, counts: Mapping[str, int]) -> None:
        """The runs of an activity that repeats are counted."""
        repeating.count(self.scopes, token, counts)

    def began(self, token: Token) -> None:
        """The scope of one item begins."""
        documents = self.process.definition.processes[token.process_id].model.documents
        repeating.open_item(self.scopes, token, documents)

    def gathered(self, token: Token) -> None:
        """An item is done: keep what it gives."""
        loop = token.element.loop
        if token.id in self._skipped:
            self._skipped.remove(token.id)
        elif isinstance(loop, MultiInstance) and loop.output_element is not None:
            value = self.data(loop.output_element, self.names(token), token.element.id)
            repeating.put(self.scopes, token, plain(value))

    def closed(self, token: Token) -> None:
        """The scope ended."""
        self.scopes.close(token.id)
        if token.part == "item":
            self.progress.forget(token.id)

    def cancelled(self, token: Token) -> None:
        """A token was withdrawn: what waited for it is closed."""
        self.closed(token)
        self.changes.items.pop(token.id, None)
        self.changes.jobs.pop(token.id, None)
        self.changes.incidents.pop(token.id, None)
        if token.element.awaits is not None and token.element.timer is None:
            subscriptions.unsubscribe(self, token.id)
        self.changes.withdrawn.add(token.id)
        self.progress.direct.pop(str(token.id), None)
        self.part_with(token.id)
        self.recovered(token.id)

    def failed(self, token: Token, error: ExecutionError) -> None:
        """The token stays before its element until somebody repairs it."""
        self.changes.incidents[token.id] = error
        self.changes.resolved.discard(token.id)
        self._flow(token)

    def stuck(self, token: Token, error: ExecutionError) -> None:
        """What a waiting token's signatures decide can't be worked out; an incident says why, its items stay open."""
        if token.id not in self.progress.failed:
            self.progress.failed.append(token.id)
            self.changes.incidents[token.id] = error

    def part_with(self, token: int) -> None:
        """Forget that signers were added to a token's step."""
        if token in self.progress.joint:
            self.progress.joint.remove(token)

    def recovered(self, token: int) -> None:
        """Forget that a token's job had failed."""
        if token in self.progress.failed:
            self.progress.failed.remove(token)

    def _flow(self, token: Token) -> None:
        if token.id not in self._flown:
            self._flown.add(token.id)
            self.flows.update(dict.fromkeys(token.flows))

    # -- what is written at the end ----------------------------------------------------------------------------------

    def note(self, kind: str, element: str | None, body: Mapping[str, Any]) -> None:
        """Append an event to the instance's history."""
        self.entries.append(Entry(kind, self.actor, self.now, element, body))

    def info(self) -> InstanceInfo:
        """Return who the instance is."""
        self.refresh_columns()
        columns = self.instance.columns
        return InstanceInfo(
            self.instance.id,
            self.process.process_id,
            self.process.version,
            self.instance.business_key,
            columns["subject"],
            columns["unit"],
            columns["reference"],
            columns["amount"],
        )

    def refresh_columns(self, *, all: bool = False) -> None:
        """Evaluate the inbox's columns again where something that they name has changed; a fault leaves them empty."""
        changed = set(self.scopes.written) | {saved.name for saved in self.changes.documents}
        model = self.process.definition.model
        names: Names | None = None
        for column in COLUMNS:
            value: Value | None = getattr(model, column)
            if value is None:
                continue
            if not all and (value.expression is None or changed.isdisjoint(value.expression.free_names)):
                continue
            names = names or self.top_names()
            new = self._column(column, value, names)
            if new != self.instance.columns[column]:
                self.instance.columns[column] = new
                self.changes.columns_changed = True

    def top_names(self) -> Names:
        """Return what an expression of the process itself may name."""
        return Names(
            self.scopes,
            0,
            lambda name: self.body(0, name),
            lambda: self.document_names(0),
            self._special,
            self.process.declared[self.process.process_id],
        )

    def _column(self, column: str, value: Value, names: Names) -> Any:
        if value.expression is None:
            return value.text
        try:
            found = feel.to_python(value.expression.evaluate(names, self.env))
        except feel.FeelError:
            return None
        if found is None:
            return None
        if column == "amount":
            try:
                amount = int(found)
            except (TypeError, ValueError, ArithmeticError):
                return None
            return amount if abs(amount) <= _MAX_AMOUNT else None
        return feel.to_string(feel.convert(found))[: _LENGTHS[column]]

    def suspension(self) -> Conflict:
        """Return the conflict of deciding something in a suspended instance."""
        found = self.progress.suspended or {}
        return Conflict("instance.suspended", at=datetime.fromisoformat(found["at"]), reason=found["reason"])

    def store(self) -> None:
        """Make sure that the instance's row exists, so that a handler's rows may refer to it."""
        if not self.instance.stored:
            writer.insert_instances(self.unit, [self])

    @property
    def state(self) -> str:
        """The state in which the instance is left."""
        if self.execution.terminated:
            return "terminated"
        if self.execution.ended:
            return "ended"
        if self.progress.suspended is not None:
            return "suspended"
        return "incident" if self.progress.failed or self.execution.parked() else "waiting"


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name not in ("element", "code")}


_body = select(tables.documents.c.body).where(
    tables.documents.c.instance_id == bindparam("instance"),
    tables.documents.c.scope == bindparam("scope"),
    tables.documents.c.item == 0,
    tables.documents.c.name == bindparam("name"),
    tables.documents.c.version == bindparam("version"),
)
_own = (
    (tables.documents.c.instance_id == bindparam("instance"))
    & (tables.documents.c.scope == bindparam("scope"))
    & (tables.documents.c.name == bindparam("name"))
)
_part = (
    select(
        tables.documents.c.version,
        tables.documents.c.author,
        tables.documents.c.saved_at,
        tables.documents.c.sha256,
        tables.documents.c.audience,
        tables.documents.c.body,
    )
    .where(_own, tables.documents.c.item == bindparam("item"))
    .order_by(tables.documents.c.version.desc())
    .limit(1)
)
_parts = (
    select(tables.documents.c.item, tables.documents.c.body)
    .where(_own, tables.documents.c.item > 0)
    .order_by(tables.documents.c.item, tables.documents.c.version)
)
