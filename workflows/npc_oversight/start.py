"""The performance section notes an inspection or questions by the people's congress about a project (S5-23, S5-28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget.oversight import OversightKind
from workflows.offers import Offer


def _variables(chosen: str | None) -> Mapping[str, Any]:
    return {"kind": OversightKind[chosen or OversightKind.INSPECTION.value].value}


OFFER = Offer(
    process="npc_oversight",
    title={"zh": "登记人大监督", "en": "Note oversight by the people's congress"},
    about={
        "zh": "按人大常委会的计划，对一个项目登记视察、质询或专题汇报；意见需要整改的转问题整改。",
        "en": "Note an inspection, questions or a hearing about a project; opinions that need it are put right.",
    },
    roles=frozenset({"perf_staff", "perf_chief"}),
    groups=("oversight", "rectification", "quality"),
    choices=OversightKind,
    variables=_variables,
)
