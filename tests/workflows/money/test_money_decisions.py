"""The decisions about money with their boundary cases: D06 (all ten rows), D07, D12, D13 (domain §7.3)."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from engine import dmn
from workflows import profiles

PROFILE = profiles.load("qapqal")


def evaluate(process: str, decision: str, given: dict[str, Any]) -> Any:
    source = files("workflows").joinpath(process, f"{decision}.dmn").read_bytes()
    return dmn.parse(source).evaluate(decision, given).value


SOUND = {
    "goal_approved": True,
    "goal_managed": True,
    "stopped": False,
    "held": False,
    "rect_overdue": False,
    "out_of_scope": False,
    "over_budget": False,
    "progress_gap": 0,
    "unreported": False,
    "light": "GREEN",
    "explained": False,
    "max_gap": PROFILE.value("disbursement.progress_gap"),
}


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"goal_approved": False}, "RETURN"),
        ({"goal_approved": False, "stopped": True}, "RETURN"),
        ({"goal_managed": False}, "RETURN"),
        ({"stopped": True}, "STOP"),
        ({"stopped": True, "held": True}, "STOP"),
        ({"held": True}, "HOLD"),
        ({"rect_overdue": True}, "HOLD"),
        ({"held": True, "out_of_scope": True}, "HOLD"),
        ({"out_of_scope": True}, "RETURN"),
        ({"over_budget": True}, "RETURN"),
        ({"over_budget": True, "progress_gap": 50}, "RETURN"),
        ({"progress_gap": 10}, "APPROVE"),
        ({"progress_gap": 10.01}, "HOLD"),
        ({"unreported": True}, "HOLD"),
        ({"light": "RED"}, "HOLD"),
        ({"light": "RED", "explained": True}, "APPROVE"),
        ({"light": "YELLOW"}, "APPROVE"),
        ({"light": None}, "APPROVE"),
        ({}, "APPROVE"),
    ],
)
def test_d06_takes_the_first_row_that_fits(changes: dict[str, Any], decision: str) -> None:
    found = evaluate("disbursement", "D06", SOUND | changes)
    assert found["decision"] == decision
    assert found["supervise"] is (changes == {"out_of_scope": True})


@pytest.mark.parametrize(
    ("amount", "key", "level"),
    [
        (49.99, False, "股室"),
        (50, False, "预算股"),
        (500, False, "预算股"),
        (500.01, False, "分管局领导"),
        (1000, False, "分管局领导"),
        (1000.01, False, "局长"),
        (10, True, "分管局领导"),
    ],
)
def test_d07_decides_by_amount_who_signs(amount: float, key: bool, level: str) -> None:
    rules = PROFILE.group("disbursement")
    given = {name: rules[name] for name in ("budget_from", "leader_from", "bureau_from")}
    assert evaluate("disbursement", "D07_disbursement", given | {"amount": amount, "key": key}) == level


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"all_done": True, "evidenced": True}, "销号"),
        ({"all_done": True, "evidenced": True, "false_report": True}, "整改失败"),
        ({"all_done": True, "evidenced": True, "overdue": True}, "销号"),
        ({"all_done": True}, "延期整改"),
        ({}, "延期整改"),
        ({"overdue": True}, "整改失败"),
        ({"extensions": 1}, "整改失败"),
    ],
)
def test_d12_closes_extends_once_or_fails(changes: dict[str, Any], decision: str) -> None:
    given = {"false_report": False, "all_done": False, "evidenced": False, "overdue": False}
    given |= {"extensions": 0, "max_extensions": PROFILE.value("rectification.extensions")}
    assert evaluate("rectification", "D12", given | changes) == decision


@pytest.mark.parametrize(
    ("days", "last", "step"),
    [
        (0, "督促", "督促"),
        (1, "督促", "缓拨"),
        (14, "缓拨", "督促"),
        (15, "缓拨", "停拨"),
        (15, "督促", "缓拨"),
        (29, "停拨", "督促"),
        (30, "停拨", "核减"),
        (400, "核减", "督促"),
    ],
)
def test_d13_goes_one_step_further_at_a_time(days: int, last: str, step: str) -> None:
    rules = PROFILE.group("rectification")
    given = {name: rules[name] for name in ("hold_after", "stop_after", "cut_after")}
    given |= {"overdue_days": days, "last_step": last}
    assert evaluate("rectification", "D13_rectification", given) == step
