"""A sound goal form that the tests of the checks change in one place each."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any


def indicator(
    level1: str, level2: str, name: str, operator: str, target: Any, unit: str, **more: Any
) -> dict[str, Any]:
    """Return a quantitative row unless ``more`` says otherwise."""
    row = {
        "level1": level1,
        "level2": level2,
        "level3_name": name,
        "nature": "QUANT",
        "operator": operator,
        "target_value": target,
        "unit": unit,
    }
    return row | more


_SOUND: dict[str, Any] = {
    "project_category": "SPECIFIC",
    "goal_annual": "改造农村公路12.5公里，工程一次验收合格率达到100%，改善沿线18500名群众的出行条件。",
    "start_date": "2027-01-01",
    "end_date": "2027-12-31",
    "total_amount": Decimal("850.00"),
    "fund_general": Decimal("600.00"),
    "fund_gov_fund": Decimal("200.00"),
    "fund_state_capital": Decimal("0"),
    "fund_social_ins": Decimal("0"),
    "fund_other": Decimal("50.00"),
    "fund_upper": Decimal("400.00"),
    "annual_amount": Decimal("850.00"),
    "expense_items": [
        {"name": "路基路面", "amount": Decimal("700.00"), "basis": "工程概算"},
        {"name": "监理与检测", "amount": Decimal("150.00"), "basis": "取费标准"},
    ],
    "milestones": [
        {"content": "招标", "start": "2027-02-01", "end": "2027-03-31"},
        {"content": "施工", "start": "2027-04-01", "end": "2027-10-31"},
    ],
    "indicators": [
        indicator("OUTPUT", "QUANTITY", "改造农村公路里程", "GE", "12.5", "公里"),
        indicator("OUTPUT", "QUALITY", "工程竣工验收合格率", "EQ", "100", "%"),
        indicator("OUTPUT", "TIMELINESS", "工程完工时间", "LE", "11月30日", "日期"),
        indicator("OUTPUT", "COST", "单位工程造价", "LE", "68", "万元/公里"),
        indicator("BENEFIT", "SOCIAL", "受益人口", "GE", "18500", "人"),
        indicator("SATISFACTION", "SATISFACTION", "沿线群众满意度", "GE", "90", "%"),
    ],
}


def sound_goal() -> dict[str, Any]:
    """Return the answers of a goal in which no check finds anything."""
    return copy.deepcopy(_SOUND)
