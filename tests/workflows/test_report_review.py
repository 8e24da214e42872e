"""Reports are drawn, handed in, read by two reviewers or three, graded, and sent back or into a rectification (P11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget.cases import CaseKind
from budget.projects import Register
from budget.report_reviews import TEMPLATES, ReportType
from budget.reviews import RelationKind, relate
from budget.statistics import Scope, compute, shown
from budget.tables import Campaign, Case, LedgerEntry, Rectification, ReportReview, Unit, UnitEvaluation
from engine import dmn
from engine.engine import StartRequest
from engine.errors import InvalidAnswers
from tests.workflows.county import add_project, populate
from tests.workflows.key_county import PEOPLE, Office, accept_self_evaluation
from workflows import profiles
from workflows.campaigns import kinds, start_variables
from workflows.simulation.acting.report_review import chapters, opinion

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.conftest import Settle

PROFILE = profiles.load("qiaokou")
ISSUE = {"content": "产出没有佐证", "suggestion": "补充验收材料"}


def people_and_processes(engine: Engine) -> None:
    """Give an empty county its people and the processes that take part."""
    populate(engine, PEOPLE, ("report_review", "rectification"))


@pytest.fixture
def settle() -> Settle:
    """The people and the two processes."""
    return people_and_processes


@pytest.fixture
def office(engine: Engine) -> Office:
    """A county with one project of unit U1 whose self-evaluation was accepted."""
    made = Office(engine, project=add_project(engine)["variables"])
    accept_self_evaluation(made)
    return made


def call(office: Office) -> dict[str, int]:
    """Open the year's campaign; return the instances that it began, by business key."""
    kind = kinds()[CaseKind.REPORT_REVIEW]
    with office.engine.database.write() as unit, unit.savepoint() as session:
        now = datetime(2026, 3, 2, 1, tzinfo=UTC)
        campaign = Campaign(
            kind=kind.kind,
            fiscal_year=2026,
            title="报告评审",
            state="OPEN",
            opens_at=now,
            due_at=datetime(2026, 3, 31, 10, tzinfo=UTC),
        )
        session.add(campaign)
        session.flush()
        register = Register(session)
        requests = [
            StartRequest(start_variables(kind, register, one, campaign, PROFILE), one.business_key)
            for one in kind.cohort(session, campaign, PROFILE)
        ]
    started = office.engine.start_many(kind.process, requests, actor="system")
    return {asked.business_key or "": one.instance_id for asked, one in zip(requests, started, strict=True)}


def begin(office: Office, key: str) -> None:
    office.instance = call(office)[key]


def hand_in(office: Office, **more: Any) -> None:
    form = office.task("li").answers | chapters(1500) | {"prepared_by": "SELF", "self_score": Decimal(95)}
    office.do("li", "报送", form | more)


def choose(office: Office, *people: str) -> None:
    office.do("wu", "提交", {"reviewers": [f"user:{one}" for one in people]})


def read(office: Office, person: str, total: int, **weak: str) -> None:
    form = opinion(office.task(person).variables["scores"], total)
    for row in form["scores"]:
        if row["aspect"] in weak:
            row["score"] = Decimal(weak[row["aspect"]])
    office.do(person, "提交", form)


def feed_back(office: Office, **more: Any) -> None:
    office.do("zheng", "反馈单位", {"comment": "请改进。", "issues": [ISSUE]} | more)


def review(office: Office) -> ReportReview:
    with office.records() as session:
        found = session.get_one(ReportReview, office.instance)
        assert found.seats is not None
        assert found.issues is not None
        session.expunge_all()
        return found


def figures(office: Office) -> Mapping[str, Any]:
    with office.records() as session:
        found = compute(session, Scope(2026, office.engine.clock.now()))
        return {name: found[name] for name in found if name.startswith("report.")}


