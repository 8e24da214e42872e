"""上会: meetings with their agendas, printed, held in one table, the minutes attached once, results item by item."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import forms
from budget import meetings
from budget.answers import day
from budget.letters import LetterKind, LetterState
from budget.meetings import MeetingError, MeetingKind, MeetingState
from budget.tables import Letter, Meeting, MeetingItem
from engine import TaskView
from engine.errors import BihuanError
from engine.identity import Actor, names
from engine.values import dump_json, load_json, load_plain
from web import context, once
from web.printing import pdf
from web.typed import drafted
from web.views import letters
from workflows import meetings as holding
from workflows.letter import starting
from workflows.meetings import CHAIRS, CHAIRS_OF, CLERKS

blueprint = Blueprint("meetings", __name__)

_MOST, _LONGEST, _LONGEST_REMARK, _LONGEST_ATTENDEES = 100, 200, 1000, 1000
_TONES = {MeetingState.CLOSED: "ok", MeetingState.HELD: "warn"}


def _clerk() -> bool:
    return any(post.role in CLERKS for post in context.actor().posts)


def _chairs() -> dict[MeetingKind, dict[str, str]]:
    """Return who may chair a meeting of each kind: name by account."""
    engine = context.engine()
    members = {role: engine.people.members(role) for role in sorted(frozenset().union(*CHAIRS_OF.values()))}
    said = engine.people.names(sorted({one for people in members.values() for one in people}))
    return {
        kind: {
            one.removeprefix("user:"): said.get(one, one)
            for one in sorted({one for role in roles for one in members[role]})
        }
        for kind, roles in CHAIRS_OF.items()
    }


def _may_read(meeting: Meeting) -> None:
    if not _clerk() and meeting.chair != context.actor().person:
        abort(404)


@blueprint.get("/meetings")
def index() -> Any:
    """List the meetings, the newest first; whoever prepares them sees all, a chair their own."""
    chairs = any(post.role in CHAIRS for post in context.actor().posts)
    if not _clerk() and not chairs:
        abort(403)
    query = select(Meeting).options(selectinload(Meeting.items))
    query = query.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(_MOST)
    if not _clerk():
        query = query.where(Meeting.chair == context.actor().person)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(query).all()
        return render_template(
            "meetings/index.html",
            found=found,
            name=meetings.name,
            kinds=MeetingKind,
            states=MeetingState,
            tones=_TONES,
            said=lambda codes, code: getattr(codes(code), context.language()),
            people=names(session, [f"user:{one.chair}" for one in found]),
            chairs=_chairs() if _clerk() else {},
            may_convene=_clerk(),
        )


@blueprint.post("/meetings")
def convene() -> Any:
    """Convene a meeting."""
    if not _clerk():
        abort(403)
    given = {one: request.form.get(one, "").strip()[:_LONGEST] for one in ("kind", "title", "place", "chair")}
    held_on = day(request.form.get("held_on"))
    if given["kind"] not in MeetingKind.__members__:
        abort(400)
    if given["chair"] not in _chairs()[MeetingKind[given["kind"]]]:
        flash(gettext("局长办公会由局领导或绩效、预算的负责人主持，专家会也可以由专家主持。"), "error")
        return redirect(url_for("meetings.index"), code=303)
    if not given["title"] or held_on is None:
        flash(gettext("请填写会议名称和日期。"), "error")
        return redirect(url_for("meetings.index"), code=303)

    def write(session: Session) -> Mapping[str, Any]:
        made = meetings.convene(
            session,
            MeetingKind[given["kind"]],
            title=given["title"],
            held_on=held_on,
            place=given["place"],
            chair=given["chair"],
            attendees=request.form.get("attendees", "").strip()[:_LONGEST_ATTENDEES],
            by=context.actor().principal,
            now=context.now(),
        )
        return {"meeting": made.id}

    return redirect(url_for("meetings.show", meeting_id=once.written(write)["meeting"]), code=303)


def _chair(meeting: Meeting) -> Actor:
    return context.engine().actor(meeting.chair)


@blueprint.get("/meetings/<int:meeting_id>")
def show(meeting_id: int) -> Any:
    """Show the agenda with its decisions and results, and what could be put on it."""
    engine = context.engine()
    with engine.database.read() as unit, Session(unit.connection) as session:
        meeting = session.get(Meeting, meeting_id) or abort(404)
        _may_read(meeting)
        chair = _chair(meeting)
        on = {item.item_id for item in meeting.items}
        prepared = meeting.state == MeetingState.PREPARED
        drafted_letters = session.scalars(
            select(Letter)
            .where(Letter.meeting_id == meeting_id, Letter.state != LetterState.CANCELLED)
            .order_by(Letter.instance_id)
        ).all()
        waiting = [one for one in holding.offered(engine, chair) if one.item_id not in on] if prepared else []
        return render_template(
            "meetings/page.html",
            meeting=meeting,
            name=meetings.name(meeting),
            chair=chair.name,
            outcomes=holding.outcomes(engine, chair, [item for item in meeting.items if not item.done_at]),
            drafted=drafted_letters,
            letter_states=LetterState,
            filled={item.id: load_plain(item.answers)["missing"] for item in meeting.items if item.answers},
            failures={
                item.id: json.loads(item.failure)[context.language()]
                for item in meeting.items
                if item.failure
            },
            waiting=waiting,
            states=MeetingState,
            said=lambda codes, code: getattr(codes(code), context.language()),
            tones=_TONES,
            open=meeting.state != MeetingState.CLOSED,
            prepared=prepared,
            may_prepare=_clerk() and prepared,
            may_take_off=_clerk() and meeting.state != MeetingState.CLOSED,
            may_record=_clerk() or chair.person == context.actor().person,
            may_hold=chair.person == context.actor().person,
        )


def _changed(session: Session, meeting_id: int) -> Meeting:
    meeting = session.get(Meeting, meeting_id) or abort(404)
    _may_read(meeting)
    if meeting.state == MeetingState.CLOSED:
        abort(409)
    return meeting


@blueprint.post("/meetings/<int:meeting_id>/agenda")
def agenda(meeting_id: int) -> Any:
    """Put ticked items on the agenda, or take one off."""
    if not _clerk():
        abort(404)
    engine = context.engine()
    with engine.database.read() as unit, Session(unit.connection) as session:
        chair = _chair(_changed(session, meeting_id))
    picked = {int(one) for one in request.form.getlist("item") if one.isdecimal() and len(one) <= 18}
    found = [one for one in holding.offered(engine, chair) if one.item_id in picked] if picked else []
    off = request.form.get("off", "")
    try:
        with engine.database.write() as unit, unit.savepoint() as session:
            meeting = _changed(session, meeting_id)
            there = {item.item_id for item in meeting.items}  # a second click finds them on it
            for one in (one for one in found if one.item_id not in there):
                meetings.put_on(
                    session,
                    meeting,
                    item_id=one.item_id,
                    instance_id=one.instance_id,
                    step=one.step,
                    subject=one.subject,
                    unit=one.unit,
                )
            for item in [one for one in meeting.items if str(one.id) == off]:
                meetings.take_off(session, meeting, item)
    except MeetingError:
        flash(gettext("有的事项已在别的会议议程里，或者已经办结。"), "error")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)


@blueprint.post("/meetings/<int:meeting_id>/decisions")
def record(meeting_id: int) -> Any:
    """Write the decisions of all items down, and keep the minutes where a file was given."""
    if _saved(meeting_id):
        flash(gettext("会议决定已保存，由主持人确认后办理。"), "ok")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)


def _saved(meeting_id: int) -> bool:
    """Keep what the table of decisions says; tell whether the file of minutes, where there is one, was kept too."""
    engine = context.engine()
    with engine.database.read() as unit, Session(unit.connection) as session:
        meeting = _changed(session, meeting_id)
        chair = _chair(meeting)
        allowed = holding.outcomes(engine, chair, meeting.items)
    decisions = {}
    for id, outcomes in allowed.items():
        if f"decision-{id}" not in request.form:
            continue
        decision = request.form[f"decision-{id}"]
        remark = request.form.get(f"remark-{id}", "").strip()[:_LONGEST_REMARK]
        decisions[id] = (decision if decision in outcomes else "", remark)
    kept, stored, file = True, None, request.files.get("minutes")
    if file is not None and file.filename and engine.store is not None:
        try:
            stored = engine.store.put(file.filename, file.stream)
        except BihuanError as error:
            kept = False
            flash(error.message(context.language()), "error")
    with engine.database.write() as unit, unit.savepoint() as session:
        meeting = _changed(session, meeting_id)
        meetings.decide(meeting, decisions)
        if stored is not None and file is not None:
            meeting.minutes_name, meeting.minutes_sha256 = str(file.filename)[:300], stored.sha256
    return kept


@blueprint.route("/meetings/<int:meeting_id>/items/<int:item_id>", methods=["GET", "POST"])
def form(meeting_id: int, item_id: int) -> Any:
    """Fill in the form of an item's step, as the meeting decides it; what is wrong with it is told before it is held."""
    engine = context.engine()
    with engine.database.read() as unit, Session(unit.connection) as session:
        meeting = _changed(session, meeting_id)
        item = next((one for one in meeting.items if one.id == item_id), None) or abort(404)
        chair = _chair(meeting)
        task = holding.task_of(engine, chair, item)
        session.expunge_all()
    if task is None or item.done_at is not None:
        abort(404)
    mine = chair.person == context.actor().person
    if not mine:
        engine.instance(item.instance_id, context.actor())
    if task.form_source is None:
        flash(gettext("这一步没有表单，写明决定和说明即可。"), "ok")
        return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)
    shape, base = forms.read(task.form_source), _base(task, item, mine=mine)
    answers, findings = base, []
    if request.method == "POST":
        answers = forms.decode(shape, request.form, base, task.variables)
        findings = forms.check(shape, answers, task.variables, context.environment())
        kept = {"answers": answers, "missing": sum(one.blocks for one in findings)}
        with engine.database.write() as unit, unit.savepoint() as session:
            try:
                meetings.fill(session.get_one(MeetingItem, item_id), dump_json(kept))
            except MeetingError:
                abort(409)
        if not any(one.blocks for one in findings):
            flash(gettext("“%(subject)s”的表单已保存，按会议决定办理时提交。", subject=item.subject), "ok")
            return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)
    view = forms.view(
        shape, answers, task.variables, context.environment(), findings=findings, previous=task.previous
    )
    body = render_template(
        "meetings/form.html",
        meeting=meeting,
        item=item,
        name=meetings.name(meeting),
        drawn=forms.render(view, context.language()),
        missing=sum(one.blocks for one in findings),
        opens=mine,
    )
    return body, 422 if findings and request.method == "POST" else 200


