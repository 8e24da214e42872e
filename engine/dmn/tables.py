"""Decision tables: which rules match, and what the hit policy makes of their outputs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.dmn.boxed import BoxCompiler, Names
from engine.dmn.errors import DmnError
from engine.dmn.nodes import LiteralBox, TableBox, TableOutput
from engine.dmn.run import MAX_TRACE, DecisionRun, shown
from engine.feel.builtins import BUILTINS
from engine.feel.compile_tests import matches
from engine.feel.functions import Code
from engine.feel.nodes import UnaryTests
from engine.feel.operations import equal
from engine.feel.run import Run, Scope
from engine.feel.text import to_string
from engine.feel.types import Type, coerce

_AGGREGATES = {"+": "sum", "<": "min", ">": "max"}


@dataclass(frozen=True, slots=True)
class _Input:
    label: str
    code: Code
    type: Type
    values: Code | None


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    type: Type
    values: Code | None
    order: tuple[Code, ...]
    default: Code | None


@dataclass(frozen=True, slots=True)
class _Rule:
    tests: tuple[tuple[int, Code], ...]
    """The input columns that the rule looks at, with their tests; dashes are left out."""
    outputs: tuple[Code, ...]
    annotations: tuple[str, ...]


def compile_table(compiler: BoxCompiler, box: TableBox, names: Names) -> Code:
    """Return the closure of a decision table; raise :class:`DmnError` for one that can't be meant."""
    _check_shape(compiler, box)
    inputs = tuple(
        _Input(
            column.label,
            compiler.expression(column.expression, names).code,
            compiler.type(column.expression.type_ref, column),
            _unary(compiler, column.values, names, column),
        )
        for column in box.inputs
    )
    outputs = tuple(_output(compiler, column, names) for column in box.outputs)
    rules = tuple(
        _Rule(
            tuple(
                (index, test)
                for index, entry in enumerate(rule.inputs)
                if (test := _test(compiler, entry, names, inputs[index].type)) is not None
            ),
            tuple(compiler.expression(entry, names).code for entry in rule.outputs),
            rule.annotations,
        )
        for rule in box.rules
    )
    table = _Table(box, compiler.owner, inputs, outputs, rules)
    return table.decide


def _check_shape(compiler: BoxCompiler, box: TableBox) -> None:
    if box.policy == "C" and box.aggregator and len(box.outputs) > 1 and box.aggregator != "#":
        raise DmnError(
            "dmn.aggregate_outputs", policy=f"C{box.aggregator}", element=box.element, line=box.line
        )
    if box.policy in "PO" and box.outputs and not any(_values(compiler, column) for column in box.outputs):
        raise DmnError("dmn.priority_values", policy=box.policy, element=box.element, line=box.line)


def _values(compiler: BoxCompiler, column: TableOutput) -> str | None:
    """Return the output values in their order, those of the column's type where the column lists none."""
    return column.values or compiler.types.allowed_text(column.type_ref)


def _unary(compiler: BoxCompiler, text: str | None, names: Names, column: Any) -> Code | None:
    if text is None:
        return None
    box = LiteralBox(text, element=column.element, line=column.line)
    return compiler.expression(box, names, True).code


def _test(compiler: BoxCompiler, entry: LiteralBox, names: Names, subject: Type) -> Code | None:
    expression = compiler.expression(entry, names, True, subject)
    node = expression.node
    if isinstance(node, UnaryTests) and not node.tests:
        return None
    return expression.code


def _output(compiler: BoxCompiler, column: TableOutput, names: Names) -> _Output:
    order: tuple[Code, ...] = ()
    values = _values(compiler, column)
    if values is not None:
        box = LiteralBox(f"[{values}]", element=column.element, line=column.line)
        try:
            order = (compiler.expression(box, names).code,)
        except DmnError:
            # Values such as "> 5" have no order; they are tests only.
            order = ()
    return _Output(
        column.name or "",
        compiler.type(column.type_ref, column),
        _unary(compiler, column.values, names, column),
        order,
        None if column.default is None else compiler.expression(column.default, names).code,
    )


