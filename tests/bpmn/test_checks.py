"""Each finding, shown by the smallest file that has it; and that sound files have none."""

from __future__ import annotations

import pytest

from engine.bpmn.checks import check_files
from engine.plugins import handler, hookimpl, load_plugins
from tests.bpmn.test_reader import PROPERTY, properties
from tests.runtime.drawing import SCRIPT, again, draw, many

NOBODY = load_plugins(entry_points=False)
WHO = """<zeebe:assignmentDefinition candidateGroups='=[role("x", "y")]'/>"""
TIMER = "<bpmn:timerEventDefinition><bpmn:{0}>{1}</bpmn:{0}></bpmn:timerEventDefinition>"
LINE = f"startEvent s\nuserTask a | {WHO}\nendEvent e\ns -> a -> e\n"


def report(source: str | bytes, plugins=NOBODY, roots: str = "", require: bool = False, **others: bytes):
    xml = draw(source, roots=roots) if isinstance(source, str) else source
    files = {"p.bpmn": xml, **{name.replace("__", "."): content for name, content in others.items()}}
    return check_files(files, plugins, targets=["p.bpmn"], require=require)[0]


def found(source: str | bytes, **options) -> list[tuple[str, str, str | None]]:
    findings = report(source, **options).findings
    return [(finding.severity[0], finding.code, finding.element) for finding in findings]


def user(xml: str = "") -> str:
    return f"startEvent s\nuserTask a | {WHO}{xml}\nendEvent e\ns -> a -> e\n"


def test_a_sound_file_has_no_finding():
    assert found(LINE) == []
    assert report(LINE).verdict == "accepted"


