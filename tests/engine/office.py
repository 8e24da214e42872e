"""A small office for the engine's tests: two clerks, two chiefs, a member of staff, an administrator; steps in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.identity import Organisation
from tests.runtime.drawing import draw

if TYPE_CHECKING:
    from engine import Actor, Engine, InboxRow

PEOPLE = {
    "li": ("李", "clerk", "U1"),
    "liu": ("刘", "clerk", "U1"),
    "sun": ("孙", "clerk", "U2"),
    "wang": ("王", "chief", "S1"),
    "zhou": ("周", "chief", "S1"),
    "qian": ("钱", "staff", "S1"),
    "root": ("管理员", "admin", "SYSTEM"),
    "wu": ("吴", "operator", "SYSTEM"),
    "zheng": ("郑", "operator", "SYSTEM"),
    "hu": ("胡", "designer", "SYSTEM"),
    "he": ("何", "designer", "SYSTEM"),
}
CLERKS = '<zeebe:assignmentDefinition candidateGroups="=role(&quot;clerk&quot;, &quot;U1&quot;)"/>'
CHIEFS = '<zeebe:assignmentDefinition candidateGroups="=role(&quot;chief&quot;, &quot;S1&quot;)"/>'


def properties(**values: str) -> str:
    """Return ``zeebe:properties``; an underscore in a name is a dash, quotes are for the caller."""
    inner = "".join(
        f'<zeebe:property name="{name.replace("_", "-")}" value="{value}"/>' for name, value in values.items()
    )
    return f"<zeebe:properties>{inner}</zeebe:properties>" if inner else ""


def task(id: str, who: str = CLERKS, extra: str = "", **values: str) -> str:
    """Return a user task's line for :func:`draw`."""
    inner = f"<zeebe:userTask/>{who}{extra}{properties(**values)}"
    return f"userTask {id} | <bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def service(id: str, type: str, extra: str = "") -> str:
    """Return a service task's line for :func:`draw`."""
    inner = f'<zeebe:taskDefinition type="{type}"/>{extra}'
    return f"serviceTask {id} | <bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def process(*lines: str, id: str = "p", roots: str = "", **values: str) -> bytes:
    """Return a BPMN file: elements and flows in the notation of :mod:`tests.runtime.drawing`."""
    return draw("\n".join(("startEvent s", "endEvent e", *lines)), id, roots, properties=properties(**values))


FILL_AND_REVIEW = process(
    task("fill", outcomes="提交"),
    task("review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正"),
    "exclusiveGateway gate",
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回补正"',
    "gate -> e: default",
    subject="=title",
    inputs="title",
)


@dataclass
class Office:
    """An engine with its people, and short ways to do what a test is not about."""

    engine: Engine

    @classmethod
    def open(cls, engine: Engine) -> Office:
        """Fill an empty county."""
        codes = sorted({org for _, _, org in PEOPLE.values()})
        engine.people.add_orgs([Organisation(code, f"机构{code}", "", None) for code in codes])
        for person, (name, role, org) in PEOPLE.items():
            engine.people.create_person(person, name)
            engine.people.add_post(person, role, org)
        return cls(engine)

    def who(self, person: str) -> Actor:
        return self.engine.actor(person)

    def run(self, source: bytes, variables: Mapping[str, Any] | None = None, **files: bytes) -> int:
        """Deploy a process, start it and return the instance."""
        named = {name.replace("_", "."): content for name, content in files.items()}
        self.engine.deploy({"p.bpmn": source, **named}, actor="user:root")
        given = {"title": "路灯改造"} if variables is None else variables
        return self.engine.start("p", actor=self.who("li"), variables=given).instance_id

    def rows(self, person: str) -> list[InboxRow]:
        return self.engine.inbox(self.who(person)).rows

    def row(self, person: str) -> InboxRow:
        """Return the only item that waits for a person."""
        (row,) = self.rows(person)
        return row

    def do(self, person: str, outcome: str | None = None, **more: Any) -> Any:
        """Complete the only item that waits for a person."""
        row = self.row(person)
        return self.engine.complete(
            row.item_id, actor=self.who(person), version=row.version, outcome=outcome, **more
        )

    def view(self, instance: int, person: str = "li") -> Any:
        return self.engine.instance(instance, self.who(person))

    def sound(self) -> None:
        """Assert that the data are sound, and the history whole."""
        assert self.engine.doctor() == []
        assert self.engine.verify_history() == []
