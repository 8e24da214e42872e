"""The ports through which the other rooms, and packages outside, fill the engine.

The engine knows no form and no budget word. What it needs of them it asks through the hooks below; a package offers
them as a module named in the entry-point group ``bihuan`` (see :class:`Hooks` for each hook's shape).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pluggy

if TYPE_CHECKING:
    from engine.admin.exchange import Row
    from engine.engine import Engine
    from engine.notify.ports import Channel

PROJECT = "bihuan"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found in a file or in a form's answers.

    ``severity`` is ``error`` (blocks), ``warning`` or ``info``. ``code`` is stable and documented; ``message`` and
    ``remedy`` are sentences by language (``{"zh": …, "en": …}``). In a file ``element``, ``line`` and ``column`` say
    where (1-based), and ``path`` lists the flow nodes that lead there. In answers ``field`` is the path of the field,
    for example ``indicators.3.target_value``.
    """

    severity: str
    code: str
    message: Mapping[str, str]
    remedy: Mapping[str, str] = field(default_factory=dict)
    element: str | None = None
    line: int | None = None
    column: int | None = None
    path: tuple[str, ...] = ()
    field: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the finding stops what was asked."""
        return self.severity == "error"


class HandlerContext(Protocol):
    """What a service-task handler is given; it does database work only and must not commit."""

    @property
    def session(self) -> Any:
        """The SQLAlchemy :class:`~sqlalchemy.orm.Session` of the command's own transaction, inside a savepoint."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables visible at the element, mapped by its ``ioMapping`` inputs; numbers are ``Decimal``."""

    @property
    def instance(self) -> InstanceInfo:
        """The instance that the element belongs to."""

    @property
    def element(self) -> str:
        """The id of the service task."""

    @property
    def now(self) -> datetime:
        """The engine's time, aware, in UTC."""

    @property
    def actor(self) -> str:
        """The principal on whose command the element runs, ``user:…`` or ``system``."""

    @property
    def findings(self) -> Sequence[Finding] | None:
        """What the checks found in the answers with which somebody's completion led here: what blocks nothing. None where
        no completion did, as when the element is tried again."""

    def document(self, name: str) -> Document | None:
        """Return the newest version of the instance's document ``name``."""

    def audit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Append an event of the handler's own to the instance's history."""

    def entrust(self, names: Sequence[str], principals: Sequence[str]) -> None:
        """Let people read the newest version of documents from now on, though their audience doesn't name them; where the
        handler is undone, they may no more.

        A document that isn't there, or that all who take part may read, stays as it is; a later version has the audience
        that the file gives.
        """

    def tell(
        self, principals: Sequence[str], code: str, params: Mapping[str, Any], link: str
    ) -> Sequence[str]:
        """Tell people something that is about no single case; return who is told.

        ``code`` is a sentence of :mod:`engine.messages`, ``link`` a path of the site after the county's own.
        """


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """Who an instance is: its id, process, version and the inbox columns that the file fills."""

    id: int
    process: str
    version: int
    business_key: str | None
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class Document:
    """A version of a form's answers; ``body`` is JSON with numbers as ``Decimal``."""

    name: str
    version: int
    body: Mapping[str, Any]
    author: str
    saved_at: datetime
    sha256: str


class JobContext(Protocol):
    """What a handler that is a job is given; it runs outside every transaction and may take its time."""

    @property
    def key(self) -> str:
        """The same at every attempt of this job and of no other: hand it on to where a repetition must be recognised."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables visible at the element, mapped by its ``ioMapping`` inputs; numbers are ``Decimal``."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The element's ``zeebe:taskHeaders``."""

    @property
    def instance(self) -> InstanceInfo:
        """The instance that the element belongs to."""

    @property
    def element(self) -> str:
        """The id of the service task."""

    @property
    def now(self) -> datetime:
        """The engine's time at which it began, aware, in UTC."""

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""

    @property
    def engine(self) -> Engine:
        """The county's engine: a job reads and commands as any other caller does."""

    def document(self, name: str) -> Document | None:
        """Return the newest version of the instance's document ``name``, as it is now."""


