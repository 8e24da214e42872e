"""An annual report as Word and as a workbook; both only show what the report keeps."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docxtpl import DocxTemplate

from budget import annual
from budget.annual import COVERAGES
from budget.tables import AnnualReport
from web.annual.template import template
from web.formatting import day, moment
from web.xlsx import Sheet

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TENS = "一二三四五六七八九十"
_NUMBERS = (*_TENS, *(f"十{one}" for one in _TENS[:-1]), "二十")
_COUNTED = {
    "coverage": "覆盖率分母不含涉密单位",
    "coverage.all": "覆盖率分母为全部一级预算单位",
    "coverage.settled": "覆盖率分母不含涉密单位和新成立单位",
}
#: What the part with figures from outside of the system is called.
OTHERS = "其他情况"
#: The fields of the form, in the report's order, with the titles that the workbook gives them.
TEXTS: Mapping[str, str] = {
    "overview": "组织领导和制度建设",
    "work": "工作开展情况",
    "problems": "存在的问题",
    "plans": "下一步打算",
}


def notes(figures: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know of the figures: denominators, means, years, what is secret."""
    ids = {line["id"] for line in figures["lines"]}
    found = [_COUNTED[id] for id in COVERAGES.values() if id in ids]
    found.append("简单平均为各项目得分之和除以项目数；加权平均按项目执行额加权")
    found.append("“预算年度”是被统计项目的预算年度，自评和评价在次年开展")
    found.append("涉密单位和项目只计家数，不计项目和金额；少于 3 个的分组合并列示")
    return found


def word(report: AnnualReport, *, title: str, office: str, signer: str) -> bytes:
    """Return the report as a .docx."""
    figures, analysis = annual.figures_of(report), annual.analysis_of(report)
    unit = figures.get("amount_unit", annual.WAN)
    told = [(zh, annual.sentence(lines, unit)) for zh, _, lines in annual.parts(figures)]
    if typed := annual.others(report):
        told.append((OTHERS, annual.others_said(typed)))
    parts = [
        {"number": _NUMBERS[place], "title": title, "said": said} for place, (title, said) in enumerate(told)
    ]
    signature = f"签发：{signer}    {day(report.signed_at)}" if report.signed_at else "（送审稿，未签发）"
    document = DocxTemplate(io.BytesIO(template()))
    document.render(
        {
            "title": title,
            "office": office,
            "as_of": moment(report.as_of),
            "parts": parts,
            "lines": [{**line, **_blank(line)} for line in figures["lines"]],
            "breakdowns": figures["breakdowns"],
            "scores": figures.get("scores", ()),
            "notes": notes(figures),
            "signature": signature,
            **{field: _paragraphs(analysis.get(field, "")) for field in TEXTS},
        },
        autoescape=True,
    )
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _blank(line: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: line[name] if line[name] is not None else "—" for name in ("value", "before", "change", "rate")
    }


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def sheets(report: AnnualReport) -> Iterator[Sheet]:
    """Yield the report's sheets: figures beside the year before, breakdowns, text."""
    figures, analysis = annual.figures_of(report), annual.analysis_of(report)
    columns = ("编号", "指标", "单位", "预算年度", "本年", "上年", "增减", "增减%")
    names = ("id", "zh", "unit", "fiscal_year", "value", "before", "change", "rate")
    rows: Sequence[Sequence[Any]] = [[line[name] for name in names] for line in figures["lines"]]
    about = [f"统计数截至 {moment(report.as_of)}", *notes(figures)]
    yield Sheet("统计表", columns, rows, (24, 34, 8, 10, 18, 18, 18, 12), about)
    groups = [(group["title"], *row) for group in figures["breakdowns"] for row in group["rows"]]
    yield Sheet("项目分布", ("口径", "分组", "项目数", "金额（万元）"), groups, (16, 30, 10, 18))
    scores = [(group["title"], *row) for group in figures.get("scores", ()) for row in group["rows"]]
    headings = ("口径", "分组", "自评项目数", "简单平均分", "资金加权平均分", "优", "良", "中", "差")
    yield Sheet("自评得分", headings, scores, (16, 30, 12, 14, 18, 8, 8, 8, 8))
    texts = [(title, analysis.get(field, "")) for field, title in TEXTS.items()]
    typed = [[row[name] for name in ("item", "value", "unit", "source")] for row in annual.others(report)]
    yield Sheet("系统外数字", ("事项", "数值", "单位", "来源"), typed, (40, 18, 10, 40))
    yield Sheet("文字", ("部分", "内容"), texts, (24, 100))
