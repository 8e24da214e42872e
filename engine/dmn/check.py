"""What can be said of a decision model before it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.coverage import examine
from engine.dmn.errors import DmnError
from engine.dmn.model import Model
from engine.dmn.nodes import Decision, TableBox
from engine.feel.free_names import uses
from engine.feel.infer import Inference
from engine.feel.messages import remedy, sentence
from engine.feel.nodes import UnaryTests
from engine.feel.suggest import ALIKE as MISSPELT
from engine.feel.suggest import closest
from engine.feel.types import ANY

ALIKE = 0.8
"""Alone a model doesn't know its caller: a foreign name is doubted only where it is nearly one of the model's."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: ``severity`` is error or warning; ``element`` and ``line`` say where in the XML."""

    severity: str
    code: str
    element: str | None
    line: int | None
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Return the sentence for people in ``language`` (``zh`` or ``en``)."""
        return sentence(self.code, self.params, language)

    def remedy(self, language: str = "zh") -> str:
        """Return what to do about it: the name that was probably meant, or general advice; empty where there is none."""
        return remedy(self.code, self.params, language)


def check(
    model: Model, names: Collection[str] | None = None, *, functions: Collection[str] = ()
) -> list[Problem]:
    """Return what is wrong with a model.

    ``names`` are the variables that a caller can give besides the declared inputs (None: not known, then only
    names that the model declares but the element does not require are doubted); ``functions`` the host's functions.
    """
    return [
        *(_of_error(error) for error in model.problems),
        *_cycles(model),
        *_unknown_names(model, names, functions),
        *_types(model),
        *(problem for name, table in model.tables() for problem in _coverage(name, table)),
    ]


def _of_error(error: DmnError) -> Problem:
    severity = "warning" if error.code == "dmn.no_logic" else "error"
    return Problem(severity, error.code, error.element, error.line, error.params)


def _cycles(model: Model) -> Iterator[Problem]:
    """Find the decisions that require themselves, whatever lies between."""
    for decision in model.file.elements.values():
        if not isinstance(decision, Decision):
            continue
        seen: set[str] = set()
        todo = [decision.id]
        while todo:
            required = (
                one.element.id for one in model.requirements.get(todo.pop(), ()) if one.model is model
            )
            fresh = [id for id in required if id not in seen]
            seen.update(fresh)
            todo.extend(fresh)
        if decision.id in seen:
            yield Problem("error", "dmn.cycle", decision.element, decision.line, {"name": decision.name})


def _unknown_names(
    model: Model, names: Collection[str] | None, functions: Collection[str]
) -> Iterator[Problem]:
    from engine.feel.builtins import BUILTINS

    for expression in model.expressions:
        for use in uses(expression.node):
            if use.name in expression.names or use.name in BUILTINS or use.name in functions or use.in_filter:
                continue
            known = {*expression.names, *model.declared, *(names or ())}
            candidates = {*BUILTINS, *functions, *known} if use.called else known
            meant = closest(use.name, candidates, ALIKE if names is None and not use.called else MISSPELT)
            params = {"name": use.name, "owner": expression.owner, "suggestion": meant}
            severity, code = "error", "feel.unknown_name"
            if use.called:
                code = "feel.unknown_function"
            elif use.name in model.declared:
                code, params["suggestion"] = "dmn.not_required", ""
            elif names is None and meant:
                severity = "warning"
            elif names is None or use.name in names:
                continue
            yield Problem(severity, code, expression.element, expression.line, params)


def _types(model: Model) -> Iterator[Problem]:
    """Find operators whose operands can never meet, and members that a declared structure lacks."""
    for expression in model.expressions:
        inference = Inference(expression.types)
        if isinstance(expression.node, UnaryTests):
            inference.tests(expression.node, expression.types.get("?", ANY))
        else:
            inference.infer(expression.node)
        for _, conflict in inference.conflicts:
            params = {**conflict.params, "owner": expression.owner}
            yield Problem("warning", conflict.code, expression.element, expression.line, params)


def _coverage(name: str, table: TableBox) -> Iterator[Problem]:
    if table.policy not in "UAPF":
        return
    found = examine(table)
    if table.policy in "UA":
        for rules, example in found.overlaps:
            if table.policy == "A" and _same_outputs(table, rules):
                continue
            params = {"name": name, "rules": ", ".join(map(str, rules)), "example": _text(example)}
            yield Problem(
                "error", "dmn.overlap", table.rules[rules[0] - 1].element, _line(table, rules[0]), params
            )
    if all(column.default is None for column in table.outputs):
        for example in found.gaps:
            params = {"name": name, "example": _text(example)}
            yield Problem("warning", "dmn.gap", table.element, table.line, params)


def _same_outputs(table: TableBox, rules: tuple[int, ...]) -> bool:
    outputs = {tuple(cell.text for cell in table.rules[number - 1].outputs) for number in rules}
    return len(outputs) == 1


def _line(table: TableBox, rule: int) -> int | None:
    return table.rules[rule - 1].line


def _text(example: Mapping[str, str]) -> str:
    return ", ".join(f"{label} = {value}" for label, value in example.items()) or "-"
