"""Moves the tokens of one process instance: definition, state and execution; it knows no database and no
person.
"""

from engine.runtime.definition import Definition
from engine.runtime.execution import Execution
from engine.runtime.host import Host, Token

__all__ = ["Definition", "Execution", "Host", "Token"]
