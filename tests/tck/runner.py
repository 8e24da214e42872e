"""Runs TCK cases and counts what passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from engine import dmn, feel
from engine.dmn.reader import NAMESPACES
from tests.tck.cases import Case, CaseFile, ResultNode, Untyped, read_folder

ENVIRONMENT = feel.Environment(now=lambda: datetime.now(UTC))
CRASHED = object()
"""Stands for an error that is no FeelError: it passes no case."""
PLACES = 8
"""Decimal places to which irrational results are compared, as the TCK's own runners do."""


@dataclass(frozen=True)
class Outcome:
    """What came of one case: the nodes that are not as expected, as (node, expected, got)."""

    file: CaseFile
    case: Case
    decision_table: bool
    failures: tuple[tuple[ResultNode, str], ...]

    @property
    def key(self) -> str:
        """The case's name in the list of expected failures."""
        return f"{self.file.path.parent.name}/{self.file.path.name}#{self.case.id}"


@dataclass
class Report:
    """The counts, in the shape that ``--json`` prints."""

    outcomes: list[Outcome] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts and failures."""
        nodes = [
            (node, any(node is failed for failed, _ in outcome.failures))
            for outcome in self.outcomes
            for node in outcome.case.results
            if node.expected is not None
        ]
        levels = sorted({outcome.file.level for outcome in self.outcomes})
        return {
            **_count(self.outcomes),
            "nonnull": {"total": len(nodes), "passed": sum(not failed for _, failed in nodes)},
            "levels": {
                level: _count([outcome for outcome in self.outcomes if outcome.file.level == level])
                for level in levels
            },
            "decision_tables": _count([outcome for outcome in self.outcomes if outcome.decision_table]),
            "failures": [
                {
                    "folder": outcome.file.path.parent.name,
                    "file": outcome.file.path.name,
                    "case": outcome.case.id,
                    "node": node.name,
                    "expected": feel.to_string(node.expected),
                    "got": got,
                }
                for outcome in self.outcomes
                for node, got in outcome.failures
            ],
        }


def _count(outcomes: list[Outcome]) -> dict[str, int]:
    return {"total": len(outcomes), "passed": sum(not outcome.failures for outcome in outcomes)}


def run_folder(folder: Path) -> Report:
    """Run every case below the folder."""
    report = Report()
    for file in read_folder(folder):
        report.outcomes.extend(run_file(file))
    return report


def run_file(file: CaseFile) -> Iterator[Outcome]:
    """Run the cases of one file; a model that can't be read gives null everywhere."""
    model: dmn.Model | Exception
    source = b""
    try:
        source = file.model.read_bytes()
        model = dmn.parse(source, imports=_neighbours(file.path.parent))
    except Exception as error:
        model = error
    decision_table = b"decisionTable" in source
    for case in file.cases:
        failures = []
        for node in case.results:
            got, reason = _evaluate(model, case, node)
            if got is CRASHED or not same(node.expected, got):
                failures.append((node, reason or _show(got)))
        yield Outcome(file, case, decision_table, tuple(failures))


def _neighbours(folder: Path) -> dict[str, bytes]:
    """Return the models of the folder by namespace: a model finds its imports among them."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*.dmn")):
        source = path.read_bytes()
        try:
            root = etree.fromstring(source)
        except etree.XMLSyntaxError:
            continue
        if etree.QName(root).namespace in NAMESPACES:
            found[root.get("namespace", "")] = source
    return found


def _evaluate(model: dmn.Model | Exception, case: Case, node: ResultNode) -> tuple[Any, str | None]:
    """Return the value and, where there is none, why; an error of FEEL or DMN is null, as the standard says."""
    if isinstance(model, (dmn.DmnError, OSError)):
        return None, f"error: {model}"
    if isinstance(model, Exception):
        return CRASHED, f"crash: {model!r}"
    try:
        return _value(model, case, node), None
    except feel.FeelError as error:
        return None, f"error: {error}"
    except Exception as error:
        return CRASHED, f"crash: {error!r}"


def _value(model: dmn.Model, case: Case, node: ResultNode) -> Any:
    if case.kind == "decisionService" and case.invocable:
        value = model.evaluate_service(case.invocable, case.inputs, ENVIRONMENT).value
        return value[node.name] if isinstance(value, dict) and node.name in value else value
    if case.kind == "bkm" and case.invocable:
        return model.evaluate_knowledge(case.invocable, case.inputs, ENVIRONMENT).value
    if node.name not in model.decisions and node.name in model.services:
        return model.evaluate_service(node.name, case.inputs, ENVIRONMENT).value
    return model.evaluate(node.name, case.inputs, ENVIRONMENT).value


def _show(value: Any) -> str:
    return f"{feel.to_string(value)} ({type(value).__name__})"


def same(expected: Any, got: Any) -> bool:
    """Whether a result is what the case expects."""
    if isinstance(expected, Untyped):
        return got is not None and feel.to_string(got) == expected.strip()
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        difference = abs(expected - got)
        return difference == 0 or (_irrational(expected) and difference <= Decimal(1).scaleb(-PLACES))
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return set(expected) == set(got.keys()) and all(
            same(value, got[key]) for key, value in expected.items()
        )
    if isinstance(expected, (feel.DateTime, feel.Time)) and type(expected) is type(got):
        # XML Schema can't write a named zone; its offset at that time stands for it.
        return _with_offset(expected) == _with_offset(got)
    return type(expected) is type(got) and bool(expected == got)


def _with_offset(value: feel.DateTime | feel.Time) -> feel.DateTime | feel.Time:
    date, time = (value.date, value.time) if isinstance(value, feel.DateTime) else (None, value)
    plain = feel.Time(time.hour, time.minute, time.second, time.nano, time.utc_offset(date))
    return plain if date is None else feel.DateTime(date, plain)


def _irrational(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and -exponent >= PLACES