class BpmnError(Exception):
    """Raised by a handler that is a job: an error event with this code catches it and is given ``variables``."""

    def __init__(self, code: str, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.variables = variables or {}


class JobFailed(Exception):
    """Raised by a handler that is a job and knows how it should go on after this failure.

    ``retries`` attempts are left (0 makes it an incident at once; None counts one down), the next of them after ``rest``.
    """

    def __init__(self, reason: str, *, retries: int | None = None, rest: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retries = retries
        self.rest = rest


@dataclass(frozen=True, slots=True)
class Handler:
    """A service task's code: ``run`` gets a :class:`HandlerContext` and returns the variables that it sets, or None.

    A handler that is a ``job`` is given a :class:`JobContext` instead and runs outside the transaction, for at most
    ``seconds``; ``idempotent`` says that it may be done twice. ``undo`` reverses it when a token is moved back past the
    element; ``irreversible`` says that nothing can. One of the two must be given where ``run`` writes records, and a
    handler that only reads gives neither.
    """

    type: str
    run: Callable[[Any], Mapping[str, Any] | None]
    undo: Callable[[HandlerContext], None] | None = None
    irreversible: bool = False
    job: bool = False
    idempotent: bool = False
    seconds: int = 300


def handler(
    type: str, *, undo: Callable[[HandlerContext], None] | None = None, irreversible: bool = False
) -> Callable[[Callable[[HandlerContext], Mapping[str, Any] | None]], Handler]:
    """Make a function the handler of service tasks of ``type``: ``@handler("goal.freeze", undo=thaw)``."""

    def wrap(run: Callable[[HandlerContext], Mapping[str, Any] | None]) -> Handler:
        return Handler(type, run, undo, irreversible)

    return wrap


def job_handler(
    type: str,
    *,
    idempotent: bool,
    seconds: int = 300,
    undo: Callable[[HandlerContext], None] | None = None,
) -> Callable[[Callable[[JobContext], Mapping[str, Any] | None]], Handler]:
    """Make a function the handler of service tasks of ``type`` that runs as a job: for network, mail, documents.

    ``idempotent`` must be said: a job that isn't becomes an incident when its worker vanished in the middle, or when it
    raised anything but :class:`BpmnError` and :class:`JobFailed`, because nobody knows how far it came. Without ``undo``
    it is irreversible.
    """

    def wrap(run: Callable[[JobContext], Mapping[str, Any] | None]) -> Handler:
        return Handler(type, run, undo, undo is None, True, idempotent, seconds)

    return wrap


@dataclass(frozen=True, slots=True)
class AnswersRequest:
    """A form's answers that are to be checked before a command takes them.

    ``form`` is the deployed form file, ``variables`` what is visible at the task. ``session`` reads the county's
    tables; it is None where a draft is kept, which is checked for nothing but secrecy. ``functions`` are those that
    plug-ins offer to FEEL. In ``memo`` a plug-in keeps, under its own name, what it worked out of the answers when they
    were checked and needs again when they are filled in.
    """

    form_id: str
    form: bytes
    answers: Mapping[str, Any]
    variables: Mapping[str, Any]
    outcome: str
    element: str
    process: str
    now: datetime
    session: Any = None
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a record: any of ``principals`` (``user:…``, ``role:…@org``, ``org:…``); None means everybody who
    takes part in the instance."""

    principals: tuple[str, ...] | None = None


class SourceUnreadable(Exception):
    """Raised by an identity source that can't be read now; the text is for administrators and holds no secret."""


class IdentitySource(Protocol):
    """Where an administrator can read organisations, people and posts from, instead of a workbook.

    ``type`` names it in an address, ``name`` for people.
    """

    type: str
    name: Mapping[str, str]

    def read(self) -> Sequence[Row]:
        """Return the rows of an import, tried row by row and applied by a person; raises :class:`SourceUnreadable`."""


@dataclass(frozen=True, slots=True)
class MigrationBranch:
    """One room's Alembic branch: its label and the folder of its versions."""

    label: str
    folder: str
    metadata: Any


class Hooks:
    """The hook specifications. Every one is optional; results of all plug-ins are gathered."""

    @hookspec
    def bihuan_handlers(self) -> Sequence[Handler]:  # type: ignore[empty-body]
        """Offer handlers for service tasks."""

    @hookspec
    def bihuan_feel_functions(self) -> Mapping[str, Callable[..., Any]]:  # type: ignore[empty-body]
        """Offer FEEL functions by name; positional FEEL values in, a FEEL value out; they must be pure."""

    @hookspec
    def bihuan_check_form(self, form_id: str, source: bytes) -> Sequence[Finding]:  # type: ignore[empty-body]
        """Check a form file that is being deployed."""

    @hookspec
    def bihuan_form_fields(self, form_id: str, source: bytes) -> Sequence[str]:  # type: ignore[empty-body]
        """Return the keys that the form's answers can have at the top level, so that expressions may name them."""

    @hookspec
    def bihuan_form_types(self, form_id: str, source: bytes) -> Mapping[str, Any]:  # type: ignore[empty-body]
        """Return the types (:class:`engine.feel.Type`) of the form's answers by key, Any where they are not certain."""

    @hookspec
    def bihuan_check_form_use(  # type: ignore[empty-body]
        self,
        form_id: str,
        source: bytes,
        names: Collection[str] | None,
        types: Mapping[str, Any],
        functions: Collection[str],
    ) -> Sequence[Finding]:
        """Check the form's expressions against what they can name.

        ``names`` are what the process gives besides the form's own fields (None: the form is looked at alone), ``types``
        the types of those whose type is known, ``functions`` the engine's and the plug-ins' functions.
        """

    @hookspec
    def bihuan_form_computed(self, form_id: str, source: bytes) -> Sequence[str]:  # type: ignore[empty-body]
        """Return the fields that the form computes from others (``total``, ``indicators.share`` for a table's column):
        they may change where only pinned fields are open.
        """

    @hookspec
    def bihuan_form_confirmations(  # type: ignore[empty-body]
        self, form_id: str, source: bytes
    ) -> Mapping[str, Mapping[str, str]]:
        """Return the boxes that may be ticked once for many tasks (批量签批), by key, each with its words by language."""

    @hookspec
    def bihuan_check_answers(self, request: AnswersRequest) -> Sequence[Finding]:  # type: ignore[empty-body]
        """Check a form's answers; findings with severity ``error`` stop the command, warnings are recorded."""

    @hookspec(firstresult=True)
    def bihuan_fill_answers(self, request: AnswersRequest) -> Mapping[str, Any] | None:
        """Return sound answers as they are kept: with computed values and defaults, without hidden fields, rows in which
        nothing was filled in, and what the form does not know; None leaves them as they were given.
        """

    @hookspec(firstresult=True)
    def bihuan_may_store(self, request: AnswersRequest) -> Finding | None:
        """Say why a draft or a document may not be stored at all (secret content); the engine then erases the draft."""

    @hookspec
    def bihuan_channels(self) -> Sequence[Channel]:  # type: ignore[empty-body]
        """Offer channels by which messages reach people outside the pages (mail, SMS, robots)."""

    @hookspec
    def bihuan_identity_sources(self) -> Sequence[IdentitySource]:  # type: ignore[empty-body]
        """Offer places from which organisations, people and posts are imported."""

    @hookspec
    def bihuan_secret_cases(self, session: Any, instances: Sequence[int]) -> Collection[int]:  # type: ignore[empty-body]
        """Return those of the instances whose contents may not leave the system: messages about them say no more than
        that something waits. ``session`` is a SQLAlchemy session for reading.
        """

    @hookspec(firstresult=True)
    def bihuan_retention(self, session: Any, process: str) -> str | None:
        """Return how long the contents of a process's cases are kept after their end, an ISO duration, ``""`` for ever;
        None where the process's own property ``retention`` says it. ``session`` is a SQLAlchemy session for reading.
        """

    @hookspec
    def bihuan_heads(self) -> Sequence[str]:  # type: ignore[empty-body]
        """Return the roles that lead an office: their holders may arrange substitutes and hand-overs for its people."""

    @hookspec
    def bihuan_routine(self, engine: Engine) -> int:  # type: ignore[empty-body]
        """Do what the county's calendar asks for by now, and return how much that was; called every minute or so.

        Nothing may depend on when, how often or by how many at once it is called.
        """

    @hookspec
    def bihuan_trial_subjects(  # type: ignore[empty-body]
        self, session: Any, inputs: Sequence[str], text: str
    ) -> Sequence[tuple[str, str]]:
        """Return what a process with these inputs can be tried out for, as keys with names: units, projects.

        ``text`` narrows them to those whose name has it. ``session`` is a SQLAlchemy session for reading.
        """

    @hookspec(firstresult=True)
    def bihuan_trial_variables(
        self, session: Any, inputs: Sequence[str], subject: str, now: datetime
    ) -> Mapping[str, Any] | None:
        """Return the variables with which a process with these inputs is tried out for a subject, by its key."""

    @hookspec(firstresult=True)
    def bihuan_design_review(self, session: Any) -> bool | None:
        """Whether changed processes take a second person before they are deployed; without an answer they do.

        ``session`` is a SQLAlchemy session for reading.
        """

    @hookspec
    def bihuan_migrations(self) -> MigrationBranch:  # type: ignore[empty-body]
        """Offer the room's tables and migrations."""


def load_plugins(*extra: Any, entry_points: bool = True) -> pluggy.PluginManager:
    """Return a plugin manager with the engine's own channels, the installed packages' plug-ins and ``extra`` modules or
    objects.

    Raises nothing for an unknown hook of a plug-in but a :class:`pluggy.PluginValidationError` that names it.
    """
    manager = pluggy.PluginManager(PROJECT)
    from engine.notify import plugin as channels

    manager.add_hookspecs(Hooks)
    manager.register(channels)
    if entry_points:
        manager.load_setuptools_entrypoints(PROJECT)
    for plugin in extra:
        if not manager.is_registered(plugin):
            manager.register(plugin)
    manager.check_pending()
    return manager


@dataclass(frozen=True, slots=True)
class Offering:
    """A plugin manager as part of a cache's key: equal to another in which the same plug-ins are registered."""

    manager: pluggy.PluginManager = field(compare=False)
    plugins: frozenset[Any]

    @classmethod
    def of(cls, manager: pluggy.PluginManager) -> Offering:
        """Return what a manager offers now."""
        return cls(manager, frozenset(manager.get_plugins()))