class TestOneReport:
    """From its unit to its grade."""

    def test_two_readers_grade_the_report_on_a_project_and_its_problems_are_rectified(
        self, office: Office
    ) -> None:
        begin(office, "report-2026-2026-U1-01")
        report = office.task("li").variables["report"]
        assert (report["type"], report["self_score"]) == ("PROJECT", 95)
        with pytest.raises(InvalidAnswers) as caught:
            hand_in(office, chapter_3=" ", chapter_4="短")
        assert {(one.code, one.field) for one in caught.value.findings} >= {("DQ28", "chapter_3")}
        with pytest.raises(InvalidAnswers) as caught:
            hand_in(office, **dict.fromkeys((f"chapter_{number}" for number in range(1, 7)), "一百字"))
        assert [one.message["zh"] for one in caught.value.findings] == ["报告正文合计18字，少于1500字"]
        hand_in(office)
        with pytest.raises(InvalidAnswers) as caught:
            choose(office, "he")
        assert [one.code for one in caught.value.findings] == ["report.reviewers"]
        choose(office, "he", "lv")
        with pytest.raises(InvalidAnswers) as caught:
            read(office, "he", 80, TEXT="10.5")
        assert [one.code for one in caught.value.findings] == ["report.above"]
        read(office, "he", 90)
        read(office, "lv", 80)
        # A difference of exactly ten points asks for nobody else.
        assert office.elements() == ["write_feedback"]
        assert office.may_read("he") == {"report_text", "report_opinion"}
        with pytest.raises(InvalidAnswers):
            feed_back(office, issues=[])
        feed_back(office, rectify=True)
        found = review(office)
        assert (found.score, found.spread, found.grade, found.self_score) == (85, 10, "良", 95)
        assert office.may_read("li") >= {"report_text", "feedback"}
        assert "report_opinion" not in office.may_read("li")
        office.do("zhao", "签收")
        assert office.result() == "to_rectify"
        office.engine.run_due()
        with office.records() as session:
            (made,) = session.scalars(select(Rectification))
            assert (made.source, made.origin_instance) == ("REPORT_REVIEW", office.instance)
            case = session.get_one(Case, office.instance)
            assert (case.state, case.result, case.returns) == ("CLOSED", "GRADED", 0)
        told = figures(office)
        assert (told["report.sampled"], told["report.dept"], told["report.project"]) == (1, 0, 1)
        assert (told["report.avg"], told["report.good"]) == (85, 1)
        assert shown(told["report.aspect.analysis"], "%") == Decimal("85.00")
        assert told["report.aspect.goals"] is None
        assert office.engine.doctor() == []

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_readers_who_are_far_apart_are_joined_by_a_third(self, office: Office) -> None:
        with office.engine.database.write() as unit, unit.savepoint() as session:
            unit_evaluation = UnitEvaluation(
                instance_id=998,
                unit="U1",
                fiscal_year=2026,
                state="ACCEPTED",
                document_version=1,
                budget_full=1,
                executed=1,
                execution_points=Decimal(10),
                total=Decimal(97),
                submitted_at=datetime(2026, 3, 1, tzinfo=UTC),
            )
            session.add(unit_evaluation)
        begin(office, "report-2026-U1")
        report = office.task("li").variables["report"]
        assert (report["type"], report["self_score"]) == ("DEPT_OVERALL", 97)
        hand_in(office)
        choose(office, "he", "lv")
        read(office, "he", 100, GOALS="6")
        read(office, "lv", 85, GOALS="7")
        assert office.elements() == ["choose_reviewers"]
        offered = office.task("wu").variables
        assert (offered["needed"], [one["value"] for one in offered["reviewer_choices"]]) == (
            1,
            ["user:zheng"],
        )
        choose(office, "zheng")
        read(office, "zheng", 100, GOALS="8")
        assert office.elements() == ["write_feedback"]
        feed_back(office)
        found = review(office)
        # With 83 points the report would be good; of the goals it has a third of the points only.
        assert [seat.total for seat in found.seats] == [86, 75, 88]
        assert (found.score, found.weakest, found.grade) == (83, Decimal("0.35"), "中")
        office.do("li", "签收")
        assert office.result() == "graded"

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_a_poor_report_is_rewritten_once_and_then_entered_into_the_ledger(self, office: Office) -> None:
        begin(office, "report-2026-U1")
        for round in (1, 2):
            hand_in(office, prepared_by="AGENCY", agency="A01")
            choose(office, "he", "lv")
            for person in ("he", "lv"):
                read(office, person, 50)
            feed_back(office)
            assert review(office).round == round
        with office.records() as session:
            assert session.get_one(Case, office.instance).returns == 1
            assert len(session.get_one(ReportReview, office.instance).seats) == 4
        office.do("li", "签收")
        with office.records() as session:
            (entry,) = session.scalars(select(LedgerEntry))
            assert (entry.event, entry.unit) == ("POOR_REPORT", "U1")
        assert figures(office)["report.poor"] == 1

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_who_lets_the_time_pass_is_replaced_and_who_is_concerned_stays_out(
        self, office: Office, clock: SteppedClock
    ) -> None:
        with office.engine.database.write() as unit, unit.savepoint() as session:
            relate(session, "lv", "U1", RelationKind.CONSULTING, since=date(2025, 1, 1))
        begin(office, "report-2026-U1")
        hand_in(office)
        offered = office.task("wu").variables
        assert [one["value"] for one in offered["reviewer_choices"]] == ["user:he", "user:zheng"]
        assert [one["zh"] for one in offered["reviewer_refused"]] == ["吕专家：与县交通运输局有咨询关系"]
        with pytest.raises(InvalidAnswers) as caught:
            choose(office, "he", "lv")
        assert "report.related" in {one.code for one in caught.value.findings}
        choose(office, "he", "zheng")
        read(office, "he", 88)
        clock.set(datetime(2026, 3, 20, 2, tzinfo=UTC))
        office.engine.run_due()
        assert office.elements() == ["choose_reviewers"]
        asked = office.task("wu").variables
        assert (asked["absent_names"], asked["needed"]) == (["郑干事"], 1)
        # The step back to the choice takes back nothing that was signed.
        assert [seat.total for seat in review(office).seats] == [88, None]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_sample_reaches_as_many_units_as_it_can_and_no_secret_or_new_one(engine: Engine) -> None:
    office = Office(engine, project=add_project(engine)["variables"])
    accept_self_evaluation(office)
    with engine.database.write() as unit, unit.savepoint() as session:
        session.add(Unit(code="U2", name="县文旅局", section="S04"))
        session.add(Unit(code="U3", name="新设单位", section="S04", established_at=date(2026, 5, 1)))
        session.add(Unit(code="U4", name="涉密单位", section="S04", secret_flag=True))
    drawn = call(office)
    assert sorted(drawn) == ["report-2026-2026-U1-01", "report-2026-U1", "report-2026-U2"]
    # What is under review is not drawn a second time.
    with engine.database.write() as unit, unit.savepoint() as session:
        session.query(Campaign).update({"period": "1"})
    assert call(office) == {}


@pytest.mark.parametrize(
    ("spread", "signed", "way"),
    [("10", 2, "汇总定级"), ("10.01", 2, "请第三人评审"), ("30", 3, "汇总定级")],
)
def test_a_third_is_asked_above_ten_points(spread: str, signed: int, way: str) -> None:
    model = dmn.parse(files("workflows").joinpath("report_review", "third_review.dmn").read_bytes())
    asked = {"spread": Decimal(spread), "limit": Decimal(10), "signed": signed, "wanted": 2}
    assert model.evaluate("third_review", asked).value == way


def test_the_two_templates_have_six_aspects_each_as_the_report_names_them() -> None:
    assert [one.zh for one in TEMPLATES[ReportType.DEPT_OVERALL]] == [
        *("文本规范性", "目标及指标体系", "绩效分析", "自评结论", "问题分析", "有关建议"),
    ]
    assert [one.zh for one in TEMPLATES[ReportType.PROJECT]] == [
        *("文本规范性", "评价基本情况", "评价指标体系", "绩效分析", "问题分析", "有关建议"),
    ]
