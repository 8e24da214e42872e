"""The thread of comments on a case, as the task page and the instance page show it; whom a comment mentions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext, ngettext

from engine import Comment, InstanceView
from web import people, record
from web.formatting import short_moment

#: A comment is no longer than this; the engine refuses more.
LONGEST = 2_000
#: As many people are looked up by the names that a comment calls them.
_MOST_NAMES = 20
_NAMED = re.compile(r"@([\w·]{1,30})")


class Piece(NamedTuple):
    """A part of a comment's text; ``mention`` where it names somebody who was told."""

    text: str
    mention: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One comment: ``struck`` says when it was taken back, and is empty while it stands."""

    number: int
    who: str
    at: str
    iso: str
    pieces: Sequence[Piece]
    struck: str
    may_strike: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """All of it; ``item_id`` is the task beside whose page it stands. ``text`` and ``error`` are of a refused comment."""

    instance_id: int
    item_id: int | None
    lines: Sequence[Line]
    note: str
    may_comment: bool
    people_address: str
    request_key: str
    longest: int = LONGEST
    text: str = ""
    error: str = ""

    def refused(self, text: str, error: str) -> Thread:
        """Return the thread with what was typed and why it was not taken."""
        return replace(self, text=text, error=error)


def thread(view: InstanceView, now: datetime, item_id: int | None = None) -> Thread:
    """Return the thread of a case as the person may read it."""
    standing = sum(comment.struck_at is None for comment in view.comments)
    return Thread(
        view.id,
        item_id,
        [_line(comment, now) for comment in view.comments],
        ngettext("%(num)d 条", "%(num)d 条", standing) if standing else "",
        view.may_comment,
        people.Scope(people.CASE, instance=view.id).address() if view.may_comment else "",
        secrets.token_urlsafe(18),
    )


def mentioned(instance_id: int, text: str, chosen: Iterable[str]) -> list[str]:
    """Return the principals whom a comment tells: those chosen whose name still stands in it, and those whom it names
    by a name that only one person who may see the case has.
    """
    known = {option.value: option.name for option in people.called(list(dict.fromkeys(chosen))[:_MOST_NAMES])}
    found = [principal for principal, name in known.items() if f"@{name}" in text]
    told = {known[principal] for principal in found}
    scope = people.Scope(people.CASE, instance=instance_id)
    for name in list(dict.fromkeys(_NAMED.findall(text)))[:_MOST_NAMES]:
        if any(name.startswith(one) for one in told):
            continue
        same = [
            option.value
            for group in people.offered(scope, name)
            for option in group.options
            if option.name == name
        ]
        if len(same) == 1:
            found.append(same[0])
    return list(dict.fromkeys(found))


def _line(comment: Comment, now: datetime) -> Line:
    return Line(
        comment.number,
        record.called(comment.author_name),
        short_moment(comment.at, now),
        comment.at.isoformat(),
        _pieces(comment.text, comment.mentions),
        gettext("这条评论已于 %(time)s 由本人撤下。", time=short_moment(comment.struck_at, now))
        if comment.struck_at
        else "",
        comment.may_strike,
    )


def _pieces(text: str, names: Sequence[str]) -> list[Piece]:
    """Cut a text at the names of those whom it told, the longest name first."""
    if not names:
        return [Piece(text, False)]
    told = "|".join(re.escape(f"@{name}") for name in sorted(names, key=len, reverse=True))
    return [Piece(part, index % 2 == 1) for index, part in enumerate(re.split(f"({told})", text)) if part]
