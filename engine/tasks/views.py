"""What a person is shown of a task and of an instance: frozen views, already cut to what they may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.commands.asking import Asked
from engine.commands.attaching import Attachment
from engine.commands.extending import Extension
from engine.messages import sentence


@dataclass(frozen=True, slots=True)
class PostView:
    """A role at an organisation, with the organisation's name."""

    role: str
    org: str
    org_name: str


@dataclass(frozen=True, slots=True)
class Doer:
    """Who did something: the name, the post in which they did it, and for whom where they were a substitute (甲代乙).

    The post is then that of whom they acted for.
    """

    name: str
    post: PostView | None = None
    behalf: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """An outcome that a step offers, and what it needs."""

    name: str
    rejects: bool
    needs_opinion: bool
    needs_pins: bool
    without_form: bool


@dataclass(frozen=True, slots=True)
class PinView:
    """An opinion pinned to a place of a document: ``state`` is open, answered or closed.

    In a table ``row`` is the row's stable id and ``field`` may be ``table.column``. ``reply`` is ``changed`` or
    ``explained`` once it was answered, ``reply_version`` the version of the document that the answer came with.
    """

    id: int
    element: str
    document: str
    document_version: int
    field: str
    row: str | None
    text: str
    author: str
    author_name: str
    at: datetime
    state: str
    reply_kind: str | None
    reply_text: str | None
    replied_by: str | None
    replied_at: datetime | None
    reply_version: int | None

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document's version with the form that it was saved with; ``previous`` is the body of the round before.

    ``title`` is the name of the step that saved it.
    """

    name: str
    title: str
    version: int
    form_id: str
    form_source: bytes | None
    body: Mapping[str, Any]
    author: str
    author_name: str
    saved_at: datetime
    previous: Mapping[str, Any] | None = None
    by: Doer | None = None


@dataclass(frozen=True, slots=True)
class VersionView:
    """A saved version of a document, without its contents; ``newest`` tells the last that the person may read."""

    id: int
    name: str
    title: str
    version: int
    by: Doer
    saved_at: datetime
    newest: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person by id and name."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One signer of a step: ``state`` is completed (已签), open or pending (未签), or cancelled (减签, or ended before).

    ``names`` are the person who signed, or those who are to; ``opinion`` is None where the person may not read it.
    """

    item_id: int
    index: int
    names: Sequence[str]
    state: str
    version: int
    lead: bool
    added: bool
    outcome: str
    rejects: bool
    opinion: str | None
    at: datetime | None
    mine: bool
    #: Who signed; None while nobody has.
    by: Doer | None = None


@dataclass(frozen=True, slots=True)
class EndedView:
    """Open work that an operation would end: the step, and the names of who has it."""

    step: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class TargetView:
    """An earlier step that a task could be returned to: where, whose open work would end, and the ways back.

    ``modes`` are ``walk`` (every step again) and ``direct`` (straight back). ``refusal`` is the code of the reason
    why it can't be, None where it may.
    """

    element: str
    step: str
    last: str
    ends: Sequence[EndedView]
    modes: Sequence[str]
    refusal: str | None
    params: Mapping[str, Any]

    def message(self, language: str = "zh") -> str | None:
        """Return why the task can't be returned there, as a sentence; None where it may."""
        return None if self.refusal is None else sentence(self.refusal, self.params, language)


