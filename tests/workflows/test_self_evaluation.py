"""A project's self-evaluation from the unit's form to its acceptance, through the real engine."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
import workflows
from budget import similarity
from budget.cases import CampaignState, CaseKind, CaseState
from budget.codes import GoalState
from budget.evaluations import EvaluationState, ScoreType
from budget.projects import Register
from budget.tables import Campaign, Case, Evaluation, Project, Unit
from engine import feel
from engine.engine import NewPin, Reply, StartRequest
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.identity import SYSTEM, Organisation
from tests.conftest import BACKENDS
from tests.workflows.county import County, open_county
from workflows import profiles
from workflows.campaigns import kinds, start_variables

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

DUE = datetime.fromisoformat("2027-04-30T18:00:00+08:00")


@pytest.fixture
def backend() -> str:
    """One database is enough for most of this process; the whole way is gone on both."""
    return "sqlite"


@pytest.fixture
def county(engine: Engine, clock: SteppedClock) -> County:
    """A county whose one goal is approved, and whose clock stands in March of the year after."""
    county = open_county(engine)
    county.up_to_decision(95)
    county.decide("优：批复")
    engine.people.add_orgs([Organisation("SUPERVISION", "财监", "", None)])
    for person, name, role, org in (
        ("mei", "梅干事", "perf_staff", "PERF"),
        ("bao2", "包局长", "unit_head", "U2"),
        ("gao2", "高监督", "supervision_chief", "SUPERVISION"),
    ):
        engine.people.create_person(person, name)
        engine.people.add_post(person, role, org)
    clock.set(datetime.fromisoformat("2027-03-01T09:00:00+08:00"))
    return county


def call(county: County, profile: str = "qapqal", **settings: Any) -> int:
    """Open the campaign and start what it calls for; ``settings`` replace those of the group ``sampling``."""
    kind, rules = kinds()[CaseKind.SELF_EVALUATION], profiles.load(profile)
    with county.engine.database.write() as unit, unit.savepoint() as session:
        campaign = Campaign(
            kind=CaseKind.SELF_EVALUATION,
            fiscal_year=2026,
            period="",
            title="2026年度自评",
            state=CampaignState.OPEN,
            opens_at=DUE,
            due_at=DUE,
        )
        session.add(campaign)
        session.flush()
        register = Register(session)
        requests = []
        for one in kind.cohort(session, campaign, rules):
            variables = start_variables(kind, register, one, campaign, rules)
            variables["profile"]["sampling"] |= settings
            requests.append(
                StartRequest(variables, one.business_key, dict(kind.documents(register, one, campaign)))
            )
    started = county.engine.start_many(kind.process, requests, actor="system")
    county.instance = started[0].instance_id
    return len(requests)


def page(county: County) -> dict[str, Any]:
    """Return the form as the clerk's page shows it before anything is typed."""
    task = county.task("li")
    form = forms.read(workflows.files_of("self_evaluation")["self_evaluation.form"])
    env = feel.Environment(now=county.engine.clock.now, functions=county.engine.ports.functions)
    return forms.compute(form, task.answers, task.variables, env)


def answers(county: County, **changes: Any) -> dict[str, Any]:
    """Return a sound form: every target reached, one indicator partly."""
    form = page(county)
    rows = [dict(row) for row in form["indicators"]]
    for row in rows:
        if row["method"] == "QUAL":
            row |= {"band": "ACHIEVED", "actual": "已达到"}
        elif row["method"] == "DATE":
            row["actual"] = row["target"]
        else:
            row["actual"] = f"{row['target_value']:f}"
        row["evidence"] = "验收单"
    rows[0] |= {
        "actual": f"{rows[0]['target_value'] * Decimal('0.9'):f}",
        "cause": "天气原因，工期推迟到次年",
    }
    return (
        form
        | {
            "executed_full": Decimal(800),
            "goal_actual": "全年按目标建成农村公路，质量全部合格，群众出行时间明显缩短，满意度达到预期水平。",
            "indicators": rows,
            "problems": "部分路段工期推迟",
            "improvement": "提前招标，错开雨季施工",
            "survey_sample": 60,
            "survey_population": 900,
            "dq_reasons": [{"check": "DQ20", "reason": "问卷由第三方保管，另行报送"}],
            "filler": "李经办",
        }
        | changes
    )


def submit(county: County, **changes: Any) -> None:
    county.do("li", "提交", answers(county, **changes))


