"""What follows from the responsibility ledger: measures by the table, the unit's right to be heard, points, a failed
rectification; and oversight by the people's congress, whose opinions are put right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import accountability, cases, ledger
from budget.cases import CaseKind
from budget.ledger import LedgerEvent
from budget.projects import Register
from budget.tables import Accountability, Case, LedgerEntry, Oversight, Rectification
from engine import dmn, feel
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.identity import SYSTEM
from tests.workflows.county import County, add_project, open_county
from workflows import offers, profiles
from workflows.npc_oversight.start import OFFER

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

FACTS = [{"fact": "目标申报逾期未报", "basis": "县预算绩效管理办法第八条"}]

REFUSED = {"facts": FACTS, "demand": "配合评价", "measure": "BULLETIN_TALK", "points": 5}


def case_of_a_goal(county: County, instance: int = 71) -> Case:
    """A case about which something is entered; its instance is nobody's."""
    with county.engine.database.write() as unit, unit.savepoint() as session:
        return cases.open_case(
            session,
            instance,
            CaseKind.GOAL,
            fiscal_year=2026,
            now=county.engine.clock.now(),
            unit="U1",
            project_id=int(county.project["id"]),
        )


def enter(county: County, event: LedgerEvent, instance: int = 71, days: int = 0) -> int:
    case_of_a_goal(county, instance)
    with county.engine.database.write() as unit, unit.savepoint() as session:
        now = county.engine.clock.now()
        entry = ledger.enter(
            session,
            cases.case_of(session, instance),
            event,
            "2026年度目标申报：逾期未报",
            since=now - timedelta(days=days),
            now=now,
        )
        return entry.id


def begin(county: County, *entries: int) -> None:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        about = Register(session).unit_variables("U1")
    started = county.engine.start(
        "accountability",
        actor=county.who("wu"),
        variables={
            "unit": about,
            "entries": list(entries),
            "profile": profiles.load("qapqal").variables("accountability", "quality"),
        },
    )
    county.instance = started.instance_id


def mine(county: County, person: str) -> Any:
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


def do(
    county: County, person: str, outcome: str, answers: Mapping[str, Any] | None = None, opinion: str = ""
) -> None:
    task = mine(county, person)
    county.engine.complete(
        task.item_id,
        actor=county.who(person),
        version=task.version,
        outcome=outcome,
        answers=None if answers is None else dict(task.answers or {}) | dict(answers),
        document_version=task.document_version,
        opinion=opinion,
    )


def settle(county: County) -> None:
    """Let timers and messages that are due do their work."""
    while county.engine.run_due():
        pass


def record(county: County) -> Accountability:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = accountability.of_instance(session, county.instance)
        session.expunge(found)
        return found


def points(county: County) -> Mapping[str, Decimal]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        return accountability.points_by_unit(session, 2026)


@pytest.fixture
def county(engine: Engine) -> County:
    return open_county(engine)


