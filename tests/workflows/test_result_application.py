"""What an evaluation leads to: D04 by county, advice, computation, decision, appeal, and next year's control figure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget import cases, results
from budget.cases import CaseKind
from budget.projects import Register
from budget.quality.score import Rules
from budget.result_codes import Action, Rectified
from budget.tables import BudgetControl, Campaign, Case, Project, Rectification, ResultApplication
from engine import dmn
from engine.engine import StartRequest
from engine.errors import InvalidAnswers
from engine.plugins import Finding
from tests.workflows.county import DEADLINE, add_project
from tests.workflows.key_county import accept_self_evaluation
from workflows import files_of, profiles
from workflows.result_application.campaign import CAMPAIGN

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.calendar import SteppedClock
    from tests.workflows.key_county import Office

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
RULES = Rules.read(profiles.load("qapqal").group("quality_score"))


def begin(office: Office, profile: str = "qapqal", grade: str = "良", score: str = "85") -> None:
    accept_self_evaluation(office, score, grade)
    start(office, profile)


def start(office: Office, profile: str = "qapqal") -> None:
    variables = {
        "project": office.project,
        "campaign": None,
        "deadline": DEADLINE,
        "profile": profiles.load(profile).variables("result", "quality_score"),
    }
    request = StartRequest(variables, f"result-{office.project['code']}")
    (started,) = office.engine.start_many("result_application", [request], actor="system")
    office.instance = started.instance_id


def up_to_decision(office: Office, **computed: Any) -> None:
    proposed = office.task("wang").variables["proposed_action"]
    office.do("wang", "报送", {"section_action": proposed, "section_reason": "按评价结果处理"})
    task = office.task("chen").variables
    answers = {"action": task["proposed_action"], "delta": task["proposed_delta"]} | computed
    office.do("chen", "报送审定", answers)


def application(office: Office) -> ResultApplication:
    with office.records() as session:
        found = session.get_one(ResultApplication, office.instance)
        session.expunge_all()
        return found


def control(office: Office) -> BudgetControl | None:
    with office.records() as session:
        found = session.scalars(select(BudgetControl)).one_or_none()
        session.expunge_all()
        return found


#: What D04 is asked about a well evaluated project.
USUAL = {
    "rules": "NATIONAL",
    "refused": False,
    "rectified": "NONE",
    "ineffective": False,
    "grade": "优",
    "fair": "",
    "ineffective_action": "CUT",
}


@pytest.mark.parametrize(
    ("rules", "grade", "action"),
    [
        ("STRICT", "优", "PRIORITY"),
        ("STRICT", "良", "CUT"),
        ("STRICT", "中", "CUT"),
        ("STRICT", "差", "CANCEL"),
        ("RECTIFY", "优", "SUPPORT"),
        ("RECTIFY", "良", "SUPPORT"),
        ("RECTIFY", "中", "RECTIFY"),
        ("RECTIFY", "差", "RECTIFY"),
        ("NATIONAL", "优", "SUPPORT"),
        ("NATIONAL", "良", "SUPPORT"),
        ("NATIONAL", "中", "CUT"),
        ("NATIONAL", "差", "CUT"),
        ("NATIONAL", None, "RECTIFY"),
    ],
)
def test_the_three_columns_of_d04(rules: str, grade: str | None, action: str) -> None:
    assert _decided(rules=rules, grade=grade) == action


@pytest.mark.parametrize(
    ("asked", "action"),
    [
        ({"rules": "STRICT", "grade": "中", "fair": "RECTIFY"}, "RECTIFY"),
        ({"rules": "RECTIFY", "grade": "优", "rectified": "FAILED"}, "CUT"),
        ({"rules": "RECTIFY", "grade": "差", "rectified": "CLOSED"}, "SUPPORT"),
        ({"rules": "RECTIFY", "grade": "差", "rectified": "OPEN"}, "RECTIFY"),
        ({"rules": "RECTIFY", "refused": True}, "REFUSE"),
        ({"rules": "NATIONAL", "refused": True, "grade": "优"}, "SUPPORT"),
        ({"ineffective": True, "ineffective_action": "RECLAIM"}, "RECLAIM"),
        ({"rules": "STRICT", "ineffective": True, "ineffective_action": "CANCEL"}, "CANCEL"),
    ],
)
def test_what_else_d04_heeds(asked: dict[str, Any], action: str) -> None:
    assert _decided(**asked) == action


def _decided(**asked: Any) -> Any:
    decision = dmn.parse(files_of("result_application")["application.dmn"])
    return decision.evaluate("D04", USUAL | asked).value


def test_every_county_has_a_rule_and_the_one_without_a_word_for_fair_falls_to_the_national_one() -> None:
    rules = {code: profiles.load(code).value("result.rules") for code in profiles.names()}
    assert rules == {
        "donghu": "NATIONAL",
        "licheng": "NATIONAL",
        "qapqal": "RECTIFY",
        "qiaokou": "STRICT",
        "tianmen": "NATIONAL",
    }
    assert profiles.load("qiaokou").value("result.fair") == ""


@pytest.mark.parametrize(
    ("action", "unspent", "delta"),
    [
        (Action.CUT, None, -200),
        (Action.CANCEL, None, -999),
        (Action.REFUSE, 5, -999),
        (Action.RECLAIM, 300, -300),
        (Action.RECLAIM, 5000, -999),
        (Action.RECLAIM, None, -200),
        (Action.SUPPORT, 300, 0),
        (Action.PRIORITY, None, 0),
        (Action.RECTIFY, None, 0),
    ],
)
def test_what_an_action_means_for_the_money(action: Action, unspent: int | None, delta: int) -> None:
    # 20 % of 9.99 元 is 1.998 元, which is 2.00 元.
    assert results.proposed_delta(action, 999, Decimal(20), unspent) == delta


class TestAWholeApplication:
    def test_a_cut_becomes_next_years_control_figure_and_the_amount_that_is_proposed(
        self, office: Office
    ) -> None:
        begin(office, "qiaokou")
        up_to_decision(office)
        office.do("feng", "同意")
        office.do("zhao", "无异议")
        assert office.result() == "applied_end"
        found, figure = application(office), control(office)
        assert (found.action, found.delta, found.state, found.score_type) == (
            "CUT",
            -170_000_000,
            "APPLIED",
            "SELF",
        )
        assert figure is not None
        assert (figure.fiscal_year, figure.amount) == (2027, 680_000_000)
        with office.engine.database.write() as unit, unit.savepoint() as session:
            old = session.get_one(Project, office.project["id"])
            values = {c.name: getattr(old, c.name) for c in Project.__table__.columns}
            new = Project(**(values | {"id": None, "fiscal_year": 2027, "previous_id": old.id}))
            session.add(new)
            session.flush()
            assert Register(session).prefilled(new)["annual_amount"] == Decimal("680.00")
            assert session.get_one(Case, office.instance).result == "APPLIED"


@on_sqlite
def test_an_evaluation_of_last_year_counts_for_next_years_budget(office: Office, clock: SteppedClock) -> None:
    """Evaluated is 2026, in 2027; the figure is 2028's, reckoned from what the project has in 2027."""

    def copy_of(session: Session, old: Project, **changes: Any) -> Project:
        values = {column.name: getattr(old, column.name) for column in Project.__table__.columns}
        new = Project(**(values | {"id": None, "previous_id": old.id} | changes))
        session.add(new)
        session.flush()
        return new

    accept_self_evaluation(office, "85", "良")
    with office.engine.database.write() as unit, unit.savepoint() as session:
        old = session.get_one(Project, office.project["id"])
        copy_of(session, old, fiscal_year=2027, annual_amount=600_000_000)
    clock.advance(timedelta(days=365))
    start(office, "qiaokou")
    up_to_decision(office)
    office.do("feng", "同意")
    office.do("zhao", "无异议")
    figure = control(office)
    assert figure is not None
    assert (figure.fiscal_year, figure.amount) == (2028, 480_000_000)
    with office.engine.database.write() as unit, unit.savepoint() as session:
        second = session.scalars(select(Project).where(Project.fiscal_year == 2027)).one()
        third = copy_of(session, second, fiscal_year=2028)
        assert Register(session).prefilled(third)["annual_amount"] == Decimal("480.00")
        assert Register(session).prefilled(second)["annual_amount"] == Decimal("600.00")


