"""运行监控: the cases of monitoring with the light, the deviation and what followed."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext
from sqlalchemy import Numeric, cast, func

from budget.cases import CaseKind
from budget.monitoring.codes import Light, MonitoringResult
from budget.monitoring.queries import NEWEST
from budget.tables import MonitoringRecord
from web.registers.cases import case_register
from web.registers.model import PERCENT, TAG, Column, words_of

#: The colours of the lights' tags.
TONES = {
    str(Light.GREEN): "ok",
    str(Light.YELLOW): "warn",
    str(Light.RED): "bad",
    str(Light.BLUE): "brand-tag",
}
#: The filter's names of the lights.
_LIGHTS = {f"LIGHT_{light.value}": light for light in Light}


def percent_of(rate: object) -> object:
    """Return the SQL of a rate in per cent with two places."""
    return func.round(cast(rate, Numeric(24, 8)) * 100, 2)  # type: ignore[arg-type]


_BASE = case_register(
    CaseKind.MONITORING,
    joins=((MonitoringRecord, NEWEST),),
    amount=MonitoringRecord.budget_adjusted,
    extra=(
        Column("light", lambda: gettext("预警灯"), MonitoringRecord.light, TAG, Light, TONES),
        Column("spent", lambda: gettext("执行率"), percent_of(MonitoringRecord.money_actual), PERCENT),
        Column("achieved", lambda: gettext("目标完成"), percent_of(MonitoringRecord.goal_actual), PERCENT),
        Column("deviation", lambda: gettext("偏离度"), percent_of(MonitoringRecord.deviation), PERCENT),
    ),
    results=words_of(MonitoringResult) | {"OFFLINE": ("线下办理", "handled offline")},
    readers=frozenset({"invest_staff", "invest_chief", "supervision_staff", "supervision_chief"}),
)

REGISTER = replace(
    _BASE,
    states={
        **_BASE.states,
        **{name: (f"{light.zh}灯", f"{light.en} light") for name, light in _LIGHTS.items()},
    },
    conditions={
        **_BASE.conditions,
        **{name: MonitoringRecord.light == light.value for name, light in _LIGHTS.items()},
    },
    beside=(("monitoring.scatter_page", "chart-dots", lambda: gettext("执行与目标散点")),),
)
