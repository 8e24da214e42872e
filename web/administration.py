"""Who may enter the pages of administration, and the words that they use for rights, states and events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from flask import abort, g, request
from flask_babel import gettext

from engine import BihuanError, Organisation
from engine.admin.rights import Right
from engine.admin.sessions import Place
from web import context, given, wording

View = TypeVar("View", bound=Callable[..., Any])

#: The kinds of organisations that the pages offer.
KINDS = ("unit", "section", "bureau", "department", "agency", "experts", "system")


def rights() -> frozenset[Right]:
    """Return the administrative rights of who is signed in."""
    if "rights" not in g:
        actor = context.actor()
        g.rights = context.engine().admin.rights(actor) if actor.is_admin else frozenset()
    return g.rights  # type: ignore[no-any-return]


def needs(*wanted: Right) -> Callable[[View], View]:
    """Let a view be seen only by those who have one of these rights; the engine asks again at each command."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **named: Any) -> Any:
            if rights().isdisjoint(wanted):
                abort(403)
            return view(*args, **named)

        return guarded  # type: ignore[return-value]

    return decorate


def place() -> Place:
    """Return from where the request comes."""
    return Place(request.remote_addr or "", request.user_agent.string)


def _cleaned(text: str, longest: int) -> str:
    """Return a text without the space around it, and without what no database takes."""
    return text.replace("\x00", "").strip()[:longest]


def typed(name: str, longest: int = 500) -> str:
    """Return what was typed into a field, without the space around it."""
    return _cleaned(request.form.get(name, ""), longest)


def asked(name: str, longest: int = 100) -> str:
    """Return what the address asks for."""
    return _cleaned(request.args.get(name, ""), longest)


def day(text: str) -> date | None:
    """Return the day of a date field, None for an empty one; raises :class:`BihuanError` for anything else."""
    if not text:
        return None
    try:
        return given.day(text)
    except ValueError:
        raise BihuanError("time.unreadable", text=text) from None


def kind_words() -> Mapping[str, str]:
    """Return what the kinds of organisations are called."""
    return {
        "unit": gettext("预算单位"),
        "section": gettext("财政局%(section)s室", section=wording.section()),
        "bureau": gettext("财政局"),
        "department": gettext("主管部门"),
        "agency": gettext("第三方机构"),
        "experts": gettext("专家库"),
        "outside": gettext("局外机构"),
        "system": gettext("系统管理"),
        "": gettext("其他"),
    }


def role_words() -> Mapping[str, str]:
    """Return the roles that can be given, with their titles: those of the office first, then those of administration."""
    roles = {role: wording.role(role) for role in wording.known_roles()}
    for role in context.engine().admin.roles(context.actor()):
        roles.setdefault(role, wording.role(role))
    roles.pop("auditor", None)
    if context.engine().admin.separated():
        roles.pop("admin", None)
    return roles


def org_choices(organisations: Sequence[Organisation]) -> Sequence[tuple[str, str]]:
    """Return organisations as the choices of a field: code, and name with the code."""
    return [(org.code, f"{org.name}（{org.code}）") for org in organisations]


def approval_words() -> Mapping[str, str]:
    """Return what the requests for a second person are called."""
    return {
        "reset_password": gettext("重置密码"),
        "unlock": gettext("解除锁定"),
        "separate": gettext("三员分立"),
        "secret_unit": gettext("变更涉密标识"),
        "profile": gettext("修改本县规则"),
    }


def state_words() -> Mapping[str, tuple[str, str]]:
    """Return the states of people, posts, organisations and requests: the word, and the tone of its tag."""
    return {
        "active": (gettext("启用"), "ok"),
        "locked": (gettext("已锁定"), "bad"),
        "closed": (gettext("已停用"), ""),
        "held": (gettext("在任"), "ok"),
        "coming": (gettext("未到任"), "warn"),
        "over": (gettext("已到期"), ""),
        "open": (gettext("待确认"), "warn"),
        "confirmed": (gettext("已确认"), "ok"),
        "declined": (gettext("未同意"), ""),
        "expired": (gettext("已过期"), ""),
    }


def named(principals: Iterator[str] | Sequence[str]) -> Callable[[str], str]:
    """Return a function that calls people by their names: for principals, and for ``system``."""
    wanted = {one if ":" in one else f"user:{one}" for one in principals if one and one != "system"}
    known = context.engine().people.names(wanted)

    def call(principal: str | None) -> str:
        if not principal:
            return ""
        if principal == "system":
            return gettext("系统")
        return known.get(
            principal if ":" in principal else f"user:{principal}", principal.removeprefix("user:")
        )

    return call
