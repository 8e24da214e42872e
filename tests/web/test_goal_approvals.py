"""目标批复: the budget section begins a batch for the units it ticks; others of the bureau read, a section its own."""

from __future__ import annotations

import re

from sqlalchemy import select

from budget.tables import Goal
from tests.web.conftest import Site

PAGE = "/goal-approvals"
BASIS = {"doc_no": "财预〔2026〕1号", "approved_on": "2026-02-01"}


def boxes(page: str) -> list[str]:
    return re.findall(r'name="unit" value="([^"]+)"', page)


def test_the_budget_section_begins_a_batch_and_others_read_what_waits(site: Site) -> None:
    with site.engine.database.write() as transaction, transaction.savepoint() as session:
        # Goals of a year in which the county used the system.
        for goal in session.scalars(select(Goal).where(Goal.state == "APPROVED", Goal.instance_id.is_(None))):
            goal.instance_id = 900_000 + goal.id
    chief, leader, section = (site.browser(one) for one in ("yusuan.guzhang", "fenguan", "jingjian.guzhang"))
    units = boxes(chief.get(f"{PAGE}?year=2026").text)
    assert units
    for wrong in ({}, {"doc_no": ""}, {"approved_on": "2099-01-01"}, {"unit": "none"}):
        answer = chief.post(
            PAGE, {"year": "2026", "unit": units[0], **BASIS, **wrong} if wrong else {"year": "2026"}
        )
        assert answer.status_code == 422
    assert leader.get(PAGE).status_code == 200
    assert not boxes(leader.get(f"{PAGE}?year=2026").text)
    assert leader.post(PAGE, {"unit": units[0], **BASIS}).status_code == 403
    shown = set(re.findall(r'<td lang="zh">([^<]+)</td>', section.get(f"{PAGE}?year=2026").text))
    assert len(shown) <= 1

    begun = chief.post(PAGE, {"year": "2026", "unit": units[:2], **BASIS})
    assert begun.status_code == 303
    again = chief.get(f"{PAGE}?year=2026").text
    assert not {*units[:2]} & {*boxes(again)}, "what is in a batch waits no more"
    assert "财预〔2026〕1号" in again
    register = chief.get("/registers/approval?year=2026").text
    assert "财预〔2026〕1号" in register
