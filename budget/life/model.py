"""What a project's life is made of: matters, each a case of the year, with dated steps whose figures name their record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget.cases import CaseKind, CaseState
from budget.codes import Code


class Stage(Code):
    """The parts of a project's year, in their order."""

    GOAL = ("GOAL", "绩效目标", "goal")
    MONITORING = ("MONITORING", "运行监控", "monitoring")
    MONEY = ("MONEY", "资金支付", "payments")
    RECTIFICATION = ("RECTIFICATION", "问题整改", "rectification")
    ADJUSTMENT = ("ADJUSTMENT", "预算调整", "adjustment")
    EVALUATION = ("EVALUATION", "绩效评价", "evaluation")
    RESULT = ("RESULT", "结果应用与下年预算", "results and next year's money")


STAGE_OF: Mapping[str, Stage] = {
    CaseKind.EX_ANTE_EVALUATION: Stage.GOAL,
    CaseKind.GOAL: Stage.GOAL,
    CaseKind.JOINT_REVIEW: Stage.GOAL,
    CaseKind.APPROVAL: Stage.GOAL,
    CaseKind.MONITORING: Stage.MONITORING,
    CaseKind.DISBURSEMENT: Stage.MONEY,
    CaseKind.RECTIFICATION: Stage.RECTIFICATION,
    CaseKind.ADJUSTMENT: Stage.ADJUSTMENT,
    CaseKind.SELF_EVALUATION: Stage.EVALUATION,
    CaseKind.REPORT_REVIEW: Stage.EVALUATION,
    CaseKind.KEY_EVALUATION: Stage.EVALUATION,
    CaseKind.RESULT: Stage.RESULT,
}

#: The kinds of figures: 分, a fraction of 1, a score, a plain number, text of the business.
MONEY, RATE, SCORE, NUMBER, TEXT = "money", "rate", "score", "number", "text"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its label in both languages; ``value`` is 分, a fraction of 1, points, a number or text by ``kind``."""

    label: Mapping[str, str]
    value: int | Decimal | str
    kind: str = TEXT


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was recorded at a time; ``by`` is a principal, ``sha256`` the hash of the document it is from."""

    at: datetime
    what: Mapping[str, str]
    figures: Sequence[Figure] = ()
    by: str | None = None
    sha256: str | None = None
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A case of the project, or a record that has none; its state is that of the day asked for."""

    stage: Stage
    title: Mapping[str, str]
    opened_at: datetime
    kind: CaseKind | None = None
    instance_id: int | None = None
    period: str = ""
    state: CaseState | None = None
    result: str | None = None
    overdue: bool = False
    due_at: datetime | None = None
    steps: Sequence[Step] = ()


#: What a business knows of its cases: the dated steps of each instance, whatever the day asked for.
Details = Mapping[int, Sequence[Step]]


@dataclass(frozen=True, slots=True)
class Life:
    """A project as of a moment, with the same project of the years before and after; amounts in 分."""

    project_id: int
    year: int
    as_of: datetime
    matters: Sequence[Matter]
    years: Sequence[tuple[int, int]]
    #: The figures at a glance: each with the stage that it is from.
    glance: Sequence[tuple[Stage, Figure]] = field(default_factory=tuple)


def both(zh: str, en: str) -> dict[str, str]:
    """Return words in both languages."""
    return {"zh": zh, "en": en}


def word(code: Any) -> dict[str, str]:
    """Return a code's words in both languages."""
    return {"zh": code.zh, "en": code.en}
