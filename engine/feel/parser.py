"""A Pratt parser for the whole FEEL grammar of DMN 1.5."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeVar

from engine.feel.errors import FeelLimitError
from engine.feel.lexer import syntax_error
from engine.feel.limits import MAX_NESTING, MAX_SOURCE
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    ContextNode,
    Filter,
    For,
    Function,
    If,
    In,
    InstanceOf,
    Iterator,
    ListNode,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeNode,
    TypeNode,
    UnaryComparison,
    UnaryTests,
)
from engine.feel.stream import Stream
from engine.feel.temporal_text import parse_temporal
from engine.feel.type_parser import parse_type
from engine.feel.values import NUMBER

_N = TypeVar("_N", bound=Node)
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
OR, AND, COMPARE, SUM, PRODUCT, POWER, UNARY = range(1, 8)
BINDING = {
    "or": OR,
    "and": AND,
    **dict.fromkeys((*COMPARISONS, "between", "in", "instance"), COMPARE),
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "**": POWER,
}
CONSTANTS = {"null": None, "true": True, "false": False}


def parse(text: str, names: Iterable[str] = (), members: Iterable[str] = ()) -> Node:
    """Parse an expression.

    ``names`` are the variables in scope and ``members`` the keys that may follow a dot; both matter only where a
    name has symbols or keywords in it. Raises :class:`FeelSyntaxError` or :class:`FeelLimitError`.
    """
    parser = _parser(text, names, members)
    return parser.whole(parser.expression)


def parse_unary(text: str, names: Iterable[str] = (), members: Iterable[str] = ()) -> UnaryTests:
    """Parse unary tests, the language of a decision table's input entries."""
    parser = _parser(text, names, members)
    return parser.whole(parser.unary_tests)


def parse_type_text(text: str, names: Iterable[str] = ()) -> TypeNode:
    """Parse a type such as ``list<number>``."""
    parser = _parser(text, names, ())
    return parser.whole(lambda: parse_type(parser.stream))


def _parser(text: str, names: Iterable[str], members: Iterable[str]) -> Parser:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_SOURCE:
        raise FeelLimitError("feel.limit.source", size=size, limit=MAX_SOURCE)
    return Parser(Stream(text, names, members))


