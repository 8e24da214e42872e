"""Random nested blocks: the token game agrees with a small reference model, reloaded after each step or
not.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import feel
from engine.bpmn.soundness import check_soundness
from engine.runtime import Execution, Token
from tests.runtime.blocks import BLOCKS, Drawing, Model, Open, items_of
from tests.runtime.game import Board, sound

#: How often a message that doesn't interrupt comes in one play of its handler.
TIMES = 2


class Field(Board):
    """A board on which what repeats has variables of its own, and whose open tasks are told with their items."""

    def perform(self, token: Token) -> None:
        script = token.element
        value = feel.to_python(self.evaluate(token, script.expression.expression, what="script"))
        scope = token.scope
        while scope and scope not in self.local:
            scope = self.around[scope]
        self.local.get(scope, self.variables)[script.result_variable] = value

    def open(self) -> list[Open]:
        """Return what can be completed."""
        return [at for at, _ in self._waiting()]

    def _waiting(self) -> list[tuple[Open, int]]:
        waiting = self.execution.waiting()
        return [((token.element.id, items_of(self.execution, token.id)), token.id) for token in waiting]

    def do(self, at: Open) -> None:
        token = next(token for found, token in self._waiting() if found == at)
        if at[0].startswith("t"):
            self.execution.complete(token)
        else:
            self.execution.fire(token)
        self.run()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.data())
def test_every_order_of_completion_goes_as_the_reference_model_says(block, data):
    drawing = Drawing()
    source, named = drawing.whole(block)
    called = drawing.called.values()
    kept = Field(source, *called, **drawing.variables).run()
    reloaded = Field(source, *called, reload=True, **drawing.variables).run()
    for model in map(sound, (source, *called)):
        assert [found for found in check_soundness(model) if found.severity != "info"] == []
    model = Model(named)
    came: Counter[Open] = Counter()
    for _ in range(500):
        assert [entry for entry in kept.log if entry[0] == "failed"] == []
        assert sorted(kept.open()) == sorted(model.open())
        assert sorted(reloaded.open()) == sorted(model.open())
        assert reloaded.execution.dump() == kept.execution.dump()
        if model.done:
            break
        at = data.draw(st.sampled_from(sorted(one for one in model.open() if came[one] < TIMES)))
        came[at] += at[0].startswith("h")
        assert model.complete(at)
        kept.do(at)
        reloaded.do(at)
    assert model.done
    assert kept.ended
    assert kept.path == reloaded.path
    assert kept.path[-1] == "end_p"
    fresh = Execution.load(kept.definition, kept.execution.dump(), kept)
    assert fresh.ended
    assert fresh.tokens() == []
