"""A joint review inside a goal's declaration, through the real engine: who may review, scores, absence, conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import GoalState
from budget.goals import goal_of
from budget.reviews import ReviewState
from budget.tables import ExpertRelation, Review, Unit
from engine import dmn, feel
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.identity import SYSTEM, Organisation
from tests.workflows.county import County, open_county, scores, start

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

#: Who signs: for the department, for the section, and the experts.
REVIEWERS = ("zhao", "wang", "zhang", "liu", "gao")
EXPERTS = ["user:zhang", "user:liu", "user:gao"]


@pytest.fixture
def county(engine: Engine) -> County:
    """A county whose project stands before the group of its joint review is formed."""
    county = open_county(engine)
    county.instance = start(county, 2, joint_above="500")
    county.up_to_decision(95)
    return county


def open_elements(county: County) -> set[str]:
    return {one.element for one in county.engine.instance(county.instance, SYSTEM).holders}


def mine(county: County, person: str) -> Any:
    """Return the open task of the case that is the person's to do."""
    found: Exception = NotFound("item.unknown", item=0)
    for holder in county.engine.instance(county.instance, SYSTEM).holders:
        try:
            task = county.engine.task(holder.item_id, county.who(person))
        except NotFound as error:
            found = error
            continue
        if task.can["complete"] is None:
            return task
        found = Forbidden(task.can["complete"])
    raise found


def do(county: County, person: str, outcome: str, answers: Mapping[str, Any] | None = None) -> None:
    task = mine(county, person)
    county.engine.complete(
        task.item_id,
        actor=county.who(person),
        version=task.version,
        outcome=outcome,
        answers=answers,
        document_version=task.document_version,
        opinion="意见" if outcome in "优良中差" else "",
    )


def form_group(county: County, experts: list[str] | None = None) -> None:
    do(county, "wu", "提交", {"experts": experts or EXPERTS})


def sign(county: County, person: str, total: int, **more: Any) -> None:
    lines = [{"where": "满意度", "issue": "目标值偏低", "suggest": "提高"}] if total < 90 else []
    do(county, person, "提交", even(total) | {"line_comments": lines} | more)


def even(total: int) -> dict[str, Any]:
    """Return eight scores that add up to ``total``, no dimension weaker than another by more than a point a field."""
    points, left = scores(100), 100 - total
    fields = [name for name in points if name != "opinion"]
    for turn in range(left):
        points[fields[turn % len(fields)]] -= 1
    return points


def review(county: County) -> Review:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(Review)).one()
        assert found.seats is not None
        session.expunge_all()
        return found


def relate(county: County, person: str) -> None:
    with county.engine.database.write() as unit, unit.savepoint() as session:
        session.add(ExpertRelation(person=person, unit="U1", kind="CONSULTING", note="2025年造价咨询"))