class _Table:
    """A compiled table."""

    def __init__(
        self,
        box: TableBox,
        owner: str,
        inputs: tuple[_Input, ...],
        outputs: tuple[_Output, ...],
        rules: tuple[_Rule, ...],
    ) -> None:
        self._box = box
        self._owner = owner
        self._inputs = inputs
        self._outputs = outputs
        self._rules = rules
        self._first = box.policy == "F"

    def decide(self, scope: Scope | None, run: Run) -> Any:
        """Evaluate the table in a scope."""
        run.charge(5 + len(self._rules))
        warned = len(run.warnings or ())
        values: list[Any] = []
        refused = False
        for column in self._inputs:
            value, fits = self._input(column, scope, run)
            values.append(value)
            refused = refused or not fits
        hits = [] if refused else self._match(values, scope, run)
        results = [self._outputs_of(self._rules[index], scope, run) for index in hits]
        value = None if refused else self._result(hits, results, scope, run)
        if isinstance(run, DecisionRun) and len(run.tables) < MAX_TRACE:
            self._trace(run, values, hits, results, warned)
        return value

    def _input(self, column: _Input, scope: Scope | None, run: Run) -> tuple[Any, bool]:
        given = column.code(scope, run)
        fits, value = coerce(given, column.type, run.charge)
        if not fits:
            run.warn("dmn.input.type", name=column.label, type=str(column.type))
            return given, False
        if column.values is not None and value is not None:
            allowed = column.values(Scope({"?": value}, scope), run)
            if allowed is not True:
                run.warn("dmn.input.value", name=column.label, value=to_string(value))
                return value, False
        return value, True

    def _match(self, values: list[Any], scope: Scope | None, run: Run) -> list[int]:
        scopes = [Scope({"?": value}, scope) for value in values]
        hits: list[int] = []
        for index, rule in enumerate(self._rules):
            for column, test in rule.tests:
                if test(scopes[column], run) is not True:
                    break
            else:
                hits.append(index)
                if self._first:
                    break
        return hits

    def _outputs_of(self, rule: _Rule, scope: Scope | None, run: Run) -> list[Any]:
        return [
            self._checked(column, code(scope, run), scope, run)
            for column, code in zip(self._outputs, rule.outputs, strict=True)
        ]

    def _checked(self, column: _Output, value: Any, scope: Scope | None, run: Run) -> Any:
        fits, result = coerce(value, column.type, run.charge)
        name = column.name or self._owner
        if not fits:
            return run.null("dmn.output.type", name=name, type=str(column.type))
        if column.values is not None and result is not None:
            allowed = column.values(Scope({"?": result}, scope), run)
            if allowed is not True:
                return run.null("dmn.output.value", name=name, value=to_string(result))
        return result

    def _shape(self, outputs: list[Any]) -> Any:
        if len(self._outputs) == 1:
            return outputs[0]
        return {column.name: value for column, value in zip(self._outputs, outputs, strict=True)}

    def _default(self, scope: Scope | None, run: Run) -> Any:
        if all(column.default is None for column in self._outputs):
            run.warn("dmn.no_rule")
            return None
        return self._shape(
            [
                None
                if column.default is None
                else self._checked(column, column.default(scope, run), scope, run)
                for column in self._outputs
            ]
        )

    def _result(self, hits: list[int], results: list[list[Any]], scope: Scope | None, run: Run) -> Any:
        policy = self._box.policy
        if not hits and (policy != "C" or any(column.default is not None for column in self._outputs)):
            return self._default(scope, run)
        if policy == "U":
            if len(hits) > 1:
                return run.null("dmn.unique", rules=_numbers(hits))
            return self._shape(results[0])
        if policy == "A":
            if any(equal(run, results[0], other) is not True for other in results[1:]):
                return run.null("dmn.any", rules=_numbers(hits))
            return self._shape(results[0])
        if policy == "F":
            return self._shape(results[0])
        if policy == "P":
            return self._shape(self._by_priority(results, scope, run)[0])
        if policy == "O":
            return [self._shape(result) for result in self._by_priority(results, scope, run)]
        if policy == "C" and self._box.aggregator:
            return self._aggregate(results, run)
        return [self._shape(result) for result in results]

    def _by_priority(self, results: list[list[Any]], scope: Scope | None, run: Run) -> list[list[Any]]:
        orders = [column.order[0](scope, run) if column.order else [] for column in self._outputs]

        def rank(outputs: list[Any]) -> tuple[int, ...]:
            return tuple(
                next(
                    (place for place, entry in enumerate(order) if matches(run, value, entry) is True),
                    len(order),
                )
                for value, order in zip(outputs, orders, strict=True)
            )

        return sorted(results, key=rank)

    def _aggregate(self, results: list[list[Any]], run: Run) -> Any:
        aggregator = self._box.aggregator
        if aggregator == "#":
            return Decimal(len(results))
        values = [result[0] for result in results]
        value = BUILTINS[_AGGREGATES[aggregator]].call(run, [values]) if values else None
        if values and value is None:
            run.warn("dmn.aggregate_values")
        return value

    def _trace(
        self, run: DecisionRun, values: list[Any], hits: list[int], results: list[list[Any]], warned: int
    ) -> None:
        run.tables.append(
            {
                "table": self._box.element,
                "name": self._owner,
                "hit_policy": self._box.policy + self._box.aggregator,
                "inputs": [
                    {"label": column.label, "value": shown(run, value)}
                    for column, value in zip(self._inputs, values, strict=True)
                ],
                "rules": [
                    {
                        "index": index + 1,
                        "id": self._box.rules[index].element,
                        "outputs": {
                            column.name or self._owner: shown(run, value)
                            for column, value in zip(self._outputs, outputs, strict=True)
                        },
                        "annotations": list(self._rules[index].annotations),
                    }
                    for index, outputs in zip(hits, results, strict=True)
                ],
                "warnings": run.warnings_since(warned),
            }
        )


def _numbers(hits: list[int]) -> str:
    return ", ".join(str(index + 1) for index in hits)
