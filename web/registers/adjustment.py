"""The register of adjustments: what kind, by how much, and what the project's budget becomes."""

from __future__ import annotations

from flask_babel import gettext

from budget.adjustments import AdjustmentReason, AdjustmentType
from budget.cases import CaseKind
from budget.tables import Adjustment, Case
from web.registers.cases import case_register
from web.registers.model import TAG, WAN, Column

REGISTER = case_register(
    CaseKind.ADJUSTMENT,
    joins=((Adjustment, Adjustment.instance_id == Case.instance_id),),
    amount=Adjustment.amount_before,
    extra=(
        Column("type", lambda: gettext("调整类型"), Adjustment.type, TAG, AdjustmentType),
        Column("delta", lambda: gettext("调整额（万元）"), Adjustment.delta, WAN),
        Column("after", lambda: gettext("调整后（万元）"), Adjustment.amount_after, WAN),
        Column("reason", lambda: gettext("调整原因"), Adjustment.reason, TAG, AdjustmentReason),
    ),
    results={
        "APPROVED": ("已批复", "approved"),
        "RECLAIMED": ("已收回", "reclaimed"),
        "REJECTED": ("不予调整", "refused"),
        "WITHDRAWN": ("已撤销", "withdrawn"),
    },
)
