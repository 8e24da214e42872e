# mypy: no-warn-return-any
"""String functions; positions count code points from 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel import regex
from engine.feel.builtins.registry import builtin
from engine.feel.run import Run, as_index


@builtin("substring", "string: string, start position: number, length?: number|null")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """Return ``length`` characters from a position, counted from the end if negative."""
    position = as_index(start.to_integral_value(rounding="ROUND_DOWN"))
    size = None if length is None else as_index(length.to_integral_value(rounding="ROUND_DOWN"))
    if (
        position is None
        or position == 0
        or (size is not None and size < 1)
        or (length is not None and size is None)
    ):
        return run.null("feel.null.value", name="substring", value=start)
    if abs(position) > len(text):
        return run.null("feel.null.value", name="substring", value=start)
    begin = position - 1 if position > 0 else len(text) + position
    return _charged(run, text[begin:] if size is None else text[begin : begin + size])


@builtin("string length", "string: string")
def string_length(_run: Run, text: str) -> Decimal:
    """Return the number of code points."""
    return Decimal(len(text))


def _charged(run: Run, text: str) -> str:
    run.charge(1 + len(text) // 8)
    return text


@builtin("upper case", "string: string")
def upper_case(run: Run, text: str) -> str:
    """Return the text in capitals."""
    return _charged(run, text.upper())


@builtin("lower case", "string: string")
def lower_case(run: Run, text: str) -> str:
    """Return the text in small letters."""
    return _charged(run, text.lower())


@builtin("trim", "string: string")
def trim(run: Run, text: str) -> str:
    """Return the text without white space at its ends (an extension that Camunda has too)."""
    return _charged(run, text.strip())


@builtin("substring before", "string: string, match: string")
def substring_before(run: Run, text: str, match: str) -> str:
    """Return what stands before the first match, empty without one."""
    before, found, _ = text.partition(match) if match else ("", "", "")
    return _charged(run, before if found else "")


@builtin("substring after", "string: string, match: string")
def substring_after(run: Run, text: str, match: str) -> str:
    """Return what stands after the first match, empty without one."""
    if not match:
        return text
    return _charged(run, text.partition(match)[2])


@builtin("contains", "string: string, match: string")
def contains(run: Run, text: str, match: str) -> bool:
    """Whether the match occurs in the text."""
    run.charge(1 + len(text) // 64)
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(_run: Run, text: str, match: str) -> bool:
    """Whether the text begins with the match."""
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(_run: Run, text: str, match: str) -> bool:
    """Whether the text ends with the match."""
    return text.endswith(match)


@builtin("matches", "input: string, pattern: string, flags?: string|null")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    """Whether the regular expression matches somewhere in the text."""
    compiled = regex.compile(pattern, flags or "", run.charge)
    if compiled is None:
        return run.null("feel.null.regex", pattern=pattern)
    return compiled.search(text, run.charge)


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string|null")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Replace every match; ``$1`` is the first group."""
    compiled = regex.compile(pattern, flags or "", run.charge)
    result = None if compiled is None else compiled.replace(text, replacement, run.charge)
    if result is None:
        return run.null("feel.null.regex", pattern=pattern)
    return result


@builtin("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    """Return the pieces between matches of the regular expression."""
    compiled = regex.compile(delimiter, "", run.charge)
    pieces = None if compiled is None else compiled.split(text, run.charge)
    if pieces is None:
        return run.null("feel.null.regex", pattern=delimiter)
    return pieces


@builtin("string join", "list: list, delimiter?: string|null, prefix?: string|null, suffix?: string|null")
def string_join(
    run: Run,
    items: list[Any],
    delimiter: str | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
) -> str | None:
    """Join strings with a delimiter; null items are left out."""
    if not all(item is None or isinstance(item, str) for item in items):
        return run.null("feel.null.arguments", name="string join")
    pieces = [item for item in items if item is not None]
    between = delimiter or ""
    size = sum(len(piece) for piece in pieces) + len(between) * len(pieces)
    run.charge(1 + len(items) + size // 8)
    return (prefix or "") + between.join(pieces) + (suffix or "")
