"""Why a decision came out as it did: each table with its inputs, all of its rules, those that matched, and what was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import dmn
from engine.commands.act import Act
from engine.dmn.nodes import TableBox
from engine.identity import Actor
from engine.tasks import reading
from engine.tasks.views import DecisionRule, DecisionStep, DecisionView, DecisionWarning

KIND = "decision.evaluated"


def decisions(
    act: Act, rows: Sequence[Any], bodies: Sequence[Mapping[str, Any]], actor: Actor
) -> list[DecisionView]:
    """Return the decisions of an instance, the newest first, that the person may read.

    A decision that took something from a document is for those who may read that document.
    """
    found = []
    for row, body in zip(reversed(rows), reversed(bodies), strict=True):
        if row.kind != KIND or not body or not _readable(act, body, actor):
            continue
        model = _model(act, body)
        steps = [_step(entry, model) for entry in reversed(body["trace"])]
        element = reading.element_of(act, row.element) if row.element else None
        label = body.get("step") or (element.label if element is not None else body["decision"])
        found.append(DecisionView(row.at, row.element, label, body["decision"], body["result"], steps))
    return found


def _readable(act: Act, body: Mapping[str, Any], actor: Actor) -> bool:
    return all(reading.readable(act, int(scope), name, actor) for scope, name in body.get("documents", ()))


def _model(act: Act, body: Mapping[str, Any]) -> dmn.Model | None:
    """Return the decision model as it was deployed when the decision was made."""
    process = act.process
    definition = body.get("definition")
    if definition is not None and int(definition) != process.id:
        process = act.ports.catalogue.get(act.unit, int(definition))
    return process.decisions.get(body["decision"])


def _step(entry: Mapping[str, Any], model: dmn.Model | None) -> DecisionStep:
    table = None if model is None else model.table(entry.get("table"), entry["decision"])
    inputs = [(one["label"], one["value"]) for one in entry["inputs"]]
    outputs = _columns(entry, table)
    names = () if table is None else table.annotations
    rules = list(_matched(entry) if table is None else _all(entry, table))
    annotated = max((len(rule.annotations) for rule in rules), default=0)
    return DecisionStep(
        entry["name"],
        entry["hit_policy"],
        inputs,
        outputs,
        [names[index] if index < len(names) else "" for index in range(annotated)],
        rules,
        entry["outputs"],
        [DecisionWarning(one["severity"], one["message"]) for one in entry["warnings"]],
    )


def _columns(entry: Mapping[str, Any], table: TableBox | None) -> list[str]:
    if table is not None:
        return [column.label or entry["name"] for column in table.outputs]
    return list(dict.fromkeys(name for rule in entry["rules"] for name in rule["outputs"]))


def _matched(entry: Mapping[str, Any]) -> Iterator[DecisionRule]:
    for rule in entry["rules"]:
        yield DecisionRule(
            int(rule["index"]), (), tuple(rule["outputs"].values()), tuple(rule["annotations"]), True
        )


def _all(entry: Mapping[str, Any], table: TableBox) -> Iterator[DecisionRule]:
    """Yield every rule as it is written; of those that matched, the outputs are the values."""
    hits = {int(rule["index"]): rule for rule in entry["rules"]}
    for number, rule in enumerate(table.rules, 1):
        hit = hits.get(number)
        written = tuple(cell.text for cell in rule.outputs)
        yield DecisionRule(
            number,
            tuple(cell.text for cell in rule.inputs),
            written if hit is None else _in_order(hit["outputs"], table),
            rule.annotations,
            hit is not None,
        )


def _in_order(outputs: Mapping[str, Any], table: TableBox) -> tuple[Any, ...]:
    """Return what a rule gave in the order of the table's columns; history keeps it by name."""
    names = [column.name or "" for column in table.outputs]
    if len(names) > 1 and all(name in outputs for name in names):
        return tuple(outputs[name] for name in names)
    return tuple(outputs.values())
