"""Two versions of what was typed for one task, from two windows or by two people: what differs, and which to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext

import forms
from engine import TaskView
from web import context, record
from web.differences import Change, changes
from web.formatting import moment
from web.typed import Typed, drafted, kept
from web.word_marks import marks


@dataclass(frozen=True, slots=True)
class Rival:
    """The version that the page does not show: what to say of it, what differs, and how to take it instead."""

    sentence: str
    changes: Sequence[Change]
    label: str
    href: str
    #: Whether it is taken by a post; else the page that ``href`` leads to shows it.
    posts: bool


def differences(task: TaskView, other: Typed, here: Typed) -> list[Change]:
    """Return what differs between two versions, the ``other`` one as old: form, opinions pinned and replies, opinion."""
    found: list[Change] = []
    if task.form_source is not None:
        form = forms.read(task.form_source)
        found += changes(form, other.answers or {}, here.answers or {}, context.language())
    pairs = [
        (
            gettext("逐条意见"),
            _said(one["text"] for one in other.pins),
            _said(one["text"] for one in here.pins),
        ),
        (
            gettext("对逐条意见的答复"),
            _said(one["text"] for one in other.replies.values()),
            _said(one["text"] for one in here.replies.values()),
        ),
        (gettext("意见"), other.opinion, here.opinion),
    ]
    return found + [
        Change(label, old, new, marked=marks(old, new)) for label, old, new in pairs if old != new
    ]


def in_another_window(task: TaskView, here: Typed) -> Rival | None:
    """Return what another window saved of the task that is not what was typed here; None where nothing differs."""
    found = differences(task, drafted(task), here)
    if not found or task.draft_saved_at is None:
        return None
    return Rival(
        gettext(
            "另一窗口已于 %(time)s 保存了不同的内容，还没有提交。请核对：再点一次按这里的提交，或者改用另一窗口的。",
            time=moment(task.draft_saved_at),
        ),
        found,
        gettext("改用另一窗口保存的"),
        url_for("tasks.show", item_id=task.item_id),
        posts=False,
    )


def of_somebody_else(task: TaskView, here: Typed) -> Rival | None:
    """Return the draft beside the one that the page shows: the one handed in, or the person's own; None for none."""
    other = task.other_draft
    found = differences(task, kept(other.answers, other.opinion), here) if other is not None else []
    if other is None or not found:
        return None
    who, at = record.called(other.name), moment(other.saved_at)
    mine = other.person == f"user:{context.actor().person}"
    return Rival(
        gettext("您自己 %(time)s 暂存的内容与这里显示的不同，两份都留着。", time=at)
        if mine
        else gettext("%(who)s %(time)s 交来的内容与您自己暂存的不同，两份都留着。", who=who, time=at),
        found,
        gettext("改用我自己暂存的") if mine else gettext("改用%(who)s的", who=who),
        url_for("drafts.take", item_id=task.item_id),
        posts=True,
    )


def listed(found: Sequence[Change]) -> list[dict[str, Any]]:
    """Return differences as a script takes them: what each is called, what the other has, what is here."""
    return [{"label": one.label, "shown": one.old, "copy": one.new} for one in found]


def _said(texts: Any) -> str:
    return "；".join(text for text in texts if text)
