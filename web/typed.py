"""What somebody typed on a task page: answers, opinion, pinned opinions and replies, read from a posted form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

import forms
from engine import NewPin, Reply, TaskView
from web import given

#: Under this key a draft keeps the replies and opinions that were typed beside the form; no form field begins so.
BESIDE = "_beside"


@dataclass(frozen=True, slots=True)
class Typed:
    """A task page's input before anything judged it.

    ``pins`` and ``replies`` are as :func:`forms.decode_pins` reads them.
    """

    answers: Mapping[str, Any] | None = None
    opinion: str = ""
    pins: Sequence[Mapping[str, str]] = ()
    replies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def draft(self) -> dict[str, Any]:
        """Return the answers with what was typed beside them, as a draft keeps it."""
        kept = dict(self.answers or {})
        if self.pins or self.replies:
            kept[BESIDE] = {"pins": list(self.pins), "replies": dict(self.replies)}
        return kept

    def new_pins(self) -> list[NewPin]:
        """Return the pinned opinions as the engine takes them."""
        return [NewPin(one["document"], one["field"], one["row"] or None, one["text"]) for one in self.pins]

    def given_replies(self) -> dict[int, Reply]:
        """Return the answers to pinned opinions as the engine takes them; one without a kind is not given yet."""
        return {
            number: Reply(one["kind"], one["text"])
            for pin, one in self.replies.items()
            if one["kind"] and (number := given.usable(given.number, pin)) is not None
        }


def posted(task: TaskView, values: MultiDict[str, str]) -> Typed:
    """Read what the page of ``task`` posted."""
    answers = None
    if task.form_source is not None:
        answers = forms.decode(
            forms.read(task.form_source), values, _without_beside(task.answers), task.variables
        )
    pins, replies = forms.decode_pins(values)
    return Typed(
        answers=answers,
        opinion=values.get("_opinion", "").replace("\r\n", "\n").strip(),
        pins=pins,
        replies=replies,
    )


def drafted(task: TaskView) -> Typed:
    """Read what the draft of ``task`` holds, or the document that the task begins with."""
    return kept(task.answers, task.draft_opinion)


def kept(answers: Mapping[str, Any], opinion: str) -> Typed:
    """Read what a draft keeps: its answers with what was typed beside them, and its opinion."""
    beside = answers.get(BESIDE) or {}
    return Typed(
        answers=_without_beside(answers),
        opinion=opinion,
        pins=beside.get("pins", ()),
        replies=beside.get("replies", {}),
    )


def _without_beside(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answers.items() if key != BESIDE}
