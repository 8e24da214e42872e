"""The left navigation: what exists and what the person may use, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from web import context


@dataclass(frozen=True, slots=True)
class Entry:
    """One link: the endpoint, its icon and label, and a capped count where there is one."""

    endpoint: str
    icon: str
    label: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Links under a heading."""

    label: str
    entries: Sequence[Entry]


#: Roles that configure the system and take no part in its business.
NO_BUSINESS = frozenset({"admin"})


def has_business() -> bool:
    """Whether the person holds a post that takes part in the county's business."""
    return any(post.role not in NO_BUSINESS for post in context.actor().posts)


def groups(waiting: str) -> Sequence[Group]:
    """Return the navigation of the signed-in person; ``waiting`` is the count of open items."""
    own = Group(
        gettext("我的事项"),
        (
            Entry("inbox.waiting", "inbox", gettext("待办"), waiting),
            Entry("inbox.done", "circle-check", gettext("已办")),
            Entry("inbox.started", "send", gettext("我发起的")),
        ),
    )
    if not has_business():
        return (own,)
    return (own, Group(gettext("绩效业务"), (Entry("goals.register_page", "target", gettext("目标申报")),)))
