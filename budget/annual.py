"""Annual reports (P17): figures computed from the records beside the year before, a text by a person, a signature.

Plain functions on a session, called by the handlers inside the command's transaction. None commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.answers import rows, text
from budget.codes import Code, FundBook, ProjectType
from budget.money import round_half_up, wan_from_fen
from budget.statistics import FIGURES, Scope, shown
from budget.statistics.cells import SMALLEST, Cell, merged
from budget.statistics.evaluations import By, pooled
from budget.statistics.standing import growth
from budget.tables import AnnualReport, Project, Section, Unit

#: The figures of coverage, by what their denominator is; a report prints the one that its profile chooses (T1).
COVERAGES: Mapping[str, str] = {"open": "coverage", "all": "coverage.all", "settled": "coverage.settled"}
#: The parts of a report: the figures' prefixes, in the order in which counties report.
PARTS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("基本情况", "Units", ("units", "coverage")),
    ("制度建设和业务培训", "Rules and training", ("basis", "group", "train")),
    ("事前绩效评估", "Ex-ante evaluation", ("exante",)),
    ("绩效目标管理", "Goals", ("budget", "goal", "indicator", "review")),
    ("部门整体支出绩效管理", "Overall goals", ("dept",)),
    ("绩效运行监控", "Monitoring", ("monitor",)),
    ("问题整改和缓拨停拨", "Rectification", ("rect", "hold", "stop")),
    ("绩效自评", "Self-evaluation", ("selfeval",)),
    ("自评报告评审", "Review of reports", ("report",)),
    ("重点评价", "Key evaluation", ("keyeval", "special")),
    ("资金拨付绩效审核", "Disbursement review", ("disburse",)),
    ("预算和目标调整", "Adjustments", ("adjust",)),
    ("结果应用", "Application of results", ("result",)),
    ("信息公开", "Publication", ("published",)),
    ("扶贫（衔接）资金", "Money against poverty", ("poverty",)),
    ("责任台账", "Responsibility ledger", ("ledger",)),
    ("人大监督", "Oversight by the people's congress", ("npc",)),
)
#: In what a county's sentences count money (T12): all in 万元, or from 1,000 万元 on in 亿元. Tables count in 万元.
WAN, YI = "万元", "亿元"
_YI_FROM, _WAN_IN_YI = Decimal(1000), Decimal(10000)
#: What the merged cells of a breakdown are called.
_MERGED = "其他（合并）"


class ReportState(Code):
    """Where an annual report is."""

    DRAFTING = ("DRAFTING", "撰写中", "being written")
    WRITTEN = ("WRITTEN", "待审签", "to be signed")
    SUBMITTED = ("SUBMITTED", "已报送", "submitted")
    WITHDRAWN = ("WITHDRAWN", "已撤销", "withdrawn")


class AnnualError(Exception):
    """A report can't do what was asked; the text says which and why, in English."""


def compute(
    session: Session, year: int, as_of: datetime, denominator: str = "open", amount_unit: str = WAN
) -> dict[str, Any]:
    """Return a year's figures as a report keeps them: ``lines`` with the year before, ``breakdowns`` of the projects,
    ``scores`` of the self-evaluations, ``amount_unit`` of its sentences.

    Values are strings as they are read (万元, percent and points with two places), None where nothing can be computed.
    """
    scope = Scope(year, as_of)
    left_out = set(COVERAGES.values()) - {COVERAGES[denominator]}
    figures = [one for one in FIGURES if one.id not in left_out]
    grown = growth(session, scope, figures)
    lines = []
    for one in figures:
        found = grown[one.id]
        value, before = shown(found.value, one.unit), shown(found.before, one.unit)
        lines.append(
            {
                "id": one.id,
                "zh": one.zh,
                "en": one.en,
                "unit": one.unit,
                "fiscal_year": year + one.offset,
                "value": _text(value),
                "before": _text(before),
                # of the figures as they are read, so that the columns add up (A05)
                "change": None if value is None or before is None else _text(value - before),
                "rate": None if found.rate is None else _text(round_half_up(found.rate * 100, 2)),
            }
        )
    return {
        "lines": lines,
        "breakdowns": _breakdowns(session, scope),
        "scores": _scores(session, scope),
        "amount_unit": amount_unit,
    }


def _text(value: Any) -> str | None:
    return None if value is None else f"{value:,f}"


def _scores(session: Session, scope: Scope) -> list[dict[str, Any]]:
    """Return the self-evaluations by section, type and budget: how many, both averages, the grades (A17)."""
    books = {code.value: code.zh for code in FundBook}
    types = {code.value: code.zh for code in ProjectType}
    kinds: tuple[tuple[str, By, Mapping[str, str]], ...] = (
        ("按归口部门", By.SECTION, {}),
        ("按项目类型", By.TYPE, types),
        ("按预算本", By.BOOK, books),
    )
    return [
        {
            "title": title,
            "rows": [
                [
                    one.name or words.get(one.code, one.code) or _MERGED,
                    one.count,
                    _text(shown(one.simple, "分")),
                    _text(shown(one.weighted, "分")) or "—",
                    *one.grades.values(),
                ]
                for one in pooled(session, scope, by, SMALLEST)
            ],
        }
        for title, by, words in kinds
    ]


