"""A key evaluation walked up to some step by the people of :mod:`tests.workflows.key_county`, and what it has written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import selectinload

from budget.tables import KeyEvaluation
from tests.workflows.key_county import Office
from workflows.demo.key_evaluations import assignment, draft, meeting, notice, papers, plan

#: The day of the meeting, and of the working papers.
DAY = date(2026, 3, 10)


def evaluation(office: Office) -> KeyEvaluation:
    """Return the record of the case."""
    with office.records() as session:
        found = session.get_one(KeyEvaluation, office.instance, options=[selectinload("*")])
        session.expunge_all()
        return found


def up_to_plan(office: Office, experts: tuple[str, ...] = ("user:he", "user:lv")) -> None:
    """Assign the agency, notify the unit, hold the meeting."""
    office.do("wu", "确定", assignment("A01", leader="朱主评", experts=experts))
    office.do("li", "签收", notice("李经办"))
    office.do("zheng", "已召开", meeting(DAY, DAY + timedelta(days=5)))


def up_to_collecting(office: Office, experts: tuple[str, ...] = ("user:he", "user:lv")) -> None:
    """Up to there, and have the plan approved."""
    up_to_plan(office, experts)
    office.do("zhu", "报送方案", plan())
    for person in experts:
        office.do(person.removeprefix("user:"), "提交意见", expert(person))
    office.do("wu", "同意")


def up_to_opinions(office: Office, score: str = "84.5", issues: tuple[str, ...] = ()) -> None:
    """Up to there, and have the papers complete and a first draft."""
    up_to_collecting(office)
    office.do("qin", "底稿齐全", papers(DAY))
    offered = office.task("zhu").variables["scores"]
    office.do("zhu", "提交初稿", draft(offered, Decimal(score), leader="朱主评", issues=issues))


def expert(person: str) -> dict[str, Any]:
    """Return an expert's agreement."""
    return {"verdict": "AGREE", "expert_opinion_text": f"{person}的意见", "expert_name": person}


def finish(office: Office, score: str = "84.5", issues: tuple[str, ...] = ()) -> None:
    """From the experts' review to the end."""
    for person in ("he", "lv"):
        office.do(person, "提交意见", expert(person))
    offered = office.task("zhu").variables["scores"]
    office.do("zhu", "签字定稿", draft(offered, Decimal(score), leader="朱主评", issues=issues))
    office.do("wu", "同意定稿", {"approved": True, "approver": "吴股长"})
