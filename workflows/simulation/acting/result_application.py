"""The application of a result: the section and the budget section follow the county's rules, the leaders decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office


def advise(office: Office, item: Item) -> Answer:
    """The section proposes what the rules propose."""
    action = office.view(item).variables["proposed_action"]
    return Answer("报送", {"section_action": action, "section_reason": "按评价结果和整改情况提出。"})


def compute(office: Office, item: Item) -> Answer:
    """The budget section computes as the rules do."""
    variables = office.view(item).variables
    form = {"action": variables["proposed_action"], "delta": variables["proposed_delta"]}
    return Answer("报送审定", form)


def decide(_office: Office, _item: Item) -> Answer:
    """The leader agrees."""
    return Answer("同意", opinion="同意。")


def receive(_office: Office, _item: Item) -> Answer:
    """The unit has no objection."""
    return Answer("无异议")


def reconsider(office: Office, item: Item) -> Answer:
    """The leader keeps to the decision after an appeal."""
    variables = office.view(item).variables
    form = {
        "final_action": variables["proposed_action"],
        "final_delta": variables["proposed_delta"],
        "answer": "经复议，维持原决定。",
    }
    return Answer("维持", form, "维持。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "section_opinion": advise,
    "compute": compute,
    "decide": decide,
    "receive_decision": receive,
    "reconsider": reconsider,
}
