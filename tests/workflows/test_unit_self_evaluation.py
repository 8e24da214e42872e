"""A unit's self-evaluation of its overall spending, from the form to the acceptance, through the real engine."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from budget.cases import CampaignState, CaseKind, case_of
from budget.projects import Register
from budget.tables import Campaign, UnitEvaluation, UnitGoal
from engine.engine import StartRequest
from engine.errors import InvalidAnswers
from engine.identity import SYSTEM
from tests.workflows.county import County, open_county
from workflows import profiles
from workflows.campaigns import kinds, start_variables

if TYPE_CHECKING:
    from engine.engine import Engine

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
DUE = datetime.fromisoformat("2026-04-30T18:00:00+08:00")
SNAPSHOT = {
    "goals": [{"text": "改造农村公路40公里"}, {"text": "养护县道300公里"}],
    "indicators": [
        {
            "level1": "OUTPUT",
            "level3_name": "改造里程",
            "operator": "GE",
            "target_value": "40",
            "unit": "公里",
        },
        {
            "level1": "BENEFIT",
            "level3_name": "受益人口",
            "operator": "GE",
            "target_value": "18500",
            "unit": "人",
        },
    ],
}


def open_units(engine: Engine) -> County:
    """Call the units to evaluate 2025; U1 has an approved overall goal."""
    county = open_county(engine)
    kind, profile = kinds()[CaseKind.UNIT_SELF_EVALUATION], profiles.load("qapqal")
    with engine.database.write() as unit, unit.savepoint() as session:
        session.add(
            UnitGoal(
                instance_id=77,
                unit="U1",
                fiscal_year=2025,
                version=1,
                state="FROZEN",
                document_version=1,
                document_sha256="0" * 64,
                basic_personnel=0,
                basic_public=0,
                project_amount=0,
                total_amount=1_000_000_000,
                goals=2,
                indicators=2,
                submitted_at=NOW,
                submitted_by="user:li",
                snapshot=json.dumps(SNAPSHOT, ensure_ascii=False),
            )
        )
        campaign = Campaign(
            kind=CaseKind.UNIT_SELF_EVALUATION,
            fiscal_year=2025,
            period="",
            title="2025年度整体支出自评",
            state=CampaignState.OPEN,
            as_of=date(2025, 12, 31),
            opens_at=NOW,
            due_at=DUE,
        )
        session.add(campaign)
        session.flush()
        (called,) = kind.cohort(session, campaign, profile)
        variables = start_variables(kind, Register(session), called, campaign, profile)
        documents = dict(kind.documents(Register(session), called, campaign))
    request = StartRequest(variables, called.business_key, documents)
    (started,) = engine.start_many("unit_self_evaluation", [request], actor="system")
    county.instance = started.instance_id
    return county


def form(county: County, **changes: Any) -> dict[str, Any]:
    """Return a sound form: 9 of 10 points for execution, 85 of 90 for the indicators."""
    answers = dict(county.task("li").answers)
    first, second = answers["indicators"]
    indicators = [
        first | {"actual": "38", "weight": 50, "score": 45, "cause": "两公里因征地推迟"},
        second | {"actual": "18600", "weight": 40, "score": 40},
    ]
    return answers | {
        "executed": Decimal(900),
        "goal_actual": "改造农村公路38公里，养护县道300公里，群众出行条件明显改善，养护质量达到要求。",
        "indicators": indicators,
        "problems": "征地进度慢。",
        **changes,
    }


def record(county: County) -> UnitEvaluation:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.get_one(UnitEvaluation, county.instance)
        session.expunge(found)
        return found


def test_it_begins_with_the_approved_goal_and_ends_with_a_total_a_grade_and_an_acceptance(
    engine: Engine,
) -> None:
    county = open_units(engine)
    task = county.task("li")
    assert task.answers["goal_expected"] == "1. 改造农村公路40公里\n2. 养护县道300公里"
    assert [row["target"] for row in task.answers["indicators"]] == ["≥40公里", "≥18500人"]
    assert (task.answers["budget_full"], task.variables["exec_weight"]) == (Decimal("1000.00"), 10)
    county.do("li", "提交", form(county))
    found = record(county)
    assert (found.execution_points, found.total, found.grade) == (Decimal("9.00"), Decimal("94.00"), "优")
    county.do("zhao", "同意", {"truthful": True})
    county.do("wang", "同意", opinion="情况属实。")
    county.do("wu", "纳入汇总")
    assert (record(county).state, county.element()) == ("ACCEPTED", None)
    with engine.database.read() as unit, Session(unit.connection) as session:
        assert case_of(session, county.instance).result == "ACCEPTED"
    assert engine.doctor() == []


def test_what_does_not_add_up_or_is_not_explained_is_refused_at_its_place(engine: Engine) -> None:
    county = open_units(engine)
    sound = form(county)
    rows = [sound["indicators"][0] | {"cause": "", "score": 30}, sound["indicators"][1] | {"weight": 39}]
    with pytest.raises(InvalidAnswers) as caught:
        county.do("li", "提交", sound | {"executed": Decimal(1001), "indicators": rows})
    assert {(one.code, one.field) for one in caught.value.findings} == {
        ("DQ17", "executed"),
        ("unit_evaluation.cause", "indicators.0.cause"),
        ("unit_evaluation.above", "indicators.1.score"),
        ("DQ16", "indicators"),
        ("unit_evaluation.improvement", "improvement"),
    }


def test_a_unit_that_is_late_is_noted_and_may_say_that_it_is_handled_offline(engine: Engine) -> None:
    county = open_units(engine)
    engine.clock.set(datetime.fromisoformat("2026-05-06T09:00:00+08:00"))  # type: ignore[attr-defined]
    while engine.run_due():
        pass
    with engine.database.read() as unit, Session(unit.connection) as session:
        assert case_of(session, county.instance).overdue_at is not None
    county.do("li", "涉密线下办理")
    with engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get(UnitEvaluation, county.instance) is None
        assert case_of(session, county.instance).state == "OFFLINE"
    assert engine.instance(county.instance, SYSTEM).state == "ended"
