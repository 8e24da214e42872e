r"""Translates XPath regular expressions to RE2's syntax: ``.``, ``\i \c``, blocks, free spacing, class subtraction."""

from __future__ import annotations

import re

SPACE = " \t\n\r"
_NAME_START = (
    r":A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}"
    r"\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}"
)
_NAME_CHAR = _NAME_START + r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}"
_CLASSES = {
    "i": (_NAME_START, False),
    "I": (_NAME_START, True),
    "c": (_NAME_CHAR, False),
    "C": (_NAME_CHAR, True),
}
_WORD = r"\p{L}\p{M}\p{N}\p{S}"
_UNICODE = {
    "d": (r"\p{Nd}", False),
    "D": (r"\p{Nd}", True),
    "w": (_WORD, False),
    "W": (_WORD, True),
    "s": (r" \t\n\r", False),
    "S": (r" \t\n\r", True),
}
_NEGATED = {"S": r"\S", "D": r"\P{Nd}", "W": r"\p{P}\p{Z}\p{C}"}
"""What the negated classes are inside of brackets."""
BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_ESCAPED = frozenset("nrt\\|.?*+(){}-[]^$")


def translate(pattern: str, flags: str) -> str | None:
    """Return the RE2 pattern, or None for what XPath or RE2 does not know (look-around, back-references)."""
    return _Translator(_unspaced(pattern) if "x" in flags else pattern, "s" in flags, "i" in flags).whole()


def _unspaced(pattern: str) -> str:
    """Return the pattern without the white space outside of character classes."""
    pieces: list[str] = []
    depth = 0
    escaped = False
    for character in pattern:
        if character in SPACE and not depth:
            continue
        if not escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        escaped = character == "\\" and not escaped
        pieces.append(character)
    return "".join(pieces)


class _Invalid(Exception):
    """The pattern is not one of XPath's."""


class _Translator:
    def __init__(self, pattern: str, dot_all: bool, ignore_case: bool) -> None:
        self._text = pattern
        self._index = 0
        self._dot_all = dot_all
        self._ignore_case = ignore_case

    def whole(self) -> str | None:
        pieces: list[str] = []
        try:
            while self._index < len(self._text):
                pieces.append(self._one())
        except _Invalid:
            return None
        return "".join(pieces)

    def _take(self) -> str:
        if self._index >= len(self._text):
            raise _Invalid
        self._index += 1
        return self._text[self._index - 1]

    def _one(self) -> str:
        character = self._take()
        if character == "\\":
            return self._escape(in_class=False)
        if character == "[":
            return self._class()
        if character == ".":
            return "." if self._dot_all else "[^\\n\\r]"
        if character == "(":
            rest = self._text[self._index :]
            if rest.startswith("?") and not rest.startswith("?:"):
                raise _Invalid
            return character
        if character == "{":
            quantity = re.match(r"[0-9]+(?:,[0-9]*)?\}", self._text[self._index :])
            if quantity is None:
                raise _Invalid
            self._index += quantity.end()
            return "{" + quantity[0]
        if character in "}]":
            raise _Invalid
        if character in "*+?" and self._text[self._index : self._index + 1] in ("*", "+"):
            raise _Invalid
        return character

    def _escape(self, in_class: bool) -> str:
        character = self._take()
        named = _CLASSES.get(character) or _UNICODE.get(character)
        if named is not None:
            body, negated = named
            if not in_class:
                return f"[{'^' if negated else ''}{body}]"
            if not negated:
                return body
            if character not in _NEGATED:
                raise _Invalid
            return _NEGATED[character]
        if character in "pP":
            return self._property(character, in_class)
        if character in _ESCAPED:
            return "\\" + character
        raise _Invalid

    def _property(self, kind: str, in_class: bool) -> str:
        match = re.match(r"\{([A-Za-z0-9-]+)\}", self._text[self._index :])
        if match is None:
            raise _Invalid
        self._index += match.end()
        name = match[1]
        if not name.startswith("Is"):
            category = f"\\{kind}{{{name}}}"
            # The flag i leaves categories alone: a capital letter stays one.
            return f"(?-i:{category})" if self._ignore_case and not in_class else category
        block = BLOCKS.get(name[2:])
        if block is None or (in_class and kind == "P"):
            raise _Invalid
        body = f"\\x{{{block[0]:X}}}-\\x{{{block[1]:X}}}"
        return body if in_class else f"[{'^' if kind == 'P' else ''}{body}]"

    def _class(self) -> str:
        negated = self._text[self._index : self._index + 1] == "^"
        self._index += negated
        pieces: list[str] = []
        while True:
            character = self._take()
            if character == "]":
                if not pieces:
                    raise _Invalid
                return f"[{'^' if negated else ''}{''.join(pieces)}]"
            if character == "-" and self._text[self._index : self._index + 1] == "[" and pieces:
                return self._subtraction("".join(pieces), negated)
            if character == "[":
                raise _Invalid
            pieces.append(self._escape(in_class=True) if character == "\\" else _plain(character))

    def _subtraction(self, body: str, negated: bool) -> str:
        """Write ``[a-z-[aeiou]]`` out: RE2 has no subtraction, so the members are listed."""
        self._index += 1
        inner = self._class()
        if self._take() != "]":
            raise _Invalid
        try:
            outer = re.compile(_python(f"[{'^' if negated else ''}{body}]"))
            without = re.compile(_python(inner))
        except re.error:
            raise _Invalid from None
        codes = [
            code
            for code in range(0x10000)
            if not 0xD800 <= code <= 0xDFFF and outer.match(chr(code)) and not without.match(chr(code))
        ]
        return "[" + _spans(codes) + "]" if codes else r"[^\x{0}-\x{10FFFF}]"


def _plain(character: str) -> str:
    return "\\" + character if character in "[]^&~" else character


def _python(class_text: str) -> str:
    if "\\p" in class_text or "\\P" in class_text:
        raise _Invalid
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda match: re.escape(chr(int(match[1], 16))), class_text)


def _spans(codes: list[int]) -> str:
    spans: list[list[int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in spans)
