"""The left navigation: what exists and what the person may use, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext

from engine.admin.rights import Right
from engine.identity import ADMINISTRATORS, AUDITOR, DESIGNER, OPERATOR
from engine.tasks.badges import Badges
from web import administration, context, dashboard, preferences, rosters, samples
from web.formatting import capped
from web.registers import registers, scope
from web.registers.model import Register
from workflows import offers
from workflows.accountability import starting as accountability
from workflows.goal_approval import starting as goal_approval
from workflows.key_selection.starting import READERS
from workflows.letter.starting import READERS as LETTER_READERS
from workflows.meetings import CHAIRS, CLERKS


@dataclass(frozen=True, slots=True)
class Entry:
    """One link: the endpoint, its icon and label, a capped count where there is one, the letter that goes there after
    ``g``, and the arguments with which it opens.
    """

    endpoint: str
    icon: str
    label: str
    count: str = ""
    key: str = ""
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Links under a heading."""

    label: str
    entries: Sequence[Entry]


#: Roles that configure the system and take no part in its business.
NO_BUSINESS = ADMINISTRATORS | {AUDITOR, DESIGNER, OPERATOR}


def has_business() -> bool:
    """Whether the person holds a post that takes part in the county's business."""
    return any(post.role not in NO_BUSINESS for post in context.actor().posts)


def reads_only() -> bool:
    """Whether the person only reads what those outside the bureau may (人大, 纪检, …; domain §6.3)."""
    posts = context.actor().posts
    return bool(posts) and all(post.role in scope.OUTSIDE for post in posts)


#: Roles that are asked in for single cases, and see no register but what they took part in.
GUESTS = frozenset({"expert", "agency_lead", "agency_member"})


def only_asked_in() -> bool:
    """Whether the person holds posts of those who are asked in for single cases alone."""
    posts = context.actor().posts
    return bool(posts) and all(post.role in GUESTS for post in posts)


#: Roles that the county's processes name as owners of deadlines, and who may move any.
DEADLINE_ROLES = frozenset({"budget_chief", "perf_chief", OPERATOR})


def groups(badges: Badges) -> Sequence[Group]:
    """Return the navigation of the signed-in person; ``badges`` are the counts beside it."""
    if context.actor().is_auditor:
        return [Group(gettext("审计"), (Entry("audit.index", "eye", gettext("审计查阅")),))]
    own = Group(
        gettext("我的事项"),
        (
            Entry("workbench.show", "layout-dashboard", gettext("工作台"), key="w"),
            _list("inbox", "inbox", "i", capped(badges.waiting.all)),
            _list("done", "circle-check", "d"),
            _list("started", "send", "s"),
            _list("copies", "copy", "c", capped(badges.copies)),
            _list("drafts", "pencil", "e", capped(badges.drafts)),
            _list("followed", "star", "f"),
            Entry("search.page", "search", gettext("搜索")),
            *([Entry("bulk.records", "checks", gettext("批量办理记录"))] if has_business() else ()),
        ),
    )
    found = [own]
    if reads_only():
        found.append(Group(gettext("业务台账"), _records()))
    elif has_business():
        found += [
            Group(gettext("绩效业务"), _business()),
            Group(gettext("业务台账"), _records()),
            Group(gettext("资料和数据"), _references()),
        ]
    leads = context.engine().heads_of(context.actor())
    found.append(
        Group(
            gettext("请假与交接"),
            (
                Entry("substitutions.page", "arrows-exchange", gettext("委托代理")),
                Entry("handover.page", "transfer-out", gettext("工作交接")),
                *((Entry("office.show", "phone", gettext("单位电话与用语")),) if leads else ()),
            ),
        )
    )
    if context.actor().is_operator:
        found.append(_operation())
    if context.actor().is_designer:
        design = Entry("design.index", "schema", gettext("流程设计"))
        found.append(Group(gettext("流程设计"), (design,)))
    return [group for group in (*found, *administrative()) if group.entries]


