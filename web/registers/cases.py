"""The registers of cases: what all businesses show of theirs, from ``budget_cases`` joined with projects and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.orm import aliased

from budget.cases import CaseKind, CaseState
from budget.monitoring.codes import checkpoint_name
from budget.tables import Case, Project, Section, Unit
from web import context
from web.registers.model import DAY, MOMENT, NUMBER, TAG, WAN, Column, Register, Said, Source, words_of

#: The filter's name for what was not reported in time.
OVERDUE = "OVERDUE"
#: The filter's name for whatever is over: closed, withdrawn, handled offline.
ENDED = "ENDED"
#: Its words, and those of :data:`OVERDUE`.
FURTHER = {OVERDUE: ("逾期未报", "overdue"), ENDED: ("已结束（含撤销、线下）", "ended in any way")}
#: The checkpoints by their codes; a period that is no month has its own name.
PERIODS = {f"{month:02d}": (checkpoint_name(f"{month:02d}"), f"month {month}") for month in range(1, 13)}
TONES = {
    CaseState.CLOSED: "ok",
    CaseState.SUBMITTED: "brand-tag",
    CaseState.RETURNED: "warn",
    CaseState.WITHDRAWN: "",
}
_ICONS = {
    CaseKind.MONITORING: "activity",
    CaseKind.RECTIFICATION: "alert-triangle",
    CaseKind.DISBURSEMENT: "cash",
    CaseKind.ADJUSTMENT: "adjustments",
    CaseKind.SELF_EVALUATION: "clipboard-check",
    CaseKind.EX_ANTE_EVALUATION: "clipboard-check",
    CaseKind.REPORT_REVIEW: "clipboard-check",
    CaseKind.ENGAGEMENT: "award",
    CaseKind.KEY_SELECTION: "award",
    CaseKind.KEY_EVALUATION: "award",
    CaseKind.RESULT: "arrow-guide",
}
_SECTION = aliased(Section, name="in_charge")
_SECTION_CODE = func.coalesce(Project.section, Unit.section)
_LATE = and_(Case.overdue_at.is_not(None), Case.submitted_at.is_(None))


def _joined(joins: Sequence[tuple[Any, Any]]) -> Any:
    def under(statement: Select[Any]) -> Select[Any]:
        statement = (
            statement.select_from(Case)
            .outerjoin(Project, Project.id == Case.project_id)
            .outerjoin(Unit, Unit.code == func.coalesce(Case.unit, Project.unit))
            .outerjoin(_SECTION, _SECTION.code == _SECTION_CODE)
        )
        for table, condition in joins:
            statement = statement.outerjoin(table, condition)
        return statement

    return under


def case_source(joins: Sequence[tuple[Any, Any]] = (), amount: Any = None) -> Source:
    """Return the source of cases with some tables outer-joined; ``amount`` replaces the project's annual amount."""
    return Source(
        joined=_joined(joins),
        key=Case.instance_id,
        instance=Case.instance_id,
        year=Case.fiscal_year,
        project=Case.project_id,
        unit=Unit.code,
        unit_name=Unit.name,
        unit_parent=Unit.parent,
        section=_SECTION_CODE,
        section_name=_SECTION.name,
        name=Project.name,
        code=Project.code,
        amount=Project.annual_amount if amount is None else amount,
        secret=or_(
            func.coalesce(Project.secret_flag, False).is_(True),
            func.coalesce(Unit.secret_flag, False).is_(True),
        ),
        state=Case.state,
        submitted=or_(Case.submitted_at.is_not(None), Case.closed_at.is_not(None)),
        period=Case.period,
        result=Case.result,
        number_key=True,
    )


def case_register(
    kind: CaseKind,
    *,
    title: Said | None = None,
    joins: Sequence[tuple[Any, Any]] = (),
    amount: Any = None,
    extra: Sequence[Column] = (),
    results: Mapping[str, tuple[str, str]] | None = None,
    readers: frozenset[str] = frozenset(),
    reads: Mapping[str, ColumnElement[bool]] | None = None,
    units_see: bool = True,
    only: ColumnElement[bool] | None = None,
) -> Register:
    """Return the register of a kind of case: the columns of all, with ``extra`` before the result."""
    source = case_source(joins, amount)
    results = results or {}
    columns = (
        Column("section", lambda: gettext("归口"), source.section_name, business=True, open=True),
        Column("period", lambda: gettext("期次"), source.period, words=PERIODS, open=True),
        Column("amount", lambda: gettext("金额（万元）"), source.amount, WAN),
        Column(
            "state",
            lambda: gettext("状态"),
            Case.state,
            TAG,
            CaseState,
            {str(code): tone for code, tone in TONES.items()},
            sorts=False,
            open=True,
        ),
        *extra,
        Column("result", lambda: gettext("结果"), Case.result, words=results, sorts=False),
        Column("returns", lambda: gettext("退回（次）"), Case.returns, NUMBER),
        Column("due", lambda: gettext("时限"), Case.due_at, DAY, open=True),
        Column("submitted", lambda: gettext("报送"), Case.submitted_at, MOMENT, open=True),
        Column("closed", lambda: gettext("办结"), Case.closed_at, MOMENT, open=True),
    )
    own = Case.kind == kind.value
    return Register(
        name=kind.value.lower(),
        title=title or _title(kind),
        icon=_ICONS.get(kind, "list-details"),
        source=source,
        columns=columns,
        states={**words_of(CaseState), **FURTHER},
        conditions={OVERDUE: _LATE, ENDED: Case.closed_at.is_not(None)},
        only=own if only is None else and_(own, only),
        results=results,
        readers=readers,
        reads=reads or {},
        units_see=units_see,
        counted=lambda count: gettext("合计 %(count)s 件", count=count),
        advice=lambda: gettext("放宽上面的条件再看；本年度还没有办理这项业务时，这里是空的。"),
    )


def _title(kind: CaseKind) -> Said:
    return lambda: kind.en.capitalize() if context.language() == "en" else kind.zh
