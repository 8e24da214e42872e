"""The annual report: figures that are computed and never typed, a text, a signature, and both files."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from docx import Document
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from budget.annual import WAN, YI, figures_of, others, said, sentence
from budget.cases import CaseState
from budget.tables import AnnualReport, Case
from engine.errors import InvalidAnswers
from tests.web.conftest import Site, on_both, texts

WRITER, LEADER, CLERK = "jixiao.guzhang", "fenguan", "jiaotongju.jingban"
TEXT: dict[str, Any] = {
    "overview": "成立领导小组，印发工作方案和暂行办法，组织业务培训。",
    "work": "严把目标审核关，开展双监控。<b>与上年相比</b>目标更细。\n第二段。",
    "problems": "部分单位目标编制内容不完整。",
    "plans": "继续完善指标体系，加强结果应用。",
    "others": [{"item": "工作群人数", "value": "270", "unit": "人", "source": "绩效股<b>"}],
}


def start(site: Site) -> int:
    """Let the performance section start the year's report; return its instance."""
    browser = site.browser(WRITER)
    browser.get("/annual-reports")
    answer = browser.post("/annual-reports", {"year": "2026"})
    assert answer.status_code == 303, texts(answer.text)
    return int(re.findall(r"\d+", answer.location)[-1])


def do(
    site: Site, person: str, instance: int, outcome: str, answers: Any = None, opinion: str | None = None
) -> None:
    """Complete what is open of the report."""
    actor = site.engine.actor(person)
    (holder,) = site.engine.instance(instance, actor).holders
    task = site.engine.task(holder.item_id, actor)
    site.engine.complete(
        task.item_id,
        actor=actor,
        version=task.version,
        outcome=outcome,
        answers=answers,
        document_version=task.document_version,
        **({"opinion": opinion} if opinion else {}),
    )


def kept(site: Site, instance: int) -> AnnualReport:
    """Return the report's record."""
    with site.engine.database.read() as unit, Session(unit.connection, expire_on_commit=False) as session:
        report = session.get_one(AnnualReport, instance)
        session.expunge(report)
        return report


@on_both
def test_a_report_is_computed_written_sent_back_signed_and_submitted(site: Site) -> None:
    instance = start(site)
    do(site, WRITER, instance, "提交审签", TEXT)
    do(site, LEADER, instance, "退回修改", {}, "问题写得不够具体。")
    assert kept(site, instance).state == "DRAFTING"
    do(site, WRITER, instance, "提交审签", {**TEXT, "problems": "一是目标编制内容不完整，二是自评质量不高。"})
    do(site, LEADER, instance, "同意报送", {}, "同意。")
    report = kept(site, instance)
    assert (report.state, report.signed_by) == ("SUBMITTED", f"user:{LEADER}")
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        case = session.get_one(Case, instance)
        assert (case.state, case.result, case.returns) == (CaseState.CLOSED, "SUBMITTED", 1)


def test_the_figures_are_those_of_the_records_beside_the_year_before(site: Site) -> None:
    found = {line["id"]: line for line in figures_of(kept(site, start(site)))["lines"]}
    page = texts(site.browser(WRITER).get("/goals?state=APPROVED").text)
    approved = re.search(r"合计 (\d+) 个项目.*?金额 ([\d,.]+) 万元", page)
    assert approved
    assert found["goal.projects"]["value"] == approved[1]
    assert int(found["goal.projects"]["before"]) > 0
    assert found["selfeval.avg"]["fiscal_year"] == 2025
    assert "coverage.all" not in found


def test_word_and_workbook_show_what_the_report_keeps_and_escape_what_was_typed(site: Site) -> None:
    instance = start(site)
    do(site, WRITER, instance, "提交审签", TEXT)
    browser = site.browser(LEADER)
    document = Document(io.BytesIO(browser.get(f"/annual-reports/{instance}.docx").data))
    told = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "2026年度预算绩效管理工作报告" in told
    assert "<b>与上年相比</b>目标更细。" in told
    assert "（送审稿，未签发）" in told
    assert "其他情况\n工作群人数270人（来源：绩效股<b>）。" in told
    assert re.search(r"（一）基本情况\n一级预算单位\d+家", told)
    assert "{" not in told
    table = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    lines = figures_of(kept(site, instance))["lines"]
    assert [row[0] for row in table[1:]] == [line["zh"] for line in lines]
    book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get(f"/annual-reports/{instance}.xlsx").data))
    assert told.count("附表3  年度自评得分") == 1
    scores = book.get_sheet_by_name("自评得分").to_python()
    assert scores[0][3:5] == ["简单平均分", "资金加权平均分"]
    assert book.get_sheet_by_name("系统外数字").to_python()[1] == ["工作群人数", "270", "人", "绩效股<b>"]
    rows = book.get_sheet_by_name("统计表").to_python()
    assert {row[0] for row in rows} >= {line["id"] for line in lines}


def test_a_figure_from_outside_is_a_number_with_its_source(site: Site) -> None:
    instance = start(site)
    (holder,) = site.engine.instance(instance, site.engine.actor(WRITER)).holders
    page = texts(site.browser(WRITER).get(f"/tasks/{holder.item_id}").text)
    assert "需要写进报告的其他数字" in page
    for wrong in ({"value": "约三百"}, {"source": ""}, {"unit": ""}):
        [row] = TEXT["others"]
        with pytest.raises(InvalidAnswers) as caught:
            do(site, WRITER, instance, "提交审签", {**TEXT, "others": [{**row, **wrong}]})
        assert caught.value.findings[0].field == f"others.0.{next(iter(wrong))}"
    do(site, WRITER, instance, "提交审签", {**TEXT, "others": []})
    assert others(kept(site, instance)) == []


def test_no_breakdown_shows_a_cell_of_fewer_than_three_projects(site: Site) -> None:
    for group in figures_of(kept(site, start(site)))["breakdowns"]:
        assert all(count >= 3 for _, count, _ in group["rows"]), group["title"]


def test_a_year_has_one_report_and_only_the_performance_section_starts_it(site: Site) -> None:
    start(site)
    browser = site.browser(WRITER)
    browser.get("/annual-reports")
    assert browser.post("/annual-reports", {"year": "2026"}).location == "/annual-reports"
    assert "2026 年度的报告已经启动" in browser.get("/annual-reports").text
    leader = site.browser(LEADER)
    leader.get("/annual-reports")
    assert leader.post("/annual-reports", {"year": "2026"}).status_code == 403
    assert site.browser(CLERK).get("/annual-reports").status_code == 403


def test_growth_on_the_year_before_is_said_in_words() -> None:
    line = {"id": "x", "zh": "自评项目", "unit": "个", "value": "166", "before": "28", "change": "138"}
    assert sentence([line]) == "自评项目166个（比上年增加138个）。"
    less = {**line, "value": "20", "change": "-8"}
    assert sentence([less, {**line, "value": None, "change": None}]) == "自评项目20个（比上年减少8个）。"
    assert sentence([{**line, "value": "0", "change": "-28"}]) == ""


def test_money_is_said_in_what_the_county_counts_in() -> None:
    assert said("114,000.00", WAN, YI) == "11.4亿元"
    assert said("1,100.00", WAN, YI) == "0.11亿元"
    assert said("550.56", WAN, YI) == "550.56万元"
    assert said("216,974.00", WAN, WAN) == "216974万元"
    assert said("100.00", "%", YI) == "100%"
