"""Runs a service task's handler inside a savepoint of the command's transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from engine.bpmn.model import ServiceTask
from engine.commands.changes import Trust
from engine.errors import BihuanError, ExecutionError
from engine.plugins import Document, Finding, HandlerContext, InstanceInfo
from engine.runtime import Token

if TYPE_CHECKING:
    from engine.commands.act import Act

log = logging.getLogger(__name__)


class HandlerRun:
    """What a handler is given: see :class:`engine.plugins.HandlerContext`."""

    def __init__(self, act: Act, token: Token, session: Session, variables: Mapping[str, Any]) -> None:
        self._act = act
        self._scope = act.scopes.document_scope(token.scope)
        self.session = session
        self.variables = variables
        self.instance: InstanceInfo = act.info()
        self.element = token.element.id
        self.now: datetime = act.now
        self.actor = act.actor
        self.findings: Sequence[Finding] | None = act.findings
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.entrusted: list[tuple[Sequence[str], Sequence[str]]] = []

    def document(self, name: str) -> Document | None:
        """Return the newest version of the instance's document ``name``."""
        return document(self._act, self._scope, name)

    def audit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Append an event of the handler's own to the instance's history."""
        self.events.append((kind, data))

    def entrust(self, names: Sequence[str], principals: Sequence[str]) -> None:
        """Let people read the newest version of documents from now on."""
        self.entrusted.append((names, principals))

    def tell(
        self, principals: Sequence[str], code: str, params: Mapping[str, Any], link: str
    ) -> Sequence[str]:
        """Tell people something that is about no single case; return who is told."""
        from engine.commands import informing  # which needs acts, and acts run handlers

        return informing.notice(self._act.unit, principals, code, params, link, self.now)


def document(act: Act, scope: int, name: str) -> Document | None:
    """Return the newest version of a document that the process of ``scope`` or a caller of it has."""
    for around in act.scopes.chain(scope, through=True):
        head = act.progress.head(around.id, name) if act.scopes.has_documents(around) else None
        if head is not None:
            body = act.read(around.id, name, head)
            saved_at = datetime.fromisoformat(head.saved_at)
            return Document(name, head.version, body, head.author, saved_at, head.sha256)
    return None


def run_handler(
    act: Act, token: Token, element: ServiceTask, variables: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Run the handler of ``element`` and return the variables that it sets; history keeps its ``inputs``."""
    handler = act.ports.catalogue.handlers[element.type]
    act.store()
    found, run = in_savepoint(act, token, element, variables, handler.run)
    result = dict(found or {})
    scope = act.scopes.document_scope(token.scope)
    given = [one for names, principals in run.entrusted for one in act.entrust(scope, names, principals)]
    note_done(act, token, element, result, inputs, given)
    for kind, data in run.events:
        act.note(kind, element.id, data)
    return result


def note_done(
    act: Act,
    token: Token,
    element: ServiceTask,
    result: Mapping[str, Any],
    inputs: Mapping[str, Any] | None = None,
    given: Sequence[Trust] = (),
) -> None:
    """Note in the history that a service task is done, with what is needed to undo it."""
    body: dict[str, Any] = {"type": element.type, "step": element.label, "result": result}
    if inputs:
        body["inputs"] = inputs
    if given:
        body["entrusted"] = [asdict(one) for one in given]
    act.note("service.done", element.id, {**body, **whereabouts(act, token)})


def whereabouts(act: Act, token: Token) -> dict[str, Any]:
    """Return the scope, the items around it and the process of a token for an event's body; nothing at the top of the
    instance's own.
    """
    found: dict[str, Any] = {"scope": token.scope} if token.scope else {}
    items = act.scopes.items_around(token.scope) if token.scope else ()
    if items:
        found["items"] = list(items)
    if token.process_id != act.process.process_id:
        found["process"] = token.process_id
    return found


def in_savepoint(
    act: Act,
    token: Token,
    element: ServiceTask,
    variables: Mapping[str, Any],
    call: Callable[[HandlerContext], Mapping[str, Any] | None],
) -> tuple[Mapping[str, Any] | None, HandlerRun]:
    """Call a handler's code inside a savepoint; return what it gave, and what it was given, with what it asked for.

    What it raises becomes an :class:`ExecutionError`, and its writes are undone; only what the database itself asks to be
    run again (lock and serialization errors, a lost connection) goes through to the command.
    """
    try:
        with act.unit.savepoint() as session:
            context = HandlerRun(act, token, session, variables)
            found = call(context)
            session.flush()
    except OperationalError:
        raise
    except ExecutionError:
        raise
    except BihuanError as error:
        params = {name: value for name, value in error.params.items() if name not in ("element", "code")}
        raise ExecutionError(error.code, element.id, **params) from error
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        log.exception("handler %s failed at %s of instance %s", element.type, element.id, act.instance.id)
        raise ExecutionError(
            "handler.failed",
            element.id,
            type=element.type,
            error=type(error).__name__,
            reason=str(error)[:500],
        ) from error
    return found, context
