"""One command on one instance: it hosts the token game, and gathers every change until :mod:`.writer` writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine import dmn, feel
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
from engine.commands import repeating, sending, subscriptions, waiting, writer
from engine.commands.changes import COLUMNS
from engine.commands.handling import run_handler
from engine.commands.knowledge import Knowledge, error_params
from engine.commands.scopes import Names, Scopes, plain
from engine.errors import Conflict, ExecutionError
from engine.history import Entry
from engine.plugins import InstanceInfo
from engine.runtime import Token

_LENGTHS = {"subject": 500, "unit": 200, "section": 50, "reference": 200}
_MAX_AMOUNT = 2**63 - 1


class Act(Knowledge):
    """A command on an instance whose row it holds locked; the host of its :class:`~engine.runtime.Execution`."""

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
            raise ExecutionError(error.code, element.id, **error_params(error.params)) from error
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
        return "incident" if self.progress.failed or self.execution.is_parked else "waiting"
