"""An operator at work: the heat map, a case from the inside, a jump with its preview, and no page with a grave fault."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits
from tests.services import axe

pytestmark = [pytest.mark.browser, pytest.mark.long]

OPERATOR = "yunwei1"
PROCESS = "/operate/processes/goal_declaration"
SIZES = [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")]


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_an_operator_fits_and_has_no_grave_fault(visit: Visit, size: dict[str, int]) -> None:
    page = visit(OPERATOR, size=size)
    page.goto("/operate/cases")
    case = page.locator("a[data-open]").first.get_attribute("href") or ""
    addresses = ["/operate/", PROCESS, "/operate/cases", case, f"{case}/jump", "/operate/incidents"]
    addresses += ["/operate/proposals", "/operate/migrations", f"{PROCESS}/migrate"]
    for address in addresses:
        page.goto(address)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        fits(page)
        assert "\n".join(axe.grave_findings(page)) == "", address


def test_the_heat_map_shows_figures_and_leads_to_the_cases_of_a_step(visit: Visit) -> None:
    page = visit(OPERATOR)
    page.goto(PROCESS)
    expect(page.locator(".heat-figure").first).to_be_visible()
    figures = page.locator(".heat-figure").all_inner_texts()
    page.get_by_role("combobox", name="看什么").select_option("time")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".heat-figure").first).to_be_visible()
    assert page.locator(".heat-figure").all_inner_texts() != figures
    page.get_by_role("row").filter(has_text="填报绩效目标").get_by_role("link").first.click()
    expect(page.locator("tr[data-row]").first).to_contain_text("填报绩效目标")


def test_a_case_is_suspended_in_a_dialog_that_asks_for_a_reason(visit: Visit) -> None:
    page = visit(OPERATOR)
    page.goto("/operate/cases?state=waiting")
    page.locator("a[data-open]").first.click()
    page.get_by_role("button", name="挂起").first.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="挂起").click()
    expect(dialog).to_be_visible()  # a reason is required
    dialog.get_by_label("理由").fill("项目撤销，等发文")
    dialog.get_by_role("button", name="挂起").click()
    expect(page.get_by_text("已挂起，理由：项目撤销，等发文")).to_be_visible()
    page.get_by_role("button", name="恢复办理").first.click()
    page.locator("dialog[open]").get_by_label("理由").fill("已发文")
    page.locator("dialog[open]").get_by_role("button", name="恢复办理").click()
    expect(page.get_by_text("已恢复办理。")).to_be_visible()
