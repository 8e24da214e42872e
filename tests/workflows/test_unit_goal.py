"""A unit's overall goal (P02): from the call to the approval, with sums that must agree, coaching, and secret units."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState, case_of
from budget.codes import VersionState
from budget.projects import Register
from budget.tables import Campaign, Unit, UnitGoal
from engine.engine import NewPin, StartRequest
from engine.errors import Forbidden, InvalidAnswers
from engine.identity import SYSTEM
from tests.workflows.county import County, open_county
from workflows import profiles
from workflows.campaigns import kinds, start_variables
from workflows.profiles import Profile, Setting

if TYPE_CHECKING:
    from engine.engine import Engine

INDICATORS = [
    {
        "level1": "OUTPUT",
        "level2": "QUANTITY",
        "level3_name": "养护公路里程",
        "nature": "QUANT",
        "operator": "GE",
    },
    {
        "level1": "BENEFIT",
        "level2": "SOCIAL",
        "level3_name": "通行时间缩短",
        "nature": "QUANT",
        "operator": "GE",
    },
]


def with_settings(**settings: Any) -> Profile:
    """Return the default profile with other settings of the group ``unit_goal``."""
    own = profiles.load("qapqal")
    changed = {f"unit_goal.{name}": Setting(value, "P") for name, value in settings.items()}
    return Profile(
        own.code,
        own.version,
        own.name,
        own.effective_from,
        own.issued_by,
        own.basis,
        {**own.settings, **changed},
    )


def campaign() -> Campaign:
    due = datetime(2026, 11, 30, 10, tzinfo=UTC)
    return Campaign(id=1, kind=CaseKind.UNIT_GOAL, fiscal_year=2026, period="", title="整体目标", due_at=due)


def begin(county: County, **settings: Any) -> None:
    """Start the overall goal of unit U1 as a campaign does."""
    kind, profile = kinds()[CaseKind.UNIT_GOAL], with_settings(**settings)
    with county.engine.database.write() as unit, unit.savepoint() as session:
        session.merge(
            Campaign(
                id=1,
                kind=CaseKind.UNIT_GOAL,
                fiscal_year=2026,
                period="",
                title="整体目标",
                state="OPEN",
                opens_at=datetime(2026, 3, 1, tzinfo=UTC),
                due_at=datetime(2026, 11, 30, 10, tzinfo=UTC),
            )
        )
        session.flush()
        register = Register(session)
        (assigned,) = [one for one in kind.cohort(session, campaign(), profile) if one.unit == "U1"]
        variables = start_variables(kind, register, assigned, campaign(), profile)
        documents = kind.documents(register, assigned, campaign())
    request = StartRequest(variables, assigned.business_key, documents)
    (started,) = county.engine.start_many("unit_goal", [request], actor="system")
    county.instance = started.instance_id


@pytest.fixture
def county(engine: Engine) -> County:
    county = open_county(engine)
    begin(county)
    return county


def form(county: County, **changes: Any) -> dict[str, Any]:
    answers = dict(county.task("li").answers)
    return answers | {
        "basic_personnel": Decimal(100),
        "basic_public": Decimal(50),
        "total_amount": Decimal(1000),
        "fund_general": Decimal(1000),
        "staff_quota": 20,
        "staff_actual": 20,
        "goals": [{"text": "养护公路120公里，缩短沿线群众通行时间10分钟"}],
        "tasks": [{"name": "公路养护", "content": "日常养护和应急抢修", "total": Decimal(850)}],
        "indicators": [
            dict(row, target_value="120", unit="公里", direction="POSITIVE") for row in INDICATORS
        ],
        "secret_flag": False,
        **changes,
    }


def rows(county: County) -> list[UnitGoal]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = list(session.scalars(select(UnitGoal).order_by(UnitGoal.version)))
        session.expunge_all()
        return found


def test_a_units_goal_is_declared_reviewed_and_approved(county: County) -> None:
    assert county.task("li").answers["projects_sum"] == 850
    county.do("li", "提交", form(county))
    county.do("zhao", "同意")
    assert county.element() == "section_review"
    pin = NewPin("unit_goal", "total_amount", None, "请核对")
    county.do("wang", "退回补正", opinion="请补充", pins=[pin])
    with pytest.raises(InvalidAnswers):  # the pinned opinion is to be answered
        county.do("li", "提交", form(county))
    from engine.engine import Reply

    task = county.task("li")
    county.do("li", "提交", form(county), replies={task.pins[0].id: Reply("explained", "已核对无误")})
    county.do("zhao", "同意")
    county.do("wang", "同意")
    with pytest.raises(Forbidden):
        county.do("wang", "批复")
    county.do("chen", "批复")
    assert county.element() is None
    found = rows(county)
    assert [(row.state, row.number) for row in found] == [
        (VersionState.SUBMITTED, None),
        (VersionState.FROZEN, "2026-Z001"),
    ]
    assert (found[1].total_amount, found[1].goals, found[1].indicators) == (1_000_000_000, 1, 2)
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        case = case_of(session, county.instance)
        assert (case.kind, case.state, case.result, case.returns) == ("UNIT_GOAL", "CLOSED", "APPROVED", 1)
    assert county.engine.doctor() == []
    assert county.engine.verify_history() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basic_public": Decimal("50.02")}, "total_amount"),
        ({"fund_general": Decimal(999)}, "total_amount"),
        ({"project_amount": Decimal(849), "basic_public": Decimal(51)}, "project_amount"),
        ({"tasks": [{"name": "公路养护", "content": "日常养护", "total": Decimal("1000.02")}]}, "tasks"),
        ({"goals": [{"text": "进一步加强公路工作"}]}, "goals.0.text"),
    ],
)
def test_what_does_not_agree_is_refused_at_its_place(county: County, changes: Any, field: str) -> None:
    with pytest.raises(InvalidAnswers) as caught:
        county.do("li", "提交", form(county, **changes))
    assert [one.field for one in caught.value.findings] == [field]


def test_a_hundredth_of_a_wan_is_no_difference(county: County) -> None:
    county.do("li", "提交", form(county, basic_public=Decimal("50.01")))
    assert county.element() == "unit_sign"


def test_where_the_county_coaches_an_expert_speaks_before_the_section(engine: Engine) -> None:
    county = open_county(engine)
    begin(county, coaching=True)
    county.do("li", "提交", form(county))
    county.do("zhao", "同意")
    assert county.element() == "coach"
    assert [one.name for one in county.task("zhang").shows] == ["unit_goal"]
    county.do("zhang", "辅导完毕", opinion="目标可再量化。")
    assert county.element() == "section_review"


def test_the_scope_is_the_countys(engine: Engine) -> None:
    open_county(engine)
    cohort = kinds()[CaseKind.UNIT_GOAL].cohort
    with engine.database.write() as unit, unit.savepoint() as session:
        session.add(Unit(code="U9", name="县公路段", section="S04", level=2, parent="U1"))
        session.flush()

        def called(**settings: Any) -> list[str]:
            return [one.unit for one in cohort(session, campaign(), with_settings(**settings))]

        assert called() == ["U1"]
        assert called(scope="ALL") == ["U1", "U9"]
        assert called(scope="PILOT", pilots=["U9"]) == ["U9"]


def test_of_a_secret_unit_only_that_it_was_done_is_kept(engine: Engine) -> None:
    county = open_county(engine)
    with engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Unit, "U1").secret_flag = True
    begin(county)
    county.do("li", "涉密线下办理")
    assert rows(county) == []
    with engine.database.read() as unit, Session(unit.connection) as session:
        assert case_of(session, county.instance).state == CaseState.OFFLINE


def test_a_withdrawn_submission_counts_no_more(county: County) -> None:
    county.do("li", "提交", form(county))
    item = county.engine.done(county.who("li")).rows[0].item_id
    county.engine.withdraw(item, actor=county.who("li"), reason="写错")
    assert [row.state for row in rows(county)] == [VersionState.WITHDRAWN]
    assert county.engine.instance(county.instance, SYSTEM).holders[0].element == "fill_unit_goal"
