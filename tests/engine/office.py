"""A small office for the engine's own tests: a process drawn here, three people, no budget word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.identity import Organisation

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.tasks.views import TaskView

CLERKS = "role:clerk@A"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test" id="d">'
    '<bpmn:process id="letter" name="来文办理" isExecutable="true"><bpmn:extensionElements><zeebe:properties>'
    '<zeebe:property name="subject" value="=title" /><zeebe:property name="inputs" value="title" />'
    "</zeebe:properties></bpmn:extensionElements>"
)


def user_task(
    name: str, *, due: str | None = None, outcomes: str = "办结,退回补正", **properties: str
) -> str:
    """Return a user task that every clerk may do."""
    schedule = f'<zeebe:taskSchedule dueDate="{due}" />' if due else ""
    more = "".join(
        f'<zeebe:property name="{key.replace("_", "-")}" value="{value}" />'
        for key, value in {"outcomes": outcomes, **properties}.items()
    )
    return (
        f'<bpmn:userTask id="{name}" name="{name}"><bpmn:extensionElements><zeebe:userTask />'
        f'<zeebe:assignmentDefinition candidateGroups="{CLERKS}" />{schedule}'
        f"<zeebe:properties>{more}</zeebe:properties></bpmn:extensionElements></bpmn:userTask>"
    )


def process(body: str, *flows: str) -> bytes:
    """Return a file with ``body`` between its elements; a flow is ``from -> to`` or ``from -> to: FEEL``."""
    drawn = []
    for number, flow in enumerate(flows, 1):
        ends, _, condition = flow.partition(":")
        source, target = (end.strip() for end in ends.split("->"))
        inner = (
            f"<bpmn:conditionExpression>={condition.strip()}</bpmn:conditionExpression>" if condition else ""
        )
        drawn.append(
            f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}'
            "</bpmn:sequenceFlow>"
        )
    start = '<bpmn:startEvent id="start" /><bpmn:endEvent id="end" />'
    return f"{_HEAD}{start}{body}{''.join(drawn)}</bpmn:process></bpmn:definitions>".encode()


#: Two steps one after the other.
TWO_STEPS = process(
    user_task("draft") + user_task("check"), "start -> draft", "draft -> check", "check -> end"
)


def open_office(engine: Engine, source: bytes = TWO_STEPS) -> int:
    """Fill the county with an organisation, people and ``source``; return the id of a started instance."""
    engine.people.add_orgs(
        [Organisation("A", "办公室", "section", None), Organisation("B", "档案室", "section", None)]
    )
    for person, name, org in (("li", "李经办", "A"), ("wang", "王经办", "A"), ("sun", "孙经办", "B")):
        engine.people.create_person(person, name)
        engine.people.add_post(person, "clerk", org)
    engine.deploy({"letter.bpmn": source}, actor="system")
    return engine.start("letter", actor="system", variables={"title": "关于报送材料的通知"}).instance_id


def task(engine: Engine, instance: int, person: str = "li") -> TaskView:
    """Return the only open task of the instance as ``person`` sees it."""
    (holder,) = engine.instance(instance, engine.actor(person)).holders
    return engine.task(holder.item_id, engine.actor(person))


def finish(engine: Engine, instance: int, person: str = "li", outcome: str = "办结", **more: Any) -> Any:
    """Complete the only open task of the instance."""
    view = task(engine, instance, person)
    return engine.complete(
        view.item_id, actor=engine.actor(person), version=view.version, outcome=outcome, **more
    )
