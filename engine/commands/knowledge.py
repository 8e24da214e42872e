"""What a command knows of an instance: the names that FEEL finds, and the documents behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine import feel, tables
from engine.bpmn.model import Value
from engine.catalogue import Process
from engine.commands.changes import Changes, Instance, Saved, Trust
from engine.commands.ports import Ports
from engine.commands.progress import Head, Progress, key_of
from engine.commands.scopes import Names, Scopes
from engine.database import Unit
from engine.errors import ExecutionError
from engine.history import Entry
from engine.plugins import Finding
from engine.prepared import Prepared
from engine.runtime import Execution, Token
from engine.values import digest, dump_json, load_json, stamp


class Knowledge:
    """An instance whose row a command holds locked, as expressions see it: variables, documents, the present."""

    def __init__(
        self,
        ports: Ports,
        unit: Unit,
        process: Process,
        instance: Instance,
        scopes: Scopes,
        progress: Progress,
        actor: str,
    ) -> None:
        self.ports = ports
        self.unit = unit
        self.process = process
        self.instance = instance
        self.scopes = scopes
        self.progress = progress
        self.actor = actor
        self.now = ports.clock.now()
        self._env: feel.Environment | None = None
        self.execution: Execution
        self.changes = Changes()
        self.entries: list[Entry] = []
        self.path: list[str] = []
        self.flows: dict[str, None] = {}
        self._flown: set[int] = set()
        self._bodies: dict[str, Any] = {}
        #: Who has just done a step by this command, without a rejection.
        self.finished_by: str | None = None
        #: What was found in the answers with which they did it, and blocks nothing.
        self.findings: Sequence[Finding] | None = None
        #: For whom the actor acts as a substitute.
        self.behalf: str | None = None
        #: The actor's post, or that of whom they act for.
        self.post: str | None = None
        #: A signer's own variables, by the token of the signing.
        self.locals: dict[int, Mapping[str, Any]] = {}
        #: Tokens whose element an operator counts as done.
        self._skipped: set[int] = set()
        self._special = {"initiator": instance.initiator}
        #: The documents that expressions have read, as (scope, name).
        self.reads: set[tuple[int, str]] = set()

    # -- expressions -------------------------------------------------------------------------------------------------

    @property
    def env(self) -> feel.Environment:
        """What FEEL is given beside the names, made when the first expression is evaluated."""
        if self._env is None:
            self._env = self.ports.environment(self.unit, self.now)
        return self._env

    def names(
        self,
        token: Token,
        local: Mapping[str, Any] | None = None,
        *,
        outside: bool = False,
        through: bool = False,
    ) -> Names:
        """Return what an expression at a token may name; ``outside`` leaves out the token's own scope."""
        place = token.scope if outside else self.scopes.nearest(token.id, token.scope)
        scope = self.scopes.document_scope(place)
        if token.id in self.locals:
            local = {**self.locals[token.id], **(local or {})}
        return Names(
            self.scopes,
            place,
            lambda name: self.body(scope, name),
            lambda: self.document_names(scope),
            self._special,
            self.process.declared[token.process_id],
            local,
            through=through,
        )

    def evaluate(self, token: Token, expression: feel.Expression, *, what: str) -> Any:  # noqa: ARG002
        """Evaluate FEEL at a token; any fault is an :class:`ExecutionError` at its element."""
        return self.feel(expression, self.names(token), token.element.id)

    def feel(self, expression: feel.Expression, names: Names, element: str) -> Any:
        """Evaluate FEEL over ``names``; an unknown name is an error, not null."""
        try:
            return expression.evaluate(names, self.env, strict=True)
        except feel.FeelError as error:
            raise ExecutionError(error.code, element, **error_params(error.params)) from error

    def value(self, value: Value | None, names: Names, element: str) -> Any:
        """Return what an attribute of the file says: its text, or its expression's value as Python data."""
        if value is None:
            return None
        if value.expression is None:
            return value.text
        return feel.to_host(self.feel(value.expression, names, element))

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """Let expressions see ``moment`` as the present."""
        now, env = self.now, self._env
        self.now, self._env = moment, None
        try:
            yield
        finally:
            self.now, self._env = now, env

    def reserved(self, name: str) -> bool:
        """Tell whether a name is the engine's own, so that no variable may hide it."""
        return name in self._special

    def document_names(self, scope: int) -> frozenset[str]:
        """Return the documents that can be named in the process of ``scope``: its own, and its callers'."""
        found = self.progress.names(scope)
        for around in self.scopes.chain(scope, through=True):
            if self.scopes.has_documents(around):
                found |= self.progress.names(around.id)
        return found

    def body(self, scope: int, name: str) -> Any:
        """Return the newest body of a document that the process of ``scope`` or a caller of it has; else KeyError."""
        place = self.place(scope, name)
        head = self.progress.head(place, name)
        if head is not None:
            self.reads.add((place, name))
            return self.read(place, name, head)
        if key_of(place, name) in self.progress.parts:
            return self.read_parts(place, name)
        raise KeyError(name)

    def place(self, scope: int, name: str) -> int:
        """Return the scope of the document that a name means at ``scope``: the process's own, else that of a caller."""
        for around in self.scopes.chain(scope, through=True):
            key = key_of(around.id, name)
            if self.scopes.has_documents(around) and (
                key in self.progress.documents or key in self.progress.parts
            ):
                return around.id
        return scope

    def entrust(self, scope: int, names: Iterable[str], principals: Sequence[str]) -> list[Trust]:
        """Let people read the newest version of documents, though its audience doesn't name them; return what is new."""
        given = []
        for name in names:
            place = self.place(scope, name)
            head = self.progress.head(place, name)
            if head is None or head.audience is None or set(principals) <= set(head.audience):
                continue
            fresh = [one for one in dict.fromkeys(principals) if one not in head.audience]
            unknown = [one for one in fresh if one not in self.progress.readers]
            self._read_by(place, name, head, [*head.audience, *fresh])
            self.progress.open_to(fresh)
            given.append(Trust(place, name, head.version, fresh, unknown))
        return given

    def distrust(self, given: Iterable[Trust]) -> None:
        """Undo :meth:`entrust` as far as the versions are the newest still."""
        for one in given:
            head = self.progress.head(one.scope, one.name)
            if head is None or head.version != one.version or head.audience is None:
                continue
            left = [principal for principal in head.audience if principal not in one.principals]
            self._read_by(one.scope, one.name, head, left)
            named = {
                principal for other in self.progress.documents.values() for principal in other.audience or ()
            }
            self.progress.readers = [
                principal
                for principal in self.progress.readers
                if principal not in one.readers or principal in named
            ]

    def _read_by(self, scope: int, name: str, head: Head, audience: list[str]) -> None:
        """Let the newest version of a document have another audience."""
        head.audience = audience
        unsaved = [one for one in self.changes.documents if (one.scope, one.name) == (scope, name)]
        if unsaved:
            unsaved[-1].audience = head.audience
        else:
            self.changes.entrusted[scope, name] = head

    def read_parts(self, scope: int, name: str) -> list[Any]:
        """Return the newest bodies of a document that each signer has their own of, in the order of the signers."""
        key = key_of(scope, name)
        if key not in self._bodies:
            rows = self.unit.execute(_parts, {"instance": self.instance.id, "scope": scope, "name": name})
            newest = {row.item: row.body for row in rows}
            unsaved = (one for one in self.changes.documents if one.item)
            newest |= {one.item: one.body for one in unsaved if (one.scope, one.name) == (scope, name)}
            saved = sorted(self.progress.parts[key])
            self._bodies[key] = [load_json(newest[item]) if newest.get(item) else {} for item in saved]
        return list(self._bodies[key])

    def part_body(self, scope: int, name: str, item: int) -> dict[str, Any]:
        """Return the newest body of a signer's own document; empty where they saved none."""
        wanted = {"instance": self.instance.id, "scope": scope, "name": name, "item": item}
        row = self.unit.execute(_part, wanted).first()
        found: dict[str, Any] = load_json(row.body) if row is not None and row.body else {}
        return found

    def own_head(self, scope: int, name: str, item: int) -> Head | None:
        """Return the newest version of a document; of a signer's own where ``item`` isn't 0."""
        if not item:
            return self.progress.head(scope, name)
        if key_of(scope, name) not in self.progress.parts:
            return None
        wanted = {"instance": self.instance.id, "scope": scope, "name": name, "item": item}
        row = self.unit.execute(_part, wanted).first()
        if row is None:
            return None
        audience = None if row.audience is None else load_json(row.audience)
        return Head(row.version, row.author, stamp(row.saved_at), row.sha256, audience)

    def read(self, scope: int, name: str, head: Head) -> Any:
        """Return the body of a document's newest version, read once a command."""
        key = key_of(scope, name)
        if key not in self._bodies:
            saved = (scope, name, 0, head.version)
            text = next(
                (
                    one.body
                    for one in self.changes.documents
                    if (one.scope, one.name, one.item, one.version) == saved
                ),
                None,
            ) or self._saved_body(scope, name, head.version)
            self._bodies[key] = {} if text is None else load_json(text)
        return self._bodies[key]

    def _saved_body(self, scope: int, name: str, version: int) -> str | None:
        wanted = {"instance": self.instance.id, "scope": scope, "name": name, "version": version}
        row = _body.first(self.unit, wanted)
        return None if row is None else row[0]

    # -- documents and variables -------------------------------------------------------------------------------------

    def save_document(
        self,
        scope: int,
        name: str,
        body: Mapping[str, Any],
        *,
        element: str,
        form_resource_id: int | None = None,
        audience: list[str] | None = None,
        item: int = 0,
    ) -> Saved:
        """Save the next version of a document; of a signer's own where ``item`` isn't 0."""
        text = dump_json(body)
        before = self.own_head(scope, name, item)
        saved = Saved(
            scope,
            name,
            before.version + 1 if before else 1,
            element,
            form_resource_id,
            text,
            digest(text),
            self.actor,
            audience,
            item,
            self.post,
            self.behalf,
        )
        self.changes.documents.append(saved)
        if item:
            self.progress.open_to(audience)
            key = key_of(scope, name)
            self.progress.saved_part(scope, name, item)
            self._bodies.pop(key, None)
            return saved
        head = Head(saved.version, self.actor, stamp(self.now), saved.sha256, audience)
        self.progress.documents[key_of(scope, name)] = head
        self.progress.open_to(audience)
        self._bodies.pop(key_of(scope, name), None)
        return saved


def error_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an error of FEEL or DMN tells, without what an :class:`ExecutionError` tells by itself."""
    return {name: value for name, value in params.items() if name not in ("element", "code")}


_body = Prepared(
    select(tables.documents.c.body).where(
        tables.documents.c.instance_id == bindparam("instance"),
        tables.documents.c.scope == bindparam("scope"),
        tables.documents.c.item == 0,
        tables.documents.c.name == bindparam("name"),
        tables.documents.c.version == bindparam("version"),
    )
)
_own = (
    (tables.documents.c.instance_id == bindparam("instance"))
    & (tables.documents.c.scope == bindparam("scope"))
    & (tables.documents.c.name == bindparam("name"))
)
_part = (
    select(
        tables.documents.c.version,
        tables.documents.c.author,
        tables.documents.c.saved_at,
        tables.documents.c.sha256,
        tables.documents.c.audience,
        tables.documents.c.body,
    )
    .where(_own, tables.documents.c.item == bindparam("item"))
    .order_by(tables.documents.c.version.desc())
    .limit(1)
)
_parts = (
    select(tables.documents.c.item, tables.documents.c.body)
    .where(_own, tables.documents.c.item > 0)
    .order_by(tables.documents.c.item, tables.documents.c.version)
)
