"""A project's goal from the unit's form to its approval, through the real engine, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import goals
from budget.codes import GoalState, VersionState
from budget.tables import Goal, GoalVersion, Indicator
from engine.engine import NewPin, Reply
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.identity import SYSTEM
from tests.workflows.county import DEADLINE, County, open_county, scores, start

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine


@pytest.fixture
def county(engine: Engine) -> County:
    return open_county(engine)


def goal(county: County) -> Goal:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(Goal).where(Goal.instance_id == county.instance)).one()
        session.expunge(found)
        return found


def versions(county: County) -> list[tuple[int, str, str | None]]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        rows = session.scalars(select(GoalVersion).order_by(GoalVersion.version))
        return [(row.version, row.state, row.number) for row in rows]


def pin_satisfaction(county: County, person: str) -> NewPin:
    """Return an opinion at the satisfaction row's target."""
    form = next(shown for shown in county.task(person).shows if shown.name == "goal").body
    row = next(row for row in form["indicators"] if row["level1"] == "SATISFACTION")
    return NewPin("goal", "indicators.target_value", row["_row"], "目标值偏低")


def with_satisfaction(form: Any, value: str) -> dict[str, Any]:
    rows = [dict(row) for row in form["indicators"]]
    next(row for row in rows if row["level1"] == "SATISFACTION")["target_value"] = value
    return dict(form) | {"indicators": rows}


def state(county: County) -> str:
    return county.engine.instance(county.instance, SYSTEM).state


class TestTheFourGrades:
    """D02 decides what follows from the budget section's grade."""

    def test_an_excellent_goal_is_approved_under_the_years_next_number(self, county: County) -> None:
        county.up_to_decision(95)
        county.decide("优：批复")
        assert state(county) == "ended"
        found = goal(county)
        assert (found.state, found.grade, found.number) == (GoalState.APPROVED, "优", "2026-001")
        assert versions(county) == [(1, VersionState.FROZEN, "2026-001")]
        assert county.engine.instance(county.instance, county.who("li")).finished[-1] == "approved"

    def test_of_a_good_goal_only_the_points_named_may_change_and_the_reviewer_confirms(
        self, county: County
    ) -> None:
        county.up_to_decision(84)
        county.decide("良：协商完善", [pin_satisfaction(county, "chen")])
        assert county.element() == "refine_goal"
        task = county.task("li")
        (pin,) = task.pins
        reply = {pin.id: Reply("changed", "已提高到96%")}
        other = with_satisfaction(task.answers, "96") | {
            "overview": "改成完全不同的项目概况，与意见没有关系，共二十多个字。"
        }
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", other, replies=reply)
        assert [finding.field for finding in caught.value.findings] == ["overview"]
        county.do("li", "提交", with_satisfaction(task.answers, "96"), replies=reply)
        assert county.element() == "confirm_refined"
        county.do("wang", "同意")
        found = goal(county)
        assert (found.state, found.grade, found.round) == (GoalState.APPROVED, "良", 1)
        assert [row[1] for row in versions(county)] == [VersionState.SUBMITTED, VersionState.FROZEN]

    def test_what_is_not_refined_enough_goes_back_once_more(self, county: County) -> None:
        county.up_to_decision(84)
        county.decide("良：协商完善", [pin_satisfaction(county, "chen")])
        task = county.task("li")
        county.do("li", "提交", task.answers, replies={task.pins[0].id: Reply("explained", "已经是最高水平")})
        county.do("wang", "退回补正", opinion="请提高", pins=[pin_satisfaction(county, "wang")])
        assert county.element() == "refine_goal"

    def test_a_fair_goal_begins_a_new_round(self, county: County) -> None:
        county.up_to_decision(70)
        county.decide("中：重新送审", [pin_satisfaction(county, "chen")])
        assert county.element() == "fill_goal"
        assert (goal(county).round, goal(county).state) == (2, GoalState.RETURNED)
        task = county.task("li")
        county.do(
            "li",
            "提交",
            with_satisfaction(task.answers, "96"),
            replies={task.pins[0].id: Reply("changed", "已改")},
        )
        county.sign()
        county.review(95)
        county.decide("优：批复")
        assert [row[1] for row in versions(county)] == [VersionState.SUBMITTED, VersionState.FROZEN]
        assert goal(county).number == "2026-001"

    def test_a_poor_goal_is_refused(self, county: County) -> None:
        county.up_to_decision(50)
        county.decide("差：不予通过")
        assert state(county) == "ended"
        found = goal(county)
        assert (found.state, found.grade, found.number) == (GoalState.REJECTED, "差", None)

    def test_another_grade_than_proposed_needs_a_reason(self, county: County) -> None:
        county.up_to_decision(84)
        with pytest.raises(InvalidAnswers) as caught:
            county.decide("优：批复")
        assert [finding.field for finding in caught.value.findings] == ["grade_reason"]
        county.decide("优：批复", grade_reason="县委重点任务，已当面补充说明")
        assert goal(county).grade == "优"

    def test_a_grade_that_asks_for_changes_must_name_the_points(self, county: County) -> None:
        county.up_to_decision(84)
        with pytest.raises(InvalidAnswers):
            county.decide("良：协商完善")
        assert county.element() == "budget_decision"

    @pytest.mark.parametrize(
        ("points", "grade"), [(90, "优"), (89, "良"), (80, "良"), (79, "中"), (60, "中"), (59, "差")]
    )
    def test_the_grade_is_proposed_from_the_points(self, county: County, points: int, grade: str) -> None:
        county.up_to_decision(points)
        assert county.task("chen").variables["proposed_grade"] == grade


