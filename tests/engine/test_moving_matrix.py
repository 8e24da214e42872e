"""Operation by state by topology: where a task may be returned to, withdrawn from and moved to, and why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from engine import BihuanError
from engine.commands.loading import load_instance
from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_time import timer
from tests.runtime.drawing import many

pytestmark = pytest.mark.quick_on_sqlite

ACROSS = {"return": "any", "return-across": "branches, call"}
DRAFTERS = {"drafters": "=role(&quot;staff&quot;, &quot;S1&quot;)"}


def step(id: str, **more: str) -> str:
    """Return a step that everybody in the office of the chiefs may do, and return to anywhere."""
    return task(id, CHIEFS, **{**ACROSS, **DRAFTERS, **more})


@dataclass(frozen=True)
class Topology:
    """A place to move from and one to move to: what a return, a withdrawal of what was done last and a jump say.

    ``way`` leads there: steps to complete, ``*`` for a timer. ``back`` is the code of the refused return, None where it
    is allowed; ``taken`` of the withdrawal of the last step of the way, ``jumped`` of an operator's jump.
    """

    source: str
    target: str
    lines: tuple[str, ...]
    way: tuple[str, ...]
    back: str | None = None
    taken: str | None = None
    jumped: str | None = None
    called: Mapping[str, bytes] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


def branches(**more: str) -> tuple[str, ...]:
    return (
        step("first"),
        step("a1"),
        step("a2", **more),
        step("b1"),
        step("last"),
        "parallelGateway split",
        "parallelGateway join",
        "s -> first -> split -> a1 -> a2 -> join -> last -> e",
        "split -> b1 -> join",
    )


def late(interrupting: bool) -> tuple[str, ...]:
    return (
        step("a"),
        step("chase"),
        timer("late", "timeDuration", "P1D", "a", interrupting=interrupting),
        "s -> a -> e",
        "late -> chase -> e",
    )


NESTED = (
    step("before"),
    "subProcess sub",
    "  startEvent i",
    "  endEvent o",
    f"  {step('in1')}",
    f"  {step('in2')}",
    "  i -> in1 -> in2 -> o",
    step("after"),
    "s -> before -> sub -> after -> e",
)
ITEMS = (
    step("before"),
    f"subProcess each | {many('units', 'unit')}",
    "  startEvent i",
    "  endEvent o",
    f"  {step('x')}",
    f"  {step('y')}",
    "  i -> x -> y -> o",
    "s -> before -> each -> e",
)
CALL = '<bpmn:extensionElements><zeebe:calledElement processId="q"/></bpmn:extensionElements>'
CALLER = (step("before"), f"callActivity call | {CALL}", step("after"), "s -> before -> call -> after -> e")
CALLED = {"q.bpmn": process(step("q1"), step("q2"), "s -> q1 -> q2 -> e", id="q")}
ASIDE = (
    step("a"),
    step("b"),
    "subProcess aside triggeredByEvent=true",
    f"  {timer('t', 'timeDuration', 'P1D').replace('intermediateCatchEvent', 'startEvent')}",
    f"  {step('inside')}",
    "  endEvent te",
    "  t -> inside -> te",
    "s -> a -> b -> e",
)
SIGNERS = '<zeebe:assignmentDefinition candidateUsers="=[&quot;user:wang&quot;, &quot;user:zhou&quot;]"/>'

TOPOLOGIES = {
    "a step on a line": Topology("b", "a", (step("a"), step("b"), "s -> a -> b -> e"), ("a",)),
    "inside a branch": Topology("a2", "a1", branches(), ("first", "a1")),
    "before the split, as the file says": Topology("a2", "first", branches(), ("first", "a1")),
    "before the split, not in the file": Topology(
        "a2", "first", branches(**{"return-across": "call"}), ("first", "a1"), "return.across_branches"
    ),
    "another branch": Topology(
        "a2", "b1", branches(), ("first", "b1", "a1"), "return.not_here", None, "move.other_branch"
    ),
    "after a join": Topology("last", "a1", branches(), ("first", "a1", "b1", "a2")),
    "inside an item": Topology("y", "x", ITEMS, ("before", "x"), variables={"units": [1, 2]}),
    "out of an item": Topology("y", "before", ITEMS, ("before", "x"), variables={"units": [1, 2]}),
    "the task of an interrupting boundary event": Topology(
        "chase", "a", late(True), ("*",), "return.nowhere"
    ),
    "the task of a boundary event, still open": Topology(
        "chase", "a", late(False), ("*",), "return.nowhere", None, "move.side_path"
    ),
    "out of a sub-process": Topology("in2", "before", NESTED, ("before", "in1")),
    "into a completed sub-process": Topology(
        "after", "in1", NESTED, ("before", "in1", "in2"), None, "withdraw.scope_ended"
    ),
    "one signer": Topology(
        "sign",
        "a",
        (step("a"), task("sign", SIGNERS, signing="all", **ACROSS), "s -> a -> sign -> e"),
        ("a",),
    ),
    "out of a called process": Topology("q2", "before", CALLER, ("before", "q1"), called=CALLED),
    "into a completed called process": Topology(
        "after",
        "q1",
        CALLER,
        ("before", "q1", "q2"),
        "move.in_call",
        "withdraw.scope_ended",
        "move.in_call",
        CALLED,
    ),
    "out of an event sub-process": Topology(
        "inside", "a", ASIDE, ("a", "*"), "move.event_sub_process", "withdraw.gone"
    ),
}


def act(office: Office, instance: int, element: str) -> int:
    """Let the first who may complete an element's item do so; return the item."""
    if element == "*":
        office.engine.clock.advance(timedelta(days=1))
        assert office.engine.run_due()
        return 0
    row = item(office, instance, element)
    office.engine.complete(row.item_id, actor=office.who("wang"), version=row.version)
    return row.item_id


