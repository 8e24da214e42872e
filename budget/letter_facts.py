"""What a letter can say of the case that it is about: the project, its goal, its problems, its money, a meeting's decisions.

Plain functions on a session. What they return is read by people and by templates: texts in Chinese, amounts in 万元 with
two places, tables as rows of texts. What is secret is never in it (domain §6.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind, CaseState
from budget.codes import Level1, VersionState
from budget.evaluations import target_of
from budget.goals import approved_version
from budget.holds import HoldKind, in_force
from budget.key_codes import Evaluator, Method
from budget.meetings import name as meeting_name
from budget.money import round_half_up, wan_from_fen
from budget.monitoring.codes import Action, Light, RecordState, checkpoint_name
from budget.tables import (
    Case,
    Goal,
    GoalVersion,
    Hold,
    KeyEvaluation,
    Meeting,
    MonitoringRecord,
    Project,
    Rectification,
    Unit,
)
from engine.calendar import ZONE

#: So many rows a table of a letter has at most; what is more stands in the case.
MOST = 200

#: Every text that a template may name, with what it is and an example; all are empty where the case has none.
TEXTS: Mapping[str, tuple[str, str]] = {
    "about": ("所指的项目或单位", "“农村公路改造”项目"),
    "year": ("年度", "2026"),
    "unit": ("单位", "县交通运输局"),
    "project": ("项目名称", "农村公路改造"),
    "project_code": ("项目编码", "2026-0101"),
    "amount": ("年度资金或批复资金合计（万元）", "850.00"),
    "goal_number": ("目标编号", "2026-001"),
    "goal": ("年度总体目标", "改造农村公路12.5公里。"),
    "goal_count": ("批复的目标个数", "3"),
    "rect_number": ("整改编号", "整改〔2026〕1号"),
    "requirement": ("整改要求", "限期整改并报送整改报告。"),
    "deadline": ("期限", "2026年9月30日"),
    "hold": ("暂缓拨付或停止拨付", "暂缓拨付"),
    "hold_reason": ("暂缓（停止）的原因", "执行进度落后"),
    "hold_since": ("暂缓（停止）的日期", "2026年9月1日"),
    "checkpoint": ("监控时点", "8月"),
    "as_of": ("监控数据截至", "2026年8月31日"),
    "light": ("预警灯", "红"),
    "measure": ("监控处理", "缓拨研究"),
    "executed": ("已执行（万元）", "120.00"),
    "rate": ("执行率（%）", "14.12"),
    "planned_rate": ("计划进度（%）", "66.67"),
    "deviation": ("偏差（%）", "52.55"),
    "statement": ("单位的说明", "施工许可办理滞后。"),
    "measures": ("单位的改进措施", "增加施工力量。"),
    "evaluator": ("评价主体", "第三方机构"),
    "methods": ("评价方法", "比较法、公众评判法"),
    "leader": ("主评人", "王主评"),
    "score": ("评价得分", "86.50"),
    "grade": ("评价等级", "良"),
    "called": ("应报事项数", "12"),
    "reported": ("按时报送数", "9"),
    "late": ("逾期事项数", "3"),
    "meeting": ("会议", "局长办公会2026年第3次会议"),
    "meeting_title": ("会议名称", "研究资金拨付等事项"),
    "held_on": ("会议日期", "2026年3月11日"),
    "place": ("会议地点", "三楼会议室"),
    "chair": ("主持人", "冯副局长"),
    "attendees": ("参加人员", "绩效股、预算股"),
}
#: Every table that a template may walk over, with what it is and the example of a row.
TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "indicators": (
        "批复的绩效指标",
        {"level1": "产出指标", "name": "改造里程", "target": "≥12.5公里"},
    ),
    "goals": (
        "单位的各项目标",
        {"number": "2026-001", "code": "2026-0101", "name": "农村公路改造", "amount": "850.00"},
    ),
    "problems": ("问题清单", {"no": "1", "text": "执行进度落后于计划。", "suggestion": "加快施工。"}),
    "progress": (
        "指标完成情况",
        {"name": "改造里程", "target": "≥12.5公里", "actual": "3", "deviation": "42.67"},
    ),
    "overdue": ("逾期事项", {"what": "运行监控", "subject": "农村公路改造", "due": "2026年9月10日"}),
    "decisions": (
        "会议决定",
        {
            "no": "1",
            "subject": "农村公路改造",
            "unit": "县交通运输局",
            "decision": "同意",
            "remark": "按程序办理",
        },
    ),
}


def examples() -> dict[str, Any]:
    """Return an example of everything, as a template is tried out with it."""
    found: dict[str, Any] = {name: example for name, (_, example) in TEXTS.items()}
    return found | {name: [dict(row)] for name, (_, row) in TABLES.items()}


def nothing() -> dict[str, Any]:
    """Return everything empty."""
    return dict.fromkeys(TEXTS, "") | {name: [] for name in TABLES}


def facts(
    session: Session, *, case: Case | None, unit: Unit | None, year: int, now: datetime
) -> dict[str, Any]:
    """Return what is known of a case, or of a unit in a year where there is no case."""
    found = nothing() | {"year": str(case.fiscal_year if case is not None else year)}
    project = session.get(Project, case.project_id) if case is not None and case.project_id else None
    if unit is not None:
        found["unit"] = unit.name
    found["about"] = _about(project, unit)
    if project is not None:
        found |= _of_project(session, project, now)
    elif unit is not None:
        found |= _of_unit(session, unit, int(found["year"]))
    if case is not None:
        for part in (_rectification, _monitoring, _key_evaluation, _hold):
            found |= part(session, case)
    return found


def of_meeting(meeting: Meeting, chair: str) -> dict[str, Any]:
    """Return what a meeting decided, for its minutes; ``chair`` is the name of who presides."""
    return nothing() | {
        "year": str(meeting.year),
        "about": meeting.title,
        "meeting": meeting_name(meeting),
        "meeting_title": meeting.title,
        "held_on": said_day(meeting.held_on),
        "place": meeting.place,
        "chair": chair,
        "attendees": meeting.attendees,
        "decisions": [
            {
                "no": str(number),
                "subject": item.subject,
                "unit": item.unit,
                "decision": item.decision,
                "remark": item.remark,
            }
            for number, item in enumerate(meeting.items, 1)
        ],
    }


def said_day(moment: date | datetime | None) -> str:
    """Return a day as official documents write it: 2026年3月11日; a moment's is that of the county's clocks."""
    if moment is None:
        return ""
    found = moment.astimezone(ZONE).date() if isinstance(moment, datetime) else moment
    return f"{found.year}年{found.month}月{found.day}日"


def _about(project: Project | None, unit: Unit | None) -> str:
    if project is not None:
        return f"“{project.name}”项目"
    return unit.name if unit is not None else "本年度"


def _of_project(session: Session, project: Project, now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {
        "project": project.name,
        "project_code": project.code,
        "amount": _wan(project.annual_amount),
    }
    version = approved_version(session, project.id)
    if version is not None:
        found |= {
            "amount": _wan(version.annual_amount),
            "goal_number": version.number or "",
            "goal": version.goal_annual,
            "goal_count": "1",
            "goals": [_goal(project, version)],
            "indicators": [
                {"level1": Level1[row.level1].zh, "name": row.level3_name, "target": target_of(row)}
                for row in version.indicators[:MOST]
            ],
        }
    held = in_force(session, project.id, now)
    return found | (_held(held[0]) if held else {})


def _goal(project: Project, version: GoalVersion) -> dict[str, str]:
    return {
        "number": version.number or "",
        "code": project.code,
        "name": project.name,
        "amount": _wan(version.annual_amount),
    }


def _of_unit(session: Session, unit: Unit, year: int) -> dict[str, Any]:
    """Return a unit's approved goals of a year, and how it reported in it."""
    query = (
        select(Project, GoalVersion)
        .join(Goal, Goal.project_id == Project.id)
        .join(GoalVersion, GoalVersion.goal_id == Goal.id)
        .where(
            Project.unit == unit.code,
            Project.fiscal_year == year,
            Project.secret_flag.is_(False),
            GoalVersion.state == VersionState.FROZEN,
        )
        .order_by(Project.code, GoalVersion.version)
    )
    newest = {project.id: (project, version) for project, version in session.execute(query)}
    cases = (
        select(Case, Project)
        .outerjoin(Project, Project.id == Case.project_id)
        .where(
            Case.unit == unit.code,
            Case.fiscal_year == year,
            Case.campaign_id.is_not(None),
            Case.state.not_in((CaseState.WITHDRAWN, CaseState.OFFLINE)),
            or_(Project.id.is_(None), Project.secret_flag.is_(False)),
        )
        .order_by(Case.due_at, Case.instance_id)
    )
    called = session.execute(cases).all()
    late = [(case, project) for case, project in called if case.overdue_at is not None]
    return {
        "amount": _wan(sum(version.annual_amount for _, version in newest.values())) if newest else "",
        "goal_count": str(len(newest)) if newest else "",
        "goals": [_goal(project, version) for project, version in list(newest.values())[:MOST]],
        "called": str(len(called)),
        "reported": str(len(called) - len(late)),
        "late": str(len(late)),
        "overdue": [
            {
                "what": CaseKind[case.kind].zh,
                "subject": unit.name if project is None else project.name,
                "due": said_day(case.due_at),
            }
            for case, project in late[:MOST]
        ],
    }


