"""The parser's view of the tokens: looking ahead, expecting, and joining tokens to the names known in the scope."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.lexer import KEYWORDS, SYMBOLS, Token, syntax_error, tokenize
from engine.feel.limits import MAX_NESTING

SPECIAL_NAMES = ("date and time", "days and time duration", "years and months duration", "get or else")
"""Names of types and functions that contain a keyword."""


@lru_cache(maxsize=8192)
def name_tokens(name: str) -> tuple[str, ...]:
    """Return the pieces of a name; raise :class:`FeelSyntaxError` when it can't be one."""
    tokens = tokenize(name)[:-1]
    first = tokens[0] if tokens else None
    bad = any(
        token.kind not in ("name", "keyword", "number") and token.text not in SYMBOLS and token.text != "**"
        for token in tokens
    )
    if first is None or bad or first.kind not in ("name", "keyword"):
        raise FeelSyntaxError("feel.syntax.name", line=1, column=1, name=name)
    return tuple(token.text for token in tokens)


def join_name(pieces: Iterable[str]) -> str:
    """Return the name of its pieces: one space between words, none beside a symbol."""
    result = ""
    word_before = False
    for piece in pieces:
        word = piece[0] not in SYMBOLS
        result += f" {piece}" if word and word_before else piece
        word_before = word
    return result


def is_special(name: str, pieces: tuple[str, ...]) -> bool:
    """Whether the plain rule (join words until a keyword or symbol) would not find the name as it is written."""
    return any(piece in KEYWORDS or piece[0] in SYMBOLS for piece in pieces) or " ".join(pieces) != name


class KnownNames:
    """The names that only their being known makes readable (``a-b``, ``date and time``), by their first piece."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> bool:
        """Make the name readable; return whether it needed that. A name that can't be one is left out."""
        try:
            pieces = name_tokens(name)
        except FeelSyntaxError:
            return False
        if not is_special(name, pieces):
            return False
        entries = self._by_first.setdefault(pieces[0], [])
        entries.append((pieces, name))
        entries.sort(key=lambda entry: -len(entry[0]))
        return True

    def remove(self, name: str) -> None:
        """Take back one :meth:`add`."""
        pieces = name_tokens(name)
        self._by_first[pieces[0]].remove((pieces, name))

    def match(self, tokens: list[Token], index: int) -> tuple[str, int] | None:
        """Return the longest known name that begins at the token, and how many tokens it has."""
        for pieces, name in self._by_first.get(tokens[index].text, ()):
            end = index + len(pieces)
            if end < len(tokens) and all(
                token.text == piece for token, piece in zip(tokens[index:end], pieces, strict=True)
            ):
                return name, len(pieces)
        return None


class Stream:
    """Tokens with a place in them."""

    def __init__(self, text: str, known: Iterable[str], members: Iterable[str]) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.depth = 0
        self.known = KnownNames((*SPECIAL_NAMES, *known))
        self.members = KnownNames((*known, *members))

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.index]

    def peek(self, ahead: int = 1) -> Token:
        """Return the token ``ahead`` places after the next one."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.index]
        if token.kind != "end":
            self.index += 1
        return token

    def at(self, text: str) -> bool:
        """Whether an operator or keyword comes next."""
        token = self.tokens[self.index]
        return token.text == text and token.kind in ("op", "keyword")

    def accept(self, text: str) -> bool:
        """Take an operator or keyword if it comes next."""
        if self.at(text):
            self.index += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """Take an operator or keyword, which must come next."""
        if not self.at(text):
            raise self.unexpected(text)
        return self.advance()

    def unexpected(self, expected: str) -> FeelSyntaxError:
        """Return the error that says what stands here instead of ``expected``."""
        token = self.token
        if token.kind == "end":
            code = "feel.syntax.end" if self.text.strip() else "feel.syntax.empty"
            return syntax_error(code, self.text, token.start, expected=expected)
        return syntax_error(
            "feel.syntax.unexpected", self.text, token.start, found=token.text, expected=expected
        )

    def deeper(self) -> None:
        """Count one level of nesting."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise FeelLimitError("feel.limit.nesting", limit=MAX_NESTING)

    def name(self, known: KnownNames | None = None) -> str:
        """Take a name: the longest one known here, else the words up to the next symbol or keyword."""
        known = self.known if known is None else known
        token = self.token
        found = known.match(self.tokens, self.index)
        if found is not None and not self._word_at(self.index + found[1]):
            self.index += found[1]
            return found[0]
        if token.kind != "name":
            raise self.unexpected("name")
        pieces = [self.advance().text]
        while self._word_at(self.index):
            pieces.append(self.advance().text)
        return " ".join(pieces)

    def member(self) -> str:
        """Take the name after a dot; a keyword may stand there too."""
        if self.token.kind == "keyword" and self.members.match(self.tokens, self.index) is None:
            return self.advance().text
        return self.name(self.members)

    def declared_name(self, *ends: str) -> str:
        """Take a name that is being declared: everything up to one of ``ends``."""
        start = self.index
        while not any(self.at(end) for end in ends):
            token = self.token
            if (
                token.kind not in ("name", "keyword", "number")
                and token.text not in SYMBOLS
                and token.text != "**"
            ):
                raise self.unexpected("name" if self.index == start else ends[0])
            self.index += 1
        pieces = [token.text for token in self.tokens[start : self.index]]
        if not pieces or self.tokens[start].kind not in ("name", "keyword"):
            raise self.unexpected("name")
        return join_name(pieces)

    def declares_before(self, end: str) -> bool:
        """Whether nothing but pieces of a name stands before the next ``end`` (as in ``name: value``)."""
        index = self.index
        if self.tokens[index].kind not in ("name", "keyword"):
            return False
        while True:
            token = self.tokens[index]
            if token.kind == "op" and token.text == end:
                return index > self.index
            if (
                token.kind not in ("name", "keyword", "number")
                and token.text not in SYMBOLS
                and token.text != "**"
            ):
                return False
            index += 1

    def _word_at(self, index: int) -> bool:
        token = self.tokens[index]
        return token.kind == "name" or (token.kind == "number" and token.text.isdigit() and index > 0)