class TestWhatFollowsFromTheLedger:
    """From the entries to the points."""

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_every_event_of_the_ledger_may_be_what_it_begins_with(self, county: County) -> None:
        for at, event in enumerate(LedgerEvent):
            begin(county, enter(county, event, 71 + at))
            assert (record(county).event, mine(county, "wu").variables["count"]) == (event, at + 1)

    def test_a_unit_that_has_no_objection_is_talked_to_signs_and_has_its_points(self, county: County) -> None:
        entries = [enter(county, LedgerEvent.NOT_REPORTED, one) for one in (71, 72)]
        begin(county, *entries)
        task = mine(county, "wu")
        assert task.variables["proposal"] == {
            "measure": "TALK",
            "points": 2,
            "why": "本年度条目达到约谈数",
        }
        sound = {"facts": FACTS, "demand": "三日内补报", "measure": "TALK", "points": 2}
        with pytest.raises(InvalidAnswers) as caught:
            do(county, "wu", "听取单位意见", sound | {"points": 5})
        assert [finding.code for finding in caught.value.findings] == ["accountability.reason"]
        do(county, "wu", "听取单位意见", sound)
        assert "通报" not in str(mine(county, "zhao").variables["summary"])
        do(county, "zhao", "无异议")
        assert points(county) == {}
        do(county, "feng", "同意", {"heard_right": True})
        assert (record(county).number, record(county).appealed) == ("责追〔2026〕001号", False)
        assert points(county) == {"U1": Decimal(2)}
        talk = {
            "held_on": "2026-03-05",
            "chaired_by": "冯副局长",
            "attendees": "赵局长",
            "points_made": "逾期两次",
            "commitments": "三日内补报",
        }
        do(county, "wu", "已约谈", talk)
        do(county, "zhao", "签收", {"read": True, "plan": "落实专人"})
        found = record(county)
        assert (found.state, found.measure, str(found.talked_on)) == ("RECORDED", "TALK", "2026-03-05")
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            assert accountability.waiting(session, 2026) == []
            with pytest.raises(accountability.AccountabilityError):
                accountability.begin(session, 1, "U1", entries, county.engine.clock.now())
        assert county.engine.doctor() == []

    def test_an_appeal_is_answered_by_another_and_granted_in_part_changes_the_measure(
        self, county: County
    ) -> None:
        begin(county, enter(county, LedgerEvent.REFUSED))
        assert mine(county, "wu").variables["proposal"]["measure"] == "BULLETIN_TALK"
        do(county, "wu", "听取单位意见", REFUSED)
        with pytest.raises(InvalidAnswers):
            do(county, "zhao", "申辩", {"statement": ""})
        do(county, "zhao", "申辩", {"statement": "当日停电，次日已提供资料。"})
        with pytest.raises(Forbidden):
            mine(county, "wu")
        do(county, "feng", "部分采纳", {"answer": "情况属实，从轻", "measure": "RECORD", "points": 1})
        found = record(county)
        assert (found.measure, found.points, found.appealed) == ("RECORD", Decimal(1), True)
        with pytest.raises(Forbidden):
            mine(county, "feng")
        do(county, "he", "同意", {"heard_right": True})
        assert county.element() == "sign_receipt"

    def test_a_granted_appeal_leaves_no_points(self, county: County) -> None:
        begin(county, enter(county, LedgerEvent.REFUSED))
        do(county, "wu", "听取单位意见", REFUSED)
        do(county, "zhao", "申辩", {"statement": "从未收到通知。"})
        do(county, "feng", "采纳", {"answer": "经查属实"})
        assert (record(county).state, county.element(), points(county)) == ("REVOKED", None, {})

    def test_a_unit_that_says_nothing_in_time_has_no_objection(
        self, county: County, clock: SteppedClock
    ) -> None:
        begin(county, enter(county, LedgerEvent.NOT_REPORTED, days=40))
        assert mine(county, "wu").variables["proposal"]["measure"] == "BULLETIN"
        do(
            county,
            "wu",
            "听取单位意见",
            {"facts": FACTS, "demand": "补报", "measure": "BULLETIN", "points": 1},
        )
        clock.advance(timedelta(days=10))
        settle(county)
        assert county.element() == "sign"

    def test_where_it_is_excusable_nothing_follows(self, county: County) -> None:
        begin(county, enter(county, LedgerEvent.NOT_REPORTED))
        do(county, "wu", "不予追究", opinion="因系统停机，情有可原。")
        assert (record(county).state, points(county)) == ("WAIVED", {})


def test_a_failed_rectification_is_entered_and_begins_by_itself(county: County) -> None:
    case_of_a_goal(county, 90)
    rules = profiles.load("qapqal").variables("quality")
    message = {
        "project_id": county.project["id"],
        "project": county.project,
        "rect_no": "2026-整改-1",
        "origin": {"kind": "RECTIFICATION", "instance": 90, "period": ""},
        "source": "MONITOR",
        "profile": rules,
        "escalated": [],
    }
    for _ in range(2):
        county.engine.publish(
            "RectificationFailed",
            str(county.project["id"]),
            message,
            message_id="2026-整改-1",
        )
    settle(county)
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        (found,) = session.scalars(select(Accountability)).all()
        (entry,) = session.scalars(select(LedgerEntry)).all()
    assert (entry.event, entry.handled_by, found.event) == (
        "RECTIFICATION",
        found.instance_id,
        "RECTIFICATION",
    )
    county.instance = found.instance_id
    assert mine(county, "wu").variables["proposal"]["points"] == 5


#: Event, entries of the year, working days late; measure and points with the shipped rules.
MEASURES = [
    ("NOT_REPORTED", 1, 14, "RECORD", 1),
    ("NOT_REPORTED", 1, 15, "BULLETIN", 1),
    ("NOT_REPORTED", 2, 0, "TALK", 2),
    ("NOT_REPORTED", 3, 0, "BULLETIN", 3),
    ("REFUSED", 1, 0, "BULLETIN_TALK", 5),
    ("RECTIFICATION", 1, 0, "BULLETIN_TALK", 5),
]


