"""Why a decision came out as it did, for the task page and the instance page: tables with the matched rules marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from engine import DecisionStep, DecisionView, feel
from web import context, wording
from web.formatting import short_moment


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
            written(one.result),
            gettext("%(step)s · %(time)s", step=wording.said(one.step), time=short_moment(one.at, now)),
            [_step(step) for step in one.steps],
        )
        for one in found
    ]


def written(value: Any) -> str:
    """Return a value as people read it: text without quotes, lists and contexts by their items."""
    if value is None:
        return gettext("（空）")
    if isinstance(value, Mapping):
        return gettext("，").join(f"{key}：{written(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "、".join(written(item) for item in value) or gettext("（空）")
    return feel.to_string(feel.convert(value))


def _step(step: DecisionStep) -> Step:
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
                [written(value) for value in rule.outputs] if rule.matched else rule.outputs,
                [*rule.annotations, *[""] * (len(step.annotation_labels) - len(rule.annotations))],
                rule.matched,
            )
            for rule in step.rules
        ],
        written(step.outputs),
        [(warning.severity, context.said(warning.message)) for warning in step.warnings],
    )


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
