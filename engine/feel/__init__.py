"""FEEL, the expression language of DMN 1.5: decimal, parsed once into closures, limited, without a clock of its own.

``compile(text)`` gives an :class:`Expression`, ``expression.evaluate(variables, env)`` its value. The package stands
alone; docs/feel.md is the guide.
"""

from engine.feel.check import Problem, check, examine
from engine.feel.errors import (
    FeelError,
    FeelFunctionError,
    FeelLimitError,
    FeelSyntaxError,
    FeelTypeError,
    FeelUnknownName,
    FeelWarning,
)
from engine.feel.expression import Expression, compile
from engine.feel.lexer import position
from engine.feel.limits import Limits
from engine.feel.run import Environment
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.text import to_literal, to_string
from engine.feel.types import Type
from engine.feel.values import FunctionValue, Range, convert, to_host, to_python

__all__ = [
    "Date",
    "DateTime",
    "DaysDuration",
    "Environment",
    "Expression",
    "FeelError",
    "FeelFunctionError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelTypeError",
    "FeelUnknownName",
    "FeelWarning",
    "FunctionValue",
    "Limits",
    "MonthsDuration",
    "Problem",
    "Range",
    "Time",
    "Type",
    "check",
    "compile",
    "convert",
    "examine",
    "position",
    "to_host",
    "to_literal",
    "to_python",
    "to_string",
]
