"""The roles of domain §6.1: each has somebody in the demo and is asked for what it is there for; units have a section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from random import Random

import pytest

from engine.bpmn.model import UserTask
from engine.bpmn.reader import read
from workflows import files_of, processes
from workflows.demo import catalogue, register

#: R01 to R21 with the roles that stand for them, and a step that each is asked for (none for those who only read).
ROLES: Mapping[str, tuple[str, tuple[str, str] | None]] = {
    "R01 unit clerk": ("unit_clerk", ("goal_declaration", "fill_goal")),
    "R02 unit head": ("unit_head", ("goal_declaration", "unit_sign")),
    "R04 department": ("unit_head", ("goal_declaration", "department_review")),
    "R05 section": ("section_chief", ("goal_declaration", "section_review")),
    "R06 budget section": ("budget_chief", ("goal_declaration", "budget_decision")),
    "R07 treasury section": ("treasury_chief", ("treasury_notice", "execute")),
    "R08 performance section": ("perf_chief", ("rectification", "draft_notice")),
    "R09 deputy leader": ("deputy_leader", ("rectification", "issue")),
    "R10 bureau leader": ("bureau_leader", ("result_application", "decide")),
    "R11 supervision": ("supervision_chief", ("disbursement", "supervise_opinion")),
    "R12 investment centre": ("invest_chief", ("disbursement", "invest_opinion")),
    "R13 procurement": ("procurement", None),
    "R14 third party": ("agency_lead", ("monitoring", "check_onsite")),
    "R15 expert": ("expert", ("unit_goal", "coach")),
    "R16 people's congress": ("congress", None),
    "R17 audit": ("auditor", None),
    "R18 discipline inspection": ("discipline", None),
    "R19 leading group": ("leading_group", None),
    "R21 administrator": ("admin", None),
}
#: Roles that must never be asked for anything of the county's business.
NEVER = ("admin", "sys_admin", "sec_admin", "audit_admin", "auditor", "operator", "congress", "discipline")


@cache
def asked() -> Mapping[str, set[tuple[str, str]]]:
    """Return the steps by the role that their files name."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for process in processes():
        (model,) = (one for one in read(files_of(process)[f"{process}.bpmn"])[0] if one.id == process)
        for task in model.elements.values():
            if isinstance(task, UserTask) and task.candidate_groups is not None:
                for role in register_roles():
                    if f'"{role}"' in task.candidate_groups.text:
                        found[role].add((process, task.id))
    return found


@cache
def register_roles() -> frozenset[str]:
    """Return the roles that somebody in the demo holds."""
    return frozenset(person.role for person in register.staff(Random(1)))


@pytest.mark.parametrize("name", sorted(ROLES))
def test_each_role_has_somebody_and_is_asked_for_what_it_is_there_for(name: str) -> None:
    role, step = ROLES[name]
    assert role in register_roles()
    if step is None:
        assert asked().get(role, set()) == set()
    else:
        assert step in asked()[role]


@pytest.mark.parametrize("role", NEVER)
def test_who_configures_or_only_reads_is_asked_for_nothing(role: str) -> None:
    assert asked().get(role, set()) == set()


def test_every_role_that_a_file_asks_for_is_somebodys() -> None:
    """A misspelt role would be a task that nobody ever finds."""
    named = {
        word
        for process in processes()
        for model in read(files_of(process)[f"{process}.bpmn"])[0]
        for task in model.elements.values()
        if isinstance(task, UserTask) and task.candidate_groups is not None
        for word in task.candidate_groups.text.split('role("')[1:]
    }
    assert {one.partition('"')[0] for one in named} <= register_roles()


#: The sections by what they are in charge of (domain §6.2), and units of theirs in the demo.
CHARGE = {
    "S01": ("公安", "司法"),
    "S02": ("教育", "文"),
    "S03": ("卫生", "民政局", "人力资源"),
    "S04": ("住房", "交通", "发展和改革"),
    "S05": ("农业", "水利"),
    "S06": ("生态", "自然资源"),
}


@pytest.mark.parametrize("section", sorted(CHARGE))
def test_units_are_routed_to_the_section_in_charge_of_their_business(section: str) -> None:
    sections = {one["code"]: one["name"] for one in catalogue.county()["sections"]}
    assert section in sections
    for word in CHARGE[section]:
        found = {unit.section for unit in catalogue.units() if word in unit.name}
        assert found == {section}, word


def test_every_unit_has_a_section_that_there_is() -> None:
    sections = {one["code"] for one in catalogue.county()["sections"]}
    assert {unit.section for unit in catalogue.units()} <= sections
