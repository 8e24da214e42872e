"""The counties' own reports: each of their sentences with figures can be said by the annual report.

A figure comes from the records (its id), from the county's rules (the setting's name), or from outside of the system, and
then it is typed with its source. The values are those of the reports, so that what is written is what the county wrote.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from docx import Document

from budget import annual
from budget.statistics import FIGURES
from budget.tables import AnnualReport
from web.annual import files
from workflows import profiles
from workflows.simulation import shape as shapes
from workflows.simulation.shape import MORE, TYPED

KNOWN = {one.id: one for one in FIGURES}


@dataclass(frozen=True)
class Sentence:
    """A sentence of a report: its figures by id as it says them, settings with its other numbers, what is typed.

    An id with ``.yoy`` at its end is how much more it is than in the year before.
    """

    report: str
    text: str
    figures: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    typed: Sequence[tuple[str, str, str]] = ()


SENTENCES = (
    Sentence(
        "qiaokou",
        "选取10个项目进行重点评价，覆盖资金11.4亿",
        {"keyeval.projects": "10个", "keyeval.amount": "11.4亿元"},
    ),
    Sentence(
        "qiaokou",
        "分解细化四个一级指标、十余个二级指标和三十余个三级指标",
        {"keyeval.l1": "4个", "keyeval.l2": "12个", "keyeval.l3": "34个"},
    ),
    Sentence(
        "qiaokou",
        "共有一级预算单位69家，其中涉密单位1家，新成立单位2家",
        {"units.level1": "69家", "units.secret": "1家", "units.new": "2家"},
    ),
    Sentence(
        "qiaokou",
        "抽查报告共计61份，其中部门整体支出绩效自评报告评审43份，项目支出绩效评价报告18份",
        {"report.sampled": "61份", "report.dept": "43份", "report.project": "18份"},
    ),
    Sentence("qiaokou", "出台5个办法，1个规程", {"basis.issued": "6项"}),
    Sentence(
        "donghu",
        "开展预算绩效管理工作预算单位数67个，占一级预算单位数67个的100%",
        {"units.covered": "67家", "units.level1": "67家", "coverage": "100%"},
    ),
    Sentence(
        "donghu",
        "绩效自评资金为64286.41万元；绩效运行监控的资金为65498.42万元",
        {"selfeval.amount": "64286.41万元", "monitor.amount": "65498.42万元"},
    ),
    Sentence(
        "donghu",
        "67个预算单位全部开展整体支出绩效评价，项目绩效目标申报和部门整体支出目标申报",
        {"dept.evaluated": "67家", "goal.units": "67家", "dept.units": "67家"},
    ),
    Sentence(
        "donghu",
        "67个预算单位对2020年的183个预算项目开展绩效自评，涉及预算金额64286.41万元",
        {"selfeval.units": "67家", "selfeval.projects": "183个", "selfeval.amount": "64286.41万元"},
    ),
    Sentence(
        "donghu",
        "委托第三方机构进行重点评价，选取了7个项目",
        {"keyeval.projects": "7个", "keyeval.third": "7个"},
    ),
    Sentence("donghu", "选取3个具有特色代表性项目开展绩效评价", {"special.projects": "3个"}),
    Sentence("licheng", "先后制发了十余项管理制度", {"basis.issued": "11项"}),
    Sentence(
        "licheng",
        "涉及部门预算项目支出166个，比上年增加138个，资金216974万元，比上年增加203667万元，平均分值96.08分",
        {
            "selfeval.projects": "166个",
            "selfeval.projects.yoy": "138个",
            "selfeval.amount": "216974万元",
            "selfeval.amount.yoy": "203667万元",
            "selfeval.avg": "96.08分",
        },
    ),
    Sentence(
        "licheng",
        "15个支出项目，涉及项目资金37630万元；委托第三方11个，区财政局4个；涵盖三本预算",
        {
            "keyeval.projects": "15个",
            "keyeval.amount": "37630万元",
            "keyeval.third": "11个",
            "keyeval.bureau": "4个",
            "keyeval.books": "3本",
        },
    ),
    Sentence(
        "licheng",
        "7月2—3日，涉及四本预算535个项目支出绩效目标全部公开到位",
        {"published.goal": "535个", "published.goal.intime": "535个", "goal.books": "4本"},
        {"publication.release": {"GOAL": "07-02"}},
    ),
    Sentence("licheng", "将14家预算单位纳入部门整体绩效管理试点", {"dept.units": "14家"}),
    Sentence(
        "licheng",
        "事前绩效评估项目74个，涉及预算资金86104万元；对4个重点项目进行了复评",
        {"exante.projects": "74个", "exante.amount": "86104万元", "exante.rereview": "4个"},
    ),
    Sentence(
        "qapqal",
        "全县118家预算单位业务人员共100余人分五个批次培训",
        {"train.units": "118家", "train.people": "118人次", "train.batches": "5批"},
    ),
    Sentence(
        "qapqal",
        "39家预算单位共计109个项目，涉及金额达6.25亿元",
        {"goal.units": "39家", "goal.projects": "109个", "goal.amount": "6.25亿元"},
    ),
    Sentence(
        "qapqal",
        "117家预算单位整体绩效目标资金数为16.62亿元，覆盖率达100%",
        {"dept.units": "117家", "dept.amount": "16.62亿元", "dept.coverage": "100%"},
    ),
    Sentence(
        "qapqal",
        "5月、8月两个节点；对偏离大于20%的项目及时进行整改",
        {"monitor.checkpoints": "2次"},
        {"monitoring.limit": "0.20"},
    ),
    Sentence(
        "qapqal",
        "对39个预算单位的117个项目进行了监控，监控总金额7.4亿元，扶贫4个项目0.11亿元",
        {
            "monitor.units": "39家",
            "monitor.projects": "117个",
            "monitor.amount": "7.4亿元",
            "monitor.poverty.projects": "4个",
            "monitor.poverty.amount": "0.11亿元",
        },
    ),
    Sentence(
        "qapqal",
        "部门整体支出绩效于6月进行了一次监控，监控总金额16.62亿元",
        {"dept.monitor.checkpoints": "1次", "dept.monitor.amount": "16.62亿元"},
    ),
    Sentence(
        "qapqal",
        "43个部门91个项目，资金规模达8.41亿元，其中上级转移支付7.97亿元，本级0.44亿元",
        {
            "selfeval.units": "43家",
            "selfeval.projects": "91个",
            "selfeval.amount": "8.41亿元",
            "selfeval.upper": "7.97亿元",
            "selfeval.local": "0.44亿元",
        },
    ),
    Sentence(
        "qapqal",
        "三个预算项目，评价金额为550.56万元，平均分为93.47分，绩效评级为“优”",
        {
            "keyeval.projects": "3个",
            "keyeval.amount": "550.56万元",
            "keyeval.avg": "93.47分",
            "keyeval.excellent": "3个",
        },
    ),
    Sentence(
        "qapqal",
        "扶贫项目4个绩效自评项目4个，自评率100%，单位支出进度达87.44%",
        {
            "monitor.poverty.projects": "4个",
            "poverty.selfeval.projects": "4个",
            "poverty.selfeval.rate": "100%",
            "poverty.exec.rate": "87.44%",
        },
    ),
    Sentence("tianmen", "对18个单位及项目进行重点绩效评价", {"keyeval.projects": "18个"}),
    Sentence(
        "tianmen",
        "审核项目资金超过1000个，涉及金额约10亿元，收到绩效相关资料一千多份",
        {"disburse.items": "1060笔", "disburse.amount": "10亿元", "disburse.documents": "1060份"},
    ),
    Sentence(
        "tianmen",
        "共审核34261个项目绩效目标，审核绩效指标数量超13万条",
        {"goal.reviewed": "34261个", "indicator.reviewed": "130192条"},
    ),
    Sentence("tianmen", "目前工作群人数已达270人", typed=[("预算绩效管理工作群人数", "270", "人")]),
    Sentence("tianmen", "绩效管理办公室内设四科", typed=[("绩效管理办公室内设科室", "4", "个")]),
    Sentence(
        "tianmen",
        "原则上得分85分（含）以上，方可定为“通过”",
        {"exante.lowest": "85分"},
        {"exante.pass_from": "85"},
    ),
    Sentence(
        "tianmen",
        "2020年对4个项目进行视察，2021年对3个项目，2022年对3个项目",
        {"npc.inspected.3": "4个", "npc.inspected.2": "3个", "npc.inspected.1": "3个"},
    ),
)

REPORTS = ("qiaokou", "donghu", "licheng", "qapqal", "tianmen")
_NUMBER = re.compile(r"([\d.]+)(.*)")


def stored(said: str) -> Decimal:
    """Return what a report keeps of a figure that a sentence says."""
    number, unit = _NUMBER.fullmatch(said).groups()  # type: ignore[union-attr]
    return Decimal(number) * (10_000 if unit == "亿元" else 1)


def report_of(code: str) -> AnnualReport:
    """Return an annual report with the figures of a county's sentences, and what is typed in them."""
    given: dict[str, Decimal] = {}
    typed = []
    for one in SENTENCES:
        if one.report == code:
            given |= {id: stored(said) for id, said in one.figures.items()}
            typed += [
                {"item": item, "value": value, "unit": unit, "source": "绩效科"}
                for item, value, unit in one.typed
            ]
    lines = []
    for figure in FIGURES:
        value, change = given.get(figure.id), given.get(f"{figure.id}{MORE}")
        lines.append(
            {
                "id": figure.id,
                "zh": figure.zh,
                "en": figure.en,
                "unit": figure.unit,
                "fiscal_year": 2020,
                "value": None if value is None else f"{value:,f}",
                "before": None if value is None or change is None else f"{value - change:,f}",
                "change": None if change is None else f"{change:,f}",
                "rate": None,
            }
        )
    unit = profiles.load(code).value("statistics.amount_unit")
    figures = {"lines": lines, "breakdowns": [], "scores": [], "amount_unit": unit}
    return AnnualReport(
        instance_id=1,
        year=2020,
        state="SUBMITTED",
        as_of=datetime(2020, 12, 31, tzinfo=UTC),
        figures=json.dumps(figures),
        analysis=json.dumps({"overview": "", "others": typed}),
    )


