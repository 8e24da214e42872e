"""The visibility matrix (domain §6.3): which documents of each business who may read, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from engine import feel
from engine.bpmn.model import ProcessModel, UserTask
from engine.bpmn.reader import read
from engine.commands.ports import org, role
from engine.engine import Engine
from engine.errors import Forbidden, NotFound
from engine.identity import Organisation
from tests.workflows.county import County, open_county
from workflows import files_of

#: The variables that audiences read: a second-level unit, and a third party that was entrusted.
PROJECT = {"unit": "U1", "department": "D1", "section": "S04"}
GIVEN: Mapping[str, Any] = {
    "project": PROJECT,
    "unit": {"code": "U1", "department": "D1", "section": "S04"},
    "team_org": "org:A01",
    "experts": ["user:zhang"],
    "outcome": "同意",
    "commission": {"agency": "A01"},
}
#: The columns of the matrix, each by the organisation (or the person) that stands for it.
COLUMNS = {
    "unit": "org:U1",
    "department": "org:D1",
    "section": "org:S04",
    "perf": "org:PERF",
    "budget": "org:BUDGET",
    "treasury": "org:TREASURY",
    "invest": "org:INVEST",
    "supervision": "org:SUPERVISION",
    "agency": "org:A01",
    "expert": "user:zhang",
    "congress": "org:CONGRESS",
    "other unit": "org:U9",
    "other section": "org:S09",
    "other agency": "org:A02",
}
UNIT = {"unit", "department"}
OFFICES = {"section", "perf", "budget"}
CHECKERS = {"invest", "supervision"}
#: What the files let read as soon as it is saved. What else is entrusted when it is final is in :data:`FINAL`.
MATRIX: Mapping[str, Mapping[str, set[str]]] = {
    "goal_declaration": {
        "fill_goal": UNIT | OFFICES,
        "refine_goal": UNIT | OFFICES,
        "section_review": {"department"} | OFFICES,
        "budget_decision": {"department"} | OFFICES,
    },
    "joint_review": {
        "form_group": {"perf", "budget"},
        "sign_review": {"perf", "budget"},
        "hold_meeting": {"department"} | OFFICES,
        "conclude_review": {"department"} | OFFICES,
    },
    "unit_goal": {"fill_unit_goal": UNIT | OFFICES},
    "monitoring": {
        "fill_report": UNIT | OFFICES | CHECKERS,
        "commission": OFFICES,
        "check_onsite": OFFICES | {"agency", "supervision"},
        "gather": OFFICES,
        "leader_decision": OFFICES,
    },
    "unit_monitoring": {"fill_report": UNIT | OFFICES | CHECKERS},
    "self_evaluation": {
        "fill_evaluation": UNIT | OFFICES | CHECKERS,
        "perf_review": OFFICES | {"supervision"},
    },
    "key_evaluation": {
        "draft_plan": {"perf", "agency", "expert"},
        "collect": {"perf", "budget", "supervision", "agency"},
        "write_draft": OFFICES | {"agency", "expert"},
        "ask_opinions": {"unit", "perf", "agency"},
        "review_report": {"perf"},
        "finish_report": OFFICES | {"agency"},
    },
    "rectification": {
        "draft_notice": OFFICES | CHECKERS,
        "issue": OFFICES | CHECKERS,
        "make_plan": UNIT | OFFICES | CHECKERS | {"congress"},
        "report_actions": UNIT | OFFICES | CHECKERS | {"congress"},
        "verify": UNIT | OFFICES | CHECKERS | {"congress"},
        "decide": UNIT | OFFICES | CHECKERS | {"congress"},
    },
    "budget_adjustment": {"fill_adjustment": UNIT | OFFICES, "section_review": OFFICES},
    "disbursement": {
        "fill_request": UNIT | OFFICES | CHECKERS | {"treasury"},
        "perf_opinion": UNIT | OFFICES | CHECKERS | {"treasury"},
        "pay": UNIT | OFFICES | CHECKERS | {"treasury"},
    },
    "treasury_notice": {"sign_receipt": OFFICES | {"treasury", "supervision"}},
    "result_application": {
        "section_opinion": OFFICES,
        "compute": OFFICES,
        "receive_decision": UNIT | OFFICES,
        "reconsider": UNIT | OFFICES,
    },
    "annual_report": {"write": {"perf", "budget"}},
    "unit_self_evaluation": {"fill_report": UNIT | OFFICES | CHECKERS},
    "accountability": {
        "draft_notice": UNIT | OFFICES | {"supervision"},
        "reconsider": UNIT | OFFICES | {"supervision"},
    },
    "npc_oversight": {
        "prepare": UNIT | OFFICES | {"supervision", "congress"},
        "record": UNIT | OFFICES | {"supervision", "congress"},
    },
}
CELLS = [(process, step) for process, steps in MATRIX.items() for step in steps]


@cache
def model_of(process: str) -> ProcessModel:
    (model,) = (one for one in read(files_of(process)[f"{process}.bpmn"])[0] if one.id == process)
    return model


def readers(process: str, step: str) -> set[str]:
    """Return the columns that a step's document may be read in."""
    task = model_of(process).elements[step]
    assert isinstance(task, UserTask)
    assert task.audience is not None
    assert task.audience.expression is not None
    environment = feel.Environment(functions={"org": org, "role": role})
    found = set(feel.to_host(task.audience.expression.evaluate(GIVEN, environment)))
    return {column for column, principal in COLUMNS.items() if principal in found}