@dataclass(frozen=True, slots=True)
class DraftView:
    """What somebody typed for an item and did not submit: ``person`` is the principal, ``name`` what they are called."""

    person: str
    name: str
    saved_at: datetime
    answers: Mapping[str, Any]
    opinion: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A work item as its page shows it to one person.

    ``answers`` are what the form begins with: the person's draft, the draft that was handed in to them, or the newest
    document. ``targets`` are the steps that it could be returned to, ``asked`` the requests to
    let a submission go back that its holder may answer. ``completed_by`` is the name of who completed the
    item; ``completed_at`` is also when it was withdrawn. ``can`` gives for each operation None where the person may do
    it, else the code of the reason. ``signing`` is the mode where several sign (``all``, ``any``, ``ratio``,
    ``in order``, ``condition``), with their ``signatures``. ``documentation`` is what the file says of the step,
    ``figures`` are the process's key figures, each with its label.
    """

    item_id: int
    version: int
    instance_id: int
    process_id: str
    process_name: str
    definition_version: int
    element: str
    step: str
    state: str
    round: int
    priority: int
    subject: str
    unit: str | None
    reference: str | None
    amount: int | None
    created_at: datetime
    due_at: datetime | None
    due_provisional: bool
    holder: str | None
    drafter: str | None
    form_id: str | None
    form_source: bytes | None
    editable: str | None
    answers: Mapping[str, Any]
    draft_saved_at: datetime | None
    draft_by: str | None
    draft_opinion: str
    draft_revision: int
    document: str | None
    document_version: int | None
    previous: Mapping[str, Any] | None
    shows: Sequence[DocumentView]
    variables: Mapping[str, Any]
    outcomes: Sequence[OutcomeView]
    pins: Sequence[PinView]
    pins_document: str | None
    drafters: Sequence[PersonView]
    completed_at: datetime | None
    completed_by: str | None
    outcome: str | None
    can: Mapping[str, str | None]
    urgent: bool = False
    acknowledged_at: datetime | None = None
    signing: str | None = None
    signatures: Sequence[SignatureView] = ()
    targets: Sequence[TargetView] = ()
    asked: Sequence[Asked] = ()
    #: What the reasons in ``can`` are filled in with, by operation.
    because: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Whether the person follows the case.
    following: bool = False
    #: The request for a later deadline that waits for its owner.
    extension: Extension | None = None
    #: Who has opened what withdrawing the item would end; they would be told.
    opened_by: Sequence[str] = ()

    documentation: str = ""
    figures: Sequence[tuple[str, Any]] = ()
    #: Who completed it, and as whom the person would do it now.
    done_by: Doer | None = None
    acting: Doer | None = None
    #: The draft that the page doesn't begin with, where both the person's own and one handed in to them exist.
    other_draft: DraftView | None = None
    #: Who else is typing at this item in a draft of their own, with when they saved last; what they typed is theirs.
    also_drafting: Sequence[tuple[str, datetime]] = ()

    def why(self, operation: str, language: str = "zh") -> str | None:
        """Return why the person can't do an operation, as a sentence; None where they can."""
        return why_not(self.can, self.because, operation, language)


def why_not(
    can: Mapping[str, str | None], because: Mapping[str, Mapping[str, Any]], operation: str, language: str
) -> str | None:
    """Return the sentence of the reason that ``can`` has for an operation; None where there is none."""
    code = can.get(operation, "operation.unknown")
    return (
        None
        if code is None
        else sentence(code, {"operation": operation, **because.get(operation, {})}, language)
    )


@dataclass(frozen=True, slots=True)
class Active:
    """A place where tokens are: an element's id and its kind; ``failed`` where an incident holds it."""

    element: str
    kind: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """What an instance awaits from outside: ``kind`` is message, signal or condition; name and key as evaluated.

    ``beside`` tells that it is only armed: at the border of an activity, or to start an event sub-process.
    """

    kind: str
    name: str
    key: str
    element: str
    step: str
    since: datetime
    beside: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an open item: names of people, or of the organisation where many could do it.

    ``usual_seconds`` is the median duration of the same step so far; None where it was done too seldom to tell.
    """

    item_id: int
    element: str
    step: str
    names: Sequence[str]
    since: datetime
    due_at: datetime | None
    usual_seconds: int | None
    mine: bool
    #: Whether the person may ``urge`` them, as :attr:`TaskView.can` says it.
    can: Mapping[str, str | None] = field(default_factory=dict)
    because: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def why(self, operation: str, language: str = "zh") -> str | None:
        """Return why the person can't do an operation, as a sentence; None where they can."""
        return why_not(self.can, self.because, operation, language)


