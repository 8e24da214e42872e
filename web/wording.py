"""The office's own words for roles, events and states, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g
from flask_babel import gettext

import workflows
from engine import PostView
from engine.identity import Post
from web import context
from workflows import profiles


def section() -> str:
    """Return the county's word for a section of the finance bureau: 股, 科 or 处; English has one word for all."""
    if context.language() == "en":
        return "section"
    if "section_word" not in g:
        g.section_word = profiles.of(context.engine()).value("wording.section")
    return str(g.section_word)


def said(text: str) -> str:
    """Return a process's own word (a step, an outcome, its name) in the page's language, where we have it in English."""
    if context.language() != "en":
        return text
    if "process_words" not in g:
        g.process_words = workflows.english(context.engine())
    return str(g.process_words.get(text, text))


def _roles(section: str) -> Mapping[str, str]:
    return {
        "unit_clerk": gettext("绩效经办人"),
        "unit_head": gettext("单位负责人"),
        "section_staff": gettext("%(section)s室经办", section=section),
        "section_chief": gettext("%(section)s室负责人", section=section),
        "budget_staff": gettext("预算%(section)s经办", section=section),
        "budget_chief": gettext("预算%(section)s负责人", section=section),
        "perf_staff": gettext("绩效%(section)s经办", section=section),
        "perf_chief": gettext("绩效%(section)s负责人", section=section),
        "treasury_staff": gettext("国库%(section)s经办", section=section),
        "treasury_chief": gettext("国库%(section)s负责人", section=section),
        "invest_staff": gettext("投资评审经办"),
        "invest_chief": gettext("投资评审负责人"),
        "supervision_staff": gettext("财政监督经办"),
        "supervision_chief": gettext("财政监督负责人"),
        "deputy_leader": gettext("分管局领导"),
        "bureau_leader": gettext("局领导"),
        "agency_member": gettext("第三方机构成员"),
        "agency_lead": gettext("第三方机构主评人"),
        "expert": gettext("评审专家"),
        "procurement": gettext("政府采购管理"),
        "congress": gettext("人大查阅"),
        "discipline": gettext("纪检监察"),
        "leading_group": gettext("绩效管理领导小组"),
        "admin": gettext("系统管理员"),
        "sys_admin": gettext("系统管理员（三员）"),
        "sec_admin": gettext("安全管理员"),
        "audit_admin": gettext("审计管理员"),
        "auditor": gettext("审计查阅"),
        "operator": gettext("运行干预人员"),
        "designer": gettext("流程设计人员"),
    }


def _titles() -> Mapping[str, str]:
    """Return the roles' titles in the page's language, put together once a page."""
    language = context.language()
    kept: tuple[str, Mapping[str, str]] | None = g.get("role_titles")
    if kept is None or kept[0] != language:
        kept = g.role_titles = (language, _roles(section()))
    return kept[1]


def known_roles() -> Sequence[str]:
    """Return the roles that have a title, in the order of the office."""
    return tuple(_titles())


def role(name: str) -> str:
    """Return the role's title; a role that only a profile knows is shown by its own name."""
    return _titles().get(name, name)


def roles_named(text: str) -> list[str]:
    """Return the roles whose title has ``text`` in it."""
    return [name for name, title in _titles().items() if text.lower() in title.lower()]


def post(held: Post | PostView) -> str:
    """Return a post's title: the organisation and the role, 县教育局 绩效经办人."""
    return f"{held.org_name} {role(held.role)}"
