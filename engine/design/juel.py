"""Translates the expressions of other engines (``${…}``) to FEEL; what has no like there isn't translated."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine import feel
from engine.feel.text import quote

_WHOLE = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[^\W\d]\w*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/()<>!?:.,\[\]]))""",
    re.VERBOSE,
)
#: What binds tighter has the higher number; each with its signs and words, and what FEEL writes for them.
_TERNARY, _OR, _AND, _COMPARISON, _SUM, _PRODUCT, _SIGN, _PATH = range(8)
_BINARY: tuple[tuple[int, dict[str, str]], ...] = (
    (_OR, {"||": "or", "or": "or"}),
    (_AND, {"&&": "and", "and": "and"}),
    (_COMPARISON, {"==": "=", "eq": "=", "!=": "!=", "ne": "!="}),
    (
        _COMPARISON,
        {"<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">="},
    ),
    (_SUM, {"+": "+", "-": "-"}),
    (_PRODUCT, {"*": "*", "/": "/", "div": "/"}),
)
_WORDS = frozenset(
    {"and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "empty", "instanceof"}
)
#: What those engines take for empty.
_EMPTY = 'list contains([null, "", [], {{}}], {})'
#: What a repetition counts is called otherwise.
_COUNTS = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
#: What an expression nests at most, as FEEL's own reader has a limit.
_DEEPEST = 60


def is_expression(text: str) -> bool:
    """Whether a text has an expression of another engine in it."""
    return "${" in text or "#{" in text


def translate(text: str) -> str | None:
    """Return an expression as FEEL with ``=`` before it; a text without one as it is; None for what can't be translated.

    Comparisons, arithmetic, ``and``, ``or``, ``not``, ``empty`` and choices (``a ? b : c``) of names, members, numbers and
    texts are, and a variable that is asked of its execution; other calls of methods and texts around an expression aren't.
    """
    if not is_expression(text):
        return text
    whole = _WHOLE.fullmatch(text)
    if whole is None or is_expression(whole[1]):
        return None
    try:
        written = _Reader(whole[1]).everything()
        feel.compile(written)
    except (_Unlike, feel.FeelSyntaxError):
        return None
    return f"={written}"


class _Unlike(Exception):
    """Something has no like in FEEL."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A part of an expression in FEEL, and how tightly it binds; ``name`` where it is nothing but a name."""

    text: str
    binds: int = _PATH
    name: str | None = None

    def within(self, binds: int) -> str:
        """Return it as an operand of something that binds so tightly."""
        return self.text if self.binds >= binds else f"({self.text})"


class _Reader:
    """Reads one expression from left to right, as the grammar of those engines has it."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise _Unlike
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self._at = 0
        self._deep = 0

    def everything(self) -> str:
        """Return the whole expression in FEEL."""
        written = self._choice()
        if self._at < len(self._tokens):
            raise _Unlike
        return written.text

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._at += 1
        return found

    def _take(self, sign: str) -> bool:
        """Go past a sign or word if it is the next."""
        kind, text = self._peek()
        if kind in ("sign", "name") and text == sign:
            self._at += 1
            return True
        return False

    def _must(self, sign: str) -> None:
        if not self._take(sign):
            raise _Unlike

    def _choice(self) -> _Written:
        self._deep += 1
        if self._deep > _DEEPEST:
            raise _Unlike
        condition = self._binary(0)
        if self._take("?"):
            first = self._choice()
            self._must(":")
            other = self._choice()
            text = f"if {condition.text} then {first.within(_OR)} else {other.text}"
            condition = _Written(text, _TERNARY)
        self._deep -= 1
        return condition

    def _binary(self, level: int) -> _Written:
        if level == len(_BINARY):
            return self._unary()
        binds, signs = _BINARY[level]
        left = self._binary(level + 1)
        while self._peek()[0] in ("sign", "name") and self._peek()[1] in signs:
            sign = signs[self._next()[1]]
            right = self._binary(level + 1)
            # a comparison of comparisons has parentheses in FEEL
            around = binds + 1 if binds == _COMPARISON else binds
            left = _Written(f"{left.within(around)} {sign} {right.within(binds + 1)}", binds)
        return left

    def _unary(self) -> _Written:
        self._deep += 1
        if self._deep > _DEEPEST:
            raise _Unlike
        if self._take("!") or self._take("not"):
            found = _Written(f"not({self._unary().text})")
        elif self._take("empty"):
            found = _Written(_EMPTY.format(self._unary().text))
        elif self._take("-"):
            found = _Written(f"-{self._unary().within(_SIGN)}", _SIGN)
        else:
            found = self._value()
        self._deep -= 1
        return found

    def _value(self) -> _Written:
        kind, text = self._next()
        if kind == "text":
            found = _Written(_quoted(text))
        elif kind == "number":
            found = _Written(text)
        elif kind == "name" and text not in _WORDS:
            found = _Written(_COUNTS.get(text, text), name=text)
        elif (kind, text) == ("sign", "("):
            inside = self._choice()
            self._must(")")
            found = _Written(inside.text, inside.binds)
        else:
            raise _Unlike
        return self._members(found)

    def _members(self, of: _Written) -> _Written:
        while True:
            if self._take("."):
                kind, name = self._next()
                if kind != "name":
                    raise _Unlike
                of = self._asked(of, name) if self._take("(") else _Written(f"{of.within(_PATH)}.{name}")
            elif self._take("["):
                of = self._at_place(of)
            elif self._peek() == ("sign", "("):
                raise _Unlike
            else:
                return of

    def _asked(self, of: _Written, method: str) -> _Written:
        """Return what a method gives, of the few that only ask for a variable or compare."""
        given = [] if self._take(")") else [self._choice()]
        if given:
            self._must(")")
        if of.name == "execution" and method in ("getVariable", "hasVariable") and given:
            name = given[0].text.strip('"')
            if not _IDENTIFIER.fullmatch(name) or given[0].text != quote(name):
                raise _Unlike
            return (
                _Written(name, name=name)
                if method == "getVariable"
                else _Written(f"{name} != null", _COMPARISON)
            )
        if method == "equals" and given:
            return _Written(f"{of.within(_SUM)} = {given[0].within(_SUM)}", _COMPARISON)
        if method == "isEmpty" and not given:
            return _Written(_EMPTY.format(of.text))
        raise _Unlike

    def _at_place(self, of: _Written) -> _Written:
        """Return a place of a list, which is counted from 1 here, or a member by its name."""
        kind, text = self._next()
        self._must("]")
        if kind == "number" and text.isdecimal():
            return _Written(f"{of.within(_PATH)}[{int(text) + 1}]")
        name = _unquoted(text) if kind == "text" else ""
        if not _IDENTIFIER.fullmatch(name):
            raise _Unlike
        return _Written(f"{of.within(_PATH)}.{name}")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _quoted(text: str) -> str:
    return quote(_unquoted(text))
