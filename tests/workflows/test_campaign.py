"""A campaign from its plan to its summary: sent out in batches, urged, escalated, closed, through the real engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import campaigns, ledger
from budget.cases import CampaignState
from budget.tables import Campaign, CampaignMember, Case, LedgerEntry, Unit
from engine.errors import InvalidAnswers
from engine.identity import SYSTEM
from tests.workflows.county import County, add_project, open_county, submit_goal
from workflows import profiles
from workflows.campaign import handlers
from workflows.campaigns import kinds

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine, TaskView

#: 2 March 2026 is a Monday.
PLAN = {
    "title": "2026年度项目支出绩效目标申报",
    "kind": "GOAL",
    "fiscal_year": 2026,
    "period": "",
    "opens_on": "2026-03-02",
    "due_on": "2026-03-13",
    "trainings": [{"held_on": "2026-03-03", "topic": "系统填报", "batches": 1, "units": 1, "people": 3}],
}
DUE = datetime(2026, 3, 13, 10, tzinfo=UTC)


@dataclass
class Held:
    """A campaign that a test holds: its instance in a county."""

    county: County
    instance: int

    @property
    def engine(self) -> Engine:
        return self.county.engine

    def task(self, element: str, person: str = "wu") -> TaskView:
        holders = self.engine.instance(self.instance, SYSTEM).holders
        (item,) = [holder.item_id for holder in holders if holder.element == element]
        return self.engine.task(item, self.county.who(person))

    def do(self, element: str, outcome: str, answers: Mapping[str, Any] | None = None, **more: Any) -> None:
        task = self.task(element)
        self.engine.complete(
            task.item_id,
            actor=self.county.who("wu"),
            version=task.version,
            outcome=outcome,
            answers=answers,
            document_version=task.document_version,
            **more,
        )

    def elements(self) -> set[str | None]:
        return {holder.element for holder in self.engine.instance(self.instance, SYSTEM).holders}

    def run(self) -> None:
        """Do all that is due, timers and jobs."""
        while self.engine.run_due() or self.engine.run_jobs():
            pass

    def row(self) -> Campaign:
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            return session.scalars(select(Campaign)).one()

    def counts(self) -> list[campaigns.Count]:
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            return campaigns.counts(session, self.row().id, self.engine.clock.now())

    def issued(self) -> Held:
        self.do("prepare_plan", "送审", PLAN)
        self.do("issue", "签发", {"issue_note": ""})
        self.run()
        return self


@pytest.fixture
def held(engine: Engine) -> Held:
    """A county with three projects, one of them secret, and a campaign that is being planned."""
    county = open_county(engine, begin=False)
    for number in (1, 2):
        add_project(engine, number)
    add_project(engine, 3, secret=True)
    variables = {"proposal": None, "profile": profiles.of(engine).variables("calendar", "escalation")}
    started = engine.start("campaign", actor=county.who("wu"), variables=variables)
    return Held(county, started.instance_id)


class TestTheWholeWay:
    """From the plan to the summary."""

    def test_a_campaign_is_planned_issued_sent_out_closed_and_summed_up(
        self, held: Held, clock: SteppedClock
    ) -> None:
        held.do("prepare_plan", "送审", PLAN)
        cohort = held.task("issue").variables["cohort"]
        assert (cohort["units"], cohort["projects"], cohort["secret"]) == (1, 3, 1)
        assert [line["section"] for line in cohort["sections"]] == ["经建股"]
        assert cohort["amount"] == 1700, "in 万元, the secret one is not added"
        held.do("issue", "签发", {"issue_note": "按期派发"})
        held.run()
        assert held.row().state == CampaignState.OPEN
        assert held.elements() == {"follow_up"}
        (count,) = held.counts()
        assert (count.expected, count.missing, count.reported, count.late) == (3, 3, 0, 0)
        submit_goal(held.county, 0)
        clock.set(DUE + timedelta(minutes=1))
        held.run()
        assert held.row().state == CampaignState.CLOSED
        (count,) = held.counts()
        assert (count.expected, count.missing, count.reported, count.late) == (3, 2, 1, 2)
        closing = held.task("sum_up").variables["closing"]
        assert (closing["expected"], closing["reported"], closing["late"]) == (3, 1, 2)
        assert [one["unit"] for one in closing["behind"]] == ["县交通运输局"]
        held.do("sum_up", "归档", {"results": "按期完成目标申报"})
        assert held.elements() == set()
        assert held.engine.doctor() == []

    def test_a_plan_that_is_there_already_is_refused_and_one_sent_back_may_be_changed(
        self, held: Held
    ) -> None:
        held.do("prepare_plan", "送审", PLAN)
        held.do("issue", "退回修改", opinion="名称再核一下")
        held.do("prepare_plan", "送审", PLAN | {"title": "2026年度目标申报"})
        assert held.row().title == "2026年度目标申报"
        variables = {
            "proposal": None,
            "profile": profiles.of(held.engine).variables("calendar", "escalation"),
        }
        other = held.engine.start("campaign", actor=held.county.who("wu"), variables=variables)
        with pytest.raises(InvalidAnswers) as caught:
            Held(held.county, other.instance_id).do("prepare_plan", "送审", PLAN)
        assert [finding.code for finding in caught.value.findings] == ["campaign.period"]

    def test_a_deadline_before_the_opening_is_refused(self, held: Held) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            held.do("prepare_plan", "送审", PLAN | {"due_on": "2026-03-02", "opens_on": "2026-03-03"})
        assert {finding.field for finding in caught.value.findings} == {"due_on"}

    def test_a_campaign_that_is_cancelled_sends_nothing_out(self, held: Held) -> None:
        held.do("prepare_plan", "取消活动", opinion="并入下一期")
        assert held.elements() == set()
        with held.engine.database.read() as unit, Session(unit.connection) as session:
            assert session.scalar(select(func.count()).select_from(CampaignMember)) == 0

    def test_it_waits_for_the_day_on_which_it_opens(self, held: Held, clock: SteppedClock) -> None:
        held.do("prepare_plan", "送审", PLAN | {"opens_on": "2026-03-05"})
        held.do("issue", "签发", {"issue_note": ""})
        held.run()
        assert held.row().state == CampaignState.PLANNED
        clock.set(datetime(2026, 3, 5, 1, tzinfo=UTC))
        held.run()
        assert held.row().state == CampaignState.OPEN


class TestSendingOut:
    """Batches by a job, which may be killed."""

    def test_what_was_started_before_the_server_died_is_not_started_again(
        self, held: Held, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handlers, "BATCH", 2)
        noted = campaigns.note_started

        def die(*_: Any) -> None:
            raise KeyboardInterrupt

        held.do("prepare_plan", "送审", PLAN)
        held.do("issue", "签发", {"issue_note": ""})
        while held.engine.run_due():
            pass
        monkeypatch.setattr(campaigns, "note_started", die)
        with pytest.raises(KeyboardInterrupt):
            held.engine.run_jobs()
        monkeypatch.setattr(campaigns, "note_started", noted)
        assert instances(held) == 2
        held.engine.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
        held.run()
        assert held.row().state == CampaignState.OPEN
        assert instances(held) == 3

    def test_every_member_has_its_instance_and_says_which_campaign_called(self, held: Held) -> None:
        held.issued()
        with held.engine.database.read() as unit, Session(unit.connection) as session:
            members = session.scalars(select(CampaignMember)).all()
            cases = {case.instance_id: case for case in session.scalars(select(Case))}
        assert all(cases[one.instance_id or 0].campaign_id == one.campaign_id for one in members)
        task = held.engine.inbox(held.county.who("li")).rows[0]
        assert task.due_at == DUE


class TestEscalation:
    """Reminders and escalations in working days (domain §5.1)."""

    def test_who_is_told_on_which_working_day(self, held: Held, clock: SteppedClock) -> None:
        held.issued()
        told: dict[str, int] = {}
        #: Friday 13 March is the deadline: T-5 is the Friday before, T+1 the Monday after, T+10 Friday 27 March.
        for day, expected in (
            ("2026-03-05", {}),
            ("2026-03-06", {"campaign.remind": 1}),
            ("2026-03-11", {"campaign.remind": 2}),
            ("2026-03-13", {"campaign.remind": 3}),
            ("2026-03-16", {"campaign.remind": 3, "campaign.head": 1}),
            ("2026-03-18", {"campaign.remind": 3, "campaign.head": 1, "campaign.section": 1}),
            ("2026-03-20", {"campaign.remind": 3, "campaign.head": 1, "campaign.section": 1}),
        ):
            clock.set(datetime.fromisoformat(f"{day}T10:00:00+08:00"))
            held.run()
            told = sentences(held)
            told.pop("campaign.bulletin", None)
            assert told == expected, day
        assert "draw_bulletin" in held.elements()
        late = held.task("draw_bulletin").variables["bulletin_of"]["units"]
        assert [(one["unit"], one["count"], one["days"]) for one in late] == [("县交通运输局", 2, 5)]
        assert entries(held) == []
        clock.set(datetime.fromisoformat("2026-03-27T10:00:00+08:00"))
        held.run()
        found = entries(held)
        assert [(one.unit, one.event) for one in found] == [("U1", "NOT_REPORTED")] * 2
        assert all(one.since == DUE for one in found)
        assert "逾期 10 个工作日未报" in found[0].what

    def test_a_server_that_stood_still_catches_up_with_the_escalations_once(
        self, held: Held, clock: SteppedClock
    ) -> None:
        held.issued()
        clock.set(datetime.fromisoformat("2026-04-20T10:00:00+08:00"))
        held.run()
        told = sentences(held)
        assert told["campaign.head"] == told["campaign.section"] == 1
        assert len(entries(held)) == 2
        clock.advance(timedelta(days=10))
        held.run()
        assert sentences(held) == told

    def test_who_has_reported_hears_nothing_and_what_was_made_good_is_settled(
        self, held: Held, clock: SteppedClock
    ) -> None:
        held.issued()
        submit_goal(held.county, 0)
        clock.set(datetime.fromisoformat("2026-03-30T10:00:00+08:00"))
        held.run()
        assert len(entries(held)) == 1
        submit_goal(held.county, 0)
        (entry,) = entries(held)
        assert entry.settled_at is not None

    def test_a_later_deadline_begins_the_chain_anew(self, held: Held, clock: SteppedClock) -> None:
        held.issued()
        clock.set(datetime.fromisoformat("2026-03-16T10:00:00+08:00"))
        held.run()
        with held.engine.database.write() as unit, unit.savepoint() as session:
            waiting = campaigns.waiting_instances(session, held.row().id)
            campaigns.postpone(session, waiting, DUE + timedelta(days=14))
        clock.set(datetime.fromisoformat("2026-03-17T10:00:00+08:00"))
        held.run()
        assert sentences(held)["campaign.head"] == 1
        clock.set(datetime.fromisoformat("2026-03-30T10:00:00+08:00"))
        held.run()
        assert sentences(held)["campaign.head"] == 2


def instances(held: Held) -> int:
    with held.engine.database.read() as unit, Session(unit.connection) as session:
        return session.scalar(select(func.count()).select_from(Case).where(Case.kind == "GOAL")) or 0


def entries(held: Held) -> list[LedgerEntry]:
    with held.engine.database.read() as unit, Session(unit.connection) as session:
        return ledger.entries(session, 2026)


def sentences(held: Held) -> dict[str, int]:
    """Return how many notices of each sentence there are."""
    from engine import tables
    from engine.values import load_plain

    with held.engine.database.read() as unit:
        rows = unit.execute(select(tables.notes.c.text).where(tables.notes.c.kind == "notice")).scalars()
        found: dict[str, int] = {}
        for text in rows:
            code = load_plain(text)["code"]
            found[code] = found.get(code, 0) + 1
    return found


def test_a_unit_that_takes_no_part_is_left_out_and_it_is_said_why(held: Held) -> None:
    with held.engine.database.write() as unit, unit.savepoint() as session:
        session.add(Unit(code="U2", name="县退出单位", section="S04", in_campaign=False))
    held.do("prepare_plan", "送审", PLAN)
    exempt = held.task("issue").variables["cohort"]["exempt"]
    assert [(one["unit"], one["why"]) for one in exempt] == [("县退出单位", "登记为不参加年度活动")]


def test_every_kind_that_can_be_called_for_has_a_process_of_its_own() -> None:
    assert all(kind.process for kind in kinds().values())