class TestReturns:
    """Going back: to the clerk, with opinions that must be answered."""

    def test_the_section_returns_with_pinned_opinions_and_the_clerk_answers_each(
        self, county: County
    ) -> None:
        county.submit()
        county.sign()
        with pytest.raises(InvalidAnswers):
            county.do("wang", "退回补正", opinion="请补正")
        county.do("wang", "退回补正", opinion="请补正", pins=[pin_satisfaction(county, "wang")])
        assert county.element() == "fill_goal"
        task = county.task("li")
        assert [pin.text for pin in task.pins] == ["目标值偏低"]
        with pytest.raises(InvalidAnswers):
            county.do("li", "提交", task.answers)
        county.do(
            "li",
            "提交",
            with_satisfaction(task.answers, "97"),
            replies={task.pins[0].id: Reply("changed", "已改")},
        )
        county.sign()
        shown = next(one for one in county.task("wang").shows if one.name == "goal")
        assert shown.previous is not None
        before = {row["level1"]: row["target_value"] for row in shown.previous["indicators"]}
        after = {row["level1"]: row["target_value"] for row in shown.body["indicators"]}
        assert after["SATISFACTION"] == "97"
        assert before["SATISFACTION"] != "97"

    def test_the_head_of_the_unit_returns_without_a_new_round(self, county: County) -> None:
        county.submit()
        county.do("zhao", "退回补正", opinion="金额再核一下")
        assert county.element() == "fill_goal"
        assert (goal(county).round, goal(county).state) == (1, GoalState.RETURNED)
        county.submit()
        assert county.element() == "unit_sign"

    def test_a_correction_is_due_after_the_profiles_working_days(self, county: County) -> None:
        county.submit()
        county.sign()
        county.do("wang", "退回补正", opinion="请补正", pins=[pin_satisfaction(county, "wang")])
        (holder,) = county.engine.instance(county.instance, county.who("li")).holders
        # Monday 2 March and five working days: Monday 9 March, end of the office day.
        assert holder.due_at.isoformat() == "2026-03-09T10:00:00+00:00"


