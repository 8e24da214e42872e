"""The service tasks of a publication: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from budget import cases
from budget.answers import day, text
from budget.cases import CaseKind, CaseState
from budget.money import wan_from_fen
from budget.publishing import records
from budget.publishing.codes import Audience, Channel, PublicationKind
from budget.publishing.content import Content
from budget.publishing.records import PublicationError
from engine.calendar import CLOSES, ZONE, load_working_days
from engine.plugins import Document, HandlerContext, handler

#: When a county's offices put things online.
_MORNING = time(9)


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise PublicationError(f"instance {context.instance.id} has no document {name}")
    return document


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["publication"]
    return rules


def _kind(context: HandlerContext) -> PublicationKind:
    return PublicationKind(context.variables["publication"]["kind"])


def _today(context: HandlerContext) -> date:
    return context.now.astimezone(ZONE).date()


def _unopen(context: HandlerContext) -> None:
    records.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("publication.open", undo=_unopen)
def open_publication(context: HandlerContext) -> Mapping[str, Any]:
    """Collect what the unit has to publish, redacted; what a correction corrects is taken down."""
    variables, session = context.variables, context.session
    about, unit, rules = variables["publication"], variables["unit"], _rules(context)
    due = datetime.fromisoformat(variables["deadline"])
    cases.open_case(
        session,
        context.instance.id,
        CaseKind.PUBLICATION,
        fiscal_year=int(about["year"]),
        now=context.now,
        unit=unit["code"],
        campaign=variables["campaign"],
        due=due,
    )
    found = records.open_publication(
        session,
        context.instance.id,
        unit=unit["code"],
        fiscal_year=int(about["year"]),
        kind=_kind(context),
        redact=rules["redact"],
        now=context.now,
        due_on=due.astimezone(ZONE).date(),
        replaces=None if about["replaces"] is None else int(about["replaces"]),
    )
    return {
        "is_secret": unit["secret"] is True,
        "scope": rules[_kind(context).setting],
        "count": len(found.items),
        "version": found.version,
    }


def _undecide(context: HandlerContext) -> None:
    records.publication_of(context.session, context.instance.id).audience = None


@handler("publication.decided", undo=_undecide)
def note_audience(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what D09 decided; ``items`` is what the unit confirms."""
    records.decide(context.session, context.instance.id, Audience(context.variables["audience"]))
    found = records.publication_of(context.session, context.instance.id)
    return {
        "audience_name": Audience(context.variables["audience"]).zh,
        "items": [
            {
                "code": item.code,
                "name": item.name,
                "amount": None if item.amount is None else wan_from_fen(item.amount),
                "preview": Content.read(item.content).text,
                "publish": True,
            }
            for item in found.items
        ],
    }