@dataclass(frozen=True, slots=True)
class DoneView:
    """A step that the person completed last: whether they may ``withdraw`` it or ``ask_withdrawal``, and who has opened
    what came of it.
    """

    item_id: int
    step: str
    outcome: str
    at: datetime
    can: Mapping[str, str | None]
    because: Mapping[str, Mapping[str, Any]]
    opened_by: Sequence[str] = ()

    def why(self, operation: str, language: str = "zh") -> str | None:
        """Return why the person can't do an operation, as a sentence; None where they can."""
        return why_not(self.can, self.because, operation, language)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``opinion`` is None where the person isn't in its audience."""

    at: datetime
    actor: str
    actor_name: str
    kind: str
    element: str | None
    step: str | None
    outcome: str | None
    rejects: bool
    opinion: str | None
    by: Doer
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """A rule of a decision table by its number: the tests as written, outputs (the values where it matched), notes."""

    number: int
    inputs: Sequence[str]
    outputs: Sequence[Any]
    annotations: Sequence[str]
    matched: bool


@dataclass(frozen=True, slots=True)
class DecisionWarning:
    """What went wrong in a decision: ``severity`` is error or warning, ``message`` the sentence by language."""

    severity: str
    message: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DecisionStep:
    """One decision or table that was asked: its inputs with their values, and every rule.

    ``hit_policy`` is None where there is no table; ``outputs`` is the result.
    """

    name: str
    hit_policy: str | None
    inputs: Sequence[tuple[str, Any]]
    output_labels: Sequence[str]
    annotation_labels: Sequence[str]
    rules: Sequence[DecisionRule]
    outputs: Any
    warnings: Sequence[DecisionWarning]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """Why a business rule task gave its result: what it asked, the decision itself first, then those it required."""

    at: datetime
    element: str | None
    step: str
    decision: str
    result: Any
    steps: Sequence[DecisionStep]


@dataclass(frozen=True, slots=True)
class Incident:
    """A failure that holds a token until somebody repairs its cause."""

    id: int
    element: str
    code: str
    params: Mapping[str, Any]
    raised_at: datetime

    def message(self, language: str = "zh") -> str:
        """Return what failed, as a sentence."""
        return sentence(self.code, {"element": self.element, **self.params}, language)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a case; ``number`` is its place in the case's history, ``mentions`` are names.

    ``text`` is empty where the author took it back, at ``struck_at``; ``may_strike`` is whether the person can.
    """

    number: int
    author: str
    author_name: str
    at: datetime
    text: str
    mentions: Sequence[str]
    struck_at: datetime | None
    may_strike: bool


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance as one person may see it: where it is, what happened, and the documents and opinions they may read."""

    id: int
    state: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    business_key: str | None
    process_id: str
    process_name: str
    definition_version: int
    bpmn: bytes
    initiator: str
    initiator_name: str
    started_at: datetime
    ended_at: datetime | None
    active: Sequence[Active]
    finished: Sequence[str]
    flows_taken: Sequence[str]
    holders: Sequence[Holder]
    timeline: Sequence[Event]
    documents: Sequence[DocumentView]
    pins: Sequence[PinView]
    attachments: Sequence[Attachment]
    incidents: Sequence[Incident]
    #: What was decided by rules, the newest first, as far as the person may read what it was decided from.
    decisions: Sequence[DecisionView] = ()
    subscriptions: Sequence[Awaited] = ()
    comments: Sequence[Comment] = ()
    may_comment: bool = False
    #: Whether it is secret: it takes in no content, and only that it was handled is recorded.
    secret: bool = False
    #: For each operation on the whole case None where the person may do it, else the code of the reason.
    can: Mapping[str, str | None] = field(default_factory=dict)
    #: Whether the person follows the case.
    following: bool = False
    #: The steps that the person completed, the last one first, as far as something may still be taken back.
    done: Sequence[DoneView] = ()
    #: The requests for later deadlines that wait, with who decides them.
    extensions: Sequence[Extension] = ()
    #: The titles of those documents that only an audience may read.
    restricted: Sequence[str] = ()
