"""Random processes, random moves: the engine and a model of nested blocks agree at every step, and nothing is lost."""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine import Engine, Refused
from engine.calendar import SteppedClock
from engine.identity import Organisation
from engine.memory import empty_county
from engine.plugins import load_plugins
from engine.tasks.query import InboxQuery
from tests.conftest import MORNING
from tests.engine.blocks_model import DONE, Block, Choice, Game, Loop, Parallel, Sequence, Step, Sub
from tests.engine.office import CLERKS, process, task


def blocks() -> st.SearchStrategy[Block]:
    """Build trees of blocks; names are given afterwards."""
    return st.recursive(
        st.builds(Step, st.just("")),
        lambda inner: st.one_of(
            st.builds(Sequence, st.just(""), st.lists(inner, min_size=2, max_size=3)),
            st.builds(Parallel, st.just(""), st.lists(inner, min_size=2, max_size=3)),
            st.builds(_inclusive, st.lists(inner, min_size=2, max_size=3), st.integers(1, 7)),
            st.builds(Choice, st.just(""), st.lists(inner, min_size=2, max_size=2)),
            st.builds(lambda body: Loop("", [body, Step("")]), inner),
            st.builds(lambda body: Sub("", [body]), inner),
        ),
        max_leaves=7,
    )


def _inclusive(parts: list[Block], chosen: int) -> Block:
    block = Parallel("", parts)
    taken = frozenset(place for place in range(len(parts)) if chosen >> place & 1)
    block.chosen = taken or frozenset({0})
    return block


def named(root: Block) -> Block:
    """Give every block of a tree a name of its own."""
    numbers = count(1)
    todo = [root]
    while todo:
        block = todo.pop()
        block.name = f"{type(block).__name__.lower()}{next(numbers)}"
        todo += reversed(block.parts)
    return root


class Moves(RuleBasedStateMachine):
    """One instance and its model."""

    def __init__(self) -> None:
        super().__init__()
        plugins = load_plugins(entry_points=False)
        self.database = empty_county(plugins)
        self.engine = Engine(self.database, plugins=plugins, clock=SteppedClock(MORNING))
        self.engine.people.add_orgs([Organisation(code, code, "", None) for code in ("U1", "SYSTEM")])
        for person, role, org in (("li", "clerk", "U1"), ("wu", "operator", "SYSTEM")):
            self.engine.people.create_person(person, person)
            self.engine.people.add_post(person, role, org)
        self.li, self.wu = self.engine.actor("li"), self.engine.actor("wu")
        self.game: Game | None = None

    def teardown(self) -> None:
        self.database.close()

    @initialize(root=blocks(), again=st.booleans())
    def begin(self, root: Block, again: bool) -> None:
        root = named(Sequence("", [Step(""), root, Step("")]))
        self.again = again
        asked = {"return": "any", "return-mode": "ask", "return-across": "branches"}
        if again:
            asked["return-joined"] = "again"
        lines = [self._line(line, asked) for line in root.lines()]
        source = process(*lines, f"s -> {root.first}", f"{root.last} -> e")
        self.engine.deploy({"p.bpmn": source}, actor="system")
        self.root = root
        self.start()

    def start(self) -> None:
        self.instance = self.engine.start("p", actor=self.li, variables={}).instance_id
        self.game = Game(deepcopy(self.root))

    def _line(self, line: str, asked: dict[str, str]) -> str:
        indent = line[: len(line) - len(line.lstrip())]
        kind, _, name = line.strip().partition(" ")
        return indent + task(name, CLERKS, outcomes="go,again", **asked) if kind == "TASK" else line

    def rows(self) -> dict[str, Any]:
        mine = [row for row in self.engine.inbox(self.li).rows if row.instance_id == self.instance]
        assert len({row.element for row in mine}) == len(mine)
        return {row.element: row for row in mine}

    def pick(self, data: st.DataObject, names: Any, label: str) -> str:
        return data.draw(st.sampled_from(sorted(names)), label=label)

    # -- what may happen

    @precondition(lambda self: self.game is not None and self.game.open())
    @rule(data=st.data(), again=st.booleans())
    def complete(self, data: st.DataObject, again: bool) -> None:
        name = self.pick(data, self.game.open(), "complete")
        row = self.rows()[name]
        outcome = "again" if again else "go"
        self.engine.complete(row.item_id, actor=self.li, version=row.version, outcome=outcome)
        self.game.complete(name, again)

    @precondition(lambda self: self.game is not None and self.game.open())
    @rule(data=st.data(), direct=st.booleans())
    def give_back(self, data: st.DataObject, direct: bool) -> None:
        name = self.pick(data, self.game.open(), "return")
        row = self.rows()[name]
        view = self.engine.task(row.item_id, self.li)
        allowed = {
            target.element: "direct" in target.modes for target in view.targets if target.refusal is None
        }
        assert allowed == self.game.returnable(name)
        if not allowed:
            return
        target = self.pick(data, allowed, "to")
        back = direct and allowed[target]
        mode = "direct" if back else "walk"
        self.engine.return_task(
            row.item_id, actor=self.li, version=row.version, reason="x", to=target, mode=mode
        )
        self.game.give_back(name, target, again=self.again, direct=back)

    @precondition(lambda self: self.game is not None and self.game.open())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        latest: dict[str, int] = {}
        mine = InboxQuery(limit=100)
        for row in self.engine.done(self.li, mine).rows:
            if row.instance_id != self.instance:
                continue
            latest[row.element] = max(row.item_id, latest.get(row.element, 0))
        can = {name: self.engine.task(item, self.li).can["withdraw"] for name, item in latest.items()}
        allowed = sorted(name for name, code in can.items() if code is None)
        assert allowed == self.game.withdrawable(), can
        if not allowed:
            return
        name = self.pick(data, allowed, "withdraw")
        self.engine.withdraw(latest[name], actor=self.li)
        self.game.withdraw(name)

    @precondition(lambda self: self.game is not None and self.game.open())
    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        source = self.pick(data, self.game.open(), "jump from")
        target = self.pick(data, self.game.steps, "to")
        asked = {"actor": self.wu, "source": source, "to": target, "reason": "x"}
        if self.game.jumpable(source, target):
            self.engine.jump(self.instance, **asked)
            self.game.jump(source, target)
            return
        try:
            self.engine.jump(self.instance, **asked)
        except Refused as error:
            assert error.code == "move.other_branch"  # noqa: PT017
        else:
            raise AssertionError("a token went into another branch")

    @precondition(lambda self: self.game is not None and self.game.root.state == DONE)
    @rule()
    def start_another(self) -> None:
        self.start()

    # -- what must always be so

    @invariant()
    def the_same_steps_are_open(self) -> None:
        if self.game is not None:
            assert sorted(self.rows()) == self.game.open()
            ended = self.engine.instance(self.instance, self.li).state == "ended"
            assert ended == (self.game.root.state == DONE)

    @invariant()
    def the_data_are_sound(self) -> None:
        assert self.engine.doctor() == []


Moves.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestMoves = Moves.TestCase
