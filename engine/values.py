"""JSON with decimal numbers, and times as the engine writes them: one place for both, so that hashes agree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)
_canonical = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain, order="sorted")
_decoder = msgspec.json.Decoder()
_exact = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)


def dump_json(value: Any) -> str:
    """Return ``value`` as JSON; a ``Decimal`` becomes a number with all its digits."""
    return _encoder.encode(value).decode()


def canonical_json(value: Any) -> bytes:
    """Return ``value`` as JSON bytes with sorted keys and no spaces: the form that is hashed."""
    return _canonical.encode(value)


def load_json(text: str | bytes) -> Any:
    """Read JSON; every number is a ``Decimal``, so that money and weights never pass through a binary float."""
    return _exact.decode(text if isinstance(text, str) else text.decode())


def load_plain(text: str | bytes) -> Any:
    """Read JSON that the engine itself wrote and that holds no decimals (ids, names, flags)."""
    return _decoder.decode(text)


def digest(data: bytes | str) -> str:
    """Return the sha256 of ``data`` as hexadecimal digits."""
    return sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def stamp(moment: datetime) -> str:
    """Return an aware time as ISO text in UTC with microseconds; equal moments give equal text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def iso(value: date | datetime | None) -> str | None:
    """Return a date or time as ISO text, or None."""
    return None if value is None else value.isoformat()
