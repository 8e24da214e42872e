"""The few shapes of FEEL that a list of steps can show, read from expressions and written as such."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.bpmn.model import Value
from engine.errors import Refused
from engine.feel import to_string
from engine.feel.nodes import Call, Comparison, ListNode, Literal, Name, Negation, Node, Path
from engine.feel.text import quote

OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_SIGNING = re.compile(r"|all|any|in order|ratio (?:0\.\d+|1|\d+/\d+)")
_ROLE = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)
_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_PERSON = re.compile(r"[\w.\-]{1,60}")
_MOST_DAYS = 3_650


def approver(attribute: str, value: Value) -> list[dict[str, str]] | None:
    """Return whom an assignment names: ``{"role", "at"}`` (``at`` with ``=`` before a name), ``{"person"}`` or
    ``{"initiator": "yes"}`` each; None for anything else.
    """
    if not value.is_expression:
        names = [one.strip().removeprefix("user:") for one in value.text.replace("，", ",").split(",")]
        plain = attribute != "candidateGroups" and all(_PERSON.fullmatch(one) for one in names)
        return [{"person": one} for one in names] if plain else None
    node = None if value.expression is None else value.expression.node
    found = [_who(one) for one in (node.items if isinstance(node, ListNode) else (node,))]
    return [one for one in found if one is not None] if None not in found else None


def write_approver(value: Any) -> tuple[str, str]:
    """Return the attribute and the text that name people as :func:`approver` gives them; raises :class:`Refused`."""
    if not isinstance(value, list) or not value or not all(isinstance(one, Mapping) for one in value):
        raise Refused("steps.nobody")
    kinds = {"person" if "person" in one else "initiator" if "initiator" in one else "role" for one in value}
    if kinds == {"person"}:
        people = [_matching(_PERSON, one["person"]) for one in value]
        return ("assignee", people[0]) if len(people) == 1 else ("candidateUsers", ", ".join(people))
    if kinds == {"initiator"}:
        return "assignee", "=initiator"
    if kinds != {"role"}:
        raise Refused("steps.mixed")
    calls = [_call(one) for one in value]
    return "candidateGroups", f"={calls[0]}" if len(calls) == 1 else f"=[{', '.join(calls)}]"


def deadline(value: Value) -> dict[str, Any] | None:
    """Return when a step is due: ``{"days": 5}`` working days, ``{"setting": "profile.days.review"}`` likewise by a name,
    or ``{"at": "due"}`` the moment that a name holds; None for anything else.
    """
    node = None if value.expression is None else value.expression.node
    if path(node) is not None:
        return {"at": path(node)}
    if not isinstance(node, Call) or node.names or path(node.function) != "working days":
        return None
    if len(node.arguments) != 2 or node.arguments[0] != Call(Name("now"), ()):
        return None
    days = node.arguments[1]
    if isinstance(days, Literal) and isinstance(days.value, Decimal) and days.value == int(days.value):
        return {"days": int(days.value)}
    return None if path(days) is None else {"setting": path(days)}


def write_deadline(value: Any) -> str:
    """Return the expression for a deadline as :func:`deadline` gives it; raises :class:`Refused`."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, what),) = value.items()
        if (
            kind == "days"
            and isinstance(what, int | Decimal)
            and 0 < what <= _MOST_DAYS
            and what == int(what)
        ):
            return f"=working days(now(), {int(what)})"
        if kind == "setting":
            return f"=working days(now(), {_matching(_PATH, what)})"
        if kind == "at":
            return f"={_matching(_PATH, what)}"
    raise Refused("steps.value", value=str(value))


def signs(text: str) -> bool:
    """Whether a list can show how several sign."""
    return _SIGNING.fullmatch(text.strip()) is not None


def read_test(value: Value) -> dict[str, Any] | None:
    """Return a condition as ``{"field", "operator", "value"}``; None for anything but a name compared with a constant."""
    node = None if value.expression is None else value.expression.node
    if not isinstance(node, Comparison) or node.operator not in OPERATORS or path(node.left) is None:
        return None
    right = node.right
    negative = isinstance(right, Negation) and isinstance(right.operand, Literal)
    literal = right.operand if isinstance(right, Negation) else right
    if (
        not isinstance(literal, Literal)
        or literal.at
        or (negative and not isinstance(literal.value, Decimal))
    ):
        return None
    constant = -literal.value if negative else literal.value
    return {"field": path(node.left), "operator": node.operator, "value": constant}


def write_test(value: Any) -> str:
    """Return the expression of a condition as :func:`read_test` gives it; raises :class:`Refused`."""
    if not isinstance(value, Mapping) or value.keys() != {"field", "operator", "value"}:
        raise Refused("steps.value", value=str(value))
    if value["operator"] not in OPERATORS:
        raise Refused("steps.value", value=str(value["operator"]))
    return f"={_matching(_PATH, value['field'])} {value['operator']} {_constant(value['value'])}"


def text(value: Any) -> str:
    """Return a text of one line; raises :class:`Refused`."""
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
        raise Refused("steps.value", value=str(value))
    return value.strip()


def path(node: Node | None) -> str | None:
    """Return a name, or names with dots between; None for any other expression."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Path):
        base = path(node.base)
        return None if base is None else f"{base}.{node.member}"
    return None


def _who(node: Node | None) -> dict[str, str] | None:
    if node == Name("initiator"):
        return {"initiator": "yes"}
    if not isinstance(node, Call) or node.names or path(node.function) != "role":
        return None
    given = node.arguments
    if (
        not given
        or len(given) > 2
        or not isinstance(given[0], Literal)
        or not isinstance(given[0].value, str)
    ):
        return None
    if len(given) == 1:
        return {"role": given[0].value, "at": ""}
    if isinstance(given[1], Literal) and isinstance(given[1].value, str):
        return {"role": given[0].value, "at": given[1].value}
    name = path(given[1])
    return None if name is None else {"role": given[0].value, "at": f"={name}"}


def _call(one: Mapping[str, Any]) -> str:
    role, at = quote(_matching(_ROLE, one.get("role"))), one.get("at", "")
    if at == "":
        return f"role({role})"
    if isinstance(at, str) and at.startswith("="):
        return f"role({role}, {_matching(_PATH, at[1:])})"
    return f"role({role}, {quote(text(at))})"


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Refused("steps.value", value=str(value))
    return value


def _constant(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | Decimal):
        return to_string(Decimal(value))
    if isinstance(value, str) and len(value) <= 200:
        return quote(value)
    raise Refused("steps.value", value=str(value))
