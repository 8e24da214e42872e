"""Messages, signals, conditions and starts that can't be right are refused at their element, what is doubtful is told."""

import pytest

from engine.bpmn.checks import check_files
from engine.plugins import load_plugins
from tests.bpmn.test_checks import TIMER, WHO
from tests.runtime.drawing import draw

ROOTS = (
    '<bpmn:message id="m" name="M"><bpmn:extensionElements><zeebe:subscription correlationKey="=k"/>'
    '</bpmn:extensionElements></bpmn:message><bpmn:message id="bare"/><bpmn:message id="late" name="=word"/>'
    '<bpmn:signal id="g" name="G"/>'
)
M = '<bpmn:messageEventDefinition messageRef="m"/>'
BARE = '<bpmn:messageEventDefinition messageRef="bare"/>'
LATE = '<bpmn:messageEventDefinition messageRef="late"/>'
G = '<bpmn:signalEventDefinition signalRef="g"/>'
LINE = "startEvent s\nendEvent e\n"
PLUGINS = load_plugins(entry_points=False)


def found(source: str, properties: str = "", **others: bytes) -> set[tuple[str, str, str | None]]:
    """Check a process; return severity, code and element of each finding but those about unknown names."""
    files = {"p.bpmn": draw(source, roots=ROOTS, properties=properties), **others}
    (report,) = check_files(files, PLUGINS, targets=["p.bpmn"])
    for one in report.findings:
        assert one.message["zh"]
        assert one.message["en"]
    return {
        (f.severity[0], f.code, f.element) for f in report.findings if f.code != "expression.unknown_name"
    }


def caught(definition: str) -> str:
    return f"{LINE}intermediateCatchEvent x | {definition}\ns -> x -> e"


def thrown(definition: str, extra: str = "") -> str:
    inner = f"<bpmn:extensionElements>{extra}</bpmn:extensionElements>" if extra else ""
    return f"{LINE}intermediateThrowEvent x | {inner}{definition}\ns -> x -> e"


def test_what_is_awaited_must_have_a_name_and_should_have_a_key():
    assert found(caught(M)) == set()
    assert found(caught(G)) == set()
    assert found(caught(BARE)) == {("w", "message.no_key", "x")}
    assert found(caught("<bpmn:messageEventDefinition/>")) == {("e", "event.no_name", "x")}
    assert found(caught("<bpmn:signalEventDefinition/>")) == {("e", "event.no_name", "x")}
    assert found(caught('<bpmn:messageEventDefinition messageRef="none"/>')) == {
        ("e", "reference.unknown", "x")
    }
    assert found(caught("<bpmn:conditionalEventDefinition/>")) == {("e", "condition.empty", "x")}


def test_a_filter_of_a_condition_is_not_ignored():
    condition = (
        "<bpmn:conditionalEventDefinition><bpmn:extensionElements><zeebe:conditionalFilter variableNames='a'/>"
        "</bpmn:extensionElements><bpmn:condition>=a</bpmn:condition></bpmn:conditionalEventDefinition>"
    )
    assert found(caught(condition)) == {("e", "zeebe.unsupported", "x")}


def test_what_is_sent_needs_a_message_and_has_no_outputs():
    assert found(thrown(M)) == set()
    assert found(thrown(G)) == set()
    assert found(thrown("<bpmn:messageEventDefinition/>")) == {("e", "event.no_name", "x")}
    outputs = '<zeebe:ioMapping><zeebe:output source="=1" target="a"/></zeebe:ioMapping>'
    assert found(thrown(G, outputs)) == {("e", "mapping.nothing_comes", "x")}
    assert found(f"{LINE}sendTask x\ns -> x -> e") == {("e", "service.no_type", "x")}
    assert found(f"{LINE}sendTask x messageRef=m\ns -> x -> e") == set()


@pytest.mark.parametrize(("name", "value", "code"), [
    ("time-to-live", "P3D", None),
    ("time-to-live", "soon", "message.bad_time"),
    ("correlation-key", "=a +", "expression.syntax"),
    ("correlation-keys", "=a", "property.unknown"),
])  # fmt: skip
def test_the_properties_of_a_thrower(name, value, code):
    extra = f'<zeebe:properties><zeebe:property name="{name}" value="{value}"/></zeebe:properties>'
    assert {one[1] for one in found(thrown(M, extra))} == ({code} if code else set())


