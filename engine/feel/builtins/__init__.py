"""The builtin functions of the standard, by name."""

from engine.feel.builtins import (
    contexts,
    conversion,
    lists,
    numbers,
    ranges,
    statistics,
    strings,
    temporal_functions,
)
from engine.feel.builtins.registry import BUILTINS, Builtin

__all__ = ["BUILTINS", "Builtin"]
_LOADED = (contexts, conversion, lists, numbers, ranges, statistics, strings, temporal_functions)
