"""New projects are evaluated before money is planned: two sheets, a second review, one new application (P04)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import policies
from budget.cases import CaseKind
from budget.ex_ante import AFFORDABILITY, ITEMS, POLICY_ITEMS, Aspect, summary
from budget.projects import Register
from budget.publishing.codes import PublicationKind
from budget.publishing.collecting import collect
from budget.reviews import RelationKind, relate
from budget.statistics import Scope, compute, shown
from budget.tables import Campaign, Case, ExAnte, ExAnteEvaluation, Project
from engine import dmn, tables
from engine.errors import InvalidAnswers
from tests.workflows.county import add_project, populate
from tests.workflows.key_county import PEOPLE, Office
from workflows import offers, profiles
from workflows.campaigns import kinds
from workflows.simulation.acting.ex_ante_evaluation import report, sheet

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.conftest import Settle

PROFILE = profiles.load("tianmen")
#: One more expert than are chosen, and the investment centre.
MORE = {
    "ren": ("任专家", "expert", "EXPERTS"),
    "mo": ("莫专家", "expert", "EXPERTS"),
    "tou": ("投评员", "invest_staff", "INVEST"),
}


def people_and_process(engine: Engine) -> None:
    """Give an empty county its people and the process."""
    populate(engine, {**PEOPLE, **MORE}, ("ex_ante_evaluation",))


@pytest.fixture
def settle() -> Settle:
    """The people and the process."""
    return people_and_process


@pytest.fixture
def office(engine: Engine) -> Office:
    """A county with one new project of unit U1, whose clerk has asked for its evaluation."""
    made = Office(engine, project=add_project(engine)["variables"])
    offer = offers.offers()["ex_ante_evaluation"]
    with engine.database.read() as unit, Session(unit.connection) as session:
        ((project, _),) = session.execute(offers.projects(offer, made.who("li").posts, [2026]))
        asked = offers.request(session, offer, project, None, PROFILE)
    (started,) = engine.start_many(offer.process, [asked], actor=made.who("li"))
    made.instance = started.instance_id
    return made


def apply(office: Office, **more: Any) -> None:
    """The unit hands its report in, and the section accepts it."""
    office.do("li", "提交", report(office.project["annual_amount"]) | more)
    office.do("zhao", "同意")


def accept(office: Office, *people: str) -> None:
    office.do("zheng", "受理", {"experts": [f"user:{one}" for one in people or ("he", "lv", "ren")]})


def score(office: Office, total: int, *people: str) -> None:
    for person in people or ("wang", "he", "lv", "ren"):
        office.do(person, "提交", sheet(office.task(person).variables["scores"], total))


def invest(office: Office, *, qualified: bool = True, cut: int = 0) -> None:
    form = {"invest_score": 88, "cut_amount": cut, "qualified": qualified, "invest_opinion": "已评审。"}
    office.do("tou", "提交", form)


def decide(office: Office) -> None:
    office.do("wu", "提交审定", {"check_opinion": "同意评估意见。"})
    office.do("feng", "同意")


def evaluation(office: Office) -> ExAnteEvaluation:
    with office.records() as session:
        found = session.get_one(ExAnteEvaluation, office.instance)
        assert found.seats is not None
        session.expunge_all()
        return found


def results(office: Office) -> list[tuple[bool, Decimal | None]]:
    with office.records() as session:
        return [(one.passed, one.score) for one in session.scalars(select(ExAnte).order_by(ExAnte.id))]


class TestOneProject:
    """From the unit's report to the conclusion."""

    def test_a_project_with_85_points_passes_after_both_sheets_and_may_have_its_goal_declared(
        self, office: Office
    ) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            apply(office, costs=[{"name": "施工", "cost": 1, "basis": "定额"}], economy="经济")
        assert {one.code for one in caught.value.findings} == {"DQ31", "exante.short"}
        apply(office)
        with pytest.raises(InvalidAnswers) as caught:
            accept(office, "he", "lv")
        assert [one.code for one in caught.value.findings] == ["exante.experts"]
        accept(office)
        assert office.elements() == ["invest_review", "score_project"]
        form = sheet(office.task("he").variables["scores"], 85)
        form["scores"][0] |= {"level": "FAIR", "score": 4}
        with pytest.raises(InvalidAnswers) as caught:
            office.do("he", "提交", form)
        assert [(one.code, one.field) for one in caught.value.findings] == [
            ("exante.level", "scores.0.score")
        ]
        score(office, 85)
        assert office.may_read("he") == {"application", "exante_score"}
        invest(office, cut=50)
        task = office.task("wu")
        assert (task.variables["found"]["score"], task.variables["rereview_way"]) == (85, "建议复评")
        decide(office)
        assert office.result() == "passed"
        found = evaluation(office)
        assert (found.conclusion, found.cut_amount, found.number) == ("PASS", 50_000_000, "事评2026-001")
        assert (found.invest_score, found.qualified, found.rereviewed) == (88, True, False)
        assert results(office) == [(True, Decimal(85))]
        assert office.may_read("li") == {"application", "invest", "check"}
        with office.records() as session:
            case = session.get_one(Case, office.instance)
            assert (case.state, case.result) == ("CLOSED", "PASSED")
            told = compute(session, Scope(2026, office.engine.clock.now()))
            assert (told["exante.projects"], told["exante.rereview"], told["exante.lowest"]) == (1, 0, 85)
            assert shown(told["exante.amount"], "万元") == 850
            assert shown(told["exante.rate"], "%") == 100
            assert shown(told["exante.cut"], "万元") == 50
            sent = session.execute(select(tables.messages.c.name)).scalars().all()
            (published,) = collect(session, PublicationKind.EX_ANTE, 2026)
            assert list(collect(session, PublicationKind.EX_ANTE, 2026, "U9")) == []
        assert "ExAntePassed" in sent
        facts = dict(published.content.facts)
        assert (facts["评估编号"], facts["评估得分"], facts["核减（万元）"]) == (
            "事评2026-001",
            "85.00",
            "50.00",
        )
        assert [name for name, _ in published.content.rows] == [aspect.zh for aspect in Aspect]
        assert "专家" not in published.content.text
        assert office.engine.doctor() == []

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_what_is_rejected_may_be_applied_for_once_more_and_then_gets_no_money(
        self, office: Office
    ) -> None:
        for _ in range(2):
            apply(office)
            accept(office)
            score(office, 84)
            invest(office)
            decide(office)
            if office.elements():
                office.do("li", "完善后重报")
        assert office.result() == "refused"
        assert results(office) == [(False, Decimal(84)), (False, Decimal(84))]
        found = evaluation(office)
        assert (found.round, found.conclusion, len(found.seats)) == (2, "REJECT", 8)
        with office.records() as session:
            case = session.get_one(Case, office.instance)
            assert (case.result, case.returns) == ("REJECTED", 1)

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_the_second_review_counts_instead_of_the_first_and_an_unsound_investment_never_passes(
        self, office: Office
    ) -> None:
        apply(office)
        accept(office)
        score(office, 84)
        invest(office, qualified=False)
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wu", "提请专家复评", {"check_opinion": "分歧较大"})
        assert [one.code for one in caught.value.findings] == ["exante.rereviewers"]
        assert [one["value"] for one in office.task("wu").variables["expert_choices"]] == ["user:mo"]
        office.do("wu", "提请专家复评", {"check_opinion": "分歧较大", "rereviewers": ["user:mo"]})
        score(office, 95, "mo")
        task = office.task("wu")
        assert (task.variables["found"]["score"], task.variables["rereview_way"]) == (95, "不必复评")
        decide(office)
        assert results(office) == [(False, Decimal(95))]
        assert evaluation(office).rereviewed is True
        office.do("zhao", "不再申报")
        assert office.result() == "given_up"

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_who_is_concerned_stays_out_and_who_lets_the_time_pass_is_replaced(
        self, office: Office, clock: SteppedClock
    ) -> None:
        with office.engine.database.write() as unit, unit.savepoint() as session:
            relate(session, "mo", "U1", RelationKind.CONSULTING, since=date(2025, 1, 1))
        apply(office)
        with pytest.raises(InvalidAnswers) as caught:
            accept(office, "he", "lv", "mo")
        assert "report.related" in {one.code for one in caught.value.findings}
        accept(office, "he", "lv", "ren")
        score(office, 90, "he", "lv")
        office.engine.people.create_person("xin", "新专家")
        office.engine.people.add_post("xin", "expert", "EXPERTS")
        clock.set(datetime(2026, 4, 20, 2, tzinfo=UTC))
        office.engine.run_due()
        assert office.elements() == ["invest_review", "replace_experts"]
        asked = office.task("wu").variables
        assert (asked["needed"], sorted(asked["absent_names"])) == (1, ["任专家", "经建股"])
        assert [one["value"] for one in asked["expert_choices"]] == ["user:xin"]
        office.do("wu", "提交", {"experts": ["user:xin"]})
        score(office, 90, "wang", "xin")
        invest(office)
        assert office.task("wu").variables["found"]["score"] == 90


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_call_is_for_new_projects_as_the_county_says_and_not_for_those_that_passed(
    engine: Engine,
) -> None:
    large = add_project(engine)["variables"]["id"]
    small, old = (add_project(engine, 2)["variables"]["id"], add_project(engine, 3, attr="CONTINUED"))
    passed = add_project(engine, 4)["variables"]["id"]
    kind = kinds()[CaseKind.EX_ANTE_EVALUATION]
    now = datetime(2026, 8, 1, tzinfo=UTC)
    call = Campaign(
        kind=kind.kind, fiscal_year=2026, title="事前评估", state="OPEN", opens_at=now, due_at=now
    )
    with engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Project, small).annual_amount = 499_999_999
        result = ExAnte(project_id=passed, number="1", passed=True, concluded_on=date(2025, 9, 1))
        session.add(result)
        session.flush()
        found = {
            code: {one.project_id for one in kind.cohort(session, call, profiles.load(code))}
            for code in ("tianmen", "licheng", "qiaokou")
        }
    assert old["variables"]["id"] not in found["licheng"]
    assert found == {"tianmen": {large}, "licheng": {large, small}, "qiaokou": set()}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_policy_without_a_project_goes_through_its_own_two_sheets(office: Office) -> None:
    engine = office.engine
    engine.people.add_post("chen", "budget_chief", "BUDGET")
    typed = {
        "name": "高龄老人生活补助",
        "attr": "NEW",
        "years": "3",
        "amount": "850",
        "basis": "县委会议纪要",
    }
    given = policies.read(typed)
    assert given.wrong == {}
    with engine.database.write() as unit, unit.savepoint() as session:
        now = engine.clock.now()
        policy = policies.enter(session, 2026, "U1", given.columns, by="user:li", now=now)
        office.project = policies.variables(Register(session), policy)
    variables = {
        "project": office.project,
        "campaign": None,
        "deadline": None,
        "profile": PROFILE.variables("days", "quality", "exante"),
    }
    office.instance = engine.start(
        "ex_ante_evaluation", actor=office.who("li"), variables=variables
    ).instance_id
    apply(office)
    accept(office)
    assert office.elements() == ["invest_review", "score_project"]
    scored = office.task("he").variables["scores"]
    assert [row["item"] for row in scored] == [item for items in POLICY_ITEMS.values() for item in items]
    score(office, 90)
    second = [
        dict(row) | {"score": row["points"] - 5} for row in office.task("chen").variables["affordability"]
    ]
    form = {"affordability": second, "cut_amount": 50, "qualified": True, "invest_opinion": "可承受。"}
    with pytest.raises(InvalidAnswers) as caught:
        office.do("chen", "提交", form | {"invest_score": 90})
    assert [one.code for one in caught.value.findings] == ["exante.total"]
    office.do("chen", "提交", form | {"invest_score": 80})
    decide(office)
    assert office.result() == "passed"
    with office.records() as session:
        found = session.get_one(ExAnteEvaluation, office.instance)
        assert (found.project_id, found.policy_id, found.conclusion) == (None, policy.id, "PASS")
        assert sum(summary(found).aspects.values()) == 90
        assert session.scalars(select(ExAnte.policy_id)).all() == [policy.id]
        (listed,) = policies.listed(session, 2026, units=["U1"])
        assert (listed.may_begin, listed.under_way, listed.score) == (False, False, 90)
        assert policies.listed(session, 2026, units=["U2"], sections=["S02"]) == []
    assert set(policies.read({"name": "短", "years": "0.5", "amount": "-1"}).wrong) == {
        *("name", "basis", "attr", "years", "amount"),
    }


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_money_carried_over_is_monitored_where_the_county_says_so(engine: Engine) -> None:
    carried, plain = (add_project(engine, number)["variables"]["id"] for number in (1, 2))
    kind, now = kinds()[CaseKind.MONITORING], datetime(2026, 5, 1, tzinfo=UTC)
    call = Campaign(
        kind=kind.kind, fiscal_year=2026, period="05", title="监控", state="OPEN", opens_at=now, due_at=now
    )
    with engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Project, carried).carryover_amount = 1_000_000
        session.flush()
        found = {
            code: {one.project_id for one in kind.cohort(session, call, profiles.load(code))}
            for code in ("donghu", "qapqal")
        }
    assert plain not in found["donghu"], "its goal is not approved"
    assert found == {"donghu": {carried}, "qapqal": set()}


