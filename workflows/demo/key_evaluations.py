"""Fills in the forms of a key evaluation soundly, as an agency and a performance section would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from budget.key_framework import framework


def assignment(
    agency: str | None, *, leader: str, experts: Iterable[str] = (), reason: str | None = None
) -> dict[str, Any]:
    """Return who evaluates: a third party, or the bureau where ``agency`` is None."""
    found: dict[str, Any] = {
        "evaluator": "BUREAU" if agency is None else "THIRD_PARTY",
        "leader": leader,
        "contract_days": 45,
        "experts": list(experts),
    }
    if agency is not None:
        found["agency"] = agency
    if reason is not None:
        found["evaluator_reason"] = reason
    return found


def notice(contact: str) -> dict[str, Any]:
    """Return the unit's receipt of the notice."""
    return {"contact": contact, "contact_phone": "0999-3612345"}


def meeting(day: date, due: date) -> dict[str, Any]:
    """Return the record of the coordination meeting."""
    return {
        "meeting_date": day.isoformat(),
        "place": "财政局三楼会议室",
        "attendees": "绩效股、归口业务股室、项目单位、评价组",
        "content": "告知评价政策、程序和时间安排，明确资料报送要求和现场评价安排。",
        "materials": "立项批复、预算批复、支付凭证、验收资料、绩效自评表",
        "materials_due": due.isoformat(),
    }


def plan(rows: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Return a plan on the national framework, or on ``rows``."""
    return {
        "methods": ["COMPARISON", "PUBLIC"],
        "scope": "项目立项、资金管理、组织实施、产出和效益，重点是资金使用合规和群众满意度。",
        "schedule": "第一周收集资料，第二至三周现场评价和问卷，第四周形成初稿。",
        "team": [{"name": "朱主评", "title": "注册会计师", "duty": "主评人，负责评分和报告"}],
        "indicators": [dict(row) for row in (framework() if rows is None else rows)],
    }


#: How each kind of working paper reads.
_PAPERS = {
    "DOCUMENTS": ("立项和资金资料", "查阅立项批复、预算文件和记账凭证，资金拨付与进度相符。"),
    "INTERVIEW": ("项目单位和受益村", "座谈了解组织实施情况和群众反映。"),
    "SURVEY": ("受益群众", "随机抽样发放问卷，回收后剔除无效问卷。"),
    "SITE": ("项目现场", "实地查看建成内容，核对工程量。"),
}


def papers(day: date, *, kinds: Iterable[str] = tuple(_PAPERS), valid: int = 60) -> dict[str, Any]:
    """Return working papers of these kinds; with questionnaires their register is filled in."""
    kinds = tuple(kinds)
    found: dict[str, Any] = {
        "papers": [
            {
                "type": kind,
                "held_on": day.isoformat(),
                "subject": _PAPERS[kind][0],
                "content": _PAPERS[kind][1],
                "evidence": f"{_PAPERS[kind][0]}.pdf",
            }
            for kind in kinds
        ],
        "surveyed": "SURVEY" in kinds,
    }
    if "SURVEY" in kinds:
        found |= {
            "issued": valid + 10,
            "returned": valid + 5,
            "valid": valid,
            "served": valid * 10,
            "satisfaction": Decimal("92.50"),
            "survey_method": "简单随机抽样，满意和较满意占有效问卷的比例",
        }
    return found


def draft(
    rows: Sequence[Mapping[str, Any]], total: Decimal, *, leader: str, issues: Iterable[str] = ()
) -> dict[str, Any]:
    """Return a report whose scores add up to ``total``, taken off from the last indicators first; rows as offered."""
    left = sum((Decimal(row["points"]) for row in rows), Decimal(0)) - total
    scores = []
    for row in reversed(rows):
        off = min(left, Decimal(row["points"]))
        left -= off
        scores.append(
            dict(row)
            | {"score": Decimal(row["points"]) - off, "missing": False, "basis": "对照评分标准和底稿计分"}
        )
    return {
        "scores": scores[::-1],
        "overview": "项目为年度重点支出，由项目单位组织实施。",
        "work": "评价组查阅资料、走访座谈、发放问卷、现场核查，编制工作底稿。",
        "conclusion": f"经评价，项目得{total}分，总体完成了年度目标。",
        "analysis": "决策依据充分，资金使用合规；产出按计划完成，效益基本实现。",
        "issues": [{"content": one, "suggestion": "限期整改，完善制度并举一反三"} for one in issues],
        "signed": True,
        "signer": leader,
    }
