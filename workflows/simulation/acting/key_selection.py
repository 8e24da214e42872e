"""The selection for key evaluation: the performance section proposes those that were picked, the leaders approve."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from budget.key_codes import ChoiceReason
from workflows.simulation.office import Answer, Item, Office

#: Under which name it is in the office's plans that a project is chosen for its kind of funds, by its code.
SPECIAL = "key.special"


def propose(office: Office, item: Item) -> Answer:
    """The performance section says why each is chosen, and why so many are."""
    task = office.view(item)
    rows = []
    for row in task.variables["picked"]:
        special = office.plans.get((SPECIAL, row["code"]))
        reason = ChoiceReason.FUND_NATURE.value if special else row["reason"]
        rows.append(dict(row) | {"reason": reason or ChoiceReason.ATTENTION.value})
    return Answer("报送审核", {"choices": rows, "count_reason": "按年度评价工作安排和评价经费确定"})


def agree(_office: Office, _item: Item) -> Answer:
    """The chief, and a leader, agree."""
    return Answer("同意", opinion="同意。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "propose": propose,
    "check": agree,
    "approve": agree,
}
