"""The goal of one project, from an empty form to the frozen version, by the people who do it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.people import answer, confirm_paste, decide, field, fill, open_task, paste, pin

pytestmark = pytest.mark.browser

#: Below the amount from which goals are reviewed jointly.
PROJECT = "烈士纪念设施修缮"
CLERK, HEAD = "tuiyi.jingban", "tuiyi.fuzeren"
CHIEF, STAFF, BUDGET = "shebao.guzhang", "shebao.guyuan1", "yusuan.guzhang"
INDICATORS = """一级指标\t二级指标\t三级指标\t指标值
产出指标\t数量指标\t修缮纪念设施面积\t≥１,２00平方米
\t质量指标\t验收合格率\t≥95%
\t时效指标\t完工时间\t11月30日前
\t成本指标\t单位面积造价\t≤1500元/平方米
效益指标\t社会效益指标\t安全隐患消除率\t100%
\t可持续影响指标\t使用年限\t≥10年
满意度指标\t服务对象满意度指标\t来访群众满意度\t≥90%
"""
TEXTS = {
    "unit_function": "负责退役军人服务保障和烈士纪念设施管理。",
    "overview": "对烈士纪念设施的屋面、步道和消防设施进行修缮，保障祭扫安全有序。",
    "basis_legal": "《烈士纪念设施保护管理办法》；县委、县政府年度重点工作安排。",
    "basis_necessity": "部分纪念设施使用二十年以上，屋面渗漏、线路老化，存在安全隐患，急需修缮。",
    "basis_feasibility": "前期勘察和预算评审已经完成，施工图已审查，资金来源落实，具备实施条件。",
    "safeguards": "成立项目领导小组，明确责任分工，执行财务和采购制度，按月调度进度。",
    "goal_annual": (
        "完成烈士纪念设施修缮1200平方米以上，验收合格率达到95%以上，消除安全隐患，来访群众满意度达到90%以上。"
    ),
}


@pytest.mark.long
def test_a_goal_travels_from_the_units_form_to_approval(visit: Visit):
    the_clerk_fills_in_the_form_and_submits(visit)
    the_head_of_the_unit_signs_on_a_phone(visit)
    instance = staff_draft_and_the_chief_returns_it_with_opinions(visit)
    the_clerk_answers_each_opinion(visit)
    the_second_round_shows_old_and_new_and_the_chief_agrees(visit)
    the_budget_section_decides_and_the_unit_refines_only_the_points_named(visit)
    everybody_sees_the_way_and_only_their_part_of_it(visit, instance)


def the_clerk_fills_in_the_form_and_submits(visit: Visit):
    page = visit(CLERK, expected=("status of 422",))
    open_task(page, PROJECT)
    year = page.locator('[id="f.fiscal_year.i"]').inner_text().strip()
    amount = field(page, "annual_amount").input_value() or "60.00"
    fill(
        page,
        {
            "project_leader": "方丽娟",
            "leader_phone": "0999-3620000",
            "start_date": f"{year}-01-01",
            "end_date": f"{year}-12-20",
            "total_amount": amount,
            "annual_amount": amount,
            "fund_general": amount,
            **TEXTS,
        },
    )
    # What cannot be right is refused at the cell, and nothing typed is lost.
    fill(page, {"leader_phone": "不知道"})
    decide_in_vain(page)
    assert field(page, "goal_annual").input_value() == TEXTS["goal_annual"]
    assert page.locator('[aria-invalid="true"]').count() > 0
    fill(page, {"leader_phone": "0999-3620000"})

    add_row(page, "indicators")
    paste(page, "indicators.0.level1", INDICATORS)
    expect(page.locator("dialog[open]")).to_contain_text("7 行")
    confirm_paste(page)
    cells = [
        field(page, f"indicators.0.{key}").input_value()
        for key in ("level1", "operator", "target_value", "unit")
    ]
    assert cells == ["OUTPUT", "GE", "1200", "平方米"]
    assert field(page, "indicators.1.level1").input_value() == "OUTPUT"
    assert field(page, "indicators.6.unit").input_value() == "%"

    add_row(page, "expense_items")
    fill(page, {"expense_items.0.name": "建筑安装工程费", "expense_items.0.amount": amount})
    fill(page, {"expense_items.0.basis": "预算评审报告"})
    add_row(page, "milestones")
    fill(page, {"milestones.0.content": "招标、施工和验收"})
    fill(page, {"milestones.0.start": f"{year}-01-01", "milestones.0.end": f"{year}-12-20"})

    # It is saved without being asked, and still there after the page was left.
    fill(page, {"filler": "方丽娟"})
    with page.expect_response(lambda response: response.url.endswith("/draft")) as saved:
        fill(page, {"unit_head": "单位负责人"})
    assert saved.value.ok
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    page.reload()
    assert field(page, "indicators.6.level3_name").input_value() == "来访群众满意度"
    decide(page, "提交")
    expect(page.locator("body")).to_contain_text("已办理")


def the_head_of_the_unit_signs_on_a_phone(visit: Visit):
    page = visit(HEAD, size=PHONE)
    open_task(page, PROJECT)
    expect(page.locator("#task")).to_contain_text("来访群众满意度")
    page.locator('input[type=checkbox][name="truthful"]').check()
    decide(page, "同意", "同意申报。")


def staff_draft_and_the_chief_returns_it_with_opinions(visit: Visit) -> str:
    chief = visit(CHIEF)
    open_task(chief, PROJECT)
    instance = chief.locator("a", has_text="查看全程").get_attribute("href") or ""
    chief.get_by_role("button", name="分办").click()
    dialog = chief.locator("dialog[open]")
    staff = visit(STAFF)
    name = staff.locator(".who").first.inner_text().split("\n")[0]
    dialog.locator("input[role=combobox]").fill(name)
    dialog.locator("[role=option]").filter(has_text=name).first.click()
    dialog.get_by_role("button", name="交办").click()
    expect(dialog).to_have_count(0)

    open_task(staff, PROJECT)
    score(staff, 8, 12)
    fill(staff, {"opinion": "总体较好，满意度指标值偏低。"})
    item = staff.url.rpartition("/")[2]
    staff.get_by_role("button", name="提交初审意见").click()
    staff.wait_for_url(lambda address: f"/tasks/{item}" not in address)

    open_task(chief, PROJECT)
    assert field(chief, "completeness_norm").input_value() in {"8", "8.0", "8.00"}
    row = chief.locator('[data-field="indicators"] tbody[data-row]').last.get_attribute("data-row")
    assert row
    pin(chief, "basis_necessity", "请补充房屋安全鉴定情况。")
    pin(chief, "indicators", "目标值偏低，请核实。", row=row, column="年度指标值")
    decide(chief, "退回补正", "请按逐条意见补正。")
    return instance


def the_clerk_answers_each_opinion(visit: Visit):
    page = visit(CLERK)
    open_task(page, PROJECT)
    expect(page.locator("#points .point")).to_have_count(2)
    fill(
        page,
        {
            "basis_necessity": TEXTS["basis_necessity"] + "经鉴定为C级建筑。",
            "indicators.6.target_value": "95",
            "goal_annual": TEXTS["goal_annual"].replace("90%", "95%"),
        },
    )
    answer(page, "basis_necessity", "已补充。")
    answer(page, "indicators", "已提高到95%。")
    decide(page, "提交")


def the_second_round_shows_old_and_new_and_the_chief_agrees(visit: Visit):
    head = visit(HEAD)
    open_task(head, PROJECT)
    head.locator('input[type=checkbox][name="truthful"]').check()
    decide(head, "同意", "同意。")
    chief = visit(CHIEF)
    open_task(chief, PROJECT)
    points = chief.locator("#points")
    expect(points).to_contain_text("已提高到95%")
    expect(points.locator("del").last).to_contain_text("90")
    expect(points.locator("ins").last).to_contain_text("95")
    score(chief, 9, 14)
    fill(chief, {"opinion": "目标明确，指标完整，同意报批。"})
    decide(chief, "同意", "同意报批。")


def the_budget_section_decides_and_the_unit_refines_only_the_points_named(visit: Visit):
    budget = visit(BUDGET)
    open_task(budget, PROJECT)
    pin(budget, "safeguards", "请写明监理安排。")
    reason = field(budget, "grade_reason")
    if reason.count():
        reason.fill("个别内容需要完善后批复，故评为良。")
    decide(budget, "良：协商完善", "总体较好，完善后批复。")
    clerk = visit(CLERK)
    open_task(clerk, PROJECT)
    # Only what the open point names can be changed.
    expect(clerk.locator('textarea[name="safeguards"]')).to_be_editable()
    expect(clerk.locator('textarea[name="goal_annual"]:not([readonly]):not([disabled])')).to_have_count(0)
    fill(clerk, {"safeguards": TEXTS["safeguards"] + "委托有资质的单位监理。"})
    answer(clerk, "safeguards", "已写明。")
    decide(clerk, first_outcome(clerk))
    chief = visit(CHIEF)
    open_task(chief, PROJECT)
    expect(chief.locator("#points")).to_contain_text("已写明")
    decide(chief, first_outcome(chief))


def everybody_sees_the_way_and_only_their_part_of_it(visit: Visit, instance: str):
    clerk = visit(CLERK)
    clerk.goto(instance)
    expect(clerk.locator("body")).to_contain_text("已批复")
    expect(clerk.locator(".djs-container svg")).to_be_visible()
    expect(clerk.locator(".djs-element.done, .djs-element.finished, [class*=done]").first).to_be_attached()
    for words in ("填报绩效目标", "单位负责人签批", "股室初审", "预算股终审"):
        expect(clerk.locator("body")).to_contain_text(words)
    # The section's scores are not for the unit; its opinion on the return is.
    expect(clerk.locator("body")).to_contain_text("请按逐条意见补正")
    expect(clerk.locator("body")).not_to_contain_text("目标明确，指标完整，同意报批。")
    chief = visit(CHIEF)
    chief.goto(instance)
    expect(chief.locator("body")).to_contain_text("目标明确，指标完整，同意报批。")


def first_outcome(page: Page) -> str:
    """Return the outcome that the step offers first."""
    return page.locator('button[name="_outcome"]').first.get_attribute("value") or ""


def decide_in_vain(page: Page) -> None:
    """Submit a form that can't pass, and stay on the page."""
    with page.expect_response(lambda response: "/complete" in response.url) as answered:
        page.locator('button[name="_outcome"][value="提交"]').click()
    assert answered.value.status == 422
    page.wait_for_selector(".alert, .f-summary")


def add_row(page: Page, table: str) -> None:
    """Add a row where the table has none."""
    if not page.locator(f'[data-field="{table}"] [name^="{table}.0."]:visible').count():
        page.locator(f'[data-field="{table}"] [data-do="add"]').first.click()


def score(page: Page, of_ten: int, of_fifteen: int) -> None:
    """Give points on the four dimensions."""
    for name in ("completeness_norm", "completeness_clear", "relevance_goal", "relevance_indicator"):
        fill(page, {name: str(of_ten)})
    for name in ("appropriate_perf", "appropriate_fund", "feasible_possible", "feasible_condition"):
        fill(page, {name: str(of_fifteen)})
