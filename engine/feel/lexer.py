"""Turns the text of an expression into tokens; the parser joins the tokens of a name with spaces or symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, Overflow
from typing import Any

from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.values import NUMBER

SPACE = "\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u180e\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
NAME_START = (
    "?A-Z_a-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u167f\\u1681-\\u180d\\u180f-\\u1fff"
    "\\u200c-\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufefe\\uff00-\\ufffd"
    "\\U00010000-\\U000effff"
)
NAME_PART = NAME_START + "0-9\\xb7\\u0300-\\u036f\\u203f-\\u2040"

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "function",
        "null",
        "true",
        "false",
    ]
)
SYMBOLS = frozenset(".-/'’+*")
"""Symbols that a name may contain when it is known in the scope (the ``**`` operator counts as two)."""

_TOKEN = re.compile(
    rf"(?P<space>[{SPACE}]+|//[^\n\r]*|/\*.*?\*/)"
    rf"|(?P<name>[{NAME_START}][{NAME_PART}]*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<op>\*\*|\.\.|<=|>=|!=|->|[-+*/=<>()\[\]{},:.@'’])",
    re.DOTALL,
)
_OF = re.compile(rf"[{SPACE}]+of(?![{NAME_PART}])")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: ``kind`` is name, keyword, number, string, op or end; ``start`` and ``end`` are offsets."""

    kind: str
    text: str
    start: int
    end: int
    value: Any = None


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of an offset in the text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def syntax_error(code: str, text: str, offset: int, /, **params: Any) -> FeelSyntaxError:
    """Return the error at an offset of the text."""
    line, column = position(text, offset)
    return FeelSyntaxError(code, line=line, column=column, offset=offset, **params)


def unescape(literal: str) -> str:
    """Return the characters between the quotes of a string literal; an unknown escape stays as it is written."""

    def one(match: re.Match[str]) -> str:
        if match[1] or match[2]:
            code = int(match[1] or match[2], 16)
            return chr(code) if code <= 0x10FFFF else match[0]
        return _SIMPLE.get(match[3], match[0])

    inner = literal[1:-1]
    if "\\" not in inner:
        return inner
    plain = _ESCAPE.sub(one, inner)
    if any("\ud800" <= character <= "\udfff" for character in plain):
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def tokenize(text: str) -> list[Token]:
    """Return the tokens of the text, the last of kind ``end``; raise :class:`FeelSyntaxError` where there is none."""
    tokens: list[Token] = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None or match.end() == offset:
            raise _no_token(text, offset)
        kind = match.lastgroup or ""
        piece = match[0]
        if kind == "name":
            keyword = piece in KEYWORDS and (piece != "instance" or _OF.match(text, match.end()) is not None)
            tokens.append(Token("keyword" if keyword else "name", piece, offset, match.end()))
        elif kind == "number":
            tokens.append(Token("number", piece, offset, match.end(), _number(piece)))
        elif kind == "string":
            tokens.append(Token("string", piece, offset, match.end(), unescape(piece)))
        elif kind == "op":
            if piece == "/" and text.startswith("/*", offset):
                raise syntax_error("feel.syntax.comment", text, offset)
            tokens.append(Token("op", piece, offset, match.end()))
        offset = match.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _number(piece: str) -> Decimal:
    """Return the number, rounded as every result is; raise :class:`FeelLimitError` if it is out of range."""
    try:
        return NUMBER.create_decimal(piece)
    except Overflow:
        raise FeelLimitError("feel.limit.number") from None


def _no_token(text: str, offset: int) -> FeelSyntaxError:
    if text[offset] == '"':
        return syntax_error("feel.syntax.string", text, offset)
    return syntax_error("feel.syntax.character", text, offset, found=text[offset])
