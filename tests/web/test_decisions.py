"""“为什么是…”: the grounds of a decision on the pages, in both languages, and only for who may read what they rest on."""

from __future__ import annotations

import re

import pytest

from engine import DecisionRule, DecisionStep, DecisionView, DecisionWarning
from tests.web.conftest import NOW, Site, texts
from web.decisions import grounds, written

BUDGET = "yusuan.guzhang"


def test_the_task_page_shows_every_rule_and_marks_the_one_that_matched(site: Site) -> None:
    item = site.waiting(BUDGET, "budget_decision")
    page = site.browser(BUDGET).get(f"/tasks/{item}").text
    section = page[page.index('<section id="decisions">') :]
    section = section[: section.index("</section>")]
    section = next(part for part in section.split("为什么是") if re.match("“[优良中差]”", part))
    rows = re.findall(r"<tr( class=\"hit\")?><th scope=\"row\">(\d)", section)
    assert [number for _, number in rows] == ["1", "2", "3", "4"]
    assert sum(bool(hit) for hit, _ in rows) == 1
    hit = section[section.index('class="hit"') :]
    assert "命中" in texts(hit[: hit.index("</tr>")])
    assert "&gt;= 等级分段.优" in section
    assert all(bound in texts(section) for bound in ("优：90", "良：80", "中：60"))
    assert 'href="#decisions"' in page


def test_the_instance_page_speaks_english_about_it_when_asked(site: Site) -> None:
    item = site.waiting(BUDGET, "budget_decision")
    instance = site.engine.task(item, site.engine.actor(BUDGET)).instance_id
    browser = site.browser(BUDGET)
    browser.get("/inbox")
    browser.post("/language", {"language": "en"})
    page = texts(browser.get(f"/instances/{instance}").text)
    assert "Why it was decided so" in page
    assert "One rule may match" in page


def test_a_unit_does_not_see_why_the_finance_section_scored_it_so(site: Site) -> None:
    item = site.waiting(BUDGET, "budget_decision")
    instance = site.engine.task(item, site.engine.actor(BUDGET)).instance_id
    view = site.engine.instance(instance, site.engine.actor(BUDGET))
    assert view.decisions
    clerk = next(one.author for one in view.documents if one.name == "goal").removeprefix("user:")
    assert "grade_goal" in {one.element for one in view.decisions}
    seen = site.engine.instance(instance, site.engine.actor(clerk)).decisions
    assert "grade_goal" not in {one.element for one in seen}
    assert not re.search("为什么是“[优良中差]”", site.browser(clerk).get(f"/instances/{instance}").text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "（空）"),
        ("红灯", "红灯"),
        (["优", None], "优、（空）"),
        ({"灯": "红", "天": 2}, "灯：红，天：2"),
    ],
)
def test_values_are_written_as_people_read_them(site: Site, value: object, text: str) -> None:
    with site.app.test_request_context("/", headers={"Accept-Language": "zh"}):
        assert written(value) == text


def test_a_decision_without_its_table_shows_the_rules_that_matched(site: Site) -> None:
    rule = DecisionRule(3, (), ("红灯",), ("第六条",), True)
    warning = DecisionWarning("warning", {"zh": "没有给出输入", "en": "the input was not given"})
    step = DecisionStep("灯", "C<", [("得分", 50)], ["灯"], [""], [rule], ["红灯"], [warning])
    view = DecisionView(NOW, "decide", "判灯", "light", None, [step])
    with site.app.test_request_context("/", headers={"Accept-Language": "zh"}):
        (found,) = grounds([view], NOW)
    assert (found.result, found.steps[0].tests, found.steps[0].annotations) == ("（空）", (), ["批注"])
    assert found.steps[0].rules[0].outputs == ["红灯"]
    assert found.steps[0].warnings == [("warning", "没有给出输入")]
    assert found.steps[0].policy == "取命中结果的最小值"


def test_several_values_stand_behind_the_labels_of_their_columns(site: Site) -> None:
    rule = DecisionRule(1, (), ("红", "缓拨研究"), (), True)
    other = DecisionRule(2, (), ('"绿"', '"继续"'), (), False)
    outputs = {"action": "缓拨研究", "light": "红"}  # as the history gives them: by their names
    step = DecisionStep("偏离处置", "F", [], ["预警灯", "处置"], [], [other, rule], outputs, [])
    view = DecisionView(NOW, "decide", "判灯", "D03", outputs, [step])
    with site.app.test_request_context("/", headers={"Accept-Language": "zh"}):
        (found,) = grounds([view], NOW)
    assert found.result == "预警灯：红，处置：缓拨研究"