def sign(county: County) -> None:
    county.do("zhao", "同意", {"truthful": True})


def records(county: County) -> list[Evaluation]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = list(session.scalars(select(Evaluation).order_by(Evaluation.id)))
        for one in found:
            assert one.points is not None
            assert one.checks is not None
        session.expunge_all()
        return found


def case(county: County) -> Case:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.get_one(Case, county.instance)
        session.expunge(found)
        return found


def state(county: County) -> str:
    return county.engine.instance(county.instance, SYSTEM).state


def pin(county: County, person: str) -> NewPin:
    form = next(shown for shown in county.task(person).shows if shown.name == "evaluation").body
    return NewPin("evaluation", "indicators.actual", form["indicators"][0]["_row"], "请附验收单")


class TestTheForm:
    """What the clerk finds, and what is taken."""

    def test_what_another_unit_told_is_a_warning_that_takes_a_reason(self, county: County) -> None:
        """DQ14 by the index: another unit's newest self-evaluation is found among all, the own unit's never."""
        call(county)
        told = answers(county)["goal_actual"]
        with county.engine.database.write() as unit, unit.savepoint() as session:
            session.add(Unit(code="U2", name="县水利局", section="S04"))
            session.flush()
            mine = session.scalars(select(Project)).first()
            assert mine is not None
            columns = [one.key for one in Project.__table__.columns if one.key not in ("id", "code", "unit")]
            kept = {name: getattr(mine, name) for name in columns}
            others = [Project(**kept, code=f"other-{code}", unit=code) for code in ("U1", "U2")]
            session.add_all(others)
            session.flush()
            for one in others:
                similarity.EVALUATIONS.keep(session, one, told.replace("，", "、 "))
        with pytest.raises(InvalidAnswers) as caught:
            submit(county)
        assert [(one.code, one.field) for one in caught.value.findings] == [("DQ14", "goal_actual")]
        assert "县水利局" in caught.value.findings[0].message["zh"]
        reasons = answers(county)["dq_reasons"]
        submit(county, dq_reasons=[*reasons, {"check": "DQ14", "reason": "同一流域共同实施，任务相同"}])
        (record,) = records(county)
        assert [one.code for one in record.checks].count("DQ14") == 1
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            found = similarity.EVALUATIONS.find(session, told)
        assert len(found) == 3, "this one is found by the others from now on"

    def test_it_begins_with_the_approved_goal_its_points_and_the_years_money(self, county: County) -> None:
        assert call(county) == 1
        form = page(county)
        assert sum(row["weight"] for row in form["indicators"]) == 90
        assert (form["budget_full"], form["exec_weight"]) == (Decimal(850), 10)
        assert form["total_score"] is None
        levels = {row["level1"]: Decimal(0) for row in form["indicators"]}
        for row in form["indicators"]:
            levels[row["level1"]] += row["weight"]
        assert levels == {"OUTPUT": 50, "BENEFIT": 30, "SATISFACTION": 10}

    def test_points_are_suggested_and_the_total_has_its_grade(self, county: County) -> None:
        call(county)
        submit(county)
        shown = next(one for one in county.task("zhao").shows if one.name == "evaluation").body
        first = shown["indicators"][0]
        assert first["suggested"] == first["weight"] * Decimal("0.9")
        (record,) = records(county)
        expected = 90 - first["weight"] * Decimal("0.1") + Decimal(10) * 800 / 850
        assert record.total.quantize(Decimal("0.000001")) == expected.quantize(Decimal("0.000001"))
        assert (record.score_type, record.grade, record.fiscal_year, record.activity_year) == (
            ScoreType.SELF,
            "优",
            2026,
            2027,
        )
        assert record.executed == 800_000_000
        assert len(record.points) == len(shown["indicators"])

    def test_changed_points_must_be_explained(self, county: County) -> None:
        call(county)
        form = answers(county)
        form["indicators"][1] |= {"given": Decimal(1)}
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form)
        assert [finding.field for finding in caught.value.findings] == ["indicators.1.cause"]
        form["indicators"][1] |= {"cause": "按核实的工程量从严计分"}
        county.do("li", "提交", form)
        assert records(county)[0].points[1].points == 1

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"executed_full": Decimal(900)}, "DQ17"),
            ({"fund_carryover": Decimal(50)}, "DQ17"),
            ({"dq_reasons": []}, "DQ20"),
        ],
    )
    def test_what_can_not_be_is_not_taken(self, county: County, changes: dict[str, Any], code: str) -> None:
        call(county)
        with pytest.raises(InvalidAnswers) as caught:
            submit(county, **changes)
        assert {finding.code for finding in caught.value.findings} == {code}

    @pytest.mark.parametrize("column", ["target_value", "weight", "name"])
    def test_an_approved_indicator_can_not_be_changed(self, county: County, column: str) -> None:
        call(county)
        form = answers(county)
        form["indicators"][0][column] = "改过的指标" if column == "name" else Decimal(1)
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form)
        assert "DQ40" in {finding.code for finding in caught.value.findings}

    def test_where_satisfaction_is_part_of_benefit_the_points_follow(self, county: County) -> None:
        call(county, "qiaokou")
        form = page(county)
        assert form["exec_weight"] == 20
        benefit = [row["weight"] for row in form["indicators"] if row["level1"] != "OUTPUT"]
        assert sum(benefit) == 40