class TestAJointReview:
    """From the group to the conclusion."""

    def test_a_large_project_is_reviewed_by_department_section_and_experts_and_signed_by_the_leader(
        self, county: County
    ) -> None:
        assert open_elements(county) == {"form_group"}
        form_group(county)
        assert open_elements(county) == {"sign_review"}
        for person, total in zip(REVIEWERS, (96, 92, 91, 90, 94), strict=True):
            sign(county, person, total)
        assert open_elements(county) == {"conclude_review"}
        task = mine(county, "wu")
        assert (task.variables["proposed_grade"], task.variables["joint"]["spread"]) == ("优", 6)
        assert len([one for one in task.shows if one.name == "joint_opinion"]) == 5
        do(county, "wu", "优", {"conclusion": "目标明确，同意。", "sample_candidate": True})
        found = review(county)
        assert (found.state, found.grade, found.sample_candidate) == (ReviewState.CONCLUDED, "优", True)
        # Of five the highest and the lowest don't count: (91 + 92 + 94) / 3.
        assert found.score is not None
        assert round(found.score, 4) == Decimal("92.3333")
        assert county.task("chen").variables["proposed_grade"] == "优"
        county.decide("优：批复")
        assert open_elements(county) == {"leader_sign"}
        do(county, "feng", "同意")
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            assert goal_of(session, int(county.project["id"])).state == GoalState.APPROVED
        assert county.engine.doctor() == []
        assert county.engine.verify_history() == []

    def test_the_leader_may_send_it_back_to_the_budget_section(self, county: County) -> None:
        form_group(county)
        for person in REVIEWERS:
            sign(county, person, 95)
        do(county, "wu", "优", {"conclusion": "同意。"})
        county.decide("优：批复")
        task = mine(county, "feng")
        county.engine.return_task(
            task.item_id, actor=county.who("feng"), version=task.version, to="budget_decision", reason="再议"
        )
        assert open_elements(county) == {"budget_decision"}

    def test_scores_far_apart_are_discussed_and_the_meeting_agrees_on_points(self, county: County) -> None:
        form_group(county)
        for person, total in zip(REVIEWERS, (96, 92, 80, 90, 94), strict=True):
            sign(county, person, total)
        assert open_elements(county) == {"hold_meeting"}
        minutes = "各方说明了理由，分歧在社会效益指标。"
        do(
            county,
            "wu",
            "提交",
            {"met_on": "2026-03-10", "attendees": "全体", "minutes": minutes, "agreed_score": 86},
        )
        assert mine(county, "wu").variables["proposed_grade"] == "良"
        do(county, "wu", "良", {"conclusion": "按会议意见。"})
        assert (review(county).agreed, review(county).grade) == (86, "良")

    def test_one_weak_dimension_caps_the_grade(self, county: County) -> None:
        form_group(county)
        weak = {"appropriate_perf": 8, "appropriate_fund": 9}
        for person in REVIEWERS:
            sign(county, person, 100, **weak, line_comments=[{"issue": "指标值偏低"}])
        assert mine(county, "wu").variables["proposed_grade"] == "中"
        for grade in ("优", "良"):
            with pytest.raises(InvalidAnswers) as caught:
                do(county, "wu", grade, {"conclusion": "同意。", "grade_reason": "情况特殊，予以照顾"})
            assert {one.code for one in caught.value.findings} == {"review.capped"}
        with pytest.raises(InvalidAnswers) as caught:
            do(county, "wu", "中", {"conclusion": "同意。", "sample_candidate": True})
        assert [one.field for one in caught.value.findings] == ["sample_candidate"]
        do(county, "wu", "中", {"conclusion": "适当性不足。"})
        assert review(county).weakest == pytest.approx(Decimal(17) / 30)


class TestTheGroup:
    """Who reviews (§6.5), and who sees what (§6.3)."""

    def test_an_expert_related_to_the_unit_is_not_offered_and_refused_with_the_reason(
        self, engine: Engine
    ) -> None:
        county = open_county(engine)
        relate(county, "liu")
        county.instance = start(county, 2, joint_above="500")
        county.up_to_decision(95)
        task = mine(county, "wu")
        offered = {one["value"] for one in task.variables["expert_choices"]}
        assert offered == {"user:zhang", "user:gao"}
        assert "咨询" in task.variables["expert_refused"][0]["zh"]
        relate(county, "gao")  # found out after the page was opened
        with pytest.raises(InvalidAnswers) as caught:
            form_group(county, ["user:gao"])
        (found,) = [one for one in caught.value.findings if one.code == "review.related"]
        assert (found.field, "2025年造价咨询" in found.message["zh"]) == ("experts", True)

    def test_an_expert_reads_the_goal_that_was_entrusted_and_no_other_opinion(self, county: County) -> None:
        with pytest.raises(NotFound):
            county.engine.instance(county.instance, county.who("zhang"))
        form_group(county, ["user:zhang", "user:liu"])
        sign(county, "liu", 95)
        assert [one.name for one in mine(county, "zhang").shows] == ["goal"]
        view = county.engine.instance(county.instance, county.who("zhang"))
        assert [one.name for one in view.documents] == ["goal"]
        with pytest.raises(NotFound):
            county.engine.instance(county.instance, county.who("gao"))

    def test_who_filled_the_goal_in_can_not_review_it(self, engine: Engine) -> None:
        county = open_county(engine)
        engine.people.add_post("li", "expert", "EXPERTS")
        county.instance = start(county, 2, joint_above="500")
        county.up_to_decision(95)
        form_group(county, ["user:li"])
        with pytest.raises(Forbidden):
            sign(county, "li", 95)

    def test_fewer_than_90_points_need_lines_that_say_what_is_wrong(self, county: County) -> None:
        form_group(county)
        with pytest.raises(InvalidAnswers) as caught:
            sign(county, "zhang", 80, line_comments=[])
        assert [one.field for one in caught.value.findings] == ["line_comments"]

    def test_an_absent_expert_is_replaced_and_what_was_signed_counts(
        self, county: County, clock: SteppedClock
    ) -> None:
        form_group(county, ["user:zhang", "user:liu"])
        for person in ("zhao", "wang", "zhang"):
            sign(county, person, 92)
        clock.set(clock.now() + timedelta(days=8))
        while county.engine.run_due():
            pass
        assert open_elements(county) == {"replace_experts"}
        task = mine(county, "wu")
        assert task.variables["absent_names"] == ["刘专家"]
        assert [one["value"] for one in task.variables["expert_choices"]] == ["user:gao"]
        form_group(county, ["user:gao"])
        assert open_elements(county) == {"sign_review"}
        sign(county, "gao", 96)
        assert [seat.total for seat in review(county).seats] == [92, 92, 92, None, 96]
        assert open_elements(county) == {"conclude_review"}

    def test_an_operator_who_moves_the_case_back_undoes_the_review(self, county: County) -> None:
        form_group(county)
        for person in REVIEWERS:
            sign(county, person, 95)
        county.engine.jump(
            county.instance, actor=SYSTEM, source="conclude_review", to="form_group", reason="专家选错"
        )
        assert review(county).seats == []
        assert county.engine.doctor() == []


