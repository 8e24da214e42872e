"""The catalogue of messages (domain §7.2): who sends what to whom, under which key, once however often it comes."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine import tables
from engine.bpmn.event_definitions import MessageEvent
from engine.bpmn.model import Element, Event, SendTask
from engine.bpmn.reader import read
from tests.workflows.county import DEADLINE, add_project
from workflows import files_of, processes, profiles

if TYPE_CHECKING:
    from engine.engine import Engine

#: message → (processes that send it, processes that begin with it or wait for it). What nobody waits for is told to other
#: systems, and what the records say is read there: a payment looks at the goal's record, not for its message.
CATALOGUE: dict[str, tuple[set[str], set[str]]] = {
    "CampaignOpened": ({"campaign"}, set()),
    "CampaignClosed": ({"campaign"}, set()),
    "EngagementReady": ({"engagement"}, set()),
    "Published": ({"publication"}, set()),
    "ExAntePassed": ({"ex_ante_evaluation"}, {"goal_declaration"}),
    "ExAnteRejected": ({"ex_ante_evaluation"}, {"goal_declaration"}),
    "GoalApproved": ({"goal_declaration"}, set()),
    "GoalRejected": ({"goal_declaration"}, set()),
    "DeptGoalApproved": ({"unit_goal"}, set()),
    "BudgetApproved": (set(), {"goal_approval"}),
    # Sent by the public page.
    "PublicObjection": (set(), {"publication"}),
    "GoalLetterIssued": ({"goal_approval"}, {"goal_letter"}),
    "DeviationFound": ({"monitoring"}, {"rectification"}),
    "MonitorDeviation": ({"monitoring"}, {"budget_adjustment"}),
    "DisburseHold": ({"monitoring", "rectification"}, {"treasury_notice"}),
    "DisburseStop": ({"monitoring", "rectification"}, {"treasury_notice"}),
    "DisburseRelease": ({"monitoring", "rectification"}, {"treasury_notice"}),
    "HoldReleased": ({"treasury_notice"}, {"disbursement"}),
    "RectificationClosed": ({"rectification"}, {"disbursement"}),
    "RectificationFailed": ({"rectification"}, {"accountability"}),
    "CongressOpinion": ({"npc_oversight"}, {"rectification"}),
    "SelfEvalAccepted": ({"self_evaluation"}, {"key_evaluation"}),
    "KeyEvaluationOrdered": ({"key_selection"}, {"key_evaluation"}),
    "ReportReviewed": ({"report_review"}, {"rectification"}),
    "EvalResult": ({"key_evaluation"}, {"rectification"}),
    "BudgetAdjusted": ({"budget_adjustment"}, set()),
    "ResultApplied": ({"result_application"}, set()),
}
#: Those that only wake who waits now.
FOR_NOW = {"HoldReleased"}
_THROWS = ("endEvent", "intermediateThrowEvent")


@cache
def events() -> list[tuple[str, Element, MessageEvent]]:
    """Return every event and send task with a message: its process, itself, the message."""
    found = []
    for process in processes():
        (model,) = (one for one in read(files_of(process)[f"{process}.bpmn"])[0] if one.id == process)
        for element in model.elements.values():
            message = getattr(element, "message" if isinstance(element, SendTask) else "definition", None)
            if isinstance(message, MessageEvent):
                found.append((process, element, message))
    return found


def sends(element: Element) -> bool:
    return isinstance(element, SendTask) or (isinstance(element, Event) and element.kind in _THROWS)


def test_the_catalogue_is_what_the_files_say() -> None:
    sent: dict[str, set[str]] = defaultdict(set)
    caught: dict[str, set[str]] = defaultdict(set)
    for process, element, message in events():
        (sent if sends(element) else caught)[str(message.name.literal)].add(process)
    assert {name: (sent[name], caught[name]) for name in sent.keys() | caught.keys()} == CATALOGUE


@pytest.mark.parametrize(
    ("process", "element"),
    [(process, element.id) for process, element, _ in events() if sends(element)],
)
def test_what_is_sent_has_a_key_and_an_id_of_its_own_and_is_kept_for_thirty_days(
    process: str, element: str
) -> None:
    message = next(one for at, event, one in events() if (at, event.id) == (process, element))
    assert message.key is not None
    assert message.time_to_live is not None
    if str(message.name.literal) in FOR_NOW:
        assert message.time_to_live.literal == "PT0S"
        return
    assert message.message_id is not None, "a second delivery would be another message"
    assert message.message_id.is_expression
    assert message.time_to_live.literal == "P30D"


def variables(project: dict[str, Any]) -> dict[str, Any]:
    """Return what all of these messages carry together."""
    groups = ("days", "quality", "rectification", "treasury", "adjustment", "key_evaluation", "monitoring")
    return {
        "project": project,
        "profile": profiles.load("qapqal").variables(*groups),
        "campaign": None,
        "deadline": DEADLINE,
        "origin": {"kind": "MONITORING", "instance": 4711, "period": "05"},
        "reason": "偏离度超过50%",
        "until": None,
        "source": "MONITOR",
        "issues": [{"desc": "进度落后", "category": "PROGRESS", "severity": "SERIOUS"}],
        "requirement": "限期整改",
        "linked_action": "NONE",
        "choice": {"complex": False, "concerned": False, "research": False, "ready": False},
    }


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "message", ["DeviationFound", "EvalResult", "DisburseHold", "DisburseStop", "KeyEvaluationOrdered"]
)
def test_a_message_that_comes_twice_begins_one_case(engine: Engine, message: str) -> None:
    project = add_project(engine)["variables"]
    for _ in range(2):
        engine.publish(message, project["code"], variables(project), message_id=f"{message}-1")
        while engine.run_due():
            pass
    with engine.database.read() as unit:
        assert unit.execute(select(func.count()).select_from(tables.instances)).scalar_one() == 1
    assert engine.incidents("system") == []