def _base(task: TaskView, item: MeetingItem, *, mine: bool) -> dict[str, Any]:
    """Return what the form begins with: what the meeting wrote, else the chair's page; a draft of theirs is their own."""
    if item.answers is not None:
        return dict(load_json(item.answers)["answers"])
    if not mine and task.draft_saved_at is not None:
        return {}
    return dict(drafted(task).answers or {})


@blueprint.post("/meetings/<int:meeting_id>/minutes")
def draft_minutes(meeting_id: int) -> Any:
    """Begin the minutes as a letter that says what was decided."""
    if not _clerk():
        abort(404)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        meeting = session.get(Meeting, meeting_id) or abort(404)
        wording = letters.wording_of(session, LetterKind.MINUTES)
        asked = starting.minutes(session, meeting, _chair(meeting).name, wording=wording)
    return letters.begun(asked.variables)


@blueprint.post("/meetings/<int:meeting_id>/minutes/<int:instance_id>")
def take_minutes(meeting_id: int, instance_id: int) -> Any:
    """Let the signed letter be the meeting's minutes, which are attached to every case."""
    engine = context.engine()
    engine.instance(instance_id, context.actor())
    with engine.database.read() as unit, Session(unit.connection) as session:
        _changed(session, meeting_id)
        letter = session.get(Letter, instance_id)
        if letter is None or letter.meeting_id != meeting_id or letter.number is None:
            abort(404)
        name, body = f"{letter.number}{letter.title}.pdf"[:300], letters.pdf_of(session, letter)
    if engine.store is None:
        abort(404)
    stored = engine.store.put(name, io.BytesIO(body))
    with engine.database.write() as unit, unit.savepoint() as session:
        meeting = _changed(session, meeting_id)
        meeting.minutes_name, meeting.minutes_sha256 = name, stored.sha256
    flash(gettext("已作为本次会议的纪要，办理时附到每一项。"), "ok")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)


