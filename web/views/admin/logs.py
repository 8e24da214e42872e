"""系统日志, 登录日志, 阅读日志: who administered, who signed in, who read what not everybody may; each can be exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from engine.admin.logs import Administered, LogPage, LogQuery
from engine.admin.rights import Right
from web import administration, context, event_words, xlsx
from web.administration import asked, day, needs

blueprint = Blueprint("logs", __name__, url_prefix="/logs")
#: As many lines go into a workbook at most.
MOST = 50_000


@dataclass(frozen=True, slots=True)
class Line:
    """An event as the page tells it: who did what to whom, and what was changed."""

    at: datetime
    who: str
    what: str
    about: str
    changes: Sequence[str]
    kind: str


def query() -> LogQuery:
    """Return what the address asks for; a day that can't be read narrows nothing."""
    return LogQuery(
        text=asked("text"),
        person=asked("person"),
        kind=asked("kind", 60),
        since=day(asked("since")),
        until=day(asked("until")),
        before=asked("before", 200),
    )


def described(rows: Sequence[Administered]) -> list[Line]:
    """Return events in words."""
    people = {row.actor for row in rows}
    people |= {
        f"user:{row.body[name]}" for row in rows for name in ("person", "substitute") if row.body.get(name)
    }
    call = administration.named([one for one in people if isinstance(one, str)])
    orgs = {org.code: org.name for org in context.engine().people.orgs()}
    return [
        Line(
            row.at,
            call(row.actor),
            event_words.what(row.kind, row.body),
            event_words.about(row.body, call, orgs),
            event_words.changes(row.body, orgs),
            row.kind,
        )
        for row in rows
    ]


@blueprint.get("/")
@needs(Right.LOGS)
def administered() -> Any:
    """Show what administrators did."""
    wanted = query()
    page = context.engine().admin.administered(context.actor(), wanted)
    return _page("administered", wanted, page, described(page.rows), event_words.groups())


@blueprint.get("/sign-ins")
@needs(Right.LOGS)
def sign_ins() -> Any:
    """Show who signed in and who was turned away."""
    wanted = query()
    page = context.engine().admin.sign_ins(context.actor(), wanted)
    call = administration.named([row.account for row in page.rows])
    rows = [(row, call(row.account)) for row in page.rows]
    return _page("sign_ins", wanted, page, rows, event_words.sign_ins())


@blueprint.get("/reads")
@needs(Right.LOGS)
def reads() -> Any:
    """Show who read sensitive records."""
    wanted = query()
    page = context.engine().admin.reads(context.actor(), wanted)
    call = administration.named([row.person for row in page.rows])
    rows = [(row, call(row.person)) for row in page.rows]
    return _page("reads", wanted, page, rows, event_words.reasons())


def _page(kind: str, wanted: LogQuery, page: LogPage, rows: Sequence[Any], choices: Mapping[str, str]) -> Any:
    kept = {
        name: value
        for name, value in (
            ("text", wanted.text),
            ("person", wanted.person),
            ("kind", wanted.kind),
            ("since", wanted.since),
            ("until", wanted.until),
        )
        if value
    }
    tabs = {
        "administered": gettext("系统日志"),
        "sign_ins": gettext("登录日志"),
        "reads": gettext("阅读日志"),
    }
    return render_template(
        "admin/logs.html",
        kind=kind,
        title=tabs[kind],
        wanted=wanted,
        kept=kept,
        rows=rows,
        next=page.next,
        choices=choices,
        months=context.engine().admin.setting("logs")["months"],
        sign_in_words=event_words.sign_ins(),
        reasons=event_words.reasons(),
        export=url_for("admin.logs.export", name=kind, **kept),
    )


@blueprint.get("/export/<any(administered, sign_ins, reads):name>")
@needs(Right.LOGS)
def export(name: str) -> Any:
    """Return a log as a workbook, narrowed as the page is."""
    engine, actor = context.engine(), context.actor()
    ask = getattr(engine.admin, name)
    rows: list[Any] = []
    wanted = replace(query(), before="", limit=1000)
    while len(rows) < MOST:
        page = ask(actor, wanted)
        rows += page.rows
        if page.next is None:
            break
        wanted = replace(wanted, before=page.next)
    sheet = {"administered": _administered, "sign_ins": _sign_ins, "reads": _reads}[name](rows)
    return xlsx.download(sheet.title, [sheet])


def _administered(rows: Sequence[Any]) -> xlsx.Sheet:
    lines = [(line.at, line.who, line.what, line.about, "；".join(line.changes)) for line in described(rows)]
    headings = (gettext("时间"), gettext("操作人"), gettext("操作"), gettext("对象"), gettext("改动"))
    return xlsx.Sheet(gettext("系统日志"), headings, lines, (18, 14, 18, 28, 60))


def _sign_ins(rows: Sequence[Any]) -> xlsx.Sheet:
    words, call = event_words.sign_ins(), administration.named([row.account for row in rows])
    lines = [
        (
            row.at,
            row.account,
            call(row.account),
            words.get(row.what, row.what),
            row.how,
            row.address,
            row.agent,
        )
        for row in rows
    ]
    headings = (
        gettext("时间"),
        gettext("账号"),
        gettext("姓名"),
        gettext("结果"),
        gettext("方式"),
        gettext("地址"),
        gettext("浏览器"),
    )
    return xlsx.Sheet(gettext("登录日志"), headings, lines, (18, 20, 14, 16, 12, 18, 60))


def _reads(rows: Sequence[Any]) -> xlsx.Sheet:
    words, call = event_words.reasons(), administration.named([row.person for row in rows])
    lines = [
        (
            row.at,
            call(row.person),
            row.person,
            row.instance_id,
            row.names,
            words.get(row.why, row.why),
            row.address,
        )
        for row in rows
    ]
    headings = (
        gettext("时间"),
        gettext("姓名"),
        gettext("账号"),
        gettext("事项编号"),
        gettext("内容"),
        gettext("原因"),
        gettext("地址"),
    )
    return xlsx.Sheet(gettext("阅读日志"), headings, lines, (18, 14, 20, 12, 50, 24, 18))