#: Roles that are led to 年度结转.
CLOSING_ROLES = frozenset({"perf_chief", "perf_staff", "budget_chief"})
#: The registers that have a link of their own; all are listed on the page of registers.
_LINKED = ("goal", "monitoring", "rectification", "disbursement", "adjustment")
_LINKED += ("self_evaluation", "key_evaluation", "result", "publication")


#: What those who are asked in for single cases find theirs in.
_FOR_GUESTS = ("key_evaluation",)


def _business() -> Sequence[Entry]:
    """Return what is begun, called for, approved and decided: what somebody does, by their posts."""
    posts = context.actor().posts
    roles = {post.role for post in posts}
    campaigns = Entry("campaigns.index", "calendar-check", gettext("年度活动"))
    offered = [
        (bool(offers.allowed(posts)), Entry("beginning.index", "send", gettext("发起事项"))),
        (not only_asked_in(), campaigns),
        (
            bool(roles & goal_approval.READERS),
            Entry("goal_approvals.page", "file-certificate", gettext("目标批复")),
        ),
        (bool(roles & {*CLERKS, *CHAIRS}), Entry("meetings.index", "users", gettext("上会"))),
        (bool(roles & LETTER_READERS), Entry("letters.page", "mail", gettext("公文"))),
        (bool(roles & READERS), Entry("key_evaluations.selection", "award", gettext("重点评价选题"))),
        (
            bool(roles & accountability.READERS),
            Entry("accountability.page", "alert-triangle", gettext("责任追究")),
        ),
    ]
    late = [
        (bool(roles & DEADLINE_ROLES), Entry("deadlines.page", "calendar-event", gettext("调整截止日"))),
        (bool(roles & CLOSING_ROLES), Entry("years.page", "arrow-guide", gettext("年度结转"))),
    ]
    return (*_shown(offered), *_midyear(), *_shown(late))


def _shown(entries: Sequence[tuple[bool, Entry]]) -> Sequence[Entry]:
    return [entry for may, entry in entries if may]


def _records() -> Sequence[Entry]:
    """Return the dashboard, the registers that have a link of their own, and all of them, with the year's report."""
    posts = context.actor().posts
    roles = {post.role for post in posts}
    if reads_only():
        found = [one for one in registers().values() if roles & one.reads.keys()]
    else:
        found = [registers()[name] for name in (_FOR_GUESTS if only_asked_in() else _LINKED)]
    links = [
        Entry(one.endpoint, one.icon, one.title(), args={"register": one.name} if _shared(one) else {})
        for one in found
    ]
    board = [Entry("dashboard.show", "chart-bar", gettext("绩效看板"))] if dashboard.may_see(posts) else []
    annual = [Entry("annual.index", "file-text", gettext("年度报告"))] if roles & dashboard.COUNTY else []
    return (*board, *links, *annual, Entry("registers.index", "list-details", gettext("全部台账")))


def _references() -> Sequence[Entry]:
    """Return what is looked up and kept by hand, and what comes from other systems."""
    learn = (
        [
            Entry("samples.page", "star", gettext("样本库")),
            Entry("library.page", "list-search", gettext("指标库")),
            Entry("books.index", "clipboard-check", gettext("登记簿")),
        ]
        if samples.may_read(context.actor().posts)
        else []
    )
    return (*learn, *_execution())


def _midyear() -> Sequence[Entry]:
    """Return what is begun by hand during the year: a unit's adjustments, the budget section's new projects."""
    posts = {post.role for post in context.actor().posts}
    asks = (
        [Entry("adjustments.choose", "adjustments", gettext("申请预算调整"))] if "unit_clerk" in posts else []
    )
    sheets = (
        [Entry("goal_workbooks.page", "file-spreadsheet", gettext("目标表批量填报"))]
        if "unit_clerk" in posts
        else []
    )
    adds = (
        [Entry("adjustments.new", "plus", gettext("新增项目"))]
        if posts & {"budget_staff", "budget_chief"}
        else []
    )
    return (*sheets, *asks, *adds)


