"""The syntax tree of FEEL: frozen nodes that know where they stand in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of an expression; ``start`` is its offset in the text and is no part of its identity."""

    start: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean, null, or the temporal value of an ``@"…"`` literal."""

    value: Any
    at: bool = False


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, or ``?`` in a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``base.member``"""

    base: Node
    member: str
    member_start: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[condition]``"""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments)``; ``names`` is empty for positional arguments, else one name an argument."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-operand``"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """A chain of ``+ -``, of ``* /`` or of ``**``, from left to right: first, then (operator, operand)."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left op right`` with one of ``= != < <= > >=``"""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``"""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in test`` or ``value in (test, test)``"""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``"""

    value: Node
    type: TypeNode


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """A chain of ``and`` or of ``or``."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if … then … else if … then … else …``: the branches as (condition, result), then the last else."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """``name in domain`` or ``name in domain..end``"""

    name: str
    domain: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for iterators return body``"""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some|every iterators satisfies condition``"""

    kind: str
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Function(Node):
    """``function(parameters) body``; ``external`` ones have no meaning outside Java."""

    parameters: tuple[tuple[str, TypeNode | None], ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class ListNode(Node):
    """``[items]``"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextNode(Node):
    """``{key: value}``"""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeNode(Node):
    """``[low..high]``"""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """``op operand``: a unary test, or as ``(op operand)`` a range with one open end."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """Tests separated by commas; none at all stands for ``-``."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type as written: ``name`` is a base or declared type, or list, range, context, function.

    ``arguments`` are the element type, the parameter types, or the member types with ``members`` as their names;
    ``result`` is a function's.
    """

    name: str
    arguments: tuple[TypeNode, ...] = ()
    members: tuple[str, ...] = ()
    result: TypeNode | None = None
