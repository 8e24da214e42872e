"""Which field follows from which: the order of computing, circles, and what to draw anew after a change."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine import feel
from engine.plugins import Finding
from forms.expressions import expressions_of, references
from forms.messages import finding
from forms.model import Field

#: A fragment is a field's name, ``#`` and a component's id for what keeps no answer, or this and a column's
#: name.
SUM = "sum:"


@dataclass(frozen=True, slots=True)
class Arranged:
    """The outcome of :func:`arrange`."""

    order: tuple[str, ...]
    dependents: Mapping[str, frozenset[tuple[str, bool]]]


def arrange(tree: Iterable[Field], fields: Mapping[str, Field], findings: list[Finding]) -> Arranged:
    """Order the fields so that each comes after what its value follows from; report circles.

    ``dependents`` maps a name to the fragments that change with it, each with whether only the same row is
    meant.
    """
    values: dict[str, set[tuple[str, bool]]] = {}
    shown: dict[str, set[tuple[str, bool]]] = {}
    quiet: set[tuple[str, str]] = set()
    for component, inherited in _with_inherited(tree):
        target = component.name or f"#{component.id}"
        for expression in expressions_of(component):
            carries = bool(component.name) and _sets_value(component, expression)
            for source, same_row in references(expression, fields, component):
                if source == target and expression in component.hides:
                    continue  # a field may be hidden by its own value
                shown.setdefault(source, set()).add((target, same_row))
                if any(expression is hide for hide in inherited):
                    quiet.add((source, target))  # the group around it is drawn anew
                if carries:
                    values.setdefault(source, set()).add((target, same_row))
        if component.flag("sum") and component.list:
            shown.setdefault(component.name, set()).add((SUM + component.name, False))
    for name, field in fields.items():
        if field.list:
            values.setdefault(field.list, set()).add((name, False))
    order = _sort(fields, values, findings)
    return Arranged(order, {name: _closure(name, fields, shown, values, quiet) for name in fields})


def _with_inherited(
    components: Iterable[Field], inherited: tuple[feel.Expression, ...] = ()
) -> Iterator[tuple[Field, tuple[feel.Expression, ...]]]:
    """Yield every component with the hiding conditions that come from the groups around it."""
    for component in components:
        yield component, inherited
        below = () if component.type == "dynamiclist" else component.hides
        yield from _with_inherited(component.children, below)


def _sets_value(component: Field, expression: feel.Expression) -> bool:
    return (
        expression is component.expression
        or expression is component.default.expression
        or any(expression is hide for hide in component.hides)
    )


def _sort(
    fields: Mapping[str, Field], values: Mapping[str, set[tuple[str, bool]]], findings: list[Finding]
) -> tuple[str, ...]:
    waits: dict[str, int] = dict.fromkeys(fields, 0)
    for targets in values.values():
        for target in {name for name, _ in targets}:
            waits[target] += 1
    ready = deque(name for name, count in waits.items() if count == 0)
    order: list[str] = []
    while ready:
        name = ready.popleft()
        order.append(name)
        for target in {target for target, _ in values.get(name, ())}:
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    if len(order) < len(fields):
        circle = _circle({name for name, count in waits.items() if count > 0}, values)
        titles = " → ".join(f"{fields[name].title()}({name})" for name in (*circle, circle[0]))
        findings.append(finding("form.cycle", element=fields[circle[0]].id, fields=titles))
    return tuple(order)


def _circle(left: set[str], values: Mapping[str, set[tuple[str, bool]]]) -> tuple[str, ...]:
    """Return one circle among fields that all wait for another of them."""
    before = {name: next(source for source in sorted(left) if _leads(source, name, values)) for name in left}
    path = [min(left)]
    while before[path[-1]] not in path:
        path.append(before[path[-1]])
    start = path.index(before[path[-1]])
    return tuple(reversed(path[start:]))


def _leads(source: str, target: str, values: Mapping[str, set[tuple[str, bool]]]) -> bool:
    return any(name == target for name, _ in values.get(source, ()))


def _closure(
    name: str,
    fields: Mapping[str, Field],
    shown: Mapping[str, set[tuple[str, bool]]],
    values: Mapping[str, set[tuple[str, bool]]],
    quiet: set[tuple[str, str]],
) -> frozenset[tuple[str, bool]]:
    """Follow what changes with ``name``; a list stands for all of its columns in all rows."""
    starts = [(name, bool(fields[name].list))]
    if fields[name].type == "dynamiclist":
        starts.extend((column, False) for column, field in fields.items() if field.list == name)
    found: set[tuple[str, bool]] = set()
    pending, seen = list(starts), set(starts)
    while pending:
        source, in_row = pending.pop()
        for target, same_row in shown.get(source, ()):
            reached = (target, in_row and same_row)
            if (source, target) not in quiet:
                found.add(reached)
            if any(one == target for one, _ in values.get(source, ())) and reached not in seen:
                seen.add(reached)
                pending.append(reached)
    return frozenset(one for one in found if not (one[1] and (one[0], False) in found))