def _breakdowns(session: Session, scope: Scope) -> list[dict[str, Any]]:
    """Return the year's projects by section, type, budget and unit; cells of fewer than three are merged (domain §6.4)."""
    books = {code.value: code.zh for code in FundBook}
    types = {code.value: code.zh for code in ProjectType}
    kinds = (
        ("按归口部门", Section.name, None),
        ("按项目类型", Project.type, types),
        ("按预算本", Project.fund_book, books),
        ("按预算单位", Unit.name, None),
    )
    found = []
    for title, column, words in kinds:
        query = (
            select(column, func.count(), func.sum(Project.annual_amount))
            .select_from(Project)
            .join(Unit, Unit.code == Project.unit)
            .join(Section, Section.code == Project.section)
            .where(Project.fiscal_year == scope.year, *scope.covers())
            .group_by(column)
            .order_by(func.sum(Project.annual_amount).desc())
        )
        cells = [
            Cell(words.get(name, name) if words else name, count, int(amount))
            for name, count, amount in session.execute(query)
        ]
        found.append(
            {
                "title": title,
                "rows": [
                    [one.name or _MERGED, one.count, f"{wan_from_fen(one.amount):,}"]
                    for one in merged(cells, SMALLEST)
                ],
            }
        )
    return found


def said(value: str, unit: str, amount_unit: str) -> str:
    """Return a figure as a sentence says it: without needless zeros, large amounts in what the county counts in (T12)."""
    number = Decimal(value.replace(",", ""))
    if unit == WAN and amount_unit == YI and abs(number) >= _YI_FROM:
        number, unit = round_half_up(number / _WAN_IN_YI, 2), YI
    return f"{number.normalize():f}{unit}"


def sentence(lines: Iterable[Mapping[str, Any]], amount_unit: str = WAN) -> str:
    """Return figures as a report says them in a row: those that are known and not nothing, with their growth."""
    told = []
    for one in lines:
        if one["value"] is None or one["value"].strip("0.,") == "":
            continue
        words = f"{one['zh']}{said(one['value'], one['unit'], amount_unit)}"
        change = one["change"]
        if change is not None and change.strip("-0.,") and (one["before"] or "").strip("0.,"):
            word = "减少" if change.startswith("-") else "增加"
            unit = "个百分点" if one["unit"] == "%" else one["unit"]
            words += f"（比上年{word}{said(change.removeprefix('-'), unit, amount_unit)}）"
        told.append(words)
    return "，".join(told) + "。" if told else ""


def parts(figures: Mapping[str, Any]) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """Return the report's parts that have a figure: title in both languages, and lines."""
    found = []
    for zh, en, prefixes in PARTS:
        lines = [one for one in figures["lines"] if one["id"].partition(".")[0] in prefixes]
        if any(one["value"] is not None and one["value"].strip("0.,") for one in lines):
            found.append((zh, en, lines))
    return found


def report_of(session: Session, instance_id: int) -> AnnualReport:
    """Return the report of an instance; raises :class:`AnnualError` where it has none."""
    report = session.get(AnnualReport, instance_id)
    if report is None:
        raise AnnualError(f"instance {instance_id} has no annual report")
    return report


def draw_up(
    session: Session, instance_id: int, year: int, now: datetime, denominator: str, amount_unit: str = WAN
) -> AnnualReport:
    """Compute a report's figures as they stand; again where it is written anew."""
    figures = json.dumps(compute(session, year, now, denominator, amount_unit), ensure_ascii=False)
    report = session.get(AnnualReport, instance_id) or AnnualReport(instance_id=instance_id, year=year)
    report.state = ReportState.DRAFTING
    report.as_of = now
    report.figures = figures
    session.add(report)
    session.flush()
    return report


def figures_of(report: AnnualReport) -> dict[str, Any]:
    """Return the figures that a report keeps."""
    kept: dict[str, Any] = json.loads(report.figures)
    return kept


def analysis_of(report: AnnualReport) -> dict[str, Any]:
    """Return what was written, by field; empty before."""
    kept: dict[str, Any] = json.loads(report.analysis) if report.analysis else {}
    return kept


def others(report: AnnualReport) -> list[Mapping[str, str]]:
    """Return the figures from outside of the system that were typed: ``item``, ``value``, ``unit``, ``source``."""
    return [*analysis_of(report).get("others", ())]


def others_said(typed: Sequence[Mapping[str, str]]) -> str:
    """Return them as a report says them, each with where it is from."""
    told = [f"{one['item']}{one['value']}{one['unit']}（来源：{one['source']}）" for one in typed]
    return "，".join(told) + "。" if told else ""


def written(session: Session, instance_id: int, analysis: Mapping[str, Any], sha256: str, by: str) -> None:
    """Keep the text that a person wrote."""
    report = report_of(session, instance_id)
    kept: dict[str, Any] = {name: value for name, value in analysis.items() if isinstance(value, str)}
    kept["others"] = [
        {name: text(row.get(name)) for name in ("item", "value", "unit", "source")}
        for row in rows(analysis.get("others"))
        if text(row.get("item"))
    ]
    report.analysis = json.dumps(kept, ensure_ascii=False)
    report.document_sha256, report.written_by = sha256, by
    report.state = ReportState.WRITTEN
    session.flush()


def to_write(session: Session, instance_id: int) -> None:
    """Let a report be written again: it was sent back, or its text was taken back."""
    report_of(session, instance_id).state = ReportState.DRAFTING
    session.flush()


def signed(session: Session, instance_id: int, by: str, now: datetime) -> None:
    """Submit a report as it is signed."""
    report = report_of(session, instance_id)
    report.signed_by, report.signed_at, report.state = by, now, ReportState.SUBMITTED
    session.flush()


def unsigned(session: Session, instance_id: int) -> None:
    """Undo :func:`signed`."""
    report = report_of(session, instance_id)
    report.signed_by = report.signed_at = None
    report.state = ReportState.WRITTEN
    session.flush()


def withdrawn(session: Session, instance_id: int) -> None:
    """Note that a report was begun in vain."""
    report = session.get(AnnualReport, instance_id)
    if report is not None:
        report.state = ReportState.WITHDRAWN
        session.flush()
