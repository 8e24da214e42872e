"""What an operation's dialog is made of, and what an operation is told and tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol

from flask_babel import gettext
from werkzeug.datastructures import FileStorage, MultiDict

from engine import TaskView
from engine.calendar import ZONE
from engine.engine import Engine
from engine.errors import Refused
from engine.identity import Actor
from web import context, given, people
from web.people import Picker

MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: ``notes`` say what it means, ``why`` why it can't be chosen, ``modes`` what goes with it."""

    value: str
    label: str
    notes: Sequence[str] = ()
    why: str = ""
    modes: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dialog: ``kind`` is text, line, date, people, choice, list, file or facts (nothing to fill in)."""

    kind: str
    name: str
    label: str
    value: str = ""
    required: bool = False
    hint: str = ""
    limit: int = MAX_TEXT
    choices: Sequence[Choice] = ()
    picker: Picker | None = None
    facts: Sequence[tuple[str, str]] = ()
    accept: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """What an operation asks before it is done; ``second`` is another way to answer, such as a refusal."""

    title: str
    lead: str
    fields: Sequence[Field]
    submit: str
    tone: str = "primary"
    second: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence; ``leaves`` tells that the task is no more the person's, ``item`` which is instead."""

    sentence: str
    leaves: bool = False
    item: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What an operation is about: a case, and a task of it where there is one; with what was posted."""

    instance_id: int
    subject: str
    task: TaskView | None
    form: MultiDict[str, str] = field(default_factory=MultiDict)
    files: MultiDict[str, FileStorage] = field(default_factory=MultiDict)
    version: int = 0
    request_key: str | None = None

    @property
    def engine(self) -> Engine:
        """The county's engine."""
        return context.engine()

    @property
    def actor(self) -> Actor:
        """Who does it."""
        return context.actor()

    @property
    def item(self) -> TaskView:
        """The task, where the operation is about one."""
        assert self.task is not None
        return self.task

    def text(self, name: str, default: str = "") -> str:
        """Return a posted text, or what the field begins with."""
        return self.form.get(name, default).replace("\r\n", "\n").strip()[:MAX_TEXT]

    def day(self, name: str) -> date:
        """Return a posted day; raises :class:`Refused` for what is none."""
        try:
            return given.day(self.form.get(name, ""))
        except ValueError:
            raise Refused("operation.no_day") from None

    def moment(self, name: str, before: datetime | None) -> datetime:
        """Return a posted day with the hour that the old deadline has, the end of office hours without one."""
        hour = time(18) if before is None else before.astimezone(ZONE).time()
        return datetime.combine(self.day(name), hour, ZONE)

    def person(self, name: str = "to") -> str:
        """Return the person who was chosen; raises :class:`Refused` where nobody was."""
        chosen = self.form.get(name, "")
        if not chosen:
            raise Refused("operation.no_person")
        return chosen

    def picker(self, label: str, scope: people.Scope, *, multiple: bool = False, hint: str = "") -> Picker:
        """Return the field ``to``, with who was chosen and what was searched before."""
        return people.picker(
            "to",
            label,
            scope,
            chosen=self.form.getlist("to"),
            query=self.form.get("q", ""),
            multiple=multiple,
            hint=hint,
        )

    def common(self) -> dict[str, Any]:
        """Return what every operation on a task is given."""
        return {"actor": self.actor, "version": self.version, "request_key": self.request_key}

    def told(self) -> Mapping[str, str]:
        """Return what sentences about the task are filled in with."""
        return {"subject": self.subject}


class Operation(Protocol):
    """One operation: its dialog, and what carries it out; ``direct`` ones have no dialog."""

    name: str
    icon: str
    direct: bool

    def label(self) -> str:
        """Return what the operation is called."""

    def dialog(self, about: About) -> Dialog:
        """Return what is asked before it is done."""

    def carry_out(self, about: About) -> Done:
        """Do it; raises the engine's refusals."""


def reason(about: About, label: str = "", *, required: bool = True, hint: str = "") -> Field:
    """Return the field for a reason."""
    return Field("text", "reason", label or gettext("理由"), about.text("reason"), required, hint)


def called(principals: Sequence[str]) -> str:
    """Return people and roles by name, in one line."""
    return gettext("、").join(one.name for one in people.called(list(dict.fromkeys(principals))))
