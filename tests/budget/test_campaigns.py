"""A campaign's counts: each state counted once, secret ones without money, right and one statement at a city's size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, event, insert
from sqlalchemy.orm import Session

from budget import campaigns, escalation
from budget.cases import CampaignState, CaseError, CaseKind, CaseState
from budget.tables import Base, Campaign, CampaignMember, Case, Project, Section, Unit

NOW = datetime(2026, 3, 20, 2, tzinfo=UTC)
DUE = NOW - timedelta(days=2)
#: The goals of the largest report (S5), and its units.
GOALS, UNITS = 34_261, 300
STATES = (CaseState.OPEN, CaseState.SUBMITTED, CaseState.RETURNED, CaseState.CLOSED, CaseState.OFFLINE)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session


def fill(session: Session, cases: int, units: int) -> Campaign:
    """Write a campaign with ``cases`` projects of ``units`` units in all states in turn; every hundredth is secret."""
    session.add_all(Section(code=f"S{number}", name=f"{number}股") for number in range(10))
    session.flush()
    session.add_all(
        Unit(code=f"U{number:03d}", name=f"单位{number}", section=f"S{number % 10}")
        for number in range(units)
    )
    campaign = Campaign(
        kind=CaseKind.GOAL, fiscal_year=2026, title="活动", state=CampaignState.OPEN, opens_at=DUE, due_at=DUE
    )
    session.add(campaign)
    session.flush()
    shared: dict[str, Any] = {
        "fiscal_year": 2026,
        "name": "项目",
        "category": "SPECIFIC",
        "type": "POLICY",
        "attr": "NEW",
        "level": "L1",
        "start_date": date(2026, 1, 1),
        "end_date": date(2026, 12, 31),
        "total_amount": 100,
        "annual_amount": 100,
        "fund_book": "GENERAL",
    }
    numbers = range(1, cases + 1)
    session.execute(
        insert(Project),
        [
            {
                **shared,
                "id": number,
                "code": f"P{number}",
                "unit": f"U{number % units:03d}",
                "section": f"S{number % units % 10}",
                "secret_flag": number % 100 == 0,
            }
            for number in numbers
        ],
    )
    session.execute(
        insert(Case),
        [
            {
                "instance_id": number,
                "kind": CaseKind.GOAL,
                "fiscal_year": 2026,
                "unit": f"U{number % units:03d}",
                "project_id": number,
                "campaign_id": campaign.id,
                "state": STATES[number % 5],
                "opened_at": DUE,
                "due_at": DUE,
            }
            for number in numbers
        ],
    )
    session.commit()
    return campaign


def counted(session: Session, campaign: Campaign) -> tuple[list[campaigns.Count], int]:
    """Return the counts, and how many statements they took."""
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    found = campaigns.counts(session, campaign.id, NOW)
    return found, len(statements)


@pytest.mark.parametrize(("cases", "units"), [(500, 7), pytest.param(GOALS, UNITS, marks=pytest.mark.long)])
def test_every_case_counts_once_in_one_statement(session: Session, cases: int, units: int) -> None:
    campaign = fill(session, cases, units)
    key = campaign.id
    found, statements = counted(session, campaign)
    assert statements <= 2, "the counts, and the campaign that the commit let go"
    whole = campaigns.total(found)
    per_state = {
        state: sum(number % 5 == place for number in range(1, cases + 1))
        for place, state in enumerate(STATES)
    }
    assert key == campaign.id
    assert whole.expected == cases == whole.reported + whole.returned + whole.missing
    assert whole.reported == sum(per_state[state] for state in (STATES[1], STATES[3], STATES[4]))
    assert (whole.returned, whole.missing) == (per_state[CaseState.RETURNED], per_state[CaseState.OPEN])
    assert whole.late == per_state[CaseState.OPEN], "a returned one was reported in time"
    assert whole.secret == cases // 100
    assert whole.amount == 100 * (cases - cases // 100)
    assert len(found) == units
    sections = campaigns.by_section(found)
    assert sum(one.expected for one in sections) == cases
    assert len(sections) == min(units, 10)


def test_what_was_withdrawn_is_not_expected(session: Session) -> None:
    campaign = fill(session, 10, 2)
    session.get_one(Case, 1).state = CaseState.WITHDRAWN
    assert campaigns.total(campaigns.counts(session, campaign.id, NOW)).expected == 9


def test_what_a_dead_server_started_is_found_by_its_case(session: Session) -> None:
    campaign = fill(session, 10, 2)
    session.add_all(
        CampaignMember(
            campaign_id=campaign.id, unit=f"U{number % 2:03d}", project_id=number, business_key=str(number)
        )
        for number in range(1, 11)
    )
    session.flush()
    session.get_one(Case, 3).campaign_id = None
    left = campaigns.unstarted(session, campaign, 100)
    assert [one.project_id for one in left] == [3]
    assert campaigns.sent_out(session, campaign) == (9, 10)


def test_the_same_kind_year_and_period_is_one_campaign(session: Session) -> None:
    wanted = campaigns.Plan(CaseKind.GOAL, 2026, "", "甲", None, DUE, NOW)
    first = campaigns.plan(session, wanted, 1)
    assert campaigns.plan(session, wanted, 1).id == first.id
    with pytest.raises(CaseError):
        campaigns.plan(session, wanted, 2)
    campaigns.change_state(session, first, CampaignState.CANCELLED, NOW)
    assert campaigns.plan(session, wanted, 2).instance_id == 2


@pytest.mark.parametrize(
    ("due", "today", "days"),
    [
        ("2026-03-13", "2026-03-13", 0),
        ("2026-03-13", "2026-03-14", 0),
        ("2026-03-13", "2026-03-16", 1),
        ("2026-03-13", "2026-03-27", 10),
        ("2026-03-13", "2026-03-12", -1),
        ("2026-03-13", "2026-03-06", -5),
        ("2026-03-13", "2030-03-13", escalation.HORIZON),
    ],
)
def test_days_late_are_working_days(due: str, today: str, days: int) -> None:
    def is_working(day: date) -> bool:
        return day.weekday() < 5

    assert escalation.age(date.fromisoformat(due), date.fromisoformat(today), is_working) == days
