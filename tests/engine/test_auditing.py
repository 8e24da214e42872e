"""Administrators and auditors touch no business: what auditors read is within their scope, their days, and noted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine import BihuanError, Forbidden, NotFound, Refused
from engine.admin.logs import LogQuery
from tests.conftest import MORNING
from tests.engine.office import CHIEFS, Office, process, task

if TYPE_CHECKING:
    from engine import Actor, SteppedClock

UNITS = process(
    task("fill", outcomes="提交", document="goal", audience="=[org(&quot;U1&quot;)]"),
    task("review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正"),
    "s -> fill -> review -> e",
    subject="=title",
    unit="=unit",
    inputs="title,unit",
)


@pytest.fixture
def root(office: Office) -> Actor:
    office.engine.people.create_person("shen", "审计组")
    office.engine.people.create_person("ji", "纪")
    return office.who("root")


def audit(office: Office, **narrowed: Any) -> int:
    """Make ``shen`` an auditor for a week."""
    given = {"first": None, "last": date(2026, 3, 9), **narrowed}
    return office.engine.admin.create_audit("shen", "SYSTEM", "审计通知书", actor=office.who("root"), **given)


def case(office: Office, unit: str = "机构U1") -> int:
    return office.run(UNITS, {"title": f"{unit}的路灯", "unit": unit})


@pytest.mark.usefixtures("root")
def test_an_auditor_reads_what_the_scope_names_and_nothing_else(office: Office) -> None:
    inside = case(office)
    outside = office.engine.start(
        "p", actor=office.who("li"), variables={"title": "别处", "unit": "机构U2"}
    ).instance_id
    audit(office, units=["U1"], years=[2026], processes=["p"])
    shen = office.who("shen")
    assert office.engine.instance(inside, shen).subject == "机构U1的路灯"
    assert [row.id for row in office.engine.audit_cases(shen).rows] == [inside]
    assert [row.id for row in office.engine.audit_cases(shen, text="别处").rows] == []
    with pytest.raises(NotFound):
        office.engine.instance(outside, shen)
    with pytest.raises(Forbidden):
        office.engine.audit_cases(office.who("li"))


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("narrowed", [{"units": ["U2"]}, {"years": [2025]}, {"processes": ["other"]}])
def test_each_part_of_a_scope_keeps_out(office: Office, narrowed: dict[str, Any]) -> None:
    outside = case(office)
    audit(office, **narrowed)
    with pytest.raises(NotFound):
        office.engine.instance(outside, office.who("shen"))
    with pytest.raises(NotFound):
        office.engine.document_versions(outside, office.who("shen"))


def test_a_document_for_certain_readers_is_the_auditors_too_and_each_reading_is_noted(
    office: Office, root: Actor
) -> None:
    instance = case(office)
    office.do("li", "提交", answers={"total": 1})
    audit(office)
    shen = office.who("shen")
    view = office.engine.instance(instance, shen)
    assert [one.name for one in view.documents] == ["goal"]
    office.engine.instance(instance, shen)
    (version,) = office.engine.document_versions(instance, shen)
    office.engine.document_version(instance, version.id, shen)
    found = office.engine.admin.reads(root, LogQuery(person="shen")).rows
    assert [(row.what, row.why) for row in found] == [
        ("document", "audit"),
        ("case", "audit"),
        ("case", "audit"),
    ]


def test_reading_a_document_for_certain_readers_is_noted_once_an_hour(
    office: Office, root: Actor, clock: SteppedClock
) -> None:
    instance = case(office)
    office.do("li", "提交", answers={"total": 1})
    admin = office.engine.admin

    def noted() -> list[tuple[str, str]]:
        return [(row.person, row.why) for row in admin.reads(root).rows]

    office.engine.instance(instance, office.who("li"))
    office.engine.instance(instance, office.who("li"))
    assert noted() == [("li", "audience")]
    clock.advance(timedelta(hours=2))
    office.engine.instance(instance, office.who("li"))
    assert noted() == [("li", "audience")] * 2
    admin.change_setting("sensitive", {"secret": "1"}, actor=root)
    clock.advance(timedelta(hours=2))
    office.engine.instance(instance, office.who("li"))
    assert len(noted()) == 2


def test_an_audit_ends_by_itself_or_at_once(office: Office, root: Actor, clock: SteppedClock) -> None:
    instance = case(office)
    first = audit(office)
    assert office.engine.instance(instance, office.who("shen")).id == instance
    office.engine.admin.end_audit(first, "提前结束", actor=root)
    with pytest.raises(NotFound):
        office.engine.instance(instance, office.who("shen"))
    with pytest.raises(NotFound):
        office.engine.admin.end_audit(first, "再来", actor=root)
    audit(office)
    assert office.engine.instance(instance, office.who("shen")).id == instance
    clock.advance(timedelta(days=8))
    assert not office.who("shen").is_auditor
    with pytest.raises(NotFound):
        office.engine.instance(instance, office.who("shen"))


def test_an_audit_needs_a_last_day_a_reason_and_a_person_without_posts(office: Office, root: Actor) -> None:
    for last in (None, date(2026, 3, 1), date(2028, 3, 1)):
        with pytest.raises(Refused):
            audit(office, last=last)
    with pytest.raises(NotFound):
        audit(office, units=["nowhere"])
    admin = office.engine.admin
    with pytest.raises(Refused):
        admin.create_audit("li", "U1", "x", actor=root, first=None, last=date(2026, 3, 9))
    with pytest.raises(BihuanError):
        admin.create_audit("ji", "U1", " ", actor=root, first=None, last=date(2026, 3, 9))
    with pytest.raises(Forbidden):
        admin.create_audit("ji", "U1", "x", actor=office.who("li"), first=None, last=date(2026, 3, 9))


#: Every command about a task: the engine's method, whether it takes the item's version, and what else it takes.
ON_ITEMS: dict[str, tuple[bool, dict[str, Any]]] = {
    "complete": (True, {"outcome": "提交"}),
    "save_draft": (False, {"answers": {"x": 1}, "based_on": None}),
    "claim": (True, {}),
    "unclaim": (True, {}),
    "assign_out": (True, {"to": "liu"}),
    "hand_in": (True, {}),
    "attach": (False, {"name": "a.txt", "stream": b"text"}),
    "transfer": (True, {"to": "liu", "reason": "x"}),
    "delegate": (True, {"to": "liu", "reason": "x"}),
    "hand_back": (True, {}),
    "acknowledge": (True, {}),
    "add_signer": (True, {"to": "liu", "position": "after", "reason": "x"}),
    "return_task": (True, {"reason": "x"}),
    "withdraw": (False, {}),
    "extend": (True, {"due": MORNING + timedelta(days=9), "reason": "x"}),
    "urge": (False, {}),
}
#: The same for commands about a case.
ON_CASES: dict[str, dict[str, Any]] = {
    "copy": {"to": ["user:liu"]},
    "comment": {"text": "x"},
    "follow": {},
    "suspend": {"reason": "x"},
    "terminate": {"reason": "x"},
}
REFUSED = (Forbidden, NotFound, Refused)
SPECIAL = ("admin", "sys_admin", "sec_admin", "audit_admin", "auditor")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("role", SPECIAL)
def test_no_administrator_and_no_auditor_can_act_on_business_whatever_posts_they_have(
    office: Office, role: str
) -> None:
    instance = case(office)
    row = office.row("li")
    for post, org in ((role, "SYSTEM"), ("clerk", "U1"), ("operator", "SYSTEM")):
        office.engine.people.add_post("ji", post, org)
    ji = office.who("ji")
    before, engine = office.view(instance), office.engine
    for name, (versioned, given) in ON_ITEMS.items():
        version = {"version": row.version} if versioned else {}
        with pytest.raises(REFUSED):
            getattr(engine, name)(row.item_id, actor=ji, **version, **given)
    for name, given in ON_CASES.items():
        with pytest.raises(REFUSED):
            getattr(engine, name)(instance, actor=ji, **given)
    with pytest.raises(REFUSED):
        engine.start("p", actor=ji, variables={"title": "x", "unit": "y"})
    with pytest.raises(REFUSED):
        engine.publish("x", "y", actor=ji)
    assert office.view(instance) == before
    assert office.row("li") == row
