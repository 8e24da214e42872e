"""The outcomes of a task as the buttons of its page."""

from __future__ import annotations

from dataclasses import dataclass

from engine import OutcomeView
from web import wording


@dataclass(frozen=True, slots=True)
class OutcomeButton:
    """An outcome as a button: what it needs, and whether it asks once more."""

    name: str
    label: str
    tone: str
    rejects: bool
    needs_opinion: bool
    needs_pins: bool
    confirm: bool


def button(outcome: OutcomeView, index: int) -> OutcomeButton:
    """Return an outcome as a button; the first one offered is the usual one, and a rejection asks once more."""
    tone = "danger" if outcome.rejects else "primary" if index == 0 else ""
    return OutcomeButton(
        name=outcome.name,
        label=wording.said(outcome.name),
        tone=tone,
        rejects=outcome.rejects,
        needs_opinion=outcome.needs_opinion,
        needs_pins=outcome.needs_pins,
        confirm=outcome.rejects or outcome.without_form,
    )