class Parser:
    """One parse of one text."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._no_filter = False

    def whole(self, rule: Callable[[], _N]) -> _N:
        """Apply the rule and insist that it took the whole text."""
        try:
            node = rule()
        except RecursionError:
            raise FeelLimitError("feel.limit.nesting", limit=MAX_NESTING) from None
        if self.stream.token.kind != "end":
            raise self.stream.unexpected("operator")
        return node

    # -- expressions -------------------------------------------------------------------------------------------

    def expression(self) -> Node:
        """Parse an expression, whatever its outermost operator."""
        stream = self.stream
        stream.deeper()
        no_filter, self._no_filter = self._no_filter, False
        node = self.binary(OR)
        self._no_filter = no_filter
        stream.depth -= 1
        return node

    def binary(self, level: int) -> Node:
        """Parse operators that bind at least as tightly as ``level``."""
        stream = self.stream
        depth = stream.depth
        left = self.unary()
        while True:
            token = stream.token
            binding = BINDING.get(token.text, 0) if token.kind in ("op", "keyword") else 0
            if binding < level or binding == 0:
                stream.depth = depth
                return left
            if binding in (OR, AND):
                left = self._logic(left, binding)
            elif binding == COMPARE:
                stream.deeper()
                left = self._comparison(left)
            else:
                left = self._arithmetic(left, binding)

    def _logic(self, first: Node, binding: int) -> Node:
        operator = self.stream.token.text
        operands = [first]
        while self.stream.accept(operator):
            operands.append(self.binary(binding + 1))
        return Logic(operator, tuple(operands), start=first.start)

    def _arithmetic(self, first: Node, binding: int) -> Node:
        stream = self.stream
        rest: list[tuple[str, Node]] = []
        while stream.token.kind == "op" and BINDING.get(stream.token.text) == binding:
            operator = stream.advance().text
            rest.append((operator, self.binary(binding + 1)))
        return Arithmetic(first, tuple(rest), start=first.start)

    def _comparison(self, left: Node) -> Node:
        stream = self.stream
        operator = stream.advance().text
        if operator == "between":
            low = self.binary(SUM)
            stream.expect("and")
            return Between(left, low, self.binary(SUM), start=left.start)
        if operator == "in":
            return In(left, self._in_tests(), start=left.start)
        if operator == "instance":
            stream.advance()
            return InstanceOf(left, parse_type(stream), start=left.start)
        return Comparison(operator, left, self.binary(SUM), start=left.start)

    def _in_tests(self) -> tuple[Node, ...]:
        stream = self.stream
        if not stream.at("("):
            return (self.positive_test(SUM),)
        start = stream.index
        stream.advance()
        tests = [self.positive_test(OR)]
        while stream.accept(","):
            tests.append(self.positive_test(OR))
        if len(tests) == 1 and not stream.at(")"):
            # An open range, or an expression that begins with a parenthesis.
            stream.index = start
            return (self.binary(SUM),)
        stream.expect(")")
        following = stream.token
        if (
            len(tests) == 1
            and following.kind == "op"
            and following.text in ("+", "-", "*", "/", "**", ".", "[")
        ):
            stream.index = start
            return (self.binary(SUM),)
        return tuple(tests)

    def unary(self) -> Node:
        """Parse a minus sign, an operand, and what is written behind it."""
        stream = self.stream
        token = stream.token
        if token.kind == "op" and token.text == "-":
            stream.advance()
            stream.deeper()
            operand = self.unary()
            stream.depth -= 1
            if isinstance(operand, Literal) and isinstance(operand.value, Decimal) and operand.value >= 0:
                return Literal(NUMBER.minus(operand.value), start=token.start)
            return Negation(operand, start=token.start)
        return self.postfix(self.operand())

    def postfix(self, node: Node) -> Node:
        """Parse paths, filters and calls behind an operand."""
        stream = self.stream
        depth = stream.depth
        while stream.token.kind == "op":
            text = stream.token.text
            if text == ".":
                stream.advance()
                start = stream.token.start
                node = Path(node, stream.member(), start=node.start, member_start=start)
            elif text == "[" and not (self._no_filter and not self._closes_before_end()):
                stream.advance()
                node = Filter(node, self.expression(), start=node.start)
                stream.expect("]")
            elif text == "(":
                node = self._call(node)
            else:
                break
            stream.deeper()
        stream.depth = depth
        return node

    def _closes_before_end(self) -> bool:
        """Whether the ``[`` behind a range's end is a filter: its ``]`` is followed by what closes the range."""
        depth = 0
        tokens = self.stream.tokens
        for index in range(self.stream.index, len(tokens) - 1):
            if tokens[index].kind != "op":
                continue
            text = tokens[index].text
            depth += (text in ("[", "(", "{")) - (text in ("]", ")", "}"))
            if depth == 0:
                return text == "]" and tokens[index + 1].text in (
                    "]",
                    ")",
                    "[",
                    ".",
                    "+",
                    "-",
                    "*",
                    "/",
                    "**",
                )
        return False

    def _call(self, function: Node) -> Node:
        stream = self.stream
        stream.expect("(")
        arguments: list[Node] = []
        names: list[str] = []
        named = stream.declares_before(":")
        while not stream.at(")"):
            if named:
                names.append(stream.declared_name(":"))
                stream.expect(":")
            arguments.append(self.expression())
            if not stream.accept(","):
                break
            if stream.at(")"):
                raise stream.unexpected("expression")
        stream.expect(")")
        return Call(function, tuple(arguments), tuple(names), start=function.start)

    def operand(self) -> Node:
        """Parse a literal, a name, a bracketed construct or a textual expression."""
        stream = self.stream
        token = stream.token
        if token.kind in ("number", "string"):
            stream.advance()
            return Literal(token.value, start=token.start)
        if token.kind == "name" or stream.known.match(stream.tokens, stream.index):
            return Name(stream.name(), start=token.start)
        if token.kind == "keyword":
            return self._keyword()
        if token.text == "(":
            return self._parenthesis()
        if token.text in ("[", "]") and token.kind == "op":
            return self._bracket()
        if token.text == "{":
            return self._context()
        if token.text == "@":
            return self._at_literal()
        raise stream.unexpected("expression")

    def _keyword(self) -> Node:
        stream = self.stream
        token = stream.token
        if token.text in CONSTANTS:
            stream.advance()
            return Literal(CONSTANTS[token.text], start=token.start)
        if token.text == "if":
            return self._if()
        if token.text == "for":
            return self._for()
        if token.text in ("some", "every"):
            return self._quantified()
        if token.text == "function":
            return self._function()
        raise stream.unexpected("expression")

    def _at_literal(self) -> Node:
        stream = self.stream
        start = stream.advance().start
        token = stream.token
        if token.kind != "string":
            raise stream.unexpected("expression")
        stream.advance()
        value = parse_temporal(token.value)
        if value is None:
            raise syntax_error("feel.syntax.at_literal", stream.text, start, text=token.value)
        return Literal(value, True, start=start)

    def _parenthesis(self) -> Node:
        stream = self.stream
        start = stream.advance().start
        if stream.token.text in COMPARISONS and stream.token.kind == "op":
            operator = stream.advance().text
            operand = self.expression()
            stream.expect(")")
            return UnaryComparison(operator, operand, start=start)
        node = self.expression()
        if stream.accept(".."):
            return self._range_end(node, False, start)
        stream.expect(")")
        return node

    def _bracket(self) -> Node:
        stream = self.stream
        opening = stream.advance()
        if opening.text == "[" and stream.accept("]"):
            return ListNode((), start=opening.start)
        first = self.expression()
        if stream.accept(".."):
            return self._range_end(first, opening.text == "[", opening.start)
        if opening.text == "]":
            raise stream.unexpected("..")
        items = [first]
        while stream.accept(","):
            items.append(self.expression())
        stream.expect("]")
        return ListNode(tuple(items), start=opening.start)

    def _range_end(self, low: Node, low_closed: bool, start: int) -> Node:
        stream = self.stream
        no_filter, self._no_filter = self._no_filter, True
        stream.deeper()
        high = self.binary(OR)
        stream.depth -= 1
        self._no_filter = no_filter
        for closing in ("]", ")", "["):
            if stream.accept(closing):
                return RangeNode(low, high, low_closed, closing == "]", start=start)
        raise stream.unexpected("]")

    def _context(self) -> Node:
        stream = self.stream
        start = stream.expect("{").start
        entries: list[tuple[str, Node]] = []
        keys: set[str] = set()
        added: list[str] = []
        while not stream.at("}"):
            token = stream.token
            key = stream.advance().value if token.kind == "string" else stream.declared_name(":")
            if key in keys:
                raise syntax_error("feel.syntax.duplicate_key", stream.text, token.start, name=key)
            stream.expect(":")
            entries.append((key, self.expression()))
            keys.add(key)
            if stream.known.add(key):
                added.append(key)
                stream.members.add(key)
            if not stream.accept(","):
                break
            if stream.at("}"):
                raise stream.unexpected("name")
        stream.expect("}")
        for key in added:
            stream.known.remove(key)
        return ContextNode(tuple(entries), start=start)

    # -- textual expressions -----------------------------------------------------------------------------------

    def _if(self) -> Node:
        stream = self.stream
        start = stream.token.start
        branches: list[tuple[Node, Node]] = []
        while stream.accept("if"):
            condition = self.expression()
            stream.expect("then")
            branches.append((condition, self.expression()))
            stream.expect("else")
        return If(tuple(branches), self.expression(), start=start)

    def _iterators(self) -> tuple[tuple[Iterator, ...], list[str]]:
        stream = self.stream
        iterators: list[Iterator] = []
        added: list[str] = []
        while True:
            start = stream.token.start
            name = stream.declared_name("in")
            stream.expect("in")
            domain = self.expression()
            end = self.expression() if stream.accept("..") else None
            iterators.append(Iterator(name, domain, end, start=start))
            if stream.known.add(name):
                added.append(name)
            if not stream.accept(","):
                return tuple(iterators), added

    def _for(self) -> Node:
        stream = self.stream
        start = stream.expect("for").start
        iterators, added = self._iterators()
        stream.expect("return")
        body = self.expression()
        self._forget(added)
        return For(iterators, body, start=start)

    def _quantified(self) -> Node:
        stream = self.stream
        token = stream.advance()
        iterators, added = self._iterators()
        stream.expect("satisfies")
        condition = self.expression()
        self._forget(added)
        return Quantified(token.text, iterators, condition, start=token.start)

    def _function(self) -> Node:
        stream = self.stream
        start = stream.expect("function").start
        stream.expect("(")
        parameters: list[tuple[str, TypeNode | None]] = []
        added: list[str] = []
        while not stream.at(")"):
            name = stream.declared_name(":", ",", ")")
            parameters.append((name, parse_type(stream) if stream.accept(":") else None))
            if stream.known.add(name):
                added.append(name)
            if not stream.accept(","):
                break
            if stream.at(")"):
                raise stream.unexpected("name")
        stream.expect(")")
        external = stream.token.text == "external" and stream.peek().text == "{"
        if external:
            stream.advance()
        body = self.expression()
        self._forget(added)
        return Function(tuple(parameters), body, external, start=start)

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.stream.known.remove(name)

    # -- unary tests -------------------------------------------------------------------------------------------

    def unary_tests(self) -> UnaryTests:
        """Parse ``-``, ``not(tests)`` or tests separated by commas."""
        stream = self.stream
        start = stream.token.start
        if stream.at("-") and stream.peek().kind == "end":
            stream.advance()
            return UnaryTests((), start=start)
        if stream.token.text == "not" and stream.peek().text == "(":
            index = stream.index
            stream.advance()
            stream.advance()
            tests = self._positive_tests()
            stream.expect(")")
            if stream.token.kind == "end":
                return UnaryTests(tests, True, start=start)
            stream.index = index
        return UnaryTests(self._positive_tests(), start=start)

    def _positive_tests(self) -> tuple[Node, ...]:
        tests = [self.positive_test(OR)]
        while self.stream.accept(","):
            tests.append(self.positive_test(OR))
        return tuple(tests)

    def positive_test(self, level: int) -> Node:
        """Parse a comparison with the input, or an expression that binds at least as tightly as ``level``."""
        stream = self.stream
        token = stream.token
        if token.kind == "op" and token.text in COMPARISONS:
            stream.advance()
            return UnaryComparison(token.text, self.binary(SUM), start=token.start)
        return self.expression() if level == OR else self.binary(level)
