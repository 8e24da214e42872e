"""A checkpoint: most projects are on their way, some lag behind, a few badly (domain §9.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from budget.answers import number
from budget.money import round_half_up
from engine.engine import Reply
from workflows.simulation.office import Answer, Item, Office

#: How far projects are behind their plan: the share of them, and the deviation from and to.
_BEHIND: tuple[tuple[float, float, float], ...] = (
    (0.79, 0.0, 0.07),
    (0.11, 0.12, 0.18),
    (0.08, 0.25, 0.45),
    (0.02, 0.6, 0.8),
)
#: Under which name it is in the office's plans how far a project is behind, by ``code-period``; else it is drawn.
BEHIND = "monitoring.behind"
#: Units of indicators that add up in the course of a year, for example 公里; a percentage is measured at its end.
_MEASURED_LATER = frozenset({"%", "日期", ""})


def fill(office: Office, item: Item) -> Answer:
    """The clerk reports what was spent and reached; what lags is explained."""
    task = office.view(item)
    if task.variables["project"]["secret"]:
        return Answer("涉密线下办理")
    if task.pins:
        replies = {pin.id: Reply("explained", "已核实，情况属实。") for pin in task.pins if pin.open}
        return Answer("提交", task.answers, replies=replies)
    form = office.page(item, "monitoring")
    campaign = task.variables["campaign"] or {}
    place = f"{task.variables['project']['code']}-{campaign.get('period', '')}"
    behind = office.plans[BEHIND, place] if (BEHIND, place) in office.plans else _deviation(office)
    planned = (number(form.get("plan_rate")) or Decimal(0)) / 100
    share = max(Decimal(0), min(Decimal(1), planned * (1 - behind)))
    budget = number(form["budget_adjusted"]) or Decimal(0)
    before = number(form.get("previous_executed")) or Decimal(0)
    registered = number(form.get("registered"))
    spent = registered if registered is not None else round_half_up(budget * share, 2)
    late = behind > number(task.variables["profile"]["monitoring"]["notice"])  # type: ignore[operator]
    form |= {
        "executed": max(spent, before),
        "forecast_exec": budget,
        "fund_issue": ["NONE"],
        "goal_progress": "各项工作按实施计划推进。",
        "work_progress_pct": round_half_up(share * 100, 0),
        "indicators": [_row(dict(row), share, late=late) for row in form["indicators"]],
    }
    usual = number((task.variables.get("baseline") or {}).get("usual_amount"))
    factor = number(task.variables["profile"]["monitoring"]["slip_factor"])
    if usual and factor and max(form["executed"], budget) > usual * factor:
        form["correction_note"] = "本项目资金量大，金额经与国库支付台账核对无误。"
    shown = office.page(item, "monitoring", form)
    if late or shown.get("deviation_beyond"):
        form |= {
            "deviation_statement": "受前期手续和资金到位时间影响，实施进度滞后于计划。",
            "corrective_measures": "倒排工期，增加力量，按月调度，确保完成年度目标。",
        }
        shown = office.page(item, "monitoring", form)
    return Answer("提交", shown)


def _deviation(office: Office) -> Decimal:
    """Return how far a project is behind, as a share of its plan."""
    _, low, high = office.random.choices(_BEHIND, [share for share, _, _ in _BEHIND])[0]
    return Decimal(str(round(office.random.uniform(low, high), 4)))


def _row(row: dict[str, Any], share: Decimal, *, late: bool) -> dict[str, Any]:
    target = number(row.get("target_value"))
    row |= {"forecast_value": str(row["target_value"]), "likelihood": "CERTAIN"}
    if row["nature"] == "QUAL":
        return row | {"actual_to_date": "按计划推进"}
    if target is None or (row.get("unit") or "") in _MEASURED_LATER or row["direction"] != "POSITIVE":
        return row | {"not_due": True, "remark": "年底统计、调查后得出"}
    reached = (target * share).quantize(Decimal("0.01"), rounding=ROUND_UP)
    before = number(row.get("previous_actual")) or Decimal(0)
    row["actual_to_date"] = f"{max(reached, before):f}"
    if late:
        row |= {"cause": ["FUNDS"], "cause_note": "上级资金到位较晚"}
    return row


def sign(_office: Office, _item: Item) -> Answer:
    """The head of the unit signs."""
    return Answer("同意", {"truthful": True}, "同意上报。")


def review(_office: Office, _item: Item) -> Answer:
    """The section finds the report true."""
    return Answer("同意", opinion="情况属实。")


def commission(office: Office, item: Item) -> Answer:
    """The performance section commissions the first third party that didn't advise on the project."""
    free = [one for one in office.view(item).variables["agencies"] if one["advised"] is None]
    if not free:
        return Answer("不委托", opinion="没有可以委托的机构。")
    return Answer("委托", {"agency": free[0]["value"], "focus": "实施进程和资金使用。"})


def check(office: Office, _item: Item) -> Answer:
    """The third party finds what the unit reported."""
    form = {
        "checked_on": office.today.isoformat(),
        "verified_progress": Decimal(50),
        "consistent": "YES",
        "findings": "经现场核查，与单位填报一致。",
    }
    return Answer("提交核查", form)


def gather(office: Office, item: Item) -> Answer:
    """The performance section gathers, and says what is to be put right."""
    verdict = office.view(item).variables.get("verdict") or {}
    form = {"analysis": "已纳入汇总。"}
    if verdict.get("action") in ("说明并整改", "缓拨研究"):
        form["requirement"] = "限期赶上计划进度，按月报告进展。"
    return Answer("纳入汇总", form, "纳入汇总。")


def consider(_office: Office, _item: Item) -> Answer:
    """The unit keeps its goal."""
    return Answer("维持原目标", opinion="年内能够完成，维持原目标。")


def decide(_office: Office, _item: Item) -> Answer:
    """The leader keeps the money on hold until it is put right."""
    return Answer("继续缓拨", {"next_steps": "整改到位后恢复拨付。"}, "继续缓拨。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_report": fill,
    "unit_sign": sign,
    "section_review": review,
    "commission": commission,
    "check_onsite": check,
    "gather": gather,
    "consider": consider,
    "leader_decision": decide,
}
