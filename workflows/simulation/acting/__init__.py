"""What people answer at each step: a module a process, which offers ``ANSWERS`` by element."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from workflows.simulation.office import Answering


@cache
def answers() -> Mapping[tuple[str, str], Answering]:
    """Return what is answered at the steps of all processes, by process and element."""
    found: dict[tuple[str, str], Answering] = {}
    for module in iter_modules(__path__):
        given: Mapping[str, Answering] = import_module(f"{__name__}.{module.name}").ANSWERS
        found |= {(module.name, element): answering for element, answering in given.items()}
    return found
