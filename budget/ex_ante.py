"""What happens in an ex-ante evaluation (P04): scored by several, reviewed again, concluded, applied for once more.

Plain functions on a session, called inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from budget import seating
from budget.answers import number, rows, text
from budget.cases import CaseKind
from budget.codes import Code, ProjectAttr
from budget.goals import next_number
from budget.money import fen_from_wan
from budget.tables import Case, ExAnte, ExAnteEvaluation, ExAntePoint, ExAnteSeat, Policy, Project, Unit


class Aspect(Code):
    """The five aspects (S5-16), twenty points each."""

    NECESSITY = ("NECESSITY", "立项必要性", "necessity")
    ECONOMY = ("ECONOMY", "投入经济性", "economy")
    GOALS = ("GOALS", "绩效目标合理性", "goals")
    PLAN = ("PLAN", "实施方案可行性", "plan")
    FUNDING = ("FUNDING", "筹资合规性", "funding")


class Level(Code):
    """How well an item is met (V10)."""

    EXCELLENT = ("EXCELLENT", "优", "excellent")
    GOOD = ("GOOD", "良", "good")
    FAIR = ("FAIR", "中", "fair")
    POOR = ("POOR", "差", "poor")


class Conclusion(Code):
    """What D05 says."""

    PASS = ("PASS", "通过", "passed")
    PARTIAL = ("PARTIAL", "核减后可通过", "may pass with less")
    REJECT = ("REJECT", "不通过", "rejected")


#: The items of each aspect, five points each (form F6, V10): code → what it is called.
ITEMS: Mapping[Aspect, Mapping[str, str]] = {
    Aspect.NECESSITY: {
        "purpose": "政策相关性：目的明确",
        "duties": "政策相关性：符合规划和职责",
        "unique": "需求必要性：不重复、不可替代",
        "argued": "需求必要性：前期论证充分",
    },
    Aspect.ECONOMY: {
        "matched": "预算科学性：内容匹配",
        "detailed": "预算科学性：明细清晰",
        "frugal": "经济合理性：量力而行、节俭",
        "reckoned": "经济合理性：测算有依据",
    },
    Aspect.GOALS: {
        "complete": "完整明确：目标完整",
        "clear": "完整明确：指向明确",
        "reasonable": "合理可衡量：指标合理",
        "measurable": "合理可衡量：可衡量",
    },
    Aspect.PLAN: {
        "plan": "实施方案可行",
        "organised": "组织保障到位",
        "conditions": "实施条件具备",
        "risks": "风险应对充分",
    },
    Aspect.FUNDING: {
        "lawful": "资金来源合规",
        "shared": "分担合理",
        "debt": "无政府隐性债务风险",
        "affordable": "财政承受能力",
    },
}
#: The same of a policy, which is scored by a sheet of its own (V11): what it is for, whom it reaches, how long it lasts.
POLICY_ITEMS: Mapping[Aspect, Mapping[str, str]] = {
    Aspect.NECESSITY: {
        "policy_purpose": "政策目的明确、符合上位政策",
        "policy_need": "解决的问题真实、需要财政支持",
        "policy_overlap": "与现有政策不重复、不矛盾",
        "policy_argued": "征求意见、论证充分",
    },
    Aspect.ECONOMY: {
        "policy_standard": "支出标准有依据",
        "policy_reach": "受益范围和人数测算可靠",
        "policy_frugal": "标准适度、量力而行",
        "policy_total": "全周期支出测算完整",
    },
    Aspect.GOALS: {
        "policy_complete": "政策目标完整、有期限",
        "policy_clear": "受益对象和条件明确",
        "policy_reasonable": "预期效果合理",
        "policy_measurable": "效果可衡量、可评估",
    },
    Aspect.PLAN: {
        "policy_plan": "实施细则可操作",
        "policy_organised": "部门分工和审核发放程序清楚",
        "policy_exit": "有退出和调整机制",
        "policy_risks": "社会稳定和廉政风险应对充分",
    },
    Aspect.FUNDING: {
        "policy_lawful": "资金来源合规",
        "policy_shared": "各级分担合理",
        "policy_debt": "无政府隐性债务风险",
        "policy_affordable": "中长期财政可承受",
    },
}
#: What the budget section looks at in a policy (the second sheet, S5-17): item, what it is called, of how many points.
AFFORDABILITY: Sequence[tuple[str, str, int]] = (
    ("standard", "支出标准的依据和可比性", 25),
    ("reach", "受益人数、范围测算", 25),
    ("years", "分年度支出和中长期财政承受能力", 30),
    ("sources", "资金来源、分担比例和债务风险", 20),
)


class ExAnteError(Exception):
    """An evaluation can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the signed seats say: the mean of their totals (0 to 100, not rounded), and each aspect's mean points."""

    score: Decimal
    aspects: Mapping[Aspect, Decimal]


def sheet(items: Mapping[Aspect, Mapping[str, str]] = ITEMS) -> list[dict[str, Any]]:
    """Return the rows of form F6 before anybody scores: of :data:`ITEMS`, or of :data:`POLICY_ITEMS`."""
    return [
        {"item": item, "aspect": aspect.zh, "name": name}
        for aspect, found in items.items()
        for item, name in found.items()
    ]