@on_sqlite
class TestTheDecision:
    def test_the_county_that_rectifies_first_keeps_the_money_of_a_weak_project(self, office: Office) -> None:
        begin(office, grade="中", score="70")
        variables = office.task("wang").variables
        assert (variables["proposed_action"], variables["proposed_delta"]) == ("RECTIFY", 0)

    def test_another_amount_than_the_rules_propose_needs_a_reason(self, office: Office) -> None:
        begin(office, "qiaokou")
        with pytest.raises(InvalidAnswers) as caught:
            up_to_decision(office, delta=Decimal(-100))
        assert [one.field for one in caught.value.findings] == ["change_reason"]
        answers = {"action": "CUT", "delta": Decimal(-100), "change_reason": "已签合同须保障"}
        office.do("chen", "报送审定", answers)
        office.do("feng", "同意")
        assert (application(office).delta, application(office).reason) == (-100_000_000, "已签合同须保障")

    @pytest.mark.parametrize(
        ("action", "delta"), [("CUT", 0), ("CUT", -851), ("CANCEL", -1), ("SUPPORT", -1), ("RECTIFY", 5)]
    )
    def test_the_amount_goes_with_the_action(self, office: Office, action: str, delta: int) -> None:
        begin(office, "qiaokou")
        with pytest.raises(InvalidAnswers) as caught:
            up_to_decision(office, action=action, delta=Decimal(delta), change_reason="测试不同的处理")
        assert [one.code for one in caught.value.findings] == ["result.amount"]

    def test_who_proposes_the_cut_does_not_decide_it(self, office: Office) -> None:
        office.engine.people.add_post("chen", "deputy_leader", "BUREAU")
        office.engine.people.add_post("wang", "bureau_leader", "BUREAU")
        begin(office, "qiaokou")
        up_to_decision(office)
        for person in ("chen", "wang"):
            with pytest.raises(AssertionError):
                office.task(person)
        assert office.task("feng").element == "decide"

    def test_the_leader_may_waive_with_a_reason(self, office: Office) -> None:
        begin(office, "qiaokou")
        up_to_decision(office)
        with pytest.raises(InvalidAnswers):
            office.do("chu", "不作应用")
        office.do("chu", "不作应用", opinion="项目到期，不再安排")
        assert office.result() == "waived"
        assert (application(office).state, application(office).reason) == ("WAIVED", "项目到期，不再安排")
        assert control(office) is None

    def test_the_unit_reads_neither_advice_nor_computation(self, office: Office) -> None:
        begin(office, "qiaokou")
        up_to_decision(office)
        office.do("feng", "同意")
        assert office.may_read("zhao") == set()
        assert {"section_advice", "computation"} <= office.may_read("wu")
        assert office.task("zhao").variables["decided_amount"] == Decimal("680.00")


