"""Reads the demo county's data files: its sections, units, projects, indicator templates and names."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def county() -> Mapping[str, Any]:
    """Return what ``county.toml`` says."""
    return tomllib.loads(_text("county.toml"))


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A budget unit; ``short`` begins its people's account names."""

    code: str
    short: str
    name: str
    section: str
    flag: str
    function: str


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project; ``years`` is how many years it runs, ``stage`` how far its goal has come when the demo opens."""

    unit: str
    name: str
    type: str
    category: str
    attr: str
    book: str
    years: str
    stage: str


@dataclass(frozen=True, slots=True)
class Template:
    """An indicator as projects of a type have it; ``words`` name the projects that it fits, none fits all."""

    type: str
    level1: str
    level2: str
    name: str
    operator: str
    low: str
    high: str
    places: str
    unit: str
    words: str

    def fits(self, project: str) -> bool:
        """Whether the project's name has one of the words."""
        return any(word in project for word in self.words.split("|") if word)


@cache
def units() -> tuple[UnitRow, ...]:
    """Return all units."""
    return tuple(UnitRow(**row) for row in csv.DictReader(_text("units.csv").splitlines()))


@cache
def projects() -> tuple[ProjectRow, ...]:
    """Return all projects of the year, by unit."""
    return tuple(ProjectRow(**row) for row in csv.DictReader(_text("projects.csv").splitlines()))


@cache
def templates() -> tuple[Template, ...]:
    """Return all indicator templates."""
    return tuple(Template(**row) for row in csv.DictReader(_text("indicators.csv").splitlines()))


def people_names(random: Random) -> Iterator[str]:
    """Yield made-up names, no two the same."""
    data = tomllib.loads(_text("people.toml"))
    pairs = [surname + given for surname in data["surnames"] for given in data["given"]]
    random.shuffle(pairs)
    yield from pairs
