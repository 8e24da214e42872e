"""Other cases about the same matter are told to those who may see them."""

from __future__ import annotations

import pytest

from engine import NotFound
from tests.engine.office import CHIEFS, Office, process, task

SAME = process(
    task("fill", outcomes="提交"),
    task("review", CHIEFS, outcomes="同意"),
    "s -> fill -> review -> e",
    subject="=title",
    unit="=unit",
    reference="=code",
    inputs="title, unit, code",
)


def start(office: Office, title: str, unit: str, code: str | None, person: str = "li") -> int:
    given = {"title": title, "unit": unit, "code": code}
    return office.engine.start("p", actor=office.who(person), variables=given).instance_id


def found(office: Office, instance: int, person: str = "li") -> list[int]:
    return [one.instance_id for one in office.engine.related(instance, office.who(person))]


def test_cases_of_one_reference_or_of_one_unit_and_name_belong_together(office: Office) -> None:
    office.engine.deploy({"p.bpmn": SAME}, actor="user:root")
    first = start(office, "路灯改造", "住建局", "A-1")
    same_code = start(office, "路灯改造二期", "住建局", "A-1")
    same_name = start(office, "路灯改造", "住建局", "A-2")
    other = start(office, "路灯改造", "交通局", "B-1")
    assert found(office, first) == [same_name, same_code]
    assert found(office, other) == []


def test_who_may_not_see_another_case_does_not_learn_of_it(office: Office) -> None:
    office.engine.deploy({"p.bpmn": SAME}, actor="user:root")
    first, second = start(office, "路灯", "局", "A-1"), start(office, "路灯", "局", "A-1")
    for row in office.rows("li"):
        if row.instance_id == first:
            office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
    assert found(office, first, "wang") == []
    assert found(office, first, "li") == [second]
    with pytest.raises(NotFound):
        office.engine.related(second, office.who("wang"))


def test_a_case_without_reference_or_name_has_no_relations(office: Office) -> None:
    office.engine.deploy({"p.bpmn": SAME}, actor="user:root")
    alone = start(office, "", "", None)
    start(office, "", "", None)
    assert found(office, alone) == []
