"""Closures for calls, function definitions and ``instance of``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.feel.errors import FeelUnknownName
from engine.feel.functions import Code, UserFunction
from engine.feel.lexer import syntax_error
from engine.feel.nodes import Call, Function, InstanceOf, Name, TypeNode
from engine.feel.run import MISSING, Run, Scope
from engine.feel.types import ANY, Type, conforms, resolve
from engine.feel.values import FunctionValue, type_name

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler


def call(compiler: Compiler, node: Call) -> Code:
    """Compile a call with positional or named arguments."""
    function = _callee(node.function.name) if isinstance(node.function, Name) else _value(compiler, node)
    arguments = tuple(compiler.compile(argument) for argument in node.arguments)
    if node.names:
        return _named(function, node.names, arguments)

    def invoke(scope: Scope | None, run: Run) -> Any:
        callee = function(scope, run)
        if callee is None:
            return None
        run.charge(1)
        return callee.call(run, [argument(scope, run) for argument in arguments])

    return invoke


def _named(function: Code, names: tuple[str, ...], arguments: tuple[Code, ...]) -> Code:
    duplicated = len(set(names)) != len(names)

    def invoke(scope: Scope | None, run: Run) -> Any:
        callee = function(scope, run)
        if callee is None:
            return None
        if duplicated:
            return run.null("feel.null.arguments", name=callee.name)
        run.charge(1)
        values = {name: argument(scope, run) for name, argument in zip(names, arguments, strict=True)}
        return callee.call_named(run, values)

    return invoke


def _callee(name: str) -> Code:
    """Find the function of a name: the innermost function bound to it, else a builtin one."""
    from engine.feel.builtins import BUILTINS

    builtin = BUILTINS.get(name)

    def find(scope: Scope | None, run: Run) -> Any:
        found: Any = MISSING
        while scope is not None:
            if name in scope.names:
                found = scope.names[name]
                if isinstance(found, FunctionValue):
                    return found
            scope = scope.parent
        value = run.find(name)
        if isinstance(value, FunctionValue):
            return value
        if builtin is not None:
            return builtin
        if value is MISSING and found is MISSING:
            if run.strict:
                raise FeelUnknownName(name)
            return run.null("feel.unknown_function", name=name)
        return run.null("feel.null.call", type=type_name(value if found is MISSING else found))

    return find


def _value(compiler: Compiler, node: Call) -> Code:
    function = compiler.compile(node.function)

    def find(scope: Scope | None, run: Run) -> Any:
        value = function(scope, run)
        if isinstance(value, FunctionValue):
            return value
        return run.null("feel.null.call", type=type_name(value))

    return find


def function(compiler: Compiler, node: Function) -> Code:
    """Compile a function definition; calling an external one gives null."""
    names = tuple(name for name, _ in node.parameters)
    types = tuple(ANY if type_ is None else type_of(compiler, type_) for _, type_ in node.parameters)
    filters, compiler.filters = compiler.filters, 0
    body = _external if node.external else compiler.compile(node.body)
    compiler.filters = filters

    def define(scope: Scope | None, run: Run) -> Any:
        run.charge(12)
        return UserFunction("function", names, types, body, scope)

    return define


def _external(_scope: Scope | None, run: Run) -> None:
    run.warn("feel.null.external")


def type_of(compiler: Compiler, node: TypeNode) -> Type:
    """Return the type that is meant; raise :class:`FeelSyntaxError` if it is not known."""
    type_ = resolve(node, compiler.types)
    if type_ is None:
        raise syntax_error("feel.syntax.type", compiler.text, node.start, name=node.name)
    return type_


def instance_of(compiler: Compiler, node: InstanceOf) -> Code:
    """Compile ``value instance of type``."""
    value = compiler.compile(node.value)
    type_ = type_of(compiler, node.type)

    def test(scope: Scope | None, run: Run) -> bool:
        return conforms(value(scope, run), type_, allowed=False, charge=run.charge)

    return test
