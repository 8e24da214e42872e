"""Deadlocks and endless ways, each with a way that leads there."""

import pytest

from tests.bpmn.test_checks import TIMER, WHO, report

TASK = f"userTask {{}} | {WHO}"


def tasks(*names: str) -> str:
    return "\n".join(TASK.format(name) for name in names)


def sound(source: str) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    findings = report(source).findings
    assert [f for f in findings if f.blocks and not f.code.startswith("sound.")] == []
    return [(f.severity[0], f.code, f.element, f.path) for f in findings if f.code.startswith("sound.")]


XOR_AND = f"""
startEvent start
exclusiveGateway choice
{tasks("a", "b")}
parallelGateway join
endEvent end
start -> choice
choice -> a: x
choice -> b: default
a -> join -> end
b -> join
"""


def test_an_exclusive_split_into_a_parallel_join_is_a_deadlock():
    assert sound(XOR_AND) == [("e", "sound.deadlock", "join", ("start", "choice", "a", "join"))]
    assert report(XOR_AND).verdict == "refused"
    assert "“join”" in report(XOR_AND).findings[0].message["zh"]


@pytest.mark.parametrize(
    ("split", "join"),
    [("parallel", "parallel"), ("exclusive", "exclusive"), ("parallel", "inclusive"), ("exclusive", "inclusive"),
     ("inclusive", "inclusive")],
)  # fmt: skip
def test_blocks_that_fit_are_sound(split, join):
    source = XOR_AND.replace("parallelGateway join", f"{join}Gateway join").replace("exclusive", split)
    if split == "parallel":
        source = source.replace(": x", "").replace(": default", "")
    assert sound(source) == []


def test_a_way_that_always_deadlocks_is_an_error_though_another_ends():
    source = XOR_AND + f"{tasks('c')}\nchoice -> c: y\nc -> end"
    assert [found[:3] for found in sound(source)] == [("e", "sound.deadlock", "join")]


def test_a_deadlock_that_depends_on_the_data_is_a_warning():
    source = """
    startEvent start
    parallelGateway fork
    exclusiveGateway one
    exclusiveGateway two
    parallelGateway left
    parallelGateway right
    endEvent end
    start -> fork -> one
    fork -> two
    one -> left: x
    one -> right: default
    two -> left: x
    two -> right: default
    left -> end
    right -> end
    """
    assert {found[:2] for found in sound(source)} == {("w", "sound.deadlock")}


def test_an_interrupted_branch_starves_the_join():
    source = f"""
    startEvent start
    parallelGateway fork
    {tasks("a").strip()}
    {tasks("b").strip()}
    parallelGateway join
    endEvent end
    endEvent expired
    boundaryEvent late attachedToRef=a | {TIMER.format("timeDuration", "P1D")}
    start -> fork -> a -> join -> end
    fork -> b -> join
    late -> expired
    """
    assert [found[:3] for found in sound(source)] == [("e", "sound.deadlock", "join")]
    terminated = source.replace("endEvent expired", "endEvent expired | <bpmn:terminateEventDefinition/>")
    assert sound(terminated) == []


def test_a_circle_without_a_way_out_is_mentioned():
    source = f"startEvent start\nexclusiveGateway again\n{tasks('a')}\nstart -> again -> a -> again"
    assert sound(source) == [("w", "sound.no_end", "p", ())]


REMINDERS = f"""
startEvent start
parallelGateway fork
{tasks("work", "remind")}
exclusiveGateway again
intermediateCatchEvent later | {TIMER.format("timeDuration", "P1D")}
endEvent done{{}}
start -> fork -> work -> done
fork -> again -> later -> remind -> again
"""


def test_a_circle_beside_which_something_ends_the_process_is_sound():
    terminates = REMINDERS.format(" | <bpmn:terminateEventDefinition/>")
    assert sound(terminates) == []
    assert [found[:3] for found in sound(REMINDERS.format(""))] == [("w", "sound.no_end", "p")]


@pytest.mark.parametrize("interrupting", ["true", "false"])
def test_a_circle_that_an_event_ends_is_sound(interrupting: str):
    inside = "\n".join("    " + line for line in REMINDERS.format("").strip().splitlines())
    limit = f"boundaryEvent limit attachedToRef=sub cancelActivity={interrupting}"
    source = f"""
startEvent s
subProcess sub
{inside}
{limit} | {TIMER.format("timeDuration", "P9D")}
endEvent e
endEvent f
s -> sub -> e
limit -> f
"""
    expected = [] if interrupting == "true" else [("w", "sound.no_end", "sub")]
    assert [found[:3] for found in sound(source)] == expected


def test_rework_loops_are_sound():
    source = f"""
    startEvent start
    exclusiveGateway again
    {tasks("a").strip()}
    exclusiveGateway good
    endEvent end
    start -> again -> a -> good
    good -> again: x
    good -> end: default
    """
    assert sound(source) == []


def test_a_deadlock_inside_a_sub_process_is_found():
    inside = "\n".join("    " + line for line in XOR_AND.strip().splitlines())
    source = f"startEvent s\nsubProcess sub\n{inside}\nendEvent e\ns -> sub -> e"
    assert [found[:3] for found in sound(source)] == [("e", "sound.deadlock", "join")]


def test_many_parallel_decisions_are_judged_quickly_or_the_bound_is_told():
    branches = "\n".join(
        f"exclusiveGateway x{n}\nexclusiveGateway y{n}\n{tasks(f'a{n}', f'b{n}')}\nfork -> x{n}\n"
        f"x{n} -> a{n}: v\nx{n} -> b{n}: default\na{n} -> y{n} -> join\nb{n} -> y{n}"
        for n in range(60)
    )
    source = f"startEvent s\nparallelGateway fork\nparallelGateway join\nendEvent e\n{branches}\ns -> fork\njoin -> e"
    found = sound(source)
    assert [entry[:2] for entry in found] in ([], [("i", "sound.bound")])


def test_tokens_that_multiply_are_judged_with_care():
    source = f"""
    startEvent s
    exclusiveGateway again
    parallelGateway fork
    {tasks("a").strip()}
    exclusiveGateway more
    parallelGateway join
    endEvent e
    s -> again -> fork -> a -> more
    fork -> join -> e
    more -> again: x
    more -> join: default
    """
    assert all(found[0] != "e" for found in sound(source))
