"""What the token game asks of the one who runs it, and what it shows of a token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from engine.bpmn.model import Element
from engine.errors import ExecutionError
from engine.feel import Expression


class Token(NamedTuple):
    """A token as others see it.

    ``id`` is unique in the instance for all its life. ``scope`` is the id of the token of the embedded
    sub-process or call activity around it, 0 at the top. ``process_id`` names the process that ``element``
    belongs to: a called process has its own. ``flows`` are the ids of the sequence flows that it came by;
    several after a join, none at a start.

    An activity that repeats has several tokens, which ``part`` tells apart: ``loop`` is the activity as a whole, in
    whose scope the others are; ``item`` is one item of a multi-instance, with a scope of its own; ``run`` is what
    the activity does, once in each item or one after the other in a standard loop. ``item`` is the place of the
    nearest item that the token belongs to, from 0, None outside of all.
    """

    id: int
    element: Element
    scope: int
    process_id: str
    flows: tuple[str, ...] = ()
    part: str = ""
    item: int | None = None


class Host(Protocol):
    """Does what isn't moving tokens: expressions, rows, handlers, variables.

    :meth:`evaluate`, :meth:`entered`, :meth:`perform`, :meth:`completed` and :meth:`opened` may raise an
    :class:`~engine.errors.ExecutionError`: the token is then parked where it is, :meth:`failed` is called,
    and all other tokens go on. Every other exception leaves the execution unusable: throw it away and undo
    the command.
    """

    def evaluate(self, token: Token, expression: Expression, *, what: str) -> Any:
        """Evaluate FEEL in the scopes that the token sees; ``what`` says what for (``condition``,
        ``code``).
        """

    def has_handler(self, type: str) -> bool:
        """Tell whether service tasks of ``type`` are done here at once; else they wait for an external
        worker.
        """

    def entered(self, token: Token) -> bool | None:
        """A token arrived at what waits: a user task, an external job, a receive task, an event (those that
        are armed too). False where there is nothing to wait for: a task without any items, or one that is skipped.
        """

    def perform(self, token: Token) -> None:
        """Do an automatic element now: a script, a decision, a service task that has a handler, or what sends a
        message or a signal.
        """

    def sent(self, token: Token) -> None:
        """What sends a message or a signal is over: let what awaits it in this instance happen, by
        :meth:`Execution.fire`.
        """

    def condition(self, token: Token) -> bool:
        """Tell whether the condition that a token waits for is true now; what can't be evaluated isn't."""

    def completed(self, token: Token) -> None:
        """A flow node is done: map its outputs, append it to the path.

        For gateways it is called after all conditions have been evaluated. For a sub-process or a call
        activity it is called while its scope is still open, before :meth:`closed`.
        """

    def detour(self, token: Token) -> str | None:
        """Return the element of the same scope that a completed user task goes straight back to, None for its
        ordinary way.
        """

    def opened(self, token: Token) -> None:
        """The scope of a sub-process or a called process begins: map its inputs. ``token.id`` is the scope's
        id.
        """

    def repeats(self, token: Token, count: int, items: Sequence[Any] | None = None) -> None:
        """The scope of an activity that repeats begins. A multi-instance has ``count`` items: those of its
        collection, or None where it only has their number.
        """

    def counted(self, token: Token, counts: Mapping[str, int]) -> None:
        """Set the variables that count the runs (``loopCounter``, ``numberOfInstances``…) in the scope of a token."""

    def began(self, token: Token) -> None:
        """The scope of one item begins: it sees the input element and its ``loopCounter``."""

    def gathered(self, token: Token) -> None:
        """An item is done: put its output element at its place in the output collection, before :meth:`closed`.

        The collection leaves the activity when the token of the whole is :meth:`completed`.
        """

    def closed(self, token: Token) -> None:
        """The scope ended, after ``completed(token)``."""

    def happened(self, token: Token) -> None:
        """The condition that a token waits for has become true; the event is about to happen."""

    def cancelled(self, token: Token) -> None:
        """A token that had entered, opened a scope or was parked is withdrawn, inner ones first."""

    def failed(self, token: Token, error: ExecutionError) -> None:
        """The token is parked; :meth:`Execution.resume` tries again from where it stands."""
