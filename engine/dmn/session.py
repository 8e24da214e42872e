"""One evaluation of a model's requirements graph: each element is evaluated once, when it is first required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.dmn.errors import DmnError
from engine.dmn.nodes import Decision, DrgElement, InputData, Knowledge, Service, TableBox
from engine.dmn.run import MAX_TRACE, DecisionRun, TraceEntry, shown, warning_data
from engine.feel.errors import FeelLimitError, FeelUnknownName, FeelWarning
from engine.feel.functions import UserFunction
from engine.feel.limits import MAX_DATA_DEPTH
from engine.feel.run import MISSING, Environment, Run, Scope
from engine.feel.text import to_string
from engine.feel.types import coerce, conforms
from engine.feel.values import convert

if TYPE_CHECKING:
    from engine.dmn.model import Model, Reference

Key = tuple[int, str]


def _key(model: Model, element: DrgElement) -> Key:
    return id(model), element.id


class Undeclared(Mapping[str, Any]):
    """The inputs without what the model declares: that is visible only where it is required."""

    def __init__(self, inputs: Mapping[str, Any], declared: frozenset[str]) -> None:
        self._inputs = inputs
        self._declared = declared

    def __getitem__(self, name: str) -> Any:
        if name in self._declared:
            raise KeyError(name)
        return self._inputs[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the input, unless the model declares it."""
        return default if name in self._declared else self._inputs.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._inputs if name not in self._declared)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Session:
    """The values known so far; inside a decision service a session of its own, with the service's inputs."""

    def __init__(
        self,
        root: Model,
        inputs: Mapping[str, Any],
        run: DecisionRun,
        trace: list[TraceEntry],
        given: Mapping[Key, Any] | None = None,
    ) -> None:
        self._root = root
        self._inputs = inputs
        self._run = run
        self._values: dict[Key, Any] = dict(given or {})
        self._enclosed = given is not None
        self._active: set[Key] = set()
        self._input_warnings: dict[Key, list[FeelWarning]] = {}
        self.trace = trace

    @classmethod
    def begin(cls, root: Model, inputs: Mapping[str, Any], env: Environment, strict: bool) -> Session:
        """Begin an evaluation of ``root``; expressions see of the inputs what the model does not declare."""
        return cls(root, inputs, DecisionRun(env, Undeclared(inputs, root.declared), strict), [])

    def value(self, model: Model, element: DrgElement) -> Any:
        """Return the value of an element: an input, a decision's result, or a function."""
        key = _key(model, element)
        if key in self._values:
            return self._values[key]
        if isinstance(element, InputData):
            warned = len(self._run.warnings or ())
            value = self._input(model, element)
            self._input_warnings[key] = self._run.warnings_since(warned)
        elif isinstance(element, Decision):
            if key in self._active:
                raise DmnError("dmn.cycle", name=element.name, element=element.element, line=element.line)
            self._active.add(key)
            try:
                value = self._decide(model, element)
            except RecursionError:
                raise FeelLimitError("feel.limit.depth", limit=MAX_DATA_DEPTH) from None
            self._active.discard(key)
        elif isinstance(element, Knowledge):
            value = self._knowledge(model, element)
        else:
            value = self._service_function(model, element)
        self._values[key] = value
        return value

    # -- inputs ------------------------------------------------------------------------------------------------

    def _input(self, model: Model, element: InputData) -> Any:
        raw = MISSING if self._enclosed else self._raw_input(model, element)
        if raw is MISSING and self._run.strict and not self._enclosed:
            raise FeelUnknownName(element.name)
        if raw is MISSING:
            self._run.warn("dmn.input.missing", name=element.name)
            return None
        type_ = model.type_of(element)
        given = convert(raw)
        fits, value = coerce(given, type_, self._run.charge)
        if not fits and conforms(given, type_, allowed=False, charge=self._run.charge):
            self._run.warn("dmn.input.value", name=element.name, value=to_string(given))
        elif not fits:
            self._run.warn("dmn.input.type", name=element.name, type=str(type_))
        return value

    def _raw_input(self, model: Model, element: InputData) -> Any:
        qualified = self._inputs.get(f"{model.file.namespace}#{element.name}", MISSING)
        if qualified is not MISSING:
            return qualified
        if model is not self._root:
            for prefix, imported in self._root.imports:
                nested = self._inputs.get(prefix)
                if imported is model and isinstance(nested, Mapping) and element.name in nested:
                    return nested[element.name]
        return self._inputs.get(element.name, MISSING)

    # -- decisions ---------------------------------------------------------------------------------------------

    def _decide(self, model: Model, decision: Decision) -> Any:
        code = model.code(decision)
        names = self._required(model, decision)
        run = self._run
        warned = len(run.warnings or ())
        tables = len(run.tables)
        value = code(Scope(names, None), run)
        nested = run.tables[tables:]
        del run.tables[tables:]
        entry: TraceEntry = {
            "decision": decision.id,
            "name": decision.name,
            "table": None,
            "hit_policy": None,
            "inputs": [],
            "rules": [],
        }
        if isinstance(decision.logic, TableBox) and nested:
            own = nested.pop()
            entry |= {part: own[part] for part in ("table", "hit_policy", "inputs", "rules")}
        self.trace.extend(_nested_entry(decision, table) for table in nested)
        entry["outputs"] = shown(run, value)
        told = [
            warning
            for reference in model.requirements[decision.id]
            for warning in self._input_warnings.get(_key(reference.model, reference.element), ())
        ]
        entry["warnings"] = [warning_data(warning) for warning in (*told, *run.warnings_since(warned))]
        if len(self.trace) < MAX_TRACE:
            self.trace.append(entry)
        return value

    def _required(self, model: Model, element: Decision | Knowledge) -> dict[str, Any]:
        names: dict[str, Any] = {}
        for reference in model.requirements[element.id]:
            value = self.value(reference.model, reference.element)
            name = reference.element.variable.name
            if reference.prefix:
                names.setdefault(reference.prefix, {})[name] = value
                names[f"{reference.prefix}.{name}"] = value
            else:
                names[name] = value
                if reference.element.id.isidentifier():
                    names.setdefault(reference.element.id, value)
        return names

    # -- knowledge and services --------------------------------------------------------------------------------

    def _knowledge(self, model: Model, knowledge: Knowledge) -> Any:
        names = self._required(model, knowledge)
        function = model.code(knowledge)(Scope(names, None))
        names[knowledge.name] = function
        return function

    def call(self, model: Model, knowledge: Knowledge, arguments: Mapping[str, Any]) -> Any:
        """Call a knowledge model with arguments by name; what is not given is null."""
        function = self.value(model, knowledge)
        return function.call(self._run, [convert(arguments.get(name)) for name in function.parameters])

    def _service_function(self, model: Model, service: Service) -> UserFunction:
        given, _ = model.code(service)
        names = tuple(reference.element.variable.name for reference in given)
        types = tuple(reference.model.type_of(reference.element) for reference in given)

        def body(scope: Scope | None, _run: Run) -> Any:
            arguments = scope.names if scope is not None else {}
            return self._inner(given, arguments)._outputs(model, service)

        return UserFunction(service.name, names, types, body, None)

    def service(self, model: Model, service: Service) -> Any:
        """Return the result of a service whose inputs are the session's."""
        given, _ = model.code(service)
        arguments: dict[str, Any] = {}
        for reference in given:
            name = reference.element.variable.name
            value = convert(self._inputs.get(name))
            fits, arguments[name] = coerce(
                value, reference.model.type_of(reference.element), self._run.charge
            )
            if not fits:
                self._run.warn(
                    "dmn.input.type", name=name, type=str(reference.model.type_of(reference.element))
                )
        return self._inner(given, arguments)._outputs(model, service)

    def _inner(self, given: tuple[Reference, ...], arguments: Mapping[str, Any]) -> Session:
        values = {
            _key(reference.model, reference.element): arguments[reference.element.variable.name]
            for reference in given
        }
        return Session(self._root, {}, self._run, self.trace, values)

    def _outputs(self, model: Model, service: Service) -> Any:
        _, outputs = model.code(service)
        values = {
            reference.element.name: self.value(reference.model, reference.element) for reference in outputs
        }
        result = next(iter(values.values())) if len(values) == 1 else values
        type_ = model.type_of(service)
        type_ = type_.result if type_.kind == "function" and type_.result is not None else type_
        fits, result = coerce(result, type_, self._run.charge)
        if not fits:
            self._run.warn("dmn.output.type", name=service.name, type=str(type_))
        return result


def _nested_entry(decision: Decision, table: TraceEntry) -> TraceEntry:
    warnings: list[FeelWarning] = table["warnings"]
    outputs = [rule["outputs"] for rule in table["rules"]]
    return {
        "decision": decision.id,
        "name": table["name"],
        "table": table["table"],
        "hit_policy": table["hit_policy"],
        "inputs": table["inputs"],
        "rules": table["rules"],
        "outputs": outputs,
        "warnings": [warning_data(warning) for warning in warnings],
    }