CASES = [
    # the shape
    ("", "e", "process.empty", "p"),
    ("endEvent e", "e", "scope.no_start", "p"),
    ("startEvent s\nstartEvent t\nendEvent e\ns -> e\nt -> e", "e", "scope.several_starts", "p"),
    ("startEvent s\nsubProcess c\n    task x\nendEvent e\ns -> c -> e", "e", "scope.no_start", "c"),
    ("startEvent s\nendEvent e\ns -> e\ns -> nowhere", "e", "flow.no_target", "f2"),
    ("startEvent s\nendEvent e\ns -> e\nghost -> e", "e", "flow.no_source", "f2"),
    ("startEvent s\nsubProcess c\n    startEvent d\n    task x\n    d -> x\nendEvent e\ns -> c -> e\nx -> e", "e",
     "flow.crosses", "f3"),
    (LINE + "a -> s", "e", "flow.into", "s"),
    (LINE + "e -> a", "e", "flow.out_of", "e"),
    (LINE + "task lonely\nlonely -> e", "e", "element.unreachable", "lonely"),
    (LINE + "task x\ntask y\nx -> y -> x", "w", "element.unreachable", "x"),
    ("startEvent s\ntask a\ns -> a", "w", "flow.nowhere", "a"),
    ("startEvent s\nexclusiveGateway g\ns -> g", "e", "gateway.no_outgoing", "g"),
    (LINE + "boundaryEvent b attachedToRef=ghost | " + TIMER.format("timeDuration", "P1D") + "\nb -> e", "e",
     "boundary.unattached", "b"),
    ("startEvent s\ntask a\nendEvent e\ns -> a -> e\nboundaryEvent b attachedToRef=a | "
     + TIMER.format("timeDuration", "P1D") + "\nb -> e", "w", "boundary.never", "b"),
    # what repeats
    (LINE.replace("endEvent e", "endEvent e | " + again(maximum=2)), "e", "loop.misplaced", "e"),
    (LINE + "userTask x | " + many() + "\na -> x", "e", "loop.items", "x"),
    (LINE + "userTask x | " + many("=l", cardinality="3") + "\na -> x", "e", "loop.items", "x"),
    (LINE + "userTask x | " + many("", "item", cardinality="3") + "\na -> x", "e", "loop.no_collection", "x"),
    (LINE + "userTask x | " + many("l", output=("results", "")) + "\na -> x", "e", "loop.output", "x"),
    (LINE + "userTask x | " + again() + "\na -> x", "e", "loop.endless", "x"),
    (LINE + "userTask x | " + again(maximum=0) + "\na -> x", "e", "loop.maximum", "x"),
    (LINE + "userTask x | <bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>d</bpmn:loopDataInputRef>"
     "</bpmn:multiInstanceLoopCharacteristics>\na -> x", "e", "loop.data_reference", "x"),
    # gateways and conditions
    (LINE + "exclusiveGateway g\nendEvent z\nz2 -> z".replace("z2", "a").replace("a -> z", "a -> g") +
     "\ng -> z\ng -> e: x > 1", "e", "condition.missing", "f4"),
    ("startEvent s\nexclusiveGateway g\nendEvent e\nendEvent f\ns -> g\ng -> e: 1 > 2\ng -> f: 1 < 2", "w",
     "gateway.no_default", "g"),
    ("startEvent s\nuserTask a | " + WHO + "\nendEvent e\ns -> a\na -> e: 1 < 2", "e", "condition.lonely", "f2"),
    ("startEvent s\nparallelGateway g\nendEvent e\nendEvent f\ns -> g\ng -> e: 1 < 2\ng -> f", "e",
     "condition.misplaced", "f2"),
    (LINE + "endEvent f\na -> f", "w", "split.implicit", "a"),
    # tasks
    ("startEvent s\nuserTask a\nendEvent e\ns -> a -> e", "w", "task.unassigned", "a"),
    ("startEvent s\nserviceTask a\nendEvent e\ns -> a -> e", "e", "service.no_type", "a"),
    ('startEvent s\nserviceTask a | <bpmn:extensionElements><zeebe:taskDefinition type="x" retries="0"/>'
     "</bpmn:extensionElements>\nendEvent e\ns -> a -> e", "e", "service.bad_retries", "a"),
    ('startEvent s\nserviceTask a | <bpmn:extensionElements><zeebe:taskDefinition type="x"/><zeebe:properties>'
     '<zeebe:property name="retry-backoff" value="soon"/></zeebe:properties></bpmn:extensionElements>\n'
     "endEvent e\ns -> a -> e", "e", "service.bad_backoff", "a"),
    ("startEvent s\nserviceTask a | <zeebe:taskDefinition type='pay'/>\nendEvent e\ns -> a -> e", "i",
     "service.no_handler", "a"),
    ("startEvent s\nserviceTask a | <zeebe:taskDefinition type='=kind +'/>\nendEvent e\ns -> a -> e", "e",
     "expression.syntax", "a"),
    ("startEvent s\nscriptTask a\nendEvent e\ns -> a -> e", "e", "script.incomplete", "a"),
    ("startEvent s\nbusinessRuleTask a\nendEvent e\ns -> a -> e", "e", "decision.incomplete", "a"),
    ("startEvent s\nbusinessRuleTask a | <zeebe:calledDecision decisionId='d' resultVariable='r'/>\nendEvent e\n"
     "s -> a -> e", "w", "decision.missing", "a"),
    ("startEvent s\nbusinessRuleTask a | <zeebe:calledDecision decisionId='=d' resultVariable='r'/>\nendEvent e\n"
     "s -> a -> e", "e", "decision.dynamic", "a"),
    ("startEvent s\ncallActivity a\nendEvent e\ns -> a -> e", "e", "call.no_process", "a"),
    ("startEvent s\ncallActivity a | <zeebe:calledElement processId='q'/>\nendEvent e\ns -> a -> e", "w",
     "call.missing", "a"),
    ("startEvent s\ncallActivity a | <zeebe:calledElement processId='=q'/>\nendEvent e\ns -> a -> e", "e",
     "call.dynamic", "a"),
    ("startEvent s\ncallActivity a | <zeebe:calledElement processId='q' bindingType='versionTag'/>\nendEvent e\n"
     "s -> a -> e", "e", "binding.version_tag", "a"),
    (user("<zeebe:formDefinition formId='f'/>"), "w", "form.missing", "a"),
    (user("<zeebe:formDefinition formId='=f'/>"), "e", "form.dynamic", "a"),
    (user("<zeebe:formDefinition formKey='k'/>"), "e", "form.not_linked", "a"),
    (user(properties(outcomes="同意", rejects="退回")), "e", "outcome.unknown", "a"),
    (user(properties(without_form="同意")), "e", "outcome.unknown", "a"),
    (user(properties(separate_from="ghost")), "e", "separate.unknown", "a"),
    (user(properties(shows="ghost")), "w", "document.unknown", "a"),
    (user(properties(editable="some")), "e", "property.value", "a"),
    (user(properties(**{"return": "ghost"})), "e", "return.unknown", "a"),
    (user(properties(**{"return": "a"})), "e", "return.not_earlier", "a"),
    (user(properties(**{"return": "none, any"})), "e", "property.value", "a"),
    (user(properties(**{"return": "any", "return_mode": "jump"})), "e", "property.value", "a"),
    (user(properties(**{"return": "any", "return_across": "walls"})), "e", "property.value", "a"),
    (user(properties(return_mode="direct")), "e", "return.without", "a"),
    (f"startEvent s\nparallelGateway p\nuserTask a | {WHO}{properties(**{'return': 'b'})}\nuserTask b | {WHO}\n"
     "parallelGateway q\nendEvent e\ns -> p -> a -> q -> e\np -> b -> q", "e", "return.never", "a"),
    ("startEvent s\nserviceTask a | <zeebe:taskDefinition type='pay'/><zeebe:properties><zeebe:property "
     "name='irreversible' value='maybe'/></zeebe:properties>\nendEvent e\ns -> a -> e", "e", "property.value", "a"),
    (user(properties(on_empty="=ghost")), "w", "expression.unknown_name", "a"),
    (user(properties(signing="most")), "e", "property.value", "a"),
    (user(properties(signing="ratio 3/2")), "e", "property.value", "a"),
    (user(properties(signing="all", on_reject="later")), "e", "property.value", "a"),
    (user(properties(on_reject="at once")), "e", "signing.property", "a"),
    (user(properties(signing="any", lead="li")), "e", "signing.lead", "a"),
    (user(properties(signing="ratio 1/2", outcomes="同意")), "e", "signing.no_reject", "a"),
    (user(properties(signing="all", outcomes="同意,弃权", rejects="弃权")), "e", "signing.both", "a"),
    (user(properties(signing="all", editable="pinned")), "e", "signing.without", "a"),
    (user(properties(signing="=approvals + ghost")), "w", "expression.unknown_name", "a"),
    (user(properties(outcome="同意")), "w", "property.unknown", "a"),
    (user("<zeebe:executionListeners/>"), "e", "zeebe.unsupported", "a"),
    (user("<zeebe:ioMapping><zeebe:input source='=1'/></zeebe:ioMapping>"), "e", "mapping.no_target", "a"),
    (user("<zeebe:ioMapping><zeebe:output target='x'/></zeebe:ioMapping>"), "e", "mapping.no_source", "a"),
    # expressions
    (user("<zeebe:taskSchedule dueDate='=1 +'/>"), "e", "expression.syntax", "a"),
    (user("<zeebe:taskSchedule dueDate='${due}'/>"), "e", "expression.foreign", "a"),
    (user("<zeebe:taskSchedule dueDate='=ghost'/>"), "w", "expression.unknown_name", "a"),
    # events
    ("startEvent s\nintermediateCatchEvent t | " + TIMER.format("timeDuration", "5 days") + "\nendEvent e\ns -> t -> e",
     "e", "timer.invalid", "t"),
    ("startEvent s\nintermediateCatchEvent t | <bpmn:timerEventDefinition/>\nendEvent e\ns -> t -> e", "e",
     "timer.incomplete", "t"),
    ("startEvent s\nintermediateCatchEvent t | " + TIMER.format("timeCycle", "R3/P1D") + "\nendEvent e\ns -> t -> e",
     "e", "timer.cycle_misplaced", "t"),
    ("startEvent s\nintermediateCatchEvent t\nendEvent e\ns -> t -> e", "e", "event.needs_definition", "t"),
    ("startEvent s\nintermediateThrowEvent t | <bpmn:linkEventDefinition name='x'/>\ns -> t", "e", "link.no_target",
     "t"),
    ("startEvent s\nintermediateThrowEvent t | <bpmn:linkEventDefinition/>\ns -> t", "e", "link.no_name", "t"),
    ("startEvent s\nendEvent e | <bpmn:errorEventDefinition errorRef='ghost'/>\ns -> e", "e", "reference.unknown", "e"),
    ("startEvent s\nendEvent e | <bpmn:errorEventDefinition/>\ns -> e", "e", "throw.no_code", "e"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "severity", "code", "element"), CASES)
