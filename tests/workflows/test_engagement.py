"""Third parties are procured, checked, engaged, assessed and paid; poor credit keeps them out (P13)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import books
from budget.agencies import agency_options
from budget.books import BOOKS
from budget.engagements import standings
from budget.key_codes import ServiceKind
from budget.key_evaluations import record_service
from budget.tables import Case, Draw, Engagement
from engine import dmn, tables
from engine.errors import InvalidAnswers
from tests.workflows.county import add_project, populate
from tests.workflows.key_county import PEOPLE, PLAIN, Office, accept_self_evaluation
from workflows import offers, profiles

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.conftest import Settle

PROFILE = profiles.load("tianmen")
DEMAND = {
    "title": "2026年度重点评价服务采购",
    "kind": "EVALUATE",
    "method": "NEGOTIATION",
    "budget": 60,
    "requirement": "按国家评价办法评价，主评人到场。",
}
AWARD = {"procurement_no": "集采〔2026〕035号", "notice_from": "2026-01-05", "notice_until": "2026-01-12"}
CONTRACT = {
    "contract_no": "HT-01",
    "contract_amount": 55,
    "leader": "朱主评",
    "signed_on": "2026-02-01",
    "due_on": "2026-03-20",
    "independent": True,
}


#: The treasury section beside those who evaluate.
MORE = {
    "ku": ("库股长", "treasury_chief", "TREASURY"),
    "kuku": ("库干事", "treasury_staff", "TREASURY"),
}


def people_and_processes(engine: Engine) -> None:
    """Give an empty county its people and the processes that take part."""
    populate(engine, {**PEOPLE, **MORE}, ("engagement", "key_evaluation"))


@pytest.fixture
def settle() -> Settle:
    """The people and the two processes."""
    return people_and_processes


@pytest.fixture
def office(engine: Engine) -> Office:
    """A county with two projects, for which the performance section begins an engagement."""
    made = Office(engine, project=add_project(engine)["variables"])
    add_project(engine, 2)
    add_project(engine, 3, secret=True)
    begin(made)
    return made


def begin(office: Office) -> None:
    offer = offers.offers()["engagement"]
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        query = offers.projects(offer, office.who("zheng").posts, [2026])
        projects = {project.code: project for project, _ in session.execute(query)}
        asked = offers.request(session, offer, projects[office.project["code"]], None, PROFILE)
    (started,) = office.engine.start_many(offer.process, [asked], actor=office.who("zheng"))
    office.instance = started.instance_id


def demand(office: Office, *codes: str, **more: Any) -> None:
    objects = [{"code": code, "name": ""} for code in codes or ("2026-U1-01", "2026-U1-02")]
    office.do("zheng", "送审", DEMAND | {"objects": objects} | more)
    office.do("feng", "同意")


def award(office: Office, agency: str = "A01", price: int = 55, **more: Any) -> None:
    bids = [{"bidder": "A01", "price": price, "score": 92}, {"bidder": "A02", "price": 58, "score": 85}]
    office.do("zheng", "中标", AWARD | {"bids": bids, "winner": agency} | more)


def perform(office: Office) -> None:
    """Sign the contract, and let the agency deliver."""
    office.do("zheng", "签订", CONTRACT)
    works = [{"name": "评价报告", "copies": 2}]
    office.do("zhu", "提交", {"works": works, "statement": "已按合同完成。", "signed": True})


def assess(office: Office, **scores: Any) -> None:
    rows = [
        dict(row) | {"score": scores.get(row["criterion"], row["points"]), "reason": "底稿不全，多次催办。"}
        for row in office.task("zheng").variables["scores"]
    ]
    office.do("zheng", "验收通过", {"scores": rows, "comment": "已验收。"})


def pay(office: Office) -> None:
    """The treasury section signs for the notice, pays and reports back."""
    office.do("kuku", "签收", {"note": ""})
    office.do("ku", "已付款", {"paid_on": "2026-03-20", "voucher_no": "付-017"})


def enter(office: Office, name: str, **values: Any) -> None:
    """Enter an agency into the book of agencies."""
    columns = {"title": name, "values": {"fields": ["工程"], "qualification": "甲级"} | values}
    with office.engine.database.write() as unit, unit.savepoint() as session:
        now = office.engine.clock.now()
        books.write(session, BOOKS["agency"], 2026, columns, by="user:wu", now=now)


def engagement(office: Office) -> Engagement:
    with office.records() as session:
        found = session.get_one(Engagement, office.instance)
        assert found.objects is not None
        assert found.points is not None
        session.expunge_all()
        return found


def options(office: Office, today: date) -> dict[str | None, tuple[str | None, str | None]]:
    with office.records() as session:
        found = agency_options(session, int(office.project["id"]), today, 3)
    return {one["value"]: (one["label"], one["restricted"]) for one in found}


class TestAnEngagement:
    """From the demand to the credit record."""

    def test_an_agency_is_procured_under_contract_assessed_and_paid(self, office: Office) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            demand(office, "2026-U1-01", "2026-U1-03")
        assert [(one.code, one.field) for one in caught.value.findings] == [
            ("engagement.object", "objects.1.code")
        ]
        demand(office)
        with pytest.raises(InvalidAnswers) as caught:
            award(office, price=61, notice_until="2026-01-09")
        assert {one.code for one in caught.value.findings} == {"engagement.notice", "engagement.above"}
        award(office)
        assert office.elements() == ["sign_contract"]
        perform(office)
        assert options(office, date(2026, 3, 2)) == {
            "A01": ("A01（已签约：HT-01）", None),
            "A02": ("A02", None),
        }
        with pytest.raises(InvalidAnswers) as caught:
            assess(office, QUALITY=41)
        assert [one.code for one in caught.value.findings] == ["report.above"]
        assess(office, QUALITY=35)
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wu", "确认", {"paid": 50})
        assert [one.code for one in caught.value.findings] == ["engagement.note"]
        office.do("wu", "确认", {"paid": 55})
        assert engagement(office).state == "PAYING"
        assert office.may_read("kuku") >= {"contract", "settlement"}
        assert "award" not in office.may_read("kuku")
        pay(office)
        assert office.result() == "settled"
        found = engagement(office)
        assert (found.state, found.agency, found.score, found.credit) == ("SETTLED", "A01", 95, "优")
        assert (found.received_by, found.paid_by, found.paid_on, found.voucher_no) == (
            *("user:kuku", "user:ku"),
            *(date(2026, 3, 20), "付-017"),
        )
        assert (found.paid, found.restricted_until, len(found.objects)) == (55_000_000, None, 2)
        assert office.may_read("zhu") >= {"contract", "delivery", "performance"}
        assert "award" not in office.may_read("zhu")
        assert office.may_read("li") == set()
        with office.records() as session:
            assert session.get_one(Case, office.instance).result == "SETTLED"
            assert "EngagementReady" in session.execute(select(tables.messages.c.name)).scalars().all()
        assert office.engine.doctor() == []

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_agencies_are_drawn_from_the_book_and_nobody_else_bids(self, office: Office) -> None:
        enter(office, "甲事务所", code="A01")
        enter(office, "乙事务所", code="A02", violations=True)
        enter(office, "外地事务所")
        demand(office, method="DRAW")
        with pytest.raises(InvalidAnswers) as caught:
            office.do("zheng", "抽取", {"draw_number": 2, "seed": "1234"})
        (finding,) = caught.value.findings
        assert finding.message["zh"] == (
            "机构库里可以抽取的只有1家（外地事务所：没有登记本系统的机构代码；乙事务所：三年内有重大违法）"
        )
        office.do("zheng", "抽取", {"draw_number": 1, "seed": "1234"})
        task = office.task("zheng")
        assert (task.element, [dict(row) for row in task.variables["bids"]]) == (
            "procure",
            [{"bidder": "A01"}],
        )
        with office.records() as session:
            drawn = session.scalars(select(Draw)).one()
            assert (drawn.instance_id, [name for _, name in drawn.drawn]) == (office.instance, ["甲事务所"])
            assert drawn.seed == f"1234@{office.engine.clock.now().isoformat()}"
        with pytest.raises(InvalidAnswers) as caught:
            award(office, "A02")
        assert {one.code for one in caught.value.findings} == {"engagement.drawn"}
        office.do("zheng", "流标重采", opinion="抽中的没有响应")
        assert office.elements() == ["draw_lot"]
        office.do("zheng", "抽取", {"draw_number": 1, "seed": "5678"})
        bids = [{"bidder": "A01", "price": 55, "score": 92}]
        office.do("zheng", "中标", AWARD | {"bids": bids, "winner": "A01"})
        assert office.elements() == ["sign_contract"]

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_who_broke_the_law_gravely_cannot_be_engaged_and_stands_aside_in_evaluations(
        self, office: Office
    ) -> None:
        enter(office, "甲事务所", code="A01", violations=True)
        demand(office)
        award(office)
        said = office.task("zheng").variables
        assert (said["verdict"], said["facts"]["zh"]) == ("有重大违法", "机构库登记三年内有重大违法")
        label = options(office, date(2026, 3, 2))["A01"][0]
        assert label == "A01（三年内有重大违法）"

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_who_advised_on_any_of_the_projects_cannot_be_engaged(self, office: Office) -> None:
        with office.engine.database.write() as unit, unit.savepoint() as session:
            other = int(office.project["id"]) + 1
            record_service(session, "A01", other, ServiceKind.CONSULT, date(2025, 6, 1))
        demand(office)
        award(office)
        assert office.elements() == ["procure"]
        said = office.task("zheng").variables
        assert said["verdict"] == "须回避：做过咨询"
        assert said["facts"]["zh"] == "近年为2026-U1-02做过咨询"
        award(office, "A02")
        assert office.elements() == ["sign_contract"]

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_whose_people_hold_a_post_at_the_unit_cannot_be_engaged(self, office: Office) -> None:
        office.engine.people.add_post("qin", "unit_clerk", "U1")
        demand(office)
        award(office)
        said = office.task("zheng").variables
        assert (said["verdict"], said["facts"]["zh"]) == (
            "须回避：有利害关系",
            "秦评估与项目单位有任职或利害关系",
        )

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_late_and_poor_work_keeps_an_agency_out_of_the_next_engagement_and_of_evaluations(
        self, office: Office, clock: SteppedClock
    ) -> None:
        demand(office)
        award(office)
        office.do("zheng", "签订", CONTRACT)
        clock.set(datetime(2026, 4, 9, 2, tzinfo=UTC))
        office.engine.run_due()
        works = [{"name": "评价报告", "copies": 2}]
        office.do("zhu", "提交", {"works": works, "statement": "迟交。", "signed": True})
        assert office.task("zheng").variables["work"]["late"] == 20
        assess(office, QUALITY=20, PAPERS=15)
        office.do("wu", "确认", {"paid": 55})
        found = engagement(office)
        # 75 points less 20 days.
        assert (found.score, found.credit, found.restricted_until) == (55, "差", date(2027, 4, 9))
        with office.records() as session:
            assert session.get_one(Case, office.instance).overdue_at is not None
            told = standings(session, date(2026, 4, 10))["A01"]
            assert (told.engagements, told.score, told.credit) == (1, 55, "差")
            assert told.restricted_until == date(2027, 4, 9)
        assert options(office, date(2026, 4, 10))["A01"] == ("A01（2027-04-09以前限制接单）", "2027-04-09")
        begin(office)
        demand(office)
        award(office)
        assert office.task("zheng").variables["verdict"] == "限制接单"
        accept_self_evaluation(office)
        asked = {
            "project": office.project,
            "campaign": None,
            "choice": PLAIN,
            "profile": PROFILE.variables("key_evaluation"),
        }
        started = office.engine.start("key_evaluation", actor="user:wu", variables=asked)
        office.instance = started.instance_id
        form = {"evaluator": "THIRD_PARTY", "agency": "A01", "leader": "朱主评", "contract_days": 45}
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wu", "确定", form)
        assert "agency.restricted" in {one.code for one in caught.value.findings}

    @pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
    def test_an_agency_that_gives_up_is_kept_out_and_a_procurement_that_ends_harms_nobody(
        self, office: Office
    ) -> None:
        demand(office)
        office.do("zheng", "终止采购", opinion="预算取消")
        assert office.result() == "terminated"
        assert engagement(office).credit is None
        begin(office)
        demand(office)
        award(office)
        office.do("zheng", "签订", CONTRACT)
        office.do("zhu", "不能履约", opinion="人手不足")
        assert office.result() == "terminated"
        found = engagement(office)
        assert (found.state, found.credit) == ("TERMINATED", "差")
        assert found.restricted_until is not None


def credit(score: str, *, failed: bool = False) -> Any:
    model = dmn.parse(files("workflows").joinpath("engagement", "engagement.dmn").read_bytes())
    asked = {
        "failed": failed,
        "score": Decimal(score),
        "good_from": Decimal(90),
        "fair_from": Decimal(80),
        "poor_below": Decimal(60),
    }
    return model.evaluate("engagement_credit", asked).value


def test_credit_follows_the_performance() -> None:
    scores = ("90", "89.99", "80", "79.99", "60", "59.99")
    assert [credit(one) for one in scores] == ["优", "良", "良", "中", "中", "差"]
    assert credit("100", failed=True) == "差"
