"""Test cases of processes: a trial that was kept, and what must come of it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from engine import tables
from engine.admin.record import Command
from engine.database import Unit
from engine.design.record import note
from engine.errors import BihuanError, NotFound, Refused
from engine.values import dump_json, load_json

_LONGEST_NAME = 100
_cases = tables.design_cases.c


@dataclass(frozen=True, slots=True)
class TestCase:
    """A kept trial: how it begins with its answers (the shape of ``bihuan play``), and what must come of it."""

    __test__ = False  # it is no test of pytest's

    id: int
    process_id: str
    name: str
    play: Mapping[str, Any]
    expected: Mapping[str, Any]
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test case: what differs from what was expected, nothing where it passes."""

    case: TestCase
    differences: Sequence[BihuanError]
    path: Sequence[str]

    @property
    def passed(self) -> bool:
        """Whether it came out as expected."""
        return not self.differences


def expected(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a play's report what a test case is about: its state, its path, and where it waits."""
    return {
        "state": report["state"],
        "path": list(report["path"]),
        "open": sorted(one["element"] for one in report["open"]),
    }


def compare(case: TestCase, report: Mapping[str, Any]) -> Outcome:
    """Say what differs between what a test case expects and the report of its play."""
    found = expected(report)
    differences: list[BihuanError] = []
    if "error" in report:
        differences.append(BihuanError("case.problem", reason=report["error"]["message"]))
    if found["state"] != case.expected["state"]:
        differences.append(BihuanError("case.state", expected=case.expected["state"], found=found["state"]))
    for name in ("path", "open"):
        if found[name] != list(case.expected[name]):
            told = {"expected": _told(case.expected[name]), "found": _told(found[name])}
            differences.append(BihuanError(f"case.{name}", **told))
    return Outcome(case, differences, found["path"])


def save(
    command: Command, process_id: str, name: str, play: Mapping[str, Any], report: Mapping[str, Any]
) -> int:
    """Keep a trial as a test case of a process and return its id; one that could not go on is refused."""
    said = name.strip()
    if not said or len(said) > _LONGEST_NAME:
        raise Refused("case.no_name", limit=_LONGEST_NAME)
    if "error" in report:
        raise Refused("case.stopped", reason=report["error"]["message"])
    row = {
        "process_id": process_id,
        "name": said,
        "play": dump_json(play),
        "expected": dump_json(expected(report)),
        "saved_by": command.by,
        "saved_at": command.now,
    }
    id: int = command.unit.execute(insert(tables.design_cases).returning(_cases.id), row).scalar_one()
    note(command, "case.saved", case=id, process=process_id, name=said)
    return id


def remove(command: Command, case_id: int) -> None:
    """Take a test case away; raises :class:`NotFound`."""
    known = select(_cases.process_id).where(_cases.id == case_id, _cases.removed_at.is_(None))
    process = command.unit.execute(known).scalar()
    if process is None:
        raise NotFound("case.unknown")
    removed = update(tables.design_cases).where(_cases.id == case_id)
    command.unit.execute(removed.values(removed_at=command.now))
    note(command, "case.removed", case=case_id, process=process)


def count(unit: Unit, processes: Iterable[str]) -> int:
    """Return how many test cases processes have."""
    query = select(func.count()).where(_cases.process_id.in_(list(processes)), _cases.removed_at.is_(None))
    return int(unit.execute(query).scalar_one())


def of(unit: Unit, processes: Sequence[str]) -> list[TestCase]:
    """Return the test cases of processes, by process and name."""
    query = (
        select(tables.design_cases)
        .where(_cases.process_id.in_(processes), _cases.removed_at.is_(None))
        .order_by(_cases.process_id, _cases.name, _cases.id)
    )
    return [
        TestCase(
            row.id,
            row.process_id,
            row.name,
            load_json(row.play),
            load_json(row.expected),
            row.saved_by,
            row.saved_at,
        )
        for row in unit.execute(query)
    ]


def _told(elements: Sequence[str]) -> str:
    return " → ".join(elements) or "—"
