"""角色与岗位: what roles there are, what each may do, and how many people hold it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext

from engine.admin.rights import PARTS, Right
from web import administration, context, wording
from web.administration import needs

blueprint = Blueprint("roles", __name__, url_prefix="/roles")


@blueprint.get("/")
@needs(Right.ACCOUNTS, Right.GRANTS)
def index() -> Any:
    """Show the roles with their holders, and how the administrator's rights are given."""
    engine, actor = context.engine(), context.actor()
    counts = engine.admin.roles(actor)
    known = [*wording.known_roles(), *sorted(set(counts) - set(wording.known_roles()))]
    holders = engine.admin.part_holders()
    people = administration.named([person for found in holders.values() for person in found])
    return render_template(
        "admin/roles.html",
        roles=[(role, wording.role(role), _may(role), counts.get(role, 0)) for role in known],
        separated=engine.admin.separated(),
        parts=[(wording.role(role), [people(one) for one in sorted(holders[role])]) for role in PARTS],
        ready=all(holders[role] for role in PARTS),
        may_ask=Right.SECURITY in administration.rights(),
    )


def _may(role: str) -> str:
    """Return in a sentence what a role is for; what processes ask of it is in their files."""
    section = wording.section()
    return {
        "unit_clerk": gettext("填报、补正、上传佐证"),
        "unit_head": gettext("签批本单位的申报，整改第一责任人"),
        "section_staff": gettext("归口%(section)s室初审、拟稿", section=section),
        "section_chief": gettext("归口%(section)s室审定、分办", section=section),
        "budget_staff": gettext("预算%(section)s初审、拟稿", section=section),
        "budget_chief": gettext("预算%(section)s终审、批复", section=section),
        "perf_staff": gettext("绩效联合审查、拟稿"),
        "perf_chief": gettext("绩效联合审查、审定"),
        "treasury_staff": gettext("拨付、暂缓、停拨的签收和执行回执"),
        "treasury_chief": gettext("国库执行事项审定"),
        "invest_staff": gettext("工程类项目评审意见拟稿"),
        "invest_chief": gettext("工程类项目评审意见审定"),
        "supervision_staff": gettext("疑点核查、会签意见拟稿"),
        "supervision_chief": gettext("疑点核查、会签意见审定"),
        "deputy_leader": gettext("分管事项签发、超期升级的终点"),
        "bureau_leader": gettext("重大事项签发"),
        "agency_member": gettext("受托项目的资料收集、底稿"),
        "agency_lead": gettext("受托项目的评价方案、打分、报告"),
        "expert": gettext("目标审查、报告评审，只看受邀的事项"),
        "procurement": gettext("查阅第三方机构的服务记录"),
        "congress": gettext("查阅已批复的目标、已确认的自评、定稿的评价报告、整改和全县汇总数"),
        "discipline": gettext("查阅责任台账"),
        "leading_group": gettext("查阅全县汇总数、年度报告和责任台账"),
        "operator": gettext("挂起、恢复、终止、跳转等运行干预，须写理由"),
        "admin": gettext("全部管理权限（未三员分立时）；不办理业务"),
        "sys_admin": gettext("建账号、设单位、业务设置、申请重置密码"),
        "sec_admin": gettext("授予岗位、确认重置和解锁、安全设置、审计账号"),
        "audit_admin": gettext("只看系统日志、登录日志、阅读日志"),
        "auditor": gettext("在范围和期限内只读查阅，每次阅读留痕"),
    }.get(role, "")
