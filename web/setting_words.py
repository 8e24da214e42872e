"""What the groups of a county's rules are called, and their values in words: yes and no, lists, tables of codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import gettext

from budget.cases import CaseKind
from budget.codes import Category, FundBook, Level1
from budget.engagements import Criterion
from budget.key_codes import Method, PaperType
from budget.letters import LetterKind
from web import context

#: A due day that is counted from the opening: working days, or days of the calendar.
_DAYS = re.compile(r"([WC])(\d{1,3})")


def group_words() -> Mapping[str, str]:
    """Return what the groups of settings are called; a group of another business is shown by its name."""
    return {
        "wording": gettext("称谓"),
        "campaign": gettext("申报截止"),
        "days": gettext("办理时限（工作日）"),
        "goal": gettext("绩效目标"),
        "quality": gettext("数据质量校验"),
        "quality_score": gettext("编报质量分"),
        "calendar": gettext("年度日历"),
        "escalation": gettext("提醒与升级（工作日）"),
        "reminders": gettext("到期提醒（工作日）"),
        "unit_goal": gettext("部门整体目标"),
        "review": gettext("目标审核"),
        "exante": gettext("事前绩效评估"),
        "goal_approval": gettext("目标批复"),
        "monitoring": gettext("绩效运行监控"),
        "rectification": gettext("问题整改"),
        "disbursement": gettext("资金拨付审核"),
        "treasury": gettext("国库执行"),
        "adjustment": gettext("预算和目标调整"),
        "scoring": gettext("自评计分"),
        "selfeval": gettext("绩效自评"),
        "evaluation": gettext("自评校验"),
        "sampling": gettext("自评抽查"),
        "grades": gettext("绩效等级"),
        "report_review": gettext("报告评审"),
        "key_evaluation": gettext("重点评价"),
        "engagement": gettext("第三方委托"),
        "result": gettext("评价结果应用"),
        "publication": gettext("信息公开"),
        "oversight": gettext("人大监督"),
        "accountability": gettext("责任追究"),
        "assessment": gettext("单位年度考核"),
        "library": gettext("指标库"),
        "letters": gettext("公文"),
        "archive": gettext("归档"),
        "statistics": gettext("统计和年度报告"),
        "design": gettext("流程设计"),
    }


@cache
def _codes() -> Mapping[str, Any]:
    """Return the codes that values hold; a code of two lists, of which one is right, is left as it is."""
    found: dict[str, Any] = {}
    twice = set()
    for words in (Level1, Category, FundBook, Criterion, Method, PaperType, CaseKind, LetterKind):
        for one in words:
            if one.value in found and found[one.value].zh != one.zh:
                twice.add(one.value)
            found[one.value] = one
    return {code: one for code, one in found.items() if code not in twice}


def readable(value: Any) -> str:
    """Return a value in the reader's words: what has parts has a line for each."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, Mapping):
        return "\n".join(f"{_word(key)}：{_inline(part)}" for key, part in value.items()) or "—"
    if isinstance(value, list):
        lines = any(isinstance(one, Mapping) for one in value)
        return ("\n" if lines else "、").join(_inline(one) for one in value) or "—"
    return str(value)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        keys = _keys()
        return "　".join(f"{keys.get(key, key)} {_word(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "、".join(_word(one) for one in value)
    return _word(value)


def _keys() -> Mapping[str, str]:
    """Return what the parts of an entry of the year's plan and of other tables are called."""
    return {
        "kind": gettext("业务"),
        "year": gettext("年度"),
        "period": gettext("期次"),
        "opens": gettext("启动"),
        "as_of": gettext("数据截至"),
        "due": gettext("截止"),
        "source": gettext("来源"),
        "from": gettext("起用年度"),
        "use": gettext("采用"),
    }


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    others = {
        "OTHER": gettext("其余"),
        "EXECUTION": gettext("预算执行"),
        "excellent": gettext("优"),
        "good": gettext("良"),
        "fair": gettext("中"),
    }
    days = _DAYS.fullmatch(value) if isinstance(value, str) else None
    if days is not None:
        return (
            gettext("%(count)s 个工作日", count=days[2])
            if days[1] == "W"
            else gettext("%(count)s 日", count=days[2])
        )
    if value in others:
        return others[value]
    found = _codes().get(value) if isinstance(value, str) else None
    return str(value) if found is None else str(getattr(found, context.language()))