@on_sqlite
class TestTheAppeal:
    @pytest.fixture
    def told(self, office: Office) -> Office:
        begin(office, "qiaokou")
        up_to_decision(office)
        office.do("feng", "同意")
        return office

    def test_an_appeal_is_reconsidered_and_may_change_the_money(self, told: Office) -> None:
        with pytest.raises(InvalidAnswers):
            told.do("zhao", "申辩", {"grounds": ""})
        told.do("zhao", "申辩", {"grounds": "雨季停工，已报批延期，验收合格"})
        answers = {"final_action": "CUT", "final_delta": Decimal(-85), "answer": "部分采纳，调减一成"}
        with pytest.raises(InvalidAnswers) as caught:
            told.do("feng", "维持", answers)
        assert [one.code for one in caught.value.findings] == ["result.appeal"]
        told.do("feng", "改变", answers)
        assert told.result() == "applied_end"
        found, figure = application(told), control(told)
        assert (found.state, found.answer) == ("APPEALED", "部分采纳，调减一成")
        assert figure is not None
        assert figure.amount == 765_000_000

    def test_a_decision_that_is_upheld_is_applied_as_it_was(self, told: Office) -> None:
        told.do("zhao", "申辩", {"grounds": "雨季停工，已报批延期，验收合格"})
        same = {"final_action": "CUT", "final_delta": Decimal(-170), "answer": "理由不成立，维持"}
        told.do("feng", "维持", same)
        assert (application(told).state, application(told).delta) == ("APPLIED", -170_000_000)

    def test_no_answer_within_five_working_days_counts_as_no_objection(
        self, told: Office, clock: SteppedClock
    ) -> None:
        clock.advance(timedelta(days=8))
        told.engine.run_due()
        assert told.result() == "applied_end"
        assert application(told).state == "APPLIED"

    def test_moving_back_takes_the_figure_back(self, told: Office) -> None:
        with told.engine.database.write() as unit, unit.savepoint() as session:
            results.set_control(session, told.instance, NOW)
            results.unset_control(session, told.instance)
        assert control(told) is None
        told.engine.jump(
            told.instance, actor=told.who("root"), source="receive_decision", to="compute", reason="重新测算"
        )
        assert (application(told).state, application(told).action) == ("OPEN", None)