def item(office: Office, instance: int, element: str) -> Any:
    return next(row for row in office.rows("wang") if row.instance_id == instance and row.element == element)


def arrive(office: Office, case: Topology) -> tuple[int, int]:
    """Start an instance and bring it to the place; return it, and the item completed last."""
    started = office.engine.start("p", actor=office.who("li"), variables=case.variables)
    done = 0
    for element in case.way:
        done = act(office, started.instance_id, element) or done
    return started.instance_id, done


def code_of(operation: Callable[[], object]) -> str | None:
    """Return the code of a refusal, whose Chinese sentence must say all; None where it is allowed."""
    refusal: BihuanError | None = None
    try:
        operation()
    except BihuanError as error:
        refusal = error
    if refusal is None:
        return None
    assert re.search("[\u4e00-\u9fff]", refusal.message("zh"))
    assert "未知" not in refusal.message("zh"), refusal.message("zh")
    return refusal.code


@pytest.fixture(params=TOPOLOGIES)
def case(request: pytest.FixtureRequest, office: Office) -> Topology:
    found = TOPOLOGIES[request.param]
    office.engine.deploy({"p.bpmn": process(*found.lines, inputs="units"), **found.called}, actor="user:root")
    return found


def claimed_by(person: str) -> Callable[[Office, Any], object]:
    return lambda office, row: office.engine.claim(row.item_id, actor=office.who(person), version=row.version)


def given_out(office: Office, row: Any) -> None:
    office.engine.assign_out(row.item_id, actor=office.who("wang"), to="qian", version=row.version)


def completed(office: Office, row: Any) -> None:
    office.engine.complete(row.item_id, actor=office.who("wang"), version=row.version)


def suspended(office: Office, row: Any) -> None:
    office.engine.suspend(row.instance_id, actor=office.who("wu"), reason="核查")


def terminated(office: Office, row: Any) -> None:
    office.engine.terminate(row.instance_id, actor=office.who("wu"), reason="撤项")


