"""A decision model ready to be evaluated: its requirements graph, knowledge, services and imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.dmn.boxed import BoxCompiler, Names, Used, checked, function_maker
from engine.dmn.errors import DmnError
from engine.dmn.nodes import Decision, DrgElement, File, FunctionBox, InputData, Knowledge, Service, TableBox
from engine.dmn.reader import read
from engine.dmn.run import TraceEntry
from engine.dmn.session import Session
from engine.dmn.typing import TypeTable
from engine.dmn.vocabulary import names_in, tables_in
from engine.feel.functions import Code
from engine.feel.run import Environment
from engine.feel.types import Type

DEFAULT = Environment()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of a decision, and the entries that say how it came about (data for JSON, numbers as ``Decimal``)."""

    value: Any
    trace: list[TraceEntry]


@dataclass(frozen=True, slots=True)
class Reference:
    """An element that another one requires: in which model it is and under which prefix its name is known."""

    model: Model
    element: DrgElement
    prefix: str


class Model:
    """A decision model; evaluating it changes nothing, so it may be shared between threads."""

    def __init__(self, file: File, imports: Sequence[tuple[str, Model]]) -> None:
        self.file = file
        self.imports = imports
        """The imported models with the names that they have here, which may be empty."""
        self.types: TypeTable = TypeTable(file, [(name, model.types) for name, model in imports])
        self.members: Names = frozenset(names_in(file) | self.types.member_names).union(
            *(model.members for _, model in imports)
        )
        self._problems: list[DmnError] = list(file.problems)
        self.declared: Names = frozenset(
            element.name for element in file.elements.values() if isinstance(element, (InputData, Decision))
        ).union(*(model.declared for _, model in imports))
        """Names that an expression may only use if its element requires them."""
        self.expressions: list[Used] = []
        """Every expression of the decisions and knowledge models, for checks."""
        self._codes: dict[str, Any] = {}
        self._broken: dict[str, DmnError] = {}
        self.requirements: dict[str, tuple[Reference, ...]] = {}
        self.decisions = self._index(Decision)
        """Decisions by id and by name."""
        self.services = self._index(Service)
        self.knowledge = self._index(Knowledge)
        self.inputs = self._index(InputData)
        for element in file.elements.values():
            self._prepare(element)

    @property
    def problems(self) -> list[DmnError]:
        """What is wrong with single elements; evaluating an element with a broken expression raises."""
        return [*self._problems, *self.types.problems]

    def _index(self, kind: type[Any]) -> dict[str, Any]:
        found = [element for element in self.file.elements.values() if isinstance(element, kind)]
        return {**{element.name: element for element in found}, **{element.id: element for element in found}}

    # -- preparing ---------------------------------------------------------------------------------------------

    def _prepare(self, element: DrgElement) -> None:
        try:
            if isinstance(element, (Decision, Knowledge)):
                self.requirements[element.id] = self._required(element)
                self._codes[element.id] = (
                    self._decision(element) if isinstance(element, Decision) else self._knowledge(element)
                )
            elif isinstance(element, Service):
                self._codes[element.id] = self._service_parts(element)
            else:
                self.types.resolve(element.variable.type_ref, element.element, element.line)
        except DmnError as error:
            self._broken[element.id] = error
            self._problems.append(error)

    def _required(self, element: Decision | Knowledge) -> tuple[Reference, ...]:
        needs = element.requirements
        return tuple(
            self.reference(href, element) for href in (*needs.inputs, *needs.decisions, *needs.knowledge)
        )

    def reference(self, href: str, element: DrgElement) -> Reference:
        """Return what a reference means; raise :class:`DmnError` if it leads nowhere."""
        namespace, _, identifier = href.rpartition("#")
        if namespace in ("", self.file.namespace) and identifier in self.file.elements:
            return Reference(self, self.file.elements[identifier], "")
        for name, model in self.imports:
            if namespace in ("", model.file.namespace) and identifier in model.file.elements:
                return Reference(model, model.file.elements[identifier], name)
        raise DmnError("dmn.reference", href=href, element=element.element, line=element.line)

    def _names(self, element: Decision | Knowledge) -> Names:
        return frozenset(
            reference.prefix or reference.element.variable.name for reference in self.requirements[element.id]
        ) | frozenset(
            f"{reference.prefix}.{reference.element.variable.name}"
            for reference in self.requirements[element.id]
            if reference.prefix
        )

    def _known_types(self, element: Decision | Knowledge) -> dict[str, Type]:
        """Return the types of the inputs and decisions that an element requires."""
        return {
            reference.element.variable.name: reference.model.type_of(reference.element)
            for reference in self.requirements[element.id]
            if not reference.prefix and isinstance(reference.element, (InputData, Decision))
        }

    def _decision(self, decision: Decision) -> Code:
        if decision.logic is None:
            problem = DmnError(
                "dmn.no_logic", name=decision.name, element=decision.element, line=decision.line
            )
            self._problems.append(problem)
            return lambda _scope, run: run.null(problem.code, name=decision.name)
        compiler = BoxCompiler(decision.name, self.types, self.members, self._known_types(decision))
        code = compiler.compile(decision.logic, self._names(decision))
        self.expressions.extend(compiler.seen)
        return checked(code, self._type(decision), decision.name)

    def _knowledge(self, knowledge: Knowledge) -> Any:
        logic = knowledge.logic or FunctionBox((), None, element=knowledge.element, line=knowledge.line)
        type_ = self._type(knowledge)
        result = type_.result if type_.kind == "function" else type_
        if result is not None and result.kind == "Any" and result.allowed is None:
            result = None
        compiler = BoxCompiler(knowledge.name, self.types, self.members, self._known_types(knowledge))
        names = self._names(knowledge) | {knowledge.name}
        make = function_maker(compiler, logic, names, knowledge.name, result)
        self.expressions.extend(compiler.seen)
        return make

    def _service_parts(self, service: Service) -> tuple[tuple[Reference, ...], tuple[Reference, ...]]:
        given = tuple(
            self.reference(href, service) for href in (*service.input_data, *service.input_decisions)
        )
        return given, tuple(self.reference(href, service) for href in service.outputs)

    def _type(self, element: DrgElement) -> Type:
        return self.types.resolve(element.variable.type_ref, element.element, element.line)

    def type_of(self, element: DrgElement) -> Type:
        """Return the declared type of an element's variable."""
        return self._type(element)

    def code(self, element: DrgElement) -> Any:
        """Return the compiled logic of an element; raise the :class:`DmnError` of a broken one."""
        if element.id in self._broken:
            raise self._broken[element.id]
        return self._codes[element.id]

    # -- evaluating --------------------------------------------------------------------------------------------

    def evaluate(
        self, name: str, inputs: Mapping[str, Any], env: Environment = DEFAULT, *, strict: bool = False
    ) -> Evaluation:
        """Evaluate a decision, by id or name, and the decisions that it requires.

        ``inputs`` are Python values by the names of the input data; an expression may also name other entries of it.
        With ``strict`` a name that is nowhere raises :class:`FeelUnknownName`. Raises :class:`DmnError` for an unknown
        decision or a broken expression and :class:`FeelLimitError` when a limit is reached.
        """
        decision = self.decisions.get(name)
        if decision is None:
            raise DmnError("dmn.unknown_decision", name=name)
        session = Session.begin(self, inputs, env, strict)
        value = session.value(self, decision)
        return Evaluation(value, session.trace)

    def evaluate_service(
        self, name: str, inputs: Mapping[str, Any], env: Environment = DEFAULT, *, strict: bool = False
    ) -> Evaluation:
        """Evaluate a decision service, by id or name, with its inputs by name; missing ones are null."""
        service = self.services.get(name)
        if service is None:
            raise DmnError("dmn.unknown_decision", name=name)
        session = Session.begin(self, inputs, env, strict)
        value = session.service(self, service)
        return Evaluation(value, session.trace)

    def evaluate_knowledge(
        self, name: str, inputs: Mapping[str, Any], env: Environment = DEFAULT, *, strict: bool = False
    ) -> Evaluation:
        """Call a business knowledge model, by id or name, with its parameters by name."""
        knowledge = self.knowledge.get(name)
        if knowledge is None:
            raise DmnError("dmn.unknown_decision", name=name)
        session = Session.begin(self, inputs, env, strict)
        value = session.call(self, knowledge, inputs)
        return Evaluation(value, session.trace)

    def tables(self) -> list[tuple[str, TableBox]]:
        """Return the decision tables that are the whole logic of a decision or knowledge model, with its name."""
        found: list[tuple[str, TableBox]] = []
        for element in self.file.elements.values():
            logic = element.logic if isinstance(element, (Decision, Knowledge)) else None
            if isinstance(logic, FunctionBox):
                logic = logic.body if isinstance(logic.body, TableBox) else None
            if isinstance(logic, TableBox):
                found.append((element.name, logic))
        return found

    def table(self, identifier: str | None, decision: str | None = None) -> TableBox | None:
        """Return the decision table that a trace's entry names, of this model or one that it imports."""
        own = self.decisions.get(decision) if decision else None
        if own is not None and isinstance(own.logic, TableBox) and own.logic.element == identifier:
            return own.logic
        for element in self.file.elements.values():
            logic = element.logic if isinstance(element, (Decision, Knowledge)) else None
            for box in () if logic is None or identifier is None else tables_in(logic):
                if box.element == identifier:
                    return box
        found = (model.table(identifier, decision) for _, model in self.imports)
        return next((box for box in found if box is not None), None)


