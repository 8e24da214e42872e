"""A unit has one of its own new projects evaluated by itself, as when a project comes in the course of the year."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from budget.codes import ProjectAttr
from budget.ex_ante import under_way_of
from budget.tables import ExAnte, Project
from workflows.ex_ante_evaluation.campaign import GROUPS
from workflows.offers import Offer


def _not_evaluated(statement: Select[Any]) -> Select[Any]:
    return statement.where(
        Project.attr == ProjectAttr.NEW,
        Project.id.not_in(select(ExAnte.project_id).where(ExAnte.passed, ExAnte.project_id.is_not(None))),
        ~under_way_of(Project.id).exists(),
    )


OFFER = Offer(
    process="ex_ante_evaluation",
    title={"zh": "申请事前评估", "en": "Ask for an ex-ante evaluation"},
    about={
        "zh": "对本单位还没有通过事前评估的新增项目申请评估；通过后才可申报绩效目标、安排预算。",
        "en": "For your unit's new projects that have not passed yet; only then a goal may be declared.",
    },
    roles=frozenset({"unit_clerk"}),
    groups=GROUPS,
    own=True,
    projects=_not_evaluated,
    variables=lambda _chosen: {"campaign": None, "deadline": None},
)