def test_a_finding_names_its_element(source, severity, code, element):
    assert (severity, code, element) in found(source)
    assert report(source).verdict == ("refused" if severity == "e" else report(source).verdict)


ERRORS = '<bpmn:error id="x" errorCode="X"/>'
CATCH = "<bpmn:errorEventDefinition errorRef='x'/>"
HOST = "startEvent s\nserviceTask a | <zeebe:taskDefinition type='pay'/>\nendEvent e\ns -> a -> e\n"


def test_error_events_are_judged_with_what_catches_them():
    thrown = f"startEvent s\nendEvent e | {CATCH}\ns -> e"
    assert ("w", "error.uncaught", "e") in found(thrown, roots=ERRORS)
    twice = (
        HOST
        + f"boundaryEvent b attachedToRef=a | {CATCH}\nboundaryEvent c attachedToRef=a | {CATCH}\nb -> e\nc -> e"
    )
    assert ("e", "boundary.several", "c") in found(twice, roots=ERRORS)
    softly = HOST + f"boundaryEvent b attachedToRef=a cancelActivity=false | {CATCH}\nb -> e"
    assert ("e", "catch.non_interrupting", "b") in found(softly, roots=ERRORS)
    dynamic = HOST + f"boundaryEvent b attachedToRef=a | {CATCH}\nb -> e"
    assert ("e", "catch.dynamic_code", "b") in found(dynamic, roots='<bpmn:error id="x" errorCode="=code"/>')