def concluded(total: Any, partial: Any = None, invest: Any = None) -> Any:
    model = dmn.parse(files("workflows").joinpath("ex_ante_evaluation", "D05.dmn").read_bytes())
    asked = {
        "total": None if total is None else Decimal(total),
        "pass_from": Decimal(85),
        "partial_from": None if partial is None else Decimal(partial),
        "invest_qualified": invest,
    }
    return model.evaluate("D05", asked).value


@pytest.mark.parametrize(
    ("total", "partial", "invest", "conclusion"),
    [
        ("85", None, None, "PASS"),
        ("84.99", None, None, "REJECT"),
        ("85", None, True, "PASS"),
        ("100", None, False, "REJECT"),
        ("84.99", "70", None, "PARTIAL"),
        ("70", "70", True, "PARTIAL"),
        ("69.99", "70", None, "REJECT"),
        (None, None, None, "REJECT"),
    ],
)
def test_85_points_pass_and_an_unsound_investment_does_not(
    total: Any, partial: Any, invest: Any, conclusion: str
) -> None:
    assert concluded(total, partial, invest) == conclusion


def test_the_sheet_has_four_items_of_five_points_for_each_of_the_five_aspects() -> None:
    for items_of in (ITEMS, POLICY_ITEMS):
        assert [len(items) for items in items_of.values()] == [4] * 5
        assert list(items_of) == list(Aspect)
    assert {*ITEMS} == {*POLICY_ITEMS}
    assert sum(points for _, _, points in AFFORDABILITY) == 100
