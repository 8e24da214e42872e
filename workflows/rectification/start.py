"""The performance section calls for a rectification by itself: after a self-evaluation, a review, a congress, an audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget.rectification import LinkedAction, Source
from workflows.offers import Offer


def _variables(chosen: str | None) -> Mapping[str, Any]:
    return {
        "source": Source[chosen or Source.MONITOR.value].value,
        "issues": [],
        "requirement": "",
        "linked_action": LinkedAction.NONE.value,
        "origin": None,
    }


OFFER = Offer(
    process="rectification",
    title={"zh": "发起问题整改", "en": "Call for a rectification"},
    about={
        "zh": "监控和重点评价发现的问题自动进入整改；其他来源的在这里对项目发起，然后拟整改通知书。",
        "en": "Monitoring and key evaluations call by themselves; here you call for one on other grounds.",
    },
    roles=frozenset({"perf_staff", "perf_chief"}),
    groups=("rectification", "quality"),
    choices=Source,
    variables=_variables,
)