def _unconfirm(context: HandlerContext) -> None:
    records.unconfirm(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("publication.confirmed", undo=_unconfirm)
def note_confirmation(context: HandlerContext) -> Mapping[str, Any]:
    """Take over what the unit confirmed; ``published`` is how many items go out."""
    document = _document(context, "content")
    count = records.confirm(
        context.session,
        context.instance.id,
        document.body,
        _rules(context)["redact"],
        by=document.author or "system",
        now=context.now,
    )
    cases.submitted(context.session, context.instance.id, context.now)
    return {"published": count}


def _unreview(context: HandlerContext) -> None:
    records.reviewed(context.session, context.instance.id, None, None)


@handler("publication.reviewed", undo=_unreview)
def note_review(context: HandlerContext) -> None:
    """Keep who agreed for the performance section: the second pair of eyes."""
    document = _document(context, "review")
    records.reviewed(context.session, context.instance.id, document.author, context.now)


def _unreturn(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("publication.returned", undo=_unreturn)
def send_back(context: HandlerContext) -> None:
    """Send it back to the unit, which confirms it again."""
    records.unconfirm(context.session, context.instance.id)
    cases.returned(context.session, context.instance.id)


def _end_notice(context: HandlerContext) -> None:
    records.end_notice(context.session, context.instance.id)


@handler("publication.notice", undo=_end_notice)
def begin_notice(context: HandlerContext) -> Mapping[str, Any]:
    """Put it on show for the working days of the county's rules."""
    days = int(_rules(context)["notice_days"])
    last = load_working_days(context.session).add(_today(context), days)
    until = datetime.combine(last, CLOSES, ZONE)
    records.begin_notice(context.session, context.instance.id, context.now, until)
    return {"notice_until": until.isoformat(), "notice_key": str(context.instance.id)}


def _forget_objection(context: HandlerContext) -> None:
    records.forget_objection(context.session, context.instance.id)


@handler("publication.objected", undo=_forget_objection)
def note_objection(context: HandlerContext) -> Mapping[str, Any]:
    """Write down what somebody objected to; the oldest open objection is settled first."""
    document = _document(context, "objection")
    records.object_to(
        context.session, context.instance.id, document.body, by=document.author or "system", now=context.now
    )
    return {"objection": _objection(context)}


def _objection(context: HandlerContext) -> Mapping[str, Any] | None:
    """Return the oldest open objection as the form shows it; who made it is no variable."""
    found = records.pending(context.session, context.instance.id)
    if found is None:
        return None
    return {"content": found.content, "received_on": found.received_on.isoformat()}


@handler("publication.pending")
def next_objection(context: HandlerContext) -> Mapping[str, Any]:
    """Say whether an objection is open, and whether the notice is over: with one open nothing is released."""
    until = datetime.fromisoformat(context.variables["notice_until"])
    return {"objection": _objection(context), "notice_is_over": context.now >= until}


def _unsettle(context: HandlerContext) -> None:
    records.settle(context.session, context.instance.id, upheld=None, answer="", by=None, now=None)


@handler("publication.settled", undo=_unsettle)
def settle(context: HandlerContext) -> Mapping[str, Any]:
    """Decide on an objection."""
    document = _document(context, "settlement")
    upheld = context.variables["outcome"] == "异议成立"
    records.settle(
        context.session,
        context.instance.id,
        upheld=upheld,
        answer=text(document.body.get("answer")),
        by=document.author,
        now=context.now,
    )
    return {"upheld": upheld}


def _unrelease(context: HandlerContext) -> None:
    records.unrelease(context.session, context.instance.id)


@handler("publication.release", undo=_unrelease)
def release(context: HandlerContext) -> Mapping[str, Any]:
    """Freeze it: it may be put online at once, or from the county's common day on (集中公开, S3-09)."""
    today = _today(context)
    common = _rules(context)["release"].get(_kind(context).value, "")
    on = today
    if common and not context.variables["publication"]["replaces"]:
        on = max(today, date.fromisoformat(f"{today.year}-{common}"))
    found = records.release(context.session, context.instance.id, on)
    opens = context.now if on == today else datetime.combine(on, _MORNING, ZONE)
    return {"release_on": on.isoformat(), "release_at": opens.isoformat(), "sha256": found.sha256}


def _unpost(context: HandlerContext, channel: Channel) -> None:
    records.unposted(context.session, context.instance.id, channel)


def _post(context: HandlerContext, channel: Channel, document: Document) -> None:
    files = document.body.get("screenshot") or ()
    records.posted(
        context.session,
        context.instance.id,
        channel,
        url=text(document.body.get("url")),
        published_on=day(document.body.get("published_on")) or _today(context),
        screenshot=",".join(str(one) for one in files),
        by=document.author or "system",
        now=context.now,
    )


@handler("publication.posted_gov", undo=lambda context: _unpost(context, Channel.GOV))
def note_government_site(context: HandlerContext) -> None:
    """Note where it stands on the government's website."""
    _post(context, Channel.GOV, _document(context, "gov_post"))


@handler("publication.posted_unit", undo=lambda context: _unpost(context, Channel.UNIT))
def note_unit_site(context: HandlerContext) -> None:
    """Note where it stands on the unit's own website."""
    _post(context, Channel.UNIT, _document(context, "unit_post"))


def _undeliver(context: HandlerContext) -> None:
    records.delivered(context.session, context.instance.id, "")


@handler("publication.delivered", undo=_undeliver)
def note_delivery(context: HandlerContext) -> None:
    """Note to whom it was given that isn't for everybody (一定范围公开, S1-20)."""
    body = _document(context, "delivery").body
    records.delivered(context.session, context.instance.id, text(body.get("recipients")))


def _unpublish(context: HandlerContext) -> None:
    records.unpublished(context.session, context.instance.id)
    _unpost(context, Channel.PAGE)
    cases.reopened(context.session, context.instance.id)


@handler("publication.publish", undo=_unpublish)
def publish(context: HandlerContext) -> Mapping[str, Any]:
    """Close it; what is read in this system itself is so from now on. ``out`` is what the message Published says."""
    session, id = context.session, context.instance.id
    public = context.variables["audience"] in (Audience.FULL, Audience.SUMMARY)
    if public and _rules(context)["page"]:
        records.posted(
            session,
            id,
            Channel.PAGE,
            url=f"public/{id}",
            published_on=_today(context),
            screenshot="",
            by="system",
            now=context.now,
        )
    found = records.published(session, id, context.now, _today(context))
    cases.closed(session, id, context.now, result="PUBLISHED")
    context.audit("publication.published", {"sha256": found.sha256, "on": str(found.published_on)})
    urls = [one.url for one in found.channels]
    return {"out": {"url": urls[0] if urls else "", "at": found.published_on, "version": found.version}}


def _unexempt(context: HandlerContext) -> None:
    records.unexempt(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("publication.exempt", undo=_unexempt)
def exempt(context: HandlerContext) -> None:
    """Note that nothing is published, or that what was is withdrawn for good."""
    state = records.exempt(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result=state.value)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("publication.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the unit has not confirmed in time; nothing is published without it."""
    cases.overdue(context.session, context.instance.id, context.now)


HANDLERS = (
    open_publication,
    note_audience,
    note_confirmation,
    note_review,
    send_back,
    begin_notice,
    note_objection,
    next_objection,
    settle,
    release,
    note_government_site,
    note_unit_site,
    note_delivery,
    publish,
    exempt,
    mark_overdue,
)