@pytest.mark.parametrize(("process", "step"), CELLS)
def test_what_a_step_writes_is_for_those_whom_the_matrix_names(process: str, step: str) -> None:
    assert readers(process, step) == MATRIX[process][step]


@pytest.mark.parametrize("process", sorted(MATRIX))
def test_no_document_is_for_whoever_takes_part(process: str) -> None:
    """A document that several offices write in turn says whom it is for; without that everybody in the case reads it."""
    open_to_all = {
        task.id
        for task in model_of(process).elements.values()
        if isinstance(task, UserTask) and task.form_id is not None and task.document and task.audience is None
    }
    assert open_to_all == set()


def test_a_draft_of_an_evaluation_is_the_units_only_while_it_is_asked() -> None:
    """评价报告初稿: the unit reads it on the page on which it is asked, as data of that step."""
    task = model_of("key_evaluation").elements["ask_opinions"]
    assert isinstance(task, UserTask)
    assert "draft" not in task.shows
    assert {binding.target for binding in task.inputs} >= {"draft_total", "draft_grade", "draft_text"}


#: More people than the goal's own county has, one for each column.
MORE = {
    "ping": ("平主任", "invest_chief", "INVEST"),
    "jian": ("简主任", "supervision_chief", "SUPERVISION"),
    "ku": ("库股长", "treasury_chief", "TREASURY"),
    "zhu": ("朱主评", "agency_lead", "A01"),
    "gong": ("龚委员", "congress", "CONGRESS"),
    "shao": ("邵股长", "section_chief", "S09"),
}


@pytest.fixture
def county(engine: Engine) -> County:
    """A county with somebody for each column, and a goal to be declared."""
    codes = sorted({at for _, _, at in MORE.values()})
    engine.people.add_orgs([Organisation(code, code, "", None) for code in codes])
    for person, (name, post, at) in MORE.items():
        engine.people.create_person(person, name)
        engine.people.add_post(person, post, at)
    return open_county(engine)


def readable(county: County, document: str) -> set[str]:
    """Return the people who can open the case and find a document in it."""
    found = set()
    for person in ("li", "zhao", "sun", "wang", "chen", "wu", "feng", "zhang", *MORE):
        try:
            case = county.engine.instance(county.instance, county.who(person))
        except (Forbidden, NotFound):
            continue
        if any(one.name == document for one in case.documents):
            found.add(person)
    return found


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_goal_is_the_units_until_it_is_submitted_the_bureaus_then_and_others_when_it_is_approved(
    county: County,
) -> None:
    assert readable(county, "goal") == {"li"}, "a draft is nobody's but the unit's"
    county.submit()
    bureau = {"li", "zhao", "wang", "chen", "wu", "feng"}
    assert readable(county, "goal") == bureau
    county.sign()
    county.review()
    assert readable(county, "review") == bureau - {"li", "zhao"}, (
        "the unit reads the conclusion, not the scores"
    )
    county.decide("优：批复")
    assert county.element() is None
    assert readable(county, "goal") == bureau | {"ping", "jian", "gong"}
    assert readable(county, "review") == bureau - {"li", "zhao"}
