"""Why a decision came out as it did, for the task page and the instance page: tables with the matched rules marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from budget.codes import Code
from budget.disbursements import Decision
from budget.escalation import Step as Escalation
from budget.key_codes import Evaluator
from budget.result_codes import Action
from engine import DecisionStep, DecisionView, feel
from web import context, wording
from web.formatting import short_moment

#: What the codes are called that a decision gives, by the decision.
_CODES: Mapping[str, type[Code]] = {
    "D04": Action,
    "D06": Decision,
    "D08": Evaluator,
    "campaign_steps": Escalation,
}


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as the page shows it: number, cells of inputs, outputs and annotations, and whether it matched."""

    number: int
    inputs: Sequence[str]
    outputs: Sequence[str]
    annotations: Sequence[str]
    matched: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One decision or table: how it takes its result, its inputs with their values, its columns and rules."""

    name: str
    policy: str
    inputs: Sequence[tuple[str, str]]
    tests: Sequence[str]
    outputs: Sequence[str]
    annotations: Sequence[str]
    rules: Sequence[RuleRow]
    result: str
    warnings: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grounds:
    """A decision and why: the result first, then what was asked for it."""

    result: str
    note: str
    steps: Sequence[Step]


def grounds(found: Sequence[DecisionView], now: datetime) -> list[Grounds]:
    """Return the decisions as the pages show them, the newest first."""
    return [
        Grounds(
            _result(one),
            gettext("%(step)s · %(time)s", step=wording.said(one.step), time=short_moment(one.at, now)),
            [_step(step, _CODES.get(one.decision)) for step in one.steps],
        )
        for one in found
    ]


def _result(view: DecisionView) -> str:
    """Return what a decision gave: several values by the labels of its table, or of the one that it required."""
    codes = _CODES.get(view.decision)
    for step in view.steps if isinstance(view.result, Mapping) else ():
        if isinstance(step.outputs, Mapping):
            # The values of a context lie in the order of their names, those of a rule in that of the columns.
            given = sorted(map(written, step.outputs.values()))
            for rule in step.rules:
                if rule.matched and sorted(map(written, rule.outputs)) == given:
                    return written(dict(zip(step.output_labels, rule.outputs, strict=True)), codes)
        if step.output_labels:
            return written(step.outputs, codes)
    return written(view.result, codes)


def written(value: Any, codes: type[Code] | None = None) -> str:
    """Return a value as people read it: text without quotes, lists and contexts by their items, ``codes`` by their words."""
    if value is None:
        return gettext("（空）")
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, Mapping):
        return gettext("，").join(
            gettext("%(name)s：%(value)s", name=key, value=written(item, codes))
            for key, item in value.items()
        )
    if isinstance(value, list):
        return "、".join(written(item, codes) for item in value) or gettext("（空）")
    if codes is not None and isinstance(value, str) and value in set(codes):
        return context.said({"zh": codes(value).zh, "en": codes(value).en})
    return feel.to_string(feel.convert(value))


def _step(step: DecisionStep, codes: type[Code] | None) -> Step:
    whole = any(rule.inputs for rule in step.rules)
    return Step(
        step.name,
        _policies().get(step.hit_policy or "", ""),
        [(label, written(value)) for label, value in step.inputs],
        [label for label, _ in step.inputs] if whole else (),
        step.output_labels,
        [label or gettext("批注") for label in step.annotation_labels],
        [
            RuleRow(
                rule.number,
                rule.inputs,
                [
                    written(value, codes) if rule.matched else _unquoted(value, codes)
                    for value in rule.outputs
                ],
                [*rule.annotations, *[""] * (len(step.annotation_labels) - len(rule.annotations))],
                rule.matched,
            )
            for rule in step.rules
        ],
        written(step.outputs, codes),
        [(warning.severity, context.said(warning.message)) for warning in step.warnings],
    )


def _unquoted(source: str, codes: type[Code] | None) -> str:
    """Return what a rule that didn't match would give: its expression, a code by its words."""
    text = source.strip().strip('"')
    return written(text, codes) if codes is not None and text in set(codes) else source


def _policies() -> Mapping[str, str]:
    return {
        "U": gettext("唯一命中"),
        "A": gettext("命中的结果须相同"),
        "P": gettext("取优先的结果"),
        "F": gettext("取第一条命中的规则"),
        "R": gettext("按规则顺序列出"),
        "O": gettext("按结果优先顺序列出"),
        "C": gettext("列出全部命中"),
        "C+": gettext("命中的结果合计"),
        "C<": gettext("取命中结果的最小值"),
        "C>": gettext("取命中结果的最大值"),
        "C#": gettext("计命中的条数"),
    }
