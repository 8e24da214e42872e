"""Which files of a folder belong to a process: the forms, decisions and called processes that it names, and theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from engine import dmn
from engine.bpmn.checks import kind_of, read_files
from engine.bpmn.model import BusinessRuleTask, ProcessModel, UserTask

#: What a file offers or needs: ``process``, ``form``, ``decision`` or ``namespace`` (of decision models), and its name.
Key = tuple[str, str]


class Folder:
    """Files that lie together, each read once: what each offers, and what each needs."""

    def __init__(self, files: Mapping[str, bytes], plugins: Any) -> None:
        self.files = files
        decisions = _decisions(
            tuple(sorted((name, source) for name, source in files.items() if kind_of(name) == "dmn"))
        )
        self.offers: dict[str, Sequence[Key]] = {}
        self.needs: dict[str, Sequence[Key]] = {}
        for name, source in files.items():
            kind = kind_of(name)
            if kind == "bpmn":
                self.offers[name], self.needs[name] = _diagram(name, source, plugins)
            elif kind == "dmn":
                self.offers[name], self.needs[name] = decisions[name]
            else:
                self.offers[name], self.needs[name] = _form(source) if kind == "form" else (), ()

    def belonging(self, *mains: str) -> dict[str, bytes]:
        """Return ``mains`` and what they need; what is missing or can't be read is left to the checks."""
        homes: dict[Key, str] = {}
        for name in sorted(self.files, key=lambda name: name not in mains):
            for key in self.offers[name]:
                homes.setdefault(key, name)
        wanted, todo = {main: self.files[main] for main in mains}, list(mains)
        while todo:
            for key in self.needs[todo.pop()]:
                home = homes.get(key)
                if home is not None and home not in wanted:
                    wanted[home] = self.files[home]
                    todo.append(home)
        return wanted

    def needing(self, main: str) -> list[str]:
        """Return the files that need something of ``main``, directly or by others, by name."""
        found: set[str] = set()
        todo = [main]
        while todo:
            offered = set(self.offers[todo.pop()])
            more = {name for name, keys in self.needs.items() if name not in found and offered & set(keys)}
            found |= more
            todo.extend(more)
        return sorted(found - {main})


def belonging(files: Mapping[str, bytes], main: str, plugins: Any) -> dict[str, bytes]:
    """Return ``main`` and what it needs of ``files``; what is missing or can't be read is left to the checks."""
    return Folder(files, plugins).belonging(main)


@lru_cache(maxsize=512)
def _diagram(name: str, source: bytes, plugins: Any) -> tuple[Sequence[Key], Sequence[Key]]:
    models, _ = read_files({name: source}, plugins)[name]
    return [("process", model.id) for model in models], list(_needs(models))


@lru_cache(maxsize=32)
def _decisions(files: tuple[tuple[str, bytes], ...]) -> Mapping[str, tuple[Sequence[Key], Sequence[Key]]]:
    """Return what decision models offer and need; they are read together, because they may import one another."""
    found: dict[str, tuple[Sequence[Key], Sequence[Key]]] = {}
    for name, model in dmn.parse_all(dict(files)).items():
        if isinstance(model, dmn.DmnError):
            found[name] = (), ()
        else:
            offers = [("decision", decision) for decision in model.decisions]
            imported = [("namespace", other.file.namespace) for _, other in model.imports]
            found[name] = [*offers, ("namespace", model.file.namespace)], imported
    return found


def _form(source: bytes) -> Sequence[Key]:
    try:
        content = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError):
        return ()
    return [("form", str(content.get("id")))] if isinstance(content, dict) else ()


def _needs(models: Iterable[ProcessModel]) -> Iterable[Key]:
    for model in models:
        yield from (("process", called) for called in model.called())
        for element in model.elements.values():
            if isinstance(element, UserTask) and element.form_id:
                yield "form", element.form_id
            elif isinstance(element, BusinessRuleTask):
                yield "decision", element.decision_id
