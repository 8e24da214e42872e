"""Item definitions as FEEL types, with allowed values and constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from engine.dmn.errors import DmnError
from engine.dmn.nodes import File, ItemDefinition
from engine.feel.errors import FeelError
from engine.feel.expression import build
from engine.feel.messages import both
from engine.feel.run import Environment, Run, Scope
from engine.feel.types import ANY, BASE, NUMBER, Allowed, Charge, Type

ALIASES = {
    **dict.fromkeys(("integer", "long", "double", "int", "float", "decimal"), NUMBER),
    "any": ANY,
    "Any": ANY,
}
"""Names of types that older modelers write."""


class TypeTable:
    """The types that a model declares or imports, by name (``model.tName`` for imported ones)."""

    def __init__(self, file: File, imported: Sequence[tuple[str, TypeTable]]) -> None:
        self._items = {item.name: item for item in file.items}
        self._imported = imported
        self._types: dict[str, Type] = {}
        self.problems: list[DmnError] = []
        """References to unknown types, and tests that are no FEEL."""
        for name in self._items:
            try:
                self.resolve(name)
            except DmnError as error:
                self.problems.append(error)

    @property
    def all(self) -> dict[str, Type]:
        """Every type by the name that an expression may use."""
        result = dict(self._types)
        for prefix, table in self._imported:
            for name, type_ in table.all.items():
                result[f"{prefix}.{name}" if prefix else name] = type_
        return result

    @property
    def member_names(self) -> set[str]:
        """The names of all components, and of the types."""
        names: set[str] = set()

        def add(item: ItemDefinition) -> None:
            names.add(item.name)
            for component in item.components:
                add(component)

        for item in self._items.values():
            add(item)
        for _, table in self._imported:
            names |= table.member_names
        return names

    def resolve(self, reference: str | None, element: str | None = None, line: int | None = None) -> Type:
        """Return the type of a ``typeRef``, Any where there is none; an unknown one is a problem and Any too."""
        if not reference or not reference.strip():
            return ANY
        name = reference.strip()
        for prefix in ("feel:", "feel."):
            name = name.removeprefix(prefix)
        found = self._find(name)
        if found is None and ":" in name:
            found = self._find_anywhere(name.partition(":")[2])
        if found is None:
            self.problems.append(DmnError("dmn.type", name=reference, element=element, line=line))
            return ANY
        return found

    def allowed_text(self, reference: str | None) -> str | None:
        """Return the allowed values of a declared type as they are written, which is their order; else None."""
        item = self._items.get((reference or "").strip().rpartition(":")[2])
        if item is None or item.collection:
            return None
        return item.allowed or item.constraint

    def _find(self, name: str) -> Type | None:
        if name in self._types:
            return self._types[name]
        if name in self._items:
            return self._define(self._items[name], True)
        for prefix, table in self._imported:
            if prefix and name.startswith(f"{prefix}."):
                return table._find(name[len(prefix) + 1 :])
            if not prefix:
                found = table._find(name)
                if found is not None:
                    return found
        return BASE.get(name) or ALIASES.get(name)

    def _find_anywhere(self, name: str) -> Type | None:
        found = self._find(name)
        if found is None:
            for _, table in self._imported:
                found = found or table._find_anywhere(name)
        return found

    def _define(self, item: ItemDefinition, top: bool) -> Type:
        element, fill = self._element(item)
        if item.allowed is not None:
            element = replace(
                element, allowed=self._predicate(item.allowed, item, element.allowed), name=item.name
            )
        type_ = element
        if item.collection:
            type_ = Type("list", element, name=item.name)
        if item.constraint is not None:
            type_ = replace(
                type_, allowed=self._predicate(item.constraint, item, type_.allowed), name=item.name
            )
        if top:
            self._types[item.name] = type_
        fill()
        return type_

    def _element(self, item: ItemDefinition) -> tuple[Type, Callable[[], None]]:
        """Return the type without its collection, and what must be done when its name is known."""
        if item.components:
            members: dict[str, Type] = {}

            def fill() -> None:
                for component in item.components:
                    members[component.name] = self._define(component, False)

            return Type("context", members=members, name=item.name), fill
        if item.parameters is not None:
            parameters = tuple(self.resolve(p.type_ref, item.element, item.line) for p in item.parameters)
            result = self.resolve(item.result, item.element, item.line)
            return Type("function", parameters=parameters, result=result, name=item.name), _nothing
        return self.resolve(item.type_ref, item.element, item.line), _nothing

    def _predicate(self, text: str, item: ItemDefinition, also: Allowed | None = None) -> Allowed:
        try:
            expression = build(text, frozenset(), frozenset(), True, {})
        except FeelError as error:
            raise DmnError(
                "dmn.expression", name=item.name, reason=both(error), element=item.element, line=item.line
            ) from error

        def allowed(value: Any, charge: Charge) -> bool:
            if also is not None and not also(value, charge):
                return False
            run = Run(Environment(), {})
            passed = expression.execute(run, Scope({"?": value}, None)) is True
            charge(run.environment.limits.steps - run.steps + 2)
            return passed

        return allowed


def _nothing() -> None:
    """There is nothing left to fill."""