def _rectification(session: Session, case: Case) -> dict[str, Any]:
    mine = Rectification.instance_id == case.instance_id
    raised = Rectification.origin_instance == case.instance_id
    found = session.scalars(
        select(Rectification).where(or_(mine, raised)).order_by(Rectification.id.desc())
    ).first()
    if found is None:
        return {}
    return {
        "rect_number": found.number or "",
        "requirement": found.requirement,
        "deadline": said_day(found.due_at),
        "problems": _problems((one.description, "") for one in found.issues),
    }


def _monitoring(session: Session, case: Case) -> dict[str, Any]:
    """Return the newest report: of the monitoring itself, or of the project that the case is about."""
    of = (
        MonitoringRecord.instance_id == case.instance_id
        if case.kind == CaseKind.MONITORING
        else MonitoringRecord.project_id == case.project_id
    )
    query = (
        select(MonitoringRecord)
        .where(
            of,
            MonitoringRecord.fiscal_year == case.fiscal_year,
            MonitoringRecord.state.in_((RecordState.SUBMITTED, RecordState.ACCEPTED)),
        )
        .order_by(MonitoringRecord.as_of.desc(), MonitoringRecord.version.desc())
    )
    found = session.scalars(query).first()
    if found is None:
        return {}
    return {
        "checkpoint": checkpoint_name(found.period),
        "as_of": said_day(found.as_of),
        "light": Light[found.light].zh if found.light else "",
        "measure": Action[found.action].zh if found.action else "",
        "executed": _wan(found.executed),
        "rate": _percent(found.money_actual),
        "planned_rate": _percent(found.money_planned),
        "deviation": _percent(found.deviation),
        "statement": found.statement,
        "measures": found.measures,
        "progress": [
            {
                "name": row.name,
                "target": f"{row.target}{row.unit or ''}",
                "actual": row.actual,
                "deviation": _percent(row.deviation),
            }
            for row in found.indicators[:MOST]
        ],
    }


