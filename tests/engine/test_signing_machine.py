"""A signing against a model of it: whatever people sign, add and take out, the engine asks whom the model asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Engine
from engine.calendar import SteppedClock
from engine.commands.loading import load_instance
from engine.memory import empty_county
from engine.plugins import load_plugins
from engine.signing import Rule, Vote
from tests.conftest import MORNING
from tests.engine.office import Office, process, task

OUTCOMES = ("同意", "不同意", "弃权")
FIRST = ("li", "liu", "sun")
OTHERS = ("wang", "zhou", "qian")
WHO = '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;liu&quot;, &quot;sun&quot;]"/>'
MODES = {
    "all": Rule("all", OUTCOMES, ("不同意",), ("弃权",)),
    "ratio 1/2": Rule("ratio", OUTCOMES, ("不同意",), ("弃权",), Fraction(1, 2)),
    "in order": Rule("in order", OUTCOMES, ("不同意",), ("弃权",), at_once=True),
    "any": Rule("any", OUTCOMES, ("不同意",), ("弃权",), at_once=True),
}


@dataclass
class Signer:
    """One signer of the model; ``after`` are those who must be done first."""

    person: str
    after: list[Signer] = field(default_factory=list)
    vote: str | None = None
    out: bool = False

    @property
    def done(self) -> bool:
        return self.vote is not None or self.out

    @property
    def asked(self) -> bool:
        return not self.done and all(one.done for one in self.after)


class Model:
    """What a signing is, without rows: people, their votes, and who comes after whom."""

    def __init__(self, mode: str) -> None:
        self.rule = MODES[mode]
        self.signers = [Signer(person) for person in FIRST]
        if mode == "in order":
            for one, before in zip(self.signers[1:], self.signers, strict=False):
                one.after.append(before)

    @property
    def asked(self) -> list[Signer]:
        return [] if self.outcome is not None else [one for one in self.signers if one.asked]

    @property
    def outcome(self) -> str | None:
        votes = [
            Vote("completed" if one.vote else "open", one.vote or "") for one in self.signers if not one.out
        ]
        return self.rule.decide(votes)

    def add(self, me: Signer, person: str, position: str) -> None:
        new = Signer(person, [me] if position == "after" else list(me.after))
        if position == "before":
            me.after.append(new)
        for one in self.signers:
            if one is not me and me in one.after:
                one.after.append(new)
        self.signers.append(new)


@pytest.fixture(scope="module")
def desk() -> Iterator[Office]:
    """One office in memory for all examples; each is a case of its own."""
    plugins = load_plugins(entry_points=False)
    database = empty_county(plugins)
    office = Office.open(Engine(database, plugins=plugins, clock=SteppedClock(MORNING)))
    for number, mode in enumerate(MODES):
        signed = task(
            "sign", WHO, signing=mode, outcomes="同意,不同意,弃权", rejects="不同意", needs_opinion=""
        )
        source = process(signed, "s -> sign -> e", id=f"p{number}")
        office.engine.deploy({"p.bpmn": source}, actor="system")
    yield office
    database.close()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["sign", "sign", "add", "remove"]),
        st.integers(0, 5),
        st.integers(0, 5),
        st.sampled_from(OUTCOMES),
        st.sampled_from(["before", "after", "beside"]),
    ),
    max_size=10,
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(MODES)), ACTS)
def test_the_engine_asks_whom_the_model_asks(
    desk: Office, mode: str, acts: list[tuple[str, int, int, str, str]]
) -> None:
    model, engine = Model(mode), desk.engine
    name = f"p{list(MODES).index(mode)}"
    instance = engine.start(name, actor=desk.who("li"), variables={}).instance_id
    for kind, first, second, vote, position in acts:
        if not model.asked:
            break
        me = model.asked[first % len(model.asked)]
        (row,) = [one for one in desk.rows(me.person) if one.instance_id == instance]
        mine = {"actor": desk.who(me.person), "version": row.version}
        if kind == "sign":
            engine.complete(row.item_id, **mine, outcome=vote)
            me.vote = vote
        elif kind == "add":
            free = [one for one in OTHERS if one not in {signer.person for signer in model.signers}]
            if not free:
                continue
            engine.add_signer(row.item_id, **mine, to=free[second % len(free)], position=position)
            model.add(me, free[second % len(free)], position)
        else:
            others = [one for one in model.signers if one is not me and not one.done]
            if not others:
                continue
            gone = others[second % len(others)]
            views = engine.task(row.item_id, desk.who(me.person)).signatures
            (view,) = [one for one in views if one.index == model.signers.index(gone)]
            engine.remove_signer(row.item_id, **mine, signer=view.item_id)
            gone.out = True
        asked = {
            person
            for person in (*FIRST, *OTHERS)
            if any(one.instance_id == instance for one in desk.rows(person))
        }
        assert asked == {one.person for one in model.asked}
    with engine.database.read() as unit:
        act = load_instance(engine.ports, unit, instance, "system", lock=False)
    assert act.scopes.visible(0).get("outcome") == model.outcome
    assert [one for one in engine.doctor() if one.instance == instance] == []
    if model.outcome is None:
        engine.terminate(instance, actor="system", reason="收尾")
