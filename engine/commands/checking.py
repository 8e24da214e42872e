"""Whether a completion is acceptable: its outcome, opinion, pins, replies and answers. Decides, and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine import tables
from engine.bpmn.model import JOINT, UserTask
from engine.commands.act import Act
from engine.commands.paper import Paper
from engine.commands.pinning import flaws
from engine.commands.progress import key_of
from engine.errors import InvalidAnswers, Refused
from engine.identity import Actor
from engine.messages import finding
from engine.plugins import AnswersRequest, Finding
from engine.runtime import Token
from engine.tasks.pinned import Place, changed_outside

MAX_OPINION = 20_000
REPLIES = ("changed", "explained")


@dataclass(frozen=True, slots=True)
class NewPin:
    """An opinion pinned to a field of a document; in a table ``row`` is the row's stable id, ``field`` may be
    ``table.column``."""

    document: str
    field: str
    row: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a pinned opinion: ``changed`` or ``explained``, the latter with a text."""

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What somebody asks when they complete a work item.

    ``sent`` stands for the answers when a repeated request is recognised, where a page completed them from what is
    stored: that may have changed in between, what was sent has not.
    """

    item_id: int
    actor: Actor
    version: int
    outcome: str | None
    answers: Mapping[str, Any] | None = None
    opinion: str = ""
    pins: Sequence[NewPin] = ()
    replies: Mapping[int, Reply] = field(default_factory=dict)
    document_version: int | None = None
    request_key: str | None = None
    sent: str | None = None
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class PinRow:
    """A pinned opinion that is not closed."""

    id: int
    element: str
    document: str
    field: str
    row: str | None
    state: str
    created_at: datetime


_pins = select(
    tables.pins.c.id,
    tables.pins.c.element,
    tables.pins.c.document,
    tables.pins.c.field,
    tables.pins.c.row,
    tables.pins.c.state,
    tables.pins.c.created_at,
).where(
    tables.pins.c.instance_id == bindparam("instance"),
    tables.pins.c.scope == bindparam("scope"),
    tables.pins.c.document == bindparam("document"),
    tables.pins.c.state != "closed",
)


class Checked:
    """What the check found out and the command then uses: the outcome, whether answers are saved, the pins concerned."""

    def __init__(self, act: Act, token: Token, element: UserTask, asked: Completion, index: int = 0) -> None:
        self.act = act
        self.token = token
        self.element = element
        self.asked = asked
        self.scope = act.scopes.document_scope(token.scope)
        self.outcome = outcome_of(element, asked.outcome)
        #: Which of the signers' documents the answers become; 0 where all share one.
        self.part = index + 1 if element.signing not in (None, JOINT) else 0
        self.form = act.process.forms.get(element.form_id or "")
        with_form = self.outcome not in element.without_form
        self.saves = with_form and (self.form is not None or bool(asked.answers))
        self.answers: Mapping[str, Any] = asked.answers or {}
        #: The answers as the document keeps them; :meth:`run` fills in what the form adds.
        self.kept: Mapping[str, Any] = self.answers
        self.pins = self._open_pins()
        self.warnings: list[Finding] = []
        self._request: AnswersRequest | None = None

    def _open_pins(self) -> list[PinRow]:
        wanted = self.element.pins or self.element.saved_as
        if not self.act.progress.pinned.get(key_of(self.scope, wanted)):
            return []
        rows = self.act.unit.execute(
            _pins, {"instance": self.act.instance.id, "scope": self.scope, "document": wanted}
        )
        return [PinRow(**row._mapping) for row in rows]

    @property
    def local(self) -> dict[str, Any]:
        """The variables that a completion gives."""
        return {"outcome": self.outcome, "opinion": self.asked.opinion, "actor": self.act.actor}

    @property
    def to_answer(self) -> list[PinRow]:
        """The pins that this completion must answer."""
        if not self.saves:
            return []
        name = self.element.saved_as
        return [pin for pin in self.pins if pin.document == name and pin.state == "open"]

    @property
    def to_close(self) -> list[PinRow]:
        """The answered pins that this step once made and is now done with."""
        return [pin for pin in self.pins if pin.state == "answered" and pin.element == self.element.id]

    def run(self, session: Session | None) -> None:
        """Raise :class:`InvalidAnswers` or :class:`Refused` unless everything is in order."""
        found = [*self._opinion(), *self._new_pins(), *self._replies()]
        if self.saves:
            found.extend(self._answers(session))
            found.extend(self._editable())
        self.warnings = [one for one in found if not one.blocks]
        blocking = tuple(one for one in found if one.blocks)
        if blocking:
            raise InvalidAnswers(blocking)
        self.kept = self._filled(session)

    def request(self, session: Session | None) -> AnswersRequest | None:
        """Return what plug-ins are asked about the answers; None where no form is concerned."""
        if self.form is not None and (self._request is None or self._request.session is not session):
            self._request = AnswersRequest(
                self.form.id,
                self.form.source,
                self.answers,
                self.act.names(self.token),
                self.outcome,
                self.element.id,
                self.act.process.process_id,
                self.act.now,
                session,
                self.act.ports.functions,
            )
        return self._request

    def _opinion(self) -> list[Finding]:
        text = self.asked.opinion
        if len(text) > MAX_OPINION:
            return [finding("opinion.too_long", "opinion", length=len(text), limit=MAX_OPINION)]
        if self.outcome in self.element.needs_opinion and not text.strip():
            return [finding("opinion.needed", "opinion", outcome=self.outcome)]
        return []

    def _new_pins(self) -> list[Finding]:
        found = flaws(self.act, self.element, self.scope, self.asked.pins)
        if self.outcome in self.element.needs_pins and not self.asked.pins:
            found.append(finding("pins.needed", "pins", outcome=self.outcome))
        return found

    def _replies(self) -> list[Finding]:
        found = []
        wanted = {pin.id for pin in self.to_answer}
        for id in sorted(self.asked.replies.keys() - wanted):
            if self.saves:
                found.append(finding("pins.not_open", f"replies.{id}"))
        for id in sorted(wanted):
            reply = self.asked.replies.get(id)
            if reply is None or reply.kind not in REPLIES:
                found.append(finding("pins.unanswered", f"replies.{id}"))
            elif reply.kind == "explained" and not reply.text.strip():
                found.append(finding("pins.no_explanation", f"replies.{id}"))
        return found

    def _answers(self, session: Session | None) -> list[Finding]:
        request = self.request(session)
        if request is None:
            return []
        hook = self.act.ports.plugins.hook.bihuan_check_answers
        return [one for offer in hook(request=request) for one in offer]

    def _filled(self, session: Session | None) -> Mapping[str, Any]:
        """Return the answers with what the form adds, the same whether a page or a program completes the step."""
        request = self.request(session) if self.saves else None
        if request is None:
            return self.answers
        filled: Mapping[str, Any] | None = self.act.ports.plugins.hook.bihuan_fill_answers(request=request)
        return self.answers if filled is None else filled

    def _editable(self) -> list[Finding]:
        if self.element.editable != "pinned":
            return []
        name = self.element.saved_as
        head = self.act.progress.head(self.scope, name)
        before = self.act.read(self.scope, name, head) if head else {}
        places = {Place(pin.field, pin.row) for pin in self.to_answer}
        computed: list[str] = []
        if self.form is not None:
            hook = self.act.ports.plugins.hook.bihuan_form_computed
            offers = hook(form_id=self.form.id, source=self.form.source)
            computed = [one for offer in offers for one in offer]
        outside = changed_outside(before, self.answers, places, computed)
        return [finding("answer.not_open", path) for path in outside]


def outcome_of(element: UserTask, asked: str | None) -> str:
    """Return the outcome: the one asked, else the first; raises :class:`Refused` for one that the step does not have."""
    if not element.outcomes:
        return asked or ""
    if asked is None or asked == "":
        return element.outcomes[0]
    if asked not in element.outcomes:
        raise Refused(
            "outcome.not_here", outcome=asked, step=element.label, outcomes="、".join(element.outcomes)
        )
    return asked


def stop(plugins: Any, request: AnswersRequest | None) -> Finding | None:
    """Return why answers may not be stored at all, not even as a draft; None when they may."""
    if request is None:
        return None
    found: Finding | None = plugins.hook.bihuan_may_store(request=request)
    return found