@pytest.mark.parametrize(("event", "count", "late", "measure", "points"), MEASURES)
def test_the_table_of_measures_decides_at_its_boundaries(
    event: str, count: int, late: int, measure: str, points: int
) -> None:
    rules = profiles.load("qapqal").variables("accountability")["accountability"]
    given = {
        "event": event,
        "count": count,
        "late_days": late,
        **{name: rules[name] for name in ("talk_from", "bulletin_from", "bulletin_days")},
        **{f"points_{name}": Decimal(rules[f"points_{name}"]) for name in ("each", "refused", "failed")},
    }
    found = decide("workflows/accountability/accountability_measure.dmn", "accountability_measure", given)
    assert (found["measure"], found["points"]) == (measure, points)


@pytest.mark.parametrize(
    ("score", "weakest", "grade"),
    [
        (90, "0.4", "优"),
        ("89.99", 1, "良"),
        (80, 1, "良"),
        ("79.99", 1, "中"),
        (60, 1, "中"),
        ("59.99", 1, "差"),
        (95, "0.39", "中"),
        (50, "0.39", "差"),
    ],
)
def test_a_report_with_one_weak_aspect_is_fair_at_the_most(score: Any, weakest: Any, grade: str) -> None:
    given = {"score": Decimal(score), "weakest": Decimal(weakest), "floor": Decimal("0.4")}
    assert decide("workflows/decisions/D14.dmn", "D14", given)["grade"] == grade


def decide(path: str, decision: str, given: Mapping[str, Any]) -> Any:
    package, *rest = path.split("/")
    model = dmn.parse(files(package).joinpath(*rest).read_bytes())
    return feel.to_host(model.evaluate(decision, given, feel.Environment()).value)


class TestOversight:
    """An inspection by the people's congress."""

    def test_opinions_are_answered_and_those_that_need_it_are_put_right(self, county: County) -> None:
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            project = Register(session).project(int(county.project["id"]))
            asked = offers.request(session, OFFER, project, "INSPECTION", profiles.load("qapqal"))
        started = county.engine.start("npc_oversight", actor=county.who("wu"), variables=asked.variables)
        county.instance = started.instance_id
        arrangement = {
            "planned_on": "2026-05-08",
            "led_by": "人大常委会副主任",
            "members": "常委会委员三人、代表五人、财经委",
            "links": ["DECLARATION", "PUBLICATION"],
            "materials": "项目进展和资金情况",
        }
        do(county, "wu", "通知单位", arrangement)
        do(county, "zhao", "报送", {"brief": "已完成路基工程。", "contact": "李经办"})
        opinions = [
            {"link": "PUBLICATION", "opinion": "目标公开不及时", "rectify": True},
            {"link": "EXECUTION", "opinion": "加快进度", "rectify": False},
        ]
        held = {"held_on": "2026-05-08", "present": "八人", "findings": "现场查看两处", "opinions": opinions}
        do(county, "wu", "提交", held)
        settle(county)
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            (rectification,) = session.scalars(select(Rectification)).all()
            oversight = session.scalars(select(Oversight)).one()
            assert (rectification.source, len(oversight.opinions)) == ("NPC", 2)
            assert rectification.origin_instance == county.instance
        with pytest.raises(InvalidAnswers) as caught:
            do(county, "zhao", "报送", {"answers": [{"no": 1, "answer": "已公开"}]})
        assert [finding.code for finding in caught.value.findings] == ["oversight.unanswered"]
        answers = [{"no": 1, "answer": "已公开"}, {"no": 2, "answer": "已增加施工队"}]
        do(county, "zhao", "报送", {"answers": answers})
        do(county, "wu", "报送人大", {"doc_no": "财函〔2026〕9号", "sent_on": "2026-05-20"})
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            oversight = session.scalars(select(Oversight)).one()
            assert (oversight.state, [one.answer for one in oversight.opinions]) == (
                "RECORDED",
                ["已公开", "已增加施工队"],
            )
            assert cases.case_of(session, county.instance).result == "RECORDED"
        assert county.engine.verify_history() == []

    def test_a_secret_project_is_noted_as_handled_offline_only(self, county: County) -> None:
        made = add_project(county.engine, 9, secret=True)
        rules = profiles.load("qapqal").variables(*OFFER.groups)
        variables = {"project": made["variables"], "kind": "INSPECTION", "profile": rules}
        county.instance = county.engine.start(
            "npc_oversight", actor="system", variables=variables
        ).instance_id
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            assert session.scalars(select(Oversight)).one().state == "OFFLINE"
        assert county.element() is None