class TestTheDepartment:
    """A second-level unit's goal passes its department (R04) first."""

    @pytest.fixture
    def second(self, engine: Engine) -> County:
        county = open_county(engine)
        with engine.database.write() as unit, unit.savepoint() as session:
            session.add(Unit(code="U0", name="县交通局", section="S04"))
            session.flush()
            session.get_one(Unit, "U1").parent = "U0"
        engine.people.add_orgs([Organisation("U0", "县交通局", "unit", None)])
        engine.people.create_person("bu", "卜局长")
        engine.people.add_post("bu", "unit_head", "U0")
        county.instance = start(county, 2)
        county.submit()
        county.sign()
        return county

    def test_the_department_passes_it_on(self, second: County) -> None:
        assert open_elements(second) == {"department_review"}
        second.do("bu", "同意")
        assert open_elements(second) == {"section_review"}

    def test_what_the_department_returns_begins_no_new_round(self, second: County) -> None:
        from tests.workflows.test_goal_declaration import goal, pin_satisfaction

        second.do("bu", "退回补正", opinion="与部门目标不符", pins=[pin_satisfaction(second, "bu")])
        assert open_elements(second) == {"fill_goal"}
        assert (goal(second).round, goal(second).state) == (1, GoalState.RETURNED)


@pytest.mark.parametrize(
    ("amount", "returns", "tailored", "route", "leader"),
    [
        ("49.99", 0, False, "股室终审", "不需要"),
        ("50", 0, False, "预算股终审", "不需要"),
        ("500", 0, False, "预算股终审", "不需要"),
        ("500.01", 0, False, "联合审查", "分管领导"),
        ("1000", 0, False, "联合审查", "分管领导"),
        ("1000.01", 0, False, "联合审查", "局长办公会"),
        ("10", 2, False, "股室终审", "不需要"),
        ("10", 3, False, "联合审查", "不需要"),
        ("10", 0, True, "联合审查", "不需要"),
        ("600", 3, True, "联合审查", "分管领导"),
    ],
)
def test_d07_decides_who_reviews(amount: str, returns: int, tailored: bool, route: str, leader: str) -> None:
    source = files("workflows.goal_declaration").joinpath("review_routing.dmn").read_bytes()
    given = {
        "amount": Decimal(amount),
        "returns": Decimal(returns),
        "tailored": tailored,
        "joint_above": Decimal(500),
        "top_above": Decimal(1000),
        "section_below": Decimal(50),
        "max_returns": Decimal(3),
    }
    found = feel.to_host(dmn.parse(source).evaluate("D07", given, feel.Environment()).value)
    assert (found["route"], found["leader"]) == (route, leader)


@pytest.mark.parametrize(("spread", "way"), [("15", "直接结论"), ("15.01", "开会讨论")])
def test_a_spread_of_exactly_the_limit_needs_no_meeting(spread: str, way: str) -> None:
    source = files("workflows.joint_review").joinpath("joint_review.dmn").read_bytes()
    given = {"spread": Decimal(spread), "limit": Decimal(15)}
    assert dmn.parse(source).evaluate("joint_meeting", given, feel.Environment()).value == way
