"""The registers of what is no case, who reads which register (domain §6.3), and the relations that experts have."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import cases, holds, ledger
from budget.cases import CaseKind
from budget.codes import GoalState
from budget.holds import HoldAction, Origin
from budget.key_codes import ServiceKind
from budget.key_evaluations import record_service
from budget.ledger import LedgerEvent
from budget.reviews import RelationKind, relate, relations
from budget.tables import ExAnte, Goal, Project
from tests.web.conftest import Site, on_both, texts
from web.registers import OTHERS, reading, registers
from web.registers.reading import Filters

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
#: Nobody's instances.
FIRST = 910_000
CLERK, CHIEF = "jiaotongju.jingban", "jixiao.guzhang"
ORIGIN = Origin("MONITORING", FIRST, "05")
#: Somebody for each role of domain §6.1 that has an account, and whether they see the rows of the transport bureau.
READERS: Mapping[str, frozenset[str]] = {
    "ledger": frozenset(
        {
            *("own", "head", "section", "perf", "budget", "deputy", "leader", "invest", "supervision"),
            *("discipline", "leading"),
        }
    ),
    "ex_ante": frozenset(
        {"own", "head", "section", "perf", "budget", "deputy", "leader", "invest", "supervision"}
    ),
    "agency_service": frozenset(
        {"section", "perf", "budget", "deputy", "leader", "supervision", "procurement"}
    ),
    "expert_relation": frozenset({"section", "perf", "budget", "deputy", "leader", "supervision"}),
    "treasury_notice": frozenset(
        {"own", "head", "section", "perf", "budget", "deputy", "leader", "supervision", "treasury"}
    ),
    "goal": frozenset(
        {
            *("own", "head", "section", "perf", "budget", "deputy", "leader", "invest", "supervision"),
            "congress",
        }
    ),
}
PEOPLE = {
    "own": CLERK,
    "head": "jiaotongju.fuzeren",
    "other unit": "shangwuju.jingban",
    "section": "jingjian.guzhang",
    "other section": "shebao.guzhang",
    "perf": CHIEF,
    "budget": "yusuan.guzhang",
    "treasury": "guoku.guzhang",
    "deputy": "fenguan",
    "leader": "juzhang",
    "invest": "pingshen.guzhang",
    "supervision": "caijian.guzhang",
    "agency": "jigou.zhuping",
    "expert": "zhuanjia5",
    "procurement": "caigou",
    "congress": "renda",
    "discipline": "jijian",
    "leading": "lingdaoxiaozu",
}


@dataclass(frozen=True)
class Made:
    """The project that everything is about."""

    year: int
    unit: str
    code: str
    id: int


def make(site: Site) -> Made:
    """Enter something about one project of the transport bureau into each register."""
    own = str(site.engine.actor(CLERK).posts[0].org)
    with site.engine.database.write() as unit, unit.savepoint() as session:
        query = select(Project, Goal).join(Goal, Goal.project_id == Project.id).where(Project.unit == own)
        project, goal = session.execute(query.order_by(Project.fiscal_year.desc(), Project.id)).first() or ()
        goal.state = GoalState.APPROVED
        session.add(
            ExAnte(project_id=project.id, number="事评-001", passed=True, concluded_on=date(2025, 8, 31))
        )
        case = cases.open_case(
            session,
            FIRST,
            CaseKind.MONITORING,
            fiscal_year=project.fiscal_year,
            now=NOW,
            unit=own,
            project_id=project.id,
        )
        ledger.enter(session, case, LedgerEvent.NOT_REPORTED, "监控表逾期未报。", since=NOW, now=NOW)
        record_service(session, "A01", project.id, ServiceKind.CONSULT, date(2026, 1, 5), "编制申报材料")
        relate(session, "zhuanjia1", own, RelationKind.OFFICE, since=None, note="曾任总工程师")
        holds.open_notice(
            session,
            FIRST + 1,
            project.id,
            HoldAction.HOLD,
            reason="偏离度超过50%",
            origin=ORIGIN,
            now=NOW,
        )
        return Made(project.fiscal_year, own, project.code, project.id)


def seen(site: Site, register: str, person: str, made: Made) -> bool:
    """Whether a person sees anything of the transport bureau in a register."""
    actor = site.engine.actor(PEOPLE[person])
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        rows = reading.every(session, registers()[register], actor, Filters(made.year))
        return any(row.unit == made.unit for row in rows)


@on_both
def test_who_reads_which_register(site: Site) -> None:
    made = make(site)
    found = {
        register: frozenset(person for person in PEOPLE if seen(site, register, person, made))
        for register in READERS
    }
    assert found == READERS


def test_what_is_in_a_register_is_on_its_page_and_in_its_workbook(site: Site) -> None:
    made = make(site)
    browser = site.browser(CHIEF)
    said = {
        "ledger": "监控表逾期未报。",
        "ex_ante": "事评",
        "agency_service": "编制申报材料",
        "expert_relation": "曾任总工程师",
        "treasury_notice": "偏离度超过50%",
    }
    assert said.keys() == set(OTHERS)
    index = texts(browser.get("/registers").text)
    for name, words in said.items():
        assert words in texts(browser.get(f"/registers/{name}?year={made.year}&unit={made.unit}").text), name
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(browser.get(f"/registers/{name}.xlsx?year={made.year}&unit={made.unit}").data)
        )
        rows = book.get_sheet_by_index(0).to_python()
        assert any(words in str(cell) for row in rows[1:] for cell in row), name
    assert "责任台账" in index
    for state, count in (("OPEN", 1), ("SETTLED", 0)):
        page = browser.get(f"/registers/ledger?year={made.year}&state={state}").text
        assert page.count("监控表逾期未报。") == count


@pytest.mark.parametrize(
    ("person", "reads", "never"),
    [
        ("renda", ("/goals", "/dashboard", "/annual-reports"), ("/expert-relations", "/project-import")),
        ("jijian", ("/registers/ledger",), ("/dashboard", "/annual-reports", "/years")),
        (
            "lingdaoxiaozu",
            ("/registers/ledger", "/dashboard", "/annual-reports"),
            ("/key-evaluations/selection",),
        ),
        ("caigou", ("/registers/agency_service",), ("/dashboard", "/annual-reports")),
    ],
)
def test_those_outside_the_bureau_read_their_part_and_nothing_waits_for_them(
    site: Site, person: str, reads: tuple[str, ...], never: tuple[str, ...]
) -> None:
    browser = site.browser(person)
    inbox = browser.get("/inbox").text
    for address in reads:
        assert browser.get(address, follow_redirects=True).status_code == 200, address
        assert f'href="{address}' in inbox, address
    for address in never:
        assert browser.get(address).status_code == 403, address
    assert site.engine.inbox(site.engine.actor(person)).rows == []
    for address in ("/campaigns/plan", "/begin"):
        assert f'href="{address}' not in inbox


def test_the_congress_reads_an_approved_goal_on_the_projects_page_and_no_other(site: Site) -> None:
    browser, chief = site.browser("renda"), site.browser(CHIEF)
    shown = texts(browser.get("/goals").text)
    assert "合计 0 个项目" not in shown
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        register = registers()["goal"]
        mine = list(reading.every(session, register, site.engine.actor("renda"), Filters(2026)))
        every = list(reading.every(session, register, site.engine.actor(CHIEF), Filters(2026)))
    assert {row.values["state"] for row in mine} == {"APPROVED"}
    assert len(mine) == sum(row.values["state"] == "APPROVED" and not row.secret for row in every)
    other = next(row for row in every if row.values["state"] == "SUBMITTED")
    assert browser.get(f"/projects/{mine[0].project_id}").status_code == 200
    assert browser.get(f"/projects/{other.project_id}").status_code == 404
    assert chief.get(f"/projects/{other.project_id}").status_code == 200


class TestTheRelations:
    """专家回避关系: noted by the performance section, in force until they are ended."""

    PAGE = "/expert-relations"

    def said(self, site: Site, **changes: Any) -> dict[str, Any]:
        own = str(site.engine.actor(CLERK).posts[0].org)
        return {
            "person": "zhuanjia2",
            "unit": own,
            "kind": "CONSULTING",
            "since": "",
            "note": "顾问",
        } | changes

    def related(self, site: Site, day: date) -> set[str]:
        own = str(site.engine.actor(CLERK).posts[0].org)
        with site.engine.database.read() as unit, Session(unit.connection) as session:
            return set(relations(session, [own], day))

    def test_a_relation_is_noted_and_ended(self, site: Site) -> None:
        chief = site.browser(CHIEF)
        chief.get(self.PAGE)
        assert chief.post(self.PAGE, self.said(site)).status_code == 303
        page = chief.get(self.PAGE).text
        assert "顾问" in page
        today = site.clock.now().date()
        assert self.related(site, today) == {"zhuanjia2"}
        number = page.split("/expert-relations/")[1].split("/end")[0]
        assert chief.post(f"{self.PAGE}/{number}/end").status_code == 303
        assert chief.post(f"{self.PAGE}/{number}/end").status_code == 404
        assert "顾问" not in chief.get(self.PAGE).text
        assert self.related(site, date(2026, 3, 12)) == set()

    def test_what_is_wrong_is_said_and_others_only_read(self, site: Site) -> None:
        chief = site.browser(CHIEF)
        chief.get(self.PAGE)
        for change in ({"person": CLERK}, {"unit": "nowhere"}, {"since": "gestern"}):
            assert chief.post(self.PAGE, self.said(site, **change)).status_code == 422, change
        assert chief.post(self.PAGE, self.said(site, kind="FRIEND")).status_code == 400
        leader = site.browser("fenguan")
        assert leader.get(self.PAGE).status_code == 200
        assert leader.post(self.PAGE, self.said(site)).status_code == 403
        assert leader.post(f"{self.PAGE}/1/end").status_code == 403
        assert self.related(site, site.clock.now().date()) == set()
