"""What was evaluated: projects, money, averages by two named reckonings (A17), and how the grades are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.evaluations import EvaluationState, ScoreType
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Evaluation, Project, Section, Unit

#: The grades in the order in which they are told (D01), with how they are called in ids.
GRADES: Mapping[str, str] = {"优": "excellent", "良": "good", "中": "fair", "差": "poor"}


class By(StrEnum):
    """What averages are told by."""

    COUNTY = "county"
    SECTION = "section"
    UNIT = "unit"
    TYPE = "type"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Scored:
    """An accepted score of a project; amounts in 分, the score unrounded."""

    unit: str
    unit_name: str
    section: str
    section_name: str
    type: str
    book: str
    budget: int
    executed: int
    #: How much of the budget is transferred from above.
    upper: int
    score: Decimal
    grade: str

    def group(self, by: By) -> tuple[str, str]:
        """Return the code and the name of the group that it belongs to; types and budgets are codes alone."""
        return {
            By.COUNTY: ("", ""),
            By.SECTION: (self.section, self.section_name),
            By.UNIT: (self.unit, self.unit_name),
            By.TYPE: (self.type, ""),
            By.BOOK: (self.book, ""),
        }[by]


@dataclass(frozen=True, slots=True)
class Averages:
    """A group's scores: how many, their money in 分, both averages, and how many have each grade.

    ``simple`` is Σs ÷ n (简单平均), ``weighted`` Σ(s × executed) ÷ Σ executed (资金加权平均, V8), None where nothing was
    spent. Both are unrounded.
    """

    code: str
    name: str
    count: int
    budget: int
    executed: int
    simple: Decimal
    weighted: Decimal | None
    grades: Mapping[str, int]


@read_once
def scored(session: Session, scope: Scope, score_type: ScoreType = ScoreType.SELF) -> list[Scored]:
    """Return the projects' scores that were accepted in the scope's year by then; secret ones are left out."""
    query = (
        select(Evaluation, Project, Unit.name, Section.name)
        .join(Project, Project.id == Evaluation.project_id)
        .join(Unit, Unit.code == Project.unit)
        .join(Section, Section.code == Project.section)
        .where(
            Evaluation.activity_year == scope.year,
            Evaluation.score_type == score_type,
            Evaluation.state == EvaluationState.ACCEPTED,
            Evaluation.accepted_at <= scope.as_of,
            *scope.covers(),
        )
        .order_by(Project.code)
    )
    return [
        Scored(
            unit=project.unit,
            unit_name=unit,
            section=project.section,
            section_name=section,
            type=project.type,
            book=project.fund_book,
            budget=one.budget_full or 0,
            executed=one.executed or 0,
            upper=project.upper_amount,
            score=one.total,
            grade=one.grade,
        )
        for one, project, unit, section in session.execute(query)
    ]


def simple(scores: Iterable[Scored]) -> Decimal | None:
    """Return the simple average (简单平均), None of nothing."""
    given = [one.score for one in scores]
    return sum(given, Decimal(0)) / len(given) if given else None


def weighted(scores: Sequence[Scored]) -> Decimal | None:
    """Return the average weighted by what was spent (资金加权平均), None where nothing was."""
    spent = sum(one.executed for one in scores)
    return sum((one.score * one.executed for one in scores), Decimal(0)) / spent if spent else None


def averages(
    session: Session, scope: Scope, by: By = By.COUNTY, score_type: ScoreType = ScoreType.SELF
) -> list[Averages]:
    """Return the averages of each section, unit, type or budget, in the order of their codes."""
    groups: dict[tuple[str, str], list[Scored]] = {}
    for one in scored(session, scope, score_type):
        groups.setdefault(one.group(by), []).append(one)
    return [_averages(code, name, found) for (code, name), found in sorted(groups.items())]


def pooled(session: Session, scope: Scope, by: By, smallest: int) -> list[Averages]:
    """Return the averages of self-evaluations by group, where those of fewer than ``smallest`` are told as one.

    Where these together are still too few the next smallest joins them (domain §6.4); the one that holds several has no
    code and stands last.
    """
    groups: dict[tuple[str, str], list[Scored]] = {}
    for one in scored(session, scope):
        groups.setdefault(one.group(by), []).append(one)
    rest: list[Scored] = []
    for key in sorted(groups, key=lambda group: (len(groups[group]), group)):
        if len(groups[key]) >= smallest and not 0 < len(rest) < smallest:
            break
        rest += groups.pop(key)
    found = [_averages(code, name, scores) for (code, name), scores in sorted(groups.items())]
    return [*found, _averages("", "", rest)] if len(rest) >= smallest else found


def _averages(code: str, name: str, found: Sequence[Scored]) -> Averages:
    return Averages(
        code=code,
        name=name,
        count=len(found),
        budget=sum(one.budget for one in found),
        executed=sum(one.executed for one in found),
        simple=sum((one.score for one in found), Decimal(0)) / len(found),
        weighted=weighted(found),
        grades=_grades(found),
    )


def _grades(scores: Iterable[Scored]) -> Mapping[str, int]:
    counted = Counter(one.grade for one in scores)
    return {grade: counted[grade] for grade in GRADES}


def _of(
    compute: Callable[[list[Scored]], int | Decimal | None], score_type: ScoreType = ScoreType.SELF
) -> Callable[[Session, Scope], int | Decimal | None]:
    return lambda session, scope: compute(scored(session, scope, score_type))


def _with(grade: str, en: str) -> Figure:
    return Figure(
        f"selfeval.{en}",
        f"自评等级：{grade}",
        f"Self-evaluations: {en}",
        "个",
        _of(lambda found: sum(one.grade == grade for one in found)),
    )


_FIGURES = (
    Figure(
        "selfeval.units",
        "自评单位",
        "Units that evaluated",
        "家",
        _of(lambda found: len({one.unit for one in found})),
    ),
    Figure("selfeval.projects", "自评项目", "Projects evaluated", "个", _of(len)),
    Figure(
        "selfeval.amount",
        "自评项目资金",
        "Money evaluated",
        "万元",
        _of(lambda found: sum(one.budget for one in found)),
    ),
    Figure(
        "selfeval.upper",
        "其中：上级转移支付",
        "of it transferred from above",
        "万元",
        _of(lambda found: sum(one.upper for one in found)),
    ),
    Figure(
        "selfeval.local",
        "其中：本级资金",
        "of it the county's own",
        "万元",
        _of(lambda found: sum(one.budget - one.upper for one in found)),
    ),
    Figure(
        "selfeval.avg", "自评平均分（简单平均）", "Average of self-evaluations (simple)", "分", _of(simple)
    ),
    Figure(
        "selfeval.avg.weighted",
        "自评平均分（资金加权）",
        "Average of self-evaluations (weighted by money)",
        "分",
        _of(weighted),
    ),
    *(_with(grade, en) for grade, en in GRADES.items()),
    Figure(
        "selfeval.reviewed", "抽查复核项目", "Projects reviewed by sample", "个", _of(len, ScoreType.REVIEW)
    ),
    Figure(
        "selfeval.review.avg",
        "复核平均分（简单平均）",
        "Average of reviews (simple)",
        "分",
        _of(simple, ScoreType.REVIEW),
    ),
)

#: They are about the projects of the year before that in which the work was done (trap T4).
FIGURES = tuple(replace(one, offset=-1) for one in _FIGURES)