def _key_evaluation(session: Session, case: Case) -> dict[str, Any]:
    if case.kind != CaseKind.KEY_EVALUATION:
        return {}
    found = session.get(KeyEvaluation, case.instance_id)
    if found is None:
        return {}
    answer: dict[str, Any] = {
        "evaluator": Evaluator[found.evaluator].zh if found.evaluator else "",
        "methods": "、".join(Method[one].zh for one in found.methods.split(",") if one),
        "leader": found.leader,
        "deadline": said_day(found.due_at),
        "score": "" if found.score is None else f"{round_half_up(found.score, 2):f}",
        "grade": found.grade or "",
    }
    issues = _problems((one.content, one.suggestion) for one in found.issues)
    return answer | ({"problems": issues} if issues else {})


def _hold(session: Session, case: Case) -> dict[str, Any]:
    """Return the hold that a case ordered, where it did."""
    query = select(Hold).where(Hold.origin_instance == case.instance_id).order_by(Hold.id.desc())
    found = session.scalars(query).first()
    return {} if found is None else _held(found)


def _held(hold: Hold) -> dict[str, str]:
    return {
        "hold": HoldKind[hold.kind].zh,
        "hold_reason": hold.reason,
        "hold_since": said_day(hold.since),
    }


def _problems(found: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"no": str(number), "text": text, "suggestion": suggestion}
        for number, (text, suggestion) in enumerate(found, 1)
    ][:MOST]


def _wan(fen: int | None) -> str:
    return "" if fen is None else f"{wan_from_fen(fen):,.2f}"


def _percent(share: Decimal | None) -> str:
    return "" if share is None else f"{round_half_up(share * 100, 2):f}"