@on_sqlite
class TestWhoIsConcerned:
    def test_evaluated_projects_and_those_that_refused_are_called_once(self, office: Office) -> None:
        refused = add_project(office.engine, 2)["variables"]
        add_project(office.engine, 3)
        add_project(office.engine, 4, secret=True)
        accept_self_evaluation(office)
        with office.engine.database.write() as unit, unit.savepoint() as session:
            cases.open_case(
                session,
                4711,
                CaseKind.SELF_EVALUATION,
                fiscal_year=2026,
                now=NOW,
                unit="U1",
                project_id=refused["id"],
            )
            cases.overdue(session, 4711, NOW)
        campaign = Campaign(kind="RESULT", fiscal_year=2026, period="", title="结果应用", state="OPEN")
        profile = profiles.load("qapqal")

        def called() -> list[str]:
            with office.records() as session:
                return [one.business_key for one in CAMPAIGN.cohort(session, campaign, profile)]

        assert called() == ["result-2026-2026-U1-01", "result-2026-2026-U1-02"]
        start(office)
        assert called() == ["result-2026-2026-U1-02"]

    def test_a_unit_that_did_not_evaluate_itself_gets_nothing_where_the_county_says_so(
        self, office: Office
    ) -> None:
        start(office)
        variables = office.task("wang").variables
        assert (variables["proposed_action"], variables["proposed_delta"]) == ("REFUSE", -850)

    def test_the_units_quality_of_declaring_is_told(self, office: Office) -> None:
        accept_self_evaluation(office)
        with office.engine.database.write() as unit, unit.savepoint() as session:
            project = office.project["id"]
            cases.open_case(
                session, 4712, CaseKind.GOAL, fiscal_year=2026, now=NOW, unit="U1", project_id=project
            )
            cases.submitted(session, 4712, NOW)
            cases.returned(session, 4712)
            cases.open_case(
                session, 4713, CaseKind.MONITORING, fiscal_year=2026, now=NOW, unit="U1", project_id=project
            )
            warnings = [Finding(severity, "DQ24", {"zh": "…"}) for severity in ("warning", "warning", "info")]
            cases.submitted(session, 4713, NOW, warnings)
            cases.submitted(session, 4713, NOW, warnings * 2)  # what was handed in again counts no more
        start(office)
        assert application(office).quality == 100 - (RULES.returned + 2 * RULES.warned) / 2

    @pytest.mark.parametrize(
        ("states", "rectified"),
        [
            ((), Rectified.NONE),
            (("CLOSED",), Rectified.CLOSED),
            (("CLOSED", "RECTIFYING"), Rectified.OPEN),
            (("CLOSED", "FAILED", "RECTIFYING"), Rectified.FAILED),
            (("CANCELLED",), Rectified.NONE),
        ],
    )
    def test_how_the_rectification_stands(
        self, office: Office, states: tuple[str, ...], rectified: Rectified
    ) -> None:
        accept_self_evaluation(office)
        with office.engine.database.write() as unit, unit.savepoint() as session:
            for number, state in enumerate(states):
                session.add(
                    Rectification(
                        instance_id=5000 + number,
                        project_id=office.project["id"],
                        source="KEY_EVAL",
                        state=state,
                        opened_at=NOW,
                    )
                )
            session.flush()
            assert results.facts(session, office.project["id"], RULES).rectified == rectified
