"""责任台账: what units failed to do in a year, since when, and when it was made good (domain P16, §6.3)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import case, true

from budget.accountability import AccountabilityState, Measure
from budget.ledger import LedgerEvent
from budget.tables import Accountability, LedgerEntry
from web.registers import scope
from web.registers.model import CODE, MOMENT, POINTS, TAG, Column, Register
from web.registers.records import SECTION_NAME, record_source

OPEN, SETTLED = "OPEN", "SETTLED"
_STATES = {OPEN: ("未消除", "open"), SETTLED: ("已消除", "made good")}
_STATE = case((LedgerEntry.settled_at.is_(None), OPEN), else_=SETTLED)

REGISTER = Register(
    name="ledger",
    title=lambda: gettext("责任台账"),
    icon="alert-triangle",
    source=record_source(
        LedgerEntry,
        key=LedgerEntry.id,
        state=_STATE,
        project=LedgerEntry.project_id,
        unit=LedgerEntry.unit,
        year=LedgerEntry.fiscal_year,
        instance=LedgerEntry.instance_id,
        joins=((Accountability, Accountability.instance_id == LedgerEntry.handled_by),),
    ),
    columns=(
        Column("section", lambda: gettext("归口"), SECTION_NAME, business=True, open=True),
        Column("event", lambda: gettext("事由"), LedgerEntry.event, words=LedgerEvent, open=True),
        Column("what", lambda: gettext("情况"), LedgerEntry.what, sorts=False, business=True, open=True),
        Column("since", lambda: gettext("起始"), LedgerEntry.since, MOMENT, open=True),
        Column("recorded", lambda: gettext("记入"), LedgerEntry.recorded_at, MOMENT, open=True),
        Column(
            "state",
            lambda: gettext("状态"),
            _STATE,
            TAG,
            _STATES,
            {OPEN: "bad", SETTLED: "ok"},
            sorts=False,
            open=True,
        ),
        Column("settled", lambda: gettext("消除"), LedgerEntry.settled_at, MOMENT, open=True),
        Column(
            "followed", lambda: gettext("处理"), Accountability.state, words=AccountabilityState, sorts=False
        ),
        Column("measure", lambda: gettext("措施"), Accountability.measure, words=Measure, sorts=False),
        Column("points", lambda: gettext("记分"), Accountability.points, POINTS, sorts=False),
        Column("number", lambda: gettext("编号"), Accountability.number, CODE, sorts=False),
    ),
    states=_STATES,
    conditions={OPEN: LedgerEntry.settled_at.is_(None), SETTLED: LedgerEntry.settled_at.is_not(None)},
    only=None,
    readers=scope.CHECKERS,
    reads={scope.DISCIPLINE: true(), scope.LEADING: true()},
    of_cases=False,
    counted=lambda count: gettext("合计 %(count)s 条", count=count),
    advice=lambda: gettext("放宽上面的条件再看；没有单位被记入台账时，这里是空的。"),
    beside=(("accountability.page", "alert-triangle", lambda: gettext("责任追究")),),
)