CALLER = (
    '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q1"/><bpmn:subProcess id="q2">'
    '<bpmn:startEvent id="q3"/><bpmn:callActivity id="q4" calledElement="p"/>'
    '<bpmn:sequenceFlow id="q5" sourceRef="q3" targetRef="q4"/></bpmn:subProcess><bpmn:endEvent id="q6"/>'
    '<bpmn:boundaryEvent id="q7" attachedToRef="{}">{}</bpmn:boundaryEvent>'
    '<bpmn:sequenceFlow id="q8" sourceRef="q1" targetRef="q2"/>'
    '<bpmn:sequenceFlow id="q9" sourceRef="q7" targetRef="q6"/></bpmn:process>'
)


@pytest.mark.parametrize(("at", "code", "caught"), [("q4", "x", True), ("q2", "x", True), ("q2", "y", False)])
def test_an_error_that_a_caller_catches_is_not_said_to_be_uncaught(at: str, code: str, caught: bool):
    thrown = f"startEvent s\nendEvent e | {CATCH}\ns -> e"
    roots = ERRORS + '<bpmn:error id="y" errorCode="Y"/>'
    roots += CALLER.format(at, f"<bpmn:errorEventDefinition errorRef='{code}'/>")
    assert (("w", "error.uncaught", "e") in found(thrown, roots=roots)) != caught


LINKS = "startEvent s\nintermediateThrowEvent t | {0}\nintermediateCatchEvent c | {0}\n"


def test_a_link_has_one_target():
    link = "<bpmn:linkEventDefinition name='x'/>"
    source = LINKS.format(link) + f"intermediateCatchEvent d | {link}\nendEvent e\ns -> t\nc -> e\nd -> e"
    assert ("e", "link.several_targets", "d") in found(source)


