"""What a letter starts with: its kind, the case that it is about, the unit that gets it, and a first draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from budget.letters import SENT, LetterKind
from budget.projects import Register
from budget.tables import Case, Project, Unit
from engine.engine import StartRequest
from workflows import profiles

PROCESS = "letter"
#: What the process reads of the profile.
GROUPS = ("letters",)
#: Who drafts letters; the bureau's others read them.
DRAFTERS = frozenset(
    {"perf_staff", "perf_chief", "budget_staff", "budget_chief", "section_staff", "section_chief"}
)

#: What a first draft says, by kind; ``about`` is the project or the unit.
_TEXTS: Mapping[LetterKind, str] = {
    LetterKind.APPROVAL: (
        "你单位报送的{about}绩效目标收悉。经审核，予以批复。\n"
        "请严格按照批复的绩效目标组织实施，年中监控、年终自评以批复的目标为依据，不得自行调整。"
    ),
    LetterKind.EVALUATION: (
        "根据年度预算绩效管理工作安排，决定对{about}开展重点绩效评价。\n"
        "请指定联系人，按要求提供资料，配合做好现场评价。"
    ),
    LetterKind.RECTIFICATION: "经核查，{about}存在以下问题：\n一、\n请在规定期限内整改，报送整改报告。",
    LetterKind.PAYMENT: (
        "因{about}在绩效监控中发现重大偏差，决定暂缓（停止）拨付其资金。\n"
        "问题整改到位、经核验销号后恢复拨付。"
    ),
    LetterKind.BULLETIN: (
        "现将{about}预算绩效管理工作情况通报如下：\n一、基本情况\n二、存在的问题\n三、工作要求"
    ),
    LetterKind.MONITORING: (
        "现将{about}绩效运行监控情况报告如下：\n一、监控工作开展情况\n二、发现的问题\n三、处理建议"
    ),
    LetterKind.MINUTES: "会议研究了{about}有关事项，议定如下：\n一、",
}


def start(session: Session, kind: LetterKind, origin: int | None, unit: str | None) -> StartRequest:
    """Return what a letter starts with; about a case, it goes to the case's unit.

    Raises KeyError for a kind that is sent and has no unit, and for what is secret (domain §6.4).
    """
    case = session.get(Case, origin) if origin is not None else None
    code = case.unit if case is not None else unit
    project = session.get(Project, case.project_id) if case is not None and case.project_id else None
    owner = session.get(Unit, code) if code else None
    if kind in SENT and owner is None:
        raise KeyError("unit")
    if (owner is not None and owner.secret_flag) or (project is not None and project.secret_flag):
        raise KeyError("secret")
    about = f"“{project.name}”" if project is not None else (owner.name if owner is not None else "本年度")
    profile = profiles.current(session)
    named = project.name if project is not None else ""
    variables: dict[str, Any] = {
        "unit": Register(session).unit_variables(owner.code) if owner is not None else None,
        "letter": {
            "kind": kind.value,
            "kind_name": kind.zh,
            "origin": origin,
            "sent": kind in SENT,
            "title": f"关于{named or about}的{kind.zh}",
            "addressee": owner.name if owner is not None and kind in SENT else "",
            "text": _TEXTS[kind].format(about=about),
        },
        "profile": profile.variables(*GROUPS),
    }
    return StartRequest(variables)
