"""What the counties run: a folder a process with its diagram, decisions and handlers; a profile a county."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.bpmn.model import BusinessRuleTask, CallActivity, Element, UserTask
from engine.bpmn.reader import read
from workflows import profiles
from workflows.wording import Words

if TYPE_CHECKING:
    from engine.engine import Deployment, Engine
    from engine.plugins import AnswersRequest, Finding, Handler


@cache
def processes() -> tuple[str, ...]:
    """Return the names of the processes that come with the package."""
    return tuple(
        sorted(folder.name for folder in files(__package__).iterdir() if _diagram(folder.name).is_file())
    )


def files_of(process: str) -> dict[str, bytes]:
    """Return what is deployed together for a process: its diagram, decisions, the forms that it names, and the same of the
    processes that it calls.

    A decision that several processes call, as the grade of a score, is a file of its own in ``decisions``.

    Raises KeyError for a process that doesn't come with the package.
    """
    found: dict[str, bytes] = {}
    for one in (process, *sorted(called_by(process))):
        found |= _own_files(one)
    return found


def called_by(process: str) -> frozenset[str]:
    """Return the processes that a process calls by call activities, those that they call among them.

    Raises KeyError for a process that doesn't come with the package.
    """
    found: set[str] = set()
    todo = [process]
    while todo:
        elements = _elements(todo.pop())
        called = {one.process_id for one in elements if isinstance(one, CallActivity)} - found
        found |= called
        todo.extend(called)
    return frozenset(found - {process})


@cache
def _elements(process: str) -> Sequence[Element]:
    if process not in processes():
        raise KeyError(process)
    models, _ = read(_diagram(process).read_bytes())
    return tuple(element for model in models for element in model.elements.values())


def _own_files(process: str) -> dict[str, bytes]:
    elements = _elements(process)
    found = {
        entry.name: entry.read_bytes()
        for entry in files(__package__).joinpath(process).iterdir()
        if entry.name.endswith((".bpmn", ".dmn"))
    }
    for decision in sorted({task.decision_id for task in elements if isinstance(task, BusinessRuleTask)}):
        shared = files(__package__).joinpath("decisions", f"{decision}.dmn")
        if shared.is_file():
            found[shared.name] = shared.read_bytes()
    named = {task.form_id for task in elements if isinstance(task, UserTask)}
    for form in sorted(form for form in named if form):
        found[f"{form}.form"] = files("forms").joinpath(f"{form}.form").read_bytes()
    return found


def together() -> Sequence[tuple[str, ...]]:
    """Return the processes in groups that are deployed together: what calls another stands with it, so that a process which
    several call has one version for all of them.
    """
    groups: list[set[str]] = []
    for process in processes():
        mine = {process, *called_by(process)}
        for other in [group for group in groups if group & mine]:
            groups.remove(other)
            mine |= other
        groups.append(mine)
    return sorted(tuple(sorted(group)) for group in groups)


def deploy_all(engine: Engine, *, actor: str = "system") -> Mapping[str, Deployment]:
    """Deploy every process in the words of the county's profile; what is deployed already stays.

    Raises :class:`engine.errors.Refused`.
    """
    words = Words.of(profiles.of(engine))
    found: dict[str, Deployment] = {}
    for group in together():
        given = {name: source for process in group for name, source in files_of(process).items()}
        deployment = engine.deploy(
            {name: words.said(source.decode("utf-8")).encode() for name, source in given.items()},
            actor=actor,
        )
        found |= dict.fromkeys(group, deployment)
    return found


def english(engine: Engine) -> Mapping[str, str]:
    """Return what the names and outcomes of the processes that come with the package are called in English."""
    words = Words.of(profiles.of(engine))
    found: dict[str, str] = {}
    for process in processes():
        english = tomllib.loads(files(__package__).joinpath(process, "en.toml").read_text("utf-8"))
        found |= {words.said(name): said for name, said in english.items()}
    return found


def handlers() -> Sequence[Handler]:
    """Return the handlers of all processes: each folder's ``handlers.py`` offers its own as ``HANDLERS``."""
    found: list[Handler] = []
    for process in processes():
        if find_spec(f"{__package__}.{process}.handlers") is not None:
            found.extend(import_module(f"{__package__}.{process}.handlers").HANDLERS)
    return found


def answer_checks() -> Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]]:
    """Return what is checked in a form's answers, by form: each folder's ``checks.py`` offers its own as ``CHECKS``."""
    found: dict[str, Callable[[AnswersRequest], Iterable[Finding]]] = {}
    for process in processes():
        if find_spec(f"{__package__}.{process}.checks") is not None:
            found |= import_module(f"{__package__}.{process}.checks").CHECKS
    return found


def _diagram(process: str) -> Traversable:
    return files(__package__).joinpath(process, f"{process}.bpmn")