class TestTheWay:
    """Signature, section, sampling, review, acceptance."""

    def test_what_is_not_drawn_is_accepted_after_the_section(self, county: County) -> None:
        call(county, share=0, amount=100_000)
        submit(county)
        sign(county)
        county.do("wang", "同意", opinion="同意")
        assert state(county) == "ended"
        (record,) = records(county)
        assert record.state == EvaluationState.ACCEPTED
        assert (case(county).state, case(county).result) == (CaseState.CLOSED, "ACCEPTED")

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_a_large_amount_is_reviewed_and_the_review_has_its_own_score(self, county: County) -> None:
        call(county)
        submit(county)
        sign(county)
        county.do("wang", "同意", opinion="同意")
        assert county.element() == "perf_review"
        assert county.task("mei").variables["sampled"] == "必抽查"
        county.do("mei", "确认", {"review_score": Decimal("85.5"), "review_note": "核实验收单，少计里程"})
        own, review = records(county)
        assert (own.score_type, own.state, own.grade) == (ScoreType.SELF, EvaluationState.ACCEPTED, "优")
        assert (review.score_type, review.total, review.grade) == (ScoreType.REVIEW, Decimal("85.5"), "良")
        assert review.state == EvaluationState.ACCEPTED

    def test_what_looks_like_a_formality_is_always_reviewed(self, county: County) -> None:
        call(county, share=0, amount=100_000)
        form = answers(county, executed_full=Decimal(850), problems="")
        form["indicators"][0] |= {"actual": f"{form['indicators'][0]['target_value']:f}"}
        form["dq_reasons"].append({"check": "DQ18", "reason": "项目顺利，没有问题"})
        form["dq_reasons"].append({"check": "DQ19", "reason": "按合同工程量验收，逐项一致"})
        county.do("li", "提交", form)
        sign(county)
        county.do("wang", "同意", opinion="同意")
        assert county.element() == "perf_review"
        assert records(county)[0].forced

    def test_the_section_returns_with_pins_and_the_next_version_counts(self, county: County) -> None:
        call(county, share=0, amount=100_000)
        submit(county)
        sign(county)
        with pytest.raises(InvalidAnswers):
            county.do("wang", "退回补正", opinion="请补正")
        county.do("wang", "退回补正", opinion="请补正", pins=[pin(county, "wang")])
        assert (county.element(), case(county).state) == ("fill_evaluation", CaseState.RETURNED)
        task = county.task("li")
        form = answers(county)
        county.do("li", "提交", form, replies={task.pins[0].id: Reply("changed", "已附")})
        sign(county)
        county.do("wang", "同意", opinion="同意")
        assert [(one.version, one.state) for one in records(county)] == [
            (1, EvaluationState.SUBMITTED),
            (2, EvaluationState.ACCEPTED),
        ]

    def test_a_second_level_units_evaluation_passes_its_department(self, county: County) -> None:
        with county.engine.database.write() as unit, unit.savepoint() as session:
            session.add(Unit(code="U2", name="县交通局机关", section="S04"))
            session.flush()
            mine = session.get_one(Unit, "U1")
            mine.level, mine.parent = 2, "U2"
        call(county, share=0, amount=100_000)
        submit(county)
        sign(county)
        assert county.element() == "department_review"
        county.do("bao2", "同意")
        assert county.element() == "section_check"

    def test_a_secret_project_keeps_only_that_it_was_done(self, county: County) -> None:
        with county.engine.database.write() as unit, unit.savepoint() as session:
            session.scalars(select(Project)).one().secret_flag = True
        call(county)
        task = county.task("li")
        assert "公路" not in str(task.variables)
        county.do("li", "涉密线下办理")
        assert state(county) == "ended"
        assert (case(county).state, records(county)) == (CaseState.OFFLINE, [])


