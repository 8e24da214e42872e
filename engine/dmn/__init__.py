"""Decision models (DMN 1.1 to 1.6): requirement graphs, decision tables and boxed expressions on :mod:`engine.feel`.

``parse(xml)`` gives a :class:`Model`, ``model.evaluate(decision, inputs, env)`` the value with a trace that says which
rules matched and why.
"""

from engine.dmn.check import Problem, check
from engine.dmn.errors import DmnError
from engine.dmn.model import Evaluation, Model, parse, parse_all
from engine.dmn.needs import needs, result_type

__all__ = [
    "DmnError",
    "Evaluation",
    "Model",
    "Problem",
    "check",
    "needs",
    "parse",
    "parse_all",
    "result_type",
]
