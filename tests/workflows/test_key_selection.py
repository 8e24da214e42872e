"""Projects are chosen for key evaluation: candidates ranked by the records, a list that the leaders approve."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget import cases, key_candidates
from budget.cases import CaseKind
from budget.key_codes import ChoiceReason
from budget.tables import Case, KeyChoice, KeyEvaluation, Project
from engine.errors import InvalidAnswers
from tests.workflows.county import add_project
from workflows import profiles
from workflows.key_selection.starting import PROCESS, offered, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budget.key_candidates import Candidate
    from tests.workflows.key_county import Office

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
PROFILE = profiles.load("qiaokou")


def project(office: Office, number: int, wan: int, book: str = "GENERAL", **more: Any) -> int:
    made = add_project(office.engine, number, **more)["variables"]["id"]
    with office.engine.database.write() as unit, unit.savepoint() as session:
        row = session.get_one(Project, made)
        row.annual_amount, row.fund_book = wan * 1_000_000, book
    return int(made)


def ranked(office: Office) -> Sequence[Candidate]:
    with office.records() as session:
        return offered(session, 2026, PROFILE)


def begin(office: Office, codes: Sequence[str]) -> None:
    picked = [one for one in ranked(office) if one.code in codes]
    (started,) = office.engine.start_many(PROCESS, [start(2026, picked, PROFILE)], actor="user:zheng")
    office.instance = started.instance_id


def listed(office: Office) -> dict[str, Any]:
    rows = office.task("zheng").variables["picked"]
    return {
        "choices": [dict(row) | {"reason": row["reason"] or "ATTENTION"} for row in rows],
        "count_reason": "今年第三方服务经费只够评价这些项目",
    }


def test_candidates_stand_by_their_reasons_and_then_by_their_amount(office: Office) -> None:
    project(office, 2, 999)
    small = project(office, 3, 10)
    project(office, 4, 2000, "GOV_FUND")
    project(office, 5, 1000)
    project(office, 6, 5000, "SOCIAL_INS")
    project(office, 7, 5000, secret=True)
    with office.engine.database.write() as unit, unit.savepoint() as session:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        cases.open_case(
            session, 4711, CaseKind.RECTIFICATION, fiscal_year=2026, now=now, unit="U1", project_id=small
        )
    found = ranked(office)
    # The county chooses from three budgets, the social insurance is none of them; a secret project never appears.
    by_code = {one.code[-2:]: one.reasons for one in found}
    assert by_code == {
        "04": (ChoiceReason.AMOUNT, ChoiceReason.FUND_NATURE),
        "05": (ChoiceReason.AMOUNT,),
        "03": (ChoiceReason.FINDINGS,),
        "02": (),
        "01": (),
    }
    assert [one.code[-2:] for one in found] == ["04", "05", "03", "02", "01"]


def test_the_leaders_approve_the_list_and_every_project_on_it_begins(office: Office) -> None:
    project(office, 2, 2000)
    codes = [office.project["code"], "2026-U1-02"]
    begin(office, codes)
    answers = listed(office)
    answers["choices"][0]["complex"] = True
    office.do("zheng", "报送审核", answers)
    office.do("wu", "同意")
    office.do("chu", "同意")
    assert office.result() == "ordered"
    office.engine.run_due()
    with office.records() as session:
        choices = session.scalars(select(KeyChoice)).all()
        assert sorted((one.state, one.complex) for one in choices) == [
            ("APPROVED", False),
            ("APPROVED", True),
        ]
        assert len(session.scalars(select(KeyEvaluation)).all()) == 2
        assert session.get_one(Case, office.instance).result == "APPROVED"
        # Who is chosen is no candidate any more.
        assert offered(session, 2026, PROFILE) == []


def test_another_number_than_the_countys_needs_a_reason(office: Office) -> None:
    begin(office, [office.project["code"]])
    answers = listed(office) | {"count_reason": ""}
    with pytest.raises(InvalidAnswers) as caught:
        office.do("zheng", "报送审核", answers)
    assert [one.field for one in caught.value.findings] == ["count_reason"]


def test_nothing_that_was_not_picked_gets_onto_the_list(office: Office) -> None:
    secret = add_project(office.engine, 2, secret=True)["variables"]
    begin(office, [office.project["code"], secret["code"]])
    answers = listed(office)
    assert len(answers["choices"]) == 1
    answers["choices"].append(answers["choices"][0] | {"code": secret["code"], "name": "x", "_row": "r9"})
    with pytest.raises(InvalidAnswers) as caught:
        office.do("zheng", "报送审核", answers)
    assert [one.code for one in caught.value.findings] == ["DQ29"]


def test_who_proposed_does_not_check_and_who_checked_does_not_approve(office: Office) -> None:
    office.engine.people.add_post("wu", "deputy_leader", "BUREAU")
    begin(office, [office.project["code"]])
    office.do("zheng", "报送审核", listed(office))
    office.do("wu", "同意")
    with pytest.raises(AssertionError):
        office.task("wu")
    office.do("feng", "不予开展", opinion="今年不安排")
    assert office.result() == "withdrawn"
    with office.records() as session:
        assert session.scalars(select(KeyChoice)).all() == []


def test_what_was_approved_is_taken_back_by_moving_back(office: Office) -> None:
    with office.engine.database.write() as unit, unit.savepoint() as session:
        row = {"project_id": office.project["id"], "reason": "AMOUNT"}
        key_candidates.approve(session, 7, 2026, [row], datetime(2026, 3, 1, tzinfo=UTC))
        assert len(key_candidates.chosen(session, 2026)) == 1
        key_candidates.revoke(session, 7)
        assert key_candidates.chosen(session, 2026) == []