class TestWhoMay:
    """Separation of duties and visibility (§6.3, §6.5)."""

    def test_nobody_reviews_what_he_filled_in_signed_or_checked(self, county: County) -> None:
        county.engine.people.add_post("li", "unit_head", "U1")
        county.engine.people.add_post("wang", "perf_chief", "PERF")
        call(county)
        submit(county)
        with pytest.raises(Forbidden):
            county.do("li", "同意", {"truthful": True})
        sign(county)
        county.do("wang", "同意", opinion="同意")
        with pytest.raises(Forbidden):
            county.do("wang", "确认", {"review_score": 90, "review_note": "核实无误，予以确认"})

    def test_the_unit_does_not_read_the_review_and_another_section_reads_nothing(
        self, county: County
    ) -> None:
        call(county)
        submit(county)
        sign(county)
        county.do("wang", "同意", opinion="同意")
        county.do("mei", "确认", {"review_score": Decimal(85), "review_note": "核实验收单"})
        mine = county.engine.instance(county.instance, county.who("li"))
        assert {document.name for document in mine.documents} == {"evaluation", "sign"}
        inner = county.engine.instance(county.instance, county.who("gao2"))
        assert "review" in {document.name for document in inner.documents}
        with pytest.raises((NotFound, Forbidden)):
            county.engine.instance(county.instance, county.who("zhou"))


class TestTakingBackAndTime:
    """Undo, reminders and lateness."""

    def test_an_acceptance_is_undone_by_moving_back(self, county: County) -> None:
        call(county)
        submit(county)
        county.engine.withdraw(
            county.engine.done(county.who("li")).rows[0].item_id, actor=county.who("li"), reason="数字写错"
        )
        assert [one.state for one in records(county)] == [EvaluationState.WITHDRAWN]
        assert case(county).state == CaseState.OPEN
        submit(county)
        sign(county)
        county.do("wang", "同意", opinion="同意")
        county.engine.jump(
            county.instance, actor=SYSTEM, source="perf_review", to="fill_evaluation", reason="重新自评"
        )
        assert [one.state for one in records(county)] == [EvaluationState.WITHDRAWN] * 2
        assert county.engine.doctor() == []

    def test_who_does_not_report_is_reminded_and_then_late(self, county: County, clock: SteppedClock) -> None:
        call(county)
        clock.set(DUE)
        while county.engine.run_due():
            pass
        assert case(county).overdue_at is not None
        view = county.engine.instance(county.instance, county.who("li"))
        assert [event.kind for event in view.timeline].count("self_eval.reminded") == 1
        assert county.element() == "fill_evaluation"


def test_who_spends_evaluates_and_a_county_may_ask_first_level_units_alone(county: County) -> None:
    kind = kinds()[CaseKind.SELF_EVALUATION]
    with county.engine.database.write() as unit, unit.savepoint() as session:
        campaign = Campaign(
            kind=kind.kind, fiscal_year=2026, period="", title="", state="OPEN", opens_at=DUE, due_at=DUE
        )
        mine = session.scalars(select(Unit)).one()
        assert len(kind.cohort(session, campaign, profiles.load("tianmen"))) == 1
        mine.level = 2
        assert len(kind.cohort(session, campaign, profiles.load("tianmen"))) == 1
        assert kind.cohort(session, campaign, profiles.load("donghu")) == []


def test_only_approved_goals_are_evaluated(county: County) -> None:
    kind = kinds()[CaseKind.SELF_EVALUATION]
    with county.engine.database.write() as unit, unit.savepoint() as session:
        from budget.goals import change_state

        campaign = Campaign(
            kind=kind.kind, fiscal_year=2026, period="", title="", state="OPEN", opens_at=DUE, due_at=DUE
        )
        change_state(session, int(county.project["id"]), GoalState.SUBMITTED, county.engine.clock.now())
        assert kind.cohort(session, campaign, profiles.load("qapqal")) == []
