"""Reads and checks how several signatures make one outcome: the properties ``signing``, ``on-reject`` and ``lead``."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from engine.bpmn.findings import finding
from engine.bpmn.model import DEFAULT_ABSTAINS, Element, Loop, MultiInstance, Signing, UserTask
from engine.bpmn.values import Values, names_list
from engine.plugins import Finding

#: Properties that only a step with several signers has.
PROPERTIES = frozenset({"signing", "on-reject", "lead", "abstains"})
MODES = ("all", "any", "ratio", "in order")
ON_REJECT = ("at once", "after all")


def signing_of(at: Element, loop: Loop | None, values: Values) -> Signing | None:
    """Return how a user task is signed, None where one person does it; what can't be read is a finding.

    Each item of a multi-instance is signed for itself: by all, unless the file says otherwise.
    """
    text = at.properties.get("signing", "").strip()
    if not text and isinstance(loop, MultiInstance):
        text = "in order" if loop.sequential else "all"
        if "on-reject" not in at.properties:
            return Signing(text, lead=values.value(at.properties.get("lead"), at, "lead"))
    if not text:
        return None
    lead = values.value(at.properties.get("lead"), at, "lead")
    wanted = at.properties.get("on-reject", "").strip()
    if wanted not in ("", *ON_REJECT):
        values.findings.append(_wrong(at, "on-reject", wanted, ", ".join(ON_REJECT)))
    if text.startswith("="):
        condition = values.feel(text, at, "signing")
        return Signing("condition", condition=condition, at_once=wanted == "at once", lead=lead)
    mode, _, number = text.partition(" ") if text.startswith("ratio") else (text, "", "")
    ratio = _ratio(number) if mode == "ratio" else None
    if mode not in MODES or (mode == "ratio" and ratio is None):
        values.findings.append(_wrong(at, "signing", text, "all, any, ratio 2/3, in order, =FEEL"))
    at_once = wanted == "at once" if wanted else mode in ("any", "in order")
    return Signing(mode, ratio, None, at_once, lead)


def abstains_of(at: Element, outcomes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the outcomes that count as an abstention."""
    named = names_list(at.properties.get("abstains"))
    return named or tuple(name for name in DEFAULT_ABSTAINS if not outcomes or name in outcomes)


def check_signing(task: UserTask) -> Iterator[Finding]:
    """Yield what contradicts itself in how a user task is signed."""
    signing = task.signing
    if signing is None:
        for name in sorted(PROPERTIES & task.properties.keys()):
            yield finding("signing.property", task, name=name)
        return
    if task.editable is not None:
        yield finding("signing.without", task, name="editable")
    both = sorted(set(task.rejects) & set(task.abstains))
    if both:
        yield finding("signing.both", task, value=both[0])
    if signing.lead is not None and signing.mode != "all":
        yield finding("signing.lead", task)
    may_fail = signing.mode in ("ratio", "condition")
    if may_fail and task.outcomes and not set(task.rejects) & set(task.outcomes):
        yield finding("signing.no_reject", task)


def _ratio(text: str) -> Fraction | None:
    text = text.strip()
    try:
        number = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        return None
    return number if 0 < number <= 1 else None


def _wrong(at: Element, name: str, value: str, allowed: str) -> Finding:
    return finding("property.value", at, name=name, value=value, allowed=allowed)
