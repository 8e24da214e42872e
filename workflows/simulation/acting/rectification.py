"""A rectification: most units put right what was found, a few only in part, a few not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from workflows.simulation.office import Answer, Item, Office

#: Shares of the results of a unit's first report.
_RESULTS: Mapping[str, float] = {"DONE": 0.85, "PARTIAL": 0.1, "NOT_DONE": 0.05}
_DAYS = 30


def draft(office: Office, item: Item) -> Answer:
    """The performance section draws up the notice of what was found."""
    form = office.page(item, "rectification_notice")
    form["issues"] = [dict(row) | {"evidence": "监控表"} for row in form["issues"]]
    form["requirement"] = form.get("requirement") or "限期整改。"
    form["due_at"] = (office.today + timedelta(days=_DAYS)).isoformat()
    return Answer("送签", form)


def note(outcome: str) -> Callable[[Office, Item], Answer]:
    """Return the answer of somebody who only agrees."""

    def answer(_office: Office, _item: Item) -> Answer:
        return Answer(outcome, {"note": ""})

    return answer


def sign(_office: Office, _item: Item) -> Answer:
    """The head of the unit signs for the notice."""
    return Answer("签收", {"read": True, "responsible": "单位负责人"})


def plan(office: Office, item: Item) -> Answer:
    """The unit says what it will do about each issue."""
    return Answer("提交", {"actions": _actions(office, item)})


def report(office: Office, item: Item) -> Answer:
    """The unit reports what it did about each issue."""
    result = office.random.choices(list(_RESULTS), list(_RESULTS.values()))[0]
    rows = [
        row | {"result": result, "evidence": "验收单、凭证" if result == "DONE" else ""}
        for row in _actions(office, item)
    ]
    return Answer(
        "提交", {"actions": rows, "pending_plan": "" if result == "DONE" else "下月底前完成剩余事项。"}
    )


def _actions(office: Office, item: Item) -> list[dict[str, Any]]:
    issues = _issues(office, item)
    return [
        {
            "issue_no": number,
            "action": "倒排工期，明确责任人，按月调度。",
            "owner": "单位经办",
            "finish_date": office.today.isoformat(),
        }
        for number in range(1, len(issues) + 1)
    ]


def _issues(office: Office, item: Item) -> list[Any]:
    task = office.view(item)
    shown = {document.name: document.body for document in task.shows}
    found = shown["notice"]["issues"] if "notice" in shown else task.variables["issues"]
    return list(found)


def verify(office: Office, item: Item) -> Answer:
    """The section finds what the unit reported."""
    shown = {document.name: document.body for document in office.view(item).shows}
    results = {int(row["issue_no"]): row["result"] for row in shown["report"]["actions"]}
    findings = [
        {"no": number, "desc": row["desc"], "verdict": results.get(number, "NOT_DONE")}
        for number, row in enumerate(_issues(office, item), 1)
    ]
    return Answer("核验通过", {"findings": findings, "false_report": False, "note": "现场核验。"}, "属实。")


def decide(office: Office, item: Item) -> Answer:
    """The performance section follows the table."""
    proposed = str(office.view(item).variables["proposed_decision"])
    form: dict[str, Any] = {"extension_days": 10} if proposed == "延期整改" else {}
    return Answer(proposed, form, "按规定办理。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "draft_notice": draft,
    "issue": note("签发"),
    "sign_receipt": sign,
    "sign_urged": sign,
    "make_plan": plan,
    "report_actions": report,
    "approve_stop": note("同意停拨"),
    "verify": verify,
    "decide": decide,
    "take_over": note("接收"),
}