HOST = f"{LINE}userTask a | {WHO}\nuserTask b | {WHO}\ns -> a -> e\n"


@pytest.mark.parametrize("definition", [M, G])
def test_two_at_one_place_never_await_the_same(definition):
    one = f"boundaryEvent {{0}} attachedToRef=a | {definition}\n{{0}} -> b\n"
    assert ("e", "boundary.several", "y") in found(HOST + one.format("x") + one.format("y"))
    handler = (
        "subProcess {0} triggeredByEvent=true\n    startEvent {0}1 isInterrupting=false | "
        + definition
        + "\n    endEvent {0}2\n    {0}1 -> {0}2\n"
    )
    assert ("e", "boundary.several", "y1") in found(HOST + handler.format("x") + handler.format("y"))
    start = f"startEvent {{0}} | {definition}\n{{0}} -> b\n"
    assert ("e", "boundary.several", "y") in found(HOST + start.format("x") + start.format("y"))


def test_starts_are_known_before_there_are_variables():
    assert found(f"{LINE}startEvent x | {M}\nx -> e\ns -> e") == set()
    assert found(f"{LINE}startEvent x | {BARE}\nx -> e\ns -> e") == set(), "a start needs no key"
    assert found(f"{LINE}startEvent x | {LATE}\nx -> e\ns -> e") == {("e", "start.dynamic_name", "x")}
    assert found(f"startEvent s | {M}\nendEvent e\ns -> e") == set(), "no none start is needed beside it"
    assert found(f"startEvent s | {TIMER.format('timeCycle', 'R/P1D')}\nendEvent e\ns -> e") == set()


def test_a_sub_process_has_a_none_start():
    inner = f"{LINE}subProcess x\n    startEvent y | {M}\n    endEvent z\n    y -> z\ns -> x -> e"
    assert ("e", "event.unsupported", "y") in found(inner)


def test_two_starts_never_meet_at_a_join():
    source = f"startEvent s\nstartEvent x | {M}\nparallelGateway join\nendEvent e\ns -> join -> e\nx -> join"
    assert ("e", "sound.deadlock", "join") in found(source)


def test_a_called_process_has_a_none_start():
    called = draw(f"startEvent s | {M}\nendEvent e\ns -> e", process="q", roots=ROOTS)
    assert found(f"{LINE}callActivity x calledElement=q\ns -> x -> e", **{"q.bpmn": called}) == {
        ("e", "call.no_none_start", "x")
    }


def test_a_receive_task_does_not_start_a_process():
    assert ("e", "receive.instantiating", "x") in found(
        f"{LINE}receiveTask x messageRef=m instantiate=true\ns -> x -> e"
    )


RACE = f"{LINE}eventBasedGateway race\nreceiveTask x messageRef=m\ns -> race -> x -> e\n"


def test_receive_task_behind_a_gateway_stand_alone():
    timer = f"intermediateCatchEvent t | {TIMER.format('timeDuration', 'P1D')}\nrace -> t -> e\n"
    assert found(RACE + timer) == set()
    mixed = f"intermediateCatchEvent t | {BARE}\nrace -> t -> e\n"
    assert ("e", "gateway.receive_task", "x") in found(RACE + mixed)
    border = f"boundaryEvent y attachedToRef=x | {TIMER.format('timeDuration', 'P1D')}\ny -> e\n"
    assert ("e", "gateway.receive_task", "x") in found(RACE + timer + border)


def test_unique_keys_are_asked_for_by_true():
    for value, codes in (("true", set()), ("yes", {"property.value"})):
        properties = (
            f'<zeebe:properties><zeebe:property name="unique-key" value="{value}"/></zeebe:properties>'
        )
        assert {one[1] for one in found(f"{LINE}s -> e", properties)} == codes


def test_names_that_only_a_message_brings_are_not_unknown_in_its_mapping():
    mapping = '<zeebe:ioMapping><zeebe:output source="=brought" target="kept"/></zeebe:ioMapping>'
    inner = f"<bpmn:extensionElements>{mapping}</bpmn:extensionElements>"
    source = draw(
        f"{LINE}intermediateCatchEvent x | {inner}{M}\ns -> x -> e",
        roots=ROOTS,
        properties='<zeebe:properties><zeebe:property name="inputs" value="k"/></zeebe:properties>',
    )
    (report,) = check_files({"p.bpmn": source}, PLUGINS)
    assert report.findings == []
