"""Which files of a folder belong to a process: the forms, decisions and called processes that it names, and theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from engine import dmn
from engine.bpmn.checks import kind_of, read_files
from engine.bpmn.model import BusinessRuleTask, ProcessModel, UserTask


def belonging(files: Mapping[str, bytes], main: str, plugins: Any) -> dict[str, bytes]:
    """Return ``main`` and what it needs of ``files``; what is missing or can't be read is left to the checks."""
    models = {name: found for name, (found, _) in read_files(files, plugins).items()}
    decisions = dmn.parse_all({name: source for name, source in files.items() if kind_of(name) == "dmn"})
    homes: dict[tuple[str, str], str] = {}
    for name in sorted(files, key=lambda name: name != main):
        for key in _offers(name, files[name], models.get(name, ()), decisions.get(name)):
            homes.setdefault(key, name)
    wanted, todo = {main: files[main]}, [main]
    while todo:
        name = todo.pop()
        for key in _needs(models.get(name, ()), decisions.get(name)):
            home = homes.get(key)
            if home is not None and home not in wanted:
                wanted[home] = files[home]
                todo.append(home)
    return wanted


def _offers(
    name: str, source: bytes, models: Iterable[ProcessModel], decisions: dmn.Model | dmn.DmnError | None
) -> Iterable[tuple[str, str]]:
    kind = kind_of(name)
    if kind == "bpmn":
        return [("process", model.id) for model in models]
    if kind == "form":
        try:
            content = msgspec.json.decode(source)
        except (msgspec.DecodeError, RecursionError):
            return []
        return [("form", str(content.get("id")))] if isinstance(content, dict) else []
    if isinstance(decisions, dmn.Model):
        names = [("decision", decision) for decision in decisions.decisions]
        return [*names, ("namespace", decisions.file.namespace)]
    return []


def _needs(
    models: Iterable[ProcessModel], decisions: dmn.Model | dmn.DmnError | None
) -> Iterable[tuple[str, str]]:
    if isinstance(decisions, dmn.Model):
        yield from (("namespace", model.file.namespace) for _, model in decisions.imports)
    for model in models:
        yield from (("process", called) for called in model.called())
        for element in model.elements.values():
            if isinstance(element, UserTask) and element.form_id:
                yield "form", element.form_id
            elif isinstance(element, BusinessRuleTask):
                yield "decision", element.decision_id
