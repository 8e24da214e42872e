"""Secret units and projects (domain §6.4): every business keeps only that they were handled offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseState
from budget.projects import Register
from budget.tables import Campaign, Case, Project, Unit
from engine import tables
from engine.engine import StartRequest
from engine.errors import InvalidAnswers
from engine.identity import Post
from tests.workflows.county import DEADLINE, County, add_project, open_county
from workflows import offers, profiles
from workflows.campaigns import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.engine import Engine

#: Words that the secret project has, none of which may be anywhere in the database besides its own row.
NAME, CONTENT = "某某战备工程", "某某阵地"
NEEDED: Mapping[str, Any] = {
    "campaign": None,
    "deadline": DEADLINE,
    "origin": None,
    "reason": "例行",
    "choice": {"complex": False, "concerned": False, "research": False, "ready": False},
    "source": "MONITOR",
    "issues": [],
    "requirement": "",
    "linked_action": "NONE",
    "checkpoint": {"period": "05"},
}
#: How each business about a project begins.
BY_HAND = ("disbursement", "result_application")
#: Where the unit confirms that it was handled offline.
CONFIRMED = ("goal_declaration", "monitoring", "self_evaluation")
BY_MESSAGE = {"DeviationFound": "rectification", "KeyEvaluationOrdered": "key_evaluation"}


@pytest.fixture
def county(engine: Engine) -> County:
    """A county with one secret project that has a name."""
    county = open_county(engine, begin=False)
    county.project = add_project(engine, 1, secret=True)["variables"]
    with engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Project, county.project["id"]).name = NAME
        session.flush()
        county.project = Register(session).variables(session.get_one(Project, county.project["id"]))
    return county


def variables(county: County) -> dict[str, Any]:
    groups = (
        *("days", "quality", "goal", "review", "quality_score", "monitoring", "rectification", "treasury"),
        *("disbursement", "scoring", "evaluation", "sampling", "result", "key_evaluation"),
    )
    return {**NEEDED, "project": county.project, "profile": profiles.load("qapqal").variables(*groups)}


def case(county: County) -> tuple[str, str]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(Case)).one()
        return found.state, found.kind


def said(county: County) -> str:
    """Return everything that the engine keeps in words: variables, documents, events, inbox, messages."""
    kept = (
        tables.instances,
        tables.documents,
        tables.events,
        tables.work_items,
        tables.messages,
        tables.inbox,
    )
    with county.engine.database.read() as unit:
        return "\n".join(
            msgspec.json.encode([str(cell) for cell in row]).decode()
            for table in kept
            for row in unit.execute(select(table))
        )


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestASecretProject:
    @pytest.mark.parametrize("process", BY_HAND)
    def test_it_is_registered_as_handled_offline_and_nobody_gets_a_form(
        self, county: County, process: str
    ) -> None:
        assert county.project["name"] != NAME, "not even the variable has its name"
        county.engine.start_many(process, [StartRequest(variables(county), "s", {})], actor="system")
        assert case(county)[0] == CaseState.OFFLINE
        self.nothing_is_left(county)

    @pytest.mark.parametrize("message", sorted(BY_MESSAGE))
    def test_a_message_about_it_leads_to_nothing_either(self, county: County, message: str) -> None:
        county.engine.publish(message, str(county.project["id"]), variables(county))
        while county.engine.run_due():
            pass
        assert case(county) == (CaseState.OFFLINE, BY_MESSAGE[message].upper())
        self.nothing_is_left(county)

    def nothing_is_left(self, county: County) -> None:
        assert county.engine.incidents("system") == []
        for person in ("li", "zhao", "wang", "wu", "zhang"):
            assert county.engine.inbox(county.who(person)).rows == []
        assert NAME not in said(county)

    @pytest.mark.parametrize("process", CONFIRMED)
    def test_a_call_for_it_takes_no_form_and_is_confirmed_by_the_unit(
        self, county: County, process: str
    ) -> None:
        start = StartRequest(variables(county), "s", {})
        (started,) = county.engine.start_many(process, [start], actor="system")
        county.instance = started.instance_id
        with pytest.raises(InvalidAnswers):
            county.do("li", "提交", {"overall_goal": CONTENT, "goal_progress": CONTENT, "summary": CONTENT})
        county.do("li", "涉密线下办理")
        assert case(county)[0] == CaseState.OFFLINE
        self.nothing_is_left(county)
        assert CONTENT not in said(county)

    def test_no_campaign_calls_for_its_contents_and_nothing_by_hand_offers_it(self, county: County) -> None:
        everybody = [Post(role, "U1", "") for offer in offers.offers().values() for role in offer.roles]
        profile = profiles.load("qapqal")
        with county.engine.database.write() as unit, unit.savepoint() as session:
            session.get_one(Unit, "U1").secret_flag = True
            session.flush()
            for offer in offers.offers().values():
                assert session.execute(offers.projects(offer, everybody, [2026])).all() == [], offer.process
            register, called = Register(session), 0
            for kind in kinds().values():
                campaign = Campaign(kind=kind.kind, fiscal_year=2026, period=next(iter(kind.periods), "05"))
                for one in kind.cohort(session, campaign, profile):
                    called += 1
                    assert one.secret, kind.process
                    assert kind.documents(register, one, campaign) == {}, kind.process
            assert called >= 4, "it counts, and is told that it is handled offline"

    def test_a_project_of_a_secret_unit_is_secret_too(self, county: County) -> None:
        open_one = add_project(county.engine, 2)["variables"]
        assert open_one["secret"] is False
        with county.engine.database.write() as unit, unit.savepoint() as session:
            session.get_one(Unit, "U1").secret_flag = True
            session.flush()
            again = Register(session).variables(session.get_one(Project, open_one["id"]))
        assert again["secret"] is True
        assert again["name"] != open_one["name"]