def affordability() -> list[dict[str, Any]]:
    """Return the rows of the second sheet of a policy before anybody scores."""
    return [{"item": item, "name": name, "points": points} for item, name, points in AFFORDABILITY]


def candidates(
    session: Session, fiscal_year: int, levels: Sequence[int], scope: str, amount_from: Decimal
) -> list[tuple[Project, Unit]]:
    """Return the new projects of a year that the county's rules ask for (``exante_scope``) and that have not passed yet.

    Secret ones are among them: they count and are handled offline.
    """
    if scope == "NONE":
        return []
    passed = select(ExAnte.project_id).where(ExAnte.passed, ExAnte.project_id.is_not(None))
    under_way = select(ExAnteEvaluation.project_id).where(
        ExAnteEvaluation.fiscal_year == fiscal_year, ExAnteEvaluation.project_id.is_not(None)
    )
    query = (
        select(Project, Unit)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == fiscal_year,
            Project.attr == ProjectAttr.NEW,
            Unit.in_campaign,
            Unit.level.in_(levels),
            Project.id.not_in(passed),
            Project.id.not_in(under_way),
        )
        .order_by(Project.unit, Project.id)
    )
    if scope == "LARGE":
        query = query.where(Project.annual_amount >= fen_from_wan(amount_from))
    return [(project, unit) for project, unit in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project's ex-ante evaluation stands: whether it passed, whether one is under way, the newest result's number."""

    passed: bool
    under_way: bool
    number: str | None
    score: Decimal | None

    @property
    def zh(self) -> str:
        """A sentence for the unit."""
        if self.under_way:
            return "评估正在办理。"
        if self.number is None:
            return "还没有申请评估，请在“发起事项”里申请。"
        return f"最近一次评估（{self.number}）{'通过' if self.passed else '没有通过，完善后可以在“发起事项”里再申请'}。"

    @property
    def en(self) -> str:
        """The same in English."""
        if self.under_way:
            return "It is being evaluated."
        if self.number is None:
            return "Nobody has asked for it yet: begin it under “Begin”."
        return f"The newest evaluation ({self.number}) {'passed' if self.passed else 'did not pass; ask for another'}."


def under_way_of(project_id: Any) -> Select[int]:
    """Return the query of a project's evaluations that are not over: one that may be applied for again is not."""
    return select(Case.instance_id).where(
        Case.kind == CaseKind.EX_ANTE_EVALUATION, Case.project_id == project_id, Case.closed_at.is_(None)
    )


def standing(session: Session, project_id: int) -> Standing:
    """Return how a project's ex-ante evaluation stands; the newest result counts, as for DQ36."""
    results = select(ExAnte).where(ExAnte.project_id == project_id)
    newest = session.scalars(results.order_by(ExAnte.concluded_on.desc(), ExAnte.id.desc())).first()
    under_way = session.scalars(under_way_of(project_id)).first() is not None
    if newest is None:
        return Standing(False, under_way, None, None)
    return Standing(newest.passed, under_way, newest.number, newest.score)


def open_evaluation(
    session: Session, instance_id: int, about: Project | Policy, now: datetime
) -> ExAnteEvaluation:
    """Begin the evaluation of a project or a policy; where the instance has one already it begins again."""
    found = session.get(ExAnteEvaluation, instance_id)
    if found is not None:
        drop(session, instance_id)
    found = ExAnteEvaluation(
        instance_id=instance_id,
        project_id=about.id if isinstance(about, Project) else None,
        policy_id=about.id if isinstance(about, Policy) else None,
        fiscal_year=about.fiscal_year,
        round=1,
        amount=about.annual_amount,
        cut_amount=0,
        rereviewed=False,
        opened_at=now,
    )
    session.add(found)
    session.flush()
    return found


def drop(session: Session, instance_id: int) -> None:
    """Undo :func:`open_evaluation`."""
    session.delete(of_instance(session, instance_id))
    session.flush()


def of_instance(session: Session, instance_id: int) -> ExAnteEvaluation:
    """Return the evaluation of an instance; raises :class:`ExAnteError` where it has none."""
    found = session.get(ExAnteEvaluation, instance_id)
    if found is None:
        raise ExAnteError(f"instance {instance_id} evaluates no project")
    return found


def seats_of(evaluation: ExAnteEvaluation, *, again: bool = False) -> list[ExAnteSeat]:
    """Return the seats of the round, of its first or of its second review."""
    return [seat for seat in evaluation.seats if seat.round == evaluation.round and seat.again == again]


def ask(
    session: Session,
    instance_id: int,
    reviewers: Sequence[tuple[str, str]],
    now: datetime,
    *,
    again: bool = False,
) -> list[ExAnteSeat]:
    """Ask reviewers, each a principal and a name, who have no seat yet; return the seats that are waited for.

    An office that let its time pass is asked again; an expert who did is not.
    """
    evaluation = of_instance(session, instance_id)
    taken = {seat.principal for seat in seats_of(evaluation, again=again)}
    for principal, name in reviewers:
        if principal not in taken:
            evaluation.seats.append(
                ExAnteSeat(
                    round=evaluation.round,
                    again=again,
                    principal=principal,
                    name=name,
                    asked_at=now,
                    opinion="",
                )
            )
    for seat in seats_of(evaluation, again=again):
        if seat.principal.startswith("role:"):
            seat.absent_at = None
    session.flush()
    return seating.waiting(seats_of(evaluation, again=again))


def dismiss(session: Session, instance_id: int, *, again: bool = False) -> None:
    """Undo :func:`ask`: the seats that were asked last are taken away."""
    evaluation = of_instance(session, instance_id)
    for seat in seating.last_asked(seats_of(evaluation, again=again)):
        evaluation.seats.remove(seat)
    session.flush()


def collect(
    session: Session,
    instance_id: int,
    forms: Iterable[Mapping[str, Any]],
    now: datetime,
    *,
    late: bool,
    again: bool = False,
) -> list[ExAnteSeat]:
    """Write the signed forms to their seats; return the seats that are still empty."""
    seats = seats_of(of_instance(session, instance_id), again=again)
    empty = seating.sign(seats, forms, now, _write, late=late)
    session.flush()
    return empty


def _write(seat: ExAnteSeat, form: Mapping[str, Any]) -> None:
    seat.points = [
        ExAntePoint(
            position=position, item=text(row["item"]), level=Level[row["level"]], score=Decimal(row["score"])
        )
        for position, row in enumerate(rows(form.get("scores")), 1)
    ]
    seat.total = sum((point.score for point in seat.points), Decimal(0))
    seat.opinion = text(form.get("opinion_text"))


def uncollect(session: Session, instance_id: int, *, again: bool = False) -> None:
    """Undo :func:`collect`."""
    seating.unsign(seats_of(of_instance(session, instance_id), again=again), lambda seat: seat.points.clear())
    session.flush()


def summary(evaluation: ExAnteEvaluation) -> Summary:
    """Work out what counts: the second review where anybody signed it, else the first.

    Raises :class:`ExAnteError` where nobody has signed.
    """
    for again in (True, False):
        signed = [seat for seat in seats_of(evaluation, again=again) if seat.total is not None]
        if signed:
            return Summary(seating.mean(seating.totals(signed)), _aspects(signed))
    raise ExAnteError("nobody has signed")


def _aspects(signed: Sequence[ExAnteSeat]) -> dict[Aspect, Decimal]:
    return {
        aspect: seating.mean(
            [
                sum((p.score for p in seat.points if p.item in {*items, *POLICY_ITEMS[aspect]}), Decimal(0))
                for seat in signed
            ]
        )
        for aspect, items in ITEMS.items()
    }


def conclude(
    session: Session,
    instance_id: int,
    *,
    conclusion: str,
    invest: Mapping[str, Any] | None,
    pattern: str,
    today: date,
    now: datetime,
) -> ExAnteEvaluation:
    """Write the conclusion of the round, and its result under the year's next number, on which DQ36 relies."""
    found = of_instance(session, instance_id)
    found.score = summary(found).score
    found.rereviewed = any(seat.total is not None for seat in seats_of(found, again=True))
    found.invest_score = number(invest.get("invest_score")) if invest is not None else None
    found.qualified = invest.get("qualified") is True if invest is not None else None
    found.cut_amount = fen_from_wan(number(invest.get("cut_amount")) or 0) if invest is not None else 0
    found.conclusion, found.concluded_at = Conclusion[conclusion], now
    running = next_number(session, f"exante:{found.fiscal_year}")
    found.number = pattern.format(fiscal_year=found.fiscal_year, number=running)
    session.add(
        ExAnte(
            project_id=found.project_id,
            policy_id=found.policy_id,
            number=found.number,
            passed=conclusion == Conclusion.PASS,
            score=found.score,
            concluded_on=today,
        )
    )
    session.flush()
    return found


def unconclude(session: Session, instance_id: int) -> None:
    """Undo :func:`conclude`: the result counts no more; its number is not given out again."""
    found = of_instance(session, instance_id)
    session.execute(
        delete(ExAnte).where(
            ExAnte.project_id.is_not_distinct_from(found.project_id),
            ExAnte.policy_id.is_not_distinct_from(found.policy_id),
            ExAnte.number == found.number,
        )
    )
    found.score = found.invest_score = found.qualified = found.conclusion = None
    found.number = found.concluded_at = None
    found.cut_amount, found.rereviewed = 0, False
    session.flush()


def again(session: Session, instance_id: int) -> ExAnteEvaluation:
    """Let a rejected project be applied for once more: the next round begins."""
    found = of_instance(session, instance_id)
    found.round += 1
    session.flush()
    return found


def not_again(session: Session, instance_id: int) -> None:
    """Undo :func:`again`."""
    of_instance(session, instance_id).round -= 1
    session.flush()
