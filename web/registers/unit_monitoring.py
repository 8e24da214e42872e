"""部门整体监控: the cases of a unit's overall monitoring with the light and the deviation."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from budget.cases import CaseKind
from budget.monitoring.codes import Light, MonitoringResult, RecordState
from budget.tables import Case, UnitMonitoring
from web.registers.cases import case_register
from web.registers.model import PERCENT, TAG, WAN, Column, words_of
from web.registers.monitoring import TONES, percent_of

_INNER = aliased(UnitMonitoring)
#: The newest record of a case that counts.
_NEWEST = UnitMonitoring.id == (
    select(func.max(_INNER.id))
    .where(_INNER.instance_id == Case.instance_id, _INNER.state != RecordState.WITHDRAWN)
    .correlate(Case)
    .scalar_subquery()
)

REGISTER = case_register(
    CaseKind.UNIT_MONITORING,
    joins=((UnitMonitoring, _NEWEST),),
    amount=UnitMonitoring.budget,
    extra=(
        Column("light", lambda: gettext("预警灯"), UnitMonitoring.light, TAG, Light, TONES),
        Column("executed", lambda: gettext("执行数（万元）"), UnitMonitoring.executed, WAN),
        Column("spent", lambda: gettext("执行率"), percent_of(UnitMonitoring.money_actual), PERCENT),
        Column("deviation", lambda: gettext("偏离度"), percent_of(UnitMonitoring.deviation), PERCENT),
    ),
    results=words_of(MonitoringResult) | {"OFFLINE": ("线下办理", "handled offline")},
    readers=frozenset({"invest_staff", "invest_chief", "supervision_staff", "supervision_chief"}),
)
