"""Reads a form-js ``.form`` file: every setting is looked at, and what is wrong becomes a finding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.plugins import Finding
from forms.components import ComponentReader
from forms.graph import arrange
from forms.messages import finding
from forms.model import Form
from forms.schema import try_compile

MAX_BYTES = 2_000_000
MAX_COMPONENTS = 2_000
#: The schemaVersion that form-js 1.23 writes.
SCHEMA_VERSION = 19


class FormError(Exception):
    """A form file can't be used; ``findings`` say why, each at its component."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(one.message["en"] for one in findings))
        self.findings = findings


def read(source: bytes) -> Form:
    """Return the form of a ``.form`` file; forms are cached by content and shared.

    ``form.findings`` holds warnings. Raises :class:`FormError` with every finding when one of them is an
    error, and nothing else, whatever ``source`` is.
    """
    if len(source) > MAX_BYTES:
        raise FormError((finding("form.file_too_large", size=len(source), limit=MAX_BYTES),))
    result = _read(bytes(source))
    if isinstance(result, tuple):
        raise FormError(result)
    return result


@lru_cache(maxsize=256)
def _read(source: bytes) -> Form | tuple[Finding, ...]:
    duplicates: list[str] = []
    try:
        raw = _parse(source, duplicates)
    except UnicodeDecodeError:
        return (finding("form.not_utf8"),)
    except RecursionError:
        return (finding("form.json_too_deep"),)
    except json.JSONDecodeError as error:
        return (finding("form.not_json", line=error.lineno, column=error.colno),)
    findings = [finding("form.duplicate_member", key=key[:80]) for key in dict.fromkeys(duplicates)]
    if not isinstance(raw, dict) or not isinstance(raw.get("components"), list):
        return (*findings, finding("form.not_a_form"))
    count = _count(raw["components"])
    if count > MAX_COMPONENTS:
        return (*findings, finding("form.too_many_components", count=count, limit=MAX_COMPONENTS))
    version = raw.get("schemaVersion")
    if isinstance(version, Decimal | int) and version > SCHEMA_VERSION:
        findings.append(
            finding("form.newer_schema", severity="warning", version=version, known=SCHEMA_VERSION)
        )
    components = ComponentReader(findings)
    tree = components.read_all(raw["components"])
    arranged = arrange(tree, components.fields, findings)
    identity = raw.get("id")
    form = Form(
        id=identity if isinstance(identity, str) else "",
        sha256=hashlib.sha256(source).hexdigest(),
        components=tree,
        fields=components.fields,
        order=arranged.order,
        dependents=arranged.dependents,
        findings=tuple(findings),
    )
    if not any(one.blocks for one in findings):
        findings.extend(try_compile(form))
    return tuple(findings) if any(one.blocks for one in findings) else form


def _parse(source: bytes, duplicates: list[str]) -> Any:
    text = source.decode("utf-8-sig")

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in members:
            if key in result:
                duplicates.append(key)
            result[key] = value
        return result

    def no_constant(name: str) -> Any:
        raise json.JSONDecodeError("no JSON number", text, max(0, text.find(name)))

    return json.loads(
        text, object_pairs_hook=pairs, parse_float=Decimal, parse_int=Decimal, parse_constant=no_constant
    )


def _count(components: list[Any]) -> int:
    total = 0
    pending: list[Any] = [components]
    while pending and total <= MAX_COMPONENTS:
        level = pending.pop()
        if isinstance(level, list):
            total += len(level)
            pending.extend(one.get("components") for one in level if isinstance(one, Mapping))
    return total