#: How an item may stand → what a return by Wang says of that; where it says nothing the topology decides.
STATES: dict[str, tuple[Callable[[Office, Any], object] | None, str | None]] = {
    "open": (None, None),
    "claimed": (claimed_by("wang"), None),
    "held by another": (claimed_by("zhou"), "item.held"),
    "being drafted": (given_out, None),
    "completed": (completed, "item.completed"),
    "suspended": (suspended, "instance.suspended"),
    "terminated": (terminated, "item.cancelled"),
}


def test_returning(office: Office, case: Topology) -> None:
    for state, (prepare, refused) in STATES.items():
        signers = case.source == "sign"
        if signers and state in ("claimed", "held by another", "being drafted"):
            continue  # a signer's item is theirs from the beginning
        instance, _ = arrive(office, case)
        row = item(office, instance, case.source)
        if prepare is not None:
            prepare(office, row)
        version = row.version + (state in ("claimed", "held by another", "being drafted"))

        def back(row: Any = row, version: int = version) -> object:
            return office.engine.return_task(
                row.item_id, actor=office.who("wang"), version=version, reason="不符", to=case.target
            )

        expected = refused or case.back
        if expected == "return.nowhere":
            expected = "return.not_here"
        assert code_of(back) == expected, state
        if expected is None:
            assert case.target in {holder.element for holder in office.view(instance, "wang").holders}


def test_jumping(office: Office, case: Topology) -> None:
    for state, (prepare, _) in STATES.items():
        if case.source == "sign" and state != "open":
            continue
        if state in ("completed", "terminated"):
            continue
        instance, _ = arrive(office, case)
        row = item(office, instance, case.source)
        if prepare is not None:
            prepare(office, row)
        tokens = _tokens(office, instance, case.source)

        def jump(instance: int = instance, token: int = tokens[0]) -> object:
            wu = office.who("wu")
            return office.engine.jump(
                instance, actor=wu, source=case.source, to=case.target, reason="干预", token=token
            )

        assert code_of(jump) == ("instance.suspended" if state == "suspended" else case.jumped), state


@pytest.mark.parametrize(
    "case", [name for name, one in TOPOLOGIES.items() if set(one.way) != {"*"}], indirect=True
)
def test_withdrawing(office: Office, case: Topology) -> None:
    wang = office.who("wang")
    for state, expected in {
        "untouched": case.taken,
        "opened": case.taken,
        "an opinion": case.taken or "withdraw.opinion",
        "signed": case.taken or "withdraw.signed",
        "suspended": "instance.suspended",
        "terminated": "withdraw.ended",
    }.items():
        instance, done = arrive(office, case)
        after = [row for row in office.rows("zhou") if row.instance_id == instance]
        next_row = next((row for row in after if row.element == case.source), after[0])
        if case.source == "a2" and case.way[-1] == "a1":
            next_row = next(row for row in after if row.element == "a2")
        if state == "opened":
            office.engine.opened(next_row.item_id, actor=office.who("zhou"))
        elif state == "an opinion":
            office.engine.save_draft(
                next_row.item_id, actor=office.who("zhou"), answers={}, based_on=None, opinion="我看"
            )
        elif state == "signed":
            office.engine.complete(next_row.item_id, actor=office.who("zhou"), version=next_row.version)
        elif state in ("suspended", "terminated"):
            STATES[state][0](office, next_row)  # type: ignore[misc]
        if office.view(instance, "wang").state == "ended":
            expected = "withdraw.ended"
        assert code_of(lambda done=done: office.engine.withdraw(done, actor=wang)) == expected, state


def _tokens(office: Office, instance: int, element: str) -> list[int]:
    with office.engine.database.read() as unit:
        loaded = load_instance(office.engine.ports, unit, instance, "system", lock=False)
        return [token.id for token in loaded.execution.waiting() if token.element.id == element]