@pytest.mark.parametrize("code", REPORTS)
def test_each_sentence_of_a_countys_report_with_figures_can_be_said(code: str) -> None:
    profile = profiles.load(code)
    written = files.word(report_of(code), title="报告", office="财政局", signer="")
    told = "".join(paragraph.text for paragraph in Document(io.BytesIO(written)).paragraphs)
    missing = []
    for one in SENTENCES:
        if one.report != code:
            continue
        for id, said in one.figures.items():
            words = f"比上年增加{said}" if id.endswith(MORE) else f"{KNOWN[id].zh}{said}"
            if words not in told:
                missing.append((one.text, words))
        missing += [
            (one.text, item) for item, value, unit in one.typed if f"{item}{value}{unit}（来源" not in told
        ]
        for name, value in one.settings.items():
            assert profile.value(name) == value, one.text
    assert missing == []


def test_whatever_the_reports_give_in_numbers_stands_in_one_of_their_sentences() -> None:
    for code in REPORTS:
        said = {id for one in SENTENCES if one.report == code for id in one.figures}
        said |= {f"{TYPED}{item}" for one in SENTENCES if one.report == code for item, *_ in one.typed}
        told = {one.figure for one in shapes.load(code).expected}
        assert told - said == set(), code


def test_every_number_of_the_five_reports_is_expected_of_one_county() -> None:
    expected = [one.id for code in REPORTS for one in shapes.load(code).expected]
    assert sorted(expected) == sorted(shapes.aggregates())


def test_every_figure_stands_in_one_part_of_the_report() -> None:
    for figure in FIGURES:
        prefix = figure.id.partition(".")[0]
        assert sum(prefix in prefixes for _, _, prefixes in annual.PARTS) == 1, figure.id
