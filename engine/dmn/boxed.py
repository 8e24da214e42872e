"""Compiles boxed expressions to the closures that FEEL's expressions are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.dmn.errors import DmnError
from engine.dmn.nodes import (
    Boxed,
    BrokenBox,
    ConditionalBox,
    ContextBox,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    ListBox,
    LiteralBox,
    RelationBox,
    TableBox,
)
from engine.dmn.typing import TypeTable
from engine.feel.compile_loops import Partial, filter_items, iterable
from engine.feel.errors import FeelError
from engine.feel.expression import Expression, build
from engine.feel.functions import Code, UserFunction
from engine.feel.messages import both
from engine.feel.nodes import Node
from engine.feel.run import Run, Scope
from engine.feel.text import to_string
from engine.feel.types import ANY, Type, coerce, conforms
from engine.feel.values import FunctionValue, type_name

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Used:
    """An expression of an element, with the names that it may use."""

    owner: str
    node: Node
    names: Names
    types: Mapping[str, Type]
    """The types of those names whose type is known; that of ``?`` in unary tests."""
    element: str | None
    line: int | None


class BoxCompiler:
    """Compiles the boxed expressions of one element of a model, ``owner``."""

    def __init__(
        self, owner: str, types: TypeTable, members: Names, known: Mapping[str, Type] | None = None
    ) -> None:
        self.owner = owner
        self._known = dict(known or {})
        self.seen: list[Used] = []
        """The expressions compiled so far, for checks."""
        self.types = types
        self.members = members
        self._declared = types.all
        self._type_names = frozenset(self._declared)

    def compile(self, box: Boxed, names: Names) -> Code:
        """Return the closure of a box in which ``names`` can be used."""
        return _COMPILE[type(box)](self, box, names)

    def bind(self, names: Names, *more: str) -> Names:
        """Return the names with those that a box binds itself; nothing is known of their types."""
        for name in more:
            self._known.pop(name, None)
        return names | set(more)

    def expression(
        self, box: LiteralBox, names: Names, unary: bool = False, subject: Type = ANY
    ) -> Expression:
        """Compile FEEL text, ``unary`` tests of a ``subject``; raise :class:`DmnError` that names the owner."""
        try:
            expression = build(box.text, names | self._type_names, self.members, unary, self._declared)
        except FeelError as error:
            raise DmnError(
                "dmn.expression", name=self.owner, reason=both(error), element=box.element, line=box.line
            ) from error
        known = {**self._known, "?": subject} if unary else dict(self._known)
        self.seen.append(Used(self.owner, expression.node, names, known, box.element, box.line))
        return expression

    def type(self, reference: str | None, box: Any) -> Type:
        """Return the type of a reference made at ``box``."""
        return self.types.resolve(reference, box.element, box.line)


def checked(code: Code, type_: Type, name: str) -> Code:
    """Apply the implicit conversions to a type; a value that does not conform becomes null with a warning."""
    if type_.kind == "Any" and type_.allowed is None:
        return code

    def check(scope: Scope | None, run: Run) -> Any:
        value = code(scope, run)
        fits, result = coerce(value, type_, run.charge)
        if not fits and conforms(value, type_, allowed=False, charge=run.charge):
            run.warn("dmn.output.value", name=name, value=to_string(value, run.charge))
        elif not fits:
            run.warn("dmn.output.type", name=name, type=str(type_))
        return result

    return check


def _literal(compiler: BoxCompiler, box: LiteralBox, names: Names) -> Code:
    return checked(compiler.expression(box, names).code, compiler.type(box.type_ref, box), compiler.owner)


def _context(compiler: BoxCompiler, box: ContextBox, names: Names) -> Code:
    entries: list[tuple[str | None, Code]] = []
    for variable, inner in box.entries:
        code = compiler.compile(inner, names)
        if variable is None:
            entries.append((None, code))
        else:
            code = checked(code, compiler.type(variable.type_ref, variable), variable.name)
            entries.append((variable.name, code))
            names = compiler.bind(names, variable.name)
    size = 2 * len(entries) + 2

    def build_context(scope: Scope | None, run: Run) -> Any:
        run.charge(size)
        values: dict[str, Any] = {}
        inner = Scope(values, scope)
        for name, code in entries:
            if name is None:
                return code(inner, run)
            values[name] = code(inner, run)
        return values

    return checked(build_context, compiler.type(box.type_ref, box), compiler.owner)


def _list(compiler: BoxCompiler, box: ListBox, names: Names) -> Code:
    items = [compiler.compile(item, names) for item in box.items]

    def build_list(scope: Scope | None, run: Run) -> list[Any]:
        run.charge(len(items) + 1)
        return [item(scope, run) for item in items]

    return checked(build_list, compiler.type(box.type_ref, box), compiler.owner)


def _relation(compiler: BoxCompiler, box: RelationBox, names: Names) -> Code:
    rows = [
        [
            (
                column.name,
                checked(compiler.compile(cell, names), compiler.type(column.type_ref, column), column.name),
            )
            for column, cell in zip(box.columns, row, strict=False)
        ]
        for row in box.rows
    ]

    def build_rows(scope: Scope | None, run: Run) -> list[dict[str, Any]]:
        run.charge(sum(len(row) + 2 for row in rows))
        return [{name: cell(scope, run) for name, cell in row} for row in rows]

    return checked(build_rows, compiler.type(box.type_ref, box), compiler.owner)


def _invocation(compiler: BoxCompiler, box: InvocationBox, names: Names) -> Code:
    function = compiler.compile(box.function, names)
    bindings = [(name, compiler.compile(argument, names)) for name, argument in box.bindings]

    def invoke(scope: Scope | None, run: Run) -> Any:
        callee = function(scope, run)
        if not isinstance(callee, FunctionValue):
            return run.null("feel.null.call", type=type_name(callee))
        return callee.call_named(run, {name: argument(scope, run) for name, argument in bindings})

    return checked(invoke, compiler.type(box.type_ref, box), compiler.owner)


def _function(compiler: BoxCompiler, box: FunctionBox, names: Names) -> Code:
    make = function_maker(compiler, box, names, compiler.owner, None)
    return lambda scope, _run: make(scope)


def function_maker(
    compiler: BoxCompiler, box: FunctionBox, names: Names, name: str, result: Type | None
) -> Callable[[Scope | None], UserFunction]:
    """Return what makes the function value in a scope; an external body gives null."""
    parameters = tuple(parameter.name for parameter in box.parameters)
    types = tuple(compiler.type(parameter.type_ref, parameter) for parameter in box.parameters)
    if box.kind != "FEEL" or box.body is None:
        body: Code = _external
    else:
        body = compiler.compile(box.body, compiler.bind(names, *parameters))
    declared = compiler.type(box.type_ref, box) if box.type_ref else ANY
    if result is None and declared.kind == "function":
        result = declared.result
    return lambda scope: UserFunction(name, parameters, types, body, scope, result)


def _external(_scope: Scope | None, run: Run) -> None:
    run.warn("feel.null.external")


def _conditional(compiler: BoxCompiler, box: ConditionalBox, names: Names) -> Code:
    condition, then, otherwise = (
        compiler.compile(part, names) for part in (box.condition, box.then, box.otherwise)
    )

    def choose(scope: Scope | None, run: Run) -> Any:
        value = condition(scope, run)
        if value is True:
            return then(scope, run)
        if value is False or value is None:
            return otherwise(scope, run)
        return run.null("feel.null.condition", type=type_name(value))

    return checked(choose, compiler.type(box.type_ref, box), compiler.owner)


def _filter(compiler: BoxCompiler, box: FilterBox, names: Names) -> Code:
    source = compiler.compile(box.source, names)
    match = compiler.compile(box.match, compiler.bind(names, "item"))

    def select(scope: Scope | None, run: Run) -> Any:
        value = source(scope, run)
        if value is None:
            return None
        return filter_items(run, scope, value if isinstance(value, list) else [value], match)

    return checked(select, compiler.type(box.type_ref, box), compiler.owner)


def _iterator(compiler: BoxCompiler, box: IteratorBox, names: Names) -> Code:
    source = compiler.compile(box.source, names)
    body = compiler.compile(box.body, compiler.bind(names, box.variable, "partial"))
    variable = box.variable

    def each(scope: Scope | None, run: Run) -> Any:
        items = iterable(run, source(scope, run))
        if items is None:
            return None
        results: list[Any] = []
        outer = Scope(Partial(results, run), scope)
        for item in items:
            run.charge(2)
            results.append(body(Scope({variable: item}, outer), run))
        return results

    if box.kind == "for":
        return checked(each, compiler.type(box.type_ref, box), compiler.owner)
    decisive = box.kind == "some"

    def test(scope: Scope | None, run: Run) -> bool | None:
        results = each(scope, run)
        if results is None:
            return None
        if not all(isinstance(result, bool) for result in results):
            return None
        return decisive if decisive in results else not decisive

    return test


def _broken(_compiler: BoxCompiler, box: BrokenBox, _names: Names) -> Code:
    raise box.error


def _table(compiler: BoxCompiler, box: TableBox, names: Names) -> Code:
    from engine.dmn.tables import compile_table

    return checked(compile_table(compiler, box, names), compiler.type(box.type_ref, box), compiler.owner)


_COMPILE: dict[type[Boxed], Callable[[BoxCompiler, Any, Names], Code]] = {
    LiteralBox: _literal,
    ContextBox: _context,
    ListBox: _list,
    RelationBox: _relation,
    InvocationBox: _invocation,
    FunctionBox: _function,
    ConditionalBox: _conditional,
    FilterBox: _filter,
    IteratorBox: _iterator,
    TableBox: _table,
    BrokenBox: _broken,
}