@pytest.mark.parametrize(
    ("tag", "inner"),
    [
        ("complexGateway", ""),
        ("adHocSubProcess", ""),
        ("intermediateThrowEvent", "<bpmn:compensateEventDefinition/>"),
        ("intermediateCatchEvent", "<bpmn:timerEventDefinition/><bpmn:signalEventDefinition/>"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name_at_the_element(tag, inner):
    findings = report(f"startEvent s\n{tag} x | {inner}\ns -> x").findings
    refusals = [f for f in findings if f.code.endswith(".unsupported") and f.element == "x"]
    assert len(refusals) == 1
    assert refusals[0].blocks
    assert refusals[0].message["zh"] != refusals[0].message["en"]
    assert refusals[0].remedy["zh"]
    assert refusals[0].line == 1


def test_a_process_is_not_started_by_a_condition():
    condition = "<bpmn:conditionalEventDefinition><bpmn:condition>=x</bpmn:condition></bpmn:conditionalEventDefinition>"
    findings = report(f"startEvent s | {condition}\nendEvent e\ns -> e").findings
    (refusal,) = [f for f in findings if f.code == "event.unsupported"]
    assert "条件事件" in refusal.message["zh"]


def test_a_compensation_activity_and_other_event_sub_processes_are_refused():
    activity = "startEvent s\ntask a isForCompensation=true\ns -> a"
    assert ("e", "compensation.unsupported", "a") in found(activity)
    handler = LINE + "subProcess x triggeredByEvent=true\n    startEvent y | {}\n    endEvent z\n    y -> z"
    assert ("e", "compensation.unsupported", "y") in found(
        handler.format("<bpmn:compensateEventDefinition/>")
    )
    assert ("e", "event.needs_definition", "y") in found(handler.format(""))
    assert found(handler.format(TIMER.format("timeDuration", "P1D"))) == []


def test_an_event_sub_process_has_one_start_event_and_no_flows():
    empty = LINE + "subProcess x triggeredByEvent=true\n    endEvent z"
    assert ("e", "scope.one_trigger", "x") in found(empty)
    flowing = (
        LINE
        + "subProcess x triggeredByEvent=true\n    startEvent y | "
        + TIMER.format("timeDuration", "P1D")
        + "\na -> x\nx -> e"
    )
    assert {("e", "flow.into", "x"), ("e", "flow.out_of", "x")} <= set(found(flowing))


def test_a_cancel_event_needs_a_transaction():
    cancel = "<bpmn:cancelEventDefinition/>"
    assert ("e", "cancel.uncaught", "e") in found(f"startEvent s\nendEvent e | {cancel}\ns -> e")
    wrong = HOST + f"boundaryEvent b attachedToRef=a | {cancel}\nb -> e"
    assert ("e", "cancel.misplaced", "b") in found(wrong)


def test_an_event_based_gateway_is_followed_by_several_catch_events():
    timer = TIMER.format("timeDuration", "P1D")
    source = f"startEvent s\neventBasedGateway g\nintermediateCatchEvent t | {timer}\nendEvent e\ns -> g -> t -> e\n"
    assert ("e", "gateway.one_event", "g") in found(source)
    assert ("e", "gateway.event_target", "e") in found(source + "g -> e")
    assert ("e", "condition.misplaced", "f4") in found(source + "g -> e: 1 < 2")
    many = source.replace("eventBasedGateway g", "eventBasedGateway g instantiate=true")
    assert ("e", "gateway.instantiating", "g") in found(many)


def test_an_escalation_that_nothing_catches_is_mentioned():
    escalation = "<bpmn:escalationEventDefinition escalationRef='x'/>"
    roots = '<bpmn:escalation id="x" escalationCode="X"/>'
    source = f"startEvent s\nendEvent e | {escalation}\ns -> e"
    assert ("i", "escalation.uncaught", "e") in found(source, roots=roots)


def test_ids_must_be_unique_and_present():
    twice = draw(LINE).replace(b"</bpmn:process>", b'<bpmn:task id="a"/></bpmn:process>')
    assert ("e", "id.twice", "a") in found(twice)
    nameless = draw(LINE).replace(b"</bpmn:process>", b"<bpmn:task/></bpmn:process>")
    assert ("e", "element.no_id", None) in found(nameless)
    assert ("e", "element.no_id", None) in found(
        draw(LINE).replace(b'<bpmn:sequenceFlow id="f2"', b"<bpmn:sequenceFlow")
    )
    assert ("e", "process.no_id", None) in found(
        draw(LINE).replace(b'<bpmn:process id="p"', b"<bpmn:process")
    )


@pytest.mark.parametrize("tag", ['bpmn:fooTask id="x"', 'foo:userTask id="x" xmlns:foo="urn:foo"'])
def test_an_unknown_element_is_refused(tag):
    source = draw(LINE).replace(b"</bpmn:process>", f"<{tag}/></bpmn:process>".encode())
    assert ("e", "element.unknown", "x") in found(source)


def test_default_flows_must_leave_the_element_and_have_no_condition():
    gateway = (
        "startEvent s\nexclusiveGateway g\nendEvent e\nendEvent f\ns -> g\ng -> e: 1 > 2\ng -> f: default"
    )
    assert ("e", "default.unknown", "g") in found(draw(gateway).replace(b'default="f3"', b'default="f1"'))
    assert ("e", "condition.on_default", "f2") in found(
        draw(gateway).replace(b'default="f3"', b'default="f2"')
    )
    parallel = gateway.replace("exclusive", "parallel").replace(": 1 > 2", "")
    assert ("e", "default.misplaced", "g") in found(parallel)


def test_a_condition_must_be_feel():
    text = b"<bpmn:conditionExpression>${x &gt; 1}</bpmn:conditionExpression>"
    source = draw(
        "startEvent s\nexclusiveGateway g\nendEvent e\nendEvent f\ns -> g\ng -> e: 1 > 2\ng -> f: default"
    )
    source = source.replace(b"<bpmn:conditionExpression>=1 &gt; 2</bpmn:conditionExpression>", text)
    assert ("e", "condition.not_feel", "f2") in found(source)


def test_the_extensions_of_another_engine_are_refused_by_name():
    space = b'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:class="java.Pay" id="a"'
    source = draw("startEvent s\nserviceTask a | <zeebe:taskDefinition type='pay'/>\nendEvent e\ns -> a -> e")
    findings = report(source.replace(b'serviceTask id="a"', b"serviceTask " + space)).findings
    (lost,) = [finding for finding in findings if finding.code == "vendor.lost"]
    assert "camunda:class" in lost.message["zh"]
    assert lost.element == "a"


def test_an_unknown_name_is_an_error_where_the_process_declares_its_inputs():
    due = "<zeebe:taskSchedule dueDate='=deadline'/>"
    declared = draw(
        user(due), properties=f"<zeebe:properties>{PROPERTY.format('inputs', 'project')}</zeebe:properties>"
    )
    assert ("e", "expression.unknown_name", "a") in found(declared)
    known = draw(
        user(due), properties=f"<zeebe:properties>{PROPERTY.format('inputs', 'deadline')}</zeebe:properties>"
    )
    assert found(known) == []


def test_names_come_from_mappings_results_documents_forms_and_plugins():
    class Plugin:
        @hookimpl
        def bihuan_form_fields(self, form_id):
            return ["amount"] if form_id == "f" else []

        @hookimpl
        def bihuan_feel_functions(self):
            return {"grade of": lambda score: score}

        @hookimpl
        def bihuan_handlers(self):
            return [handler("pay")(print)]

    plugins = load_plugins(Plugin(), entry_points=False)
    output = '<zeebe:ioMapping><zeebe:output source="=anything" target="paid"/></zeebe:ioMapping>'
    source = draw(
        f"""
        startEvent s
        userTask a | {WHO}<zeebe:formDefinition formId="f"/>
        userTask b | {WHO}{properties(document="goal")}
        scriptTask c | {SCRIPT.format("amount + goal.total", "sum")}
        serviceTask d | <zeebe:taskDefinition type="pay"/>{output}
        exclusiveGateway g
        endEvent e
        endEvent f
        s -> a -> b -> c -> d -> g
        g -> e: grade of(sum) > 1 and paid and outcome = "ok" and initiator != actor
        g -> f: default
        """,
        properties=properties(inputs="project"),
    )
    form = b'{"id": "f", "components": []}'
    assert found(source, plugins=plugins, f__form=form, require=True) == []


def test_what_belongs_to_a_deployment_must_be_there():
    source = user("<zeebe:formDefinition formId='f'/>")
    assert ("e", "form.missing", "a") in found(source, require=True)
    assert found(source, require=True, f__form=b'{"id": "f"}') == []
    call = "startEvent s\ncallActivity a | <zeebe:calledElement processId='q'/>\nendEvent e\ns -> a -> e"
    assert ("e", "call.missing", "a") in found(call, require=True)
    assert found(call, require=True, q__bpmn=draw(LINE, process="q")) == []


DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="routing" name="routing"><literalExpression><text>1 + 1</text></literalExpression></decision>
</definitions>"""


def test_a_decision_is_found_among_the_files():
    call = "<zeebe:calledDecision decisionId='routing' resultVariable='r'/>"
    source = f"startEvent s\nbusinessRuleTask a | {call}\nendEvent e\ns -> a -> e"
    assert ("e", "decision.missing", "a") in found(source, require=True)
    assert found(source, require=True, d__dmn=DECISION) == []
    (broken,) = check_files({"d.dmn": DECISION.replace(b"</decision>", b"")}, NOBODY)
    assert (broken.kind, broken.verdict) == ("dmn", "refused")


def test_two_files_must_not_define_the_same_process_or_form():
    reports = check_files(
        {"a.bpmn": draw(LINE), "b.bpmn": draw(LINE), "a.form": b'{"id":"f"}', "b.form": b'{"id":"f"}'}, NOBODY
    )
    assert [(r.file, [f.code for f in r.findings]) for r in reports] == [
        ("a.bpmn", []), ("b.bpmn", ["process.twice"]), ("a.form", []), ("b.form", ["form.twice"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.form", b"{", "file.unreadable"),
        ("x.form", b"[" * 100_000, "file.unreadable"),
        ("x.form", b"{}", "form.no_id"),
        ("x.form", b" " * 11_000_000, "file.too_large"),
        ("x.exe", b"", "file.unknown_kind"),
        ("x.bpmn", b"", "file.empty"),
    ],
)
def test_other_files_are_judged_too(name, content, code):
    (found_report,) = check_files({name: content}, NOBODY)
    assert [finding.code for finding in found_report.findings] == [code]
    assert found_report.verdict == "refused"


def test_the_sentences_name_the_place_in_their_own_language():
    due = "<zeebe:taskSchedule dueDate='=deadline'/>"
    (unknown,) = [f for f in report(user(due)).findings if f.code == "expression.unknown_name"]
    assert (
        unknown.message["zh"] == "用户任务“a”的办理期限用到了“deadline”（第 1 行第 1 列），流程里没有这个名字"
    )
    assert unknown.message["en"].startswith("due date at user task “a” uses “deadline”")


def test_the_report_has_the_shape_of_the_contract():
    shape = report("startEvent s\nscriptTask a\nendEvent e\ns -> a -> e").as_json("zh")
    assert list(shape) == ["file", "kind", "verdict", "seconds", "findings"]
    assert shape["findings"] == [
        {
            "severity": "error",
            "code": "script.incomplete",
            "element": "a",
            "line": 1,
            "column": shape["findings"][0]["column"],
            "message": "脚本任务“a”没有 FEEL 表达式或结果变量",
            "remedy": "写上 zeebe:script 的 expression 和 resultVariable",
            "path": [],
        }
    ]


def test_a_decision_table_whose_rules_overlap_under_unique_is_refused_with_an_example():
    rule = "<rule><inputEntry><text>{}</text></inputEntry><outputEntry><text>{}</text></outputEntry></rule>"
    table = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" namespace="t" id="m">'
        '<inputData id="i" name="score"><variable name="score" typeRef="number"/></inputData>'
        '<decision id="d" name="d"><informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<decisionTable hitPolicy="UNIQUE"><input><inputExpression typeRef="number"><text>score</text>'
        '</inputExpression></input><output name="grade"/>'
        + rule.format("&gt;= 80", "1")
        + rule.format("&lt;= 80", "2")
        + "</decisionTable></decision></definitions>"
    )
    (report,) = check_files({"grade.dmn": table.encode()}, load_plugins())
    assert report.verdict == "refused"
    (found,) = [found for found in report.findings if found.blocks]
    assert found.code == "dmn.overlap"
    assert "80" in found.message["zh"]