#: Who imports execution figures.
IMPORTERS = frozenset(
    {"budget_staff", "budget_chief", "perf_staff", "perf_chief", "treasury_staff", "treasury_chief"}
)


def may_import() -> bool:
    """Whether the signed-in person imports execution figures."""
    return any(post.role in IMPORTERS for post in context.actor().posts)


def _execution() -> Sequence[Entry]:
    figures = (Entry("execution.page", "file-import", gettext("执行数据")),) if may_import() else ()
    brings = any(post.role in ("budget_staff", "budget_chief") for post in context.actor().posts)
    projects = (
        (
            Entry("project_import.page", "upload", gettext("项目和预算导入")),
            Entry("integration.page", "arrows-exchange", gettext("预算一体化衔接")),
        )
        if brings
        else ()
    )
    return (*figures, *projects)


def _shared(register: Register) -> bool:
    return register.endpoint == "registers.show"


def _operation() -> Group:
    return Group(
        gettext("流程运行"),
        (
            Entry("operate.overview", "activity", gettext("运行总览")),
            Entry("operate.cases", "list-search", gettext("流程实例")),
            Entry("operate.incidents", "alert-triangle", gettext("异常")),
            Entry("operate.proposals", "users", gettext("待第二人确认")),
            Entry("operate.migrations", "git-merge", gettext("版本迁移")),
            Entry("operate.archives", "file-text", gettext("归档")),
        ),
    )


def administrative() -> Sequence[Group]:
    """Return what an administrator may use, by their rights; nothing for anybody else."""
    rights = administration.rights()
    if not rights:
        return ()
    people = bool(rights & {Right.ACCOUNTS, Right.GRANTS})
    manage = [
        (people, Entry("admin.people.index", "users", gettext("人员"))),
        (people, Entry("admin.units.index", "building", gettext("单位与科室"))),
        (people, Entry("admin.roles.index", "id-badge-2", gettext("角色与岗位"))),
        (people, Entry("admin.exchange.index", "file-import", gettext("导入导出"))),
        (
            rights != {Right.LOGS},
            Entry("admin.approvals.index", "shield-check", gettext("待确认"), _to_confirm()),
        ),
        (
            bool(rights & {Right.GRANTS, Right.LOGS}),
            Entry("admin.audits.index", "user-check", gettext("审计账号")),
        ),
        (
            bool(rights & {Right.SECURITY, Right.SETTINGS}),
            Entry("admin.settings.index", "settings", gettext("设置")),
        ),
        (Right.SETTINGS in rights, Entry("admin.phrases.index", "pencil", gettext("常用意见"))),
        (
            bool(rights & {Right.SECURITY, Right.SETTINGS}),
            Entry("admin.profile.index", "adjustments", gettext("本县规则")),
        ),
        (Right.SETTINGS in rights, Entry("letters.templates", "file-text", gettext("公文模板"))),
        (Right.SETTINGS in rights, Entry("admin.channels.index", "bell", gettext("通知渠道"))),
    ]
    found = [Group(gettext("系统管理"), tuple(entry for may, entry in manage if may))]
    if Right.LOGS in rights:
        logs = (
            Entry("admin.logs.administered", "history", gettext("系统日志")),
            Entry("admin.logs.sign_ins", "login", gettext("登录日志")),
            Entry("admin.logs.reads", "eye", gettext("阅读日志")),
        )
        found.append(Group(gettext("日志"), logs))
    return tuple(group for group in found if group.entries)


def _to_confirm() -> str:
    """Return how many requests the administrator may confirm."""
    engine = context.engine()
    return capped(sum(why is None for _, why in engine.admin.approvals(context.actor())))


def _list(name: str, icon: str, key: str, count: str = "") -> Entry:
    """Return the link to a list, which opens with the person's default filter."""
    listed = rosters.ROSTERS[name]
    return Entry(listed.endpoint, icon, listed.heading(), count, key, preferences.opening(name))
