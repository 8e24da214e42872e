"""Random graphs, well formed or not: what the soundness check passes never gets stuck when it is played."""

from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.bpmn.checks import check_files
from engine.plugins import load_plugins
from tests.runtime.drawing import draw
from tests.runtime.game import Board

PLUGINS = load_plugins(entry_points=False)
KINDS = ("userTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway")


@st.composite
def graphs(draw_value):
    """A start, some nodes, an end, and flows between them at random; the last way out of a choice is its default."""
    kinds = draw_value(st.lists(st.sampled_from(KINDS), min_size=2, max_size=7))
    nodes = [f"n{place}" for place in range(len(kinds))]
    lines = ["startEvent start", "endEvent end", "start -> n0"]
    lines += [f"{kind} {name}" for kind, name in zip(kinds, nodes, strict=True)]
    for place, (kind, name) in enumerate(zip(kinds, nodes, strict=True)):
        later = [*nodes[place + 1 :], "end"]
        count = 1 if kind == "userTask" else draw_value(st.integers(1, 3))
        targets = [draw_value(st.sampled_from(later)) for _ in range(count)]
        if draw_value(st.integers(0, 5)) == 0 and kind != "userTask":
            targets[0] = draw_value(st.sampled_from(nodes[: place + 1]))
        for index, target in enumerate(targets):
            condition = ""
            if count > 1 and kind in ("exclusiveGateway", "inclusiveGateway"):
                condition = ": default" if index == count - 1 else ": coin"
            lines.append(f"{name} -> {target}{condition}")
    return "\n".join(lines)


class Tossed(Board):
    """A board on which every condition is a toss."""

    coin: Random

    def evaluate(self, token, expression, *, what):  # noqa: ARG002
        return self.coin.random() < 0.5


@pytest.mark.long
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.integers(0, 10_000))
def test_where_a_play_gets_stuck_the_check_has_said_so(source, seed):
    xml = draw(source)
    (report,) = check_files({"p.bpmn": xml}, PLUGINS)
    assume(not any(found.blocks and not found.code.startswith("sound.") for found in report.findings))
    told = {found.element for found in report.findings if found.code == "sound.deadlock"}
    endless = any(found.code in ("sound.no_end", "sound.bound") for found in report.findings)
    for turn in range(5):
        board = Tossed(xml, reload=True)
        board.coin = Random(seed + turn)
        board.run()
        for _ in range(200):
            if not board.execution.waiting():
                break
            board.complete(board.coin.choice(board.waiting()))
        stuck = not board.ended and not board.execution.waiting() and not board.execution.parked()
        assert not stuck or endless or told & set(board.where()), (board.where(), source)
        assert not board.execution.parked() or any(
            entry[2] == "run.step_limit" for entry in board.log if entry[0] == "failed"
        )
