"""拨付控制通知: every hold, stop and release of a project's money, with the treasury section's two receipts (S4-11)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import case

from budget.holds import HoldAction
from budget.tables import Hold, Project, TreasuryNotice
from web.registers.model import MOMENT, TAG, Column, Register
from web.registers.records import SECTION_NAME, record_source

SENT, RECEIVED, EXECUTED = "SENT", "RECEIVED", "EXECUTED"
_STATES = {
    SENT: ("待签收", "sent"),
    RECEIVED: ("待执行", "received"),
    EXECUTED: ("已执行", "executed"),
}
_STATE = case(
    (TreasuryNotice.executed_at.is_not(None), EXECUTED),
    (TreasuryNotice.received_at.is_not(None), RECEIVED),
    else_=SENT,
)

REGISTER = Register(
    name="treasury_notice",
    title=lambda: gettext("拨付控制通知"),
    icon="cash",
    source=record_source(
        TreasuryNotice,
        key=TreasuryNotice.instance_id,
        state=_STATE,
        project=TreasuryNotice.project_id,
        year=Project.fiscal_year,
        instance=TreasuryNotice.instance_id,
        joins=((Hold, Hold.id == TreasuryNotice.hold_id),),
    ),
    columns=(
        Column("section", lambda: gettext("归口"), SECTION_NAME, business=True, open=True),
        Column("action", lambda: gettext("要求"), TreasuryNotice.action, words=HoldAction),
        Column("reason", lambda: gettext("事由"), TreasuryNotice.reason, sorts=False, business=True),
        Column("issued", lambda: gettext("下达"), TreasuryNotice.issued_at, MOMENT),
        Column(
            "state",
            lambda: gettext("状态"),
            _STATE,
            TAG,
            _STATES,
            {SENT: "warn", RECEIVED: "brand-tag", EXECUTED: "ok"},
            sorts=False,
        ),
        Column("received", lambda: gettext("签收"), TreasuryNotice.received_at, MOMENT),
        Column("executed", lambda: gettext("执行"), TreasuryNotice.executed_at, MOMENT),
        Column("until", lambda: gettext("到期自动失效"), Hold.until, MOMENT),
        Column("released", lambda: gettext("恢复拨付"), Hold.released_at, MOMENT),
    ),
    states=_STATES,
    conditions={
        SENT: TreasuryNotice.received_at.is_(None) & TreasuryNotice.executed_at.is_(None),
        RECEIVED: TreasuryNotice.received_at.is_not(None) & TreasuryNotice.executed_at.is_(None),
        EXECUTED: TreasuryNotice.executed_at.is_not(None),
    },
    only=None,
    readers=frozenset({"treasury_staff", "treasury_chief", "supervision_staff", "supervision_chief"}),
    of_cases=False,
    counted=lambda count: gettext("合计 %(count)s 份", count=count),
    advice=lambda: gettext("放宽上面的条件再看；没有缓拨、停拨、恢复的项目时，这里是空的。"),
)
