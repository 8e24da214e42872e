"""A host for tests: it keeps variables in one dictionary and writes down all that it is asked."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine import feel
from engine.bpmn.event_definitions import SignalEvent
from engine.bpmn.model import ScriptTask, ServiceTask
from engine.bpmn.reader import read
from engine.errors import ExecutionError
from engine.runtime import Definition, Execution, Token, moves
from tests.runtime.drawing import draw


class Board:
    """Plays one instance. ``variables`` answer the expressions, ``path`` are the completed elements, ``log``
    all else that happened, ``reload`` saves and loads the state after each command. Only activities that repeat have
    variables of their own: ``local``, by the token of the scope.
    """

    def __init__(
        self, source: str | bytes, *called: bytes, reload: bool = False, roots: str = "", **variables
    ):
        xml = draw(source, roots=roots) if isinstance(source, str) else source
        self.model = sound(xml)
        others = {model.id: model for model in map(sound, called)}
        self.definition = Definition.compile(self.model, others)
        self.variables = variables
        self.reload = reload
        self.path: list[str] = []
        self.log: list[tuple[str, ...]] = []
        self.handlers: dict[str, object] = {}
        self.breaks: dict[str, str] = {}
        self.detours: dict[str, str] = {}
        self.around: dict[int, int] = {}
        self.local: dict[int, dict[str, Any]] = {}
        self.items: dict[int, list[Any]] = {}
        self.execution = Execution.start(self.definition, self)

    # -- the host

    def evaluate(self, token: Token, expression: feel.Expression, *, what: str):  # noqa: ARG002
        env = feel.Environment(now=lambda: datetime(2026, 1, 5, tzinfo=UTC))
        try:
            return expression.evaluate(self.visible(token), env, strict=True)
        except feel.FeelError as error:
            raise ExecutionError(error.code, token.element.id, **error.params) from error

    def visible(self, token: Token) -> Mapping[str, Any]:
        """The variables that a token sees, those of inner scopes first."""
        scope, found = token.id if token.id in self.around else token.scope, []
        while scope:
            found.append(self.local.get(scope, {}))
            scope = self.around.get(scope, 0)
        return ChainMap(*found, self.variables)

    def has_handler(self, type: str) -> bool:
        return type in self.handlers

    def entered(self, token: Token) -> None:
        self._break("entered", token)
        self.log.append(("entered", token.element.id))

    def perform(self, token: Token) -> None:
        self._break("perform", token)
        self.log.append(("perform", token.element.id))
        element = token.element
        if isinstance(element, ScriptTask):
            value = self.evaluate(token, element.expression.expression, what="script")
            self.variables[element.result_variable] = feel.to_python(value)
        elif isinstance(element, ServiceTask):
            self.handlers[element.type](self)

    def completed(self, token: Token) -> None:
        self._break("completed", token)
        if token.part == "loop":
            loop, results = token.element.loop, self.local[token.id].get("results")
            if results is not None:
                self.variables[loop.output_collection] = results
        if token.part != "run":
            self.path.append(token.element.id)

    def detour(self, token: Token) -> str | None:
        return self.detours.get(token.element.id)

    def opened(self, token: Token) -> None:
        self._break("opened", token)
        self.around[token.id] = token.scope
        self.log.append(("opened", token.element.id))

    def closed(self, token: Token) -> None:
        self.local.pop(token.id, None)
        self.log.append(("closed", token.element.id))

    def sent(self, token: Token) -> None:
        """Signals reach what awaits them here by their literal names; messages leave the instance."""
        definition = getattr(token.element, "definition", None)
        if not isinstance(definition, SignalEvent):
            return
        for other in self.execution.waiting():
            if other.element.awaits == definition and other in self.execution.waiting():
                self.execution.fire(other.id)

    def condition(self, token: Token) -> bool:
        env = feel.Environment(now=lambda: datetime(2026, 1, 5, tzinfo=UTC))
        return token.element.awaits.condition.expression.evaluate(self.variables, env) is True

    def happened(self, token: Token) -> None:
        self.log.append(("happened", token.element.id))

    def repeats(self, token: Token, count: int, items: Sequence[Any] | None = None) -> None:
        self._break("repeats", token)
        self.around[token.id] = token.scope
        self.local[token.id] = {}
        if getattr(token.element.loop, "output_element", None) is not None:
            self.local[token.id]["results"] = [None] * count
        self.items[token.id] = list(items or [])

    def counted(self, token: Token, counts: Mapping[str, int]) -> None:
        self.local[token.id].update(counts)

    def began(self, token: Token) -> None:
        self.around[token.id] = token.scope
        self.local[token.id] = {"loopCounter": token.item + 1}
        loop = token.element.loop
        if loop.input_element is not None:
            self.local[token.id][loop.input_element] = self.items[token.scope][token.item]

    def gathered(self, token: Token) -> None:
        self._break("gathered", token)
        loop = token.element.loop
        if loop.output_element is not None:
            value = self.evaluate(token, loop.output_element.expression, what="outputElement")
            self.local[token.scope]["results"][token.item] = feel.to_python(value)

    def cancelled(self, token: Token) -> None:
        self.log.append(("cancelled", token.element.id))

    def failed(self, token: Token, error: ExecutionError) -> None:
        self.log.append(("failed", token.element.id, error.code))

    def _break(self, where: str, token: Token) -> None:
        if self.breaks.get(token.element.id) == where:
            raise ExecutionError("test.broken", token.element.id)

    # -- the player

    def run(self) -> Board:
        self.execution.run()
        return self._fresh()

    def _fresh(self) -> Board:
        """Read the state again, where that is asked for, so that the next command finds scopes nobody has looked into."""
        if self.reload:
            self.execution = Execution.load(self.definition, self.execution.dump(), self)
        return self

    def waiting(self) -> list[str]:
        """The ids of the elements that wait, sorted."""
        return sorted(token.element.id for token in self.execution.waiting())

    def token(self, element: str) -> Token:
        tokens = [
            token
            for token in self.execution.waiting() + self.execution.parked()
            if token.element.id == element
        ]
        assert tokens, f"nothing waits at {element}, only {self.waiting()}"
        return tokens[0]

    def complete(self, *elements: str, **variables) -> Board:
        """Complete one token at each element, one command each."""
        self.variables.update(variables)
        for element in elements:
            token = self.token(element)
            self._fresh().execution.complete(token.id)
            self.run()
        return self

    def fire(self, element: str, **options) -> Board:
        token = self.token(element)
        self._fresh().execution.fire(token.id, **options)
        return self.run()

    def resume(self, element: str) -> Board:
        token = self.token(element)
        self._fresh().execution.resume(token.id)
        return self.run()

    def examine(
        self, source: str, target: str, *, process: str = "p", intervention: bool = False
    ) -> moves.Move:
        return moves.examine(
            self.execution, self.token(source).id, process, target, intervention=intervention
        )

    def move(self, source: str, target: str, *, again: bool = False, **options) -> Board:
        moves.perform(self.execution, self.examine(source, target, **options), again=again)
        return self.run()

    @property
    def ended(self) -> bool:
        return self.execution.ended

    def where(self) -> list[str]:
        """The elements that hold a live token, sorted: joins and open scopes too."""
        return sorted(token.element.id for token in self.execution.tokens())


def sound(xml: bytes):
    """Read a file that must have nothing that blocks, and return its process."""
    models, findings = read(xml)
    assert [found for found in findings if found.blocks] == []
    return models[0]


def play(source: str | bytes, *called: bytes, **options) -> Board:
    """Start an instance and run it until it waits."""
    return Board(source, *called, **options).run()
