"""Random syntax trees and texts for hypothesis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.feel import nodes as n
from engine.feel.temporal import Date, DaysDuration, MonthsDuration

NAMES = ("a", "b", "项目 名称", "达成率", "合计（元）", "first name", "item", "x1")
TYPES = ("number", "string", "date", "date and time", "Any", "days and time duration")

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=3)
literals: st.SearchStrategy[n.Node] = st.one_of(
    st.one_of(numbers, st.none(), st.booleans(), st.text(max_size=6).filter(str.isprintable)).map(n.Literal),
    st.builds(
        lambda value: n.Literal(value, True),
        st.one_of(
            st.builds(Date, st.integers(1, 9999), st.integers(1, 12), st.integers(1, 28)),
            st.builds(DaysDuration, st.integers(-(10**15), 10**15)),
            st.builds(MonthsDuration, st.integers(-500, 500)),
        ),
    ),
)
names = st.sampled_from(NAMES)
leaves = st.one_of(literals, names.map(n.Name))
type_nodes = st.one_of(
    st.sampled_from(TYPES).map(n.TypeNode),
    st.sampled_from(TYPES).map(lambda name: n.TypeNode("list", (n.TypeNode(name),))),
    st.just(n.TypeNode("context", (n.TypeNode("number"),), ("a",))),
    st.just(n.TypeNode("function", (n.TypeNode("number"),), result=n.TypeNode("string"))),
)


def _negation(operand: n.Node) -> n.Node:
    if isinstance(operand, n.Literal) and isinstance(operand.value, Decimal):
        return n.Literal(-operand.value)
    return n.Negation(operand)


def _chain(*operators: str) -> Any:
    def build(inner: st.SearchStrategy[n.Node]) -> st.SearchStrategy[n.Node]:
        rest = st.lists(st.tuples(st.sampled_from(operators), inner), min_size=1, max_size=3)
        return st.builds(lambda first, more: n.Arithmetic(first, tuple(more)), inner, rest)

    return build


def _compound(inner: st.SearchStrategy[n.Node]) -> st.SearchStrategy[n.Node]:
    several = st.lists(inner, max_size=3).map(tuple)
    comparison = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
    iterators = st.lists(
        st.builds(n.Iterator, names, inner, st.one_of(st.none(), inner)), min_size=1, max_size=2
    )
    keys = st.lists(st.one_of(names, st.text(max_size=4).filter(str.isprintable)), unique=True, max_size=3)
    return st.one_of(
        inner.map(_negation),
        _chain("+", "-")(inner),
        _chain("*", "/")(inner),
        _chain("**")(inner),
        st.builds(n.Comparison, comparison, inner, inner),
        st.builds(n.Between, inner, inner, inner),
        st.builds(n.InstanceOf, inner, type_nodes),
        st.builds(
            lambda value, tests: n.In(value, tests),
            inner,
            st.lists(st.builds(n.UnaryComparison, comparison, inner), min_size=2, max_size=3).map(tuple),
        ),
        st.builds(n.UnaryComparison, comparison, inner),
        st.builds(
            lambda operator, items: n.Logic(operator, items),
            st.sampled_from(("and", "or")),
            st.lists(inner, min_size=2, max_size=3).map(tuple),
        ),
        st.builds(lambda test, then, other: n.If(((test, then),), other), inner, inner, leaves),
        st.builds(lambda its, body: n.For(tuple(its), body), iterators, inner),
        st.builds(
            lambda kind, its, body: n.Quantified(kind, tuple(its), body),
            st.sampled_from(("some", "every")),
            iterators,
            inner,
        ),
        several.map(n.ListNode),
        st.builds(lambda ks, vs: n.ContextNode(tuple(zip(ks, vs, strict=False))), keys, several),
        st.builds(n.RangeNode, inner, inner, st.booleans(), st.booleans()),
        st.builds(n.Path, inner, names),
        st.builds(n.Filter, inner, inner),
        st.builds(n.Call, names.map(n.Name), several),
        st.builds(n.Call, st.sampled_from(("sum", "string", "count", "min", "date")).map(n.Name), several),
        st.builds(
            lambda params, body: n.Function(tuple((name, None) for name in params), body),
            st.lists(names, unique=True, max_size=2),
            inner,
        ),
    )


trees = st.recursive(leaves, _compound, max_leaves=12)
PIECES = (
    *"()[]{},.:+-*/<>=@\"'?",
    *(
        "if ",
        " then ",
        " else ",
        "for ",
        " in ",
        " return ",
        "some ",
        " satisfies ",
        "not(",
        "..",
        "**",
        " and ",
    ),
    *(
        " or ",
        "between ",
        " instance of ",
        "function(",
        "null",
        "true",
        "1",
        "0.5",
        "1e3",
        '"a"',
        "a",
        "项目",
        "（元）",
    ),
    *(
        '@"2026-01-01"',
        "date(",
        "list<",
        "//",
        "/*",
        "*/",
        "\\",
        "\n",
        "\u3000",
        "partial",
        "item",
        "sum(",
        "matches(",
    ),
)
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
