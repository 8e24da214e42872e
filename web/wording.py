"""The office's own words for roles, events and states, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

ROLES: Mapping[str, LazyString] = {
    "unit_clerk": lazy_gettext("绩效经办人"),
    "unit_head": lazy_gettext("单位负责人"),
    "section_staff": lazy_gettext("股室经办"),
    "section_chief": lazy_gettext("股室负责人"),
    "budget_staff": lazy_gettext("预算股经办"),
    "budget_chief": lazy_gettext("预算股负责人"),
    "perf_staff": lazy_gettext("绩效股经办"),
    "perf_chief": lazy_gettext("绩效股负责人"),
    "bureau_leader": lazy_gettext("局领导"),
    "admin": lazy_gettext("系统管理员"),
    "operator": lazy_gettext("运行干预人员"),
}


def role(name: str) -> str:
    """Return the role's title; a role that only a profile knows is shown by its own name."""
    return str(ROLES.get(name, name))
