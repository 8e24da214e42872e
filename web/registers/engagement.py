"""第三方委托: which agency is engaged for what, its contract, its performance and credit (domain P13)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import true

from budget.cases import CaseKind
from budget.engagements import Procurement, WorkKind
from budget.tables import Case, Engagement
from engine import tables
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import DAY, MOMENT, POINTS, TAG, Column

_TONES = {"优": "ok", "良": "brand-tag", "中": "warn", "差": "danger"}
_agencies = tables.organisations.alias("engaged")

REGISTER = case_register(
    CaseKind.ENGAGEMENT,
    joins=(
        (Engagement, Engagement.instance_id == Case.instance_id),
        (_agencies, _agencies.c.code == Engagement.agency),
    ),
    amount=Engagement.amount,
    extra=(
        Column("title", lambda: gettext("委托名称"), Engagement.title, sorts=False, business=True),
        Column("kind", lambda: gettext("委托内容"), Engagement.kind, words=WorkKind, sorts=False),
        Column("method", lambda: gettext("采购方式"), Engagement.method, words=Procurement, sorts=False),
        Column("agency", lambda: gettext("机构"), _agencies.c.name, business=True),
        Column("contract", lambda: gettext("合同编号"), Engagement.contract_no, sorts=False),
        Column("score", lambda: gettext("履约得分"), Engagement.score, POINTS, sorts=False),
        Column("credit", lambda: gettext("信用"), Engagement.credit, TAG, tones=_TONES, business=True),
        Column("received", lambda: gettext("国库签收"), Engagement.received_at, MOMENT),
        Column("paid_on", lambda: gettext("付款日期"), Engagement.paid_on, DAY),
        Column("restricted", lambda: gettext("限制接单至"), Engagement.restricted_until, DAY),
    ),
    results={
        "SETTLED": ("已结算", "settled"),
        "TERMINATED": ("已终止", "terminated"),
        "CANCELLED": ("已撤销", "cancelled"),
        "WITHDRAWN": ("已撤销", "withdrawn"),
    },
    readers=frozenset({"supervision_staff", "supervision_chief"}),
    reads={scope.PROCUREMENT: true()},
    units_see=False,
)