def parse(xml: bytes, *, imports: Mapping[str, bytes | Model] | None = None) -> Model:
    """Read a model; ``imports`` are the files that it or its imports name, by namespace.

    Raises :class:`DmnError` for what is no DMN or names a model that was not given. Mistakes inside single elements
    are in :attr:`Model.problems`.
    """
    return _parse(xml, imports or {}, {}, ())


def parse_all(files: Mapping[str, bytes]) -> dict[str, Model | DmnError]:
    """Read files that belong together: by file name the model, or why there is none; they may import one another."""
    namespaces: dict[str, bytes] = {}
    results: dict[str, Model | DmnError] = {}
    for name, source in files.items():
        try:
            namespaces[read(source).namespace] = source
        except DmnError as error:
            results[name] = error
    for name, source in files.items():
        if name not in results:
            try:
                results[name] = parse(source, imports=namespaces)
            except DmnError as error:
                results[name] = error
    return results


def _parse(
    xml: bytes, given: Mapping[str, bytes | Model], ready: dict[str, Model], path: tuple[str, ...]
) -> Model:
    file = read(xml)
    models: list[tuple[str, Model]] = []
    for entry in file.imports:
        if entry.namespace in path or entry.namespace == file.namespace:
            raise DmnError("dmn.import_cycle", element=entry.element, line=entry.line)
        source = given.get(entry.namespace)
        if source is None:
            raise DmnError("dmn.import", namespace=entry.namespace, element=entry.element, line=entry.line)
        if isinstance(source, Model):
            models.append((entry.name, source))
        else:
            if entry.namespace not in ready:
                ready[entry.namespace] = _parse(source, given, ready, (*path, file.namespace))
            models.append((entry.name, ready[entry.namespace]))
    return Model(file, models)
