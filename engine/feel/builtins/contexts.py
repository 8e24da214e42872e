# mypy: no-warn-return-any
"""Context functions."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelLimitError
from engine.feel.limits import MAX_DATA_DEPTH
from engine.feel.run import Run


@builtin("get value", "m: context, key: string")
def get_value(run: Run, context: dict[str, Any], key: str) -> Any:
    """Return the value of a key."""
    if key not in context:
        return run.null("feel.null.member", type="context", name=key)
    return context[key]


@builtin("get entries", "m: context")
def get_entries(run: Run, context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries as a list of contexts with key and value."""
    run.charge(3 * len(context) + 1)
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def context_(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    """Return the context of a list of entries; a missing or doubled key gives null."""
    run.charge(2 * len(entries) + 2)
    result: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or "key" not in entry or "value" not in entry:
            return run.null("feel.null.arguments", name="context")
        key = entry["key"]
        if not isinstance(key, str) or key in result:
            return run.null("feel.null.value", name="context", value=key)
        result[key] = entry["value"]
    return result


@builtin("context put", "context: context, key: string, value: any")
def context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the context with another value of a key."""
    run.charge(2 * len(context) + 2)
    return {**dict(context.items()), key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_path(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    """Return the context with another value at a path of keys."""
    run.charge(1 + len(keys))
    if not keys or not all(isinstance(key, str) for key in keys):
        return run.null("feel.null.arguments", name="context put")
    if len(keys) > MAX_DATA_DEPTH:
        raise FeelLimitError("feel.limit.depth", limit=MAX_DATA_DEPTH)
    path = [context]
    for key in keys[:-1]:
        inner = path[-1].get(key, {})
        if not isinstance(inner, dict):
            return run.null("feel.null.arguments", name="context put")
        path.append(inner)
    for whole, key in zip(reversed(path), reversed(keys), strict=True):
        value = context_put(run, whole, key, value)
    changed: dict[str, Any] = value
    return changed


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    """Return one context of all entries; later ones win."""
    result: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return run.null("feel.null.arguments", name="context merge")
        run.charge(2 * len(context) + 2)
        result.update(context.items())
    return result