@blueprint.post("/meetings/<int:meeting_id>/hold")
def hold(meeting_id: int) -> Any:
    """Let the cases move as was decided, what stands in the table now included; only the chair does."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        meeting = session.get(Meeting, meeting_id) or abort(404)
        _may_read(meeting)
        if meeting.state == MeetingState.CLOSED:  # a second click: the page says what came of the first
            return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)
    if not _saved(meeting_id):
        return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)
    try:
        moved, failed = holding.hold(context.engine(), meeting_id, context.actor())
    except MeetingError:
        flash(gettext("先写明每一项的决定并上传会议纪要，再由主持人办理。"), "error")
        return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)
    if failed:
        flash(
            gettext("办成 %(moved)s 项，%(failed)s 项没有办成，原因见表。", moved=moved, failed=failed),
            "warning",
        )
    else:
        flash(gettext("%(moved)s 项全部办成，会议办结。", moved=moved), "ok")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), code=303)


@blueprint.get("/meetings/<int:meeting_id>.pdf")
def printed(meeting_id: int) -> Any:
    """Give the agenda as PDF, with the decisions that are written down."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        meeting = session.get(Meeting, meeting_id) or abort(404)
        _may_read(meeting)
        items: list[MeetingItem] = list(meeting.items)
        name = meetings.name(meeting)
        body = pdf(
            render_template(
                "meetings/agenda.html", meeting=meeting, items=items, name=name, chair=_chair(meeting).name
            ),
            title=name,
            author=context.county_name(),
            foot=name,
            pages=gettext("第 {page} 页 共 {pages} 页"),
            font=current_app.config["PDF_FONT"],
        )
    response = Response(body, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.pdf"
    return response


@blueprint.get("/meetings/<int:meeting_id>/minutes")
def minutes(meeting_id: int) -> Any:
    """Send the minutes as they were uploaded."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        meeting = session.get(Meeting, meeting_id) or abort(404)
        _may_read(meeting)
        name, sha256 = str(meeting.minutes_name), meeting.minutes_sha256
    store = context.engine().store
    path = store.path(sha256) if store is not None and sha256 is not None else None
    if path is None:
        abort(404)
    response = send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=name)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