class TestChecks:
    """What a form must be before the engine takes it."""

    def test_an_unsound_goal_is_not_taken_and_each_finding_is_at_its_cell(self, county: County) -> None:
        form = county.form()
        form["indicators"][0]["unit"] = ""
        form["indicators"][1]["target_value"] = "/"
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form)
        fields = {finding.field for finding in caught.value.findings}
        assert {"indicators.0.unit", "indicators.1.target_value"} <= fields
        assert county.element() == "fill_goal"
        assert versions(county) == []

    def test_a_warning_goes_to_the_reviewer_with_the_clerks_reason(self, county: County) -> None:
        form = county.form()
        cost = next(row for row in form["indicators"] if row["level2"] == "COST")
        cost |= {"operator": "GE", "target_value": "5"}
        with pytest.raises(InvalidAnswers):
            county.do("li", "提交", form)
        form["dq_reasons"] = [{"check": "DQ33", "indicator": "", "reason": "按合同约定的最低投入"}]
        county.do("li", "提交", form)
        county.sign()
        (result,) = county.task("wang").variables["dq_results"]
        assert (result["code"], result["reason"]) == ("DQ33", "按合同约定的最低投入")

    def test_who_fills_in_and_who_signs_is_proposed_where_one_person_holds_the_post(
        self, county: County
    ) -> None:
        variables = county.task("li").variables
        assert (variables["filler"], variables["unit_head"]) == ("李经办", "赵局长")
        county.engine.people.create_person("second", "第二经办")
        county.engine.people.add_post("second", "unit_clerk", "U1")
        county.instance = start(county, 2)
        variables = county.task("li").variables
        assert (variables["filler"], variables["unit_head"]) == (None, "赵局长")

    def test_what_a_program_submits_is_kept_as_a_page_would_have_it(self, county: County) -> None:
        form = county.form() | {"goal_longterm": "藏在后面的内容", "not_in_the_form": 1}
        form["expense_items"] = [*form["expense_items"], {"name": "", "amount": None}]
        assert "fund_sum" not in form
        county.do("li", "提交", {key: value for key, value in form.items() if key != "unit_head"})
        body = county.task("zhao").shows[0].body
        assert body["fund_sum"] == form["total_amount"]
        assert body["unit_head"] == "赵局长"  # from the process, as the page would have begun
        assert len(body["expense_items"]) == len(form["expense_items"]) - 1
        assert not {"goal_longterm", "not_in_the_form"} & body.keys()

    def test_the_projects_name_can_not_be_changed(self, county: County) -> None:
        task = county.task("li")
        form = county.form()
        with pytest.raises(InvalidAnswers) as caught:
            county.engine.complete(
                task.item_id,
                actor=county.who("li"),
                version=task.version,
                outcome="提交",
                answers={**form, "project_name": "另一个项目的名称"},
            )
        assert "project_name" in {finding.field for finding in caught.value.findings}

    def test_typed_rows_stand_in_the_register_after_submission(self, county: County) -> None:
        county.submit()
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            assert session.scalar(select(func.count()).select_from(Indicator)) == len(
                county.task("zhao").shows[0].body["indicators"]
            )
            assert goals.newest(session, int(county.project["id"])).annual_amount == 850_000_000


class TestSecret:
    """Secret content never enters."""

    def test_a_secret_project_keeps_only_that_it_was_done(self, county: County) -> None:
        county.instance = start(county, 2, secret=True)
        county.do("li", "涉密线下办理")
        assert state(county) == "ended"
        assert goal(county).state == GoalState.OFFLINE
        view = county.engine.instance(county.instance, county.who("li"))
        assert view.subject == "涉密项目"
        assert view.amount is None
        assert view.documents == []

    def test_a_form_marked_secret_is_refused_and_its_draft_erased(self, county: County) -> None:
        form = county.form()
        task = county.task("li")
        county.engine.save_draft(
            task.item_id, actor=county.who("li"), answers=form, based_on=task.document_version
        )
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form | {"secret_flag": True})
        assert "secret.stop" in {finding.code for finding in caught.value.findings}
        assert county.task("li").draft_saved_at is None
        county.do("li", "涉密线下办理")
        assert goal(county).state == GoalState.OFFLINE


class TestWhoMay:
    """Separation of duties and visibility (§6.3, §6.5)."""

    def test_one_person_can_not_fill_and_sign(self, county: County) -> None:
        county.engine.people.add_post("li", "unit_head", "U1")
        county.submit()
        with pytest.raises(Forbidden):
            county.do("li", "同意", {"truthful": True, "signer": "李经办"})

    def test_one_person_can_not_review_and_decide(self, county: County) -> None:
        county.engine.people.add_post("wang", "budget_chief", "BUDGET")
        county.up_to_decision()
        with pytest.raises(Forbidden):
            county.do("wang", "优：批复", {}, opinion="同意")

    def test_another_section_and_another_unit_see_nothing(self, county: County) -> None:
        county.submit()
        county.sign()
        for person in ("sun", "zhou"):
            with pytest.raises((NotFound, Forbidden)):
                county.engine.instance(county.instance, county.who(person))

    def test_the_finance_bureau_sees_a_goal_once_it_is_submitted(self, county: County) -> None:
        for person in ("wang", "wu"):
            with pytest.raises(NotFound):
                county.engine.instance(county.instance, county.who(person))
        county.submit()
        for person in ("wang", "wu"):
            view = county.engine.instance(county.instance, county.who(person))
            assert [document.name for document in view.documents] == ["goal"]

    def test_the_administrator_can_not_act(self, county: County) -> None:
        task = county.task("li")
        with pytest.raises(Forbidden):
            county.engine.complete(
                task.item_id, actor=county.who("root"), version=task.version, outcome="提交"
            )
        with pytest.raises(NotFound):
            county.task("root")

    def test_the_unit_sees_the_conclusion_but_no_scores(self, county: County) -> None:
        county.up_to_decision(95)
        view = county.engine.instance(county.instance, county.who("li"))
        assert {document.name for document in view.documents} == {"goal", "sign"}
        completed = [event for event in view.timeline if event.element == "section_review"]
        assert any(event.outcome == "同意" for event in completed)
        assert all(not event.opinion for event in completed)
        budget = county.engine.instance(county.instance, county.who("chen"))
        assert "review" in {document.name for document in budget.documents}

    def test_a_draft_is_the_units_own(self, county: County) -> None:
        task = county.task("li")
        form = county.form()
        county.engine.save_draft(
            task.item_id, actor=county.who("li"), answers=form, based_on=task.document_version
        )
        assert county.task("li").answers["goal_annual"] == form["goal_annual"]
        with pytest.raises((NotFound, Forbidden)):
            county.engine.task(task.item_id, county.who("wang"))

    def test_a_chief_gives_the_review_to_staff_who_draft_and_approves_in_one_act(
        self, county: County
    ) -> None:
        county.submit()
        county.sign()
        task = county.task("wang")
        county.engine.assign_out(task.item_id, actor=county.who("wang"), to="qian", version=task.version)
        task = county.task("qian")
        county.engine.save_draft(
            task.item_id, actor=county.who("qian"), answers=scores(92), based_on=task.document_version
        )
        task = county.task("qian")
        county.engine.hand_in(
            task.item_id, actor=county.who("qian"), version=task.version, opinion="建议同意"
        )
        task = county.task("wang")
        county.do("wang", "同意", task.answers, opinion="同意")
        assert county.task("chen").variables["proposed_grade"] == "优"


