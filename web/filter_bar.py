"""The bar above a list: what each filter offers, which are set, and what can't be used of what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from engine.tasks import marks
from web import context, filters, names, wording
from web.lists import ListState
from web.names import Choices

#: The filters that are folded away until somebody wants them.
_FOLDED = ("step", "section", "reference", "mark", "amount_from", "amount_to", "due_from", "due_to", "urgent")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: its name in the address, and in words what it leaves."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    """What the bar shows; ``folded`` counts the set filters among those that are folded away."""

    processes: Choices
    steps: Choices
    units: Choices
    sections: Choices
    marks: Choices
    chips: Sequence[Chip]
    problems: Mapping[str, str]
    folded: int


def bar(state: ListState) -> FilterBar:
    """Return the bar of a list in this state."""
    known = context.engine().process_steps()
    units, sections = names.units_and_sections()
    steps = {
        id: wording.said(name)
        for process in known
        if state.process in ("", process.id)
        for id, name in process.steps
    }
    processes = [(process.id, wording.said(process.name)) for process in known]
    problems = filters.problems(state)
    marked = [(name, words[context.language()]) for name, words in marks.known().items()]
    choices = {
        "process": dict(processes),
        "step": steps,
        "unit": {},
        "section": dict(sections),
        "mark": dict(marked),
    }
    return FilterBar(
        processes,
        list(steps.items()),
        units,
        sections,
        marked,
        _chips(state, choices, problems),
        problems,
        sum(1 for name in _FOLDED if getattr(state, name)),
    )


def _chips(
    state: ListState, choices: Mapping[str, Mapping[str, str]], problems: Mapping[str, str]
) -> list[Chip]:
    labels = {
        "text": gettext("关键词"),
        "process": gettext("业务类型"),
        "step": gettext("办理环节"),
        "unit": gettext("预算单位"),
        "section": gettext("归口%(section)s室", section=wording.section()),
        "reference": gettext("编码含"),
        "mark": gettext("项目标注"),
        "amount_from": gettext("金额不少于（万元）"),
        "amount_to": gettext("金额不多于（万元）"),
        "due_from": gettext("时限不早于"),
        "due_to": gettext("时限不晚于"),
        "urgent": gettext("只看急件"),
    }
    found = []
    for name, label in labels.items():
        value = getattr(state, name)
        if value and name not in problems:
            shown = "" if name == "urgent" else choices.get(name, {}).get(value, value)
            found.append(Chip(name, label, shown))
    return found
