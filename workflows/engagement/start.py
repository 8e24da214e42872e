"""The performance section engages a third party, beginning from one project; the demand may name more (S5-06)."""

from __future__ import annotations

from workflows.offers import Offer

#: What the process reads of the profile.
GROUPS = ("engagement", "key_evaluation", "quality", "treasury")

OFFER = Offer(
    process="engagement",
    title={"zh": "发起第三方委托", "en": "Engage a third party"},
    about={
        "zh": "对一个项目发起委托，需求里可以再列其他项目；采购、签约、履约、验收都在一件里办。",
        "en": "Begin with one project, the demand may name more; procurement to payment are one case.",
    },
    roles=frozenset({"perf_staff", "perf_chief"}),
    groups=GROUPS,
)