class TestTime:
    """Deadlines and reminders."""

    def test_the_clerk_is_reminded_twice_and_then_the_goal_counts_as_overdue(
        self, county: County, clock: SteppedClock
    ) -> None:
        deadline = datetime.fromisoformat(DEADLINE)
        for days, reminded, overdue in ((10, 0, False), (6, 1, False), (1, 2, False), (0, 2, True)):
            clock.set(deadline - timedelta(days=days))
            while county.engine.run_due():
                pass
            view = county.engine.instance(county.instance, county.who("li"))
            assert sum(event.kind == "goal.reminded" for event in view.timeline) == reminded, days
            assert (goal(county).overdue_at is not None) is overdue
        assert county.element() == "fill_goal"

    def test_reminders_end_when_the_form_is_submitted(self, county: County, clock: SteppedClock) -> None:
        county.submit()
        clock.set(datetime.fromisoformat(DEADLINE) + timedelta(days=1))
        assert county.engine.run_due() == 0
        assert goal(county).overdue_at is None

    def test_the_inbox_shows_subject_unit_number_and_amount(self, county: County) -> None:
        from engine.engine import InboxQuery

        (row,) = county.engine.inbox(county.who("li"), InboxQuery()).rows
        assert (row.subject, row.unit, row.reference) == (
            "农村公路提质改造项目",
            "县交通运输局",
            "2026-U1-01",
        )
        assert row.amount == 850_000_000
        assert row.due_at == datetime.fromisoformat(DEADLINE)


def test_a_county_that_has_played_all_this_is_sound(county: County) -> None:
    county.up_to_decision(95)
    county.decide("优：批复")
    assert county.engine.doctor() == []
    assert county.engine.verify_history() == []


class TestTakingBack:
    """What is withdrawn is undone in the budget's records, too."""

    def last_item(self, county: County, person: str) -> int:
        return county.engine.done(county.who(person)).rows[0].item_id

    def test_a_withdrawn_form_is_a_draft_again_and_can_be_submitted_anew(self, county: County) -> None:
        county.submit()
        assert goal(county).state == GoalState.SUBMITTED
        assert county.element() == "unit_sign"
        county.engine.withdraw(self.last_item(county, "li"), actor=county.who("li"), reason="金额写错")
        assert (county.element(), goal(county).state) == ("fill_goal", GoalState.DRAFTING)
        assert [version[1] for version in versions(county)] == [VersionState.WITHDRAWN]
        county.submit()
        assert (county.element(), goal(county).state) == ("unit_sign", GoalState.SUBMITTED)

    def test_an_operator_moves_a_case_back_and_the_submission_is_undone(self, county: County) -> None:
        county.up_to_decision()
        county.engine.jump(
            county.instance, actor=SYSTEM, source="budget_decision", to="fill_goal", reason="重新申报"
        )
        assert (county.element(), goal(county).state) == ("fill_goal", GoalState.DRAFTING)
        assert county.engine.doctor() == []
