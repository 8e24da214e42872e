"""A deviation on a phone: reported, signed, reviewed, gathered; the money is held, and it is to be put right."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random

import pytest
from playwright.sync_api import Page, expect

from engine import Engine, Home, InboxQuery
from engine.calendar import SteppedClock
from engine.plugins import load_plugins
from tests.browser.conftest import PHONE, Visit
from tests.browser.people import decide, field, fits
from tests.services import axe
from tests.services.server import Server
from tests.workflows.test_demo_load import WAITING
from workflows import profiles
from workflows.simulation.acting import answers
from workflows.simulation.acting import monitoring as acting
from workflows.simulation.office import Item, Office

pytestmark = [pytest.mark.browser, pytest.mark.long]

PROJECT = "农村公路提质改造"
#: Behind enough for a red light; the money was misused besides, which holds it at once (D03).
BEHIND, MISUSED = Decimal("0.35"), ["MISUSE"]
#: Steps whose forms nobody opens on the walk.
OTHERS = (
    "unit_goal.fill_unit_goal",
    "self_evaluation.fill_evaluation",
    "budget_adjustment.section_review",
    "disbursement.perf_opinion",
    "disbursement.held",
    "key_evaluation.collect",
    "result_application.compute",
    "campaign.follow_up",
)


@pytest.fixture
def engine(server: Server) -> Iterator[Engine]:
    """The county's engine beside the server's own."""
    home = Home(server.home)
    yield Engine(home.open("demo"), plugins=load_plugins())
    home.close()


def waiting(engine: Engine, account: str, step: str, about: str) -> int:
    """Return what waits for somebody at ``process.element``, as soon as it is there."""
    process, _, element = step.partition(".")
    actor, until = engine.actor(account), time.monotonic() + 15
    while True:
        for row in engine.inbox(actor, InboxQuery(limit=100)).rows:
            if (row.process, row.element) == (process, element) and about in (row.subject or ""):
                return row.item_id
        assert time.monotonic() < until, f"{account} has no {step} about {about}"
        time.sleep(0.2)


def draft(engine: Engine, account: str, item: int) -> None:
    """Leave the form half done, as the clerk did yesterday: behind, money misused, without an explanation."""
    actor = engine.actor(account)
    task = engine.task(item, actor)
    office = Office(engine, SteppedClock(engine.clock.now()), Random(1), answers(), profiles.of(engine))
    project, campaign = task.variables["project"], task.variables["campaign"]
    office.plans[acting.BEHIND, f"{project['code']}-{campaign['period']}"] = BEHIND
    found = Item(item, task.instance_id, "monitoring", "fill_report", task.version, 1, actor)
    form = dict(acting.fill(office, found).form or {})
    form.pop("deviation_statement")
    form["fund_issue"] = MISUSED
    engine.save_draft(item, actor=actor, answers=form, based_on=task.document_version)


def examined(page: Page, item: int) -> None:
    """Open a task: it fits a phone and has no grave fault."""
    page.goto(f"/tasks/{item}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    fits(page)
    assert axe.grave_findings(page) == [], page.url


def tick(page: Page, name: str) -> None:
    field(page, name).check()


#: What each one does on the walk: account, step, what they enter, outcome, opinion.
Entering = Callable[[Page], None]
WALK: tuple[tuple[str, str, Entering, str, str], ...] = (
    (
        "jiaotongju.jingban",
        "monitoring.fill_report",
        lambda page: field(page, "deviation_statement").fill("征地拆迁滞后，两个标段三月才开工，进度落后。"),
        "提交",
        "",
    ),
    ("jiaotongju.fuzeren", "monitoring.unit_sign", lambda page: tick(page, "truthful"), "同意", "同意上报。"),
    ("jingjian.guzhang", "monitoring.section_review", lambda _: None, "同意", "情况属实。"),
    (
        "jixiao.guzhang",
        "monitoring.gather",
        lambda page: field(page, "requirement").fill("限期赶上进度。"),
        "纳入汇总",
        "重大偏差。",
    ),
    ("guoku.guyuan", "treasury_notice.sign_receipt", lambda _: None, "签收", ""),
    (
        "fenguan",
        "monitoring.leader_decision",
        lambda page: field(page, "next_steps").fill("整改到位后恢复拨付。"),
        "继续缓拨",
        "继续缓拨。",
    ),
)


@pytest.mark.timeout(400)
def test_a_major_deviation_holds_the_money_and_is_to_be_put_right(visit: Visit, engine: Engine) -> None:
    report = waiting(engine, WALK[0][0], WALK[0][1], PROJECT)
    draft(engine, WALK[0][0], report)
    for account, step, enter, outcome, opinion in WALK:
        page = visit(account, size=PHONE)
        examined(page, waiting(engine, account, step, PROJECT))
        enter(page)
        decide(page, outcome, opinion or None)
    page = visit("jixiao.guyuan", size=PHONE)
    examined(page, waiting(engine, "jixiao.guyuan", "rectification.draft_notice", PROJECT))
    expect(field(page, "requirement")).to_have_value("限期赶上进度。")
    page = visit("guoku.guzhang", size=PHONE)
    examined(page, waiting(engine, "guoku.guzhang", "treasury_notice.execute", PROJECT))


@pytest.mark.timeout(400)
def test_the_forms_of_the_year_fit_a_phone_and_have_no_grave_fault(visit: Visit, engine: Engine) -> None:
    for account, step, about in WAITING:
        if step in OTHERS:
            examined(visit(account, size=PHONE), waiting(engine, account, step, about))
