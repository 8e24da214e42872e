"""Approved goals are collected into a batch, checked, signed, and every unit gets its letter and signs for it (P05)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import approvals, goals
from budget.cases import CaseKind
from budget.life import life
from budget.quality.thresholds import Thresholds
from budget.tables import Case, GoalApproval, GoalLetter, Project, Unit
from engine.errors import Conflict, Forbidden, InvalidAnswers, NotFound
from engine.plugins import Document
from tests.budget.examples import sound_goal
from tests.workflows.county import add_project
from tests.workflows.money.county import MoneyCounty
from workflows import files_of, profiles, yearly
from workflows.goal_approval.starting import PROCESS, start

if TYPE_CHECKING:
    from collections.abc import Sequence


PROFILE = profiles.load("qapqal")
#: The goal of this number was approved before the county used the system.
OLD = 6


def approve(
    county: MoneyCounty, number: int, *, unit: str = "U1", wan: int = 850, secret: bool = False
) -> None:
    """Add a project with an approved goal over 850 万元; its budget is ``wan`` 万元."""
    made = int(add_project(county.engine, number, secret=secret)["variables"]["id"])
    document = Document("goal", 1, sound_goal(), "user:li", county.clock.now(), "0" * 64)
    with county.engine.database.write() as transaction, transaction.savepoint() as session:
        project = session.get_one(Project, made)
        project.unit, project.annual_amount = unit, wan * 1_000_000
        goals.open_goal(session, made, None if number == OLD else 4710 + number, county.clock.now())
        goals.submit(session, made, document, [], Thresholds.read(), county.clock.now())
        goals.freeze(
            session,
            made,
            document=document,
            grade="优",
            pattern=goals.NUMBER_PATTERN,
            by="user:chen",
            now=county.clock.now(),
        )


@pytest.fixture
def approving(county: MoneyCounty) -> MoneyCounty:
    """The county with approved goals of a unit and its second-level unit; one differs from its budget."""
    people = county.engine.people
    people.create_person("pan", "潘干事")
    people.add_post("pan", "budget_staff", "BUDGET")
    for process in ("goal_letter", "goal_approval"):
        county.engine.deploy(files_of(process), actor="system")
    with county.engine.database.write() as unit, unit.savepoint() as session:
        session.add(Unit(code="U2", name="县公路段", section="S04", level=2, parent="U1"))
    for number, more in enumerate(({}, {"wan": 800}, {"unit": "U2"}, {"secret": True}, {}), 2):
        approve(county, number, **more)
    return county


def begin(county: MoneyCounty, *units: str) -> int:
    asked = start(2026, "财预〔2026〕1号", date(2026, 2, 1), units, PROFILE)
    (started,) = county.engine.start_many(PROCESS, [asked], actor="user:pan")
    county.work()
    return started.instance_id


def test_the_years_plan_begins_a_batch_for_all_that_wait_once(approving: MoneyCounty) -> None:
    with approving.engine.database.read() as unit, Session(unit.connection) as session:
        lines = yearly.plan(session, PROFILE, 2026)
    (line,) = (one for one in lines if one.entry.kind == CaseKind.APPROVAL)
    assert line.begins == line.entry.opens
    yearly.begin(approving.engine, line.entry, actor="system")
    letters = approving.task("pan", "draft").variables["letters"]
    assert [row["unit"] for row in letters] == ["U1", "U2"]
    with pytest.raises(Conflict):
        yearly.begin(approving.engine, line.entry, actor="system")


def draft(county: MoneyCounty, **notes: str) -> dict[str, Any]:
    """Return the draft as its form begins, with notes to the units."""
    variables = county.task("pan", "draft").variables
    return {
        **variables["basis"],
        "opinion": "同意，随预算一并批复。",
        "letters": [dict(row) | {"note": notes.get(row["unit"], "")} for row in variables["letters"]],
    }


def waiting(county: MoneyCounty) -> Sequence[approvals.Waiting]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        return approvals.waiting(session, 2026)


def letters(county: MoneyCounty) -> list[tuple[str, str | None, int, str | None]]:
    found = county.read(select(GoalLetter).order_by(GoalLetter.unit_code, GoalLetter.id))
    return [(one.unit_code, one.number, one.goals, one.received_by) for one in found]


def test_units_get_their_letters_under_numbers_and_sign_for_them(approving: MoneyCounty) -> None:
    county = approving
    assert [(one.unit, one.goals, one.amount, one.differing) for one in waiting(county)] == [
        ("U1", 2, 1_700_000_000, 1),
        ("U2", 1, 850_000_000, 0),
    ]
    begin(county, "U1", "U2")
    with pytest.raises(InvalidAnswers) as refused:
        county.do("pan", "draft", "报送审核", draft(county))
    assert [finding.field for finding in refused.value.findings] == ["letters.0.note"]
    county.do("pan", "draft", "报送审核", draft(county, U1="预算压减50万元，目标在执行中调整"))
    with pytest.raises((Forbidden, NotFound)):
        county.do("pan", "check", "同意")
    county.do("chen", "check", "同意")
    assert not waiting(county), "what is in a batch waits no more"
    county.do("guo", "sign", "签发")

    assert letters(county) == [("U1", "绩批〔2026〕1号", 2, None), ("U2", "绩批〔2026〕2号", 1, None)]
    task = county.task("zhao", "sign_receipt")
    assert (task.unit, task.reference, task.amount) == ("县交通运输局", "绩批〔2026〕1号", 1_700_000_000)
    assert [row["code"] for row in task.variables["letter"]["goals"]] == ["2026-U1-02", "2026-U1-03"]
    assert task.variables["letter"]["goals"][0]["amount"] == Decimal("850.00")
    county.do("li", "sign_receipt", "签收", dict(task.answers) | {"contact": "李经办 3612345"})
    assert letters(county)[0][3] == "user:li"

    county.later(days=10)
    cases = county.read(select(Case).where(Case.kind == CaseKind.GOAL_LETTER).order_by(Case.unit))
    assert [(one.unit, one.result, one.overdue_at is not None) for one in cases] == [
        ("U1", "RECEIVED", False),
        ("U2", None, True),
    ]
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        project = session.scalars(select(Project).where(Project.code == "2026-U1-02")).one()
        (matter,) = [
            one for one in life(session, project.id, county.clock.now()).matters if one.steps[0].tone
        ]
        assert [step.what["zh"] for step in matter.steps] == ["批复下达", "单位签收"]
    (batch,) = county.read(select(GoalApproval))
    assert (batch.state, batch.doc_no, batch.issued_by) == ("ISSUED", "财预〔2026〕1号", "user:guo")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestBatches:
    """What may be in a batch, and what becomes of one that isn't issued."""

    def test_a_unit_that_is_struck_out_waits_for_the_next_batch(self, approving: MoneyCounty) -> None:
        begin(approving, "U1", "U2")
        answers = draft(approving)
        answers["letters"] = [row for row in answers["letters"] if row["unit"] == "U2"]
        approving.do("pan", "draft", "报送审核", answers)
        approving.do("chen", "check", "退回修改", opinion="批准日期请核对。")
        approving.do("pan", "draft", "报送审核", answers)
        approving.do("chen", "check", "同意")
        approving.do("ju", "sign", "签发")
        assert letters(approving) == [("U2", "绩批〔2026〕1号", 1, None)]
        assert [one.unit for one in waiting(approving)] == ["U1"]

    def test_only_collected_units_and_a_day_that_is_over_are_taken(self, approving: MoneyCounty) -> None:
        begin(approving, "U2")
        answers = draft(approving) | {"approved_on": "2099-01-01"}
        answers["letters"] += [dict(answers["letters"][0]), {"unit": "U1", "unit_name": "县交通运输局"}]
        with pytest.raises(InvalidAnswers) as refused:
            approving.do("pan", "draft", "报送审核", answers)
        fields = {finding.field for finding in refused.value.findings}
        assert {"approved_on", "letters.1.unit_name", "letters.2.unit_name"} <= fields

    def test_a_withdrawn_batch_gives_its_goals_back(self, approving: MoneyCounty) -> None:
        begin(approving, "U1")
        item = approving.task("pan", "draft").item_id
        approving.do("pan", "draft", "撤销批次", opinion="预算还没有批准。")
        assert [one.unit for one in waiting(approving)] == ["U1", "U2"]
        begin(approving, "U1")
        assert [one.unit for one in waiting(approving)] == ["U2"]
        assert item != approving.task("pan", "draft").item_id

    def test_the_budget_system_begins_a_batch_of_everything_that_waits(self, approving: MoneyCounty) -> None:
        told = {"fy": 2026, "doc_no": "人字〔2026〕3号", "approved_on": "2026-02-20"}
        approving.engine.publish("BudgetApproved", "2026", told, message_id="BudgetApproved-2026")
        approving.engine.publish("BudgetApproved", "2026", told, message_id="BudgetApproved-2026")
        approving.work()
        answers = draft(approving)
        assert (answers["doc_no"], answers["approved_on"]) == ("人字〔2026〕3号", "2026-02-20")
        assert [row["unit"] for row in answers["letters"]] == ["U1", "U2"]

    def test_nothing_to_approve_ends_the_batch(self, approving: MoneyCounty) -> None:
        begin(approving, "U9")
        (batch,) = approving.read(select(GoalApproval))
        assert (batch.state, approving.open()) == ("WITHDRAWN", {})

    def test_a_units_letter_is_nobody_elses(self, approving: MoneyCounty) -> None:
        begin(approving, "U2")
        approving.do("pan", "draft", "报送审核", draft(approving))
        approving.do("chen", "check", "同意")
        approving.do("guo", "sign", "签发")
        for stranger in ("li", "zhao", "ku"):
            with pytest.raises((Forbidden, NotFound)):
                approving.do(stranger, "sign_receipt", "签收", {})
        approving.do("sun", "sign_receipt", "签收", {})
        assert letters(approving)[0][3] == "user:sun"
